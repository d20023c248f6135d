//! Depths before they become whole millimetres.

/// Depths of a picture in millimetres, row by row; infinite where nothing is, or nothing was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Depths {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `height` rows of `width` depths.
    pub values: Vec<f32>,
}

impl Depths {
    /// The depth of a pixel.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    /// Swaps left and right.
    pub fn flip(&mut self) {
        self.values
            .chunks_exact_mut(self.width)
            .for_each(<[f32]>::reverse);
    }
}
