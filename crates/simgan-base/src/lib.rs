//! What every part of `simgan` stands on: errors, settings, random streams, files that are never half written, small
//! formats, operations on pixels, metrics. Nothing here knows data sets, simulators or networks.
//!
//! ```
//! use simgan_base::random::{Stream, generator};
//! use simgan_base::sampler::{EpochSampler, Position};
//! use simgan_base::{Error, ErrorKind};
//!
//! // One epoch draws every image once.
//! let mut order = EpochSampler::new(6, 0, Stream::RealOrder, Position::default());
//! let mut epoch = order.next_batch(6);
//! epoch.sort_unstable();
//! assert_eq!(epoch, [0, 1, 2, 3, 4, 5]);
//!
//! // A stream of one seed is the same every time.
//! use rand::RngExt;
//! let draw = || generator(7, Stream::History).random::<u32>();
//! assert_eq!(draw(), draw());
//!
//! // An error is one sentence, and what to do about it.
//! let error = Error::config("`training.steps` is -1").with_hint("give a number above 0");
//! assert_eq!((error.kind(), error.hint()), (ErrorKind::Config, Some("give a number above 0")));
//! ```

pub mod document;
pub mod error;
pub mod files;
pub mod formats;
pub mod imaging;
pub mod metrics;
pub mod random;
pub mod sampler;
pub mod settings;

pub use error::{Error, ErrorKind, Result};
