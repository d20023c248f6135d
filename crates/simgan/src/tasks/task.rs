//! What can be learned from labels: what it takes to fit and to score an estimator of it.

use std::fmt::Debug;

use burn::tensor::Tensor;

use crate::tasks::coordinates::column_means;
use crate::tasks::displacement::Displacement;
use crate::tasks::gaze::{GazeCnnConfig, l2_loss};
use crate::tasks::rows::Rows;
use crate::tasks::standardization::Standardization;
use crate::tasks::unit::Unit;
use simgan_base::Result;
use simgan_data::Dataset;

/// Labels of a data set in the coordinates that errors and calibration work in.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Unit of errors.
    pub unit: Unit,
    /// Name of each coordinate.
    pub axes: Vec<String>,
    /// `[image][axis]`.
    pub coordinates: Vec<Vec<f64>>,
    /// Width of the images in pixels, where errors are pixels of them.
    pub width: Option<usize>,
}

/// Something to learn from labels. A new one is a file with this trait and a line of [`KINDS`](super::kinds::KINDS).
pub trait Task: Debug {
    /// Numbers an image that the network puts out.
    fn dimension(&self) -> usize;

    /// Name of each of these numbers.
    fn names(&self) -> Vec<String>;

    /// Checks what the configuration says of it.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config).
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// Label columns of the configuration's `estimator.targets`; none: gaze.
    fn columns(&self) -> Vec<String>;

    /// Points of the configuration's `estimator.points`; none where it learns no points.
    fn points(&self) -> &[String] {
        &[]
    }

    /// What looks wrong in the labels of `data`, a sentence each.
    fn doubts(&self, _data: &Dataset) -> Vec<String> {
        Vec::new()
    }

    /// What the network shall put out for every image: `[image, dimension]`.
    ///
    /// # Errors
    /// The data set has no such labels, or a label is none of this task.
    fn rows(&self, data: &Dataset) -> Result<Rows>;

    /// The network that learns it, from the paper's in the configured width.
    fn network(&self, plain: GazeCnnConfig) -> GazeCnnConfig {
        GazeCnnConfig {
            outputs: self.dimension(),
            ..plain
        }
    }

    /// Units that the network works in, from the training images' rows: those of the labels.
    fn standardization(&self, rows: &Rows) -> Standardization {
        Standardization::none(rows.dimension)
    }

    /// What the network minimizes: the L2 loss of the paper (section 3.1), mean over the batch.
    ///
    /// # Shapes
    /// - `prediction`, `target`: `[batch, dimension]`; the result has one element
    fn loss(&self, prediction: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
        l2_loss(prediction, target)
    }

    /// The same of numbers that are known already, summed over the images.
    fn total_loss(&self, predictions: &Rows, targets: &Rows) -> f64 {
        let numbers = predictions.values.iter().zip(&targets.values);
        numbers.map(|(a, b)| f64::from(a - b).powi(2)).sum()
    }

    /// How far two answers to the same images differ, mean over the batch: what an estimator pays that adapts.
    ///
    /// # Shapes
    /// As [`loss`](Self::loss).
    fn difference(&self, answer: Tensor<2>, other: Tensor<2>) -> Tensor<1> {
        l2_loss(answer, other)
    }

    /// Whether labels stay true, or can [follow](Self::displace), where the content of an image is shifted or zoomed by a
    /// little.
    fn allows_moves(&self) -> bool;

    /// Whether labels are places in the image, which move with its content.
    fn is_displaced(&self) -> bool {
        false
    }

    /// Lets the label `row` (label units) of an image of `size` (`[width, height]`) follow its content.
    fn displace(&self, _row: &mut [f32], _by: &Displacement, _size: [usize; 2]) {}

    /// Unit of errors, whatever the labels of images that score.
    fn unit(&self) -> Unit;

    /// Name of each coordinate of answers, as [`decode`](Self::decode) gives them.
    fn axes(&self) -> Vec<String>;

    /// The labels of images that score.
    ///
    /// # Errors
    /// Those of [`rows`](Self::rows).
    fn labelled(&self, data: &Dataset) -> Result<Labelled> {
        let unit = self.unit();
        Ok(Labelled {
            unit,
            axes: self.axes(),
            coordinates: self.decode(&self.rows(data)?),
            width: (unit == Unit::ImagePx).then(|| data.image_shape()[2]),
        })
    }

    /// Predictions (label units) in the coordinates of [`Labelled`] before calibration.
    fn decode(&self, predictions: &Rows) -> Vec<Vec<f64>>;

    /// Columns of a table of answers: those that labels of this kind have, and what else is known.
    fn answer_columns(&self) -> Vec<String> {
        self.columns()
    }

    /// The rows of such a table, from predictions in label units.
    fn answers(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        self.decode(predictions)
    }

    /// Distance of a prediction from its label, in `unit`: Euclidean.
    fn error(&self, _unit: Unit, prediction: &[f64], label: &[f64]) -> f64 {
        euclidean(prediction, label)
    }

    /// Names of the parts of an answer that have errors of their own, such as points; none where it is one.
    fn parts(&self) -> Vec<String> {
        Vec::new()
    }

    /// Distance of every part from its label; of an answer without parts its [`error`](Self::error).
    fn part_errors(&self, unit: Unit, prediction: &[f64], label: &[f64]) -> Vec<f64> {
        vec![self.error(unit, prediction, label)]
    }

    /// The best answer that does not look at the image: the mean of the labels.
    fn constant(&self, labels: &[Vec<f64>]) -> Vec<f64> {
        column_means(labels)
    }

    /// By what a difference of coordinates is multiplied to be in the unit of errors.
    fn axis_factor(&self, _unit: Unit) -> f64 {
        1.0
    }

    /// Whether predictions have an offset from the labels that could be removed.
    fn has_offset(&self) -> bool {
        true
    }

    /// Whether answers have a bias: numbers do, classes do not.
    fn has_bias(&self) -> bool {
        self.has_offset()
    }

    /// Refuses a number of calibration images (0: no calibration) that cannot be for labels in `unit`.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config).
    fn check_calibration(&self, _unit: Unit, _images: usize) -> Result<()> {
        Ok(())
    }

    /// Columns (none: gaze) that an estimator can learn from `real` images to be scored on `test`: its own, unless other
    /// labels stand in for them.
    ///
    /// # Errors
    /// `real` has no such labels.
    fn columns_on_real(&self, real: &Dataset, _test: &Dataset) -> Result<Vec<String>> {
        self.rows(real)?;
        Ok(self.columns())
    }
}

/// Euclidean distance.
pub(super) fn euclidean(a: &[f64], b: &[f64]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}
