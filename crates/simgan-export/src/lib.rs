//! Trained networks for other programs: refiners and estimators as ONNX models, PyTorch modules and
//! a web page, each with a model card. Nothing here knows a command line.
//!
//! [`Exported`] gathers what is exported, [`FORMATS`] is the table of formats, [`model_card`]
//! writes cards of runs.
//!
//! ```
//! let formats: Vec<_> = simgan_export::FORMATS.iter().map(|format| format.name).collect();
//! assert_eq!(formats, ["onnx", "pytorch", "web"]);
//! ```

mod description;
mod exported;
mod format;
mod formats;
pub mod model_card;
mod network;
mod onnx;
mod pytorch;
mod samples;
mod web;
mod write;

pub use description::{Description, Kind, Port, architecture};
pub use exported::{Exported, SAMPLES};
pub use format::{ExportOptions, Format};
pub use formats::{FORMATS, named};
pub use pytorch::weights;
pub use samples::default_source;
