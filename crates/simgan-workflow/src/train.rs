//! A training: everything that comes before Algorithm 1, and how its result is told.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde_json::{Value, json};
use simgan::keypoints::Places;
use simgan::measures::label_shift::shows_eyes;
use simgan::parallel::Member;
use simgan::training::changes::refuse_changes;
use simgan::training::cost::Cost;
use simgan::training::{self, Config, RunDir, Summary};
use simgan_base::formats::readable::{about, thousands};
use simgan_base::formats::shape::Shape;
use simgan_base::settings::{self, Document, Given};
use simgan_base::{Error, Result};
use simgan_data::{Dataset, OpenOptions};

use crate::configuration::{self, Settings};
use crate::listener::Listener;
use crate::usage_error::UsageError;
use crate::{data, model_card, warnings};

/// Iterations of the shortest training of which it is worth telling what it takes.
const WORTH_TELLING: usize = 200;

/// What is trained, on what, and where it goes.
#[derive(Clone, Debug, Default)]
pub struct TrainRequest {
    /// Labelled synthetic images; may be missing where a run is resumed, which names its own.
    pub synthetic: Option<String>,
    /// Unlabelled real images; likewise.
    pub real: Option<String>,
    /// Folder of the run: new or empty, or the run to resume. Empty where nothing is written ([`dry_run`]).
    pub out: PathBuf,
    /// Whether to continue the run in `out` from its newest good checkpoint, with its own configuration.
    pub resume: bool,
    /// Whether the settings may change what a resumed run computes.
    pub allow_changes: bool,
    /// Configuration and keys.
    pub settings: Settings,
    /// How images are opened.
    pub open: OpenOptions,
}

/// A training that can begin.
pub struct Prepared {
    /// The complete configuration.
    pub config: Config,
    /// The labelled synthetic images.
    pub synthetic: Dataset,
    /// The unlabelled real images.
    pub real: Dataset,
    /// The run, new or to be continued.
    pub run: RunDir,
}

impl TrainRequest {
    /// The configuration, and which of its keys are set.
    fn config(&self) -> Result<(Config, Given)> {
        let document = match self.resume {
            true => Some(Document::read(&RunDir::at(&self.out).config_file())?),
            false => self.settings.document()?,
        };
        let (config, given) =
            settings::load_document::<Config>(document.as_ref(), &self.settings.set)?;
        config.validate()?;
        Ok((config, given))
    }

    /// Whether no folder is given.
    fn names_no_output(&self) -> bool {
        self.out.as_os_str().is_empty()
    }

    /// The run to continue, if its configuration and `config` take the same course.
    fn resumed(&self, config: &Config) -> Result<RunDir> {
        let run = RunDir::open(&self.out)?;
        if !self.allow_changes {
            refuse_changes(&run.config()?, config)?;
        }
        Ok(run)
    }

    /// Synthetic and real images, as given or as the `run` names them.
    fn sources(&self, run: Option<&RunDir>) -> Result<[String; 2]> {
        if let (Some(synthetic), Some(real)) = (&self.synthetic, &self.real) {
            return Ok([synthetic.clone(), real.clone()]);
        }
        let hint = "give --synthetic and --real";
        let Some(run) = run else {
            let message = "a new run needs synthetic and real images";
            return Err(Error::config(message).with_hint(hint));
        };
        let begun = run.manifest().map_err(|e| e.with_hint(hint))?;
        let given = |given: &Option<String>, begun: String| given.clone().unwrap_or(begun);
        Ok([
            given(&self.synthetic, begun.synthetic.source),
            given(&self.real, begun.real.source),
        ])
    }
}

/// Refuses an output that holds a run, unless it is to be resumed: that is no mere folder that is taken.
///
/// # Errors
/// It holds one.
pub fn refuse_other_run(request: &TrainRequest) -> std::result::Result<(), UsageError> {
    if request.resume || request.names_no_output() || !RunDir::is_at(&request.out) {
        return Ok(());
    }
    Err(UsageError {
        message: format!("{} holds a run already", request.out.display()),
        hint: "give --out another folder, or continue that run with --resume".into(),
    })
}

/// A training that has been checked: its run's folder is not made yet.
struct Checked {
    config: Config,
    synthetic: Dataset,
    real: Dataset,
    resumed: Option<RunDir>,
}

/// Opens both sides, warns of what makes success unlikely, and makes the run's folder, which is up to the first process.
///
/// # Errors
/// A folder that is taken, a wrong configuration, images that cannot be opened, a machine that is too small, or points
/// that the labels lack.
pub fn prepare(
    request: &TrainRequest,
    member: &Member,
    listener: &dyn Listener,
) -> Result<Prepared> {
    let checked = check(request, member, listener)?;
    tell_cost(&checked, member, listener)?;
    let Checked {
        config,
        synthetic,
        real,
        resumed,
    } = checked;
    let run = match resumed {
        Some(run) => run,
        None if !member.group.is_first() => RunDir::at(&request.out),
        None => RunDir::create(&request.out, &config)?,
    };
    listener.say(&format!(
        "training on {} synthetic and {} real images",
        thousands(synthetic.len()),
        thousands(real.len())
    ));
    Ok(Prepared {
        config,
        synthetic,
        real,
        run,
    })
}

