use super::*;
use crate::nets::image_tensor;
use simgan_base::random::{Stream, generator};
use simgan_data::Dataset;

fn refiner(config: &RefinerConfig, seed: u64) -> Refiner {
    let mut rng = generator(seed, Stream::RefinerWeights);
    config.init(1, &mut rng, &Device::default())
}

#[test]
fn parameter_counts_are_the_papers() {
    for config in [RefinerConfig::eyes(), RefinerConfig::hands()] {
        let built = refiner(&config, 0).num_params() as u64;
        assert_eq!(config.parameters(1), built);
    }
    let absurd = RefinerConfig {
        feature_maps: 1024,
        block_kernel_size: 31,
        ..RefinerConfig::hands()
    };
    assert!(absurd.validate().is_err());
    assert_eq!(refiner(&RefinerConfig::eyes(), 0).num_params(), 296_129);
    assert_eq!(refiner(&RefinerConfig::hands(), 0).num_params(), 4_018_625);
    let small_blocks = RefinerConfig {
        block_kernel_size: 3,
        ..RefinerConfig::hands()
    };
    assert_eq!(refiner(&small_blocks, 0).num_params(), 741_825);
}

#[test]
fn receptive_fields() {
    assert_eq!(RefinerConfig::eyes().receptive_field(), 19);
    assert_eq!(RefinerConfig::hands().receptive_field(), 127);
}

/// A pixel far from the changed one keeps its value; a pixel within reach does not.
#[test]
fn outputs_depend_on_their_receptive_field_only() {
    let config = RefinerConfig {
        feature_maps: 4,
        blocks: 1,
        ..RefinerConfig::eyes()
    };
    let refiner = refiner(&config, 3);
    let device = Device::default();
    let black = Tensor::<4>::zeros([1, 1, 15, 15], &device);
    let dot = black.clone().slice_assign(
        [0..1, 0..1, 7..8, 7..8],
        Tensor::ones([1, 1, 1, 1], &device),
    );
    let change = (refiner.forward(dot) - refiner.forward(black)).abs();
    let at = |y: usize, x: usize| -> f32 {
        change
            .clone()
            .slice([0..1, 0..1, y..y + 1, x..x + 1])
            .into_scalar()
    };
    assert_eq!(config.receptive_field(), 7);
    assert!(at(7, 7) > 0.0);
    assert_eq!(at(7, 11), 0.0);
    assert_eq!(at(3, 7), 0.0);
}

#[test]
fn seeds_fix_the_weights() {
    let config = RefinerConfig {
        feature_maps: 4,
        ..RefinerConfig::eyes()
    };
    let image = Tensor::<4>::ones([1, 1, 5, 5], &Device::default());
    let output = |seed| refiner(&config, seed).forward(image.clone()).into_data();
    assert_eq!(output(1), output(1));
    assert_ne!(output(1), output(2));
}

#[test]
fn slices_do_not_change_a_result() {
    let config = RefinerConfig {
        feature_maps: 16,
        blocks: 1,
        ..RefinerConfig::eyes()
    };
    let refiner = refiner(&config, 1);
    let images = Tensor::<1, burn::tensor::Int>::arange(0..37 * 20, &Device::default())
        .float()
        .sin()
        .reshape([37, 1, 4, 5]);
    let whole = refiner.forward(images.clone()).into_data();
    assert_eq!(refiner.refine(images).into_data(), whole);
}

fn pixels() -> Tensor<4> {
    let values = [-1.0f32, -0.999, -0.3, 0.0, 0.7, 1.0];
    Tensor::<1>::from_floats(values, &Device::default()).reshape([1, 1, 2, 3])
}

#[test]
fn residual_refiner_starts_as_the_identity() {
    let config = RefinerConfig {
        output: RefinerOutput::Residual,
        ..RefinerConfig::eyes()
    };
    let refined = refiner(&config, 0).forward(pixels());
    assert_eq!(refined.into_data(), pixels().into_data());
}

#[test]
fn residuals_stay_in_range() {
    for z in [-30.0, -2.0, -1e-3, 0.0, 0.4, 30.0] {
        let (x, d) = (pixels(), f32::tanh(z));
        let refined = residual(x.clone(), x.full_like(z)).into_data();
        for (x, y) in x.into_data().iter::<f32>().zip(refined.iter::<f32>()) {
            let towards = if z < 0.0 { -1.0 } else { 1.0 };
            assert!((y - (x + (towards - x) * d.abs())).abs() < 1e-6);
            assert!((-1.0..=1.0).contains(&y), "{x} and {z} make {y}");
        }
    }
}

/// The slope of the sum of a weighted residual, beside central differences; white and black pixels included.
#[test]
fn residual_gradient_is_the_slope() {
    let device = Device::default().autodiff();
    let x = pixels().autodiff();
    for start in [-0.8f32, -0.1, 0.2, 1.1] {
        let z = Tensor::<4>::full([1, 1, 2, 3], start, &device).require_grad();
        let sum = residual(x.clone(), z.clone()).sum();
        let gradient = z.grad(&sum.backward()).unwrap().into_data();
        let at = |z: f32| residual(x.clone(), x.full_like(z)).into_data();
        let (above, below) = (at(start + 1e-2), at(start - 1e-2));
        let slopes = above.iter::<f32>().zip(below.iter::<f32>());
        for (slope, (above, below)) in gradient.iter::<f32>().zip(slopes) {
            assert!((slope - (above - below) / 2e-2).abs() < 1e-3);
        }
    }
}

#[test]
fn even_kernels_are_refused() {
    let config = RefinerConfig {
        kernel_size: 4,
        ..RefinerConfig::eyes()
    };
    assert!(
        config
            .validate()
            .unwrap_err()
            .to_string()
            .contains("kernel_size")
    );
}

#[test]
fn exposure_comes_before_the_first_layer_and_is_not_trained() {
    let plain = RefinerConfig {
        feature_maps: 4,
        blocks: 1,
        ..RefinerConfig::eyes()
    };
    let matching = RefinerConfig {
        match_exposure: true,
        ..plain.clone()
    };
    let (network, mut exposed) = (refiner(&plain, 3), refiner(&matching, 3));
    assert_eq!(exposed.num_params() as u64, matching.parameters(1));
    let side = |bright: u8| {
        let pixels = (0..180).map(|p| bright + (p % 7) as u8 * (p / 36) as u8);
        let names = (0..3).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, [1, 6, 10], pixels.collect(), None).unwrap()
    };
    let device = Device::default();
    exposed.exposure = Some(Exposure::between(&side(20), &side(140), &device));
    let images = image_tensor::from_values(side(20).batch(&[0, 1, 2]), [1, 6, 10], &device);
    let seen = exposed.exposed(images.clone());
    let values = |images: Tensor<4>| image_tensor::to_values(images);
    assert_eq!(
        values(exposed.forward(images.clone())),
        values(network.forward(seen.clone()))
    );
    let brighter: f32 = (seen - images).mean().into_scalar();
    assert!(brighter > 0.5, "{brighter}");
}
