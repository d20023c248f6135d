//! The exposure of real images as nodes:
//! [`Exposure::forward`](simgan::refiner::exposure::Exposure::forward).

use simgan::nets::weights::NamedTensor;
use simgan::refiner::exposure::TINY;
use simgan_base::Result;

use crate::network::Layers;
use crate::onnx::model::Model;

/// Appends the exposure; returns the exposed images.
///
/// # Errors
/// The layers have none.
pub(super) fn append(model: &mut Model, layers: &Layers, images: &str) -> Result<String> {
    let knots = [
        layers.parameter("exposure.synthetic")?,
        layers.parameter("exposure.real")?,
    ];
    let each = [1, 2, 3];
    let mean = model.mean(images, &each);
    let centred = model.subtract(images, &mean);
    let squares = model.square(&centred);
    let variance = model.mean(&squares, &each);
    let contrast = model.square_root(&variance);
    let tiny = model.number(TINY as f32);
    let divisor = model.add(&contrast, &tiny);
    let real_contrast = real_value(model, knots, 1, &contrast);
    let gain = model.divide(&real_contrast, &divisor);
    let stretched = model.multiply(&centred, &gain);
    let real_mean = real_value(model, knots, 0, &mean);
    let exposed = model.add(&stretched, &real_mean);
    Ok(model.clip(&exposed, -1.0, 1.0))
}

/// The value of real images in the place of `values`: linear between the knots of a row, level
/// beyond them. `values` and result: `[batch, 1, 1, 1]`.
fn real_value(model: &mut Model, knots: [&NamedTensor; 2], row: usize, values: &str) -> String {
    let [synthetic, real] = knots.map(|tensor| row_of(tensor, row));
    let (starts, widths) = pieces(&synthetic);
    let (_, rises) = pieces(&real);
    let shape = [1, starts.len(), 1, 1];
    let [starts, widths, rises] = [starts, widths, rises].map(|v| model.floats(&shape, &v));
    let beyond = model.subtract(values, &starts);
    let way = model.divide(&beyond, &widths);
    let way = model.clip(&way, 0.0, 1.0);
    let climbed = model.multiply(&way, &rises);
    let climbed = model.sum(&climbed, &[1]);
    let lowest = model.number(real.first().copied().unwrap_or_default());
    model.add(&climbed, &lowest)
}

/// A row of a tensor `[2, knots]`.
fn row_of((_, shape, bytes): &NamedTensor, row: usize) -> Vec<f32> {
    let values = bytes.as_chunks().0.iter().map(|v| f32::from_le_bytes(*v));
    let knots = shape.last().copied().unwrap_or_default();
    values.skip(row * knots).take(knots).collect()
}

/// Where the pieces between knots start, and how long they are.
fn pieces(knots: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let pairs = knots.windows(2);
    pairs.map(|pair| (pair[0], pair[1] - pair[0])).unzip()
}