/// What the training would take, after all that [`prepare`] checks and warns of. Nothing is written but decoded images to
/// the cache; `out` may be empty.
///
/// # Errors
/// Those of [`prepare`] and [`cost`](training::cost::cost).
pub fn dry_run(request: &TrainRequest, device: &Device, listener: &dyn Listener) -> Result<Cost> {
    let checked = check(request, &Member::alone(device), listener)?;
    let (config, synthetic, real) = (&checked.config, &checked.synthetic, &checked.real);
    training::cost::cost(config, synthetic, real, device)
}

/// Says what a new training is going to take, unless it is short or shared by several processes. No folder is made yet: what
/// ends a process meanwhile leaves nothing behind.
fn tell_cost(checked: &Checked, member: &Member, listener: &dyn Listener) -> Result<()> {
    let (config, synthetic, real) = (&checked.config, &checked.synthetic, &checked.real);
    let is_short = config.training.steps < WORTH_TELLING;
    if is_short || checked.resumed.is_some() || !member.group.is_alone() {
        return Ok(());
    }
    let cost = training::cost::cost(config, synthetic, real, &member.device)?;
    listener.say(&format!("this training takes {}", cost_told(&cost)));
    Ok(())
}

/// `about 12 minutes (2.31 s an iteration) and 0.9 GB of memory`.
fn cost_told(cost: &Cost) -> String {
    let iteration = cost.iteration_seconds;
    let time = format!("{} ({iteration:.2} s an iteration)", about(cost.seconds));
    match cost.memory_bytes {
        Some(bytes) => format!("{time} and about {:.2} GB of memory", bytes / 1e9),
        None => time,
    }
}

fn check(request: &TrainRequest, member: &Member, listener: &dyn Listener) -> Result<Checked> {
    let makes_folder = member.group.is_first() && !request.names_no_output();
    match request.resume {
        true => drop(RunDir::open(&request.out)?),
        false if makes_folder => RunDir::require_free(&request.out)?,
        false => {}
    }
    let (mut config, given) = request.config()?;
    let resumed = request
        .resume
        .then(|| request.resumed(&config))
        .transpose()?;
    let [synthetic, real] = request.sources(resumed.as_ref())?;
    let sources = [synthetic.as_str(), real.as_str()];
    if resumed.is_none() && !request.names_no_output() {
        data::require_outside(&request.out, "--out", sources)?;
    }
    let options = &request.open;
    configuration::settle(
        &mut config.preprocessing,
        &given,
        &sources,
        options,
        listener,
    )?;
    let open = |source| data::open(source, &config.preprocessing, options, listener);
    let (synthetic, real) = (open(&synthetic)?, open(&real)?);
    warn_of_data(&config, &synthetic, &real, listener)?;
    if request.settings.config.is_none() && !request.resume && shows_eyes(&synthetic) {
        listener.say("these are labelled eyes: --config gaze has what proved good for them");
    }
    training::check_sides(&config, &synthetic, &real)?;
    training::check_machine(&config, synthetic.image_shape(), member)?;
    for left_out in Places::of(&synthetic, &config.keypoints)?.left_out {
        listener.warn(&format!("a point is not kept: {left_out}"));
    }
    Ok(Checked {
        config,
        synthetic,
        real,
        resumed,
    })
}

/// Tells of what makes a training unlikely to succeed.
fn warn_of_data(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    listener: &dyn Listener,
) -> Result<()> {
    warnings::of_swapped(synthetic, real, listener);
    let batch_size = config.training.batch_size;
    for side in [synthetic, real] {
        warnings::of_few(side, batch_size, "training.batch_size", listener);
    }
    warnings::of_unlike(config, synthetic, real, listener)
}

/// What follows a training: its model card. Of a run that has all its iterations it is said that nothing was trained.
pub fn conclude(run: &RunDir, summary: &Summary, listener: &dyn Listener) {
    if summary.already_done {
        listener.say(&format!(
            "{} is already at {} iterations: nothing is left to do, and nothing was trained",
            run.path().display(),
            thousands(summary.steps)
        ));
    } else if !summary.stopped {
        model_card::keep(run, listener);
    }
}

/// What [`to_json`] gives.
pub const SHAPE: Shape = Shape::new("training", 1);

/// The result of a training as JSON. `run` is an older name of `out`.
pub fn to_json(out: &Path, summary: &Summary) -> Value {
    json!({
        "out": out,
        "run": out,
        "steps": summary.steps,
        "seconds": summary.seconds,
        "already_done": summary.already_done,
        "last": summary.last,
    })
}
