//! Losses, accuracies, gradients and learning rates over the training.

use simgan::training::event_log::{Event, Phase, Scalars};

use super::chart::{Chart, Line};
use super::html::{missing, section};
use super::run_data::RunData;

/// Grey levels of 255 in one unit of an image in [-1, 1].
pub const GREY_LEVELS: f32 = 127.5;

type Value = fn(&Scalars) -> Option<f32>;

/// One curve: its name and the value it shows.
type Curve = (&'static str, Value);

/// The section of curves: Algorithm 1, then the warm-ups.
pub fn render(run: &RunData) -> String {
    let parts = [
        ("", adversarial(&run.events)),
        ("Warm-up of the refiner", refiner_warmup(&run.events)),
        (
            "Warm-up of the discriminator",
            discriminator_warmup(&run.events),
        ),
    ];
    let mut body = String::new();
    for (title, charts) in parts {
        if charts.is_empty() {
            continue;
        }
        if !title.is_empty() {
            body.push_str(&format!("<h3>{title}</h3>\n"));
        }
        body.push_str(&format!("<div class=\"charts\">\n{charts}</div>\n"));
    }
    if body.is_empty() {
        body = missing("No curves yet: events.jsonl holds no training step.");
    }
    section("Training", &body)
}

fn adversarial(events: &[Event]) -> String {
    let charts = Charts {
        events,
        phase: Phase::Adversarial,
        x_label: "iteration of Algorithm 1",
    };
    let losses: &[Curve] = &[
        ("whole loss", |s| s.refiner_loss),
        ("adversarial", |s| s.adversarial),
        ("self-regularization before lambda", |s| {
            s.self_regularization
        }),
    ];
    let norms: &[Curve] = &[
        ("refiner", |s| s.refiner_gradient_norm),
        ("discriminator", |s| s.discriminator_gradient_norm),
    ];
    let rates: &[Curve] = &[
        ("refiner", |s| s.learning_rate_refiner),
        ("discriminator", |s| s.learning_rate_discriminator),
    ];
    [
        charts.chart("Refiner loss", "loss", losses),
        charts.chart(
            "Discriminator loss",
            "cross-entropy a patch",
            &[("discriminator", |s| s.discriminator_loss)],
        ),
        charts.accuracy(),
        charts.pixel_change(),
        charts.chart("Gradient norms before clipping", "norm", norms),
        charts.chart("Learning rates", "learning rate", rates),
    ]
    .concat()
}

fn refiner_warmup(events: &[Event]) -> String {
    let charts = Charts {
        events,
        phase: Phase::RefinerWarmup,
        x_label: "refiner update",
    };
    let loss: &[Curve] = &[("self-regularization", |s| s.self_regularization)];
    charts.chart("Self-regularization alone", "loss", loss) + &charts.pixel_change()
}

fn discriminator_warmup(events: &[Event]) -> String {
    let charts = Charts {
        events,
        phase: Phase::DiscriminatorWarmup,
        x_label: "discriminator update",
    };
    let loss: &[Curve] = &[("discriminator", |s| s.discriminator_loss)];
    charts.chart("Discriminator loss", "cross-entropy a patch", loss) + &charts.accuracy()
}

/// Makes the charts of one phase.
struct Charts<'a> {
    events: &'a [Event],
    phase: Phase,
    x_label: &'a str,
}

impl Charts<'_> {
    fn chart(&self, title: &str, y_label: &str, curves: &[Curve]) -> String {
        self.build(title, y_label, curves).render()
    }

    fn accuracy(&self) -> String {
        let curves: &[Curve] = &[
            ("real called real", |s| s.accuracy_real.map(|a| 100.0 * a)),
            ("refined called refined", |s| {
                s.accuracy_refined.map(|a| 100.0 * a)
            }),
        ];
        Chart {
            y_range: Some(0.0..100.0),
            ..self.build("Discriminator accuracy", "patches, percent", curves)
        }
        .render()
    }

    fn pixel_change(&self) -> String {
        let curves: &[Curve] = &[("change", |s| s.pixel_change.map(|c| GREY_LEVELS * c))];
        self.chart(
            "Mean absolute pixel change by the refiner",
            "grey levels of 255",
            curves,
        )
    }

    fn build(&self, title: &str, y_label: &str, curves: &[Curve]) -> Chart {
        let line = |(name, value): &Curve| Line {
            name: (*name).to_owned(),
            points: points(self.events, self.phase, *value),
        };
        Chart {
            title: title.to_owned(),
            x_label: self.x_label.to_owned(),
            y_label: y_label.to_owned(),
            y_range: None,
            lines: curves.iter().map(line).collect(),
        }
    }
}

/// Values of one phase by step. A resumed run repeats the steps after its checkpoint: the repetition counts.
fn points(events: &[Event], wanted: Phase, value: Value) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for event in events {
        let Event::Step {
            phase,
            step,
            scalars,
            ..
        } = event
        else {
            continue;
        };
        let Some(y) = value(scalars).filter(|_| *phase == wanted) else {
            continue;
        };
        let x = *step as f64;
        while points.last().is_some_and(|last| last.0 >= x) {
            points.pop();
        }
        points.push((x, y.into()));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: usize, loss: f32) -> Event {
        Event::Step {
            phase: Phase::Adversarial,
            step,
            seconds: 0.0,
            scalars: Scalars {
                refiner_loss: Some(loss),
                ..Scalars::default()
            },
        }
    }

    #[test]
    fn a_resumed_run_replaces_what_it_repeats() {
        let events = [
            step(10, 1.0),
            step(20, 2.0),
            step(30, 3.0),
            step(20, 4.0),
            step(30, 5.0),
        ];
        let points = points(&events, Phase::Adversarial, |s| s.refiner_loss);
        assert_eq!(points, [(10.0, 1.0), (20.0, 4.0), (30.0, 5.0)]);
    }

    #[test]
    fn other_phases_and_absent_values_are_left_out() {
        let events = [step(10, 1.0)];
        assert!(points(&events, Phase::RefinerWarmup, |s| s.refiner_loss).is_empty());
        assert!(points(&events, Phase::Adversarial, |s| s.adversarial).is_empty());
    }
}
