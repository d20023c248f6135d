//! What one picture draws.

use rand::Rng;

use super::config::DepthCameraConfig;
use crate::depths::Depths;
use crate::range::uniform;

/// Values of one picture, see [`DepthCameraConfig`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Shot {
    /// Disparity times depth: focal length in pixels times baseline in millimetres.
    product: f32,
    pub(super) focal: f32,
    pub(super) lateral_noise: f32,
    pub(super) disparity_noise: f32,
    pub(super) disparity_step: f32,
    pub(super) dots: f32,
    pub(super) window: f32,
    pub(super) same_surface: f32,
    pub(super) spread: f32,
    pub(super) lost_dots: f32,
    pub(super) grazing: f32,
}

impl Shot {
    pub(super) fn draw(config: &DepthCameraConfig, focal: f32, rng: &mut impl Rng) -> Self {
        let mut from = |range| uniform(rng, range);
        Self {
            product: focal * from(config.baseline),
            focal,
            lateral_noise: from(config.lateral_noise),
            disparity_noise: from(config.disparity_noise),
            disparity_step: from(config.disparity_step),
            dots: from(config.dots),
            window: from(config.window),
            same_surface: from(config.same_surface),
            spread: from(config.spread),
            lost_dots: from(config.lost_dots),
            grazing: from(config.grazing),
        }
    }

    /// Depths from disparities, or disparities from depths: each is the other's inverse. Nothing, at an
    /// infinite depth, has no disparity.
    pub(super) fn converted(&self, values: &Depths) -> Depths {
        Depths {
            values: values.values.iter().map(|&v| self.product / v).collect(),
            ..*values
        }
    }

    /// The depth that belongs to a disparity.
    pub(super) fn depth(&self, disparity: f32) -> f32 {
        self.product / disparity
    }
}
