//! Where the pixels of an image go: one map, by which points, boxes, outlines and masks move alike.

use image::metadata::Orientation;

use crate::Preprocessing;
use simgan_base::Result;

/// The map from places in one image to places in another, which is a part of it, resized, turned or mirrored.
///
/// Places are in pixels from the upper left corner, x right and y down; the middle of the first pixel is (0.5, 0.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelMap {
    /// `x' = rows[0] * (x, y, 1)`, `y' = rows[1] * (x, y, 1)`; one of the first two factors of a row is 0.
    rows: [[f64; 3]; 2],
    /// Width and height before.
    before: [u32; 2],
    /// Width and height behind.
    behind: [u32; 2],
}

impl PixelMap {
    /// The map that moves nothing in an image of `size`, width and height.
    pub fn identity(size: [u32; 2]) -> Self {
        Self {
            rows: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            before: size,
            behind: size,
        }
    }

    /// The map of the crop, framing and resizing of `preprocessing` on an image of `size`, width and height.
    ///
    /// # Errors
    /// Those of [`Preprocessing::kept_part`].
    pub fn of(preprocessing: &Preprocessing, size: [u32; 2]) -> Result<Self> {
        let part = preprocessing.kept_part(size)?;
        let behind = [preprocessing.width, preprocessing.height].map(|side| side as u32);
        let [x, y] = [0, 1].map(|axis| {
            let scale = f64::from(behind[axis]) / part.size[axis];
            [scale, 0.0 - part.start[axis] * scale]
        });
        Ok(Self {
            rows: [[x[0], 0.0, x[1]], [0.0, y[0], y[1]]],
            before: size,
            behind,
        })
    }

    /// Left and right of an image of `size` change places.
    pub fn mirrored(size: [u32; 2]) -> Self {
        Self {
            rows: [[-1.0, 0.0, f64::from(size[0])], [0.0, 1.0, 0.0]],
            ..Self::identity(size)
        }
    }

    /// From an image of `size`, as its sensor saw it, to the upright one.
    pub fn upright(orientation: Orientation, size: [u32; 2]) -> Self {
        let [width, height] = size.map(f64::from);
        let (x, left) = ([1.0, 0.0, 0.0], [-1.0, 0.0, width]);
        let (y, up) = ([0.0, 1.0, 0.0], [0.0, -1.0, height]);
        let rows = match orientation {
            Orientation::NoTransforms => [x, y],
            Orientation::FlipHorizontal => [left, y],
            Orientation::FlipVertical => [x, up],
            Orientation::Rotate180 => [left, up],
            Orientation::Rotate90 => [up, x],
            Orientation::Rotate270 => [y, left],
            Orientation::Rotate90FlipH => [y, x],
            Orientation::Rotate270FlipH => [up, left],
        };
        let behind = crate::orientation::upright((size[0], size[1]), orientation);
        Self {
            rows,
            before: size,
            behind: behind.into(),
        }
    }

