//! The steps of this program, with the library's own nets, losses and optimizers.

use burn::tensor::{Device, Tensor, TensorData};
use simgan::algorithm_1::Algorithm1;
use simgan::algorithm_1::batches::Batches;
use simgan::algorithm_1::scalars::Scalars;
use simgan::discriminator::DiscriminatorConfig;
use simgan::feature_transform::FeatureTransform;
use simgan::history_buffer::HistoryBuffer;
use simgan::losses::finite_value;
use simgan::losses::local_adversarial::discriminator_loss;
use simgan::losses::self_regularization::self_regularization;
use simgan::nets::image_tensor;
use simgan::parallel::ProcessGroup;
use simgan::refiner::RefinerConfig;
use simgan::stabilizers::Stabilizers;
use simgan::tasks::fit::optimizer;
use simgan::tasks::gaze::l2_loss;
use simgan::tasks::{EstimatorConfig, GazeCnnConfig};
use simgan::training::Config;
use simgan_base::Result;
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_data::{Dataset, OpenOptions, Preprocessing};

use super::stage::Stage;

/// `[channels, height, width]` of the paper's eyes.
pub const EYE: [usize; 3] = [1, 35, 55];
/// `[channels, height, width]` of the paper's hands.
pub const HAND: [usize; 3] = [1, 224, 224];
/// Images of each side that mini-batches are drawn from.
const IMAGES: usize = 1000;

/// One step of a stage; returns when its result is there.
pub type Step = Box<dyn FnMut() -> Result<()>>;

/// What one step of `stage` does with mini-batches of `images`.
pub fn build(stage: Stage, images: usize, device: &Device) -> Result<Step> {
    match stage {
        Stage::Refine | Stage::Refine128 => refine(images, device),
        Stage::RefinerStep => refiner_step(images, device),
        Stage::DiscriminatorStep => discriminator_step(images, device),
        Stage::Iteration => iteration(images, device),
        Stage::GazeStep => gaze_step(images, device),
        Stage::Hands => hands_refiner_step(images, device),
    }
}

fn refine(images: usize, device: &Device) -> Result<Step> {
    let mut rng = generator(0, Stream::RefinerWeights);
    let refiner = RefinerConfig::eyes().init(EYE[0], &mut rng, device);
    let images = eyes("eyes?seed=0", images, device)?;
    Ok(Box::new(move || {
        let refined = refiner.refine(images.clone());
        // On a device of its own, the result is there only once it is read.
        drop(refined.into_data());
        Ok(())
    }))
}

fn refiner_step(images: usize, device: &Device) -> Result<Step> {
    let mut algorithm = algorithm(images, device, None)?;
    Ok(Box::new(move || {
        algorithm.update_refiner(true, &mut Scalars::default())
    }))
}

/// Part D.3 of Algorithm 1: its images are there already.
fn discriminator_step(images: usize, device: &Device) -> Result<Step> {
    let device = device.clone().autodiff();
    let config = Config::default().training;
    let mut rng = generator(0, Stream::DiscriminatorWeights);
    let mut discriminator = DiscriminatorConfig::eyes().init(EYE, &mut rng, &device);
    let mut optimizer = config.new_optimizer();
    let refined = eyes("eyes?seed=0", images, &device)?;
    let real = eyes("camera?seed=0", images, &device)?;
    Ok(Box::new(move || {
        let logits = [&refined, &real].map(|side| discriminator.forward(side.clone()));
        let [refined, real] = logits;
        let loss = discriminator_loss(refined, real);
        finite_value("discriminator loss", &loss)?;
        let rate = config.learning_rate_discriminator;
        optimizer.step(&mut discriminator, &loss, rate)?;
        Ok(())
    }))
}

fn iteration(images: usize, device: &Device) -> Result<Step> {
    let size = Config::default().history.size;
    let old = simulated("eyes?seed=3", IMAGES)?;
    let indices: Vec<usize> = (0..size).map(|i| i % IMAGES).collect();
    let history = HistoryBuffer::from_images(size, EYE.iter().product(), old.batch(&indices))?;
    let mut algorithm = algorithm(images, device, Some(history))?;
    Ok(Box::new(move || algorithm.iteration().map(drop)))
}

