//! Colour response: from linear light to encoded values.

use crate::picture::{Picture, srgb};

/// The camera's tone curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Response {
    /// Exponent on the sRGB-encoded value.
    pub gamma: f32,
    /// Strength of the S-curve, -1..=1.
    pub contrast: f32,
    /// Encoded value of black.
    pub black_level: f32,
}

impl Response {
    /// Encodes every value; light beyond black and white is cut off as the sensor and its converter do.
    pub(super) fn encode(self, picture: &mut Picture) {
        for pixel in &mut picture.pixels {
            *pixel = pixel.map(|light| self.value(light));
        }
    }

    /// Encoded value 0..=1 of linear light.
    fn value(self, light: f32) -> f32 {
        let encoded = srgb(light.clamp(0.0, 1.0));
        let v = if self.gamma == 1.0 {
            encoded
        } else {
            encoded.powf(self.gamma)
        };
        let s_curve = v * v * (3.0 - 2.0 * v);
        let contrasted = v + self.contrast * (s_curve - v);
        (self.black_level + (1.0 - self.black_level) * contrasted).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::srgb_byte;

    const PLAIN: Response = Response {
        gamma: 1.0,
        contrast: 0.0,
        black_level: 0.0,
    };

    #[test]
    fn the_plain_response_is_srgb() {
        for i in 0..=1000 {
            let light = i as f32 / 1000.0;
            assert_eq!((PLAIN.value(light) * 255.0).round() as u8, srgb_byte(light));
        }
    }

    #[test]
    fn every_curve_rises_from_black_to_white() {
        for gamma in [0.25, 1.0, 4.0] {
            for contrast in [-1.0, 0.0, 1.0] {
                for black_level in [-0.2, 0.0, 0.3] {
                    let response = Response {
                        gamma,
                        contrast,
                        black_level,
                    };
                    let curve: Vec<f32> = (0..=500)
                        .map(|i| response.value(i as f32 / 500.0))
                        .collect();
                    assert!(curve.is_sorted_by(|a, b| *b >= a - 1e-6));
                    assert!((curve[0] - black_level.max(0.0)).abs() < 1e-6);
                    assert!((curve[500] - 1.0).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn gamma_darkens_and_contrast_spreads() {
        let value = |gamma, contrast| {
            Response {
                gamma,
                contrast,
                ..PLAIN
            }
            .value(0.1)
        };
        assert!(value(1.2, 0.0) < value(1.0, 0.0));
        assert!(value(1.0, 0.5) < value(1.0, 0.0));
    }
}
