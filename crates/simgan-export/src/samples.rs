//! A few images with what the network makes of them, so that any other program can be checked
//! against this one.

use std::collections::HashMap;
use std::path::Path;

use simgan::nets::weights;
use simgan::training::RunDir;
use simgan_base::files::disk;
use simgan_base::imaging::levels::from_u8;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Most images.
const MOST: usize = 1000;
/// Their file.
pub(crate) const FILE_NAME: &str = "samples.safetensors";

/// What they are for, for model cards.
pub(crate) const USAGE: &str =
    "`samples.safetensors` has images, and what has to come out to about 1e-5.\n";

/// Images and results.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    /// `[channels, height, width]` of an image.
    pub(crate) image_shape: [usize; 3],
    /// Pixels of all images, row by row, 0..=255.
    pub(crate) pixels: Vec<u8>,
    /// What comes out, image after image.
    pub(crate) results: Vec<f32>,
}

/// Where samples come from if nobody says: the simulator that a run was trained on, or else that of
/// eyes.
pub fn default_source(run: Option<&RunDir>) -> String {
    let trained_on = run.and_then(|run| Some(run.manifest().ok()?.synthetic.source));
    let simulated = trained_on.filter(|source| source.starts_with("sim:"));
    simulated.unwrap_or_else(|| "sim:eyes".to_owned())
}

impl Samples {
    /// The images of `data`, and what `network` makes of their values in [-1, 1].
    ///
    /// # Errors
    /// There are none or too many; those of `network`.
    pub(crate) fn of(
        data: &Dataset,
        network: impl FnOnce(Vec<f32>) -> Result<Vec<f32>>,
    ) -> Result<Self> {
        if !(1..=MOST).contains(&data.len()) {
            let message = format!("{} are {} samples", data.source(), data.len());
            let hint = format!("give --samples 1 to {MOST} images, for example DIR[:100]");
            return Err(Error::config(message).with_hint(hint));
        }
        let indices: Vec<usize> = (0..data.len()).collect();
        let pixels = data.gather(&indices);
        let results = network(pixels.iter().map(|&level| from_u8(level)).collect())?;
        Ok(Self {
            image_shape: data.image_shape(),
            pixels,
            results,
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.pixels.len() / self.image_shape.iter().product::<usize>()
    }

    /// Writes [`FILE_NAME`]: `image`, and the results by their `output` name and the `shape` of
    /// one.
    pub(crate) fn write(&self, folder: &Path, output: &str, shape: &[usize]) -> Result<()> {
        let images: Vec<f32> = self.pixels.iter().map(|&level| from_u8(level)).collect();
        let bytes = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let all = |shape: &[usize]| [&[self.len()], shape].concat();
        let tensors = [
            ("image".to_owned(), all(&self.image_shape), bytes(&images)),
            (output.to_owned(), all(shape), bytes(&self.results)),
        ];
        let file = weights::serialize(&tensors, HashMap::new())?;
        disk::write(&folder.join(FILE_NAME), file)
    }
}
