//! What a training writes and tells on its way: log, images, checkpoints, warnings.

use std::time::{Instant, SystemTime};

use burn::module::Module;

use crate::algorithm_1::Algorithm1;
use crate::algorithm_1::scalars::{ScalarMeans, Scalars};
use crate::training::bookmark::Bookmark;
use crate::training::event_log::{Event, Phase};
use crate::training::monitor::Monitor;
use crate::training::nearness::Nearness;
use crate::training::place::Place;
use crate::training::progress::{Observer, Progress, Stage, Summary};
use crate::training::run_log::RunLog;
use crate::training::watch::Watch;
use crate::training::work::Work;
use crate::training::{
    Config, RunDir, RunManifest, SideManifest, checkpoint, image_grid, reproducibility,
};
use simgan_base::{Error, Result};
use simgan_data::HeldAreas;

/// Examples in an image grid.
const GRID_ROWS: usize = 8;

pub(super) struct Record<'a, 'o> {
    config: &'a Config,
    run: &'a RunDir,
    observer: &'a mut Observer<'o>,
    work: Work,
    log: RunLog,
    begun: Instant,
    /// Values since the last log line.
    means: ScalarMeans,
    last: Scalars,
    watch: Watch,
    monitor: Monitor,
    /// Only if the best checkpoint is kept.
    nearness: Option<Nearness>,
    /// Of what state there is a checkpoint.
    saved: Option<Place>,
}

impl<'a, 'o> Record<'a, 'o> {
    /// That of a new run, or of one that goes on at `bookmark`.
    pub(super) fn open(
        config: &'a Config,
        run: &'a RunDir,
        algorithm: &Algorithm1,
        bookmark: Option<Bookmark>,
        observer: &'a mut Observer<'o>,
    ) -> Result<Self> {
        let batches = &algorithm.batches;
        let estimator = algorithm.task_consistency.as_ref();
        let estimator = estimator.map(|held| &held.estimator);
        let examples = || Nearness::new(batches.synthetic_images(), batches.real_images());
        let mut record = Self {
            config,
            run,
            observer,
            work: Work::of(config, batches.synthetic_images().image_shape()),
            log: RunLog::open(run, bookmark.as_ref().map(|b| b.events))?,
            begun: Instant::now(),
            means: ScalarMeans::default(),
            last: Scalars::default(),
            watch: Watch::default(),
            monitor: Monitor::new(batches.synthetic_images(), estimator)?,
            nearness: config.training.keep_best.then(examples),
            saved: None,
        };
        record.log.describe(config)?;
        match bookmark {
            Some(bookmark) => record.resume(bookmark),
            None => record.write_manifest(algorithm)?,
        }
        record.log.write(&started(algorithm))?;
        Ok(record)
    }

    fn resume(&mut self, bookmark: Bookmark) {
        self.saved = Some(Place::new(self.config, bookmark.phase, bookmark.done));
        self.means = bookmark.means;
        self.watch = bookmark.watch;
        self.monitor.resume(bookmark.said);
    }

    fn bookmark(&self, place: Place) -> Bookmark {
        Bookmark {
            phase: place.phase,
            done: place.done,
            events: self.log.logged(),
            means: self.means.clone(),
            watch: self.watch.clone(),
            said: self.monitor.said(),
        }
    }

