//! The model card of a run, written again by every piece of work that adds to what it tells.

use simgan::training::RunDir;

use crate::listener::Listener;

/// Writes the card of `run`. The work that it tells of is done and kept by then: a card that cannot
/// be written is a warning.
pub fn keep(run: &RunDir, listener: &dyn Listener) {
    if let Err(error) = simgan_export::model_card::write(run) {
        listener.warn(&format!("the model card is not written: {error}"));
    }
}
