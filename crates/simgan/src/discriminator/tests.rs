use super::*;
use simgan_base::random::{Stream, generator};

fn discriminator(config: &DiscriminatorConfig, shape: [usize; 3]) -> Discriminator {
    let mut rng = generator(0, Stream::DiscriminatorWeights);
    config.init(shape, &mut rng, &Device::default())
}

#[test]
fn eyes_preset_is_the_papers() {
    let config = DiscriminatorConfig::eyes();
    let d = discriminator(&config, [1, 35, 55]);
    assert_eq!(d.num_params(), 75_906);
    let logits = d.forward(Tensor::zeros([2, 1, 35, 55], &Device::default()));
    assert_eq!(logits.dims(), [2, 2, 9, 14]);
    assert_eq!(config.patch_map([1, 35, 55]), [9, 14]);
}

/// Standard deviation of the logits' differences over images of noise.
fn spread_of_answers(initialization: Spread) -> f32 {
    let config = DiscriminatorConfig {
        initialization,
        ..DiscriminatorConfig::eyes()
    };
    let mut noise = generator(1, Stream::RefinerWeights);
    let pixels: Vec<f32> = (0..8 * 35 * 55)
        .map(|_| rand::RngExt::random_range(&mut noise, -0.2..0.2))
        .collect();
    let data = burn::tensor::TensorData::new(pixels, [8, 1, 35, 55]);
    let images = Tensor::from_data(data, &Device::default());
    let logits = discriminator(&config, [1, 35, 55]).forward(images);
    let difference = logits.clone().slice_dim(1, 0..1) - logits.slice_dim(1, 1..2);
    let mean = difference.clone().mean().into_scalar::<f32>();
    (difference - mean)
        .powf_scalar(2.0)
        .mean()
        .into_scalar::<f32>()
        .sqrt()
}

#[test]
fn weights_that_keep_a_signals_strength_tell_images_apart_from_the_start() {
    let (narrow, he) = (
        spread_of_answers(Spread::Narrow),
        spread_of_answers(Spread::He),
    );
    assert!(he > 20.0 * narrow, "{he} against {narrow}");
}

#[test]
fn hands_preset_is_the_papers() {
    let config = DiscriminatorConfig::hands();
    let d = discriminator(&config, [1, 224, 224]);
    assert_eq!(d.num_params(), 178_050);
    let logits = d.forward(Tensor::zeros([1, 1, 224, 224], &Device::default()));
    assert_eq!(logits.dims(), [1, 2, 7, 7]);
    assert_eq!(config.patch_map([1, 224, 224]), [7, 7]);
}

#[test]
fn global_scope_makes_one_decision() {
    let config = DiscriminatorConfig {
        scope: Scope::Global,
        ..DiscriminatorConfig::eyes()
    };
    let d = discriminator(&config, [1, 35, 55]);
    let logits = d.forward(Tensor::zeros([3, 1, 35, 55], &Device::default()));
    assert_eq!(logits.dims(), [3, 2, 1, 1]);
    // The last convolution's 32 * 2 weights become 32 * 9 * 14 * 2.
    assert_eq!(d.num_params(), 75_906 - 64 + 32 * 9 * 14 * 2);
}

#[test]
fn receptive_fields() {
    assert_eq!(DiscriminatorConfig::eyes().receptive_field(), 23);
    assert_eq!(DiscriminatorConfig::hands().receptive_field(), 71);
    let single = DiscriminatorConfig {
        layers: vec![convolution(4, 3, 2), convolution(4, 5, 1)],
        ..DiscriminatorConfig::eyes()
    };
    // 5 positions, 2 apart, each 3 wide.
    assert_eq!(single.receptive_field(), 11);
    let texture = DiscriminatorConfig {
        layers: vec![
            convolution(64, 3, 2),
            convolution(64, 3, 1),
            convolution(32, 1, 1),
        ],
        ..DiscriminatorConfig::eyes()
    };
    assert_eq!(texture.receptive_field(), 7);
    assert_eq!(texture.patch_map([1, 35, 55]), [18, 28]);
}

/// Twice the weights make the same decision, but for biases, which are not normalized.
#[test]
fn spectral_norm_takes_the_size_out_of_the_weights() {
    let output = |spectral_norm, scope, factor: f64| -> Vec<f32> {
        let config = DiscriminatorConfig {
            spectral_norm,
            scope,
            ..DiscriminatorConfig::eyes()
        };
        let mut d = discriminator(&config, [1, 15, 15]);
        for layer in &mut d.hidden {
            if let Hidden::Convolution(layer) = layer {
                layer.weight = layer.weight.clone().map(|w| w * factor);
            }
        }
        let x = Tensor::<4>::ones([1, 1, 15, 15], &Device::default());
        d.forward(x).into_data().iter::<f32>().collect()
    };
    for scope in [Scope::Local, Scope::Global] {
        let (once, twice) = (output(true, scope, 1.0), output(true, scope, 2.0));
        assert!(once.iter().zip(&twice).all(|(a, b)| (a - b).abs() < 1e-4));
        let (once, twice) = (output(false, scope, 1.0), output(false, scope, 2.0));
        assert!(once.iter().zip(&twice).any(|(a, b)| (a - b).abs() > 1e-2));
    }
}

/// A linear D would map -x to the mirror image of x around D(0) (the fault of a public implementation).
#[test]
fn discriminator_is_not_linear() {
    let d = discriminator(&DiscriminatorConfig::eyes(), [1, 35, 55]);
    let x = Tensor::<4>::ones([1, 1, 35, 55], &Device::default());
    let odd = d.forward(x.clone()) + d.forward(-x.clone()) - d.forward(x.zeros_like()) * 2.0;
    assert!(odd.abs().max().into_scalar::<f32>() > 1e-3);
}

/// A ReLU on the logits (the fault of two public implementations) would forbid negative ones.
#[test]
fn logits_take_both_signs() {
    let x = Tensor::<4>::ones([1, 1, 35, 55], &Device::default());
    let (mut lowest, mut highest) = (f32::MAX, f32::MIN);
    for seed in 0..4 {
        let mut rng = generator(seed, Stream::DiscriminatorWeights);
        let config = DiscriminatorConfig::eyes();
        let logits = config
            .init([1, 35, 55], &mut rng, &x.device())
            .forward(x.clone());
        lowest = lowest.min(logits.clone().min().into_scalar());
        highest = highest.max(logits.max().into_scalar());
    }
    assert!(
        lowest < 0.0 && highest > 0.0,
        "logits lie in {lowest}..{highest}"
    );
}
