//! The ellipse that fits points of an outline.
//!
//! The conic `a x^2 + b x y + c y^2 + d x + e y = 1` is fitted by linear least squares after the points' mean has been
//! moved to the origin and their root mean square distance from it scaled to 1. An outline goes round its mean, so
//! that the conic does not pass through the origin and may be written with 1 on the right.

/// An ellipse in the image; lengths in the units of the points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipse {
    /// The centre.
    pub centre: [f64; 2],
    /// The longer semi-axis.
    pub major: f64,
    /// The shorter semi-axis.
    pub minor: f64,
    /// Angle of the longer axis in radians, above -pi/2 and at most pi/2, from the x axis towards the y axis
    /// (clockwise as seen, where y points down). 0 for a circle.
    pub angle: f64,
}

impl Ellipse {
    /// The ellipse that fits `points`, in any order; `None` for fewer than 5, and where they lie on no ellipse
    /// round their mean (on a line, say).
    pub fn fit(points: &[[f32; 2]]) -> Option<Self> {
        if points.len() < 5 {
            return None;
        }
        let points: Vec<[f64; 2]> = points.iter().map(|p| p.map(f64::from)).collect();
        let (mean, scale) = frame(&points);
        if !(scale.is_finite() && scale > 0.0) {
            return None;
        }
        let mut normal = [[0.0; 6]; 5];
        for point in &points {
            let [x, y] = [0, 1].map(|axis| (point[axis] - mean[axis]) / scale);
            let row = [x * x, x * y, y * y, x, y, 1.0];
            for (i, line) in normal.iter_mut().enumerate() {
                (0..6).for_each(|j| line[j] += row[i] * row[j] / points.len() as f64);
            }
        }
        let unit = Self::of_conic(solve(normal)?)?;
        Some(Self {
            centre: [0, 1].map(|axis| mean[axis] + scale * unit.centre[axis]),
            major: scale * unit.major,
            minor: scale * unit.minor,
            angle: unit.angle,
        })
    }

    /// From `a x^2 + b x y + c y^2 + d x + e y = 1`; `None` for parabolas, hyperbolas and empty conics.
    fn of_conic([a, b, c, d, e]: [f64; 5]) -> Option<Self> {
        let determinant = 4.0 * a * c - b * b;
        let centre = [
            (b * e - 2.0 * c * d) / determinant,
            (b * d - 2.0 * a * e) / determinant,
        ];
        // About its centre the conic is a x^2 + b x y + c y^2 = level; its matrix has the eigenvalues low and high.
        let level = 1.0 - (d * centre[0] + e * centre[1]) / 2.0;
        let (middle, half) = ((a + c) / 2.0, ((a - c) / 2.0).hypot(b / 2.0));
        let (low, high) = (middle - half, middle + half);
        // All of them positive: an ellipse that goes round the origin.
        let is_ellipse = determinant > 0.0 && low > 0.0 && level > 0.0;
        let [major, minor] = [low, high].map(|eigenvalue| (level / eigenvalue).sqrt());
        // Points are `f32`: what is rounder than they can tell has no direction.
        let round = half <= 1e-5 * middle.abs();
        // The longer axis is the eigenvector of `low`.
        let angle = if round {
            0.0
        } else {
            (0.0 - b).atan2(c - a) / 2.0
        };
        (is_ellipse && major.is_finite() && minor.is_finite()).then_some(Self {
            centre,
            major,
            minor,
            angle,
        })
    }
}

/// Mean of the points and their root mean square distance from it.
fn frame(points: &[[f64; 2]]) -> ([f64; 2], f64) {
    let count = points.len() as f64;
    let mean = [0, 1].map(|axis| points.iter().map(|p| p[axis]).sum::<f64>() / count);
    let square = |p: &[f64; 2]| (p[0] - mean[0]).powi(2) + (p[1] - mean[1]).powi(2);
    (
        mean,
        (points.iter().map(square).sum::<f64>() / count).sqrt(),
    )
}

