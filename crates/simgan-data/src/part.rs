//! Parts of images.

use image::DynamicImage;

/// Part of an image: where it starts and its size, across and down, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Its upper left corner.
    pub start: [f64; 2],
    /// Its size.
    pub size: [f64; 2],
}

impl Part {
    pub(crate) fn whole(size: [f64; 2]) -> Self {
        Self {
            start: [0.0; 2],
            size,
        }
    }

    /// Whether it reaches beyond an image of that size.
    pub(crate) fn leaves(&self, image: [f64; 2]) -> bool {
        (0..2).any(|axis| self.start[axis] < 0.0 || self.end(axis) > image[axis])
    }

    pub(crate) fn end(&self, axis: usize) -> f64 {
        self.start[axis] + self.size[axis]
    }

    /// What of it lies within an image of that size: at least the nearest row and column.
    pub(crate) fn within(&self, image: [f64; 2]) -> Self {
        let start = std::array::from_fn(|axis| self.start[axis].clamp(0.0, image[axis] - 1.0));
        let end = |axis: usize| self.end(axis).clamp(start[axis] + 1.0, image[axis]);
        Self {
            start,
            size: std::array::from_fn(|axis| end(axis) - start[axis]),
        }
    }

    /// Columns and rows of `around` to the left of and above this part of it.
    pub(crate) fn border(&self, around: &Self) -> [usize; 2] {
        std::array::from_fn(|axis| (self.start[axis] - around.start[axis]).max(0.0) as usize)
    }

    pub(crate) fn of(&self, image: &DynamicImage) -> DynamicImage {
        let [left, top, width, height] =
            [self.start[0], self.start[1], self.size[0], self.size[1]].map(|n| n as u32);
        image.crop_imm(left, top, width, height)
    }
}
