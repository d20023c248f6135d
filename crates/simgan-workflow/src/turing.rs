//! The images of a visual Turing test: chosen, refined, and shown to a classifier as well.

use burn::tensor::Device;
use rand::seq::SliceRandom;
use simgan::judges;
use simgan::judges::two_sample;
use simgan::refine::{TrainedRefiner, encode};
use simgan::training::RunDir;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};
use simgan_data::{Dataset, OpenOptions};
use simgan_turing::{Gallery, Machine, MachineAnswers, Picture, Plan, TestOptions};

use crate::compare::warn_of_leak;
use crate::data;
use crate::listener::Listener;

/// Part of the images that subjects may be shown; the classifier learns from the others.
const SHOWN: f64 = 0.3;
/// Synthetic images of a run whose training had them in memory.
const EMBEDDED: &str = "embedded";

/// What a test is made from.
#[derive(Clone, Debug, Default)]
pub struct TuringRequest {
    /// Folder of the trained run.
    pub run: std::path::PathBuf,
    /// Synthetic images; `None`: those that the run was trained on.
    pub synthetic: Option<String>,
    /// Real images.
    pub real: String,
    /// How large the test is.
    pub options: TestOptions,
    /// Images of each kind at most; 0: all.
    pub images: usize,
    /// Whether a classifier is asked, too.
    pub machine: bool,
    /// How images are opened.
    pub open: OpenOptions,
}

/// Reads and refines the images, and asks the classifier.
///
/// # Errors
/// What is wrong with run, options or images; too few images; those of fitting.
pub fn prepare(
    request: &TuringRequest,
    device: &Device,
    listener: &dyn Listener,
) -> Result<(Plan, Gallery)> {
    request.options.validate()?;
    let run = RunDir::open(&request.run)?;
    let refiner = TrainedRefiner::load(&run, None, true, device)?;
    let preprocessing = &refiner.config().preprocessing;
    let open = |source: &str| {
        let all = data::open(source, preprocessing, &request.open, listener)?;
        Ok::<_, Error>(all.subset(&judges::choose(all.len(), request.images)))
    };
    let synthetic = synthetic_source(request, &run)?;
    let (real, made) = (open(&request.real)?, open(&synthetic)?);
    warn_of_leak(&run, &real, "--real", listener);
    let [shown_real, other_real] = split(&real, &request.options);
    let [shown, other] = split(&made, &request.options);
    let shown_refined = refined(&refiner, &shown, listener)?;
    let gallery = Gallery {
        real: pictures(&shown_real)?,
        synthetic: pictures(&shown)?,
        refined: pictures(&shown_refined)?,
    };
    let sources = [synthetic, request.real.clone()];
    let name = data::name(run.path(), "run");
    // What cannot be tested is refused before the classifier learns.
    let mut plan = Plan::new(&name, sources, request.options, &gallery, None)?;
    if request.machine {
        let learn = Sides {
            real: [other_real, shown_real],
            synthetic: [other.clone(), shown],
            refined: [refined(&refiner, &other, listener)?, shown_refined],
        };
        plan.machine = machine(&learn, device, listener)?;
    }
    Ok((plan, gallery))
}

/// Images to learn from and images to be asked, of each kind.
struct Sides {
    real: [Dataset; 2],
    synthetic: [Dataset; 2],
    refined: [Dataset; 2],
}

fn synthetic_source(request: &TuringRequest, run: &RunDir) -> Result<String> {
    if let Some(source) = &request.synthetic {
        return Ok(source.clone());
    }
    let source = run.manifest()?.synthetic.source;
    match source.as_str() {
        EMBEDDED => Err(Error::config("the run's synthetic images were in memory")
            .with_hint("give them: --synthetic DIR")),
        _ => Ok(source),
    }
}

/// Images that may be shown, and the others, drawn by the seed of the test.
fn split(images: &Dataset, options: &TestOptions) -> [Dataset; 2] {
    let mut indices: Vec<usize> = (0..images.len()).collect();
    indices.shuffle(&mut generator(options.seed, Stream::TuringTest));
    let part = (images.len() as f64 * SHOWN).ceil() as usize;
    let shown = part.max(options.images_each()).min(images.len());
    let (shown, others) = indices.split_at(shown);
    [images.subset(shown), images.subset(others)]
}

fn refined(refiner: &TrainedRefiner, images: &Dataset, listener: &dyn Listener) -> Result<Dataset> {
    let progress = listener.begin("refining");
    judges::refined(refiner, images, &mut |done, all| {
        progress.update(done, all, "")
    })
}

/// As uncompressed BMP files.
fn pictures(images: &Dataset) -> Result<Vec<Picture>> {
    let picture = |index: usize| {
        let name = images.name(index);
        let bmp = encode::encode("image.bmp", &images.pixels(index), images.image_shape());
        Ok(Picture { name, bmp: bmp? })
    };
    (0..images.len()).map(picture).collect()
}

/// What classifiers take the shown images for; `None` where there are too few others to learn from.
fn machine(sides: &Sides, device: &Device, listener: &dyn Listener) -> Result<Option<Machine>> {
    let [learned_real, asked_real] = &sides.real;
    let each = learned_real.len().min(sides.synthetic[0].len());
    if each < two_sample::LEAST {
        listener.say("no classifier is asked: subjects may be shown all images, so that none are left to teach one");
        return Ok(None);
    }
    let answers = |label: &'static str, [learned, asked]: &[Dataset; 2]| {
        let progress = listener.begin(label);
        let mut told = |done, all| progress.update(done, all, "");
        let classifier = two_sample::teach(learned, learned_real, 0, device, &mut told)?;
        Ok::<_, Error>(MachineAnswers {
            real: two_sample::takes_for_real(&classifier, asked_real)?,
            made: two_sample::takes_for_real(&classifier, asked)?,
        })
    };
    Ok(Some(Machine {
        learned_from: each,
        refined: answers("telling refined from real", &sides.refined)?,
        control: answers("telling synthetic from real", &sides.synthetic)?,
    }))
}
