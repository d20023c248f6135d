//! The part of a depth camera's frame that shows a cube round a hand.

use image::{ImageBuffer, Luma};

/// Depths in millimetres, 0 where nothing was measured.
pub(crate) type Depths = ImageBuffer<Luma<u16>, Vec<u16>>;

/// A cube before a pinhole camera, and the square image of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DepthCube {
    /// Middle: column and row in the frame, where the middle of the first pixel is (0.5, 0.5), and millimetres.
    pub(crate) centre: [f64; 3],
    /// Focal lengths across and down, pixels of the frame.
    pub(crate) focal: [f64; 2],
    /// Edge in millimetres.
    pub(crate) edge: f64,
    /// Width and height of the image.
    pub(crate) side: u32,
}

impl DepthCube {
    /// Columns and rows of the frame that its middle slice covers.
    fn extent(&self) -> [f64; 2] {
        self.focal.map(|focal| focal * self.edge / self.centre[2])
    }

    /// Where a place in the frame lies in the image.
    pub(crate) fn place(&self, place: [f64; 2]) -> [f64; 2] {
        let extent = self.extent();
        [0, 1].map(|axis| {
            let start = self.centre[axis] - extent[axis] / 2.0;
            (place[axis] - start) / extent[axis] * f64::from(self.side)
        })
    }

    /// Depths within the cube, 0 elsewhere and where `is_shown` says no of a pixel of the frame. Each pixel takes the nearest
    /// one: between depths there is nothing.
    pub(crate) fn cut(&self, frame: &Depths, is_shown: impl Fn(u32, u32) -> bool) -> Depths {
        let extent = self.extent();
        let source = |at: u32, axis: usize, frame: u32| {
            let start = self.centre[axis] - extent[axis] / 2.0;
            let place = start + (f64::from(at) + 0.5) * extent[axis] / f64::from(self.side);
            (0.0..f64::from(frame))
                .contains(&place)
                .then_some(place as u32)
        };
        let within = |depth: f64| (depth - self.centre[2]).abs() <= self.edge / 2.0;
        let depth = |x: u32, y: u32| {
            let x = source(x, 0, frame.width())?;
            let y = source(y, 1, frame.height())?;
            let depth = frame.get_pixel(x, y).0[0];
            (within(f64::from(depth)) && is_shown(x, y)).then_some(depth)
        };
        Depths::from_fn(self.side, self.side, |x, y| {
            Luma([depth(x, y).unwrap_or(0)])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cube_is_cut_out_and_places_follow() {
        // At 1 m, 100 mm are 10 pixels of the frame; the image has two for each of them.
        let cube = DepthCube {
            centre: [20.0, 10.0, 1000.0],
            focal: [100.0, 100.0],
            edge: 100.0,
            side: 20,
        };
        let depth = |x: u32, y: u32| match (x, y) {
            (15, 5) => 960,
            (16, 5) => 1051,
            (17, 5) => 0,
            _ => 1000,
        };
        let frame = Depths::from_fn(40, 12, |x, y| Luma([depth(x, y)]));
        let cut = cube.cut(&frame, |x, _| x != 18);
        let row: Vec<u16> = (0..10).map(|x| cut.get_pixel(x, 0).0[0]).collect();
        assert_eq!(row, [960, 960, 0, 0, 0, 0, 0, 0, 1000, 1000]);
        // Below the frame there is nothing.
        assert_eq!(cut.get_pixel(10, 13).0[0], 1000);
        assert_eq!(cut.get_pixel(10, 14).0[0], 0);
        assert_eq!(cube.place([20.0, 10.0]), [10.0, 10.0]);
        assert_eq!(cube.place([15.5, 5.0]), [1.0, 0.0]);
    }
}
