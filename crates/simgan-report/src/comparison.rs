//! Raw against refined, by the estimators trained on each.

use serde_json::Value;
use simgan::tasks::AxisScore;
use simgan::tasks::comparison::{Arm, ArmName, Comparison};

use super::answers;
use super::axis::{extent, tick};
use super::chart::{Chart, Line, RAW, REAL, REFINED};
use super::html::{escape, missing, number, section, table};
use super::run_data::RunData;
use super::unit::unit_name;
use super::verdict::Verdict;

/// The cumulative curve is drawn up to the error that this part of the images keeps.
const SHOWN_PERCENT: f64 = 99.0;

/// A figure that a comparison lacks.
const MISSING: &str = "missing";

/// The section of comparisons.
pub fn render(run: &RunData) -> String {
    let body: String = run
        .comparisons
        .iter()
        .map(|(name, comparison)| one(name, comparison))
        .collect();
    if body.is_empty() {
        let command = format!(
            "simgan compare gaze --run {} --synthetic DIR --real-test DIR --out DIR",
            run.name
        );
        return section(
            "Comparison",
            &missing(&format!(
                "No comparison yet: run `{command}` to see which images train the better estimator."
            )),
        );
    }
    section(
        "Comparison: estimator trained on raw or on refined images, scored on real ones",
        &body,
    )
}

/// One comparison: verdict, scores, curve, seeds and settings.
pub fn one(name: &str, comparison: &Comparison) -> String {
    let unit = unit_name(comparison);
    let verdict = Verdict::of(comparison);
    let charts: String = charts(comparison).iter().map(Chart::render).collect();
    format!(
        "<div class=\"comparison\">\n<h3>{}</h3>\n<p class=\"verdict {}\">{}</p>\n{}{}<div class=\"charts\">\n{charts}</div>\n{}</div>\n",
        escape(name),
        verdict.class(),
        escape(&verdict.sentence(comparison, unit)),
        scores(comparison, unit),
        per_seed(comparison, unit),
        settings(comparison),
    )
}

/// How it was compared, so that the figures can be repeated; folded away.
fn settings(comparison: &Comparison) -> String {
    let mut rows = Vec::new();
    match serde_json::to_value(&comparison.settings) {
        Ok(value) => flatten("", &value, &mut rows),
        Err(e) => rows.push(vec!["settings".into(), e.to_string()]),
    }
    format!(
        "<details><summary>Settings of this comparison</summary>\n{}</details>\n",
        table::<&str>(&[], &rows, false)
    )
}

fn flatten(prefix: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                flatten(&path, value, rows);
            }
        }
        Value::String(text) => rows.push(vec![prefix.to_owned(), text.clone()]),
        other => rows.push(vec![prefix.to_owned(), other.to_string()]),
    }
}

/// Means, medians, percentages under each threshold; a column an arm.
fn scores(comparison: &Comparison, unit: &str) -> String {
    let (head, rows) = scores_table(comparison, unit);
    table(&head, &rows, true)
}

/// Head and rows of that table.
pub fn scores_table(comparison: &Comparison, unit: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let arms = comparison.arms();
    let row = |name: &str, value: &dyn Fn(&Arm) -> String| row(name, &arms, value);
    let mean_sd = |arm: &Arm| match comparison.seeds.len() {
        1 => number(arm.mean),
        _ => format!("{} ± {:.2}", number(arm.mean), arm.sd),
    };
    let mut rows = vec![
        row(
            &match comparison.seeds.len() {
                1 => format!("mean error, {unit} (one seed)"),
                n => format!("mean error, {unit} (mean ± sd over {n} seeds)"),
            },
            &mean_sd,
        ),
        row(&format!("median error, {unit}"), &|arm| {
            number(arm.median())
        }),
        row(
            &format!("error of always answering the mean label, {unit}"),
            &|arm| number(arm.baseline()),
        ),
    ];
    if comparison.synthetic.without_offset().is_some() {
        rows.push(row(
            &format!("mean error without a constant offset, {unit}"),
            &|arm| arm.without_offset().map_or_else(|| MISSING.into(), number),
        ));
    }
    let counted = comparison.synthetic.unit().counted();
    let within = comparison.synthetic.mean_percent_within();
    for (index, (threshold, _)) in within.iter().enumerate() {
        rows.push(row(
            &format!("{counted} within {} {unit}", tick(*threshold)),
            &|arm| entry(&arm.mean_percent_within(), index, |v| format!("{v:.1} %")),
        ));
    }
    for (index, part) in comparison.synthetic.mean_parts().iter().enumerate() {
        rows.push(row(
            &format!("mean error of {}, {unit}", part.name),
            &|arm| {
                let score = arm.mean_parts().get(index).map(|part| number(part.mean));
                score.unwrap_or_else(|| MISSING.into())
            },
        ));
    }
    let axis_unit = comparison.synthetic.unit().of_axes();
    for (index, axis) in comparison.synthetic.mean_axes().iter().enumerate() {
        let of = |arm: &Arm, text: fn(&AxisScore) -> Option<String>| {
            let score = arm.mean_axes().get(index).and_then(text);
            score.unwrap_or_else(|| MISSING.into())
        };
        let name = &axis.name;
        if axis.bias.is_some() {
            rows.push(row(&format!("bias of {name}, {axis_unit}"), &|arm| {
                of(arm, |axis| axis.bias.map(|bias| format!("{bias:+.2}")))
            }));
            rows.push(row(&format!("slope of {name}"), &|arm| {
                of(arm, |axis| axis.slope.map(|slope| format!("{slope:.3}")))
            }));
        }
        rows.push(row(&format!("correlation of {name}"), &|arm| {
            of(arm, |axis| Some(format!("{:.3}", axis.correlation)))
        }));
    }
    (columns("", &arms), rows)
}

