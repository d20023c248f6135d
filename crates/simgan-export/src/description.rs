//! What an export says of its network, so that it can be used without this program: once as data
//! for all formats.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use simgan::keypoints::LARGEST_SLOPE;
use simgan::nets::graph::Operation;
use simgan::refine::TrainedRefiner;
use simgan::refiner::exposure::TINY;
use simgan::tasks::{Estimator, EstimatorManifest, NetworkShape, Target};
use simgan::training::RunDir;
use simgan_base::Result;
use simgan_data::Preprocessing;
use simgan_data::preprocessing::{Crop, CropKind, CropUnit};

use crate::network::{HeldPoints, Layers, Network};

/// Name of the input.
const IMAGE: &str = "image";

/// What was trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Images to images.
    Refiner,
    /// Images to numbers.
    Estimator,
}

/// What is said of an exported network.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// What it is.
    pub kind: Kind,
    /// Name of the folder of its run or model.
    pub name: String,
    /// Iterations of Algorithm 1, or updates of an estimator.
    pub step: usize,
    /// Version of `simgan` that trained it.
    pub trained_with: String,
    /// Version of `simgan` that exported it.
    pub exported_with: String,
    /// SHA-256 of the file of weights that it was made of.
    pub weights_sha256: String,
    /// What goes in.
    pub input: Port,
    /// What comes out.
    pub output: Port,
    /// What has to happen to an image before, step by step.
    pub preparation: Vec<String>,
    /// The same, as a section of the configuration.
    pub preprocessing: Preprocessing,
    /// Sizes of the network.
    pub architecture: Value,
}

/// Numbers that go in or come out: 32-bit floats, a batch of any size first.
#[derive(Clone, Debug, Serialize)]
pub struct Port {
    /// Its name.
    pub name: &'static str,
    /// Of one image: `[channels, height, width]`, or how many numbers.
    pub shape: Vec<usize>,
    /// What the numbers are.
    pub meaning: String,
    /// Names of the numbers; none of an image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// Sizes of a refiner's network and of what holds its points, as the module of `--format pytorch` takes them.
pub fn architecture(trained: &TrainedRefiner) -> Value {
    of_layers(trained, &Network::of_refiner(trained))
}

/// What the layers of an estimator follow from.
fn of_network(manifest: &EstimatorManifest) -> Value {
    let standardization = &manifest.standardization;
    match manifest.network() {
        NetworkShape::Cnn(network) => json!({
            "image_shape": network.image_shape,
            "feature_maps": network.feature_maps,
            "hidden": network.hidden,
            "outputs": network.outputs,
            "activation": network.activation,
            "standardization": standardization,
        }),
        NetworkShape::Hourglass(network) => json!({
            "image_shape": network.image_shape,
            "points": network.points,
            "hourglass": network.config,
        }),
    }
}

fn of_layers(trained: &TrainedRefiner, network: &Network) -> Value {
    let config = trained.config();
    json!({
        "channels": config.preprocessing.channels,
        "refiner": config.refiner,
        "exposure": exposure(&network.layers),
        "hold": network.hold.as_ref().map(hold),
    })
}

impl Description {
    /// Of the refiner of `run`.
    ///
    /// # Errors
    /// The run's manifest cannot be read.
    pub(crate) fn of_refiner(
        run: &RunDir,
        trained: &TrainedRefiner,
        network: &Network,
    ) -> Result<Self> {
        let config = trained.config();
        let shape = config.preprocessing.image_shape();
        Ok(Self {
            kind: Kind::Refiner,
            name: folder_name(run.path()),
            step: trained.step(),
            trained_with: run.manifest()?.version,
            exported_with: env!("CARGO_PKG_VERSION").to_owned(),
            weights_sha256: trained.sha256().to_owned(),
            input: Port::image(IMAGE, shape, "any height and width; trained with this one"),
            output: Port::image("refined", shape, "of the size of the input"),
            preparation: preparation(&config.preprocessing),
            preprocessing: config.preprocessing.clone(),
            architecture: of_layers(trained, network),
        })
    }

    /// Of an estimator from the folder `model`.
    pub(crate) fn of_estimator(model: &Path, estimator: &Estimator, sha256: String) -> Self {
        let manifest = estimator.manifest();
        Self {
            kind: Kind::Estimator,
            name: folder_name(model),
            step: manifest.step,
            trained_with: manifest.version.clone(),
            exported_with: env!("CARGO_PKG_VERSION").to_owned(),
            weights_sha256: sha256,
            input: Port::image(IMAGE, manifest.image_shape, "of this size only"),
            output: Port::answers(&manifest.target),
            preparation: preparation(&manifest.preprocessing),
            preprocessing: manifest.preprocessing.clone(),
            architecture: of_network(manifest),
        }
    }

