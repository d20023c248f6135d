//! A picture continued beyond its edges, for kernels that reach over them.

use crate::picture::{Colour, Picture};

/// A picture with `margin` more pixels on every side, which repeat its edge.
pub(super) fn extended(picture: &Picture, margin: usize) -> Picture {
    let (width, height) = (picture.width, picture.height);
    let mut larger = Picture {
        width: width + 2 * margin,
        height: height + 2 * margin,
        pixels: Vec::new(),
    };
    if picture.pixels.is_empty() {
        larger.pixels = vec![Colour::default(); larger.width * larger.height];
        return larger;
    }
    larger.pixels.reserve_exact(larger.width * larger.height);
    for y in 0..larger.height {
        let row = &picture.pixels[y.saturating_sub(margin).min(height - 1) * width..][..width];
        larger.pixels.extend(std::iter::repeat_n(row[0], margin));
        larger.pixels.extend_from_slice(row);
        larger
            .pixels
            .extend(std::iter::repeat_n(row[width - 1], margin));
    }
    larger
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_repeat() {
        let picture = Picture {
            width: 2,
            height: 1,
            pixels: vec![[1.0; 3], [2.0; 3]],
        };
        let larger = extended(&picture, 1);
        let row = [1.0, 1.0, 2.0, 2.0];
        let reds: Vec<f32> = larger.pixels.iter().map(|p| p[0]).collect();
        assert_eq!((larger.width, larger.height), (4, 3));
        assert_eq!(reds, [row, row, row].concat());
    }
}
