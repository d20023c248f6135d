//! The start of a training: are the data those of the run, and the state of Algorithm 1, new or from a checkpoint.

use std::ops::ControlFlow;
use std::sync::Arc;

use burn::module::Module;
use serde_json::json;
use simgan_kernels::ops::{are_used_on, is_cpu};

use crate::algorithm_1::Algorithm1;
use crate::algorithm_1::batches::Batches;
use crate::feature_transform::{FeatureTransform, Kind};
use crate::history_buffer::HistoryBuffer;
use crate::keypoints;
use crate::keypoints::{Keypoints, Places};
use crate::nets::image_tensor;
use crate::nets::weights;
use crate::parallel::Member;
use crate::refiner::exposure::Exposure;
use crate::stabilizers::Stabilizers;
use crate::task_consistency;
use crate::task_consistency::TaskConsistency;
use crate::tasks::{
    Estimator, EstimatorConfig, EstimatorFeatures, FitOptions, FitProgress, Network,
};
use crate::training::bookmark::Bookmark;
use crate::training::event_log::Phase;
use crate::training::progress::Preparation;
use crate::training::{Config, RunDir, checkpoint, memory, reproducibility};
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, HeldAreas};

/// Synthetic images that psi's features are scaled by.
const SEEN: usize = 256;

/// Told after every step of what comes before Algorithm 1: how many of how many are done; ends it with
/// [`ControlFlow::Break`].
pub(super) type Told<'a> = dyn FnMut(Preparation, usize, usize) -> ControlFlow<()> + 'a;

/// Both sides must have images of one shape, and the synthetic ones the boxes and masks that are held.
///
/// # Errors
/// Of kind [`Data`](simgan_base::ErrorKind::Data): names what differs, or the image that lacks something.
pub fn check_sides(config: &Config, synthetic: &Dataset, real: &Dataset) -> Result<()> {
    let (a, b) = (synthetic.image_shape(), real.image_shape());
    if a != b {
        return Err(Error::data(format!(
            "synthetic images are {a:?}, real ones {b:?} (channels, height, width)"
        ))
        .with_hint("both sides go through the same [preprocessing]"));
    }
    let areas = HeldAreas::of(synthetic, &config.hold)?;
    match synthetic.is_empty() {
        true => Ok(()),
        // A mask of another kind than expected is told now.
        false => areas.of_image(0).map(drop),
    }
}

/// The machine of `member` must be able to do what `config` asks for: reproducible, where that is asked for, with the memory there
/// is, on a share of every mini-batch.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config).
pub fn check_machine(config: &Config, image_shape: [usize; 3], member: &Member) -> Result<()> {
    let Member { device, group } = member;
    group.check_batch_size(config.training.batch_size)?;
    reproducibility::check(config, device)?;
    match are_used_on(device) {
        true => memory::check(config, image_shape, group.size()),
        false => Ok(()),
    }
}

/// Both sides must be those that the run began with.
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

/// Every process of a training must start from the same state with the same images: what comes next is only the same if all is.
///
/// # Errors
/// Of kind [`Training`](simgan_base::ErrorKind::Training): names what differs, and whose it is.
pub(super) fn require_same(config: &Config, algorithm: &Algorithm1) -> Result<()> {
    let Algorithm1 { group, batches, .. } = algorithm;
    if group.is_alone() {
        return Ok(());
    }
    let kernels = reproducibility::kernels(&algorithm.device);
    let hint = format!("set {} for all of them", simgan_kernels::simd::VARIABLE);
    group.require_equal("the kernels", kernels.as_bytes(), &hint)?;
    let hint = "give all of them the same files, settings and version";
    let settings = json!([env!("CARGO_PKG_VERSION"), config]);
    group.require_equal("the settings", settings.to_string().as_bytes(), hint)?;
    let [synthetic, real] = [batches.synthetic_images(), batches.real_images()];
    let images = [synthetic.fingerprint(), real.fingerprint()].concat();
    group.require_equal("the images", images.as_bytes(), hint)?;
    let state = json!([batches.positions(), batches.drawn(), algorithm.history_rng]);
    let mut state = state.to_string().into_bytes();
    state.extend(weights::to_bytes(&algorithm.refiner, Default::default())?);
    state.extend(weights::to_bytes(
        &algorithm.discriminator,
        Default::default(),
    )?);
    group.require_equal("the state", &state, hint)
}

