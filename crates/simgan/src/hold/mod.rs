//! The refiner as it is applied: what holds its points, and what may change inside boxes and masks. Not in the paper.
//!
//! ```
//! use simgan::data::{Allowed, Dataset, HeldAreas, HoldConfig, Labels};
//!
//! // One image of 8 x 8 pixels; its object covers two in the fourth row.
//! let labels = "file,box_x,box_y,box_w,box_h\na,3,3,2,1\n";
//! let labels = Labels::parse(labels.into(), "labels.csv")?;
//! let data = Dataset::from_memory(vec!["a".into()], [1, 8, 8], vec![9; 64], Some(labels))?;
//! let config = HoldConfig { boxes: Allowed::Nothing, ..HoldConfig::default() };
//! let areas = HeldAreas::of(&data, &config)?.of_image(0)?;
//! assert_eq!(areas[0].pixels.iter().filter(|&&held| held).count(), 2);
//! # Ok::<(), simgan::Error>(())
//! ```

mod areas;

use std::ops::Range;

use burn::tensor::{Device, Tensor};

use crate::keypoints::Hold;
use crate::nets::image_tensor;
use crate::refiner::Refiner;
use simgan_base::Result;
use simgan_base::imaging::levels::{from_u8, to_u8};
use simgan_data::{Dataset, HeldAreas, HoldConfig};

/// The refiner as it is applied after training: held, where the configuration asks for it.
#[derive(Clone, Debug)]
pub struct HeldRefiner {
    /// Refines; without autodiff.
    pub refiner: Refiner,
    /// What holds its points; `None` where nothing does.
    pub hold: Option<Hold>,
    /// What may change inside boxes and masks of a data set's images.
    pub areas: HoldConfig,
}

impl HeldRefiner {
    /// Refines images, whose boxes and masks are not known. With a hold, refining begins at images of matched
    /// [exposure](Refiner::exposed), which moves nothing.
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn refine(&self, images: Tensor<4>) -> Tensor<4> {
        let exposed = self.refiner.exposed(images);
        let refined = self.refiner.refine_exposed(exposed.clone());
        match &self.hold {
            Some(hold) => hold.apply(exposed, refined),
            None => refined,
        }
    }

    /// [`refine`](Self::refine) of images of 8-bit levels, `[n, channels, height, width]`, row by row, to levels. Large
    /// images take little memory, unless points are held, which needs them whole.
    pub fn refine_levels(
        &self,
        levels: &[u8],
        image_shape: [usize; 3],
        device: &Device,
    ) -> Vec<u8> {
        let image_len = image_shape.iter().product::<usize>().max(1);
        if self.hold.is_none() && self.refiner.cuts(image_shape) {
            let images = levels.chunks_exact(image_len);
            let refined = images.map(|image| self.refiner.refine_levels(image, image_shape));
            // One image, which most often is all, is not copied.
            let all = refined.reduce(|mut all, image| {
                all.extend(image);
                all
            });
            return all.unwrap_or_default();
        }
        let values = levels.iter().map(|&level| from_u8(level)).collect();
        let refined = self.refine(image_tensor::from_values(values, image_shape, device));
        let values = image_tensor::to_values(refined);
        values.into_iter().map(to_u8).collect()
    }

    /// The images of `data` at `indices`, refined: values in [-1, 1], row by row. Boxes and masks of `areas` are held.
    ///
    /// # Errors
    /// A mask that cannot be read.
    pub fn refine_images(
        &self,
        data: &Dataset,
        areas: &HeldAreas<'_>,
        indices: &[usize],
        device: &Device,
    ) -> Result<Vec<f32>> {
        let shape = data.image_shape();
        let synthetic = data.batch(indices);
        let images = image_tensor::from_values(synthetic.clone(), shape, device);
        let mut refined = image_tensor::to_values(self.refine(images));
        if self.areas.is_on() {
            let indices = indices.iter().copied();
            hold(areas, indices, shape, &synthetic, &mut refined)?;
        }
        Ok(refined)
    }

    /// [`refine_levels`](Self::refine_levels) of the images of a data set at `range`, whose levels are `levels`. Boxes and
    /// masks of `areas` are held.
    ///
    /// # Errors
    /// A mask that cannot be read.
    pub fn refine_levels_of(
        &self,
        areas: &HeldAreas<'_>,
        range: Range<usize>,
        levels: &[u8],
        shape: [usize; 3],
        device: &Device,
    ) -> Result<Vec<u8>> {
        let refined = self.refine_levels(levels, shape, device);
        if !self.areas.is_on() {
            return Ok(refined);
        }
        let [synthetic, mut held] = [levels, &refined].map(|levels| {
            levels
                .iter()
                .map(|&level| from_u8(level))
                .collect::<Vec<_>>()
        });
        hold(areas, range, shape, &synthetic, &mut held)?;
        Ok(held.into_iter().map(to_u8).collect())
    }
}

/// Brings refined images `[n, channels, height, width]`, those at `indices` of a data set, to what its areas allow.
fn hold(
    areas: &HeldAreas<'_>,
    indices: impl Iterator<Item = usize>,
    shape: [usize; 3],
    synthetic: &[f32],
    refined: &mut [f32],
) -> Result<()> {
    let image_len = shape.iter().product::<usize>().max(1);
    let images = synthetic
        .chunks(image_len)
        .zip(refined.chunks_mut(image_len));
    for ((synthetic, refined), index) in images.zip(indices) {
        areas::hold(&areas.of_image(index)?, shape, synthetic, refined);
    }
    Ok(())
}
