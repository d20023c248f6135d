//! What a training takes, measured on a few of its iterations before it begins.

use std::time::{Duration, Instant};

use burn::tensor::Device;
use serde::Serialize;
use simgan_kernels::ops::are_used_on;

use crate::feature_transform::Kind;
use crate::keypoints::Places;
use crate::parallel::Member;
use crate::training::memory::{self, Memory};
use crate::training::work::Work;
use crate::training::{Config, setup};
use simgan_base::Result;
use simgan_base::formats::shape::Shape;
use simgan_base::sampler::Position;
use simgan_data::Dataset;

/// Iterations are timed until so much time is over, and at most so many.
const ENOUGH: Duration = Duration::from_secs(3);
const ITERATIONS: usize = 8;

/// What a training takes. Time is measured, memory computed from the shapes of layers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Seconds of an iteration of Algorithm 1.
    pub iteration_seconds: f64,
    /// Iterations that were timed.
    pub timed: usize,
    /// Seconds of the whole training: warm-ups and networks that learn first are counted by their multiply-adds. Without
    /// the time for pictures and checkpoints.
    pub seconds: f64,
    /// Bytes of memory at the peak; `None` on other devices than the CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<f64>,
    /// Bytes that the system would give; `None` where it does not say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_bytes: Option<u64>,
}

impl Cost {
    /// Shape of the JSON that it becomes.
    pub const SHAPE: Shape = Shape::new("training-cost", 1);
}

/// Measures what a training of `config` would take, on networks that are thrown away. Nothing is written.
///
/// # Errors
/// Those of [`train_until`](super::train_until) before its first step and in it.
pub fn cost(config: &Config, synthetic: &Dataset, real: &Dataset, device: &Device) -> Result<Cost> {
    config.validate()?;
    setup::check_sides(config, synthetic, real)?;
    let member = Member::alone(device);
    setup::check_machine(config, synthetic.image_shape(), &member)?;
    let image_shape = synthetic.image_shape();
    let (iteration_seconds, timed) = timed_iterations(config, synthetic, real, &member)?;
    let memory = || Memory::of(config, image_shape).bytes(config.training.batch_size);
    Ok(Cost {
        iteration_seconds,
        timed,
        seconds: iteration_seconds * Work::of(config, image_shape).in_iterations(),
        memory_bytes: are_used_on(device).then(memory),
        available_bytes: memory::available(),
    })
}

/// Mean seconds of an iteration, and how many were timed. The first one, which takes memory from the system, is not.
fn timed_iterations(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    member: &Member,
) -> Result<(f64, usize)> {
    let points = Places::of(synthetic, &config.keypoints)?.points.len();
    let start = [Position::default(); 2];
    let mut algorithm = setup::algorithm(config, synthetic, real, member, start, points)?;
    if config.psi.kind == Kind::Estimator
        && let Some(estimator) = setup::consistent_estimator(config, synthetic)?
    {
        // One that has learned nothing takes as long.
        let task = estimator.target().task();
        let network = estimator.network(&*task, synthetic.image_shape());
        setup::see_features(&mut algorithm, network.init(0, &member.device)?)?;
    }
    algorithm.start_average();
    algorithm.iteration()?;
    let begun = Instant::now();
    let mut timed = 0;
    while timed == 0 || timed < ITERATIONS && begun.elapsed() < ENOUGH {
        // Its losses come to this side, so that what a device was given is done.
        algorithm.iteration()?;
        timed += 1;
    }
    Ok((begun.elapsed().as_secs_f64() / timed as f64, timed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Dataset {
        let names = (0..4).map(|i| format!("{i}.png")).collect();
        let pixels = (0..4 * 96).map(|i| (i * 7 % 256) as u8).collect();
        Dataset::from_memory(names, [1, 8, 12], pixels, None).unwrap()
    }

    fn config(steps: usize) -> Config {
        let mut config = Config::default();
        (config.preprocessing.width, config.preprocessing.height) = (12, 8);
        (config.refiner.feature_maps, config.refiner.blocks) = (4, 1);
        config.training.batch_size = 2;
        config.training.refiner_warmup = 0;
        config.training.discriminator_warmup = 0;
        config.training.steps = steps;
        config
    }

    #[test]
    fn time_grows_with_the_steps_and_warm_ups_count() {
        let (data, device) = (data(), Device::flex());
        let of = |config: &Config| cost(config, &data, &data, &device).unwrap();
        let short = of(&config(10));
        assert!(short.timed >= 1 && short.iteration_seconds > 0.0);
        assert!((short.seconds / short.iteration_seconds - 10.0).abs() < 1e-9);
        assert!(short.memory_bytes.unwrap() > 1e6);
        let mut longer = config(10);
        longer.training.discriminator_warmup = 100;
        let longer = of(&longer);
        assert!(longer.seconds / longer.iteration_seconds > 10.5);
    }

    #[test]
    fn sides_that_cannot_be_trained_on_are_refused() {
        let other = Dataset::from_memory(vec!["0.png".into()], [1, 2, 3], vec![0; 6], None);
        let error = cost(&config(1), &data(), &other.unwrap(), &Device::flex()).unwrap_err();
        assert!(
            error.to_string().contains("synthetic images are"),
            "{error}"
        );
    }
}
