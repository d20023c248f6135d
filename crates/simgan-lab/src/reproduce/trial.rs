//! One row for one seed: train a refiner, refine, fit, score.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use simgan::algorithm_1::scalars::Scalars;
use simgan::parallel::Member;
use simgan::refine::{RefineOptions, TrainedRefiner};
use simgan::task_consistency::{estimator_of, fit_or_load};
use simgan::tasks;
use simgan::tasks::{Estimator, EvaluateOptions, FitOptions, FitProgress, Target, evaluate};
use simgan::training;
use simgan::training::event_log::Event;
use simgan::training::{Config, RunDir};
use simgan_base::files::file_lock::FileLock;
use simgan_base::files::{disk, durable, sha256};
use simgan_base::settings;
use simgan_data::{Dataset, OpenOptions};

use super::baselines;
use super::experiment::{Experiment, Kind, Row};
use super::outcome::{Judged, Outcome, Scored};
use simgan_cli::console::Console;
use simgan_cli::progress::Progress;
use simgan_cli::signals;
use simgan_workflow::{data, fit, refine};

/// Seed of the estimator that judges refined images: one that no row has.
const JUDGE: u64 = 1000;

/// Where trials run.
pub struct Bench<'a> {
    pub experiment: &'a Experiment,
    /// Folder that the table's data are below.
    pub data: &'a Path,
    /// Folder of results.
    pub out: &'a Path,
    /// Whether runs and refined images stay.
    pub keep: bool,
    pub options: OpenOptions,
    pub device: &'a Device,
    pub console: &'a Console,
}

