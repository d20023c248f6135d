//! The whole training of a run: warm-ups, Algorithm 1, and what is written on the way.

use std::time::{Instant, SystemTime};

use burn::module::Module;
use burn::tensor::Device;

use crate::algorithm_1::Algorithm1;
use crate::datasets::Dataset;
use crate::history_buffer::HistoryBuffer;
use crate::image_tensor;
use crate::random::{Stream, generator};
use crate::sampler::Position;
use crate::stabilizers::Stabilizers;
use crate::training::batches::Batches;
use crate::training::event_log::{Event, Phase, ScalarMeans, Scalars};
use crate::training::monitor::Monitor;
use crate::training::optimizer::Optimizer;
use crate::training::run_log::RunLog;
use crate::training::watch::Watch;
use crate::training::{Config, RunDir, RunManifest, SideManifest, checkpoint, image_grid};
use crate::{Error, Result};

/// Examples in an image grid.
const GRID_ROWS: usize = 8;

/// How far the training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Current phase.
    pub phase: Phase,
    /// Steps of this phase that are done.
    pub done: usize,
    /// Steps of this phase in all.
    pub total: usize,
}

/// Called after every step with the event that it logged, if any.
pub type Observer<'a> = dyn FnMut(Option<&Event>, Progress) + 'a;

/// Result of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Iterations of Algorithm 1 in the run.
    pub steps: usize,
    /// Seconds that this process took.
    pub seconds: f64,
    /// Means of the last logged interval.
    pub last: Scalars,
}

/// Trains the run to its configured end, from its newest checkpoint if there is one.
///
/// # Errors
/// Sides of different image shapes, data that changed since the run began, a loss or gradient that is
/// not finite (the last checkpoint stays), or a file that cannot be written.
pub fn train(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    run: &RunDir,
    device: &Device,
    observer: &mut Observer,
) -> Result<Summary> {
    config.validate()?;
    check_sides(synthetic, real)?;
    let start = run.checkpoints()?.pop();
    let trainer = match &start {
        None => Trainer::new(
            config,
            synthetic,
            real,
            run,
            device,
            [Position::default(); 2],
        )?,
        Some((_, path)) => {
            let state = checkpoint::load_state(path)?;
            check_data(run, synthetic, real)?;
            let mut trainer = Trainer::new(config, synthetic, real, run, device, state.positions)?;
            trainer.algorithm.start_average();
            trainer.algorithm = checkpoint::restore(trainer.algorithm, path, &config.history)?;
            trainer
        }
    };
    trainer.run(start.map(|(step, _)| step), observer)
}

/// `Flex(Cpu)` for the default device.
fn device_name(device: &Device) -> String {
    let text = format!("{:?}", device.clone().inner());
    let inner = text
        .strip_prefix("Device<")
        .and_then(|t| t.strip_suffix('>'));
    inner.unwrap_or(&text).to_owned()
}

fn check_sides(synthetic: &Dataset, real: &Dataset) -> Result<()> {
    let (a, b) = (synthetic.image_shape(), real.image_shape());
    if a != b {
        return Err(Error::data(format!(
            "synthetic images are {a:?}, real ones {b:?} (channels, height, width)"
        ))
        .with_hint("both sides go through the same [preprocessing]"));
    }
    Ok(())
}

fn check_data(run: &RunDir, synthetic: &Dataset, real: &Dataset) -> Result<()> {
    let manifest = run.manifest()?;
    for (side, then, now) in [
        ("synthetic", manifest.synthetic, synthetic),
        ("real", manifest.real, real),
    ] {
        if then.fingerprint != now.fingerprint() {
            return Err(Error::data(format!(
                "the {side} images differ from those the run began with ({})",
                then.source
            ))
            .with_hint("resume with the same data, or start a new run"));
        }
    }
    Ok(())
}

struct Trainer<'a> {
    config: &'a Config,
    run: &'a RunDir,
    algorithm: Algorithm1,
    log: RunLog,
    begun: Instant,
    last: Scalars,
    watch: Watch,
    monitor: Monitor,
}

