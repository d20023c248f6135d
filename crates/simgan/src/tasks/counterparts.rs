//! Refined images beside the synthetic ones they are made of.

use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Refining changes pixels only: as many images, of the same shape.
///
/// # Errors
/// They are not.
pub(crate) fn check_counterparts(synthetic: &Dataset, refined: &Dataset) -> Result<()> {
    if (synthetic.len(), synthetic.image_shape()) == (refined.len(), refined.image_shape()) {
        return Ok(());
    }
    Err(Error::data(format!(
        "the refined images are not those of the synthetic data set: {} of {:?} against {} of {:?} (channels, height, width)",
        refined.len(),
        refined.image_shape(),
        synthetic.len(),
        synthetic.image_shape()
    )))
}
