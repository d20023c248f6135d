//! How near refined images have come to real ones: what chooses the best checkpoint, without labels.

use burn::tensor::Device;

use crate::hold::HeldRefiner;
use crate::measures::kernel_distance::kernel_distance;
use crate::measures::refined::refined_by;
use simgan_base::Result;
use simgan_data::{Dataset, HeldAreas};

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
        let areas = HeldAreas::of(&self.synthetic, &refiner.areas)?;
        let refine =
            |batch: &[usize]| refiner.refine_images(&self.synthetic, &areas, batch, &device);
        let refined = refined_by(refine, &self.synthetic, &mut |_, _| {})?;
        Ok(kernel_distance(&refined, &self.real, &device)?.mean as f32)
    }
}
