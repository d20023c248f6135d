//! Losses, accuracies, gradients and learning rates over the training.

use simgan::algorithm_1::scalars::Scalars;
use simgan::training::event_log::{Event, Phase};

use super::chart::{Chart, Line};
use super::html::{missing, section};
use super::looks;
use super::run_data::RunData;
use super::steps::{ITERATION, points};

/// Grey levels of 255 in one unit of an image in [-1, 1].
pub const GREY_LEVELS: f32 = 127.5;

type Value = fn(&Scalars) -> Option<f32>;

/// One curve: its name and the value it shows.
type Curve = (&'static str, Value);

/// The section of curves: Algorithm 1, then the warm-ups.
pub fn render(run: &RunData) -> String {
    let mut body = String::new();
    for (title, charts) in parts(&run.events) {
        let charts: String = charts.iter().map(Chart::render).collect();
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

/// Every chart of the training, without headings.
pub fn charts(run: &RunData) -> Vec<Chart> {
    let parts = parts(&run.events).into_iter();
    parts
        .flat_map(|(title, charts)| {
            let named = move |mut chart: Chart| {
                if !title.is_empty() {
                    chart.title = format!("{title}: {}", chart.title);
                }
                chart
            };
            charts.into_iter().map(named)
        })
        .collect()
}

/// Headings and charts.
fn parts(events: &[Event]) -> [(&'static str, Vec<Chart>); 3] {
    [
        ("", adversarial(events)),
        ("Warm-up of the refiner", refiner_warmup(events)),
        ("Warm-up of the discriminator", discriminator_warmup(events)),
    ]
}

fn adversarial(events: &[Event]) -> Vec<Chart> {
    let charts = Charts {
        events,
        phase: Phase::Adversarial,
        x_label: ITERATION,
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
    let mut all = vec![
        charts.chart("Refiner loss", "loss", losses),
        charts.chart(
            "Discriminator loss",
            "cross-entropy a patch",
            &[("discriminator", |s| s.discriminator_loss)],
        ),
        charts.accuracy(),
        charts.pixel_change(),
        charts.gradient_penalty(),
    ];
    all.extend(looks::charts(events));
    all.extend([
        charts.chart("Gradient norms before clipping", "norm", norms),
        charts.chart("Learning rates", "learning rate", rates),
    ]);
    all
}

fn refiner_warmup(events: &[Event]) -> Vec<Chart> {
    let charts = Charts {
        events,
        phase: Phase::RefinerWarmup,
        x_label: "refiner update",
    };
    let loss: &[Curve] = &[("self-regularization", |s| s.self_regularization)];
    vec![
        charts.chart("Self-regularization alone", "loss", loss),
        charts.pixel_change(),
    ]
}

fn discriminator_warmup(events: &[Event]) -> Vec<Chart> {
    let charts = Charts {
        events,
        phase: Phase::DiscriminatorWarmup,
        x_label: "discriminator update",
    };
    let loss: &[Curve] = &[("discriminator", |s| s.discriminator_loss)];
    vec![
        charts.chart("Discriminator loss", "cross-entropy a patch", loss),
        charts.accuracy(),
        charts.gradient_penalty(),
    ]
}

/// Makes the charts of one phase.
struct Charts<'a> {
    events: &'a [Event],
    phase: Phase,
    x_label: &'a str,
}

impl Charts<'_> {
    fn accuracy(&self) -> Chart {
        let curves: &[Curve] = &[
            ("real called real", |s| s.accuracy_real.map(|a| 100.0 * a)),
            ("refined called refined", |s| {
                s.accuracy_refined.map(|a| 100.0 * a)
            }),
        ];
        Chart {
            y_range: Some(0.0..100.0),
            ..self.chart("Discriminator accuracy", "patches, percent", curves)
        }
    }

    fn pixel_change(&self) -> Chart {
        let curves: &[Curve] = &[("change", |s| s.pixel_change.map(|c| GREY_LEVELS * c))];
        self.chart(
            "Mean absolute pixel change by the refiner",
            "grey levels of 255",
            curves,
        )
    }

    fn gradient_penalty(&self) -> Chart {
        let curves: &[Curve] = &[("penalty", |s| s.gradient_penalty)];
        self.chart(
            "Gradient penalty of the discriminator (R1)",
            "part of its loss",
            curves,
        )
    }

    fn chart(&self, title: &str, y_label: &str, curves: &[Curve]) -> Chart {
        let line = |(name, value): &Curve| Line::new(*name, points(self.values(*value)));
        Chart {
            title: title.to_owned(),
            x_label: self.x_label.to_owned(),
            y_label: y_label.to_owned(),
            y_range: None,
            lines: curves.iter().map(line).collect(),
        }
    }

    /// Values of this phase, as they were logged.
    fn values(&self, value: Value) -> impl Iterator<Item = (usize, f32)> {
        self.events.iter().filter_map(move |event| match event {
            Event::Step {
                phase,
                step,
                scalars,
                ..
            } if *phase == self.phase => Some((*step, value(scalars)?)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_phases_and_absent_values_are_left_out() {
        let events = [Event::Step {
            phase: Phase::Adversarial,
            step: 10,
            seconds: 0.0,
            scalars: Scalars {
                gradient_penalty: Some(0.5),
                ..Scalars::default()
            },
        }];
        let charts = |phase| Charts {
            events: &events,
            phase,
            x_label: ITERATION,
        };
        let training = charts(Phase::Adversarial);
        assert!(training.gradient_penalty().render().contains("<svg"));
        assert_eq!(training.pixel_change().render(), "");
        assert_eq!(
            charts(Phase::DiscriminatorWarmup)
                .gradient_penalty()
                .render(),
            ""
        );
    }
}