impl<'a> Trainer<'a> {
    fn new(
        config: &'a Config,
        synthetic: &Dataset,
        real: &Dataset,
        run: &'a RunDir,
        device: &Device,
        positions: [Position; 2],
    ) -> Result<Self> {
        let algorithm = algorithm(config, synthetic, real, device, positions)?;
        Ok(Self {
            config,
            run,
            algorithm,
            log: RunLog::open(run)?,
            begun: Instant::now(),
            last: Scalars::default(),
            watch: Watch::default(),
            monitor: Monitor::new(synthetic)?,
        })
    }

    fn run(mut self, resumed: Option<usize>, observer: &mut Observer) -> Result<Summary> {
        self.start(resumed)?;
        let training = &self.config.training;
        if resumed.is_none() {
            let (r, d) = (training.refiner_warmup, training.discriminator_warmup);
            self.phase(Phase::RefinerWarmup, 0, r, observer)?;
            self.phase(Phase::DiscriminatorWarmup, 0, d, observer)?;
            self.algorithm.start_average();
            self.write_images(0)?;
            self.write_checkpoint(0)?;
        }
        let done = resumed.unwrap_or(0);
        self.phase(Phase::Adversarial, done, training.steps, observer)?;
        let seconds = self.begun.elapsed().as_secs_f64();
        if done < training.steps {
            self.log.write(&Event::Finished {
                step: training.steps,
                seconds,
            })?;
        }
        Ok(Summary {
            steps: training.steps.max(done),
            seconds,
            last: self.last,
        })
    }

    fn start(&mut self, resumed: Option<usize>) -> Result<()> {
        let batches = &self.algorithm.batches;
        let (synthetic, real) = (batches.synthetic_images(), batches.real_images());
        let parameters = [
            self.algorithm.refiner.num_params(),
            self.algorithm.discriminator.num_params(),
        ];
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let device = device_name(&self.algorithm.device);
        let started = Event::Started {
            version: version.clone(),
            images: [synthetic.len(), real.len()],
            parameters,
            device: device.clone(),
        };
        self.log.forget_after(self.run, resumed)?;
        if resumed.is_none() {
            self.run.write_manifest(&RunManifest {
                version,
                created_unix: SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .map_or(0, |since| since.as_secs()),
                synthetic: SideManifest::of(synthetic),
                real: SideManifest::of(real),
                device,
                refiner_parameters: parameters[0],
                discriminator_parameters: parameters[1],
            })?;
        }
        self.log.write(&started)
    }

    /// Steps `done + 1 ..= total` of one phase.
    fn phase(
        &mut self,
        phase: Phase,
        done: usize,
        total: usize,
        observer: &mut Observer,
    ) -> Result<()> {
        let log_every = self.config.training.log_every;
        let mut means = ScalarMeans::default();
        for step in done + 1..=total {
            let scalars = self
                .step(phase, step - 1, total)
                .map_err(|e| e.at(&format!("{phase} step {step}")))?;
            means.add(&scalars);
            let mut event = None;
            if step.is_multiple_of(log_every) || step == total {
                self.last = means.take();
                let logged = Event::Step {
                    phase,
                    step,
                    seconds: self.begun.elapsed().as_secs_f64(),
                    scalars: self.last.clone(),
                };
                self.log.write(&logged)?;
                event = Some(logged);
            }
            let progress = Progress {
                phase,
                done: step,
                total,
            };
            observer(event.as_ref(), progress);
            if phase == Phase::Adversarial {
                if event.is_some() {
                    self.warn(progress, observer)?;
                }
                self.after_iteration(progress, observer)?;
            }
        }
        Ok(())
    }

    /// Logs what the watch finds in the last logged interval.
    fn warn(&mut self, progress: Progress, observer: &mut Observer) -> Result<()> {
        for message in self.watch.look(&self.last) {
            self.say(message.to_owned(), progress, observer)?;
        }
        Ok(())
    }

    fn say(&mut self, message: String, progress: Progress, observer: &mut Observer) -> Result<()> {
        let step = progress.done;
        let warning = Event::Warning { step, message };
        self.log.write(&warning)?;
        observer(Some(&warning), progress);
        Ok(())
    }

