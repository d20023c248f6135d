//! Algorithm 1 of the paper: adversarial training of the refiner R (theta) and the discriminator D (phi).
//!
//! ```
//! use simgan::algorithm_1::batches::Batches;
//! use simgan::base::sampler::Position;
//! use simgan::data::{Dataset, OpenOptions, Preprocessing};
//!
//! // Lines 3 and 8: mini-batches of both sides. `training::train` runs the whole of it.
//! let chain = Preprocessing::default();
//! let open = |source| Dataset::open(source, &chain, &OpenOptions::default());
//! let (rendered, real) = (open("sim:eyes?seed=1[:8]")?, open("sim:camera?seed=2[:8]")?);
//! let mut batches = Batches::new(4, rendered, real, 0, [Position::default(); 2]);
//! assert_eq!(batches.synthetic(4).len(), 4 * 35 * 55);
//! # Ok::<(), simgan::Error>(())
//! ```

mod ahead;
pub mod batches;
pub mod constants;
pub mod scalars;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;
use simgan_kernels::ops::is_cpu;

use crate::algorithm_1::batches::Batches;
use crate::algorithm_1::constants::Constants;
use crate::algorithm_1::scalars::Scalars;
use crate::discriminator::Discriminator;
use crate::feature_transform::FeatureTransform;
use crate::history_buffer::HistoryBuffer;
use crate::hold::HeldRefiner;
use crate::keypoints::Keypoints;
use crate::losses::local_adversarial::{Class, accuracy};
use crate::losses::read_finite;
use crate::losses::self_regularization::self_regularization;
use crate::nets::finite;
use crate::nets::image_tensor;
use crate::nets::moving_average;
use crate::nets::optimizer::Optimizer;
use crate::nets::optimizer::squares::Squares;
use crate::nets::shared_gradients;
use crate::parallel::ProcessGroup;
use crate::refiner::Refiner;
use crate::stabilizers::Stabilizers;
use crate::task_consistency::TaskConsistency;
use simgan_base::Result;
use simgan_data::HoldConfig;

/// The two players, their optimizers and the history: everything that Algorithm 1 changes.
pub struct Algorithm1 {
    /// R, with parameters theta.
    pub refiner: Refiner,
    /// D, with parameters phi.
    pub discriminator: Discriminator,
    /// Moving average of theta, if asked for.
    pub average: Option<Refiner>,
    /// Optimizer of theta.
    pub refiner_optimizer: Optimizer,
    /// Optimizer of phi.
    pub discriminator_optimizer: Optimizer,
    /// Images of earlier refiners, unless switched off.
    pub history: Option<HistoryBuffer>,
    /// Draws from the history.
    pub history_rng: ChaCha8Rng,
    /// Mini-batches of both sides.
    pub batches: Batches,
    /// The feature transform psi.
    pub psi: FeatureTransform,
    /// Labelled points that are kept, beside psi.
    pub keypoints: Option<Keypoints>,
    /// What may change inside boxes and masks when R is applied.
    pub areas: HoldConfig,
    /// An estimator whose answers are kept, beside both.
    pub task_consistency: Option<TaskConsistency>,
    /// What came after the paper; the default changes nothing.
    pub stabilizers: Stabilizers,
    /// The constants.
    pub constants: Constants,
    /// The processes that share every mini-batch.
    pub group: ProcessGroup,
    /// Where to compute, with autodiff.
    pub device: Device,
}

impl Algorithm1 {
    /// One pass of the outer loop, `for t = 1, ..., T`. Returns the last update's values of each player.
    pub fn iteration(&mut self) -> Result<Scalars> {
        let mut scalars = Scalars::default();
        // for k = 1, ..., K_g
        for _ in 0..self.constants.k_g {
            self.update_refiner(true, &mut scalars)?;
        }
        // for k = 1, ..., K_d
        for _ in 0..self.constants.k_d {
            self.update_discriminator(&mut scalars)?;
        }
        Ok(scalars)
    }

