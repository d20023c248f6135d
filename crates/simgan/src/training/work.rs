//! How much work the parts of a training are beside each other, by the multiply-adds of their networks, so that one
//! time left can be told over all of them.

use crate::keypoints::KeypointNetwork;
use crate::keypoints::fit::BATCH;
use crate::nets::graph::Graph;
use crate::training::Config;
use crate::training::event_log::Phase;
use crate::training::progress::{Preparation, Progress, Stage};

/// Passes through a network that a step with gradients is worth: forward, and backward to inputs and to weights.
const WITH_GRADIENTS: f64 = 3.0;

/// One part of a training.
#[derive(Clone, Copy, Debug)]
struct Part {
    stage: Stage,
    steps: usize,
    /// Multiply-adds of a step.
    cost: f64,
}

/// The parts of a training in their order.
#[derive(Clone, Debug)]
pub(super) struct Work(Vec<Part>);

impl Work {
    /// Of `config` on images `[channels, height, width]`.
    pub(super) fn of(config: &Config, image_shape: [usize; 3]) -> Self {
        let training = &config.training;
        let images = training.batch_size as f64;
        let refiner = images * config.refiner.graph(image_shape).multiply_adds() as f64;
        let discriminator = images * config.discriminator.graph(image_shape).multiply_adds() as f64;
        let warm_up = WITH_GRADIENTS * refiner;
        // D sees as many real images as refined ones, which R makes without gradients.
        let update = refiner + 2.0 * WITH_GRADIENTS * discriminator;
        // R's gradient flows through D.
        let against = warm_up + WITH_GRADIENTS * discriminator;
        let iteration = training.k_g as f64 * against + training.k_d as f64 * update;
        let phase = |phase, steps, cost| Part {
            stage: Stage::Phase(phase),
            steps,
            cost,
        };
        let mut parts = preparations(config, image_shape);
        parts.extend([
            phase(Phase::RefinerWarmup, training.refiner_warmup, warm_up),
            phase(
                Phase::DiscriminatorWarmup,
                training.discriminator_warmup,
                update,
            ),
            phase(Phase::Adversarial, training.steps, iteration),
        ]);
        Self(parts)
    }

    /// Progress of `stage`, with what comes after it.
    pub(super) fn progress(&self, stage: Stage, done: usize, total: usize) -> Progress {
        Progress {
            stage,
            done,
            total,
            ahead: self.ahead(stage),
        }
    }

    /// All parts, counted in iterations of Algorithm 1.
    pub(super) fn in_iterations(&self) -> f64 {
        let cost: f64 = self
            .0
            .iter()
            .map(|part| part.steps as f64 * part.cost)
            .sum();
        let iteration = self.0.last().map_or(1.0, |part| part.cost);
        cost / iteration.max(1.0)
    }

    /// The parts after `stage`, counted in its steps.
    fn ahead(&self, stage: Stage) -> usize {
        let Some(place) = self.0.iter().position(|part| part.stage == stage) else {
            return 0;
        };
        let later = self.0[place + 1..].iter();
        let cost: f64 = later.map(|part| part.steps as f64 * part.cost).sum();
        (cost / self.0[place].cost.max(1.0)).round() as usize
    }
}

/// What learns before the first phase.
fn preparations(config: &Config, image_shape: [usize; 3]) -> Vec<Part> {
    let part = |preparation, steps, images: usize, graph: Graph| Part {
        stage: Stage::Preparation(preparation),
        steps,
        cost: WITH_GRADIENTS * images as f64 * graph.multiply_adds() as f64,
    };
    let points = config.keypoints.points.len();
    let points = (points > 0).then(|| {
        let graph = KeypointNetwork::graph(image_shape, points);
        let steps = config.keypoints.steps;
        part(Preparation::Keypoints, steps, BATCH, graph)
    });
    let estimator = config.needs_estimator().then(|| {
        let graph = estimator_graph(config, image_shape);
        let estimator = &config.estimator;
        let (steps, images) = (estimator.steps, estimator.batch_size);
        part(Preparation::Estimator, steps, images, graph)
    });
    points.into_iter().chain(estimator).collect()
}

/// The network of the estimator that `config` describes.
pub(super) fn estimator_graph(config: &Config, image_shape: [usize; 3]) -> Graph {
    let estimator = &config.estimator;
    estimator
        .network(&*estimator.target().task(), image_shape)
        .graph()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let mut config = Config::default();
        config.training.refiner_warmup = 100;
        config.training.discriminator_warmup = 20;
        config.training.steps = 1000;
        config
    }

    #[test]
    fn nothing_is_ahead_of_the_last_part() {
        let work = Work::of(&config(), [1, 35, 55]);
        let progress = work.progress(Stage::Phase(Phase::Adversarial), 3, 1000);
        assert_eq!(
            (progress.done, progress.total, progress.ahead),
            (3, 1000, 0)
        );
    }

    #[test]
    fn later_parts_are_counted_in_steps_of_this_one() {
        let mut config = config();
        let shape = [1, 35, 55];
        let ahead = |config: &Config, phase| Work::of(config, shape).ahead(Stage::Phase(phase));
        let before = ahead(&config, Phase::DiscriminatorWarmup);
        assert!(
            before > config.training.steps,
            "an iteration holds more than an update of D"
        );
        config.training.k_d *= 2;
        assert!(ahead(&config, Phase::DiscriminatorWarmup) > before);
        config.training.steps = 0;
        assert_eq!(ahead(&config, Phase::DiscriminatorWarmup), 0);
        assert!(ahead(&config, Phase::RefinerWarmup) > 0);
    }

    #[test]
    fn preparations_have_everything_ahead() {
        let mut config = config();
        config.keypoints.points = vec!["iris".to_owned()];
        let work = Work::of(&config, [1, 35, 55]);
        assert!(work.ahead(Stage::Preparation(Preparation::Keypoints)) > 0);
        // Of a part that this training does not have, nothing is known.
        assert_eq!(work.ahead(Stage::Preparation(Preparation::Estimator)), 0);
    }
}
