//! Outcomes as a table.

use simgan::measures::label_shift::LabelShift;
use simgan::tasks::Unit;
use simgan_base::formats::markdown;
use simgan_base::metrics::summary::{mean, mean_and_sd, sample_sd};

use super::outcome::{Outcome, Scored};

/// 5 cells of the paper's heat maps in pixels of its images, 224 pixels over 64 cells: the measure of its Table 4.
const FIVE_CELLS: f64 = 17.5;

/// The outcomes of one row, one a seed.
#[derive(Clone)]
pub struct Measured {
    pub name: String,
    pub outcomes: Vec<Outcome>,
}

impl Measured {
    /// Estimators of raw images and refined ones together as rows of their own, where the table asks for them.
    fn mixtures(&self) -> impl Iterator<Item = Self> {
        let with_raw = self.mixture("with raw", |outcome| outcome.both.as_ref());
        let checkpoints = self.mixture("raw and checkpoints", |outcome| {
            outcome.checkpoints.as_ref()
        });
        with_raw.into_iter().chain(checkpoints)
    }

    /// The estimators that `scored` picks, unless a seed lacks them.
    fn mixture(&self, what: &str, scored: fn(&Outcome) -> Option<&Scored>) -> Option<Self> {
        let of_mixture = |outcome: &Outcome| {
            let Scored {
                evaluation,
                answers,
            } = scored(outcome)?.clone();
            Some(Outcome {
                evaluation,
                answers,
                judged: None,
                ..outcome.clone()
            })
        };
        let outcomes: Vec<_> = self
            .outcomes
            .iter()
            .map(of_mixture)
            .collect::<Option<_>>()?;
        (!outcomes.is_empty()).then(|| Self {
            name: format!("{}, {what}", self.name),
            outcomes,
        })
    }

    /// Mean over the seeds of each axis' bias.
    fn biases(&self, axes: impl Fn(&Outcome) -> Vec<(String, f64)>, decimals: usize) -> String {
        let first = self.outcomes.first().map(&axes).unwrap_or_default();
        let of_axis = |axis: usize| {
            let value = |outcome: &Outcome| axes(outcome).get(axis).map(|a| a.1);
            self.mean_of(value)
                .map(|bias| format!("{} {bias:+.decimals$}", first[axis].0))
        };
        let all: Vec<String> = (0..first.len()).filter_map(of_axis).collect();
        all.join(", ")
    }

    fn errors(&self) -> Vec<f64> {
        self.outcomes.iter().map(|o| o.evaluation.mean).collect()
    }

    /// Mean error without a constant offset, where the evaluation knows it.
    fn without_offset(&self) -> Option<f64> {
        self.mean_of(|o| o.evaluation.mean_without_offset)
    }

    /// Percentage of all points within [`FIVE_CELLS`], where points are scored.
    fn points_within(&self) -> Option<f64> {
        self.mean_of(|o| {
            let limits = o.evaluation.percent_within.iter();
            let mut of_points = limits.filter(|_| o.evaluation.unit == Unit::ImagePx);
            of_points
                .find(|(limit, _)| *limit == FIVE_CELLS)
                .map(|(_, percent)| *percent)
        })
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
        "bias",
        "against the first",
        "better on",
        "each seed",
        "points within 17.5 px (%)",
        "mean change",
        "task bias",
        "iris shift (px)",
        "kernel distance",
        "minutes",
    ];
    let with_mixtures = rows
        .iter()
        .flat_map(|row| std::iter::once(row.clone()).chain(row.mixtures()));
    let rows: Vec<_> = with_mixtures
        .map(|row| cells(&row, first, decimals))
        .collect();
    format!(
        "{}\nScored on {} images, {} others calibrated; always answering the mean label: {:.decimals$} {unit}. \
         Bias is the mean of answer minus label; task bias is what refining adds to the answers of an estimator of raw images. \
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
    let (against, wins) = match row.name == first.name {
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
        row.biases(bias, decimals),
        against,
        wins,
        each.join(", "),
        row.points_within()
            .map_or(String::new(), |share| format!("{share:.1}")),
        change.map_or(String::new(), |change| format!("{change:.3}")),
        row.biases(task_bias, decimals),
        shift(row),
        distance.map_or(String::new(), |distance| format!("{distance:.2}")),
        format!("{minutes:.1}"),
    ]
}

/// Mean of answer minus label, by axis.
fn bias(outcome: &Outcome) -> Vec<(String, f64)> {
    let axes = outcome.evaluation.axes.iter();
    axes.filter_map(|axis| Some((axis.name.clone(), axis.bias?)))
        .collect()
}

/// What refining adds to an estimator's answers, by axis.
fn task_bias(outcome: &Outcome) -> Vec<(String, f64)> {
    let shift = outcome
        .judged
        .iter()
        .flat_map(|j| &j.task_shift.refined.axes);
    shift.map(|axis| (axis.name.clone(), axis.bias)).collect()
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
