//! Vignetting: less light away from the optical axis.

use crate::picture::Picture;

/// Darkens the picture with the squared distance from the optical `axis` (in picture sizes from its upper left
/// corner), down to the share `1 - loss` at the corner furthest from it.
pub(super) fn vignette(picture: &mut Picture, loss: f32, axis: [f32; 2]) {
    if loss <= 0.0 {
        return;
    }
    let (width, height) = (picture.width as f32, picture.height as f32);
    let [axis_x, axis_y] = [axis[0] * width, axis[1] * height];
    let furthest_x = axis_x.abs().max((width - axis_x).abs());
    let furthest_y = axis_y.abs().max((height - axis_y).abs());
    let scale = loss / (furthest_x.powi(2) + furthest_y.powi(2));
    for (y, row) in picture
        .pixels
        .chunks_exact_mut(picture.width.max(1))
        .enumerate()
    {
        let dy = y as f32 + 0.5 - axis_y;
        for (x, pixel) in row.iter_mut().enumerate() {
            let dx = x as f32 + 0.5 - axis_x;
            let kept = 1.0 - scale * (dx * dx + dy * dy);
            *pixel = pixel.map(|light| light * kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_falls_from_the_axis_to_the_furthest_corner_by_the_loss() {
        let mut picture = Picture {
            width: 200,
            height: 100,
            pixels: vec![[1.0; 3]; 20_000],
        };
        vignette(&mut picture, 0.4, [0.0, 0.0]);
        assert!((picture.pixels[0][0] - 1.0).abs() < 0.01);
        assert!((picture.pixels[19_999][0] - 0.6).abs() < 0.01);
        assert!(picture.pixels[..200].is_sorted_by(|a, b| a[0] >= b[0]));
    }
}
