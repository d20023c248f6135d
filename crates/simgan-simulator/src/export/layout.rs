//! What a layout of simulated images on disk has to do.

use std::fmt::Debug;
use std::path::Path;

use crate::export::images::{Images, Progress};
use crate::simulator::Simulator;
use simgan_base::Result;

/// How images and labels are written. A new layout is a file with this trait and a line of
/// [`LAYOUTS`](super::LAYOUTS).
pub trait Layout: Debug + Sync {
    /// The name as users write it.
    fn name(&self) -> &'static str;

    /// Keys of the simulator that have other defaults here, with their values.
    fn defaults(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Whether it can hold what `simulator` makes.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): it cannot.
    fn check(&self, simulator: &dyn Simulator) -> Result<()>;

    /// Writes images, labels and what else belongs to the layout into `folder`, which is there and empty.
    ///
    /// # Errors
    /// Of kind [`Io`](simgan_base::ErrorKind::Io): a file cannot be written.
    fn write(&self, images: &Images, folder: &Path, progress: Progress) -> Result<()>;
}
