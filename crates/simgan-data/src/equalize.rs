//! Whether images have been through histogram equalisation already.

use crate::Dataset;
use simgan_base::imaging::equalize::unevenness;
use simgan_base::metrics::summary::median;

/// Images looked at by [`are_equalized`].
const EXAMPLES: usize = 64;
/// Largest distance of an equalised image's distribution of levels from the even one. Of MPIIGaze's crops it is 0.02
/// (nine in ten below 0.03); of photographs and renders of eyes 0.4 to 0.5 (nine in ten above 0.2).
const EVEN: f64 = 0.08;

/// Whether grey images have been through histogram equalisation: as many pixels of each level, in most of them.
pub fn are_equalized(data: &Dataset) -> bool {
    if data.is_empty() || data.image_shape()[0] != 1 {
        return false;
    }
    let examples = data.spread(EXAMPLES).into_iter();
    let distances: Vec<f64> = examples
        .map(|index| unevenness(&data.pixels(index)))
        .collect();
    median(&distances) < EVEN
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_base::imaging::equalize::equalize;

    #[test]
    fn equalized_images_are_known_and_others_are_not() {
        let images = |equal: bool| {
            let image = |i: usize| -> Vec<u8> {
                let pixels = (0..600).map(|k| (((k * 37 + i) % 97) + 60) as u8).collect();
                if equal { equalize(pixels, 1) } else { pixels }
            };
            let names = (0..5).map(|i| format!("{i}.png")).collect();
            let pixels = (0..5).flat_map(image).collect();
            Dataset::from_memory(names, [1, 20, 30], pixels, None).unwrap()
        };
        assert!(are_equalized(&images(true)));
        assert!(!are_equalized(&images(false)));
    }
}
