//! How far refining moves what the labels say, by judges that see the image before and after.
//!
//! The paper's second version is remembered to report 1.1 +- 0.8 pixels at an eye 55 pixels wide for ellipses drawn by hand.

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::measures::iris_centre::{IrisFinder, Point, WIDTH};
use crate::tasks::{Estimator, Target};
use simgan_base::imaging::plane::{Gaussian, Plane};
use simgan_base::metrics::gaze_angle;
use simgan_base::metrics::summary::{mean, median, quantile, sample_sd};
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Mean shift beyond the floor, in pixels of an image 55 wide, from which a user is warned.
pub const LARGE: f64 = 0.5;
/// Blur of the noise floor's images, pixels of an image 55 wide.
pub const FLOOR_BLUR: f32 = 0.5;
/// Standard deviation of their noise, grey levels of 255.
pub const FLOOR_NOISE: f32 = 4.0;

/// Columns of which an eye's image has one.
const EYES: [&str; 4] = ["gaze_pitch", "gaze_x", "iris_x", "iris_u"];

/// Whether images are, by their labels, of eyes, and large enough for an iris to be found.
pub fn shows_eyes(data: &Dataset) -> bool {
    let labels = data.labels();
    let eyes = labels.is_some_and(|labels| EYES.iter().any(|name| labels.has_column(name)));
    eyes && IrisFinder::new(data.image_shape()).is_ok()
}

/// Unit of a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftUnit {
    /// Pixels of an image 55 wide.
    Px,
    /// Degrees of gaze.
    Deg,
}

impl ShiftUnit {
    /// The unit in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Px => "px",
            Self::Deg => "deg",
        }
    }
}

/// Lengths of shifts, and their mean vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShiftSummary {
    /// Mean length.
    pub mean: f64,
    /// Sample standard deviation of the lengths.
    pub sd: f64,
    /// Median length.
    pub median: f64,
    /// 90 % of the lengths are at or below it.
    pub quantile_90: f64,
    /// 95 % of the lengths are at or below it.
    pub quantile_95: f64,
    /// Mean vector: x and y (right, down) in pixels, pitch and yaw in degrees.
    pub bias: [f64; 2],
}

impl ShiftSummary {
    /// Summary of vectors whose lengths are their Euclidean norms.
    pub fn of(shifts: &[[f64; 2]]) -> Self {
        let lengths: Vec<f64> = shifts.iter().map(|[x, y]| x.hypot(*y)).collect();
        let axis = |axis: usize| mean(&shifts.iter().map(|s| s[axis]).collect::<Vec<_>>());
        Self {
            mean: mean(&lengths),
            sd: sample_sd(&lengths),
            median: median(&lengths),
            quantile_90: quantile(&lengths, 0.90),
            quantile_95: quantile(&lengths, 0.95),
            bias: [axis(0), axis(1)],
        }
    }
}

/// What one judge says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelShift {
    /// Who judges.
    pub judge: String,
    /// Unit of every figure.
    pub unit: ShiftUnit,
    /// Images judged.
    pub images: usize,
    /// From each synthetic image to its refined version.
    pub refined: ShiftSummary,
    /// From each synthetic image to a slightly blurred and noisy version of it in which nothing has moved:
    /// what the judge itself is unsure of.
    pub floor: ShiftSummary,
    /// From each refined image to such a version of that: refined irises are darker, softer and harder to find. `None` in
    /// judgements written before it was measured.
    #[serde(default)]
    pub refined_floor: Option<ShiftSummary>,
}

/// Images before and after refining, one to one, and versions of both in which nothing has moved.
#[derive(Clone, Debug)]
pub struct ShiftImages<'a> {
    synthetic: &'a Dataset,
    refined: &'a Dataset,
    disturbed: Dataset,
    disturbed_refined: Dataset,
}

impl<'a> ShiftImages<'a> {
    /// Synthetic images and their refined versions, image by image.
    ///
    /// # Errors
    /// None where names and pixels agree, as they do.
    pub fn new(synthetic: &'a Dataset, refined: &'a Dataset) -> Result<Self> {
        Ok(Self {
            synthetic,
            refined,
            disturbed: disturbed(synthetic)?,
            disturbed_refined: disturbed(refined)?,
        })
    }
}