impl Bench<'_> {
    /// The outcome of a row for a seed, measured now or earlier.
    pub fn outcome(&self, row: &Row, seed: u64) -> anyhow::Result<Outcome> {
        let file = self.folder(row, seed).with_extension("json");
        let config = self.experiment.config(row, seed)?;
        let settings = self.settings(row, &config)?;
        if let Some(known) = Outcome::known(&file, &settings) {
            return Ok(known);
        }
        let lock = file.with_extension("lock");
        let _held = self.lock(row, seed, &lock)?;
        // Whoever had the lock may have measured it.
        if let Some(known) = Outcome::known(&file, &settings) {
            return Ok(known);
        }
        self.console.say(&format!("{}, seed {seed}", row.name));
        let outcome = self.measure(row, seed, &config, settings)?;
        durable::write(&file, serde_json::to_string_pretty(&outcome)?)?;
        disk::remove_file(&lock)?;
        Ok(outcome)
    }

    /// Waits until no other process measures this outcome: several may share a table.
    fn lock(&self, row: &Row, seed: u64, path: &Path) -> anyhow::Result<FileLock> {
        disk::create_dir_all(&self.out.join(row.slug()))?;
        if let Some(lock) = FileLock::try_take(path)? {
            return Ok(lock);
        }
        let (name, path_text) = (&row.name, path.display());
        self.console.say(&format!(
            "{name}, seed {seed}: waiting for the process that measures it and holds {path_text}"
        ));
        Ok(FileLock::take(path)?)
    }

    fn folder(&self, row: &Row, seed: u64) -> PathBuf {
        self.out.join(row.slug()).join(format!("seed-{seed}"))
    }

    /// All that an outcome depends on, as text.
    fn settings(&self, row: &Row, config: &Config) -> simgan_base::Result<String> {
        let Experiment {
            real,
            test,
            calibrate,
            ..
        } = self.experiment;
        let data = match row.kind {
            Kind::Synthetic => self.synthetic(row).to_owned(),
            Kind::Refined | Kind::Exposure | Kind::Histogram | Kind::Fourier => {
                format!("{} {real}", self.synthetic(row))
            }
            Kind::Real => real.clone(),
        };
        let mut config = config.clone();
        if row.kind != Kind::Refined {
            // Nothing else counts without a refiner, not even the seed, which names the file.
            config = Config {
                estimator: config.estimator,
                preprocessing: config.preprocessing,
                ..Config::default()
            };
        }
        let text = settings::to_toml(&config)?;
        let both = self.experiment.both && row.kind == Kind::Refined;
        let checkpoints = match self.experiment.checkpoints && row.kind == Kind::Refined {
            true => " checkpoints",
            false => "",
        };
        let kind = row.kind;
        let adapt = row.adapt.then_some(real);
        Ok(format!(
            "{kind:?} {data} {test} {calibrate} {both} {adapt:?}{checkpoints}\n{text}"
        ))
    }

    fn synthetic<'a>(&'a self, row: &'a Row) -> &'a str {
        match row.synthetic.as_str() {
            "" => &self.experiment.synthetic,
            own => own,
        }
    }

    /// Opens one side of the table.
    fn open(&self, source: &str, config: &Config) -> simgan_base::Result<Dataset> {
        let place = match source.starts_with("sim:") {
            true => source.to_owned(),
            false => self.data.join(source).display().to_string(),
        };
        data::open(&place, &config.preprocessing, &self.options, self.console)
    }

    fn measure(
        &self,
        row: &Row,
        seed: u64,
        config: &Config,
        settings: String,
    ) -> anyhow::Result<Outcome> {
        let begun = Instant::now();
        let folder = self.folder(row, seed);
        disk::create_dir_all(&folder)?;
        let mut config = config.clone();
        let test = self.open(&self.experiment.test, &config)?;
        let mut trained = Trained::default();
        let (mut judged, mut both, mut checkpoints) = (None, None, None);
        let images = match row.kind {
            Kind::Real => {
                let real = self.open(&self.experiment.real, &config)?;
                let target = config.estimator.target();
                config.estimator.targets = Target::on_real(&target, &real, &test)?;
                real
            }
            Kind::Refined => {
                let synthetic = self.open(self.synthetic(row), &config)?;
                trained = self.train(&synthetic, &config, &folder)?;
                let refined = self.refine(&synthetic, None, &config, &folder)?;
                let judge = self.estimator(&synthetic, JUDGE, &config)?;
                judged = Some(Judged::of(
                    &synthetic,
                    &refined,
                    &test,
                    &judge,
                    self.device,
                )?);
                if self.experiment.both {
                    let versions = [refined.clone()];
                    both = Some(self.score(&synthetic, &versions, &test, (row, seed), &config)?);
                }
                if self.experiment.checkpoints {
                    let versions = self.refine_by_each(&synthetic, &refined, &config, &folder)?;
                    let scored = self.score(&synthetic, &versions, &test, (row, seed), &config)?;
                    checkpoints = Some(scored);
                }
                refined
            }
            Kind::Synthetic | Kind::Exposure | Kind::Histogram | Kind::Fourier => {
                self.untrained(row, seed, &config)?
            }
        };
        let Scored {
            evaluation,
            answers,
        } = self.score(&images, &[], &test, (row, seed), &config)?;
        if !self.keep {
            disk::remove_dir_all(&folder)?;
        }
        Ok(Outcome {
            settings,
            evaluation,
            answers,
            both,
            checkpoints,
            last: trained.last,
            judged,
            warnings: trained.warnings,
            training_seconds: trained.seconds,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// Synthetic images as they are, or changed by what learns nothing.
    fn untrained(&self, row: &Row, seed: u64, config: &Config) -> simgan_base::Result<Dataset> {
        let synthetic = self.open(self.synthetic(row), config)?;
        let real = || self.open(&self.experiment.real, config);
        match row.kind {
            Kind::Exposure => baselines::exposure(&synthetic, &real()?, self.device),
            Kind::Histogram => baselines::histogram(&synthetic, &real()?, seed),
            Kind::Fourier => baselines::fourier(&synthetic, &real()?, seed),
            Kind::Synthetic | Kind::Refined | Kind::Real => Ok(synthetic),
        }
    }

    /// An estimator of the labels of `data` under augmentation, fitted once and kept beside the results.
    fn estimator(&self, data: &Dataset, seed: u64, config: &Config) -> anyhow::Result<Estimator> {
        let estimator = estimator_of(&config.estimator, data)?;
        let options = FitOptions {
            seed,
            preprocessing: config.preprocessing.clone(),
            ..FitOptions::default()
        };
        let key = format!("{estimator:?} {options:?} {}", data.fingerprint());
        let path = self
            .out
            .join("estimators")
            .join(&sha256::of_bytes(key.as_bytes())[..16]);
        disk::create_dir_all(&self.out.join("estimators"))?;
        let _held = FileLock::take(&path.with_extension("lock"))?;
        let progress = Progress::new(self.console, "fitting");
        let mut told = |p: FitProgress| {
            progress.update(p.step, p.steps, &fit::message(&p));
            ControlFlow::Continue(())
        };
        let fitted = fit_or_load(&path, data, &estimator, &options, self.device, &mut told)?;
        fitted.ok_or_else(|| anyhow::anyhow!("the fit was stopped"))
    }

    /// Trains the row's refiner, or goes on where an earlier call was stopped.
    fn train(
        &self,
        synthetic: &Dataset,
        config: &Config,
        folder: &Path,
    ) -> anyhow::Result<Trained> {
        let real = self.open(&self.experiment.real, config)?;
        let run = run_of(config, &folder.join("run"))?;
        if config.needs_estimator() && !run.estimator().exists() {
            // Rows and seeds share it.
            let estimator = self.estimator(synthetic, config.training.seed, config)?;
            estimator.save(&run.estimator())?;
        }
        let progress = Progress::new(self.console, "training");
        let mut warnings = Vec::new();
        let mut observe = |event: Option<&Event>, step: training::Progress| {
            if let Some(Event::Warning { message, .. }) = event {
                warnings.push(message.clone());
            }
            progress.update(step.done, step.total, step.label());
        };
        let member = Member::alone(self.device);
        let summary = signals::train(config, synthetic, &real, &run, &member, &mut observe)?;
        Ok(Trained {
            last: summary.last,
            seconds: summary.seconds,
            warnings,
        })
    }

    /// Images refined by each checkpoint that the run kept: the newest has made `newest` of them.
    fn refine_by_each(
        &self,
        synthetic: &Dataset,
        newest: &Dataset,
        config: &Config,
        folder: &Path,
    ) -> anyhow::Result<Vec<Dataset>> {
        let earlier = RunDir::open(&folder.join("run"))?.earlier_checkpoints()?;
        let of_step = |step| self.refine(synthetic, Some(step), config, folder);
        let versions = earlier.into_iter().map(of_step);
        let mut versions: Vec<Dataset> = versions.collect::<anyhow::Result<_>>()?;
        versions.push(newest.clone());
        Ok(versions)
    }

    /// Images refined by the checkpoint after `step` iterations, or by the last.
    fn refine(
        &self,
        synthetic: &Dataset,
        step: Option<usize>,
        config: &Config,
        folder: &Path,
    ) -> anyhow::Result<Dataset> {
        let output = match step {
            Some(step) => folder.join(format!("refined-{step}")),
            None => folder.join("refined"),
        };
        remove(&output)?;
        let run = RunDir::open(&folder.join("run"))?;
        let refiner = TrainedRefiner::load(&run, step, true, self.device)?;
        let options = RefineOptions::default();
        refine::refine(&refiner, synthetic, &output, &options, self.console)?;
        let source = output.display().to_string();
        Ok(data::open(
            &source,
            &config.preprocessing,
            &self.options,
            self.console,
        )?)
    }

    /// Fits on `images` and other versions of them, and scores.
    fn score(
        &self,
        images: &Dataset,
        versions: &[Dataset],
        test: &Dataset,
        (row, seed): (&Row, u64),
        config: &Config,
    ) -> anyhow::Result<Scored> {
        // Refiners are held to the very same estimator.
        let is_known =
            row.kind == Kind::Synthetic && !row.adapt && config.estimator.augmentation.is_on();
        let estimator = match is_known {
            true => self.estimator(images, seed, config)?,
            false => self.fit(images, versions, (row, seed), config)?,
        };
        let scoring = EvaluateOptions {
            calibrate: self.experiment.calibrate,
            seed: 0,
        };
        Ok(Scored {
            evaluation: evaluate(&estimator, test, &scoring)?,
            answers: estimator.answers(test)?,
        })
    }

    fn fit(
        &self,
        images: &Dataset,
        versions: &[Dataset],
        (row, seed): (&Row, u64),
        config: &Config,
    ) -> anyhow::Result<Estimator> {
        let progress = Progress::new(self.console, "fitting");
        let mut update = |p: FitProgress| {
            progress.update(p.step, p.steps, &fit::message(&p));
        };
        let unlabelled = match row.adapt {
            true => Some(self.open(&self.experiment.real, config)?),
            false => None,
        };
        let options = FitOptions {
            variants: versions.to_vec(),
            unlabelled,
            seed,
            preprocessing: config.preprocessing.clone(),
        };
        let device = self.device;
        let fitted = tasks::fit(images, &config.estimator, &options, device, &mut update)?;
        Ok(fitted.0)
    }
}

/// The run in `path` if it has this configuration, else a new one in its place.
fn run_of(config: &Config, path: &Path) -> simgan_base::Result<RunDir> {
    if let Ok(run) = RunDir::open(path)
        && run.config()? == *config
    {
        return Ok(run);
    }
    remove(path)?;
    RunDir::create(path, config)
}

/// Removes a folder that may not be there.
fn remove(folder: &Path) -> simgan_base::Result<()> {
    match folder.exists() {
        true => disk::remove_dir_all(folder),
        false => Ok(()),
    }
}

/// How a refiner's training went.
#[derive(Default)]
struct Trained {
    last: Scalars,
    seconds: f64,
    warnings: Vec<String>,
}
