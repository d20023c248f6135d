//! The pixels of one object.

use crate::pixel_map::PixelMap;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preprocessing;

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