/// Algorithm 1 before its first step; `None` if it was told to end while networks that it needs still learned.
pub(super) fn new(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    member: &Member,
    run: &RunDir,
    told: &mut Told,
) -> Result<Option<Algorithm1>> {
    let places = Places::of(synthetic, &config.keypoints)?;
    let (points, start) = (places.points.len(), [Position::default(); 2]);
    let Member { device, group } = member;
    let mut algorithm = algorithm(config, synthetic, real, member, start, points)?;
    if let Some(exposure) = &mut algorithm.refiner.exposure {
        *exposure = Exposure::between(synthetic, real, &algorithm.device);
    }
    if let Some(keypoints) = &mut algorithm.keypoints {
        let (steps, seed) = (config.keypoints.steps, config.training.seed);
        let mut told = |done, total| told(Preparation::Keypoints, done, total);
        // Every process learns the same.
        let network = keypoints::fit(synthetic, &places, steps, seed, device, &mut told)?;
        // A signal may have come to one of them alone.
        let stopped = group.largest(network.is_none().into())? > 0;
        match network.filter(|_| !stopped) {
            Some(network) => keypoints.network = network,
            None => return Ok(None),
        }
    }
    if let Some(estimator) = consistent_estimator(config, synthetic)? {
        let options = FitOptions {
            seed: config.training.seed,
            preprocessing: config.preprocessing.clone(),
            ..FitOptions::default()
        };
        let mut told = |p: FitProgress| told(Preparation::Estimator, p.step, p.steps);
        let path = run.estimator();
        // The first process learns, the others wait and read what it has saved.
        let fitted = match group.is_first() {
            true => task_consistency::fit_or_load(
                &path, synthetic, &estimator, &options, device, &mut told,
            )?,
            false => None,
        };
        let stopped = group.is_first() && fitted.is_none();
        if group.largest(stopped.into())? > 0 {
            return Ok(None);
        }
        let estimator = fitted.map_or_else(|| Estimator::load(&path, device), Ok)?;
        hold_answers(&mut algorithm, estimator, config)?;
    }
    Ok(Some(algorithm))
}

/// The estimator that `[task_consistency]` or psi asks for, or `None` where none is asked for or it may be left out.
///
/// # Errors
/// Those of [`task_consistency::estimator_of`].
pub(super) fn consistent_estimator(
    config: &Config,
    synthetic: &Dataset,
) -> Result<Option<EstimatorConfig>> {
    if !config.needs_estimator() {
        return Ok(None);
    }
    match task_consistency::estimator_of(&config.estimator, synthetic) {
        Ok(estimator) => Ok(Some(estimator)),
        Err(error) if config.psi.kind == Kind::Estimator => {
            Err(error.at("psi.kind = \"estimator\""))
        }
        Err(error) if config.task_consistency.optional => {
            tracing::warn!("answers are neither watched nor kept ([task_consistency]): {error}");
            Ok(None)
        }
        Err(error) => Err(error.at("[task_consistency]")),
    }
}

/// Holds the refiner to what `estimator` answers, or to what it sees, and matches both sides by its answers.
fn hold_answers(algorithm: &mut Algorithm1, estimator: Estimator, config: &Config) -> Result<()> {
    if let Some(network) = estimator
        .network()
        .filter(|_| config.psi.kind == Kind::Estimator)
    {
        see_features(algorithm, network.clone())?;
    }
    let (section, seed) = (&config.task_consistency, config.training.seed);
    let batches = &mut algorithm.batches;
    let (synthetic, real) = (batches.synthetic_images(), batches.real_images());
    let held = TaskConsistency::new(estimator, synthetic, section, &algorithm.device)?;
    if let Some(matched) = held.matched(synthetic, real, seed)? {
        batches.draw_only(matched.synthetic, matched.real);
    }
    algorithm.task_consistency = Some(held);
    Ok(())
}

/// Makes psi what `network` sees in its first layers.
pub(super) fn see_features(algorithm: &mut Algorithm1, network: Network) -> Result<()> {
    let images = algorithm.batches.synthetic_images();
    let some = images.batch(&images.spread(SEEN));
    let some = image_tensor::from_values(some, images.image_shape(), &algorithm.device);
    let network = network.to_device(&algorithm.device);
    let features = EstimatorFeatures::new(&network, some)?;
    algorithm.psi = FeatureTransform::Other(Arc::new(features));
    Ok(())
}

/// Algorithm 1 as it was at the newest good checkpoint of `run`, and where the training stood.
pub(super) fn resumed(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    run: &RunDir,
    member: &Member,
) -> Result<(Algorithm1, Bookmark)> {
    let device = &member.device;
    let (_, path) = run.checkpoint(None)?;
    let state = checkpoint::load_state(&path)?;
    check_data(run, synthetic, real)?;
    reproducibility::check_kernels(config, run, reproducibility::kernels(device))?;
    let bookmark = state.bookmark.clone();
    let places = Places::of(synthetic, &config.keypoints)?;
    let (points, positions) = (places.points.len(), state.positions);
    let mut algorithm = algorithm(config, synthetic, real, member, positions, points)?;
    if bookmark.phase == Phase::Adversarial {
        algorithm.start_average();
    }
    if consistent_estimator(config, synthetic)?.is_some() {
        let estimator = Estimator::load(&run.estimator(), device)?;
        hold_answers(&mut algorithm, estimator, config)?;
    }
    let algorithm = checkpoint::restore(algorithm, &path, state, &config.history)?;
    Ok((algorithm, bookmark))
}

/// Algorithm 1 with networks that have learned nothing, its samplers at `positions`.
pub(super) fn algorithm(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    member: &Member,
    positions: [Position; 2],
    points: usize,
) -> Result<Algorithm1> {
    let training = &config.training;
    let seed = training.seed;
    let device = member.device.clone().autodiff();
    let share = member.group.share();
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
        refiner_optimizer: training.new_optimizer(),
        discriminator_optimizer: training.new_optimizer(),
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
        )
        .decoding_ahead(!is_cpu(&device))
        .with_share(share),
        psi: config.psi.init(shape[0], &device)?,
        task_consistency: None,
        areas: config.hold.clone(),
        keypoints: Keypoints::new(&config.keypoints, points, shape[0], seed, &device),
        stabilizers: Stabilizers::new(&training.stabilizers()).with_share(share),
        constants: training.constants(),
        group: member.group.clone(),
        device,
    })
}