impl LabelShift {
    /// By gradient voting ([`IrisFinder`]). In a changed image the iris is searched near its place in the synthetic one.
    ///
    /// # Errors
    /// Images that are too small.
    pub fn by_gradients(images: &ShiftImages) -> Result<Self> {
        let before = IrisFinder::centres(images.synthetic)?;
        let after = IrisFinder::centres_near(images.refined, &before)?;
        let refined_floor = from_centres(&after, &images.disturbed_refined)?;
        Ok(Self {
            judge: "gradient voting".into(),
            unit: ShiftUnit::Px,
            images: before.len(),
            refined: between(&before, &after, scale(images.refined)),
            floor: from_centres(&before, &images.disturbed)?,
            refined_floor: Some(refined_floor),
        })
    }

    /// By an estimator of two image coordinates, of which one unit is `unit_px` pixels of an image 55 wide, or of gaze
    /// (degrees). It should have learned from synthetic images alone.
    ///
    /// # Errors
    /// An estimator of something else, images of another shape.
    pub fn by_estimator(images: &ShiftImages, estimator: &Estimator, unit_px: f64) -> Result<Self> {
        let unit = unit_of(estimator)?;
        let find = |data: &Dataset| predictions(estimator, data, unit_px);
        let (before, after) = (find(images.synthetic)?, find(images.refined)?);
        let target = estimator.target().names().join(", ");
        Ok(Self {
            judge: match unit {
                ShiftUnit::Px => format!("estimator of {target}"),
                ShiftUnit::Deg => "estimator of gaze".into(),
            },
            unit,
            images: before.len(),
            refined: between(&before, &after, 1.0),
            floor: between(&before, &find(&images.disturbed)?, 1.0),
            refined_floor: Some(between(&after, &find(&images.disturbed_refined)?, 1.0)),
        })
    }

    /// By how much the mean shift exceeds the floor's.
    pub fn excess(&self) -> f64 {
        self.refined.mean - self.floor.mean
    }

    /// Whether the excess, in pixels, is above [`LARGE`].
    pub fn is_large(&self) -> bool {
        self.unit == ShiftUnit::Px && self.excess() > LARGE
    }
}

/// How far the irises of `changed` images lie from where they were found `before`, in pixels of an image 55 wide.
///
/// # Errors
/// Images that are too small.
pub fn from_centres(before: &[Point], changed: &Dataset) -> Result<ShiftSummary> {
    let after = IrisFinder::centres_near(changed, before)?;
    Ok(between(before, &after, scale(changed)))
}

/// Pixels of an image 55 wide in one pixel of these.
fn scale(data: &Dataset) -> f64 {
    WIDTH as f64 / data.image_shape()[2] as f64
}

/// How far places lie from where they were, one unit of which counts `scale`.
fn between<T: Copy + Into<f64>>(before: &[[T; 2]], after: &[[T; 2]], scale: f64) -> ShiftSummary {
    let shift =
        |(a, b): (&[T; 2], &[T; 2])| [0, 1].map(|axis| (b[axis].into() - a[axis].into()) * scale);
    let shifts: Vec<_> = before.iter().zip(after).map(shift).collect();
    ShiftSummary::of(&shifts)
}

/// Checks, before any work, that an estimator can judge, and tells the unit of its judgement.
///
/// # Errors
/// It estimates neither gaze nor two numbers.
pub fn unit_of(estimator: &Estimator) -> Result<ShiftUnit> {
    match estimator.target() {
        Target::Gaze => Ok(ShiftUnit::Deg),
        Target::Columns(names) if names.len() == 2 => Ok(ShiftUnit::Px),
        target => Err(Error::model(format!(
            "the iris model estimates {}, a judge of shifts needs two image coordinates or the gaze",
            target.names().join(", ")
        ))
        .with_hint("fit one with --target iris_x,iris_y")),
    }
}

/// Two coordinates an image: pixels of an image 55 wide, or pitch and yaw in degrees.
fn predictions(estimator: &Estimator, data: &Dataset, unit_px: f64) -> Result<Vec<[f64; 2]>> {
    let rows = estimator.predict_rows(data)?;
    let coordinates = |row: &[f32]| match estimator.target() {
        Target::Gaze => {
            gaze_angle::pitch_yaw([row[0], row[1], row[2]].map(f64::from)).map(f64::to_degrees)
        }
        _ => [row[0], row[1]].map(|v| f64::from(v) * unit_px),
    };
    Ok(rows
        .values
        .chunks_exact(rows.dimension)
        .map(coordinates)
        .collect())
}

