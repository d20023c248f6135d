//! What is said before hours of work about data that can be read, but hardly are what is meant.

use simgan::tasks::Target;
use simgan::training::Config;
use simgan_data::{Dataset, are_equalized, framing_search, sides};

use crate::framing;
use crate::listener::Listener;
use simgan_base::formats::readable::thousands;

/// Labels that look like something else than `target` takes them for.
pub fn of_labels(target: &Target, data: &Dataset, listener: &dyn Listener) {
    let doubts = target.task().doubts(data);
    doubts.iter().for_each(|doubt| listener.warn(doubt));
}

/// Synthetic and real images that seem to be given the wrong way round.
pub fn of_swapped(synthetic: &Dataset, real: &Dataset, listener: &dyn Listener) {
    if let Some(doubt) = sides::swap_doubt(synthetic, real) {
        listener.warn(&doubt);
    }
}

/// A set of fewer images than are looked at together, the number that `key` gives.
pub fn of_few(data: &Dataset, batch_size: usize, key: &str, listener: &dyn Listener) {
    if data.len() < batch_size {
        listener.warn(&format!(
            "{} has {} images, fewer than one mini-batch ({key} is {}): each is used several times in it",
            data.source(),
            thousands(data.len()),
            thousands(batch_size)
        ));
    }
}

/// Tells of what makes the sides unlike and a refiner cannot mend.
pub fn of_unlike(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    listener: &dyn Listener,
) -> simgan_base::Result<()> {
    // Sides of which one is histogram-equalized differ in every pixel; their edges do not tell the framing.
    if !config.preprocessing.equalize && are_equalized(real) && !are_equalized(synthetic) {
        listener.warn(
            "the real images are histogram-equalized, the synthetic ones are not: \
             use --set preprocessing.equalize=true, so that both are",
        );
        return Ok(());
    }
    of_framing(synthetic, real, listener)
}

/// Eyes of another size cost an estimator more than a refiner gains.
fn of_framing(
    synthetic: &Dataset,
    real: &Dataset,
    listener: &dyn Listener,
) -> simgan_base::Result<()> {
    let found = framing_search::search(synthetic, real, false);
    if found.is_notable() {
        listener.warn(&format!(
            "the real images seem to be shown {:.2} times as large as the synthetic ones (edges agree {:.2}, {:.2} at one size): {}",
            1.0 / found.framing.zoom,
            found.before,
            found.after,
            framing::advice(real, &found)?
        ));
    }
    Ok(())
}
