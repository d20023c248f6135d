//! Which images of a simulator are written, and their making in parallel.

use rayon::prelude::*;

use crate::simulator::Simulator;
use simgan_base::{Error, Result};

/// Images in the making at a time, for every thread.
const IMAGES_A_THREAD: usize = 16;

/// Is told `(done, total)` images.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Which images of a simulator are written.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    /// The simulator.
    pub simulator: &'a dyn Simulator,
    /// Index of the first image.
    pub start: u64,
    /// Number of images.
    pub count: u64,
}

impl Images<'_> {
    pub(super) fn check(&self) -> Result<()> {
        if self.count > 0 && self.start.checked_add(self.count).is_some() {
            return Ok(());
        }
        Err(Error::config(format!(
            "{} images from image {} on cannot be written",
            self.count, self.start
        ))
        .with_hint("write at least one image, and count them from 0"))
    }

    /// Calls `make` with the index of every image, in parallel, and `take` with what it made, in order.
    pub(super) fn for_each<T: Send>(
        &self,
        make: impl Fn(u64) -> Result<T> + Sync,
        mut take: impl FnMut(T) -> Result<()>,
        progress: Progress,
    ) -> Result<()> {
        let chunk = (IMAGES_A_THREAD * rayon::current_num_threads()) as u64;
        let mut done = 0;
        while done < self.count {
            let first = self.start + done;
            let chunk = chunk.min(self.count - done);
            let made: Vec<T> = (first..first + chunk)
                .into_par_iter()
                .map(&make)
                .collect::<Result<_>>()?;
            made.into_iter().try_for_each(&mut take)?;
            done += chunk;
            progress(done, self.count);
        }
        Ok(())
    }
}
