//! Outcomes as a table.

use simgan::formats::markdown;
use simgan::judges::label_shift::LabelShift;
use simgan::metrics::summary::{mean, mean_and_sd, sample_sd};

use super::outcome::Outcome;

/// The outcomes of one row, one a seed.
pub struct Measured {
    pub name: String,
    pub outcomes: Vec<Outcome>,
}

impl Measured {
    fn errors(&self) -> Vec<f64> {
        self.outcomes.iter().map(|o| o.evaluation.mean).collect()
    }

    fn mean_of(&self, value: impl Fn(&Outcome) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.outcomes.iter().filter_map(value).collect();
        (!values.is_empty()).then(|| mean(&values))
    }
}

/// A Markdown table: every row against the first, all seeds counted.
pub fn markdown(rows: &[Measured]) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let unit = first
        .outcomes
        .first()
        .map_or("", |outcome| outcome.evaluation.unit.suffix());
    let head = [
        "row",
        &format!("mean error ({unit})"),
        "against the first",
        "better on",
        "each seed",
        "mean change",
        "iris shift (px)",
        "kernel distance",
        "minutes",
    ];
    let rows: Vec<_> = rows.iter().map(|row| cells(row, first)).collect();
    let mut text = markdown::table(&head, &rows);
    if let Some(outcome) = first.outcomes.first() {
        text += &format!(
            "\nScored on {} images, {} others calibrated; always answering the mean label: {:.2} {unit}. \
             Mean change is that of a pixel in -1..1 at the end of training; iris shift is by gradient voting at a width \
             of 55, with its noise floor; the kernel distance is that of refined images from the test images.",
            outcome.evaluation.images,
            outcome.evaluation.calibration_images,
            outcome.evaluation.baseline
        );
    }
    text
}

fn cells(row: &Measured, first: &Measured) -> Vec<String> {
    let (errors, reference) = (row.errors(), first.errors());
    let against = 100.0 * (mean(&errors) / mean(&reference) - 1.0);
    let wins = errors.iter().zip(&reference).filter(|(a, b)| a < b).count();
    let each: Vec<String> = errors.iter().map(|error| format!("{error:.2}")).collect();
    let change = row.mean_of(|o| o.last.pixel_change.map(f64::from));
    let distance = row.mean_of(|o| Some(o.judged.as_ref()?.kernel_distance.refined.mean));
    let minutes = row.mean_of(|o| Some(o.seconds / 60.0)).unwrap_or(0.0);
    let (against, wins) = match std::ptr::eq(row, first) {
        true => (String::new(), String::new()),
        false => (
            format!("{against:+.1} %"),
            format!("{wins} of {}", errors.len().min(reference.len())),
        ),
    };
    vec![
        row.name.clone(),
        mean_and_sd(mean(&errors), sample_sd(&errors), errors.len(), 2),
        against,
        wins,
        each.join(", "),
        change.map_or(String::new(), |change| format!("{change:.3}")),
        shift(row),
        distance.map_or(String::new(), |distance| format!("{distance:.2}")),
        format!("{minutes:.1}"),
    ]
}

/// Mean shift of irises, and what the judge says where nothing moves.
fn shift(row: &Measured) -> String {
    let of = |part: fn(&LabelShift) -> f64| {
        row.mean_of(|o| Some(part(o.judged.as_ref()?.label_shift.as_ref()?)))
    };
    let (mean, floor) = (of(|s| s.refined.mean), of(|s| s.floor.mean));
    mean.zip(floor).map_or(String::new(), |(mean, floor)| {
        format!("{mean:.2} (floor {floor:.2})")
    })
}
