//! Points held in their places as nodes: [`Hold::apply`](simgan::keypoints::Hold::apply). Points
//! are found in the image itself, so that the model needs no second input.

use simgan::keypoints::LARGEST_SLOPE;
use simgan_base::Result;

use crate::network::HeldPoints;
use crate::onnx::layers;
use crate::onnx::model::{Attribute, Model};

/// `refined`, but around the points of `synthetic` that with the mean and contrast of `refined`.
///
/// # Errors
/// Those of [`layers::append`].
pub(super) fn append(
    model: &mut Model,
    hold: &HeldPoints,
    [synthetic, refined]: [&str; 2],
) -> Result<String> {
    let discs = discs(model, hold, synthetic)?;
    let mapped = mapped(model, &discs, [synthetic, refined]);
    // Where discs overlap their maps are mixed.
    let over_points = [1];
    let parts = model.unsqueeze(&discs, 2);
    let parts = model.multiply(&parts, &mapped);
    let axes = model.integers(&over_points);
    let mixed = model.node(
        "ReduceSum",
        &[&parts, &axes],
        &[Attribute::Int("keepdims", 0)],
    );
    let sum = model.sum(&discs, &over_points);
    let sum = at_least_tiny(model, &sum);
    let still = model.divide(&mixed, &sum);
    let still = model.clip(&still, -1.0, 1.0);
    let axes = Attribute::Ints("axes", over_points.to_vec());
    let firmness = model.node("ReduceMax", &[&discs], &[axes]);
    let difference = model.subtract(&still, refined);
    let held = model.multiply(&difference, &firmness);
    Ok(model.add(refined, &held))
}

/// How firmly every point holds every pixel, 0..=1: `[batch, points, height, width]`.
fn discs(model: &mut Model, hold: &HeldPoints, images: &str) -> Result<String> {
    let [_, maps] = layers::append(model, &hold.finder, "keypoints.", images)?;
    let above = model.node("Relu", &[&maps], &[]);
    let mass = model.square(&above);
    let whole = model.sum(&mass, &[2, 3]);
    let whole = at_least_tiny(model, &whole);
    let mut squares = Vec::new();
    for axis in [2, 3] {
        // A cell of a map stands for two pixels of the image.
        let cells = model.coordinates(&maps, axis, 2.0);
        let moment = model.multiply(&mass, &cells);
        let moment = model.sum(&moment, &[2, 3]);
        let place = model.divide(&moment, &whole);
        let pixels = model.coordinates(images, axis, 1.0);
        let distance = model.subtract(&pixels, &place);
        squares.push(model.square(&distance));
    }
    let distance = model.add(&squares[0], &squares[1]);
    let distance = model.square_root(&distance);
    let (radius, one) = (model.number(hold.radius as f32), model.number(1.0));
    let way = model.divide(&distance, &radius);
    let way = model.subtract(&way, &one);
    let way = model.clip(&way, 0.0, 1.0);
    let (pi, half) = (model.number(std::f32::consts::PI), model.number(0.5));
    let angle = model.multiply(&way, &pi);
    let cosine = model.node("Cos", &[&angle], &[]);
    let cosine = model.multiply(&cosine, &half);
    Ok(model.add(&cosine, &half))
}

/// `synthetic` with the mean and contrast of `refined` within each disc, a channel at a time:
/// `[batch, points, channels, height, width]`.
fn mapped(model: &mut Model, discs: &str, images: [&str; 2]) -> String {
    let within = [3, 4];
    let weights = model.unsqueeze(discs, 2);
    let whole = model.sum(&weights, &within);
    let whole = at_least_tiny(model, &whole);
    let [synthetic, refined] = images.map(|image| model.unsqueeze(image, 1));
    let [from, to] = [&synthetic, &refined].map(|image| {
        let weighted = model.multiply(image, &weights);
        let mean = model.sum(&weighted, &within);
        let mean = model.divide(&mean, &whole);
        let centred = model.subtract(image, &mean);
        let squares = model.square(&centred);
        let squares = model.multiply(&squares, &weights);
        let variance = model.sum(&squares, &within);
        let variance = model.divide(&variance, &whole);
        [mean, model.square_root(&variance)]
    });
    let contrast = at_least_tiny(model, &from[1]);
    let slope = model.divide(&to[1], &contrast);
    let steepest = model.number(LARGEST_SLOPE as f32);
    let slope = model.node("Min", &[&slope, &steepest], &[]);
    let raised = model.multiply(&slope, &from[0]);
    let offset = model.subtract(&to[0], &raised);
    let stretched = model.multiply(&synthetic, &slope);
    model.add(&stretched, &offset)
}

/// Never 0, so that it can divide.
fn at_least_tiny(model: &mut Model, a: &str) -> String {
    let tiny = model.number(f32::MIN_POSITIVE);
    model.node("Max", &[a, &tiny], &[])
}
