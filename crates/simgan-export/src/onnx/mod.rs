//! ONNX: one file that onnxruntime, tract, browsers and many others run. Written here,
//! because no crate does it. The nodes come from the network's [`Graph`](simgan::nets::graph::Graph), which also
//! counts its parameters and its memory.

mod exposure;
mod formulas;
mod hold;
mod layers;
mod model;
mod protobuf;

use std::path::Path;

use simgan::tasks::Standardization;
use simgan_base::Result;
use simgan_base::files::disk;

use crate::description::{Description, Kind};
use crate::exported::Exported;
use crate::format::{ExportOptions, Format};
use crate::network::Network;
use crate::onnx::model::{Model, OPSET, Side, port};
use crate::samples;

/// `--format onnx`.
pub(crate) const FORMAT: Format = Format {
    name: "onnx",
    about: "one .onnx file for onnxruntime, tract, browsers and others",
    usage,
    write,
};

fn usage(description: &Description) -> String {
    let file = file_name(description.kind);
    let (input, output) = (&description.input, &description.output);
    format!(
        "```python\nimport onnxruntime  # or what else runs ONNX models of opset {OPSET}\n\n\
         session = onnxruntime.InferenceSession(\"{file}\")\n\
         [{}] = session.run(None, {{\"{}\": images}})  # images: float32, {:?} an image\n```\n\n{}",
        output.name,
        input.name,
        input.shape,
        samples::USAGE
    )
}

fn write(exported: &Exported, _options: &ExportOptions, folder: &Path) -> Result<()> {
    disk::write(
        &folder.join(file_name(exported.description.kind)),
        file(exported)?,
    )?;
    exported.write_samples(folder)
}

/// Name of the file of a model.
pub(crate) fn file_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Refiner => "refiner.onnx",
        Kind::Estimator => "estimator.onnx",
    }
}

/// The bytes of the ONNX file.
///
/// # Errors
/// The weights have more bytes than such a file has room for.
pub(crate) fn file(exported: &Exported) -> Result<Vec<u8>> {
    let description = &exported.description;
    let (input, output) = (&description.input, &description.output);
    let mut model = Model::default();
    let result = body(&mut model, &exported.network, input.name)?;
    model.named_node("Identity", &[&result], &[], output.name);
    let ports = [
        port(
            input.name,
            &sides(description, &input.shape),
            &input.meaning,
        ),
        port(
            output.name,
            &sides(description, &output.shape),
            &output.meaning,
        ),
    ];
    model.into_file(file_name(description.kind), ports, description.pairs())
}

/// Everything from the value `image` to the result.
fn body(model: &mut Model, network: &Network, image: &str) -> Result<String> {
    let [start, mut value] = layers::append(model, &network.layers, "", image)?;
    if let Some(hold) = &network.hold {
        value = hold::append(model, hold, [&start, &value])?;
    }
    Ok(match &network.standardization {
        Some(units) => in_label_units(model, units, &value),
        None => value,
    })
}

fn in_label_units(model: &mut Model, units: &Standardization, value: &str) -> String {
    let [scale, mean] = [&units.scale, &units.mean].map(|v| model.floats(&[v.len()], v));
    let scaled = model.multiply(value, &scale);
    model.add(&scaled, &mean)
}

/// The batch is free, and the size of images that a refiner takes.
fn sides(description: &Description, shape: &[usize]) -> Vec<Side> {
    let one = match (description.kind, shape) {
        (Kind::Refiner, [channels, ..]) => vec![
            Side::Fixed(*channels),
            Side::Free("height"),
            Side::Free("width"),
        ],
        _ => shape.iter().map(|&side| Side::Fixed(side)).collect(),
    };
    [Side::Free("batch")].into_iter().chain(one).collect()
}
