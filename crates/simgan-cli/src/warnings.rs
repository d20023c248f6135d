//! What is said before hours of work about data that can be read, but hardly are what is meant.

use simgan::tasks::Target;
use simgan_data::{Dataset, sides};

use crate::console::Console;
use simgan_base::formats::readable::thousands;

/// Labels that look like something else than `target` takes them for.
pub fn of_labels(target: &Target, data: &Dataset, console: &Console) {
    let doubts = match target {
        Target::Gaze => data.angle_doubt().into_iter().collect(),
        Target::Columns(names) => data.column_doubts(names),
        Target::Class { .. } => vec![],
    };
    doubts.iter().for_each(|doubt| console.warn(doubt));
}

/// Synthetic and real images that seem to be given the wrong way round.
pub fn of_swapped(synthetic: &Dataset, real: &Dataset, console: &Console) {
    if let Some(doubt) = sides::swap_doubt(synthetic, real) {
        console.warn(&doubt);
    }
}

/// A set of fewer images than are looked at together, the number that `key` gives.
pub fn of_few(data: &Dataset, batch_size: usize, key: &str, console: &Console) {
    if data.len() < batch_size {
        console.warn(&format!(
            "{} has {} images, fewer than one mini-batch ({key} is {}): each is used several times in it",
            data.source(),
            thousands(data.len()),
            thousands(batch_size)
        ));
    }
}