    /// Looks at a few refined images and warns of what is wrong with them.
    fn look(&mut self, progress: Progress, observer: &mut Observer) -> Result<()> {
        let device = self.algorithm.device.clone().inner();
        let look = self.monitor.look(&self.algorithm.best_refiner(), &device)?;
        self.log.look(progress.done, &look)?;
        for message in look.warnings {
            self.say(message, progress, observer)?;
        }
        Ok(())
    }

    fn step(&mut self, phase: Phase, done: usize, total: usize) -> Result<Scalars> {
        let mut scalars = Scalars::default();
        match phase {
            Phase::RefinerWarmup => self.algorithm.update_refiner(false, &mut scalars)?,
            Phase::DiscriminatorWarmup => self.algorithm.update_discriminator(&mut scalars)?,
            Phase::Adversarial => {
                let factor = self.config.schedule.factor_at(done, total);
                let training = &self.config.training;
                let constants = &mut self.algorithm.constants;
                constants.learning_rate_refiner = training.learning_rate_refiner * factor;
                constants.learning_rate_discriminator =
                    training.learning_rate_discriminator * factor;
                let stabilizers = &mut self.algorithm.stabilizers;
                stabilizers.perturbation.noise.fade(done, total);
                scalars = self.algorithm.iteration()?;
            }
        }
        Ok(scalars)
    }

    fn after_iteration(&mut self, progress: Progress, observer: &mut Observer) -> Result<()> {
        let (step, total) = (progress.done, progress.total);
        let due = |every: usize| step == total || (every > 0 && step.is_multiple_of(every));
        if due(self.config.training.images_every) {
            self.write_images(step)?;
            self.look(progress, observer)?;
        }
        if due(self.config.training.checkpoint_every) {
            self.write_checkpoint(step)?;
        }
        Ok(())
    }

    fn write_checkpoint(&mut self, step: usize) -> Result<()> {
        let path = checkpoint::save(self.run, &self.algorithm, step)?;
        checkpoint::prune(self.run, self.config.training.checkpoints_kept)?;
        self.log.checkpoint(self.run, step, &path)
    }

    /// A grid of the same examples every time.
    fn write_images(&mut self, step: usize) -> Result<()> {
        let batches = &self.algorithm.batches;
        let examples = |images: &Dataset| images.batch(&images.spread(GRID_ROWS));
        let synthetic = examples(batches.synthetic_images());
        let real = examples(batches.real_images());
        let shape = batches.image_shape();
        let device = self.algorithm.device.clone().inner();
        let images = image_tensor::from_values(synthetic.clone(), shape, &device);
        let refined = image_tensor::to_values(self.algorithm.best_refiner().forward(images));
        let grid = image_grid::grid(&[&synthetic, &refined, &real], shape);
        self.log.images(self.run, step, &grid)
    }
}

fn algorithm(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    device: &Device,
    positions: [Position; 2],
) -> Result<Algorithm1> {
    let training = &config.training;
    let seed = training.seed;
    let device = device.clone().autodiff();
    let shape = synthetic.image_shape();
    let mut refiner_rng = generator(seed, Stream::RefinerWeights);
    let mut discriminator_rng = generator(seed, Stream::DiscriminatorWeights);
    let refiner = config.refiner.init(shape[0], &mut refiner_rng, &device);
    let discriminator = config
        .discriminator
        .init(shape, &mut discriminator_rng, &device);
    let image_len = shape.iter().product();
    Ok(Algorithm1 {
        average: None,
        refiner,
        discriminator,
        refiner_optimizer: Optimizer::new(training),
        discriminator_optimizer: Optimizer::new(training),
        history: config
            .history
            .enabled
            .then(|| HistoryBuffer::new(config.history.size, image_len)),
        history_rng: generator(seed, Stream::History),
        batches: Batches::new(
            training.batch_size,
            synthetic.clone(),
            real.clone(),
            seed,
            positions,
        ),
        psi: config.psi.init(shape[0], &device)?,
        stabilizers: Stabilizers::new(training),
        constants: training.constants(),
        device,
    })
}
