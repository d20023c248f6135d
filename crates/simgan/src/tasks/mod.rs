//! Estimators trained on synthetic or refined images and scored on real ones (paper, section 3.1).
//!
//! [`fit()`] makes an [`Estimator`] from labelled images, [`evaluate`] scores it,
//! [`compare`] does both for raw and refined images with equal budgets and seeds.
//!
//! ```
//! use burn::tensor::Device;
//! use simgan::data::{Dataset, OpenOptions, Preprocessing};
//! use simgan::tasks::{
//!     EstimatorConfig, EstimatorKind, EvaluateOptions, FitOptions, Unit, evaluate, fit,
//! };
//!
//! let chain = Preprocessing::default();
//! let open = |source| Dataset::open(source, &chain, &OpenOptions::default());
//! let (training, test) = (open("sim:eyes?seed=1[:60]")?, open("sim:eyes?seed=2[:20]")?);
//! // The paper's network is `EstimatorKind::Cnn`; neighbours need no training.
//! let config = EstimatorConfig { kind: EstimatorKind::Knn, ..EstimatorConfig::default() };
//! let options = FitOptions::default();
//! let (estimator, _) = fit(&training, &config, &options, &Device::default(), &mut |_| {})?;
//! let scores = evaluate(&estimator, &test, &EvaluateOptions::default())?;
//! assert_eq!((scores.unit, scores.images), (Unit::Deg, 20));
//! assert!(scores.mean < scores.baseline); // than always answering the mean
//! # Ok::<(), simgan::Error>(())
//! ```

pub mod adaptation;
pub mod augmentation;
pub mod axis_score;
pub mod calibration;
pub mod comparison;
pub mod config;
mod coordinates;
pub(crate) mod counterparts;
pub mod displacement;
pub mod estimator;
pub mod evaluation;
mod features;
pub mod fit;
mod fit_and_evaluate;
pub mod gaze;
pub mod hourglass;
pub mod kinds;
pub mod knn;
mod mini_batches;
pub mod model_file;
pub mod network;
pub mod part_score;
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
pub use features::EstimatorFeatures;
pub use fit::{FitOptions, FitProgress, FitReport, FitTold, fit, fit_until};
pub use fit_and_evaluate::fit_and_evaluate;
pub use gaze::{GazeCnn, GazeCnnConfig};
pub use hourglass::HourglassConfig;
pub use knn::Knn;
pub(crate) use mini_batches::{FitStreams, MiniBatches};
pub use network::{Network, NetworkShape};
pub use part_score::PartScore;
pub use rows::Rows;
pub use scores::{EvaluateOptions, Evaluation};
pub use standardization::Standardization;
pub use target::Target;
pub use task::Task;
pub use unit::Unit;
