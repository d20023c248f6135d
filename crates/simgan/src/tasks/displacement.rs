//! How augmentation moves the content of an image, so that labels can follow.

/// How the content of an image was moved: enlarged `scale` times about its middle, then moved right and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Displacement {
    /// Factor of enlargement.
    pub scale: f32,
    /// Right and down, in pixels.
    pub shift: [f32; 2],
}

impl Displacement {
    /// None.
    pub const NONE: Self = Self {
        scale: 1.0,
        shift: [0.0; 2],
    };

    /// Where the point `[x, y]` (pixels from the upper left corner) of an image of `[width, height]` is then.
    pub fn of_point(&self, point: [f32; 2], size: [usize; 2]) -> [f32; 2] {
        [0, 1].map(|axis| {
            let middle = size[axis] as f32 / 2.0;
            middle + self.scale * (point[axis] - middle) + self.shift[axis]
        })
    }
}
