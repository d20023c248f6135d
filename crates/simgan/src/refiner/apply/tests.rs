//! Tiles are exact: to the last bit, whatever the size, the tiles and the net.

use proptest::prelude::*;
use simgan_base::random::{Stream, generator};

use super::*;
use crate::nets::activation::Activation;
use crate::refiner::{RefinerConfig, RefinerOutput};

/// Enough feature maps that the kernels transform their images (Winograd).
const MAPS: usize = 16;

fn config(blocks: usize, kernels: [usize; 2]) -> RefinerConfig {
    RefinerConfig {
        feature_maps: MAPS,
        blocks,
        kernel_size: kernels[0],
        block_kernel_size: kernels[1],
        ..RefinerConfig::eyes()
    }
}

fn refiner(config: &RefinerConfig, channels: usize) -> Refiner {
    let mut rng = generator(5, Stream::RefinerWeights);
    config.init(channels, &mut rng, &Device::default())
}

/// Levels without a pattern, `[channels, height, width]`.
fn levels([channels, height, width]: [usize; 3]) -> Vec<u8> {
    let level = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
    (0..channels * height * width).map(level).collect()
}

fn tensor(levels: &[u8], shape: [usize; 3]) -> Tensor<4> {
    let values = levels.iter().map(|&level| from_u8(level)).collect();
    image_tensor::from_values(values, shape, &Device::default())
}

fn assert_exact(refiner: &Refiner, tiling: &Tiling, shape: [usize; 3]) {
    let levels = levels(shape);
    let image = tensor(&levels, shape);
    let whole = refiner.forward(image.clone()).into_data();
    assert!(
        tiling.cuts([shape[1], shape[2]]),
        "{shape:?} is not cut by {tiling:?}"
    );
    let tiled = refiner.refine_tiles(tiling, refiner.exposed(image));
    // To the last bit, not only nearly.
    assert_eq!(tiled.into_data(), whole, "{shape:?} in {tiling:?}");
    let rounded: Vec<u8> = whole.iter::<f32>().map(to_u8).collect();
    assert!(refiner.refine_levels_in(tiling, &levels, shape) == rounded);
}

/// Every algorithm of the kernels: squares of 4 (3x3 and 5x5) and of 2 (7x7), and none (9x9).
#[test]
fn tiles_are_exact_for_every_kernel() {
    for kernels in [[3, 3], [7, 5], [5, 7], [3, 9]] {
        let config = config(1, kernels);
        let refiner = refiner(&config, 1);
        let tiling = refiner.tiling().with_core(16);
        assert_exact(&refiner, &tiling, [1, 75, 101]);
    }
}

#[test]
fn tiles_are_exact_with_colour_residuals_and_other_activations() {
    for activation in [Activation::Relu, Activation::Silu] {
        let config = RefinerConfig {
            activation,
            output: RefinerOutput::Residual,
            ..config(2, [3, 3])
        };
        let mut refiner = refiner(&config, 3);
        // A residual begins with zeros, which would hide differences.
        let weight = refiner.output.weight.val();
        let shape = weight.dims();
        let other = Tensor::<1, burn::tensor::Int>::arange(
            0..weight.shape().num_elements() as i64,
            &weight.device(),
        );
        refiner.output.weight = refiner
            .output
            .weight
            .map(|_| other.float().sin().reshape(shape));
        assert_exact(&refiner, &refiner.tiling().with_core(20), [3, 61, 83]);
    }
}

/// Mean and contrast are those of the whole image, not of a tile.
#[test]
fn exposure_is_that_of_the_whole_image() {
    let config = RefinerConfig {
        match_exposure: true,
        ..config(1, [3, 3])
    };
    let refiner = refiner(&config, 1);
    assert_exact(&refiner, &refiner.tiling().with_core(24), [1, 150, 70]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tiles_are_exact_for_every_size(
        height in 1usize..90,
        width in 1usize..90,
        core in 1usize..40,
        blocks in 0usize..3,
        channels in prop_oneof![Just(1usize), Just(3)],
    ) {
        let refiner = refiner(&config(blocks, [3, 3]), channels);
        let tiling = refiner.tiling().with_core(core);
        prop_assume!(tiling.cuts([height, width]));
        assert_exact(&refiner, &tiling, [channels, height, width]);
    }
}

#[test]
fn the_papers_eyes_reach_32_pixels_and_large_images_are_cut() {
    let refiner = refiner(&RefinerConfig::eyes(), 1);
    let tiling = refiner.tiling();
    assert!(tiling.cuts([3000, 4000]) && !tiling.cuts([224, 224]));
    let tiles: Vec<Tile> = tiling.rows([3000, 4000]).flatten().collect();
    let second = &tiles[1];
    assert_eq!(second.core[1].start - second.window[1].start, 32);
    assert_eq!(second.window[0].start, 0);
}

#[test]
fn large_images_do_not_meet_in_a_batch() {
    let refiner = refiner(&config(1, [3, 3]), 1);
    let shape = [1, 40, 50];
    let images = Tensor::cat(vec![tensor(&levels(shape), shape); 20], 0);
    let whole = refiner.forward(images.clone()).into_data();
    assert_eq!(refiner.refine(images).into_data(), whole);
}