    /// This map and then `next`.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        let [a, b] = self.rows;
        let rows = next.rows.map(|[x, y, shift]| {
            let sum: [f64; 3] = std::array::from_fn(|i| x * a[i] + y * b[i]);
            [sum[0], sum[1], sum[2] + shift]
        });
        Self {
            rows,
            before: self.before,
            behind: next.behind,
        }
    }

    /// The way back.
    #[must_use]
    pub fn inverse(self) -> Self {
        let [[a, b, c], [d, e, f]] = self.rows;
        let determinant = self.determinant();
        let linear = [[e, -b], [-d, a]].map(|row| row.map(|value| value / determinant));
        let rows = linear.map(|[x, y]| [x, y, 0.0 - (x * c + y * f)]);
        Self {
            rows,
            before: self.behind,
            behind: self.before,
        }
    }

    /// Whether every place stays what it is.
    pub fn is_identity(&self) -> bool {
        *self == Self::identity(self.before)
    }

    /// Whether places in fractions of width and height stay what they are, as where an image is resized alone.
    pub fn keeps_fractions(&self) -> bool {
        let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
        let stays = |place: [f64; 2]| {
            let moved = self.fraction(place);
            (0..2).all(|axis| (moved[axis] - place[axis]).abs() < 1e-9)
        };
        corners.into_iter().all(stays)
    }

    /// Width and height before.
    pub fn before(&self) -> [u32; 2] {
        self.before
    }

    /// Width and height behind.
    pub fn behind(&self) -> [u32; 2] {
        self.behind
    }

    /// Where a place in pixels goes.
    pub fn point(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.rows.map(|[a, b, shift]| a * x + b * y + shift)
    }

    /// Where a place in fractions of width and height goes.
    pub fn fraction(&self, place: [f64; 2]) -> [f64; 2] {
        let pixels = std::array::from_fn(|axis| place[axis] * f64::from(self.before[axis]));
        let moved = self.point(pixels);
        std::array::from_fn(|axis| moved[axis] / f64::from(self.behind[axis]))
    }

    /// Where a box of pixels goes: left, top, width and height.
    pub fn rectangle(&self, [left, top, width, height]: [f64; 4]) -> [f64; 4] {
        let [x, y] = self.point([left, top]);
        let [width, height] = self.rows.map(|[a, b, _]| a * width + b * height);
        // Turned and mirrored boxes run the other way.
        [
            x + width.min(0.0),
            y + height.min(0.0),
            width.abs(),
            height.abs(),
        ]
    }

    /// How much larger an area becomes.
    pub fn area_scale(&self) -> f64 {
        self.determinant().abs()
    }

    /// Whether a left hand becomes a right one.
    pub fn is_mirrored(&self) -> bool {
        self.determinant() < 0.0
    }

    fn determinant(&self) -> f64 {
        let [[a, b, _], [d, e, _]] = self.rows;
        // One of the two products is 0: the image keeps or changes its axes.
        a * e - b * d
    }

    /// The values of an image's pixels, row by row, as the nearest of those before; `read` gives one at column and row.
    /// Beyond the edge the outermost ones are repeated, as preprocessing repeats pixels.
    pub(crate) fn nearest<T>(&self, read: impl Fn(usize, usize) -> T) -> Vec<T> {
        let back = self.inverse();
        let [width, height] = self.behind;
        let within = |value: f64, side: u32| value.floor().clamp(0.0, f64::from(side) - 1.0);
        let mut values = Vec::with_capacity(width as usize * height as usize);
        for row in 0..height {
            for column in 0..width {
                let [x, y] = back.point([column, row].map(|at| f64::from(at) + 0.5));
                let [x, y] = [within(x, self.before[0]), within(y, self.before[1])];
                values.push(read(x as usize, y as usize));
            }
        }
        values
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::preprocessing::{Crop, CropKind, CropUnit};
    use image::{DynamicImage, GrayImage, Luma};
    use proptest::prelude::*;

    const ORIENTATIONS: [Orientation; 8] = [
        Orientation::NoTransforms,
        Orientation::FlipHorizontal,
        Orientation::FlipVertical,
        Orientation::Rotate90,
        Orientation::Rotate180,
        Orientation::Rotate270,
        Orientation::Rotate90FlipH,
        Orientation::Rotate270FlipH,
    ];

    /// Any chain of crop, framing and size that leaves a part of an image of 64x48, turned and mirrored or not.
    pub(crate) fn maps() -> impl Strategy<Value = PixelMap> {
        let crop = (0u32..20, 0u32..16, 8u32..44, 8u32..32);
        let framing = (0.5f64..2.0, -0.3f64..0.3, -0.3f64..0.3);
        (
            crop,
            framing,
            4usize..90,
            4usize..90,
            0usize..8,
            any::<bool>(),
        )
            .prop_map(
                |((left, top, width, height), (zoom, x, y), wide, high, turn, mirror)| {
                    let orientation = ORIENTATIONS[turn];
                    let size = crate::orientation::upright((64, 48), orientation);
                    let turned = PixelMap::upright(orientation, size.into());
                    let chain = Preprocessing {
                        width: wide,
                        height: high,
                        crop: Crop {
                            kind: CropKind::Box,
                            unit: CropUnit::Pixels,
                            left: left.into(),
                            top: top.into(),
                            width: width.into(),
                            height: height.into(),
                        },
                        ..Default::default()
                    }
                    .framed(crate::Framing { zoom, x, y });
                    let map = turned.then(PixelMap::of(&chain, [64, 48]).unwrap());
                    match mirror {
                        true => map.then(PixelMap::mirrored(map.behind())),
                        false => map,
                    }
                },
            )
    }

    #[test]
    fn every_orientation_is_that_of_the_decoder() {
        let image = GrayImage::from_fn(5, 3, |x, y| Luma([(x + 5 * y) as u8]));
        for orientation in ORIENTATIONS {
            let map = PixelMap::upright(orientation, [5, 3]);
            let values = map.nearest(|x, y| image.get_pixel(x as u32, y as u32).0[0]);
            let mut turned = DynamicImage::from(image.clone());
            turned.apply_orientation(orientation);
            assert_eq!(map.behind(), [turned.width(), turned.height()]);
            assert_eq!(values, turned.into_luma8().into_raw(), "{orientation:?}");
        }
    }

    #[test]
    fn a_mirrored_pixel_is_where_the_mirrored_image_has_it() {
        let map = PixelMap::mirrored([4, 1]);
        assert_eq!(map.nearest(|x, _| x), [3, 2, 1, 0]);
        assert_eq!(map.point([0.5, 0.5]), [3.5, 0.5]);
        assert_eq!(map.rectangle([0.0, 0.0, 1.0, 1.0]), [3.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn resizing_alone_keeps_fractions_and_no_change_keeps_all() {
        let chain = |width, height| Preprocessing {
            width,
            height,
            ..Default::default()
        };
        let half = PixelMap::of(&chain(32, 24), [64, 48]).unwrap();
        assert!(half.keeps_fractions() && !half.is_identity());
        assert_eq!(
            half.rectangle([8.0, 4.0, 20.0, 10.0]),
            [4.0, 2.0, 10.0, 5.0]
        );
        assert!((half.area_scale() - 0.25).abs() < 1e-12);
        assert!(
            PixelMap::of(&chain(64, 48), [64, 48])
                .unwrap()
                .is_identity()
        );
        assert!(!PixelMap::mirrored([64, 48]).keeps_fractions());
    }

    proptest! {
        #[test]
        fn there_and_back_is_where_one_was(map in maps(), x in -10.0f64..70.0, y in -10.0f64..70.0) {
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            let back = map.inverse();
            let [u, v] = back.point(map.point([x, y]));
            prop_assert!(near(u, x) && near(v, y));
            let box_ = [x, y, 7.0, 3.5];
            let there = back.rectangle(map.rectangle(box_));
            prop_assert!((0..4).all(|i| near(there[i], box_[i])), "{there:?}");
            let [u, v] = back.fraction(map.fraction([x / 64.0, y / 48.0]));
            prop_assert!(near(u, x / 64.0) && near(v, y / 48.0));
            prop_assert!(near(map.area_scale() * back.area_scale(), 1.0));
        }

        #[test]
        fn a_box_is_round_its_moved_corners(map in maps(), x in 0.0f64..60.0, y in 0.0f64..40.0) {
            let [left, top, width, height] = map.rectangle([x, y, 6.0, 4.0]);
            for corner in [[x, y], [x + 6.0, y], [x, y + 4.0], [x + 6.0, y + 4.0]] {
                let [u, v] = map.point(corner);
                prop_assert!(u > left - 1e-9 && u < left + width + 1e-9);
                prop_assert!(v > top - 1e-9 && v < top + height + 1e-9);
            }
        }
    }
}
