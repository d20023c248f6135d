//! The course of a training: warm-ups, Algorithm 1, and what is written on the way.

use std::time::{Instant, SystemTime};

use burn::module::Module;

use crate::algorithm_1::Algorithm1;
use crate::algorithm_1::scalars::{ScalarMeans, Scalars};
use crate::nets::image_tensor;
use crate::training::bookmark::Bookmark;
use crate::training::event_log::{Event, Phase};
use crate::training::monitor::Monitor;
use crate::training::nearness::Nearness;
use crate::training::progress::{Observer, Progress, Stage, Summary};
use crate::training::request::{Request, Requests};
use crate::training::run_log::RunLog;
use crate::training::watch::Watch;
use crate::training::work::Work;
use crate::training::{
    Config, RunDir, RunManifest, SideManifest, checkpoint, image_grid, reproducibility,
};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Examples in an image grid.
const GRID_ROWS: usize = 8;

/// Who is told of a training, and who may ask something of it.
pub(super) struct Outside<'a, 'o, 'r> {
    pub(super) observer: &'a mut Observer<'o>,
    pub(super) requests: &'a mut Requests<'r>,
}

pub(super) struct Course<'a, 'o, 'r> {
    config: &'a Config,
    run: &'a RunDir,
    outside: Outside<'a, 'o, 'r>,
    algorithm: Algorithm1,
    work: Work,
    log: RunLog,
    begun: Instant,
    phase: Phase,
    /// Steps of the phase that are done.
    done: usize,
    /// Values since the last log line.
    means: ScalarMeans,
    last: Scalars,
    watch: Watch,
    monitor: Monitor,
    /// Only if the best checkpoint is kept.
    nearness: Option<Nearness>,
    /// Of what state there is a checkpoint.
    saved: Option<(Phase, usize)>,
}

impl<'a, 'o, 'r> Course<'a, 'o, 'r> {
    pub(super) fn new(
        config: &'a Config,
        run: &'a RunDir,
        algorithm: Algorithm1,
        bookmark: Option<Bookmark>,
        outside: Outside<'a, 'o, 'r>,
    ) -> Result<Self> {
        let batches = &algorithm.batches;
        let estimator = algorithm.task_consistency.as_ref();
        let estimator = estimator.map(|held| &held.estimator);
        let examples = || Nearness::new(batches.synthetic_images(), batches.real_images());
        let mut course = Self {
            config,
            run,
            outside,
            work: Work::of(config, batches.synthetic_images().image_shape()),
            log: RunLog::open(run, bookmark.as_ref().map(|b| b.events))?,
            begun: Instant::now(),
            phase: Phase::RefinerWarmup,
            done: 0,
            means: ScalarMeans::default(),
            last: Scalars::default(),
            watch: Watch::default(),
            monitor: Monitor::new(batches.synthetic_images(), estimator)?,
            nearness: config.training.keep_best.then(examples),
            saved: None,
            algorithm,
        };
        course.log.describe(config)?;
        match bookmark {
            Some(bookmark) => course.resume(bookmark),
            None => course.write_manifest()?,
        }
        Ok(course)
    }

    fn resume(&mut self, bookmark: Bookmark) {
        self.phase = bookmark.phase;
        self.done = bookmark.done;
        self.means = bookmark.means;
        self.watch = bookmark.watch;
        self.monitor.resume(bookmark.said);
        self.saved = Some((self.phase, self.done));
    }

    fn bookmark(&self) -> Bookmark {
        Bookmark {
            phase: self.phase,
            done: self.done,
            events: self.log.logged(),
            means: self.means.clone(),
            watch: self.watch.clone(),
            said: self.monitor.said(),
        }
    }

    pub(super) fn run(mut self) -> Result<Summary> {
        let started = self.started();
        self.log.write(&started)?;
        let stopped = loop {
            let stopped = self.finish_phase()?;
            match self.phase {
                _ if stopped => break true,
                Phase::RefinerWarmup => self.enter(Phase::DiscriminatorWarmup),
                Phase::DiscriminatorWarmup => self.begin_algorithm_1()?,
                Phase::Adversarial => break false,
            }
        };
        let iterations = self.iterations();
        let seconds = self.begun.elapsed().as_secs_f64();
        if self.phase == Phase::Adversarial && self.done >= self.total() {
            self.log.write(&Event::Finished {
                step: iterations,
                seconds,
            })?;
        }
        Ok(Summary {
            steps: iterations,
            seconds,
            last: self.last,
            stopped,
            already_done: false,
        })
    }

    fn parameters(&self) -> [usize; 2] {
        [
            self.algorithm.refiner.num_params(),
            self.algorithm.discriminator.num_params(),
        ]
    }

    fn started(&self) -> Event {
        let batches = &self.algorithm.batches;
        Event::Started {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            images: [
                batches.synthetic_images().len(),
                batches.real_images().len(),
            ],
            parameters: self.parameters(),
            device: reproducibility::device_name(&self.algorithm.device),
        }
    }

