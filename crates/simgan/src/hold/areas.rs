//! Areas in which not everything may change.

use crate::keypoints::GreyMap;
use simgan_data::{Allowed, HeldArea};

/// Brings a refined image to what its areas allow. Where areas overlap, the later one counts.
///
/// `synthetic` and `refined` are one image `[channels, height, width]`, values in [-1, 1], row by row.
pub(super) fn hold(
    areas: &[HeldArea],
    [_, height, width]: [usize; 3],
    synthetic: &[f32],
    refined: &mut [f32],
) {
    let plane = height * width;
    for (synthetic, refined) in synthetic.chunks(plane).zip(refined.chunks_mut(plane)) {
        let free = refined.to_vec();
        for area in areas {
            hold_channel(area, synthetic, &free, refined);
        }
    }
}

/// One area of one channel; `free` is what the refiner made of it.
fn hold_channel(area: &HeldArea, synthetic: &[f32], free: &[f32], refined: &mut [f32]) {
    let light = || {
        let weights: Vec<f32> = area
            .pixels
            .iter()
            .map(|&is| f32::from(u8::from(is)))
            .collect();
        GreyMap::between(synthetic, free, &weights)
    };
    let light = (area.allowed == Allowed::Light).then(light);
    for (pixel, _) in area
        .pixels
        .iter()
        .enumerate()
        .filter(|(_, is_held)| **is_held)
    {
        refined[pixel] = match (area.allowed, light) {
            (Allowed::Light, Some(map)) => map.of(synthetic[pixel]).clamp(-1.0, 1.0),
            (Allowed::Nothing, _) => synthetic[pixel],
            _ => free[pixel],
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(allowed: Allowed, held: [usize; 3]) -> HeldArea {
        HeldArea {
            allowed,
            pixels: (0..6).map(|pixel| held.contains(&pixel)).collect(),
        }
    }

    #[test]
    fn nothing_keeps_pixels_and_light_keeps_shapes() {
        let synthetic = [-0.5, 0.0, 0.5, 0.1, 0.2, 0.3, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4];
        let free = [
            0.2, 0.4, 0.3, -0.1, -0.2, -0.3, -0.9, -0.8, -0.7, -0.6, -0.5, -0.4,
        ];
        let mut refined = free;
        let areas = [
            area(Allowed::Light, [0, 1, 2]),
            area(Allowed::Nothing, [2, 3, 3]),
        ];
        hold(&areas, [2, 2, 3], &synthetic, &mut refined);
        // Light: the mean and the spread of what the refiner made, in the order of what was there.
        assert!(refined[0] < refined[1]);
        assert!((f64::from(refined[1]) - 0.3).abs() < 1e-6);
        // Nothing: what was there, also where both areas are.
        assert_eq!(refined[2..4], synthetic[2..4]);
        assert_eq!(refined[4..6], free[4..6]);
        // Every channel for itself.
        assert_eq!(refined[8..10], synthetic[8..10]);
        assert_eq!(refined[10..], free[10..]);
    }

    #[test]
    fn where_all_may_change_all_has_changed() {
        let free = [0.3; 6];
        let mut refined = free;
        hold(
            &[area(Allowed::All, [0, 1, 2])],
            [1, 2, 3],
            &[0.0; 6],
            &mut refined,
        );
        assert_eq!(refined, free);
    }
}