/// A value of a series as text, if the series has it.
fn entry<K>(series: &[(K, f64)], index: usize, text: fn(f64) -> String) -> String {
    let value = series.get(index);
    value.map_or_else(|| MISSING.into(), |(_, value)| text(*value))
}

/// Head of a table with a column an arm.
fn columns(first: &str, arms: &[(ArmName, &Arm)]) -> Vec<String> {
    let names = arms.iter().map(|(name, _)| name.to_string());
    std::iter::once(first.to_owned()).chain(names).collect()
}

fn per_seed(comparison: &Comparison, unit: &str) -> String {
    let value = |arm: &Arm, index: usize| {
        arm.evaluations
            .get(index)
            .map_or_else(|| MISSING.into(), |e| number(e.mean))
    };
    let arms = comparison.arms();
    let seeds = comparison.seeds.iter().enumerate();
    let rows: Vec<Vec<String>> = seeds
        .map(|(index, seed)| row(&format!("seed {seed}"), &arms, &|arm| value(arm, index)))
        .collect();
    let head = columns(&format!("mean error, {unit}"), &arms);
    let mut html = table(&head, &rows, true);
    if let Some(first) = comparison.refined.evaluations.first() {
        html.push_str(&super::html::paragraph(&scored(
            first.images,
            first.calibration_images,
        )));
    }
    html
}

fn scored(images: usize, calibration: usize) -> String {
    match calibration {
        0 => format!("Scored on {images} real images."),
        n => format!(
            "Scored on {images} real images; {n} others fitted the map from gaze to screen."
        ),
    }
}

fn row(name: &str, arms: &[(ArmName, &Arm)], value: &dyn Fn(&Arm) -> String) -> Vec<String> {
    let values = arms.iter().map(|(_, arm)| value(arm));
    std::iter::once(name.to_owned()).chain(values).collect()
}

/// Every chart of a comparison.
pub fn charts(comparison: &Comparison) -> Vec<Chart> {
    let unit = unit_name(comparison);
    let mut charts = vec![curve(comparison, unit)];
    charts.extend(answers::charts(comparison));
    charts
}

fn curve(comparison: &Comparison, unit: &str) -> Chart {
    let arms = comparison.arms();
    let mut lines: Vec<Line> = arms
        .iter()
        .map(|(name, arm)| curve_of(*name, arm))
        .collect();
    let end = lines
        .iter()
        .map(|line| error_at(&line.points, SHOWN_PERCENT))
        .fold(0.0, f64::max);
    for line in &mut lines {
        line.points.retain(|point| point.0 <= end);
        line.band.retain(|point| point.0 <= end);
    }
    let seeds = match comparison.seeds.len() {
        1 => "one seed",
        _ => "mean over seeds; band: lowest and highest seed",
    };
    Chart {
        title: format!("Images within an error, {seeds}"),
        x_label: format!("error, {unit}"),
        y_label: "images, percent".into(),
        y_range: Some(0.0..100.0),
        lines,
    }
}

/// One arm's curve; raw and refined with the range over seeds.
fn curve_of(name: ArmName, arm: &Arm) -> Line {
    let color = match name {
        ArmName::Synthetic => RAW,
        ArmName::Refined => REFINED,
        ArmName::Real => REAL,
        ArmName::Augmented => 3,
        ArmName::RefinedAugmented => 4,
        ArmName::Both => 5,
        ArmName::Versions => 6,
    };
    let has_band = arm.evaluations.len() > 1 && [RAW, REFINED].contains(&color);
    let points = arm.mean_curve();
    let range = |(place, (x, _)): (usize, &(f64, f64))| {
        let seeds = arm.evaluations.iter().filter_map(|e| e.curve.get(place));
        let range = extent(seeds.map(|point| point.1));
        (*x, range.start, range.end)
    };
    let band = points.iter().enumerate().map(range).collect();
    Line {
        band: if has_band { band } else { Vec::new() },
        ..Line::new(name.to_string(), points).colored(color)
    }
}

/// Smallest error whose percentage reaches `percent`.
fn error_at(points: &[(f64, f64)], percent: f64) -> f64 {
    let reached = points
        .iter()
        .find(|point| point.1 >= percent)
        .or(points.last());
    reached.map_or(0.0, |point| point.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::tests::comparison;

    #[test]
    fn the_verdict_is_said_in_words() {
        for refined in [[8.0, 8.5], [12.0, 13.0], [10.0, 11.5]] {
            let comparison = comparison(&[10.0, 11.0], &refined);
            let sentence = Verdict::of(&comparison).sentence(&comparison, "degrees");
            assert!(one("name", &comparison).contains(&escape(&sentence)));
        }
    }

    #[test]
    fn the_band_is_from_the_lowest_to_the_highest_seed() {
        let mut comparison = comparison(&[10.0, 11.0], &[8.0, 8.5]);
        comparison.refined.evaluations[0].curve = vec![(0.0, 10.0), (10.0, 80.0)];
        let line = curve_of(ArmName::Refined, &comparison.refined);
        assert_eq!(line.points, [(0.0, 5.0), (10.0, 90.0)]);
        assert_eq!(line.band, [(0.0, 0.0, 10.0), (10.0, 80.0, 100.0)]);
        assert_eq!(line.color, Some(REFINED));
        assert!(curve_of(ArmName::Real, &comparison.refined).band.is_empty());
    }
}