    fn write_manifest(&self) -> Result<()> {
        let batches = &self.algorithm.batches;
        let [refiner_parameters, discriminator_parameters] = self.parameters();
        self.run.write_manifest(&RunManifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created_unix: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            synthetic: SideManifest::of(batches.synthetic_images()),
            real: SideManifest::of(batches.real_images()),
            device: reproducibility::device_name(&self.algorithm.device),
            kernels: reproducibility::kernels(&self.algorithm.device).to_owned(),
            deterministic: self.config.training.deterministic,
            refiner_parameters,
            discriminator_parameters,
        })
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.done = 0;
    }

    fn begin_algorithm_1(&mut self) -> Result<()> {
        self.enter(Phase::Adversarial);
        self.algorithm.start_average();
        self.write_images()?;
        self.write_checkpoint()
    }

    /// Iterations of Algorithm 1 that are done.
    fn iterations(&self) -> usize {
        match self.phase {
            Phase::Adversarial => self.done,
            Phase::RefinerWarmup | Phase::DiscriminatorWarmup => 0,
        }
    }

    /// Steps of the phase in all.
    fn total(&self) -> usize {
        let training = &self.config.training;
        match self.phase {
            Phase::RefinerWarmup => training.refiner_warmup,
            Phase::DiscriminatorWarmup => training.discriminator_warmup,
            Phase::Adversarial => training.steps,
        }
    }

    fn progress(&self) -> Progress {
        let stage = Stage::Phase(self.phase);
        self.work.progress(stage, self.done, self.total())
    }

    /// The steps that the phase still has; whether it was asked to stop before its end.
    fn finish_phase(&mut self) -> Result<bool> {
        while self.done < self.total() {
            let place = format!("{} step {}", self.phase, self.done + 1);
            let scalars = self.step().map_err(|e| self.told(e.at(&place)))?;
            self.done += 1;
            self.means.add(&scalars);
            let event = self.log_step()?;
            let progress = self.progress();
            (self.outside.observer)(event.as_ref(), progress);
            if self.phase == Phase::Adversarial && event.is_some() {
                self.warn()?;
            }
            self.write_what_is_due()?;
            match (self.outside.requests)() {
                Request::Continue => {}
                Request::Save => self.save()?,
                Request::Stop => {
                    self.save()?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Logs the means of the steps since the last line, if a line is due.
    fn log_step(&mut self) -> Result<Option<Event>> {
        let due = self.done.is_multiple_of(self.config.training.log_every);
        if !due && self.done != self.total() {
            return Ok(None);
        }
        self.last = self.means.take();
        let event = Event::Step {
            phase: self.phase,
            step: self.done,
            seconds: self.begun.elapsed().as_secs_f64(),
            scalars: self.last.clone(),
        };
        self.log.write(&event)?;
        Ok(Some(event))
    }

    /// Logs what the watch finds in the last logged interval.
    fn warn(&mut self) -> Result<()> {
        for message in self.watch.look(&self.last) {
            self.say(message.to_owned())?;
        }
        Ok(())
    }

    fn say(&mut self, message: String) -> Result<()> {
        let progress = self.progress();
        let step = progress.done;
        let warning = Event::Warning { step, message };
        self.log.write(&warning)?;
        (self.outside.observer)(Some(&warning), progress);
        Ok(())
    }

    /// Looks at a few refined images and warns of what is wrong with them.
    fn look(&mut self) -> Result<()> {
        let device = self.algorithm.device.clone().inner();
        let look = self.monitor.look(&self.algorithm.best_refiner(), &device)?;
        self.log.look(self.done, &look)?;
        for message in look.warnings {
            self.say(message)?;
        }
        Ok(())
    }

    /// With the checkpoint from which to go on.
    fn told(&self, error: Error) -> Error {
        let (Some(hint), Some((phase, done))) = (error.hint(), self.saved) else {
            return error;
        };
        let step = match phase {
            Phase::Adversarial => done,
            Phase::RefinerWarmup | Phase::DiscriminatorWarmup => 0,
        };
        let hint = format!("{hint}: {}", self.run.checkpoint_folder(step).display());
        error.with_hint(hint)
    }

    fn step(&mut self) -> Result<Scalars> {
        let (done, total) = (self.done, self.total());
        let mut scalars = Scalars::default();
        match self.phase {
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

    fn write_what_is_due(&mut self) -> Result<()> {
        let training = &self.config.training;
        let every = |every: usize| every > 0 && self.done.is_multiple_of(every);
        let (images, checkpoint) = (training.images_every, training.checkpoint_every);
        if self.phase != Phase::Adversarial {
            return match every(checkpoint) {
                true => self.save(),
                false => Ok(()),
            };
        }
        let last = self.done == self.total();
        let (images, checkpoint) = (last || every(images), last || every(checkpoint));
        if images {
            self.write_images()?;
            self.look()?;
        }
        if checkpoint {
            self.write_checkpoint()?;
        }
        Ok(())
    }

    /// A checkpoint that is due: it is logged, and then contains its own line.
    fn write_checkpoint(&mut self) -> Result<()> {
        let algorithm = &self.algorithm;
        let distance =
            |nearness: &Nearness| nearness.of(&algorithm.best_refiner(), &algorithm.device);
        let distance = self.nearness.as_ref().map(distance).transpose()?;
        self.log.checkpoint(self.run, self.done, distance)?;
        self.save()
    }

    /// Writes a checkpoint, unless there is one of this state.
    fn save(&mut self) -> Result<()> {
        if self.saved == Some((self.phase, self.done)) {
            return Ok(());
        }
        let step = self.iterations();
        self.log.sync()?;
        checkpoint::save(self.run, &self.algorithm, step, self.bookmark())?;
        self.saved = Some((self.phase, self.done));
        self.run.prune_as(&self.config.training)
    }

    /// A grid of the same examples every time.
    fn write_images(&mut self) -> Result<()> {
        let batches = &self.algorithm.batches;
        let examples = |images: &Dataset| images.batch(&images.spread(GRID_ROWS));
        let synthetic = examples(batches.synthetic_images());
        let real = examples(batches.real_images());
        let shape = batches.image_shape();
        let device = self.algorithm.device.clone().inner();
        let images = image_tensor::from_values(synthetic.clone(), shape, &device);
        let refined = image_tensor::to_values(self.algorithm.best_refiner().refine(images));
        let grid = image_grid::grid(&[&synthetic, &refined, &real], shape);
        self.log.images(self.run, self.done, &grid)
    }
}
