//! Exposure and white balance: factors on light.

use crate::picture::{Colour, Picture};

/// Darkest mean luminance that the automatic exposure still raises to its target.
const DARKEST: f32 = 1e-4;

/// Factor that the automatic exposure puts on light of a mean luminance: `metering` (0..=1) of the way, in stops, to
/// `target`, and `error` stops too much.
pub(super) fn exposure(mean: f32, metering: f32, target: f32, error: f32) -> f32 {
    (target / mean.max(DARKEST)).powf(metering) * error.exp2()
}

/// Mean luminance of a picture, 0 for one without pixels.
pub(super) fn mean_luminance(picture: &Picture) -> f32 {
    let sum: f64 = picture
        .pixels
        .iter()
        .map(|&colour| f64::from(luminance(colour)))
        .sum();
    (sum / picture.pixels.len().max(1) as f64) as f32
}

/// Luminance (Rec. 709) of linear light, or luma of encoded values.
pub(super) fn luminance(colour: Colour) -> f32 {
    0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]
}

/// Multiplies red, green and blue light by `factors`.
pub(super) fn amplify(picture: &mut Picture, factors: [f32; 3]) {
    if factors == [1.0; 3] {
        return;
    }
    for pixel in &mut picture.pixels {
        (0..3).for_each(|channel| pixel[channel] *= factors[channel]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metering_goes_its_share_of_the_way_in_stops() {
        assert_eq!(exposure(0.02, 0.0, 0.18, 0.0), 1.0);
        assert!((exposure(0.02, 1.0, 0.18, 0.0) - 9.0).abs() < 1e-4);
        assert!((exposure(0.02, 0.5, 0.18, 1.0) - 6.0).abs() < 1e-4);
        assert!(exposure(0.0, 1.0, 0.18, 0.0).is_finite());
    }

    #[test]
    fn a_cast_tints_grey() {
        let mut picture = Picture {
            width: 1,
            height: 1,
            pixels: vec![[0.5; 3]],
        };
        amplify(&mut picture, [1.2, 1.0, 0.8]);
        assert_eq!(picture.pixels[0], [0.6, 0.5, 0.4]);
        assert!((mean_luminance(&picture) - 0.514).abs() < 1e-3);
    }
}
