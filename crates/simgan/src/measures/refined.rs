//! Refined images in memory.

use simgan_base::Result;
use simgan_base::imaging::levels::to_u8;
use simgan_data::Dataset;

/// Images that are changed at a time.
const BATCH: usize = 64;

/// `data` as `forward` changes it, which is given and returns mini-batches row by row, values in [-1, 1].
///
/// # Errors
/// None where names and pixels agree, as they do.
pub(crate) fn refined_by(
    forward: impl Fn(Vec<f32>) -> Vec<f32>,
    data: &Dataset,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset> {
    let indices: Vec<usize> = (0..data.len()).collect();
    let mut pixels = Vec::new();
    for batch in indices.chunks(BATCH) {
        let values = forward(data.batch(batch));
        pixels.extend(values.into_iter().map(to_u8));
        progress(batch[batch.len() - 1] + 1, data.len());
    }
    data.with_pixels(pixels)
}