/// The images, blurred by [`FLOOR_BLUR`] and with noise of [`FLOOR_NOISE`]: nothing in them has moved.
///
/// # Errors
/// None where names and pixels agree, as they do.
pub fn disturbed(data: &Dataset) -> Result<Dataset> {
    let [_, height, width] = data.image_shape();
    let blur = Gaussian::new(FLOOR_BLUR * width as f32 / WIDTH as f32);
    let disturb = |index: usize| {
        let mut rng = generator(index as u64, Stream::Judges);
        let image = data.pixels(index);
        let mut noisy = Vec::with_capacity(image.len());
        for channel in image.chunks_exact(height * width) {
            let smooth = blur.blur(&Plane::grey(channel, [1, height, width]));
            // The sum of twelve even draws is nearly normal, of standard deviation 1.
            let mut noise = || (0..12).map(|_| rng.random_range(0.0..1.0f32)).sum::<f32>() - 6.0;
            let values = smooth.values.iter().map(|v| v + FLOOR_NOISE * noise());
            noisy.extend(values.map(|v| v.round().clamp(0.0, 255.0) as u8));
        }
        noisy
    };
    let pixels = (0..data.len())
        .into_par_iter()
        .flat_map_iter(disturb)
        .collect();
    data.with_pixels(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_data::{OpenOptions, Preprocessing};

    fn eyes(options: &str) -> Dataset {
        let source =
            format!("sim:eyes?seed=2&count=60&gaze_pitch=[-10,10]&gaze_yaw=[-10,10]{options}");
        Dataset::open(&source, &Preprocessing::default(), &OpenOptions::default()).unwrap()
    }

    /// `data` with every image moved `by` pixels to the right.
    fn moved(data: &Dataset, by: usize) -> Dataset {
        let width = data.image_shape()[2];
        let row = |row: &[u8]| {
            (0..width)
                .map(|x| row[x.saturating_sub(by)])
                .collect::<Vec<_>>()
        };
        let all: Vec<usize> = (0..data.len()).collect();
        let pixels = data.gather(&all).chunks(width).flat_map(row).collect();
        data.with_pixels(pixels).unwrap()
    }

    #[test]
    fn a_known_shift_is_measured_and_the_floor_is_below_it() {
        let synthetic = eyes("");
        let refined = moved(&synthetic, 2);
        let images = ShiftImages::new(&synthetic, &refined).unwrap();
        let shift = LabelShift::by_gradients(&images).unwrap();
        assert!((shift.refined.median - 2.0).abs() < 0.1, "{shift:?}");
        assert!((shift.refined.bias[0] - 2.0).abs() < 0.4, "{shift:?}");
        assert!(shift.floor.median < 0.5 && shift.is_large(), "{shift:?}");
    }

    #[test]
    fn soft_and_pale_irises_have_the_higher_floor() {
        let (sharp, soft) = (eyes(""), eyes("&blur=[1.5,1.5]"));
        let all: Vec<usize> = (0..soft.len()).collect();
        let pale = soft.gather(&all).iter().map(|v| v / 4 + 60).collect();
        let pale = soft.with_pixels(pale).unwrap();
        let shift = LabelShift::by_gradients(&ShiftImages::new(&sharp, &pale).unwrap()).unwrap();
        let refined = shift.refined_floor.as_ref().unwrap();
        assert!(refined.mean > 1.2 * shift.floor.mean, "{shift:?}");
    }

    #[test]
    fn pixels_count_as_in_an_image_55_wide() {
        let preprocessing = Preprocessing {
            width: 110,
            height: 70,
            ..Preprocessing::default()
        };
        let source = "sim:eyes?seed=2&count=40&gaze_pitch=[-10,10]&gaze_yaw=[-10,10]";
        let synthetic = Dataset::open(source, &preprocessing, &OpenOptions::default()).unwrap();
        let refined = moved(&synthetic, 4);
        let images = ShiftImages::new(&synthetic, &refined).unwrap();
        let shift = LabelShift::by_gradients(&images).unwrap();
        assert!((shift.refined.median - 2.0).abs() < 0.1, "{shift:?}");
    }

    #[test]
    fn summaries_are_of_lengths_and_biases_of_vectors() {
        let summary = ShiftSummary::of(&[[3.0, 4.0], [-3.0, -4.0], [0.0, 0.0], [0.0, 0.0]]);
        assert_eq!((summary.mean, summary.bias), (2.5, [0.0, 0.0]));
        assert_eq!((summary.median, summary.quantile_95), (2.5, 5.0));
    }
}
