//! What is known of a simulated eye. Pixels are counted from the image's upper left corner, so that the
//! middle of the first pixel is at (0.5, 0.5).

/// A point of the image in pixels (x to the right, y down).
pub type Point = [f32; 2];

/// The truth about one image. Angles in radians in the camera frame (x right, y down, z forward):
/// a gaze of pitch p and yaw y is the direction (-cos p sin y, -sin p, -cos p cos y).
#[derive(Clone, Debug, PartialEq)]
pub struct EyeLabels {
    /// Gaze pitch and yaw.
    pub gaze: [f32; 2],
    /// Head pitch, yaw and roll: pitch and yaw of the direction the face looks, by the same formula as the gaze's;
    /// roll is clockwise in the image.
    pub head: [f32; 3],
    /// Centre of the iris' outline (the limbus).
    pub iris_centre: Point,
    /// Centre of the pupil as it is seen through the cornea.
    pub pupil_centre: Point,
    /// The iris' outline, whether lids cover it or not.
    pub iris_outline: [Point; 32],
    /// The pupil's outline as seen through the cornea, whether lids cover it or not.
    pub pupil_outline: [Point; 32],
    /// Corner beside the nose.
    pub inner_corner: Point,
    /// Corner beside the temple.
    pub outer_corner: Point,
    /// Edge of the lids: 0 is the inner corner, then along the lower lid to 8, the outer corner,
    /// and back along the upper lid.
    pub interior_margin: [Point; 16],
    /// Outline of the caruncle, the flesh in the inner corner.
    pub caruncle: [Point; 7],
    /// Diameter of the pupil over that of the iris.
    pub pupil_size: f32,
    /// Diameter of the iris in millimetres.
    pub iris_size: f32,
    /// Which person, 0..persons.
    pub person: u32,
}

impl EyeLabels {
    /// Labels of the mirror image, `width` pixels wide. Outlines run the other way round.
    #[must_use]
    pub fn mirrored(&self, width: f32) -> Self {
        let flip = |[x, y]: Point| [width - x, y];
        Self {
            gaze: [self.gaze[0], -self.gaze[1]],
            head: [self.head[0], -self.head[1], -self.head[2]],
            iris_centre: flip(self.iris_centre),
            pupil_centre: flip(self.pupil_centre),
            iris_outline: self.iris_outline.map(flip),
            pupil_outline: self.pupil_outline.map(flip),
            inner_corner: flip(self.inner_corner),
            outer_corner: flip(self.outer_corner),
            interior_margin: self.interior_margin.map(flip),
            caruncle: self.caruncle.map(flip),
            ..*self
        }
    }
}
