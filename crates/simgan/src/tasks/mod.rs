//! Estimators trained on synthetic or refined images and scored on real ones (paper, section 3.1).
//!
//! [`fit()`] makes an [`Estimator`] from labelled images, [`evaluate`] scores it,
//! [`compare`] does both for raw and refined images with equal budgets and seeds.

pub mod adaptation;
pub mod augmentation;
pub mod axis_score;
pub mod calibration;
pub mod comparison;
pub mod config;
mod coordinates;
pub(crate) mod counterparts;
pub mod estimator;
pub mod evaluation;
pub mod fit;
mod fit_and_evaluate;
pub mod gaze;
pub mod kinds;
pub mod knn;
mod mini_batches;
pub mod model_file;
pub mod predictions;
pub mod rows;
mod samples;
mod scores;
pub mod standardization;
pub mod target;
pub mod task;
pub mod unit;

pub use adaptation::AdaptationConfig;
pub use augmentation::AugmentationConfig;
pub use axis_score::AxisScore;
pub use comparison::{
    Answers, Arm, ArmAnswers, CompareData, CompareOptions, CompareProgress, Comparison, References,
    compare,
};
pub use config::{EstimatorConfig, EstimatorKind, EstimatorOptimizer, LearningRateSchedule};
pub use estimator::{Estimator, EstimatorManifest};
pub use evaluation::evaluate;
pub use fit::{FitOptions, FitProgress, FitReport, FitTold, fit, fit_until};
pub use fit_and_evaluate::fit_and_evaluate;
pub use gaze::{GazeCnn, GazeCnnConfig};
pub use knn::Knn;
pub(crate) use mini_batches::{FitStreams, MiniBatches};
pub use rows::Rows;
pub use scores::{EvaluateOptions, Evaluation};
pub use standardization::Standardization;
pub use target::Target;
pub use task::Task;
pub use unit::Unit;
