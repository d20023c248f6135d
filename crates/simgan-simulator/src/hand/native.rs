//! A hand on the pixels of a camera's frame, before it is brought to the size of the image.

use crate::depths::Depths;
use crate::hand::config::{DepthOrigin, HandConfig};
use crate::hand::parameters::HandParameters;
use crate::hand::scene::Scene;
use crate::hand::view::View;

/// Pixels of the frame beside the cube that are rendered as well: shadows fall from there, and windows
/// look there.
const MARGIN: usize = 16;

/// Depths of a hand on whole pixels of the camera's frame, and which of them the pixels of the image are.
#[derive(Clone, Debug)]
pub(crate) struct NativeHand {
    /// Depths on the frame's pixels, of a left hand mirrored.
    pub(crate) depths: Depths,
    /// The view of the image.
    view: View,
    origin: DepthOrigin,
    /// Column of every column of the image, and row of every row.
    places: [Vec<usize>; 2],
}

impl NativeHand {
    pub(crate) fn new(config: &HandConfig, parameters: &HandParameters) -> Self {
        let scene = Scene::new(config, parameters);
        let (view, frame) = (scene.view, scene.view.of_frame(MARGIN));
        let mut places = [0, 1].map(|axis| {
            let pixels = 0..view.size[axis];
            pixels
                .map(|pixel| frame.pixel_of(&view, axis, pixel))
                .collect::<Vec<_>>()
        });
        if parameters.left {
            let last = frame.size[0] - 1;
            places[0].reverse();
            places[0]
                .iter_mut()
                .for_each(|column| *column = last - *column);
        }
        Self {
            depths: scene.depths(&frame),
            view,
            origin: config.depth_from,
            places,
        }
    }

    /// Column and row on the frame's pixels of a pixel of the image.
    pub(crate) fn native(&self, [x, y]: [usize; 2]) -> [usize; 2] {
        [self.places[0][x], self.places[1][y]]
    }

    /// A depth as it is stored, see [`HandConfig::depth_from`]; 0 beyond the cube.
    pub(crate) fn millimetres(&self, depth: f32) -> u16 {
        self.view.millimetres(depth, self.origin)
    }
}
