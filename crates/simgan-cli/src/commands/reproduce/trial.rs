//! One row for one seed: train a refiner, refine, fit, score.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use simgan::datasets::{Dataset, OpenOptions};
use simgan::estimators::{self, EvaluateOptions, Evaluation, FitOptions, Target};
use simgan::judges;
use simgan::judges::judgement::AgainstReal;
use simgan::judges::kernel_distance::{KernelDistance, kernel_distance};
use simgan::judges::label_shift::{self, LabelShift, ShiftImages};
use simgan::refine::TrainedRefiner;
use simgan::settings;
use simgan::training::event_log::{Event, Scalars};
use simgan::training::{self, Config, RunDir};

use super::experiment::{Experiment, Kind, Row};
use crate::commands::{fit, refine};
use crate::console::Console;
use crate::data;
use crate::progress::Progress;

/// Images refined at a time.
const BATCH_SIZE: u32 = 64;
/// Images judged at most on each side.
const JUDGED: usize = 1000;

/// What a trial found, kept as JSON so that it is never measured twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Configuration and data that it belongs to.
    pub settings: String,
    /// Scores on the test images.
    pub evaluation: Evaluation,
    /// Means of the last logged interval of the refiner's training.
    pub last: Scalars,
    /// How far irises move and how far refined images lie from real ones; of refined rows.
    #[serde(default)]
    pub judged: Option<Judged>,
    /// What the training's watch said.
    pub warnings: Vec<String>,
    /// Seconds of the refiner's training, 0 without one.
    pub training_seconds: f64,
    /// Seconds in all.
    pub seconds: f64,
}

