//! Raw against refined, by the estimators trained on each.

use serde_json::Value;
use simgan::estimators::comparison::{Arm, ArmName, Comparison};
use simgan::estimators::evaluation::Unit;

use super::axis::tick;
use super::chart::{Chart, Line};
use super::html::{escape, missing, number, section, table};
use super::run_data::RunData;

/// The cumulative curve is drawn up to the error that this part of the images keeps.
const SHOWN_PERCENT: f64 = 99.0;

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

fn one(name: &str, comparison: &Comparison) -> String {
    let unit = unit_name(comparison);
    let verdict = Verdict::of(comparison);
    format!(
        "<div class=\"comparison\">\n<h3>{}</h3>\n<p class=\"verdict {}\">{}</p>\n{}<div class=\"charts\">\n{}<div>{}</div>\n</div>\n{}</div>\n",
        escape(name),
        verdict.class(),
        escape(&verdict.sentence(comparison, unit)),
        scores(comparison, unit),
        curve(comparison, unit),
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

/// What the figures say, with the spread over seeds in mind.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Better,
    Worse,
    /// The difference is within the spread, or one seed tells no spread.
    Open,
}

impl Verdict {
    fn of(comparison: &Comparison) -> Self {
        let difference = comparison.synthetic.mean - comparison.refined.mean;
        if comparison.seeds.len() < 2 || difference.abs() <= spread(comparison) {
            return Self::Open;
        }
        if difference > 0.0 {
            Self::Better
        } else {
            Self::Worse
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Open => "",
        }
    }

    fn sentence(self, comparison: &Comparison, unit: &str) -> String {
        let (raw, refined) = (comparison.synthetic.mean, comparison.refined.mean);
        let change = if refined <= raw { "lower" } else { "higher" };
        let by = 100.0 * (raw - refined).abs() / raw.abs().max(f64::MIN_POSITIVE);
        let figures = format!(
            "The mean error with refined images is {} {unit}, with raw synthetic images {} {unit}: {by:.1} % {change}.",
            number(refined),
            number(raw)
        );
        let spread = format!("{} {unit}", number(spread(comparison)));
        let judgement = match self {
            _ if comparison.seeds.len() < 2 => {
                "One seed tells no spread, so this may be chance.".to_owned()
            }
            Self::Open => format!(
                "The difference does not exceed the spread over seeds ({spread}): neither is shown to be better."
            ),
            Self::Better => {
                format!("Refining helps: the difference exceeds the spread over seeds ({spread}).")
            }
            Self::Worse => {
                format!("Refining hurts: the difference exceeds the spread over seeds ({spread}).")
            }
        };
        format!("{figures} {judgement}")
    }
}

/// Standard deviation of the difference of the two means' samples.
fn spread(comparison: &Comparison) -> f64 {
    comparison.synthetic.sd.hypot(comparison.refined.sd)
}

fn unit_name(comparison: &Comparison) -> &'static str {
    let unit = comparison.synthetic.evaluations.first().map(|e| e.unit);
    match unit {
        Some(Unit::Px) => "px",
        Some(Unit::Label) => "label units",
        Some(Unit::Percent) => "percent wrong",
        Some(Unit::Deg) | None => "degrees",
    }
}

/// Means, medians, percentages under each threshold; a column an arm.
fn scores(comparison: &Comparison, unit: &str) -> String {
    let arms = comparison.arms();
    let row = |name: &str, value: &dyn Fn(&Arm) -> String| row(name, &arms, value);
    let mean_sd = |arm: &Arm| match comparison.seeds.len() {
        1 => number(arm.mean),
        _ => format!("{} ± {:.2}", number(arm.mean), arm.sd),
    };
    let baseline = |arm: &Arm| number(mean(arm.evaluations.iter().map(|e| e.baseline)));
    let median = |arm: &Arm| number(mean(arm.evaluations.iter().map(|e| e.median)));
    let mut rows = vec![
        row(
            &match comparison.seeds.len() {
                1 => format!("mean error, {unit} (one seed)"),
                n => format!("mean error, {unit} (mean ± sd over {n} seeds)"),
            },
            &mean_sd,
        ),
        row(&format!("median error, {unit}"), &median),
        row(
            &format!("error of always answering the mean label, {unit}"),
            &baseline,
        ),
    ];
    let thresholds = comparison
        .synthetic
        .evaluations
        .first()
        .map(|e| e.percent_within.as_slice());
    for (index, (threshold, _)) in thresholds.unwrap_or_default().iter().enumerate() {
        let percent = |arm: &Arm| {
            let values = arm
                .evaluations
                .iter()
                .filter_map(|e| e.percent_within.get(index));
            format!("{:.1} %", mean(values.map(|p| p.1)))
        };
        rows.push(row(
            &format!("images within {} {unit}", tick(*threshold)),
            &percent,
        ));
    }
    for (index, name) in axes(&comparison.synthetic).iter().enumerate() {
        let correlation = |arm: &Arm| {
            let values = arm
                .evaluations
                .iter()
                .filter_map(|e| e.correlation.get(index));
            format!("{:.3}", mean(values.map(|c| c.1)))
        };
        rows.push(row(&format!("correlation of {name}"), &correlation));
    }
    table(&columns("", &arms), &rows, true)
}

