//! Refined images in memory.

use simgan_base::Result;
use simgan_base::imaging::levels::to_u8;
use simgan_data::Dataset;

/// Images that are changed at a time.
const BATCH: usize = 64;

/// `data` as `refine` changes it, which is given indices and returns their images row by row, values in [-1, 1].
///
/// # Errors
/// Those of `refine`.
pub(crate) fn refined_by(
    refine: impl Fn(&[usize]) -> Result<Vec<f32>>,
    data: &Dataset,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset> {
    let indices: Vec<usize> = (0..data.len()).collect();
    let mut pixels = Vec::new();
    for batch in indices.chunks(BATCH) {
        let values = refine(batch)?;
        pixels.extend(values.into_iter().map(to_u8));
        progress(batch[batch.len() - 1] + 1, data.len());
    }
    data.with_pixels(pixels)
}