    fn write_manifest(&self, algorithm: &Algorithm1) -> Result<()> {
        let batches = &algorithm.batches;
        let [refiner_parameters, discriminator_parameters] = parameters(algorithm);
        self.run.write_manifest(&RunManifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created_unix: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            synthetic: SideManifest::of(batches.synthetic_images()),
            real: SideManifest::of(batches.real_images()),
            device: reproducibility::device_name(&algorithm.device),
            kernels: reproducibility::kernels(&algorithm.device).to_owned(),
            deterministic: self.config.training.deterministic,
            refiner_parameters,
            discriminator_parameters,
        })
    }

    pub(super) fn begin_algorithm_1(&mut self, algorithm: &Algorithm1, at: Place) -> Result<()> {
        self.write_images(algorithm, at)?;
        self.write_checkpoint(algorithm, at)
    }

    /// After a step, with its `scalars`.
    pub(super) fn step(
        &mut self,
        algorithm: &Algorithm1,
        at: Place,
        scalars: &Scalars,
    ) -> Result<()> {
        self.means.add(scalars);
        let event = self.log_step(at)?;
        let progress = self.progress(at);
        (self.observer)(event.as_ref(), progress);
        if at.phase == Phase::Adversarial && event.is_some() {
            self.warn(at)?;
        }
        self.write_what_is_due(algorithm, at)
    }

    /// The end of a training, or of what was asked for of it.
    pub(super) fn finish(mut self, at: Place, stopped: bool) -> Result<Summary> {
        let (step, seconds) = (at.iterations(), self.begun.elapsed().as_secs_f64());
        if at.phase == Phase::Adversarial && at.done >= at.total {
            self.log.write(&Event::Finished { step, seconds })?;
        }
        Ok(Summary {
            steps: step,
            seconds,
            last: self.last,
            stopped,
            already_done: false,
        })
    }

    fn progress(&self, at: Place) -> Progress {
        let stage = Stage::Phase(at.phase);
        self.work.progress(stage, at.done, at.total)
    }

    /// Logs the means of the steps since the last line, if a line is due.
    fn log_step(&mut self, at: Place) -> Result<Option<Event>> {
        let due = at.done.is_multiple_of(self.config.training.log_every);
        if !due && at.done != at.total {
            return Ok(None);
        }
        self.last = self.means.take();
        let event = Event::Step {
            phase: at.phase,
            step: at.done,
            seconds: self.begun.elapsed().as_secs_f64(),
            scalars: self.last.clone(),
        };
        self.log.write(&event)?;
        Ok(Some(event))
    }

    /// Logs what the watch finds in the last logged interval.
    fn warn(&mut self, at: Place) -> Result<()> {
        for message in self.watch.look(&self.last) {
            self.say(message.to_owned(), at)?;
        }
        Ok(())
    }

    fn say(&mut self, message: String, at: Place) -> Result<()> {
        let progress = self.progress(at);
        let step = progress.done;
        let warning = Event::Warning { step, message };
        self.log.write(&warning)?;
        (self.observer)(Some(&warning), progress);
        Ok(())
    }

    /// Looks at a few refined images and warns of what is wrong with them.
    fn look(&mut self, algorithm: &Algorithm1, at: Place) -> Result<()> {
        let device = algorithm.device.clone().inner();
        let look = self.monitor.look(&algorithm.best_refiner(), &device)?;
        self.log.look(at.done, &look)?;
        for message in look.warnings {
            self.say(message, at)?;
        }
        Ok(())
    }

    /// An error with the checkpoint from which to go on.
    pub(super) fn told(&self, error: Error) -> Error {
        let (Some(hint), Some(saved)) = (error.hint(), self.saved) else {
            return error;
        };
        let folder = self.run.checkpoint_folder(saved.iterations());
        let hint = format!("{hint}: {}", folder.display());
        error.with_hint(hint)
    }

    fn write_what_is_due(&mut self, algorithm: &Algorithm1, at: Place) -> Result<()> {
        let training = &self.config.training;
        let every = |every: usize| every > 0 && at.done.is_multiple_of(every);
        let (images, checkpoint) = (training.images_every, training.checkpoint_every);
        if at.phase != Phase::Adversarial {
            return match every(checkpoint) {
                true => self.save(algorithm, at),
                false => Ok(()),
            };
        }
        let last = at.done == at.total;
        let (images, checkpoint) = (last || every(images), last || every(checkpoint));
        if images {
            self.write_images(algorithm, at)?;
            self.look(algorithm, at)?;
        }
        if checkpoint {
            self.write_checkpoint(algorithm, at)?;
        }
        Ok(())
    }

    /// A checkpoint that is due: it is logged, and then contains its own line.
    fn write_checkpoint(&mut self, algorithm: &Algorithm1, at: Place) -> Result<()> {
        let distance =
            |nearness: &Nearness| nearness.of(&algorithm.best_refiner(), &algorithm.device);
        let distance = self.nearness.as_ref().map(distance).transpose()?;
        self.log.checkpoint(self.run, at.done, distance)?;
        self.save(algorithm, at)
    }

    /// Writes a checkpoint, unless there is one of this state.
    pub(super) fn save(&mut self, algorithm: &Algorithm1, at: Place) -> Result<()> {
        if self.saved == Some(at) {
            return Ok(());
        }
        self.log.sync()?;
        let bookmark = self.bookmark(at);
        checkpoint::save(self.run, algorithm, at.iterations(), bookmark)?;
        self.saved = Some(at);
        self.run.prune_as(&self.config.training)
    }

    /// A grid of the same examples every time.
    fn write_images(&mut self, algorithm: &Algorithm1, at: Place) -> Result<()> {
        let batches = &algorithm.batches;
        let (rendered, real) = (batches.synthetic_images(), batches.real_images());
        let shape = batches.image_shape();
        let device = algorithm.device.clone().inner();
        let rendered = rendered.subset(&rendered.spread(GRID_ROWS));
        let all: Vec<usize> = (0..rendered.len()).collect();
        let refiner = algorithm.best_refiner();
        let areas = HeldAreas::of(&rendered, &refiner.areas)?;
        let refined = refiner.refine_images(&rendered, &areas, &all, &device)?;
        let synthetic = rendered.batch(&all);
        let real = real.batch(&real.spread(GRID_ROWS));
        let grid = image_grid::grid(&[&synthetic, &refined, &real], shape);
        self.log.images(self.run, at.done, &grid)
    }
}

/// Trainable parameters of both networks.
fn parameters(algorithm: &Algorithm1) -> [usize; 2] {
    [
        algorithm.refiner.num_params(),
        algorithm.discriminator.num_params(),
    ]
}

fn started(algorithm: &Algorithm1) -> Event {
    let batches = &algorithm.batches;
    Event::Started {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        images: [
            batches.synthetic_images().len(),
            batches.real_images().len(),
        ],
        parameters: parameters(algorithm),
        device: reproducibility::device_name(&algorithm.device),
    }
}
