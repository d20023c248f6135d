//! The pixels of one object.

use crate::pixel_map::PixelMap;
use simgan_base::Error;

/// Which pixels of an image belong to an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ObjectMask {
    /// Width and height.
    size: [u32; 2],
    /// Row by row.
    pixels: Vec<bool>,
}

impl ObjectMask {
    /// No pixel of an image of `size`, width and height.
    pub(crate) fn empty(size: [u32; 2]) -> Self {
        let [width, height] = size.map(|side| side as usize);
        Self {
            size,
            pixels: vec![false; width * height],
        }
    }

    /// Adds the pixels whose middle lies in a polygon, by the even-odd rule.
    pub(crate) fn fill(&mut self, polygon: &[[f64; 2]]) {
        let width = self.size[0] as usize;
        for (row, pixels) in self.pixels.chunks_mut(width.max(1)).enumerate() {
            for edges in crossings(polygon, row as f64 + 0.5).chunks_exact(2) {
                let first = |edge: f64| (edge - 0.5).ceil().clamp(0.0, width as f64) as usize;
                pixels[first(edges[0])..first(edges[1])].fill(true);
            }
        }
    }

    /// Adds the pixels of another mask of the same size.
    pub(crate) fn add(&mut self, other: &Self) {
        for (pixel, is_other) in self.pixels.iter_mut().zip(&other.pixels) {
            *pixel |= is_other;
        }
    }

    /// Whether each pixel belongs to it, row by row.
    pub(crate) fn into_pixels(self) -> Vec<bool> {
        self.pixels
    }

    /// Sets a pixel by its place among all, column by column.
    pub(crate) fn set_in_columns(&mut self, place: usize) {
        let [width, height] = self.size.map(|side| side as usize);
        self.pixels[place / height + place % height * width] = true;
    }

    /// All pixels, column by column.
    pub(crate) fn in_columns(&self) -> impl Iterator<Item = bool> {
        let [width, height] = self.size.map(|side| side as usize);
        (0..width).flat_map(move |x| (0..height).map(move |y| self.pixels[y * width + x]))
    }

    /// Number of its pixels.
    pub(crate) fn area(&self) -> usize {
        self.pixels.iter().filter(|&&pixel| pixel).count()
    }

    /// The mask where `map` moves its pixels, which are those of an image of the size before.
    pub(crate) fn moved(&self, map: &PixelMap) -> Self {
        let width = self.size[0] as usize;
        Self {
            size: map.behind(),
            pixels: map.nearest(|x, y| self.pixels[y * width + x]),
        }
    }
}

/// The error about an object without outline whose class is held; `what` says of "it" what it has.
pub(crate) fn no_outline(what: &str) -> Error {
    Error::data(format!("it {what}, but its class is held"))
        .with_hint("boxes are held by `hold.boxes`, classes of masks by `hold.masks`")
}

/// Where a row is crossed by the edges of a polygon, from left to right.
fn crossings(polygon: &[[f64; 2]], row: f64) -> Vec<f64> {
    let next = polygon.iter().cycle().skip(1);
    let edges = polygon.iter().zip(next);
    let crossed = edges.filter(|([_, y], [_, next])| (*y <= row) != (*next <= row));
    let place =
        |(a, b): (&[f64; 2], &[f64; 2])| a[0] + (row - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
    let mut places: Vec<f64> = crossed.map(place).collect();
    places.sort_by(f64::total_cmp);
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preprocessing;

    #[test]
    fn a_polygon_covers_the_pixels_whose_middle_it_holds() {
        let mut mask = ObjectMask::empty([6, 3]);
        mask.fill(&[[1.0, 0.4], [4.0, 0.4], [4.0, 2.0], [1.0, 2.0]]);
        let shown = |mask: &ObjectMask| -> Vec<usize> {
            let pixels = mask.pixels.iter().enumerate();
            pixels.filter(|(_, is)| **is).map(|(at, _)| at).collect()
        };
        assert_eq!(shown(&mask), [1, 2, 3, 7, 8, 9]);
        // A triangle that leaves the image, and what is no polygon.
        mask.fill(&[[4.0, 3.0], [9.0, 3.0], [9.0, -2.0]]);
        mask.fill(&[[0.0, 0.0]]);
        mask.fill(&[]);
        assert_eq!(shown(&mask), [1, 2, 3, 7, 8, 9, 11, 16, 17]);
        let mut other = ObjectMask::empty([6, 3]);
        other.fill(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
        other.add(&mask);
        assert_eq!(shown(&other)[..2], [0, 1]);
    }

    #[test]
    fn a_mask_of_twice_the_size_comes_back_to_the_pixel() {
        let mut mask = ObjectMask::empty([4, 3]);
        [0, 4, 5, 11]
            .into_iter()
            .for_each(|place| mask.set_in_columns(place));
        let chain = Preprocessing {
            width: 8,
            height: 6,
            ..Default::default()
        };
        let map = PixelMap::of(&chain, [4, 3]).unwrap();
        let twice = mask.moved(&map);
        assert_eq!((twice.area(), mask.area()), (16, 4));
        assert_eq!(twice.moved(&map.inverse()), mask);
        let mirror = PixelMap::mirrored([4, 3]);
        assert_ne!(mask.moved(&mirror), mask);
        assert_eq!(mask.moved(&mirror).moved(&mirror), mask);
    }
}