    /// Key and text of everything, for formats that keep such pairs.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let pairs = fields.into_iter();
        pairs.map(|(key, value)| (key, text(value))).collect()
    }
}

impl Port {
    fn image(name: &'static str, shape: [usize; 3], sizes: &str) -> Self {
        let colours = match shape[0] {
            1 => "grey",
            _ => "red, green, blue",
        };
        Self {
            name,
            shape: shape.to_vec(),
            meaning: format!(
                "images [batch, channels ({colours}), height, width], values in [-1, 1]; {sizes}"
            ),
            columns: Vec::new(),
        }
    }

    fn answers(target: &Target) -> Self {
        let (name, meaning) = match target {
            Target::Gaze => (
                "gaze",
                "vectors of gaze [x, y, z] of any length, in the system of the labels".to_owned(),
            ),
            Target::Columns(_) => ("columns", "numbers in the units of the labels".to_owned()),
            Target::Points(_) => (
                "points",
                "x and y of every point, pixels of the input".to_owned(),
            ),
            Target::Box => (
                "box",
                "left, top, width and height, pixels of the input".to_owned(),
            ),
            Target::Class { column, .. } => (
                "scores",
                format!(
                    "a score a class of the column {column}: the largest is the answer, the softmax \
                     of all are shares"
                ),
            ),
        };
        let columns = target.names();
        Self {
            name,
            shape: vec![columns.len()],
            meaning,
            columns,
        }
    }
}

/// Sizes of an exposure; null where there is none.
fn exposure(layers: &Layers) -> Value {
    let knots = layers.parameter("exposure.real").ok();
    let knots = knots.and_then(|(_, shape, _)| shape.last());
    knots.map_or(Value::Null, |knots| json!({ "knots": knots, "tiny": TINY }))
}

/// Sizes of what holds points; a convolution of its network is `[inputs, outputs, kernel, stride]`.
fn hold(hold: &HeldPoints) -> Value {
    let layers = hold.finder.graph.nodes().iter();
    let layers = layers.filter_map(|node| match node.operation {
        Operation::Convolution(window) => {
            Some([node.input[0], node.output[0], window.kernel, window.stride])
        }
        _ => None,
    });
    json!({
        "layers": layers.collect::<Vec<_>>(),
        "radius": hold.radius,
        "largest_slope": LARGEST_SLOPE,
    })
}

/// What has to happen to an image, in order.
fn preparation(chain: &Preprocessing) -> Vec<String> {
    let (width, height) = (chain.width, chain.height);
    let mut steps = vec![crop(&chain.crop, width, height)];
    if let Some([low, high]) = chain.range {
        steps.push(format!("scale levels from {low} to {high} to 0..255"));
    }
    steps.push(match chain.channels {
        1 => "make it grey: 0.2126 R + 0.7152 G + 0.0722 B, 8 bits".to_owned(),
        _ => "keep red, green and blue, 8 bits".to_owned(),
    });
    steps.push(format!("resize to {width} x {height} pixels"));
    if chain.equalize {
        steps.push(match chain.channels {
            1 => "equalize the histogram, as OpenCV's equalizeHist".to_owned(),
            _ => "equalize the histogram of the luma; add its change to all channels".to_owned(),
        });
    }
    steps.push("divide by 127.5 and subtract 1".to_owned());
    steps
}

fn crop(crop: &Crop, width: usize, height: usize) -> String {
    let unit = match crop.unit {
        CropUnit::Fraction => "of its width and height",
        CropUnit::Pixels => "pixels",
    };
    let (w, h) = (crop.width, crop.height);
    match crop.kind {
        CropKind::None => "take the whole image".to_owned(),
        CropKind::Centre => format!("keep the middle: {w} x {h} {unit}"),
        CropKind::Box => format!(
            "keep the part of {w} x {h} {unit} at {}, {}",
            crop.left, crop.top
        ),
        CropKind::Random => "keep the whole image, at its own size".to_owned(),
        CropKind::Aspect => format!("keep the largest part in the middle of {width} : {height}"),
        CropKind::Pad => format!("repeat its outermost pixels until it is {width} : {height}"),
    }
}

/// The last name of a path.
pub(crate) fn folder_name(folder: &Path) -> String {
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = absolute.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}
