//! `simgan inspect`: what a path holds, and whether it is sound.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use simgan::tasks::Estimator;
use simgan::training::RunDir;
use simgan_base::formats::shape::Shape;
use simgan_base::{Error, ErrorKind};
use simgan_data::gaps::Gaps;
use simgan_data::summary::Range;
use simgan_data::{Labels, RefinedManifest, Source};

use crate::args::DataOptions;
use crate::console::Console;
use crate::examples;
use crate::output;
use simgan_base::formats::readable::thousands;

/// Problems that are told one by one.
const PROBLEMS: usize = 10;

mod data_set;
mod model;
mod run;

/// Options of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = examples::INSPECT)]
pub struct InspectArgs {
    /// A data set (or a part of one, a `.tar`, or `sim:eyes`), run, model, refined set or label table
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Folder for decoded images [default: the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What was found: its kind, facts to show, and what is wrong with it.
#[derive(Debug)]
pub struct Finding {
    kind: &'static str,
    /// Kind of the error if there are problems.
    error: ErrorKind,
    facts: Vec<(Cow<'static, str>, Value)>,
    /// What is worth a look, though nothing is wrong.
    warnings: Vec<String>,
    /// The first ones; more are only counted.
    problems: Vec<String>,
    problem_count: usize,
}

impl Finding {
    fn new(kind: &'static str, error: ErrorKind) -> Self {
        Self {
            kind,
            error,
            facts: Vec::new(),
            warnings: Vec::new(),
            problems: Vec::new(),
            problem_count: 0,
        }
    }

    fn fact(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.facts.push((name.into(), value.into()));
    }

    /// A problem, told if it is among the first.
    fn problem(&mut self, problem: impl ToString) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem.to_string());
        }
        self.problem_count += 1;
    }

    /// `count` problems, of which those `told` are the first.
    fn problems(&mut self, told: &[String], count: usize) {
        told.iter().for_each(|problem| self.problem(problem));
        self.problem_count += count - told.len();
    }

    /// Puts `part` among the facts or its error among the problems.
    fn part<T>(&mut self, part: simgan_base::Result<T>) -> Option<T> {
        part.map_err(|error| self.problem(error)).ok()
    }

    fn text(&self, path: &str) -> String {
        let mut rows = vec![("path", path.to_owned()), ("kind", self.kind.to_owned())];
        rows.extend(
            self.facts
                .iter()
                .map(|(name, value)| (&**name, plain(value))),
        );
        let warning = |text: &String| ("warning", text.clone());
        rows.extend(self.warnings.iter().map(warning));
        let sound = if self.problem_count == 0 { "yes" } else { "no" };
        rows.push(("sound", sound.to_owned()));
        let problems = self.problems.iter();
        rows.extend(problems.map(|problem| ("problem", problem.clone())));
        let more = self.problem_count - self.problems.len();
        if more > 0 {
            rows.push(("more problems", thousands(more)));
        }
        output::table(&rows)
    }

    fn json(&self, path: &str) -> Value {
        let facts: Map<String, Value> = self
            .facts
            .iter()
            .map(|(name, value)| (name.replace(' ', "_"), value.clone()))
            .collect();
        json!({
            "path": path,
            "kind": self.kind,
            "sound": self.problem_count == 0,
            "problems": self.problems,
            "warnings": self.warnings,
            "problem_count": self.problem_count,
            "facts": facts,
        })
    }
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("inspection", 1);

/// Prints what it is; fails if it is not sound.
pub fn run(args: &InspectArgs, console: &Console) -> anyhow::Result<()> {
    let finding = find(args, console)?;
    if args.json {
        output::json(SHAPE, &finding.json(&args.path))?;
    } else {
        output::line(&finding.text(&args.path))?;
    }
    match finding.problem_count {
        0 => Ok(()),
        1 => Err(unsound(&finding, args, "1 problem").into()),
        n => Err(unsound(&finding, args, &format!("{n} problems")).into()),
    }
}

fn unsound(finding: &Finding, args: &InspectArgs, count: &str) -> Error {
    Error::new(
        finding.error,
        format!("{} is not sound: {count}", args.path),
    )
}

fn find(args: &InspectArgs, console: &Console) -> simgan_base::Result<Finding> {
    let source = Source::parse(&args.path)?;
    let options = DataOptions::skipping(args.cache_dir.clone());
    let Some(path) = source.folder() else {
        return data_set::find(&args.path, None, &options, console);
    };
    if !path.exists() {
        return Err(Error::not_found("path", path));
    }
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"))
        && path.is_file()
    {
        return Ok(labels(path));
    }
    if Estimator::is_saved_at(path) {
        return Ok(model::find(path));
    }
    if RunDir::is_at(path) {
        return Ok(run::find(path));
    }
    data_set::find(&args.path, Some(path), &options, console)
}

/// A label table on its own.
fn labels(path: &Path) -> Finding {
    let mut finding = Finding::new("label table", ErrorKind::Data);
    if let Some(labels) = finding.part(Labels::read(path)) {
        label_facts(&mut finding, &labels);
    }
    finding
}

/// Rows and columns; columns of numbers are named apart, with their ranges. Cells that should be numbers are problems, which
/// are returned.
fn label_facts(finding: &mut Finding, labels: &Labels) -> Gaps {
    let numeric: Vec<&str> = labels
        .columns()
        .iter()
        .map(String::as_str)
        .filter(|c| labels.is_numeric(c))
        .collect();
    finding.fact("label rows", labels.len());
    finding.fact("label columns", labels.columns().to_vec());
    finding.fact("columns of numbers", numeric.clone());
    for column in numeric {
        let values = labels.numbers(column).unwrap_or_default();
        if let Some(range) = Range::of(values.into_iter().map(f64::from)) {
            finding.fact(format!("range of {column}"), told(range));
        }
    }
    let gaps = labels.gaps();
    finding.problems(&gaps.told, gaps.count);
    gaps
}

/// `-0.1 to 0.25, mean 0.031`: five digits at most.
fn told(range: Range) -> String {
    let short = |value: f64| {
        let digits = 4 - value.abs().max(1e-3).log10().floor() as i32;
        let power = 10f64.powi(digits);
        (value * power).round() / power
    };
    let [min, max, mean] = [range.min, range.max, range.mean].map(short);
    format!("{min} to {max}, mean {mean}")
}

/// Whether `folder` holds refined images.
fn is_refined(folder: &Path) -> bool {
    RefinedManifest::exists(folder)
}

/// A fact as text: lists with commas, nothing in quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Number(number) => match number.as_u64() {
            Some(whole) => thousands(whole as usize),
            None => number.to_string(),
        },
        other => other.to_string(),
    }
}
