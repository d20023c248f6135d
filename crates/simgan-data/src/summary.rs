//! What a data set is, and whether it is sound.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use simgan_base::metrics::gaze_angle;

use crate::{Dataset, Quarantine, ShardCounts};

/// Images gathered at a time.
const CHUNK: usize = 64;

/// What `simgan inspect` tells of a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What people call its format.
    pub format: String,
    /// Folder or tar; empty in memory and for simulators.
    pub root: String,
    /// Counts of tar shards.
    #[serde(default)]
    pub shards: Option<ShardCounts>,
    /// Number of usable images.
    pub images: usize,
    /// `[channels, height, width]` after preprocessing.
    pub image_shape: [usize; 3],
    /// Sizes before preprocessing: (width, height, number of images), most frequent first, at most 8.
    pub original_sizes: Vec<(u32, u32, usize)>,
    /// What was left out of the whole folder, and why.
    pub skipped: Quarantine,
    /// What lies in the folder and is not read.
    #[serde(default)]
    pub unread: Vec<String>,
    /// The label columns; none without labels.
    pub columns: Vec<Column>,
    /// Gaze angles, if the labels give them.
    pub gaze: Option<Gaze>,
    /// Mean over all pixels of all channels, 0..=255.
    pub grey_mean: f64,
    /// Standard deviation over all pixels of all channels.
    pub grey_sd: f64,
    /// Images whose pixels are all alike.
    pub constant_images: usize,
    /// Images whose pixels equal those of another image before them.
    pub duplicate_images: usize,
}

/// A label column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its range, if every cell is a number.
    pub range: Option<Range>,
}

/// Range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
}

/// Ranges of gaze angles, degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gaze {
    /// Pitch.
    pub pitch_deg: Range,
    /// Yaw.
    pub yaw_deg: Range,
}

impl Dataset {
    /// Goes over every image and label once.
    pub fn summary(&self) -> Summary {
        self.summary_with_progress(&mut |_, _| {})
    }

    /// As [`summary`](Self::summary), telling `progress(done, total)`.
    pub fn summary_with_progress(&self, progress: &mut dyn FnMut(usize, usize)) -> Summary {
        let pixels = PixelStatistics::of(self, progress);
        Summary {
            format: self.format().to_owned(),
            root: self
                .root()
                .map(|root| root.display().to_string())
                .unwrap_or_default(),
            shards: self.shards(),
            images: self.len(),
            image_shape: self.image_shape(),
            original_sizes: self.original_sizes().to_vec(),
            skipped: self.quarantine().clone(),
            unread: self.unread().to_vec(),
            columns: self.column_summaries(),
            gaze: self.gaze_summary(),
            grey_mean: pixels.mean,
            grey_sd: pixels.sd,
            constant_images: pixels.constant,
            duplicate_images: pixels.duplicates,
        }
    }

    fn column_summaries(&self) -> Vec<Column> {
        let Some(labels) = self.labels() else {
            return vec![];
        };
        let column = |name: &String| Column {
            name: name.clone(),
            range: labels
                .numbers(name)
                .ok()
                .and_then(|values| Range::of(values.iter().map(|&v| f64::from(v)))),
        };
        labels.columns().iter().map(column).collect()
    }

    fn gaze_summary(&self) -> Option<Gaze> {
        let angles: Vec<[f64; 2]> = self
            .gaze()
            .ok()?
            .into_iter()
            .map(|gaze| gaze_angle::pitch_yaw(gaze.map(f64::from)))
            .collect();
        let axis = |axis: usize| Range::of(angles.iter().map(|angle| angle[axis].to_degrees()));
        Some(Gaze {
            pitch_deg: axis(0)?,
            yaw_deg: axis(1)?,
        })
    }
}

impl Range {
    /// The range of some numbers; `None` of nothing.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut sum, mut count) = (0.0, 0usize);
        for value in values {
            (min, max) = (min.min(value), max.max(value));
            sum += value;
            count += 1;
        }
        (count > 0).then(|| Self {
            min,
            max,
            mean: sum / count as f64,
        })
    }
}

struct PixelStatistics {
    mean: f64,
    sd: f64,
    constant: usize,
    duplicates: usize,
}

impl PixelStatistics {
    fn of(dataset: &Dataset, progress: &mut dyn FnMut(usize, usize)) -> Self {
        let mut histogram = [0u64; 256];
        let mut constant = 0;
        let mut digests = Vec::with_capacity(dataset.len());
        let image_len: usize = dataset.image_shape().iter().product();
        let indices: Vec<usize> = (0..dataset.len()).collect();
        for chunk in indices.chunks(CHUNK) {
            for pixels in dataset.gather(chunk).chunks_exact(image_len) {
                pixels.iter().for_each(|&p| histogram[usize::from(p)] += 1);
                constant += usize::from(pixels.windows(2).all(|pair| pair[0] == pair[1]));
                digests.push(crate::pixel_cache::layout::block_digest(
                    Sha256::digest(pixels).into(),
                ));
            }
            progress(digests.len(), dataset.len());
        }
        digests.sort_unstable();
        let duplicates = digests.windows(2).filter(|pair| pair[0] == pair[1]).count();
        let count = histogram.iter().sum::<u64>().max(1) as f64;
        let moment = |power: i32| {
            let terms = histogram.iter().enumerate();
            terms
                .map(|(level, &n)| n as f64 * (level as f64).powi(power))
                .sum::<f64>()
                / count
        };
        let mean = moment(1);
        Self {
            mean,
            sd: (moment(2) - mean * mean).max(0.0).sqrt(),
            constant,
            duplicates,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    #[test]
    fn every_figure_of_a_small_set() {
        let labels = b"file,gaze_pitch,gaze_yaw,who\na,0.1,0,x\nb,-0.1,0.2,y\nc,0,0.1,z\n".to_vec();
        let names = ["a", "b", "c"].map(String::from).to_vec();
        let pixels = vec![0, 0, 10, 20, 10, 20];
        let labels = Labels::parse(labels, "labels.csv").unwrap();
        let summary = Dataset::from_memory(names, [1, 1, 2], pixels, Some(labels))
            .unwrap()
            .summary();
        assert_eq!(
            (
                summary.images,
                summary.constant_images,
                summary.duplicate_images
            ),
            (3, 1, 1)
        );
        assert!((summary.grey_mean - 10.0).abs() < 1e-9);
        assert!((summary.grey_sd - (400.0f64 / 6.0).sqrt()).abs() < 1e-9);
        assert_eq!(summary.columns[0].range, None);
        assert!((summary.columns[2].range.unwrap().mean - 0.1).abs() < 1e-6);
        let gaze = summary.gaze.unwrap();
        assert!((gaze.pitch_deg.max - 0.1f64.to_degrees()).abs() < 1e-4);
        assert!((gaze.yaw_deg.max - 0.2f64.to_degrees()).abs() < 1e-4);
        // JSON may change the last digit of a float.
        let json = serde_json::to_string(&summary).unwrap();
        let back: Summary = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (back.columns, back.format),
            (summary.columns, summary.format)
        );
    }
}
