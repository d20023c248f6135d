//! Ellipses in images that are scaled.

/// Semi-axes and angle `[major, minor, angle]` of an ellipse in an image that is scaled along its axes. The angle is that of
/// the longer axis in radians, from the x axis towards y (down), above -pi/2 and at most pi/2.
pub(super) fn scaled([major, minor, angle]: [f64; 3], [x, y]: [f64; 2]) -> [f64; 3] {
    // The ellipse is the image of the unit circle; its matrix times its transpose has the squared semi-axes as eigenvalues.
    let (sin, cos) = angle.sin_cos();
    let columns = [
        [x * major * cos, y * major * sin],
        [-x * minor * sin, y * minor * cos],
    ];
    let product = |i: usize, j: usize| columns.iter().map(|c| c[i] * c[j]).sum::<f64>();
    let (a, b, c) = (product(0, 0), product(0, 1), product(1, 1));
    let (middle, half) = ((a + c) / 2.0, ((a - c) / 2.0).hypot(b));
    let axis = |square: f64| square.max(0.0).sqrt();
    let round = half <= 1e-9 * middle;
    let angle = if round {
        0.0
    } else {
        (2.0 * b).atan2(a - c) / 2.0
    };
    [axis(middle + half), axis(middle - half), angle]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: [f64; 3], expected: [f64; 3]) {
        let error = (0..3)
            .map(|i| (found[i] - expected[i]).abs())
            .fold(0.0, f64::max);
        assert!(error < 1e-9, "{found:?} is not {expected:?}");
    }

    #[test]
    fn axes_scale_and_may_change_places() {
        near(scaled([4.0, 2.0, 0.3], [0.5, 0.5]), [2.0, 1.0, 0.3]);
        near(
            scaled([4.0, 2.0, 0.0], [0.25, 1.0]),
            [2.0, 1.0, std::f64::consts::FRAC_PI_2],
        );
        near(scaled([3.0, 3.0, 0.0], [1.0, 1.0]), [3.0, 3.0, 0.0]);
    }

    #[test]
    fn a_slanted_outline_is_that_of_its_scaled_points() {
        let (ellipse, scale) = ([5.0, 2.0, 0.7], [0.6, 1.7]);
        let [major, minor, angle] = scaled(ellipse, scale);
        for i in 0..12 {
            let (v, u) = (f64::from(i) / 2.0).sin_cos();
            let (sin, cos) = ellipse[2].sin_cos();
            let [x, y] = [
                scale[0] * (ellipse[0] * u * cos - ellipse[1] * v * sin),
                scale[1] * (ellipse[0] * u * sin + ellipse[1] * v * cos),
            ];
            let (sin, cos) = angle.sin_cos();
            let along = (x * cos + y * sin) / major;
            let across = (y * cos - x * sin) / minor;
            assert!((along.hypot(across) - 1.0).abs() < 1e-9);
        }
    }
}
