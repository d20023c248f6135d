//! The refiner as it is applied: in slices of a few images, and tile by tile where images are large.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use simgan_kernels::ops::are_used_on;

use crate::nets::image_tensor;
use crate::refiner::Refiner;
use crate::refiner::tiles::{Tile, Tiling};
use simgan_base::imaging::levels::{from_u8, to_u8};

/// Images that the net takes at a time: of 4, 8, 16 and 32 the fastest for the paper's eyes on two cores.
const SLICE: usize = 16;
/// Rows of an image that are looked at together where its exposure is measured.
const BAND: usize = 64;

impl Refiner {
    /// [`forward`](Self::forward) for inference: on the CPU in slices of a few images, whose activations stay in
    /// cache, and everywhere tile by tile where images are large, so that memory is bounded. On the CPU every image's
    /// result is the same, bit for bit; elsewhere tiles may change the last bits.
    pub fn refine(&self, images: Tensor<4>) -> Tensor<4> {
        self.refine_exposed(self.exposed(images))
    }

    /// [`refine`](Self::refine) of images that are [exposed](Self::exposed) already.
    pub fn refine_exposed(&self, images: Tensor<4>) -> Tensor<4> {
        let [count, _, height, width] = images.dims();
        let tiling = self.tiling();
        let at_a_time = match tiling.cuts([height, width]) {
            true => 1,
            false if are_used_on(&images.device()) => {
                tiling.images_within([height, width]).min(SLICE)
            }
            false => count,
        };
        let slice = |start: usize| {
            let end = (start + at_a_time).min(count);
            let images = images.clone().slice_dim(0, start..end);
            self.refine_tiles(&tiling, images)
        };
        match count <= at_a_time {
            true => self.refine_tiles(&tiling, images),
            false => Tensor::cat((0..count).step_by(at_a_time).map(slice).collect(), 0),
        }
    }

    /// Exposed images, tile by tile if `tiling` cuts them.
    fn refine_tiles(&self, tiling: &Tiling, images: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = images.dims();
        if !tiling.cuts([height, width]) {
            return self.forward_exposed(images);
        }
        let refined = |tile: Tile| self.refine_tile(&tile, part(images.clone(), &tile.window));
        let row = |row: Vec<Tile>| Tensor::cat(row.into_iter().map(refined).collect(), 3);
        Tensor::cat(tiling.rows([height, width]).map(row).collect(), 2)
    }

    /// The core of `tile`, refined, out of its window.
    fn refine_tile(&self, tile: &Tile, window: Tensor<4>) -> Tensor<4> {
        part(self.forward_exposed(window), &tile.core_in_window())
    }

    /// [`refine`](Self::refine) of one image of 8-bit levels, `[channels, height, width]`, row by row, to levels: what
    /// `refine` makes of it, rounded, in memory for both and one tile.
    pub fn refine_levels(&self, values: &[u8], shape: [usize; 3]) -> Vec<u8> {
        self.refine_levels_in(&self.tiling(), values, shape)
    }

    fn refine_levels_in(&self, tiling: &Tiling, values: &[u8], shape: [usize; 3]) -> Vec<u8> {
        let image = LevelImage {
            values,
            shape,
            device: &self.output.weight.device(),
        };
        let exposure = self.exposure.as_ref();
        let light = exposure.map(|exposure| exposure.light(|| image.bands()));
        let [_, height, width] = shape;
        let mut refined = vec![0; values.len()];
        for tile in tiling.rows([height, width]).flatten() {
            let window = image.part(&tile.window);
            let exposed = match &light {
                Some(light) => light.apply(window),
                None => window,
            };
            let core = image_tensor::to_values(self.refine_tile(&tile, exposed));
            write(&mut refined, shape, &tile.core, &core);
        }
        refined
    }

    /// Whether images `[channels, height, width]` are so large that they are refined tile by tile.
    pub fn cuts(&self, [_, height, width]: [usize; 3]) -> bool {
        self.tiling().cuts([height, width])
    }

    /// How large images are cut.
    fn tiling(&self) -> Tiling {
        let [channels, ..] = self.output.weight.dims();
        Tiling::of(&self.config.graph([channels, 1, 1]))
    }
}

/// Rows and columns of images `[batch, channels, height, width]`.
fn part(images: Tensor<4>, [rows, columns]: &[Range<usize>; 2]) -> Tensor<4> {
    images
        .slice_dim(2, rows.clone())
        .slice_dim(3, columns.clone())
}

/// An image of 8-bit levels, `[channels, height, width]`, of which parts become tensors.
struct LevelImage<'a> {
    values: &'a [u8],
    shape: [usize; 3],
    device: &'a Device,
}

impl LevelImage<'_> {
    /// Rows and columns, `[1, channels, ..]`, values in [-1, 1].
    fn part(&self, [rows, columns]: &[Range<usize>; 2]) -> Tensor<4> {
        let [channels, height, width] = self.shape;
        let lines = (0..channels).flat_map(|c| rows.clone().map(move |row| c * height + row));
        let values = lines.flat_map(|line| &self.values[line * width..][columns.clone()]);
        let values: Vec<f32> = values.map(|&level| from_u8(level)).collect();
        let data = TensorData::new(values, [1, channels, rows.len(), columns.len()]);
        Tensor::from_data(data, self.device)
    }

    /// All of it, a few rows at a time, from the top.
    fn bands(&self) -> impl Iterator<Item = Tensor<4>> {
        let [_, height, width] = self.shape;
        let band = move |top: usize| self.part(&[top..(top + BAND).min(height), 0..width]);
        (0..height).step_by(BAND).map(band)
    }
}

/// Writes `values` in [-1, 1] as levels into rows and columns of an image of that shape.
fn write(
    image: &mut [u8],
    [channels, height, width]: [usize; 3],
    [rows, columns]: &[Range<usize>; 2],
    values: &[f32],
) {
    let lines = (0..channels).flat_map(|c| rows.clone().map(move |row| c * height + row));
    for (line, values) in lines.zip(values.chunks_exact(columns.len())) {
        let levels = image[line * width..][columns.clone()].iter_mut();
        levels
            .zip(values)
            .for_each(|(level, &value)| *level = to_u8(value));
    }
}

#[cfg(test)]
mod tests;
