//! `simgan judge`: are the labels kept, did it become real?

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use simgan::judges;
use simgan::judges::{JudgeOptions, JudgedImages, Judgement};
use simgan::measures::iris_centre;
use simgan::measures::label_shift;
use simgan::measures::label_shift::shows_eyes;
use simgan::refine::{TrainedRefiner, origin};
use simgan::tasks::Estimator;
use simgan::training::RunDir;
use simgan_base::files::{durable, output_folder};
use simgan_base::{Error, Result};
use simgan_data::{Dataset, Source};

use super::compare::warn_of_leak;
use crate::args::DataOptions;
use crate::console::Console;
use crate::progress::Progress;
use crate::{data, output};

/// Width that shifts are told for.
const WIDTH: f64 = iris_centre::WIDTH as f64;

const VERSION_HINT: &str = "--refined is what `simgan refine` made of the images of --synthetic";

/// Options of `judge`.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Real images, not used in training
    #[arg(long, value_name = "DIR")]
    pub real: String,
    /// Refined versions of the synthetic images [default: the run's refiner makes them, in memory]
    #[arg(long, value_name = "DIR")]
    pub refined: Option<String>,
    /// Estimator of iris positions or gaze (`fit`), fitted on synthetic images: a second judge of label shifts
    #[arg(long, value_name = "MODEL")]
    pub iris_model: Option<PathBuf>,
    /// Estimator fitted on raw synthetic images (`fit`), whose answers refining should not move [default: that of the run,
    /// where `[task_consistency]` made one]
    #[arg(long, value_name = "MODEL")]
    pub task_model: Option<PathBuf>,
    /// Pixels of an image 55 wide in one unit of that model's labels [default: labels are pixels of the synthetic images]
    #[arg(long, value_name = "PX")]
    pub iris_unit: Option<f64>,
    /// Classifiers fitted on each side, with seeds 0, 1, ...
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub seeds: u32,
    /// Images of each kind at most, drawn alike every time; 0: all
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub images: usize,
    /// Folder for judgement.json: new or empty [default: only RUN/judgements gets it]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Judges and prints the tables.
pub fn run(args: &JudgeArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let run = RunDir::open(&args.run)?;
    if let Some(out) = &args.out {
        data::require_free(out, "--out")?;
        let read = [args.synthetic.as_str(), &args.real];
        let read = read.into_iter().chain(args.refined.as_deref());
        data::require_outside(out, "--out", read)?;
    }
    check_origin(args, &run)?;
    let refiner = TrainedRefiner::load(&run, None, true, device)?;
    let model = iris_model(args, &refiner, device)?;
    let task_model = task_model(args, &run, &refiner, device)?;
    let [synthetic, refined, real] = images(args, &refiner, console)?;
    warn_of_leak(&run, &real, "--real", console);
    let eyes = shows_eyes(&synthetic);
    if !eyes {
        console.warn(
            "the synthetic images are not labelled as eyes (no gaze or iris column): \
             label shifts by gradient voting, which looks for an iris, say nothing of other images",
        );
    }
    let images = JudgedImages {
        synthetic: &synthetic,
        refined: &refined,
        real: &real,
    };
    let options = JudgeOptions {
        seeds: args.seeds.into(),
        iris_model: model.as_ref(),
        unit_px: args.iris_unit.unwrap_or_else(|| pixel(&synthetic)),
        task_model: task_model.as_ref(),
    };
    let judgement = judge(images, &options, device, console)?;
    keep(args, &run, &judgement)?;
    // Advice on a training by shifts of irises that there are not would mislead.
    for warning in judgement.warnings().iter().filter(|_| eyes) {
        console.warn(warning);
    }
    match args.json {
        true => output::json(&judgement),
        false => output::line(judgement.to_markdown().trim_end()),
    }
}

/// The second judge, if it fits the run.
fn iris_model(
    args: &JudgeArgs,
    refiner: &TrainedRefiner,
    device: &Device,
) -> Result<Option<Estimator>> {
    if let Some(unit) = args
        .iris_unit
        .filter(|unit| !(*unit > 0.0 && unit.is_finite()))
    {
        return Err(Error::config(format!(
            "--iris-unit is {unit}, must be above 0"
        )));
    }
    let Some(path) = &args.iris_model else {
        return Ok(None);
    };
    let estimator = model_like(path, refiner, device)?;
    label_shift::unit_of(&estimator)?;
    Ok(Some(estimator))
}

