//! The history of refined images (paper, section 2.3): D also sees images of earlier refiners, so
//! that R cannot bring back artefacts which D has forgotten.
//!
//! ```
//! use simgan::history_buffer::HistoryBuffer;
//! use simgan::random::{Stream, generator};
//!
//! let mut rng = generator(0, Stream::History);
//! let mut history = HistoryBuffer::new(4, 1); // four images of one pixel
//! history.push(&[0.1, 0.2, 0.3, 0.4], 2, &mut rng);
//! history.push(&[0.5, 0.6, 0.7, 0.8], 2, &mut rng); // it is full: two of them replace two
//! let new = history.images().iter().filter(|pixel| **pixel >= 0.5).count();
//! assert_eq!((history.len(), new), (4, 2));
//! ```

use rand::Rng;
use rand::seq::index;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use simgan_base::{Error, Result};

/// Section `[history]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HistoryConfig {
    /// Off for the paper's ablation (Fig. 9): D sees images of the current refiner only.
    pub enabled: bool,
    /// B, the number of images kept. The paper does not state it.
    pub size: usize,
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            size: 10_000,
        }
    }
}

/// A fixed number of refined images, each of `image_len` values.
///
/// Policy: while fewer than B images are held, every refined image that D sees is added. Once B are
/// held, each D update replaces b/2 randomly chosen entries, all different, as in the paper. Draws are
/// without repetition within a mini-batch. An update whose b/2 images the buffer cannot provide yet
/// (the first one) uses the current refiner for the whole half.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryBuffer {
    capacity: usize,
    image_len: usize,
    images: Vec<f32>,
}

impl HistoryBuffer {
    /// An empty buffer for `capacity` images of `image_len` values.
    pub fn new(capacity: usize, image_len: usize) -> Self {
        Self {
            capacity,
            image_len,
            images: Vec::new(),
        }
    }

    /// Restores a buffer from the images of [`images`](Self::images).
    ///
    /// # Errors
    /// More images than `capacity`, or a fraction of an image.
    pub fn from_images(capacity: usize, image_len: usize, images: Vec<f32>) -> Result<Self> {
        if !images.len().is_multiple_of(image_len) || images.len() / image_len > capacity {
            return Err(Error::model(format!(
                "history of {} values does not fit {capacity} images of {image_len}",
                images.len()
            ))
            .with_hint("`history.size` or the image size differ from those of the checkpoint"));
        }
        Ok(Self {
            capacity,
            image_len,
            images,
        })
    }

    /// Number of images held.
    pub fn len(&self) -> usize {
        self.images.len() / self.image_len
    }

    /// Whether no image is held.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// Whether B images are held.
    pub fn is_full(&self) -> bool {
        self.len() == self.capacity
    }

    /// All images in their order, the whole state of the buffer.
    pub fn images(&self) -> &[f32] {
        &self.images
    }

    /// Draws `count` different images at random; `None` while fewer are held.
    pub fn draw(&self, count: usize, rng: &mut impl Rng) -> Option<Vec<f32>> {
        if self.len() < count {
            return None;
        }
        let mut drawn = Vec::with_capacity(count * self.image_len);
        for i in index::sample(rng, self.len(), count) {
            drawn.extend_from_slice(&self.images[i * self.image_len..(i + 1) * self.image_len]);
        }
        Some(drawn)
    }