    /// One update of theta on L_R (eq. 1); without `adversarial`, on the self-regularization alone (warm-up).
    pub fn update_refiner(&mut self, adversarial: bool, scalars: &mut Scalars) -> Result<()> {
        self.require_finite()?;
        // R.1: sample a mini-batch of synthetic images x_i.
        let synthetic = self.batches.synthetic(self.batches.size());
        let synthetic = self.tensor("synthetic images", synthetic)?;
        // R.2: update theta by a step on L_R(theta) = l_real + lambda * l_reg; phi stays as it is.
        // Exposure, where it is matched, is no change that R pays for.
        let rendered = synthetic.clone();
        let synthetic = self.refiner.exposed(synthetic);
        let refined = self.refiner.forward_exposed(synthetic.clone());
        let mut regularization = self_regularization(&self.psi, refined.clone(), synthetic.clone());
        if let Some(keypoints) = self.keypoints.as_ref().filter(|k| k.weight > 0.0) {
            regularization = regularization + keypoints.loss(refined.clone(), synthetic.clone());
        }
        let change = (refined.clone() - synthetic).abs().mean();
        let mut logged = vec![
            (
                "self-regularization",
                regularization.clone(),
                &mut scalars.self_regularization,
            ),
            ("pixel change", change, &mut scalars.pixel_change),
        ];
        let loss = if adversarial {
            let fixed_phi = self.discriminator.clone().no_grad();
            let logits = fixed_phi.forward(self.stabilizers.shown(refined.clone()));
            let l_real = self.stabilizers.loss.refiner(logits);
            logged.push(("adversarial loss", l_real.clone(), &mut scalars.adversarial));
            let loss = l_real + regularization * self.constants.lambda;
            match self.task_consistency.as_ref().filter(|task| task.holds()) {
                None => loss,
                Some(task) => {
                    let answers = task.loss(refined, rendered, &self.group)?;
                    logged.push((
                        "task consistency",
                        answers.clone(),
                        &mut scalars.task_consistency,
                    ));
                    loss + answers
                }
            }
        } else {
            regularization
        };
        logged.push(("refiner loss", loss.clone(), &mut scalars.refiner_loss));
        read_finite(logged)?;
        let rate = self.constants.learning_rate_refiner;
        let loss = self.refiner_optimizer.scaled(&loss);
        let gradients = self.gradients(&self.refiner, &loss, scalars)?;
        let norm =
            self.refiner_optimizer
                .follow(&mut self.refiner, gradients, &self.device, rate)?;
        self.require_finite_after(Self::require_finite_refiner)?;
        scalars.refiner_gradient_norm = norm.is_finite().then_some(norm);
        scalars.learning_rate_refiner = Some(rate as f32);
        if let Some(average) = self.average.take() {
            let decay = self.constants.average_decay;
            self.average = Some(moving_average::update(average, &self.refiner, decay));
        }
        Ok(())
    }

    /// One update of phi on L_D (eq. 2).
    pub fn update_discriminator(&mut self, scalars: &mut Scalars) -> Result<()> {
        // D.1: sample mini-batches of synthetic images x_i and real images y_j.
        // D.2: compute refined images with the current theta, half of them from the history.
        let size = self.batches.size();
        self.require_finite()?;
        let refined = self.refined_batch(size)?;
        let real = self.batches.real(size);
        let real = self.tensor("real images", real)?;
        // D.3: update phi by a step on L_D(phi); theta stays as it is.
        self.discriminator.follow_spectral_norm();
        let shown = self.stabilizers.shown(real);
        let refined = self.discriminator.forward(self.stabilizers.shown(refined));
        let real = self.discriminator.forward(shown.clone());
        let right = accuracy(refined.clone(), Class::Refined);
        let of_real = accuracy(real.clone(), Class::Real);
        let loss = self.stabilizers.loss.discriminator(refined, real);
        read_finite(vec![
            (
                "accuracy on refined images",
                right,
                &mut scalars.accuracy_refined,
            ),
            (
                "accuracy on real images",
                of_real,
                &mut scalars.accuracy_real,
            ),
            (
                "discriminator loss",
                loss.clone(),
                &mut scalars.discriminator_loss,
            ),
        ])?;
        let updates = self.discriminator_optimizer.steps();
        let penalty = &mut self.stabilizers.gradient_penalty;
        let (loss, penalty) = penalty.added_to(loss, &self.discriminator, &shown, updates)?;
        if penalty.is_some() {
            scalars.gradient_penalty = penalty;
        }
        let rate = self.constants.learning_rate_discriminator;
        let loss = self.discriminator_optimizer.scaled(&loss);
        let gradients = self.gradients(&self.discriminator, &loss, scalars)?;
        let norm = self.discriminator_optimizer.follow(
            &mut self.discriminator,
            gradients,
            &self.device,
            rate,
        )?;
        self.require_finite_after(Self::require_finite_discriminator)?;
        scalars.discriminator_gradient_norm = norm.is_finite().then_some(norm);
        scalars.learning_rate_discriminator = Some(rate as f32);
        Ok(())
    }

