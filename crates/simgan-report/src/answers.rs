//! Answers over labels, and where errors lie: what one mean hides.

use std::ops::Range;

use simgan::tasks::comparison::{Answers, ArmAnswers, Comparison};

use super::axis::extent;
use super::chart::{Chart, Line, RAW, REFINED};
use super::unit::unit_name;

/// Parts of the range of labels that are averaged apart.
const BINS: usize = 12;
/// Fewer images than these have no mean worth drawing.
const FEWEST: usize = 3;
/// More distinct whole numbers than these are no classes.
const MOST_CLASSES: usize = 64;

/// Three charts an axis; none where the comparison kept no answers. Of classes: errors alone.
pub fn charts(comparison: &Comparison) -> Vec<Chart> {
    let Some(answers) = &comparison.answers else {
        return Vec::new();
    };
    let unit = unit_name(comparison);
    let has_offset = |axis: usize| {
        let axes = comparison.synthetic.mean_axes();
        axes.get(axis).is_some_and(|score| score.bias.is_some())
    };
    let of_axis = |(axis, name): (usize, &String)| {
        let plot = Plot {
            answers,
            axis,
            name,
            unit,
        };
        match has_offset(axis) {
            true => vec![plot.scatter(), plot.bias(), plot.errors()],
            false => vec![plot.errors()],
        }
    };
    answers.axes.iter().enumerate().flat_map(of_axis).collect()
}

/// One axis of the answers.
struct Plot<'a> {
    answers: &'a Answers,
    axis: usize,
    name: &'a str,
    unit: &'a str,
}

impl Plot<'_> {
    fn scatter(&self) -> Chart {
        let ends = extent(self.labels());
        let right = vec![(ends.start, ends.start), (ends.end, ends.end)];
        let dots = |name: &str, arm: &ArmAnswers, color| Line {
            dots: true,
            ..Line::new(name, self.pairs(self.column(&arm.answers))).colored(color)
        };
        Chart {
            title: format!("Answers over true {}, first seed", self.name),
            x_label: format!("true {}, {}", self.name, self.unit),
            y_label: format!("answer, {}", self.unit),
            lines: vec![
                dots("raw", &self.answers.synthetic, RAW),
                dots("refined", &self.answers.refined, REFINED),
                Line::new("right", right).colored(5),
            ],
            ..Chart::default()
        }
    }

    fn bias(&self) -> Chart {
        let line = |name: &str, arm: &ArmAnswers, color| {
            let differences = self.pairs(self.column(&arm.answers)).into_iter();
            let differences = differences.map(|(label, answer)| (label, answer - label));
            Line::new(name, binned(&differences.collect::<Vec<_>>())).colored(color)
        };
        Chart {
            title: format!("Bias by true {}, first seed", self.name),
            x_label: format!("true {}, {}", self.name, self.unit),
            y_label: format!("mean of answer - truth, {}", self.unit),
            lines: vec![
                line("raw", &self.answers.synthetic, RAW),
                line("refined", &self.answers.refined, REFINED),
            ],
            ..Chart::default()
        }
    }

    fn errors(&self) -> Chart {
        let line = |name: &str, arm: &ArmAnswers, color| {
            let errors = arm.errors.iter().map(|&error| f64::from(error));
            Line::new(name, binned(&self.pairs(errors))).colored(color)
        };
        Chart {
            title: format!("Error by true {}, mean over seeds", self.name),
            x_label: format!("true {}", self.name),
            y_label: format!("mean error, {}", self.unit),
            lines: vec![
                line("raw", &self.answers.synthetic, RAW),
                line("refined", &self.answers.refined, REFINED),
            ],
            ..Chart::default()
        }
    }

    fn labels(&self) -> impl Iterator<Item = f64> {
        self.column(&self.answers.labels)
    }

    fn column<'a>(&self, rows: &'a [Vec<f32>]) -> impl Iterator<Item = f64> + use<'a> {
        let axis = self.axis;
        let value = move |row: &Vec<f32>| f64::from(row.get(axis).copied().unwrap_or(f32::NAN));
        rows.iter().map(value)
    }

    /// Labels with these values.
    fn pairs(&self, values: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
        self.labels().zip(values).collect()
    }
}

/// Means of y by bins of x, each at the mean of its x; of a few whole numbers by number.
fn binned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let finite = points.iter().copied();
    let finite: Vec<_> = finite
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    let range = extent(finite.iter().map(|point| point.0));
    let whole = finite.iter().all(|(x, _)| x.fract() == 0.0);
    let bins = match whole && range.end - range.start < MOST_CLASSES as f64 {
        true => (range.end - range.start).max(0.0) as usize + 1,
        false => BINS,
    };
    let fewest = if bins == BINS { FEWEST } else { 1 };
    let mut sums = vec![(0.0, 0.0, 0usize); bins];
    for (x, y) in finite {
        let sum = &mut sums[bin(x, &range, bins)];
        *sum = (sum.0 + x, sum.1 + y, sum.2 + 1);
    }
    let kept = sums.into_iter().filter(|sum| sum.2 >= fewest);
    kept.map(|(x, y, n)| (x / n as f64, y / n as f64)).collect()
}

fn bin(x: f64, range: &Range<f64>, bins: usize) -> usize {
    let span = (range.end - range.start).max(f64::MIN_POSITIVE);
    (((x - range.start) / span * bins as f64) as usize).min(bins - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::tests::comparison;

    #[test]
    fn means_are_those_of_their_bin() {
        let points: Vec<_> = (0..120)
            .map(|i| (f64::from(i) / 7.0, f64::from(i / 10)))
            .collect();
        let means = binned(&points);
        assert_eq!(means.len(), BINS);
        for (place, mean) in means.iter().enumerate() {
            assert!((mean.1 - place as f64).abs() < 0.2, "{means:?}");
        }
        let classes = [(0.0, 0.0), (0.0, 100.0), (2.0, 100.0)];
        assert_eq!(binned(&classes), [(0.0, 50.0), (2.0, 100.0)]);
        assert!(binned(&[(f64::NAN, 1.0)]).is_empty());
    }

    #[test]
    fn raw_and_refined_have_their_colours_on_every_axis() {
        let mut comparison = comparison(&[10.0, 11.0], &[8.0, 8.5]);
        assert!(charts(&comparison).is_empty());
        let labels: Vec<Vec<f32>> = (0..40).map(|i| vec![i as f32 * 0.5]).collect();
        let arm = |add: f32| ArmAnswers {
            answers: labels.iter().map(|row| vec![row[0] + add]).collect(),
            errors: vec![add.abs(); labels.len()],
        };
        comparison.answers = Some(Answers {
            axes: vec!["pitch".into()],
            images: (0..40).collect(),
            synthetic: arm(2.0),
            refined: arm(-1.0),
            labels,
        });
        let charts = charts(&comparison);
        assert_eq!(charts.len(), 3);
        for chart in &charts {
            assert_eq!(chart.lines[0].color, Some(RAW));
            assert_eq!(chart.lines[1].color, Some(REFINED));
            assert!(chart.render().contains("<svg"));
        }
        assert!(
            charts[1].lines[0]
                .points
                .iter()
                .all(|p| (p.1 - 2.0).abs() < 1e-5)
        );
        assert!(
            charts[2].lines[1]
                .points
                .iter()
                .all(|p| (p.1 - 1.0).abs() < 1e-5)
        );
    }
}
