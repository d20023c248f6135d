//! Drawing: the sign in front of its background, several points a pixel.

use crate::picture::{Colour, Picture};
use crate::signs::config::SignConfig;
use crate::signs::face::Face;
use crate::signs::labels::SignLabels;
use crate::signs::parameters::SignParameters;
use crate::signs::placement::Placement;

/// Points along each side of a pixel whose mean is its colour.
const SAMPLES: usize = 4;

/// A sign in its place.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    /// Width and height of the image in pixels.
    size: [usize; 2],
    parameters: &'a SignParameters,
    face: Face,
    placement: Placement,
}

impl<'a> Scene<'a> {
    pub(super) fn new(config: &SignConfig, parameters: &'a SignParameters) -> Self {
        Self {
            size: [config.width, config.height],
            parameters,
            face: Face::new(parameters.class.design),
            placement: Placement::new(config, parameters),
        }
    }

    pub(super) fn labels(&self) -> SignLabels {
        let outline = self.face.outline().points();
        SignLabels::new(
            self.parameters.class.number,
            outline.map(|point| self.placement.project(point)),
        )
    }

    /// The picture in linear light.
    pub(super) fn picture(&self) -> Picture {
        let [width, height] = self.size;
        let mut picture = Picture::new(width, height);
        for (place, pixel) in picture.pixels.iter_mut().enumerate() {
            *pixel = self.pixel([place % width, place / width]);
        }
        picture
    }

    /// Mean of evenly spread points of a pixel.
    fn pixel(&self, corner: [usize; 2]) -> Colour {
        let mut sum = [0.0; 3];
        for sample in 0..SAMPLES * SAMPLES {
            let offset = [sample % SAMPLES, sample / SAMPLES]
                .map(|step| (step as f32 + 0.5) / SAMPLES as f32);
            let colour = self.colour([0, 1].map(|axis| corner[axis] as f32 + offset[axis]));
            (0..3).for_each(|channel| sum[channel] += colour[channel]);
        }
        sum.map(|channel| channel / (SAMPLES * SAMPLES) as f32)
    }

    fn colour(&self, pixel: [f32; 2]) -> Colour {
        let point = self.placement.point_at(pixel);
        let painted = point.and_then(|point| Some((point, self.face.paint(point)?)));
        match painted {
            Some((point, paint)) => {
                let share = gradient(self.parameters.light_gradient, point);
                self.parameters.paints[paint as usize].map(|v| v * self.parameters.light * share)
            }
            None => {
                let point = [0, 1].map(|axis| 2.0 * pixel[axis] / self.size[axis] as f32 - 1.0);
                let share = gradient(self.parameters.background_gradient, point);
                self.parameters.background.map(|v| v * share)
            }
        }
    }
}

/// Brightness at a point beside that at (0, 0); the edges are at -1 and 1.
fn gradient(change: [f32; 2], [x, y]: [f32; 2]) -> f32 {
    (1.0 + change[0] * x + change[1] * y).max(0.0)
}
