//! Moving and scaling a plane of pixels by fractions of a pixel.

/// Where each pixel along one axis comes from: two neighbours and the share of the second.
struct Axis(Vec<(usize, usize, f32)>);

impl Axis {
    /// The content of `length` pixels enlarged `scale` times about the middle, then moved by `shift` pixels.
    /// Beyond the border its last pixel is repeated.
    fn new(length: usize, scale: f32, shift: f32) -> Self {
        let last = length - 1;
        let middle = last as f32 / 2.0;
        Self(
            (0..length)
                .map(|place| {
                    let source = (place as f32 - middle - shift) / scale + middle;
                    let source = source.clamp(0.0, last as f32);
                    let low = source.floor();
                    let first = low as usize;
                    (first, (first + 1).min(last), source - low)
                })
                .collect(),
        )
    }
}

/// A plane of rows of `width`, its content enlarged `scale` times about its middle and moved right and down by
/// `shift` pixels, interpolated linearly.
pub fn resample(plane: &mut [f32], width: usize, scale: f32, shift: [f32; 2]) {
    let height = plane.len() / width;
    let columns = Axis::new(width, scale, shift[0]);
    let rows = Axis::new(height, scale, shift[1]);
    let source = plane.to_vec();
    for (row, &(upper, lower, down)) in plane.chunks_exact_mut(width).zip(&rows.0) {
        let (upper, lower) = (&source[upper * width..], &source[lower * width..]);
        for (value, &(left, right, across)) in row.iter_mut().zip(&columns.0) {
            let between = |line: &[f32]| line[left] + across * (line[right] - line[left]);
            *value = between(upper) + down * (between(lower) - between(upper));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_moves_right_and_down_and_borders_are_repeated() {
        let mut plane: Vec<f32> = (0..12).map(|i| i as f32).collect();
        resample(&mut plane, 4, 1.0, [1.0, 1.0]);
        assert_eq!(
            plane,
            [0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0, 2.0, 4.0, 4.0, 5.0, 6.0]
        );
    }

    #[test]
    fn a_linear_ramp_is_interpolated_exactly() {
        let ramp = |x: f32, y: f32| 0.3 * x - 0.2 * y;
        let mut plane: Vec<f32> = (0..9 * 11)
            .map(|i| ramp((i % 11) as f32, (i / 11) as f32))
            .collect();
        resample(&mut plane, 11, 1.25, [0.4, -0.7]);
        for (y, x) in [(4, 5), (2, 3), (5, 7)] {
            let expected = ramp(
                (x as f32 - 5.0 - 0.4) / 1.25 + 5.0,
                (y as f32 - 4.0 + 0.7) / 1.25 + 4.0,
            );
            assert!((plane[y * 11 + x] - expected).abs() < 1e-5);
        }
    }

    #[test]
    fn nothing_changes_at_rest() {
        let before: Vec<f32> = (0..35).map(|i| (i * i % 7) as f32).collect();
        let mut plane = before.clone();
        resample(&mut plane, 7, 1.0, [0.0, 0.0]);
        assert_eq!(plane, before);
    }
}