/// The estimator whose answers should stay, given or the run's own.
fn task_model(
    args: &JudgeArgs,
    run: &RunDir,
    refiner: &TrainedRefiner,
    device: &Device,
) -> Result<Option<Estimator>> {
    let own = Some(run.estimator()).filter(|path| Estimator::is_saved_at(path));
    let path = args.task_model.clone().or(own);
    path.map(|path| model_like(&path, refiner, device))
        .transpose()
}

/// The estimator in `path`, of images that went through the run's preprocessing.
fn model_like(path: &Path, refiner: &TrainedRefiner, device: &Device) -> Result<Estimator> {
    let estimator = Estimator::load(path, device)?;
    if estimator.preprocessing() == &refiner.config().preprocessing {
        return Ok(estimator);
    }
    let message = format!(
        "{} was fitted on images of another preprocessing than the run's",
        path.display()
    );
    Err(Error::model(message).with_hint("fit it with --run"))
}

/// Synthetic, refined and real images, at most as many as asked for.
fn images(args: &JudgeArgs, refiner: &TrainedRefiner, console: &Console) -> Result<[Dataset; 3]> {
    let preprocessing = &refiner.config().preprocessing;
    let open = |source: &str| data::open(source, preprocessing, &args.data.open_options(), console);
    let limited = |data: &Dataset| data.subset(&judges::choose(data.len(), args.images));
    let (all, real) = (open(&args.synthetic)?, limited(&open(&args.real)?));
    let synthetic = limited(&all);
    let refined = match &args.refined {
        Some(source) => {
            let refined = open(source)?;
            // The choice of images is by their order.
            data::check_version(&all, &refined, VERSION_HINT)?;
            limited(&refined)
        }
        None => {
            let progress = Progress::new(console, "refining");
            judges::refined(refiner, &synthetic, &mut |done, all| {
                progress.update(done, all, "")
            })?
        }
    };
    Ok([synthetic, refined, real])
}

/// Figures of one run's images must not be kept as another's.
fn check_origin(args: &JudgeArgs, run: &RunDir) -> Result<()> {
    let Some(source) = &args.refined else {
        return Ok(());
    };
    let source = Source::parse(source)?;
    let Some(folder) = source.folder() else {
        let message = format!("--refined {source}: a simulator refines nothing");
        return Err(Error::data(message).with_hint("give the folder that `simgan refine` made"));
    };
    if !folder.exists() {
        return Err(Error::not_found("data set", folder));
    }
    origin::check(run, folder)
}

/// Pixels of an image 55 wide in one of the preprocessed synthetic images.
fn pixel(synthetic: &Dataset) -> f64 {
    let [_, _, width] = synthetic.image_shape();
    WIDTH / width.max(1) as f64
}

fn judge(
    images: JudgedImages,
    options: &JudgeOptions,
    device: &Device,
    console: &Console,
) -> Result<Judgement> {
    let mut bar: Option<(&str, Progress)> = None;
    judges::judge(images, options, device, &mut |what, done, total| {
        if bar.as_ref().is_none_or(|(shown, _)| *shown != what) {
            // The bar before is gone before the next one comes.
            bar = None;
            bar = Some((what, Progress::new(console, what)));
        }
        if let Some((_, progress)) = &bar {
            progress.update(done, total, "");
        }
    })
}

/// Writes `judgement.json` to --out, and to `RUN/judgements`, where the report looks.
fn keep(args: &JudgeArgs, run: &RunDir, judgement: &Judgement) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(judgement)? + "\n";
    if let Some(out) = &args.out {
        let partial = output_folder::begin(out)?;
        durable::write(&partial.join("judgement.json"), &text)?;
        output_folder::publish(&partial, out)?;
    }
    let name = args.out.as_ref().and_then(|out| out.file_name());
    let name = name.map_or_else(|| "judgement".into(), |name| name.to_string_lossy());
    Ok(data::keep_with_run(&run.judgements(), &name, &text)?)
}
