//! A mini-batch that is decoded (or rendered) ahead, while a device computes.

use std::thread::{self, JoinHandle};

use simgan_data::Dataset;

/// Images on their way.
pub(super) struct Ahead {
    indices: Vec<usize>,
    images: JoinHandle<Vec<f32>>,
}

impl Ahead {
    /// Begins to decode the images at `indices`.
    pub(super) fn begin(images: &Dataset, indices: Vec<usize>) -> Self {
        let (images, wanted) = (images.clone(), indices.clone());
        Self {
            indices,
            images: thread::spawn(move || images.batch(&wanted)),
        }
    }

    /// The images at `indices`, if they come first among those that were begun.
    pub(super) fn take(self, indices: &[usize], image_len: usize) -> Option<Vec<f32>> {
        if !self.indices.starts_with(indices) {
            return None;
        }
        // A panic comes again, and is told, when the images are decoded without it.
        let mut images = self.images.join().ok()?;
        images.truncate(indices.len() * image_len);
        Some(images)
    }
}
