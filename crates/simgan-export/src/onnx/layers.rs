//! Layers as nodes.

use simgan::nets::activation::Activation;
use simgan::nets::graph::{Operation, Window};
use simgan::nets::weights::NamedTensor;
use simgan_base::{Error, Result};

use crate::network::Layers;
use crate::onnx::exposure;
use crate::onnx::model::{Attribute, Model};

/// Appends `layers` behind the value `image`; their parameters are called as they are, behind
/// `prefix`. Returns what the convolutions begin with, and what comes out of the last layer.
///
/// # Errors
/// Parameters that are not those of the graph.
pub(super) fn append(
    model: &mut Model,
    layers: &Layers,
    prefix: &str,
    image: &str,
) -> Result<[String; 2]> {
    let mut parameters = layers.weights_and_biases();
    let mut weighted = |model: &mut Model| {
        let pair = parameters.next().ok_or_else(too_few)?;
        Ok::<_, Error>(pair.map(|tensor| constant(model, prefix, tensor)))
    };
    let (mut start, mut value) = (image.to_owned(), image.to_owned());
    let (mut entered, mut is_flat) = (Vec::new(), false);
    for node in layers.graph.nodes() {
        entered.push(value.clone());
        value = match node.operation {
            Operation::Convolution(window) => {
                let [weight, bias] = weighted(model)?;
                model.node("Conv", &[&value, &weight, &bias], &attributes(window))
            }
            Operation::FullyConnected => {
                if !is_flat {
                    value = model.node("Flatten", &[&value], &[]);
                    is_flat = true;
                }
                let [weight, bias] = weighted(model)?;
                model.node("Gemm", &[&value, &weight, &bias], &[])
            }
            Operation::MaxPool(window) => model.node("MaxPool", &[&value], &attributes(window)),
            // What came into the first of the block's two convolutions.
            Operation::Add => {
                let skipped = entered.len().checked_sub(3).ok_or_else(too_few)?;
                model.add(&value, &entered[skipped])
            }
            Operation::Tanh => model.node("Tanh", &[&value], &[]),
            Operation::Residual => residual(model, &start, &value),
            Operation::Exposure => {
                start = exposure::append(model, layers, &value)?;
                start.clone()
            }
        };
        if let Some(activation) = node.activation {
            value = activate(model, activation, &value);
        }
    }
    Ok([start, value])
}

fn too_few() -> Error {
    Error::model("the network has fewer parameters than layers that need them")
}

fn constant(model: &mut Model, prefix: &str, (name, shape, bytes): &NamedTensor) -> String {
    model.tensor(&format!("{prefix}{name}"), shape, bytes)
}

fn attributes(window: Window) -> [Attribute<'static>; 3] {
    let [kernel, stride, padding] =
        [window.kernel, window.stride, window.padding].map(|side| side as i64);
    [
        Attribute::Ints("kernel_shape", vec![kernel; 2]),
        Attribute::Ints("strides", vec![stride; 2]),
        Attribute::Ints("pads", vec![padding; 4]),
    ]
}

/// `x (1 - |d|) + d` with `d = tanh(z)`.
fn residual(model: &mut Model, x: &str, z: &str) -> String {
    let d = model.node("Tanh", &[z], &[]);
    let size = model.node("Abs", &[&d], &[]);
    let one = model.number(1.0);
    let rest = model.subtract(&one, &size);
    let kept = model.multiply(x, &rest);
    model.add(&kept, &d)
}

fn activate(model: &mut Model, activation: Activation, x: &str) -> String {
    match activation {
        Activation::Relu => model.node("Relu", &[x], &[]),
        Activation::LeakyRelu => model.node("LeakyRelu", &[x], &[Attribute::Float("alpha", 0.2)]),
        Activation::Silu => {
            let gate = model.node("Sigmoid", &[x], &[]);
            model.multiply(x, &gate)
        }
    }
}