/// Head of a table with a column an arm.
fn columns(first: &str, arms: &[(ArmName, &Arm)]) -> Vec<String> {
    let names = arms.iter().map(|(name, _)| name.to_string());
    std::iter::once(first.to_owned()).chain(names).collect()
}

fn axes(arm: &Arm) -> Vec<String> {
    let first = arm.evaluations.first();
    first.map_or_else(Vec::new, |e| {
        e.correlation.iter().map(|c| c.0.clone()).collect()
    })
}

fn per_seed(comparison: &Comparison, unit: &str) -> String {
    let value = |arm: &Arm, index: usize| {
        arm.evaluations
            .get(index)
            .map_or_else(|| "missing".into(), |e| number(e.mean))
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

fn curve(comparison: &Comparison, unit: &str) -> String {
    let arms = comparison.arms();
    let mut lines: Vec<Line> = arms
        .iter()
        .map(|(name, arm)| line(&name.to_string(), arm))
        .collect();
    let end = lines
        .iter()
        .map(|line| error_at(&line.points, SHOWN_PERCENT))
        .fold(0.0, f64::max);
    lines
        .iter_mut()
        .for_each(|line| line.points.retain(|point| point.0 <= end));
    Chart {
        title: "Images within an error, mean over seeds".into(),
        x_label: format!("error, {unit}"),
        y_label: "images, percent".into(),
        y_range: Some(0.0..100.0),
        lines,
    }
    .render()
}

/// The curve of an arm, averaged over seeds on the grid of the first; others are read off by interpolation.
fn line(name: &str, arm: &Arm) -> Line {
    let grid = arm
        .evaluations
        .first()
        .map(|e| e.curve.as_slice())
        .unwrap_or_default();
    let point = |&(x, _): &(f64, f64)| {
        (
            x,
            mean(arm.evaluations.iter().map(|e| interpolate(&e.curve, x))),
        )
    };
    Line {
        name: name.to_owned(),
        points: grid.iter().map(point).collect(),
        limit: None,
    }
}

/// Value of a rising curve at `x`: linear between its points, constant beyond them.
fn interpolate(curve: &[(f64, f64)], x: f64) -> f64 {
    let after = curve.partition_point(|point| point.0 < x);
    match (after.checked_sub(1).map(|i| curve[i]), curve.get(after)) {
        (Some((x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        (_, Some(&(_, y))) | (Some((_, y)), None) => y,
        (None, None) => f64::NAN,
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

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan::estimators::Evaluation;

    fn arm(means: &[f64]) -> Arm {
        let evaluation = |&mean: &f64| Evaluation {
            unit: Unit::Deg,
            images: 10,
            calibration_images: 0,
            mean,
            median: mean,
            sd: 0.0,
            baseline: 20.0,
            mean_without_offset: None,
            percent_within: vec![(5.0, 50.0)],
            curve: vec![(0.0, 0.0), (10.0, 100.0)],
            correlation: vec![("pitch".into(), 0.5)],
        };
        Arm::new(means.iter().map(evaluation).collect(), Vec::new())
    }

    fn comparison(raw: &[f64], refined: &[f64]) -> Comparison {
        let settings = serde_json::json!({
            "estimator": simgan::estimators::EstimatorConfig::default(),
            "preprocessing": simgan::datasets::Preprocessing::default(),
            "calibrate": 0, "calibration_seed": 0, "training_images": 1, "test_images": 1,
            "fingerprints": ["a", "b", "c"], "version": "0",
        });
        let settings = serde_json::from_value(settings).unwrap();
        let seeds = (0..raw.len() as u64).collect();
        Comparison::new(arm(raw), arm(refined), seeds, settings)
    }

    #[test]
    fn a_verdict_needs_more_than_the_spread() {
        let cases = [
            (comparison(&[10.0, 11.0], &[8.0, 8.5]), Verdict::Better),
            (comparison(&[8.0, 8.5], &[10.0, 11.0]), Verdict::Worse),
            (comparison(&[10.0, 11.0], &[9.5, 10.5]), Verdict::Open),
            (comparison(&[10.0], &[1.0]), Verdict::Open),
        ];
        for (comparison, verdict) in cases {
            assert_eq!(Verdict::of(&comparison), verdict);
            assert!(
                one("name", &comparison)
                    .contains(&escape(&verdict.sentence(&comparison, "degrees")))
            );
        }
    }

    #[test]
    fn curves_are_read_between_their_points() {
        let curve = [(0.0, 0.0), (10.0, 100.0)];
        assert_eq!(interpolate(&curve, 2.5), 25.0);
        assert_eq!(interpolate(&curve, -1.0), 0.0);
        assert_eq!(interpolate(&curve, 11.0), 100.0);
        assert!(interpolate(&[], 1.0).is_nan());
    }
}