/// Solves five linear equations (the last column is the right-hand side) by elimination with row pivots;
/// `None` where they do not determine a solution.
fn solve(mut rows: [[f64; 6]; 5]) -> Option<[f64; 5]> {
    for pivot in 0..5 {
        let largest = (pivot..5).max_by(|&i, &j| {
            let size = |row: usize| rows[row][pivot].abs();
            size(i).total_cmp(&size(j))
        })?;
        rows.swap(pivot, largest);
        // Not `<=`: where points are not numbers, pivots are none either.
        let is_determined = rows[pivot][pivot].abs() > 1e-12;
        if !is_determined {
            return None;
        }
        let above = rows[pivot];
        for (_, row) in rows.iter_mut().enumerate().filter(|&(i, _)| i != pivot) {
            let factor = row[pivot] / above[pivot];
            (pivot..6).for_each(|column| row[column] -= factor * above[column]);
        }
    }
    Some(std::array::from_fn(|i| rows[i][5] / rows[i][i]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::{FRAC_PI_2, PI, TAU};

    /// 32 points of an ellipse, not evenly spaced.
    fn outline(ellipse: Ellipse) -> Vec<[f32; 2]> {
        let (sin, cos) = ellipse.angle.sin_cos();
        let point = |i: usize| {
            let turn = TAU * i as f64 / 32.0;
            let turn = turn + 0.3 * turn.sin();
            let (u, v) = (ellipse.major * turn.cos(), ellipse.minor * turn.sin());
            [
                (ellipse.centre[0] + u * cos - v * sin) as f32,
                (ellipse.centre[1] + u * sin + v * cos) as f32,
            ]
        };
        (0..32).map(point).collect()
    }

    proptest! {
        #[test]
        fn any_ellipse_is_found(
            centre in prop::array::uniform2(-500.0..500.0f64),
            major in 0.5..300.0f64,
            ratio in 0.2..0.95f64,
            angle in -1.57..1.57f64,
        ) {
            let ellipse = Ellipse { centre, major, minor: ratio * major, angle };
            let found = Ellipse::fit(&outline(ellipse)).unwrap();
            // The points are rounded to f32.
            let tolerance = 1e-4 * (major + centre[0].abs() + centre[1].abs());
            prop_assert!((found.major - ellipse.major).abs() < tolerance, "{found:?} {ellipse:?}");
            prop_assert!((found.minor - ellipse.minor).abs() < tolerance, "{found:?} {ellipse:?}");
            prop_assert!(found.centre.iter().zip(centre).all(|(a, b)| (a - b).abs() < tolerance));
            let turned = (found.angle - angle).rem_euclid(PI);
            prop_assert!(turned.min(PI - turned) < 10.0 * tolerance / major, "{found:?} {ellipse:?}");
            prop_assert!(found.angle > -FRAC_PI_2 - 1e-12 && found.angle <= FRAC_PI_2);
        }

        #[test]
        fn any_points_fit_or_do_not(points in prop::collection::vec(prop::array::uniform2(-1e3..1e3f32), 0..12)) {
            if let Some(found) = Ellipse::fit(&points) {
                prop_assert!(found.major >= found.minor && found.minor > 0.0, "{found:?}");
            }
        }
    }

    #[test]
    fn a_circle_has_no_direction() {
        let circle = Ellipse {
            centre: [27.5, 17.5],
            major: 7.0,
            minor: 7.0,
            angle: 0.0,
        };
        let found = Ellipse::fit(&outline(circle)).unwrap();
        assert!((found.major - 7.0).abs() < 1e-4 && (found.minor - 7.0).abs() < 1e-4);
        assert_eq!(found.angle, 0.0);
    }

    #[test]
    fn lines_and_single_points_are_no_ellipses() {
        let line: Vec<[f32; 2]> = (0..9).map(|i| [i as f32, 2.0 * i as f32]).collect();
        assert_eq!(Ellipse::fit(&line), None);
        assert_eq!(Ellipse::fit(&[[3.0, 4.0]; 9]), None);
        assert_eq!(Ellipse::fit(&line[..4]), None);
        assert_eq!(Ellipse::fit(&[[f32::NAN, 0.0]; 9]), None);
    }
}
