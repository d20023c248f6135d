//! Simulated images as files: an image folder, or the layout of UnityEyes' own export.
//!
//! Images are rendered and encoded in parallel, a bounded number at a time; a folder is whole or absent.

mod folder;
pub mod unity_eyes;

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use crate::{Scene, SceneKind};
use simgan_base::files::output_folder;
use simgan_base::{Error, Result};

/// Images in the making at a time, for every thread.
const IMAGES_A_THREAD: usize = 16;

/// How images and labels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `images/000000.png` (RGB), `labels.csv` and `simulation.json`.
    Folder,
    /// `1.jpg` beside `1.json`.
    UnityEyes,
}

/// Which images of a simulator are written.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The simulator.
    pub scene: &'a Scene,
    /// Index of the first image.
    pub start: u64,
    /// Number of images.
    pub count: u64,
}

/// Result of [`Export::write`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ExportSummary {
    /// Images written.
    pub images: u64,
    /// Seconds from beginning to end.
    pub seconds: f64,
    /// Images a second.
    pub images_per_second: f64,
}

impl Export<'_> {
    /// Writes the images to the folder `out`; `progress(done, total)` is told how many are written.
    ///
    /// Files are written beside `out` first, which is taken when all of them are there.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): no images, more than can be counted, or a simulator whose images
    /// have no such layout. Of kind [`Io`](simgan_base::ErrorKind::Io): `out` exists and is not an empty folder, or cannot be
    /// written.
    pub fn write(
        &self,
        layout: Layout,
        out: &Path,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<ExportSummary> {
        let begun = Instant::now();
        self.check(layout)?;
        output_folder::require_place(out, "give --out another folder")?;
        output_folder::fill(out, |partial| match layout {
            Layout::Folder => folder::write(self, partial, progress),
            Layout::UnityEyes => unity_eyes::write(self, partial, progress),
        })?;
        let seconds = begun.elapsed().as_secs_f64();
        Ok(ExportSummary {
            images: self.count,
            seconds,
            images_per_second: self.count as f64 / seconds.max(1e-9),
        })
    }

    fn check(&self, layout: Layout) -> Result<()> {
        if self.count == 0 || self.start.checked_add(self.count).is_none() {
            return Err(Error::config(format!(
                "{} images from image {} on cannot be written",
                self.count, self.start
            ))
            .with_hint("write at least one image, and count them from 0"));
        }
        let kind = self.scene.description().kind;
        if layout == Layout::UnityEyes && kind != SceneKind::Eyes {
            return Err(Error::config(format!(
                "images of the simulator `{}` cannot be written as UnityEyes' export",
                kind.name()
            ))
            .with_hint("write them as a folder"));
        }
        Ok(())
    }

    /// Calls `make` with the index of every image, in parallel, and `take` with what it made, in order.
    fn for_each<T: Send>(
        &self,
        make: impl Fn(u64) -> Result<T> + Sync,
        mut take: impl FnMut(T) -> Result<()>,
        progress: &mut dyn FnMut(u64, u64),
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
