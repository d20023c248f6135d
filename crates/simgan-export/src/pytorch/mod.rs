//! PyTorch: weights as safetensors, sizes as JSON, and a module in Python that is to be read.

use std::collections::HashMap;
use std::path::Path;

use simgan::nets::weights::{self, NamedTensor};
use simgan::refine::TrainedRefiner;
use simgan_base::files::disk;
use simgan_base::{Error, Result};

use crate::description::{Description, Kind};
use crate::exported::Exported;
use crate::format::{ExportOptions, Format};
use crate::network::Network;
use crate::samples;

/// `--format pytorch`.
pub(crate) const FORMAT: Format = Format {
    name: "pytorch",
    about: "safetensors and a small Python file with the module",
    usage,
    write,
};

/// The modules, which read the JSON beside them.
const REFINER: &str = include_str!("refiner.py");
const ESTIMATOR: &str = include_str!("estimator.py");

fn usage(description: &Description) -> String {
    let (name, output) = (name(description.kind), description.output.name);
    let shape = &description.input.shape;
    format!(
        "```python\nimport {name}  # needs torch and safetensors\n\nnet = {name}.load()\n\
         {output} = net(images)  # images: float32, {shape:?} an image\n```\n\n{}",
        samples::USAGE
    )
}

/// Name of the module and of the files beside it.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Refiner => "refiner",
        Kind::Estimator => "estimator",
    }
}

fn write(exported: &Exported, _options: &ExportOptions, folder: &Path) -> Result<()> {
    let description = &exported.description;
    let name = name(description.kind);
    let module = match description.kind {
        Kind::Refiner => REFINER,
        Kind::Estimator => ESTIMATOR,
    };
    let file = |ending: &str| folder.join(format!("{name}.{ending}"));
    let json = serde_json::to_string_pretty(description)
        .map_err(|e| Error::model(format!("the description cannot be written as JSON: {e}")))?;
    disk::write(&file("py"), module)?;
    disk::write(&file("json"), json)?;
    disk::write(
        &file("safetensors"),
        weights::serialize(&named(&exported.network), HashMap::new())?,
    )?;
    exported.write_samples(folder)
}

/// The parameters of a refiner by the names that the module gives them.
pub fn weights(trained: &TrainedRefiner) -> Vec<NamedTensor> {
    named(&Network::of_refiner(trained))
}

fn named(network: &Network) -> Vec<NamedTensor> {
    let mut tensors = network.layers.parameters.clone();
    let finder = network.hold.iter().flat_map(|hold| &hold.finder.parameters);
    tensors.extend(
        finder
            .cloned()
            .map(|(name, shape, bytes)| (format!("hold.{name}"), shape, bytes)),
    );
    tensors
}
