//! What is known of a drawn sign. Pixels are counted from the image's upper left corner, so that
//! the middle of the first pixel is at (0.5, 0.5).
//!
//! | columns | meaning |
//! |---|---|
//! | `class` | number of the class, see [`CLASSES`](super::CLASSES) |
//! | `sign_x, sign_y` | middle of the smallest upright box round the sign, in pixels |
//! | `sign_width` | width of this box in pixels |

/// Names of the columns.
pub(super) const COLUMNS: [&str; 4] = ["class", "sign_x", "sign_y", "sign_width"];

/// The truth about one image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignLabels {
    /// Number of the class, see [`CLASSES`](super::CLASSES).
    pub class: u32,
    /// Middle of the smallest upright box round the sign, in pixels: x to the right, y down.
    pub centre: [f32; 2],
    /// Width and height of this box in pixels.
    pub size: [f32; 2],
}

impl SignLabels {
    /// Of the sign of a class whose outline has these points, in pixels.
    pub(super) fn new(class: u32, outline: impl Iterator<Item = [f32; 2]>) -> Self {
        let start = [[f32::INFINITY; 2], [f32::NEG_INFINITY; 2]];
        let [low, high] = outline.fold(start, |[low, high], point| {
            [
                [low[0].min(point[0]), low[1].min(point[1])],
                [high[0].max(point[0]), high[1].max(point[1])],
            ]
        });
        Self {
            class,
            centre: [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0),
            size: [0, 1].map(|axis| high[axis] - low[axis]),
        }
    }

    /// One cell a column.
    pub(super) fn cells(&self) -> Vec<String> {
        let pixels = [self.centre[0], self.centre[1], self.size[0]];
        std::iter::once(self.class.to_string())
            .chain(pixels.map(|value| format!("{value:.3}")))
            .collect()
    }
}
