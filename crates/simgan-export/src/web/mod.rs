//! A web page: a visitor drops an image and sees it refined, in the browser alone. The model is the
//! [ONNX](crate::onnx) file; it runs on onnxruntime-web, whose files are copied into scripts, so
//! that the page also works from a folder (`file://`), where browsers load scripts and nothing
//! else.

mod runtime;
mod script;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simgan_base::files::disk;
use simgan_base::{Error, Result};

use crate::description::{Description, Kind};
use crate::exported::Exported;
use crate::format::{ExportOptions, Format};
use crate::onnx;

/// `--format web`.
pub(crate) const FORMAT: Format = Format {
    name: "web",
    about: "a folder with a page that refines in the browser; needs --onnxruntime-web",
    usage,
    write,
};

/// What is the same on every page.
const FILES: [(&str, &str); 5] = [
    ("index.html", include_str!("index.html")),
    ("style.css", include_str!("style.css")),
    ("page.js", include_str!("page.js")),
    ("preparation.js", include_str!("preparation.js")),
    ("comparison.js", include_str!("comparison.js")),
];

fn usage(_description: &Description) -> String {
    "Open `index.html` in a browser. It needs no server and sends nothing anywhere. It runs on \
     onnxruntime-web (MIT), which is in `runtime.js`.\n"
        .to_owned()
}

fn write(exported: &Exported, options: &ExportOptions, folder: &Path) -> Result<()> {
    if exported.description.kind != Kind::Refiner {
        return Err(
            Error::config("--format web shows what a refiner does to images")
                .with_hint("give an estimator --format onnx or pytorch"),
        );
    }
    let runtime = runtime::script(options.onnxruntime_web.as_deref())?;
    for (name, text) in FILES {
        disk::write(&folder.join(name), text)?;
    }
    disk::write(&folder.join("runtime.js"), runtime)?;
    let model = script::of("MODEL", &model(exported)?)?;
    disk::write(&folder.join("model.js"), model)
}

/// What the page knows of its model.
fn model(exported: &Exported) -> Result<Value> {
    let samples = &exported.samples;
    let results = samples.results.iter().flat_map(|v| v.to_le_bytes());
    Ok(json!({
        "description": exported.description,
        "onnx": STANDARD.encode(onnx::file(exported)?),
        "samples": {
            "count": samples.len(),
            "pixels": STANDARD.encode(&samples.pixels),
            "refined": STANDARD.encode(results.collect::<Vec<u8>>()),
        },
    }))
}