    /// Starts the moving average at the current theta, if it is asked for.
    pub fn start_average(&mut self) {
        self.average = (self.constants.average_decay > 0.0).then(|| self.refiner.valid());
    }

    /// The refiner to refine with: the moving average if there is one; without autodiff.
    pub fn best_refiner(&self) -> HeldRefiner {
        HeldRefiner {
            refiner: self.average.clone().unwrap_or_else(|| self.refiner.valid()),
            hold: self.keypoints.as_ref().and_then(Keypoints::hold),
            areas: self.areas.clone(),
        }
    }

    /// The share of b images: b/2 of the current refiner and b/2 of the history (section 2.3). All processes hold the whole history,
    /// so that each can draw any of it: each refines its share and receives the others'.
    ///
    /// # Errors
    /// The history holds, or the refiner makes, pixels that are not finite; nothing then comes into the history.
    fn refined_batch(&mut self, size: usize) -> Result<Tensor<4>> {
        let old = match &self.history {
            Some(history) => history.draw(size / 2, &mut self.history_rng),
            None => None,
        };
        finite::pixels("history", old.as_deref().unwrap_or_default())?;
        let fresh = if old.is_some() { size - size / 2 } else { size };
        let synthetic = self.batches.synthetic(fresh);
        let synthetic = self.tensor("synthetic images", synthetic)?.inner();
        let refined = image_tensor::to_values(self.refiner.valid().refine(synthetic));
        let mut images = self.group.gather(refined)?;
        finite::pixels("refined images", &images)?;
        if let Some(history) = &mut self.history {
            history.push(&images, size / 2, &mut self.history_rng);
        }
        images.extend(old.into_iter().flatten());
        let share = self.group.share().range(images.len());
        images.truncate(share.end);
        images.drain(..share.start);
        let shape = self.batches.image_shape();
        Ok(image_tensor::from_values(images, shape, &self.device))
    }

    /// The gradients of `loss` over the whole mini-batch, of which this process has a share; so become `scalars`.
    fn gradients<M: Module>(
        &self,
        network: &M,
        loss: &Tensor<1>,
        scalars: &mut Scalars,
    ) -> Result<GradientsParams> {
        let mut gradients = GradientsParams::from_grads(loss.backward(), network);
        let mut values = scalars.values();
        shared_gradients::average(network, &mut gradients, &mut values, &self.group)?;
        scalars.set_values(&values);
        Ok(gradients)
    }

    /// Before an update, which reads both players' weights: one sum over all, so that a device is waited for once.
    fn require_finite(&self) -> Result<()> {
        let mut sum = Squares::default();
        finite::add_squares(&self.refiner, &mut sum);
        finite::add_squares(&self.discriminator, &mut sum);
        self.refiner_optimizer.add_squares(&mut sum);
        self.discriminator_optimizer.add_squares(&mut sum);
        if sum.total().is_finite() {
            return Ok(());
        }
        self.require_finite_refiner()?;
        self.require_finite_discriminator()
    }

    /// An update may have made a weight infinite, or a moment. Devices other than the CPU are not waited for: the next
    /// update looks first, and no file takes what is not finite.
    fn require_finite_after(&self, check: fn(&Self) -> Result<()>) -> Result<()> {
        match is_cpu(&self.device) {
            true => check(self),
            false => Ok(()),
        }
    }

    fn require_finite_refiner(&self) -> Result<()> {
        finite::weights("refiner", &self.refiner)?;
        self.refiner_optimizer.require_finite("refiner")
    }

    fn require_finite_discriminator(&self) -> Result<()> {
        finite::weights("discriminator", &self.discriminator)?;
        self.discriminator_optimizer.require_finite("discriminator")
    }

    /// Images as a tensor `[batch, channels, height, width]` on the training device; `what` they are in errors.
    fn tensor(&self, what: &str, images: Vec<f32>) -> Result<Tensor<4>> {
        finite::pixels(what, &images)?;
        let shape = self.batches.image_shape();
        Ok(image_tensor::from_values(images, shape, &self.device))
    }
}