/// What judges say that need no labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// Shift of irises, where synthetic labels are of eyes.
    pub label_shift: Option<LabelShift>,
    /// Distances of synthetic and of refined images from the test images.
    pub kernel_distance: AgainstReal<KernelDistance>,
}

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
        if let Some(known) = known(&file, &settings) {
            return Ok(known);
        }
        self.console.say(&format!("{}, seed {seed}", row.name));
        let outcome = self.measure(row, seed, &config, settings)?;
        data::write_whole(&file, &serde_json::to_string_pretty(&outcome)?)?;
        Ok(outcome)
    }

    fn folder(&self, row: &Row, seed: u64) -> PathBuf {
        self.out.join(row.slug()).join(format!("seed-{seed}"))
    }

    /// All that an outcome depends on, as text.
    fn settings(&self, row: &Row, config: &Config) -> simgan::Result<String> {
        let Experiment {
            real,
            test,
            calibrate,
            ..
        } = self.experiment;
        let data = match row.kind {
            Kind::Synthetic => self.synthetic(row).to_owned(),
            Kind::Refined => format!("{} {real}", self.synthetic(row)),
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
        Ok(format!("{:?} {data} {test} {calibrate}\n{text}", row.kind))
    }

    fn synthetic<'a>(&'a self, row: &'a Row) -> &'a str {
        match row.synthetic.as_str() {
            "" => &self.experiment.synthetic,
            own => own,
        }
    }

    /// Opens one side of the table.
    fn open(&self, source: &str, config: &Config) -> simgan::Result<Dataset> {
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
        fs_err::create_dir_all(&folder)?;
        let test = self.open(&self.experiment.test, config)?;
        let mut trained = Trained::default();
        let mut judged = None;
        let mut config = config.clone();
        let images = match row.kind {
            Kind::Synthetic => self.open(self.synthetic(row), &config)?,
            Kind::Real => {
                let real = self.open(&self.experiment.real, &config)?;
                config.estimator.targets =
                    Target::on_real(&config.estimator.target(), &real, &test)?;
                real
            }
            Kind::Refined => {
                trained = self.train(row, &config, &folder)?;
                let refined = self.refine(row, &config, &folder)?;
                judged = Some(self.judge(row, &refined, &test, &config)?);
                refined
            }
        };
        let evaluation = self.score(&images, &test, seed, &config)?;
        if !self.keep {
            fs_err::remove_dir_all(&folder)?;
        }
        Ok(Outcome {
            settings,
            evaluation,
            last: trained.last,
            judged,
            warnings: trained.warnings,
            training_seconds: trained.seconds,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// Trains the row's refiner, or goes on where an earlier call was stopped.
    fn train(&self, row: &Row, config: &Config, folder: &Path) -> anyhow::Result<Trained> {
        let synthetic = self.open(self.synthetic(row), config)?;
        let real = self.open(&self.experiment.real, config)?;
        let path = folder.join("run");
        let run = match path.join("config.toml").is_file() {
            true if RunDir::open(&path)?.config()? == *config => RunDir::open(&path)?,
            true => {
                fs_err::remove_dir_all(&path)?;
                RunDir::create(&path, config)?
            }
            false => RunDir::create(&path, config)?,
        };
        let progress = Progress::new(self.console, "training");
        let mut warnings = Vec::new();
        let mut observe = |event: Option<&Event>, step: training::Progress| {
            if let Some(Event::Warning { message, .. }) = event {
                warnings.push(message.clone());
            }
            progress.update(step.done, step.total, step.phase.label());
        };
        let summary = training::train(config, &synthetic, &real, &run, self.device, &mut observe)?;
        Ok(Trained {
            last: summary.last,
            seconds: summary.seconds,
            warnings,
        })
    }

    fn refine(&self, row: &Row, config: &Config, folder: &Path) -> anyhow::Result<Dataset> {
        let output = folder.join("refined");
        if output.exists() {
            fs_err::remove_dir_all(&output)?;
        }
        let synthetic = self.open(self.synthetic(row), config)?;
        let run = RunDir::open(&folder.join("run"))?;
        let refiner = TrainedRefiner::load(&run, None, true, self.device)?;
        refine::refine(&refiner, &synthetic, &output, BATCH_SIZE, self.console)?;
        let source = output.display().to_string();
        Ok(data::open(
            &source,
            &config.preprocessing,
            &self.options,
            self.console,
        )?)
    }

    /// Asks the judges about a part of the refined images.
    fn judge(
        &self,
        row: &Row,
        refined: &Dataset,
        test: &Dataset,
        config: &Config,
    ) -> anyhow::Result<Judged> {
        let part = judges::choose(refined.len(), JUDGED);
        let synthetic = self.open(self.synthetic(row), config)?.subset(&part);
        let refined = refined.subset(&part);
        let test = test.subset(&judges::choose(test.len(), JUDGED));
        let label_shift = match label_shift::shows_eyes(&synthetic) {
            true => Some(LabelShift::by_gradients(ShiftImages {
                synthetic: &synthetic,
                refined: &refined,
                disturbed: &label_shift::disturbed(&synthetic)?,
            })?),
            false => None,
        };
        Ok(Judged {
            label_shift,
            kernel_distance: AgainstReal {
                synthetic: kernel_distance(&synthetic, &test, self.device)?,
                refined: kernel_distance(&refined, &test, self.device)?,
            },
        })
    }

    fn score(
        &self,
        images: &Dataset,
        test: &Dataset,
        seed: u64,
        config: &Config,
    ) -> anyhow::Result<Evaluation> {
        let progress = Progress::new(self.console, "fitting");
        let mut update = |p: estimators::FitProgress| {
            progress.update(p.step, p.steps, &fit::message(&p));
        };
        let options = FitOptions {
            seed,
            preprocessing: config.preprocessing.clone(),
        };
        let (estimator, _) = estimators::fit(
            images,
            &config.estimator,
            &options,
            self.device,
            &mut update,
        )?;
        let scoring = EvaluateOptions {
            calibrate: self.experiment.calibrate,
            seed: 0,
        };
        Ok(estimators::evaluate(&estimator, test, &scoring)?)
    }
}

/// How a refiner's training went.
#[derive(Default)]
struct Trained {
    last: Scalars,
    seconds: f64,
    warnings: Vec<String>,
}

/// An earlier outcome of the same settings.
fn known(file: &Path, settings: &str) -> Option<Outcome> {
    let text = fs_err::read_to_string(file).ok()?;
    let outcome: Outcome = serde_json::from_str(&text).ok()?;
    (outcome.settings == settings).then_some(outcome)
}
