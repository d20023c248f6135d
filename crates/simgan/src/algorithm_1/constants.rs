//! The constants of Algorithm 1.

/// The constants of Algorithm 1; see [`TrainingConfig`](crate::training::config::TrainingConfig).
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// Weight of the self-regularization.
    pub lambda: f64,
    /// Refiner updates an iteration.
    pub k_g: usize,
    /// Discriminator updates an iteration.
    pub k_d: usize,
    /// Decay of the moving average of theta.
    pub average_decay: f64,
    /// Current learning rate of theta.
    pub learning_rate_refiner: f64,
    /// Current learning rate of phi.
    pub learning_rate_discriminator: f64,
}
