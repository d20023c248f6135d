//! A straight line from grey levels to grey levels, which changes light and contrast and moves nothing.

use simgan_base::metrics::summary::weighted_moments;

/// Largest slope: more would make noise of a flat patch its content.
pub const LARGEST_SLOPE: f64 = 4.0;

/// `slope * grey + offset`; the slope is never below 0, so that dark stays darker than light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GreyMap {
    slope: f32,
    offset: f32,
}

impl GreyMap {
    /// The map that gives `from` the mean and the standard deviation of `to`, pixels weighted.
    ///
    /// All slices have one value a pixel; weights are 0 or above. Without any weight above 0 all becomes 0.
    pub fn between(from: &[f32], to: &[f32], weights: &[f32]) -> Self {
        if weights.iter().all(|weight| *weight == 0.0) {
            return Self {
                slope: 0.0,
                offset: 0.0,
            };
        }
        let [[mean_from, sd_from], [mean_to, sd_to]] =
            [from, to].map(|grey| moments(grey, weights));
        let slope = (sd_to / sd_from.max(f64::MIN_POSITIVE)).min(LARGEST_SLOPE);
        Self {
            slope: slope as f32,
            offset: (mean_to - slope * mean_from) as f32,
        }
    }

    /// The grey level that takes the place of another.
    pub fn of(self, grey: f32) -> f32 {
        self.slope * grey + self.offset
    }
}

fn moments(grey: &[f32], weights: &[f32]) -> [f64; 2] {
    let pixels = grey.iter().zip(weights);
    weighted_moments(pixels.map(|(grey, weight)| (f64::from(*grey), f64::from(*weight))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: [f32; 5] = [-0.8, -0.2, 0.1, 0.4, 0.9];

    #[test]
    fn a_straight_line_is_found_whatever_the_weights() {
        for weights in [[1.0; 5], [0.1, 0.9, 0.0, 0.5, 1.0]] {
            let map = GreyMap::between(&GREY, &GREY.map(|grey| 0.5 * grey - 0.2), &weights);
            assert!((map.slope - 0.5).abs() < 1e-6 && (map.offset + 0.2).abs() < 1e-6);
        }
    }

    #[test]
    fn mean_and_standard_deviation_become_those_of_the_other_side() {
        let to = [-0.3, -0.6, 0.2, 0.1, 0.8];
        let weights = [0.2, 1.0, 0.4, 0.7, 0.1];
        let map = GreyMap::between(&GREY, &to, &weights);
        let [[mean, sd], [mean_to, sd_to]] =
            [GREY.map(|grey| map.of(grey)), to].map(|grey| moments(&grey, &weights));
        assert!((mean - mean_to).abs() < 1e-6 && (sd * sd - sd_to * sd_to).abs() < 1e-6);
    }

    #[test]
    fn dark_never_becomes_light() {
        let turned = GreyMap::between(&GREY, &GREY.map(|grey| -grey), &[1.0; 5]);
        assert!(turned.slope > 0.0);
    }

    #[test]
    fn flat_patches_take_the_mean_and_their_noise_stays_small() {
        let flat = GreyMap::between(&[0.3; 5], &GREY, &[1.0; 5]);
        assert!((flat.of(0.3) - 0.08).abs() < 1e-6, "{flat:?}");
        let noise = [0.3, 0.304, 0.3, 0.3, 0.3];
        assert_eq!(GreyMap::between(&noise, &GREY, &[1.0; 5]).slope, 4.0);
        let nowhere = GreyMap::between(&GREY, &GREY, &[0.0; 5]);
        assert_eq!(nowhere.of(0.5), 0.0);
    }
}
