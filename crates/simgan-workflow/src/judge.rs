//! Are the labels kept, did it become real?

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use simgan::judges;
use simgan::judges::{JudgeOptions, JudgedImages, Judgement};
use simgan::measures::iris_centre;
use simgan::measures::label_shift;
use simgan::measures::label_shift::shows_eyes;
use simgan::refine::{TrainedRefiner, origin};
use simgan::tasks::Estimator;
use simgan::training::RunDir;
use simgan_base::files::output_folder;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, OpenOptions, Source};

use crate::compare::warn_of_leak;
use crate::data;
use crate::listener::{Listener, Progress};
use crate::model_card;
use crate::tensorboard;

/// Width that shifts are told for.
const WIDTH: f64 = iris_centre::WIDTH as f64;

const VERSION_HINT: &str = "--refined is what `simgan refine` made of the images of --synthetic";

/// What is judged, and how.
#[derive(Clone, Debug, Default)]
pub struct JudgeRequest {
    /// Folder of the trained run.
    pub run: PathBuf,
    /// Synthetic images.
    pub synthetic: String,
    /// Real images, not used in training.
    pub real: String,
    /// Refined versions of the synthetic images; `None`: the run's refiner makes them, in memory.
    pub refined: Option<String>,
    /// Estimator of iris positions or gaze: a second judge of label shifts.
    pub iris_model: Option<PathBuf>,
    /// Estimator whose answers refining should not move; `None`: that of the run, if any.
    pub task_model: Option<PathBuf>,
    /// Pixels of an image 55 wide in one unit of the iris model's labels; `None`: labels are pixels of the images.
    pub iris_unit: Option<f64>,
    /// Classifiers fitted on each side, at least 1.
    pub seeds: u32,
    /// Images of each kind at most; 0: all.
    pub images: usize,
    /// Folder for `judgement.json`: new or empty; `None`: only the run gets it.
    pub out: Option<PathBuf>,
    /// How images are opened.
    pub open: OpenOptions,
}

/// Judges, and keeps the judgement in the output, if one is asked for, and with the run.
///
/// # Errors
/// What is wrong with run, folders, models or images; those of [`judges::judge`]; a result that cannot be written.
pub fn judge(
    request: &JudgeRequest,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Judgement> {
    let run = RunDir::open(&request.run)?;
    check_place(request)?;
    check_origin(request, &run)?;
    let refiner = TrainedRefiner::load(&run, None, true, device)?;
    let model = iris_model(request, &refiner, device)?;
    let task_model = task_model(request, &run, &refiner, device)?;
    let [synthetic, refined, real] = images(request, &refiner, listener)?;
    warn_of_leak(&run, &real, "--real", listener);
    let eyes = shows_eyes(&synthetic);
    if !eyes {
        listener.warn(
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
        seeds: request.seeds.into(),
        iris_model: model.as_ref(),
        unit_px: request.iris_unit.unwrap_or_else(|| pixel(&synthetic)),
        task_model: task_model.as_ref(),
    };
    let judgement = ask_all(images, &options, device, listener)?;
    keep(request, &run, &judgement)?;
    tensorboard::keep_judgement(&run, &judgement, listener);
    model_card::keep(&run, listener);
    // Advice on a training by shifts of irises that there are not would mislead.
    for warning in judgement.warnings().iter().filter(|_| eyes) {
        listener.warn(warning);
    }
    Ok(judgement)
}

fn check_place(request: &JudgeRequest) -> Result<()> {
    let Some(out) = &request.out else {
        return Ok(());
    };
    data::require_free(out, "--out")?;
    let read = [request.synthetic.as_str(), &request.real];
    let read = read.into_iter().chain(request.refined.as_deref());
    data::require_outside(out, "--out", read)
}

/// The second judge, if it fits the run.
fn iris_model(
    request: &JudgeRequest,
    refiner: &TrainedRefiner,
    device: &Device,
) -> Result<Option<Estimator>> {
    if let Some(unit) = request
        .iris_unit
        .filter(|unit| !(*unit > 0.0 && unit.is_finite()))
    {
        return Err(Error::config(format!(
            "--iris-unit is {unit}, must be above 0"
        )));
    }
    let Some(path) = &request.iris_model else {
        return Ok(None);
    };
    let estimator = model_like(path, refiner, device)?;
    label_shift::unit_of(&estimator)?;
    Ok(Some(estimator))
}

/// The estimator whose answers should stay, given or the run's own.
fn task_model(
    request: &JudgeRequest,
    run: &RunDir,
    refiner: &TrainedRefiner,
    device: &Device,
) -> Result<Option<Estimator>> {
    let own = Some(run.estimator()).filter(|path| Estimator::is_saved_at(path));
    let path = request.task_model.clone().or(own);
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
fn images(
    request: &JudgeRequest,
    refiner: &TrainedRefiner,
    listener: &dyn Listener,
) -> Result<[Dataset; 3]> {
    let preprocessing = &refiner.config().preprocessing;
    let open = |source: &str| data::open(source, preprocessing, &request.open, listener);
    let limited = |data: &Dataset| data.subset(&judges::choose(data.len(), request.images));
    let (all, real) = (open(&request.synthetic)?, limited(&open(&request.real)?));
    let synthetic = limited(&all);
    let refined = match &request.refined {
        Some(source) => {
            let refined = open(source)?;
            // The choice of images is by their order.
            data::check_version(&all, &refined, VERSION_HINT)?;
            limited(&refined)
        }
        None => {
            let progress = listener.begin("refining");
            judges::refined(refiner, &synthetic, &mut |done, all| {
                progress.update(done, all, "")
            })?
        }
    };
    Ok([synthetic, refined, real])
}

/// Figures of one run's images must not be kept as another's.
fn check_origin(request: &JudgeRequest, run: &RunDir) -> Result<()> {
    let Some(source) = &request.refined else {
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

fn ask_all(
    images: JudgedImages,
    options: &JudgeOptions,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Judgement> {
    let mut bar: Option<(&str, Box<dyn Progress + '_>)> = None;
    judges::judge(images, options, device, &mut |what, done, total| {
        if bar.as_ref().is_none_or(|(shown, _)| *shown != what) {
            // The bar before is gone before the next one comes.
            bar = None;
            bar = Some((what, listener.begin(what)));
        }
        if let Some((_, progress)) = &bar {
            progress.update(done, total, "");
        }
    })
}

/// Writes `judgement.json` to the output, and to `RUN/judgements`, where the report looks.
fn keep(request: &JudgeRequest, run: &RunDir, judgement: &Judgement) -> Result<()> {
    let out = request.out.as_deref();
    let partial = out.map(output_folder::begin).transpose()?;
    let output = partial.as_deref().zip(out);
    data::keep_result(Judgement::SHAPE, judgement, output, &run.judgements())?;
    Ok(())
}
