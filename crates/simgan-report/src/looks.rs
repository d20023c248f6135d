//! What training found in a few refined images: do they still differ, have irises moved?

use simgan::measures::TaskShift;
use simgan::measures::task_shift::AxisShift;
use simgan::training::diversity::{CONSTANT, MODES};
use simgan::training::event_log::{Event, Findings};
use simgan::training::label_shift::TOO_FAR;

use super::chart::{Chart, Line};
use super::steps::{ITERATION, points};

/// The charts, with the limits beyond which training warns; none without a look.
pub fn charts(events: &[Event]) -> Vec<Chart> {
    let line = |name: &str, value: fn(&Findings) -> Option<f32>, limit: Option<f64>| Line {
        limit,
        ..Line::new(name, points(values(events, value)))
    };
    let floor = line("noise floor", |found| found.label_shift_floor, None);
    let too_far = floor.points.last().map(|(_, floor)| floor + TOO_FAR);
    let shift = line("refined images", |found| found.label_shift, too_far);
    let spread = line(
        "difference between images",
        |found| Some(found.diversity),
        Some(CONSTANT),
    );
    let nearest = line(
        "distance to the most similar one",
        |found| Some(found.diversity_nearest),
        Some(MODES),
    );
    let mut charts: Vec<Chart> = task_bias(events).into_iter().collect();
    charts.extend([
        chart(
            "Diversity of refined images",
            "ratio to the originals",
            vec![spread, nearest],
        ),
        chart(
            "Label shift: how far irises have moved",
            "pixels at a width of 55",
            vec![shift, floor],
        ),
    ]);
    charts
}

/// What refining adds to an estimator's answers in the mean, a line an axis.
fn task_bias(events: &[Event]) -> Option<Chart> {
    let shifts: Vec<_> = events.iter().filter_map(shift).collect();
    let (_, last) = shifts.last()?;
    let line = |(axis, shown): (usize, &AxisShift)| {
        let bias = shifts.iter().filter_map(|(step, shift)| {
            let found = shift.refined.axes.get(axis)?;
            Some((*step, found.bias as f32))
        });
        Line::new(&shown.name, points(bias))
    };
    let unit = last.unit.suffix();
    Some(chart(
        "Task bias: what refining adds to an estimator's answers",
        &format!("mean of the difference, {unit}"),
        last.refined.axes.iter().enumerate().map(line).collect(),
    ))
}

fn shift(event: &Event) -> Option<(usize, &TaskShift)> {
    match event {
        Event::Look { step, findings } => Some((*step, findings.task_shift.as_ref()?)),
        _ => None,
    }
}

fn values(
    events: &[Event],
    value: fn(&Findings) -> Option<f32>,
) -> impl Iterator<Item = (usize, f32)> {
    events.iter().filter_map(move |event| match event {
        Event::Look { step, findings } => Some((*step, value(findings)?)),
        _ => None,
    })
}

fn chart(title: &str, y_label: &str, lines: Vec<Line>) -> Chart {
    Chart {
        title: title.to_owned(),
        x_label: ITERATION.to_owned(),
        y_label: y_label.to_owned(),
        y_range: None,
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(events: &[Event]) -> String {
        charts(events).iter().map(Chart::render).collect()
    }

    fn look(step: usize, label_shift: Option<f32>) -> Event {
        Event::Look {
            step,
            findings: Findings {
                diversity: 0.8,
                diversity_nearest: 0.9,
                label_shift,
                label_shift_floor: label_shift.map(|_| 0.25),
                task_shift: None,
            },
        }
    }

    /// Captions and lines, without axes.
    fn outline(html: &str) -> String {
        let lines = html.lines().map(str::trim);
        let kept = lines
            .filter(|line| line.starts_with("<figcaption") || line.contains("stroke-width=\"2\""));
        kept.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn looks_are_drawn_with_the_limits_of_warnings() {
        let html = rendered(&[look(100, Some(0.5)), look(200, Some(0.75))]);
        insta::assert_snapshot!(outline(&html));
    }

    #[test]
    fn what_was_not_looked_at_is_not_drawn() {
        assert_eq!(rendered(&[]), "");
        let html = rendered(&[look(100, None)]);
        assert!(html.contains("Diversity") && !html.contains("Label shift"));
    }
}