    /// Takes in refined images: into free room first, the others in place of random entries, at most
    /// `replacements` (the paper's b/2) of them.
    pub fn push(&mut self, refined: &[f32], replacements: usize, rng: &mut impl Rng) {
        let held = self.len();
        let incoming: Vec<&[f32]> = refined.chunks_exact(self.image_len).collect();
        let room = (self.capacity - held).min(incoming.len());
        for image in &incoming[..room] {
            self.images.extend_from_slice(image);
        }
        // Only what was there before this call is replaced, never what just came in.
        let replaced = (incoming.len() - room).min(replacements).min(held);
        for (i, image) in index::sample(rng, held, replaced)
            .into_iter()
            .zip(&incoming[room..])
        {
            self.images[i * self.image_len..(i + 1) * self.image_len].copy_from_slice(image);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_base::random::{Stream, generator};
    use std::collections::HashSet;

    /// Images of one value each, numbered.
    fn numbered(range: std::ops::Range<u32>) -> Vec<f32> {
        range.map(|i| i as f32).collect()
    }

    fn set(images: &[f32]) -> HashSet<u32> {
        images.iter().map(|&v| v as u32).collect()
    }

    /// The fault of five public implementations: `np.append`'s result dropped, the buffer stays empty.
    #[test]
    fn buffer_fills() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(10, 1);
        for step in 0..5 {
            buffer.push(&numbered(step * 2..step * 2 + 2), 2, &mut rng);
            assert_eq!(buffer.len(), (step as usize + 1) * 2);
        }
        assert!(buffer.is_full());
        assert_eq!(set(buffer.images()), (0..10).collect());
    }

    #[test]
    fn full_buffer_replaces_exactly_half_a_batch() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(10, 1);
        buffer.push(&numbered(0..10), 4, &mut rng);
        buffer.push(&numbered(100..108), 4, &mut rng);
        assert_eq!(buffer.len(), 10);
        let new = set(buffer.images()).iter().filter(|&&v| v >= 100).count();
        assert_eq!(new, 4);
    }

    #[test]
    fn overflow_replaces_older_images_only() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(10, 1);
        buffer.push(&numbered(0..8), 4, &mut rng);
        buffer.push(&numbered(100..104), 4, &mut rng);
        let held = set(buffer.images());
        assert!((100..104).all(|v| held.contains(&v)));
        assert_eq!(buffer.len(), 10);
    }

    /// The fault of another: `get` always returns the first half-batch.
    #[test]
    fn draws_reach_every_entry_without_repetition() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(10, 1);
        buffer.push(&numbered(0..10), 4, &mut rng);
        let mut seen = HashSet::new();
        for _ in 0..50 {
            let drawn = set(&buffer.draw(4, &mut rng).unwrap());
            assert_eq!(drawn.len(), 4, "an entry was drawn twice");
            seen.extend(drawn);
        }
        assert_eq!(seen.len(), 10);
    }

    #[test]
    fn every_entry_can_be_replaced() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(10, 1);
        buffer.push(&numbered(0..10), 5, &mut rng);
        for step in 1..20 {
            buffer.push(&numbered(step * 100..step * 100 + 5), 5, &mut rng);
        }
        assert!(set(buffer.images()).iter().all(|&v| v >= 100));
    }

    #[test]
    fn too_few_images_give_none() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(10, 1);
        assert_eq!(buffer.draw(1, &mut rng), None);
        buffer.push(&numbered(0..3), 2, &mut rng);
        assert!(buffer.draw(4, &mut rng).is_none());
        assert!(buffer.draw(3, &mut rng).is_some());
    }

    #[test]
    fn images_keep_their_values() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(4, 3);
        buffer.push(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1, &mut rng);
        let drawn = buffer.draw(1, &mut rng).unwrap();
        assert!(drawn == [1.0, 2.0, 3.0] || drawn == [4.0, 5.0, 6.0]);
    }

    #[test]
    fn state_round_trip() {
        let mut rng = generator(0, Stream::History);
        let mut buffer = HistoryBuffer::new(4, 2);
        buffer.push(&numbered(0..6), 1, &mut rng);
        let restored = HistoryBuffer::from_images(4, 2, buffer.images().to_vec()).unwrap();
        assert_eq!(restored, buffer);
        assert!(HistoryBuffer::from_images(2, 2, numbered(0..6)).is_err());
        assert!(HistoryBuffer::from_images(4, 2, numbered(0..5)).is_err());
    }
}
