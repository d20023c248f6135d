//! Pictures and measures that the tests of several stages share.

use crate::picture::Picture;

/// A black picture with one pixel of light 1 in the middle.
pub(super) fn point(width: usize, height: usize) -> Picture {
    let mut picture = Picture::new(width, height);
    picture.pixels[height / 2 * width + width / 2] = [1.0; 3];
    picture
}

/// A disc of one light on another, with smooth edges.
pub(super) fn disc(
    width: usize,
    height: usize,
    centre: [f32; 2],
    radius: f32,
    inside: f32,
    outside: f32,
) -> Picture {
    let mut picture = Picture::new(width, height);
    for (i, pixel) in picture.pixels.iter_mut().enumerate() {
        let [dx, dy] = [
            (i % width) as f32 + 0.5 - centre[0],
            (i / width) as f32 + 0.5 - centre[1],
        ];
        let covered = (radius + 0.5 - dx.hypot(dy)).clamp(0.0, 1.0);
        *pixel = [outside + covered * (inside - outside); 3];
    }
    picture
}

/// Mean of the green channel.
pub(super) fn mean(picture: &Picture) -> f32 {
    picture.pixels.iter().map(|p| p[1]).sum::<f32>() / picture.pixels.len() as f32
}

/// Centroid of the difference from the first pixel's green, in pixels from the upper left corner.
pub(super) fn centroid(picture: &Picture) -> [f32; 2] {
    let background = picture.pixels[0][1];
    let (mut sums, mut total) = ([0.0f64; 2], 0.0);
    for (i, pixel) in picture.pixels.iter().enumerate() {
        let weight = f64::from(pixel[1] - background);
        sums[0] += weight * ((i % picture.width) as f64 + 0.5);
        sums[1] += weight * ((i / picture.width) as f64 + 0.5);
        total += weight;
    }
    sums.map(|sum| (sum / total) as f32)
}
