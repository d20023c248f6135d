//! Grey images as real numbers: what the classical judge computes on.

/// A grey image, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Pixels across.
    pub width: usize,
    /// `[height, width]`.
    pub values: Vec<f32>,
}

/// A Gaussian filter; the border is repeated.
#[derive(Clone, Debug)]
pub struct Gaussian {
    /// `2 * reach + 1` weights whose sum is 1.
    weights: Vec<f32>,
}

impl Plane {
    /// The mean over channels of an image of `[channels, height, width]` bytes.
    pub fn grey(pixels: &[u8], [channels, height, width]: [usize; 3]) -> Self {
        let mut values = vec![0.0; height * width];
        for channel in pixels.chunks_exact((height * width).max(1)) {
            for (value, &pixel) in values.iter_mut().zip(channel) {
                *value += f32::from(pixel) / channels as f32;
            }
        }
        Self { width, values }
    }

    /// Pixels down.
    pub fn height(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// The value between pixels, counted so that the middle of the first pixel is (0.5, 0.5); the border is repeated.
    fn at(&self, x: f32, y: f32) -> f32 {
        let across = (x - 0.5).clamp(0.0, (self.width - 1) as f32);
        let down = (y - 0.5).clamp(0.0, (self.height() - 1) as f32);
        let (left, top) = (across as usize, down as usize);
        let (right, below) = (
            (left + 1).min(self.width - 1),
            (top + 1).min(self.height() - 1),
        );
        let row = |y: usize| {
            let [a, b] = [left, right].map(|x| self.values[y * self.width + x]);
            a + (b - a) * across.fract()
        };
        row(top) + (row(below) - row(top)) * down.fract()
    }

    /// This image `width` pixels wide, without aliasing; an image of this width stays as it is.
    pub fn resized(self, width: usize) -> Self {
        if self.width == width {
            return self;
        }
        let scale = self.width as f32 / width as f32;
        let height = ((self.height() as f32 / scale).round() as usize).max(1);
        let smooth = Gaussian::new(0.4 * scale.max(1.0)).blur(&self);
        let pixel = |i: usize| {
            let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
            smooth.at(x * scale, y * scale)
        };
        let values = (0..width * height).map(pixel).collect();
        Self { width, values }
    }
}

impl Gaussian {
    /// A filter of standard deviation `sigma` pixels, above 0, cut off at 2.5 of them.
    pub fn new(sigma: f32) -> Self {
        let reach = (2.5 * sigma).ceil() as i32;
        let weight = |i: i32| (-((i * i) as f32) / (2.0 * sigma * sigma)).exp();
        let sum: f32 = (-reach..=reach).map(weight).sum();
        Self {
            weights: (-reach..=reach).map(|i| weight(i) / sum).collect(),
        }
    }

    /// The blurred image.
    pub fn blur(&self, image: &Plane) -> Plane {
        self.down(&self.across(image))
    }

    fn across(&self, image: &Plane) -> Plane {
        let (width, reach) = (image.width, self.weights.len() / 2);
        let mut values = vec![0.0; image.values.len()];
        let mut padded = vec![0.0; width + 2 * reach];
        for (row, out) in (image.values.chunks_exact(width)).zip(values.chunks_exact_mut(width)) {
            padded[..reach].fill(row[0]);
            padded[reach..reach + width].copy_from_slice(row);
            padded[reach + width..].fill(row[width - 1]);
            for (shift, &weight) in self.weights.iter().enumerate() {
                add(out, &padded[shift..shift + width], weight);
            }
        }
        Plane { width, values }
    }

    fn down(&self, image: &Plane) -> Plane {
        let (width, reach) = (image.width, self.weights.len() / 2);
        let mut values = vec![0.0; image.values.len()];
        for (y, out) in values.chunks_exact_mut(width).enumerate() {
            for (shift, &weight) in self.weights.iter().enumerate() {
                let from = (y + shift).saturating_sub(reach).min(image.height() - 1);
                add(out, &image.values[from * width..][..width], weight);
            }
        }
        Plane { width, values }
    }
}

/// `out += weight * row`.
fn add(out: &mut [f32], row: &[f32], weight: f32) {
    for (value, other) in out.iter_mut().zip(row) {
        *value += weight * other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blur_keeps_constants_and_spreads_a_point() {
        let constant = Plane {
            width: 7,
            values: vec![3.0; 35],
        };
        let blurred = Gaussian::new(1.3).blur(&constant);
        assert!(blurred.values.iter().all(|v| (v - 3.0).abs() < 1e-5));
        let mut point = vec![0.0; 81];
        point[40] = 1.0;
        let spread = Gaussian::new(1.0).blur(&Plane {
            width: 9,
            values: point,
        });
        assert!((spread.values.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!((spread.values[41] / spread.values[40] - (-0.5f32).exp()).abs() < 1e-4);
    }

    #[test]
    fn a_ramp_keeps_its_places_when_resized() {
        let ramp = Plane {
            width: 100,
            values: (0..5000).map(|i| (i % 100) as f32 + 0.5).collect(),
        };
        let small = ramp.resized(50);
        assert_eq!(small.height(), 25);
        // The middle of pixel 20 of 50 lies at 41 of 100.
        assert!((small.values[20] - 41.0).abs() < 1e-3);
    }

    #[test]
    fn channels_are_averaged() {
        let plane = Plane::grey(&[0, 90, 30, 30, 60, 60], [3, 1, 2]);
        assert_eq!(plane.values, [30.0, 60.0]);
    }
}
