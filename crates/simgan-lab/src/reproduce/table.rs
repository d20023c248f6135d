//! Outcomes as a table.

use simgan::measures::label_shift::LabelShift;
use simgan_base::formats::markdown;
use simgan_base::metrics::summary::{mean, mean_and_sd, sample_sd};

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

    /// Mean error without a constant offset, where the evaluation knows it.
    fn without_offset(&self) -> Option<f64> {
        self.mean_of(|o| o.evaluation.mean_without_offset)
    }

    fn mean_of(&self, value: impl Fn(&Outcome) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.outcomes.iter().filter_map(value).collect();
        (!values.is_empty()).then(|| mean(&values))
    }
}

/// A Markdown table: every row against the first, all seeds counted.
pub fn markdown(rows: &[Measured]) -> String {
    let Some((first, outcome)) = rows
        .first()
        .and_then(|row| row.outcomes.first().map(|outcome| (row, outcome)))
    else {
        return String::new();
    };
    let evaluation = &outcome.evaluation;
    let unit = evaluation.unit.suffix();
    let decimals = evaluation.decimals();
    let head = [
        "row",
        &format!("mean error ({unit})"),
        "without offset",
        "against the first",
        "better on",
        "each seed",
        "mean change",
        "iris shift (px)",
        "kernel distance",
        "minutes",
    ];
    let rows: Vec<_> = rows.iter().map(|row| cells(row, first, decimals)).collect();
    format!(
        "{}\nScored on {} images, {} others calibrated; always answering the mean label: {:.decimals$} {unit}. \
         Mean change is that of a pixel in -1..1 at the end of training; iris shift is by gradient voting at a width \
         of 55, with its noise floors in synthetic and in refined images; the kernel distance is that of refined images from the test images.",
        markdown::table(&head, &rows),
        evaluation.images,
        evaluation.calibration_images,
        evaluation.baseline
    )
}

fn cells(row: &Measured, first: &Measured, decimals: usize) -> Vec<String> {
    let (errors, reference) = (row.errors(), first.errors());
    let against = 100.0 * (mean(&errors) / mean(&reference) - 1.0);
    let wins = errors.iter().zip(&reference).filter(|(a, b)| a < b).count();
    let figure = |value: &f64| format!("{value:.decimals$}");
    let each: Vec<String> = errors.iter().map(figure).collect();
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
        mean_and_sd(mean(&errors), sample_sd(&errors), errors.len(), decimals),
        row.without_offset().as_ref().map_or(String::new(), figure),
        against,
        wins,
        each.join(", "),
        change.map_or(String::new(), |change| format!("{change:.3}")),
        shift(row),
        distance.map_or(String::new(), |distance| format!("{distance:.2}")),
        format!("{minutes:.1}"),
    ]
}

/// Mean and median shift of irises, and what the judge says where nothing moves.
fn shift(row: &Measured) -> String {
    let of = |part: fn(&LabelShift) -> Option<f64>| {
        row.mean_of(|o| part(o.judged.as_ref()?.label_shift.as_ref()?))
    };
    let Some(mean) = of(|s| Some(s.refined.mean)) else {
        return String::new();
    };
    let others = [
        ("median", of(|s| Some(s.refined.median))),
        ("floor", of(|s| Some(s.floor.mean))),
        (
            "of refined images",
            of(|s| Some(s.refined_floor.as_ref()?.mean)),
        ),
    ];
    let others: Vec<_> = others
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} {:.2}", value.as_ref()?)))
        .collect();
    format!("{mean:.2} ({})", others.join(", "))
}
