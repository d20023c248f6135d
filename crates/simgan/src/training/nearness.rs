//! How near refined images have come to real ones: what chooses the best checkpoint, without labels.

use burn::tensor::Device;

use crate::keypoints::HeldRefiner;
use crate::measures::kernel_distance::kernel_distance;
use crate::measures::refined::refined_by;
use crate::nets::image_tensor;
use simgan_base::Result;
use simgan_data::Dataset;

/// Images of either side, the same every time.
const EXAMPLES: usize = 256;

/// Examples of both sides.
#[derive(Debug)]
pub(super) struct Nearness {
    synthetic: Dataset,
    real: Dataset,
}

impl Nearness {
    pub(super) fn new(synthetic: &Dataset, real: &Dataset) -> Self {
        let examples = |images: &Dataset| images.subset(&images.spread(EXAMPLES));
        Self {
            synthetic: examples(synthetic),
            real: examples(real),
        }
    }

    /// [`kernel_distance`] of the examples, refined, from the real ones: smaller is nearer.
    ///
    /// # Errors
    /// Either side has fewer than four images.
    pub(super) fn of(&self, refiner: &HeldRefiner, device: &Device) -> Result<f32> {
        let device = device.clone().inner();
        let shape = self.synthetic.image_shape();
        let refine = |images| {
            let images = image_tensor::from_values(images, shape, &device);
            image_tensor::to_values(refiner.refine(images))
        };
        let refined = refined_by(refine, &self.synthetic, &mut |_, _| {})?;
        Ok(kernel_distance(&refined, &self.real, &device)?.mean as f32)
    }
}
