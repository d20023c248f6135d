//! Several runs on one page: errors, settings that differ, images, curves over one another.

use std::collections::BTreeMap;

use super::chart::{Chart, Line};
use super::curves;
use super::header::{last_scalars, seconds, steps_done};
use super::html::{escape, missing, number, paragraph, section, table};
use super::run_data::RunData;
use super::unit::unit_name;
use super::{settings, summary};
use simgan_base::formats::readable::{duration, thousands};

/// Runs that have a colour of their own.
pub const MOST: usize = 6;

/// What stands in a cell where a run has no such thing.
const NONE: &str = "-";

/// The body of the page about 2 to [`MOST`] runs.
pub fn render(runs: &[RunData]) -> String {
    let names: Vec<String> = names(runs);
    let strips: String = runs
        .iter()
        .zip(&names)
        .map(|(run, name)| format!("<h3>{}</h3>\n{}", escape(name), images(run)))
        .collect();
    [
        format!(
            "<h1>{} SimGAN runs</h1>\n<p class=\"sub\">{}</p>\n",
            runs.len(),
            escape(&names.join(" \u{b7} "))
        ),
        section("Errors", &errors(runs, &names)),
        section("Settings that differ", &differences(runs, &names)),
        section("Images", &strips),
        section("Training", &curves_together(runs, &names)),
    ]
    .concat()
}

/// Names of the folders; those that several runs share with a number.
fn names(runs: &[RunData]) -> Vec<String> {
    let name = |(place, run): (usize, &RunData)| {
        let before = runs[..place].iter();
        match before.filter(|other| other.name == run.name).count() {
            0 => run.name.clone(),
            n => format!("{} ({})", run.name, n + 1),
        }
    };
    runs.iter().enumerate().map(name).collect()
}

fn errors(runs: &[RunData], names: &[String]) -> String {
    let head = [
        "run",
        "iterations",
        "training time",
        "pixel change",
        "raw",
        "refined",
        "change",
        "seeds won",
        "unit",
    ];
    let rows: Vec<Vec<String>> = runs
        .iter()
        .zip(names)
        .map(|(run, name)| row(run, name))
        .collect();
    let note = "Errors are those of the last comparison of each run. They can be set side by side where test images, estimator \
                and budget are the same.";
    table(&head, &rows, true) + &paragraph(note)
}

fn row(run: &RunData, name: &str) -> Vec<String> {
    let change = last_scalars(&run.events).and_then(|last| last.pixel_change);
    let change = change.map(|change| number((curves::GREY_LEVELS * change).into()));
    let mut cells = vec![
        name.to_owned(),
        thousands(steps_done(&run.events)),
        duration(seconds(&run.events)),
        change.unwrap_or_else(|| NONE.into()),
    ];
    match summary::main_comparison(run) {
        Some((_, comparison)) => cells.extend([
            number(comparison.synthetic.mean),
            number(comparison.refined.mean),
            format!("{:+.1} %", -comparison.relative_improvement),
            format!("{} of {}", comparison.refined_wins, comparison.seeds.len()),
            unit_name(comparison).to_owned(),
        ]),
        None => cells.extend(["not compared", NONE, NONE, NONE, NONE].map(str::to_owned)),
    }
    cells
}

/// Keys of the configurations that do not have one value in all runs.
fn differences(runs: &[RunData], names: &[String]) -> String {
    let mut keys: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for (place, run) in runs.iter().enumerate() {
        for row in settings::flatten(Some(&run.config)) {
            if let [key, value] = &row[..] {
                let values = keys
                    .entry(key.clone())
                    .or_insert_with(|| vec![None; runs.len()]);
                values[place] = Some(value.clone());
            }
        }
    }
    let differ = |values: &[Option<String>]| values.windows(2).any(|pair| pair[0] != pair[1]);
    let rows = keys.into_iter().filter(|(_, values)| differ(values));
    let rows: Vec<Vec<String>> = rows
        .map(|(key, values)| {
            let values = values
                .into_iter()
                .map(|value| value.unwrap_or_else(|| NONE.into()));
            std::iter::once(key).chain(values).collect()
        })
        .collect();
    if rows.is_empty() {
        return paragraph("None: all configurations are equal.");
    }
    let head: Vec<&str> = std::iter::once("key")
        .chain(names.iter().map(String::as_str))
        .collect();
    table(&head, &rows, false)
}

fn images(run: &RunData) -> String {
    let strip = summary::strip(run);
    if strip.is_empty() {
        missing("No images yet.")
    } else {
        strip
    }
}

/// A chart for every line of every chart, with a line a run.
fn curves_together(runs: &[RunData], names: &[String]) -> String {
    let mut charts: Vec<Chart> = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        for chart in curves::charts(run) {
            for line in chart.lines.iter().filter(|line| !line.points.is_empty()) {
                let line_of_run = Line::new(&names[place], line.points.clone()).colored(place);
                add(&mut charts, &chart, &line.name, line_of_run);
            }
        }
    }
    let charts: String = charts.iter().map(Chart::render).collect();
    match charts.is_empty() {
        true => missing("No curves yet."),
        false => format!("<div class=\"charts\">\n{charts}</div>\n"),
    }
}

/// Adds a run's line to the chart about lines of this name, which is made where it is missing.
fn add(charts: &mut Vec<Chart>, of: &Chart, name: &str, line: Line) {
    let title = format!("{}: {name}", of.title);
    match charts.iter_mut().find(|chart| chart.title == title) {
        Some(chart) => chart.lines.push(line),
        None => charts.push(Chart {
            title,
            lines: vec![line],
            ..of.clone()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_data::tests::empty;
    use crate::verdict::tests::comparison;
    use simgan::algorithm_1::scalars::Scalars;
    use simgan::training::event_log::{Event, Phase};

    fn run(lambda: &str) -> RunData {
        let mut run = empty();
        run.config = format!("[training]\nlambda = {lambda}\nsteps = 5")
            .parse()
            .unwrap();
        let step = |step| Event::Step {
            phase: Phase::Adversarial,
            step,
            seconds: 1.0,
            scalars: Scalars {
                discriminator_loss: Some(0.5),
                ..Scalars::default()
            },
        };
        run.events = vec![step(1), step(2)];
        run
    }

    #[test]
    fn only_what_differs_is_listed_and_curves_share_a_chart() {
        let mut second = run("0.5");
        second.comparisons = vec![("a".into(), comparison(&[10.0, 12.0], &[8.0, 8.5]))];
        let page = render(&[run("0.1"), second]);
        assert!(page.contains("training.lambda") && !page.contains("training.steps"));
        assert!(
            page.contains("not compared") && page.contains("-25.0 %"),
            "{page}"
        );
        assert_eq!(page.matches("<figure>").count(), 1);
        assert!(
            page.contains("class=\"s1\"></i>run<") && page.contains("class=\"s2\"></i>run (2)")
        );
    }

    #[test]
    fn equal_settings_are_said_to_be_equal() {
        let runs = [run("1.0"), run("1.0")];
        assert!(differences(&runs, &names(&runs)).contains("all configurations are equal"));
    }
}