/// Algorithm 1 with the default constants on mini-batches of simulated eyes.
fn algorithm(images: usize, device: &Device, history: Option<HistoryBuffer>) -> Result<Algorithm1> {
    let config = Config::default();
    let training = &config.training;
    let device = device.clone().autodiff();
    let weights = |stream| generator(training.seed, stream);
    Ok(Algorithm1 {
        refiner: config
            .refiner
            .init(EYE[0], &mut weights(Stream::RefinerWeights), &device),
        discriminator: config.discriminator.init(
            EYE,
            &mut weights(Stream::DiscriminatorWeights),
            &device,
        ),
        average: None,
        refiner_optimizer: training.new_optimizer(),
        discriminator_optimizer: training.new_optimizer(),
        history,
        history_rng: generator(training.seed, Stream::History),
        batches: Batches::new(
            images,
            simulated("eyes?seed=1", IMAGES)?,
            simulated("camera?seed=2", IMAGES)?,
            training.seed,
            [Position::default(); 2],
        ),
        psi: FeatureTransform::Identity,
        keypoints: None,
        areas: Default::default(),
        task_consistency: None,
        group: ProcessGroup::alone(),
        stabilizers: Stabilizers::new(&training.stabilizers()),
        constants: training.constants(),
        device,
    })
}

fn gaze_step(images: usize, device: &Device) -> Result<Step> {
    let device = device.clone().autodiff();
    let config = EstimatorConfig::default();
    let mut network = GazeCnnConfig::new(EYE).init(0, &device)?;
    let mut optimizer = optimizer(&config);
    let targets = looks("eyes?seed=0", images, &device)?;
    let images = eyes("eyes?seed=0", images, &device)?;
    Ok(Box::new(move || {
        let loss = l2_loss(network.forward(images.clone()), targets.clone());
        finite_value("estimator's loss", &loss)?;
        optimizer.step(&mut network, &loss, config.learning_rate)?;
        Ok(())
    }))
}

fn hands_refiner_step(images: usize, device: &Device) -> Result<Step> {
    let device = device.clone().autodiff();
    let config = Config::default().training;
    let mut rng = generator(0, Stream::RefinerWeights);
    let mut refiner = RefinerConfig::hands().init(HAND[0], &mut rng, &device);
    let mut optimizer = config.new_optimizer();
    let images = image_tensor::from_values(pattern(images), HAND, &device);
    Ok(Box::new(move || {
        let refined = refiner.forward(images.clone());
        let identity = FeatureTransform::Identity;
        let loss = self_regularization(&identity, refined.clone(), images.clone());
        let loss = loss + refined.mean();
        finite_value("refiner loss", &loss)?;
        let rate = config.learning_rate_refiner;
        optimizer.step(&mut refiner, &loss, rate)?;
        Ok(())
    }))
}

/// The first `count` images of a simulator, rendered beforehand, so that no step waits for them.
fn simulated(simulator: &str, count: usize) -> Result<Dataset> {
    let source = format!("sim:{simulator}&count={count}");
    let live = Dataset::open(&source, &Preprocessing::default(), &OpenOptions::default())?;
    let indices: Vec<usize> = (0..count).collect();
    let names = indices.iter().map(|&i| live.name(i)).collect();
    Dataset::from_memory(
        names,
        live.image_shape(),
        live.gather(&indices),
        live.labels().cloned(),
    )
}

/// The first `count` images of a simulator as a tensor.
fn eyes(simulator: &str, count: usize, device: &Device) -> Result<Tensor<4>> {
    let images = simulated(simulator, count)?;
    let indices: Vec<usize> = (0..count).collect();
    Ok(image_tensor::from_values(
        images.batch(&indices),
        EYE,
        device,
    ))
}

/// Gaze vectors of the same images.
fn looks(simulator: &str, count: usize, device: &Device) -> Result<Tensor<2>> {
    let values: Vec<f32> = simulated(simulator, count)?.gaze()?.concat();
    let data = TensorData::new(values, [count, 3]);
    Ok(Tensor::from_data(data, device))
}

/// Images the size of hands, values in [-1, 1].
fn pattern(images: usize) -> Vec<f32> {
    let values = images * HAND.iter().product::<usize>();
    (0..values)
        .map(|i| (i * 37 % 255) as f32 / 127.5 - 1.0)
        .collect()
}
