//! onnxruntime-web as one script: the npm package's module and its WebAssembly, in base64.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use simgan_base::files::limits;
use simgan_base::{Error, Result};

use crate::web::script;

/// The module for WebAssembly alone, with what loads it inside.
const MODULE: &str = "ort.wasm.bundle.min.mjs";
/// What it loads.
const WASM: &str = "ort-wasm-simd-threaded.wasm";
/// How to get them.
const HINT: &str =
    "run `npm install onnxruntime-web` and give --onnxruntime-web node_modules/onnxruntime-web";

/// The script, from the folder of the npm package or the folder `dist` in it.
///
/// # Errors
/// No folder is given, or it holds no such files.
pub(super) fn script(package: Option<&Path>) -> Result<String> {
    let Some(package) = package else {
        let message = "--format web needs onnxruntime-web, which runs the model in the browser";
        return Err(Error::config(message).with_hint(HINT));
    };
    let read = |name| {
        let file = limits::read(&file(package, name)?, limits::WEB_RUNTIME)?;
        Ok::<_, Error>(STANDARD.encode(file))
    };
    let runtime = json!({ "module": read(MODULE)?, "wasm": read(WASM)? });
    script::of("RUNTIME", &runtime)
}

/// The file called `name`.
fn file(package: &Path, name: &str) -> Result<PathBuf> {
    let places = [package.join("dist").join(name), package.join(name)];
    let found = places.into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::config(format!(
            "{} is not onnxruntime-web: it has no {name}",
            package.display()
        ))
        .with_hint(HINT)
    })
}
