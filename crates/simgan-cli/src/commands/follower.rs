//! A training on stderr while it runs.

use simgan::algorithm_1::scalars::Scalars;
use simgan::training;
use simgan::training::event_log::Event;

use crate::console::Console;
use crate::progress::Progress;

/// Shows a training as it goes: a new bar for every phase, warnings as they come.
pub struct Follower<'a> {
    console: &'a Console,
    stage: Option<&'static str>,
    bar: Option<Progress<'a>>,
    message: String,
}

impl<'a> Follower<'a> {
    pub fn new(console: &'a Console) -> Self {
        Self {
            console,
            stage: None,
            bar: None,
            message: String::new(),
        }
    }

    pub fn observe(&mut self, event: Option<&Event>, progress: training::Progress) {
        match event {
            Some(Event::Step { scalars, .. }) => self.message = brief(scalars),
            Some(Event::Warning { message, .. }) => self.console.warn(message),
            Some(Event::Checkpoint { path, .. }) => tracing::info!("checkpoint {path}"),
            _ => {}
        }
        if self.stage != Some(progress.label()) {
            self.stage = Some(progress.label());
            // The old bar goes before the new one comes.
            self.bar = None;
            self.bar = Some(Progress::new(self.console, progress.label()));
        }
        if let Some(bar) = &self.bar {
            let training::Progress {
                done, total, ahead, ..
            } = progress;
            bar.update_with(done, total, ahead, &self.message);
        }
    }
}

/// Losses beside a bar: `R 0.91 D 0.64 accuracy 77/64 %`.
fn brief(scalars: &Scalars) -> String {
    let refiner = scalars.refiner_loss.or(scalars.self_regularization);
    let parts = [
        refiner.map(|loss| format!("R {loss:.2}")),
        scalars
            .discriminator_loss
            .map(|loss| format!("D {loss:.2}")),
        accuracy(scalars),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Parts of real and of refined images that D tells.
fn accuracy(scalars: &Scalars) -> Option<String> {
    let (real, refined) = scalars.accuracy_real.zip(scalars.accuracy_refined)?;
    Some(format!(
        "accuracy {:.0}/{:.0} %",
        100.0 * real,
        100.0 * refined
    ))
}

/// Losses as one short text: `R 0.912 (adversarial 0.881, change 0.062), D 0.641, accuracy 77/64 %`.
pub fn losses(scalars: &Scalars) -> String {
    let mut parts = Vec::new();
    let inner: Vec<String> = [
        ("adversarial", scalars.adversarial),
        ("change", scalars.pixel_change),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|v| format!("{name} {v:.3}")))
    .collect();
    match (
        scalars.refiner_loss.or(scalars.self_regularization),
        inner.is_empty(),
    ) {
        (Some(loss), true) => parts.push(format!("R {loss:.3}")),
        (Some(loss), false) => parts.push(format!("R {loss:.3} ({})", inner.join(", "))),
        (None, _) => {}
    }
    parts.extend(
        scalars
            .discriminator_loss
            .map(|loss| format!("D {loss:.3}")),
    );
    parts.extend(accuracy(scalars));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_name_what_there_is() {
        let scalars = Scalars {
            refiner_loss: Some(0.912),
            adversarial: Some(0.881),
            discriminator_loss: Some(0.641),
            accuracy_real: Some(0.77),
            accuracy_refined: Some(0.64),
            ..Scalars::default()
        };
        let text = "R 0.912 (adversarial 0.881), D 0.641, accuracy 77/64 %";
        assert_eq!(losses(&scalars), text);
        assert_eq!(losses(&Scalars::default()), "");
        assert_eq!(brief(&scalars), "R 0.91 D 0.64 accuracy 77/64 %");
    }
}
