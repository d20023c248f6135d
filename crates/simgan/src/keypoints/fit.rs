//! Teaching the network where the points are.

use std::ops::ControlFlow;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use crate::keypoints::network::KeypointNetwork;
use crate::keypoints::places::Places;
use crate::nets::image_tensor;
use crate::nets::optimizer::rates::rise_and_fall;
use crate::nets::optimizer::{Optimizer, Rule};
use crate::tasks::{AugmentationConfig, FitStreams, MiniBatches};
use simgan_base::Result;
use simgan_base::metrics::summary::median;
use simgan_base::random::Stream;
use simgan_data::Dataset;

/// Images an update.
pub(crate) const BATCH: usize = 24;
/// Every so many images one is held out, to see how well the points are found.
const HELD_OUT: usize = 10;
/// Share of the width beyond which a point counts as not found.
const FAR: f64 = 0.06;
const LEARNING_RATE: f64 = 2e-3;
/// Share of the updates in which the rate rises to it; it then falls along half a cosine.
const RISE: f64 = 0.03;
/// Standard deviation of a point in its heat map: this share of the image's width (2.5 pixels of 55).
const SPREAD: f64 = 2.5 / 55.0;
/// How much more an error counts where the point is than where it is not.
const EMPHASIS: f32 = 20.0;
/// The network has to find the points whatever an image looks like, refined ones too.
const AUGMENTATION: AugmentationConfig = AugmentationConfig {
    contrast: 0.8,
    brightness: 0.4,
    blur: 1.0,
    noise: 0.1,
    shift: 0.0,
    zoom: 0.0,
};

/// Told after every update how many of how many are done; ends the fit with [`ControlFlow::Break`].
pub type Told<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// Fits a network to the points of `data` in `steps` updates, or gives `None` if it was told to end. Equal seeds, points and
/// images give equal weights.
///
/// # Errors
/// Weights that explode.
pub fn fit(
    data: &Dataset,
    places: &Places,
    steps: usize,
    seed: u64,
    device: &Device,
    told: &mut Told,
) -> Result<Option<KeypointNetwork>> {
    let shape = data.image_shape();
    let device = device.clone().autodiff();
    let points = places.points.len();
    let mut network = KeypointNetwork::new(shape[0], points, seed, &device);
    let mut optimizer = Optimizer::new(
        Rule::Adam {
            betas: [0.9, 0.999],
        },
        0.0,
    );
    let (held_out, learned): (Vec<usize>, Vec<usize>) =
        (0..data.len()).partition(|image| image % HELD_OUT == HELD_OUT - 1);
    let streams = FitStreams {
        order: Stream::KeypointOrder,
        augmentation: Stream::KeypointAugmentation,
        variants: Stream::EstimatorVariants,
    };
    let mut batches = MiniBatches::new(data, &learned, BATCH, &AUGMENTATION, seed, streams);
    for step in 0..steps {
        let batch = batches.next(&device);
        let targets = batch
            .indices
            .iter()
            .flat_map(|&image| places.places.iter().map(move |of_point| of_point[image]));
        let targets = heat_maps(targets, shape, points, &device);
        let loss = loss(network.forward(batch.images), targets);
        let rate = rise_and_fall(LEARNING_RATE, RISE, step, steps);
        optimizer
            .step(&mut network, &loss, rate)
            .map_err(|e| e.at(&format!("keypoint step {}", step + 1)))?;
        if told(step + 1, steps).is_break() {
            return Ok(None);
        }
    }
    say_how_well(&network, data, &held_out, places);
    Ok(Some(network))
}

/// Gaussians about the points of the images, which come one image after the other.
fn heat_maps(
    places: impl Iterator<Item = [f32; 2]>,
    [_, height, width]: [usize; 3],
    points: usize,
    device: &Device,
) -> Tensor<4> {
    let [rows, columns] = KeypointNetwork::map_size([height, width]);
    let spread = (SPREAD * width as f64) as f32;
    let bell = |distance: f32| (-0.5 * (distance / spread).powi(2)).exp();
    let mut values = Vec::new();
    for [x, y] in places {
        // A cell of the map stands over every other pixel.
        let across: Vec<f32> = (0..columns).map(|c| bell(2.0 * c as f32 - x)).collect();
        for row in 0..rows {
            let down = bell(2.0 * row as f32 - y);
            values.extend(across.iter().map(|across| across * down));
        }
    }
    let images = values.len() / (points * rows * columns);
    let shape = [images, points, rows, columns];
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn loss(found: Tensor<4>, targets: Tensor<4>) -> Tensor<1> {
    let weight = targets.clone() * EMPHASIS + 1.0;
    ((found - targets).square() * weight).mean()
}

/// Logs how far from their places points are found in images that were held out, and warns where that is far.
fn say_how_well(network: &KeypointNetwork, data: &Dataset, held_out: &[usize], places: &Places) {
    if held_out.is_empty() {
        return;
    }
    let width = data.image_shape()[2];
    let errors = errors(network, data, held_out, places);
    for (name, errors) in places.points.iter().zip(&errors) {
        let error = median(errors);
        match error > FAR * width as f64 {
            false => tracing::info!("`{name}` is found within {error:.1} px (median, held out)"),
            true => tracing::warn!(
                "`{name}` is found only within {error:.1} px (median, held out) of {width}: it holds little; do its label columns \
                 belong to these images? (keypoints.steps, keypoints.points)"
            ),
        }
    }
}

/// Of every point, for every image, the distance in pixels between its place and where it is found.
pub(super) fn errors(
    network: &KeypointNetwork,
    data: &Dataset,
    images: &[usize],
    places: &Places,
) -> Vec<Vec<f64>> {
    let device = network.device().inner();
    let network = network.valid();
    let mut errors = vec![Vec::with_capacity(images.len()); places.points.len()];
    for batch in images.chunks(BATCH) {
        let tensor = image_tensor::from_values(data.batch(batch), data.image_shape(), &device);
        let points = network.points();
        for (index, [x, y]) in network.find(tensor).into_iter().enumerate() {
            let (image, point) = (batch[index / points], index % points);
            let [to_x, to_y] = places.places[point][image];
            errors[point].push(f64::from((x - to_x).hypot(y - to_y)));
        }
    }
    errors
}
