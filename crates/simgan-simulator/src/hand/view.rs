//! The part of a depth camera's frame that shows a cube, and rays through its pixels.

use glam::Vec3A;

use crate::hand::config::{DepthOrigin, HandConfig};

/// A pinhole camera at the origin (x right, y down, z forward) and the cube that is cut out of its
/// frame. The image shows the square that the middle slice of the cube covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct View {
    /// Width and height of the image in pixels.
    pub(crate) size: [usize; 2],
    /// Focal lengths and principal point of the frame in its pixels.
    pub(crate) focal: [f32; 2],
    pub(crate) principal: [f32; 2],
    /// Left and upper edge of the image in pixels of the frame, and its width and height.
    pub(crate) corner: [f32; 2],
    pub(crate) extent: [f32; 2],
    /// Least and most depth within the cube in millimetres.
    pub(crate) depths: [f32; 2],
}

impl View {
    /// Of the cube round `centre`.
    pub(super) fn new(config: &HandConfig, centre: Vec3A) -> Self {
        let half = config.cube / 2.0;
        let extent = config.focal.map(|focal| focal * config.cube / centre.z);
        let mut view = Self {
            size: [config.width, config.height],
            focal: config.focal,
            principal: config.principal,
            corner: [0.0; 2],
            extent,
            depths: [centre.z - half, centre.z + half],
        };
        let middle = view.in_frame(centre);
        view.corner = [0, 1].map(|axis| middle[axis] - extent[axis] / 2.0);
        view
    }

    /// Pixels of the camera's frame where a point appears.
    pub(crate) fn in_frame(&self, point: Vec3A) -> [f32; 2] {
        [0, 1].map(|axis| self.principal[axis] + self.focal[axis] * point[axis] / point.z)
    }

    /// Pixels of the image, from its upper left corner, where a point appears.
    pub(crate) fn project(&self, point: Vec3A) -> [f32; 2] {
        [0, 1].map(|axis| self.pixel(axis, point[axis] / point.z))
    }

    /// How far a ray through a place of one axis of the image goes aside for every millimetre forward.
    pub(crate) fn slope(&self, axis: usize, pixel: f32) -> f32 {
        let in_frame = self.corner[axis] + pixel * self.extent[axis] / self.size[axis] as f32;
        (in_frame - self.principal[axis]) / self.focal[axis]
    }

    /// Where on one axis of the image a ray appears that goes so far aside for every millimetre
    /// forward: the inverse of [`slope`](Self::slope).
    pub(crate) fn pixel(&self, axis: usize, slope: f32) -> f32 {
        let in_frame = self.principal[axis] + self.focal[axis] * slope;
        (in_frame - self.corner[axis]) * self.size[axis] as f32 / self.extent[axis]
    }

    /// The view of the same cube, and `margin` pixels round it, on whole pixels of the frame.
    pub(super) fn of_frame(&self, margin: usize) -> Self {
        let margin = margin as f32;
        let corner = self.corner.map(|edge| edge.floor() - margin);
        let size = [0, 1].map(|axis| {
            let end = (self.corner[axis] + self.extent[axis]).ceil() + margin;
            (end - corner[axis]) as usize
        });
        Self {
            size,
            corner,
            extent: size.map(|side| side as f32),
            ..*self
        }
    }

    /// Which pixel of this view shows the middle of a pixel of another one, along one axis.
    pub(super) fn pixel_of(&self, other: &Self, axis: usize, pixel: usize) -> usize {
        let place = self.pixel(axis, other.slope(axis, pixel as f32 + 0.5));
        (place as usize).min(self.size[axis] - 1)
    }

    /// A depth as it is stored: whole millimetres, 0 beyond the cube.
    pub(super) fn millimetres(&self, depth: f32, origin: DepthOrigin) -> u16 {
        if !self.holds(depth) {
            return 0;
        }
        match origin {
            DepthOrigin::Camera => depth.round() as u16,
            DepthOrigin::Cube => (depth - self.depths[0]).round() as u16 + 1,
        }
    }

    /// Whether a depth is within the cube.
    pub(crate) fn holds(&self, depth: f32) -> bool {
        self.depths[0] < depth && depth < self.depths[1]
    }
}
