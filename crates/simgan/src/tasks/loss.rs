//! What an estimator's network minimizes.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use crate::tasks::gaze::l2_loss;
use crate::tasks::target::{Rows, Target};

/// L2 loss on quantities (paper, section 3.1): squared Euclidean distance, mean over the batch; cross-entropy on classes.
///
/// # Shapes
/// - `prediction`, `target`: `[batch, numbers]`; of classes scores of any size and one-hot rows
pub(super) fn loss(kind: &Target, prediction: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
    match kind {
        Target::Class { .. } => -(log_softmax(prediction, 1) * target).sum_dim(1).mean(),
        Target::Gaze | Target::Columns(_) => l2_loss(prediction, target),
    }
}

/// The same of numbers that are known already.
pub(super) fn loss_of(kind: &Target, predictions: &Rows, targets: &Rows) -> f32 {
    let rows = predictions
        .values
        .chunks(predictions.dimension)
        .zip(targets.values.chunks(targets.dimension));
    let total: f64 = match kind {
        Target::Class { .. } => rows
            .map(|(scores, target)| cross_entropy(scores, target))
            .sum(),
        Target::Gaze | Target::Columns(_) => rows
            .flat_map(|(prediction, target)| prediction.iter().zip(target))
            .map(|(a, b)| f64::from(a - b).powi(2))
            .sum(),
    };
    (total / targets.len() as f64) as f32
}

fn cross_entropy(scores: &[f32], target: &[f32]) -> f64 {
    let largest = scores.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
    let shifted = scores.iter().map(|&score| f64::from(score - largest));
    let total = shifted.clone().map(f64::exp).sum::<f64>().ln();
    shifted
        .zip(target)
        .map(|(score, &share)| f64::from(share) * (total - score))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    #[test]
    fn both_forms_agree_and_equal_scores_cost_the_logarithm_of_their_number() {
        let rows = |values: &[f32]| Rows {
            dimension: 3,
            values: values.to_vec(),
        };
        let tensor = |rows: &Rows| {
            let data = TensorData::new(rows.values.clone(), [rows.len(), 3]);
            Tensor::<2>::from_data(data, &Device::default())
        };
        let class = Target::Class {
            column: "class".into(),
            classes: 3,
        };
        let scores = rows(&[1.0, -2.0, 0.5, 3.0, 3.0, 3.0]);
        let target = rows(&[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        for kind in [&Target::Gaze, &class] {
            let value: f32 = loss(kind, tensor(&scores), tensor(&target)).into_scalar();
            assert!((value - loss_of(kind, &scores, &target)).abs() < 1e-5);
        }
        let even = loss_of(&class, &rows(&[7.0; 3]), &rows(&[0.0, 1.0, 0.0]));
        assert!((even - 3f32.ln()).abs() < 1e-6);
    }
}
