//! What the report is made from: the files of a run folder.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;
use simgan::judges::Judgement;
use simgan::tasks::comparison::Comparison;
use simgan::tasks::comparison::examples::Examples;
use simgan::training::RunDir;
use simgan::training::event_log;
use simgan::training::event_log::Event;
use simgan_base::files::limits;
use simgan_base::formats::shape::Shape;
use simgan_base::{Error, Result};
use simgan_turing::Results;

/// The files of a run, read. What is missing or unreadable is empty, the reason among `problems`.
#[derive(Debug)]
pub struct RunData {
    /// Name of the folder.
    pub name: String,
    /// Text of `config.toml`.
    pub config: toml::Table,
    /// `run.json`: version, creation time, data, device, parameters.
    pub info: Value,
    /// `events.jsonl`.
    pub events: Vec<Event>,
    /// Image grids, by iteration.
    pub grids: Vec<Grid>,
    /// `comparisons/*.json`, by name.
    pub comparisons: Vec<(String, Comparison)>,
    /// `judgements/*.json`, by name.
    pub judgements: Vec<(String, Judgement)>,
    /// `examples/*.json`, by the name of their comparison.
    pub examples: Vec<(String, Examples)>,
    /// `turing/NAME/results.json`, by name.
    pub turing: Vec<(String, Results)>,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// One image grid: rows are examples, columns synthetic, refined, real.
#[derive(Debug)]
pub struct Grid {
    /// Iteration of Algorithm 1.
    pub step: usize,
    /// Width in pixels.
    pub width: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

impl RunData {
    /// Reads the run in `folder`.
    ///
    /// # Errors
    /// There is no such folder, or it holds no `config.toml`.
    pub fn read(folder: &Path) -> Result<Self> {
        require_run(folder)?;
        let run = RunDir::at(folder);
        let mut problems = Vec::new();
        let config = limits::read_text(&run.config_file(), limits::CONFIG)?;
        let config = config.parse().unwrap_or_else(|e| {
            problems.push(format!("config.toml is not valid TOML: {e}"));
            toml::Table::new()
        });
        Ok(Self {
            name: folder_name(folder),
            config,
            info: read_info(&run, &mut problems),
            events: read_events(&run, &mut problems),
            grids: read_grids(&run, &mut problems),
            comparisons: read_results(&run.comparisons(), Comparison::SHAPE, &mut problems),
            judgements: read_results(&run.judgements(), Judgement::SHAPE, &mut problems),
            examples: read_results(&run.examples(), Examples::SHAPE, &mut problems),
            turing: read_tests(&run, &mut problems),
            problems,
        })
    }

    /// A text or number of `run.json`, by its path (`["synthetic", "images"]`).
    pub fn info(&self, path: &[&str]) -> Option<String> {
        let mut value = &self.info;
        for key in path {
            value = value.get(key)?;
        }
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Fails unless `folder` looks like a run.
///
/// # Errors
/// There is no such folder, or it holds no `config.toml`.
pub fn require_run(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Err(Error::not_found("run", folder));
    }
    if RunDir::is_at(folder) {
        return Ok(());
    }
    Err(Error::model(format!(
        "not a run: {} has no config.toml",
        folder.display()
    ))
    .with_hint("a run is the folder that `simgan train --out RUN` wrote"))
}

fn folder_name(folder: &Path) -> String {
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    absolute.file_name().map_or_else(
        || folder.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    )
}

fn read_info(run: &RunDir, problems: &mut Vec<String>) -> Value {
    let text =
        limits::read_text(&run.manifest_file(), limits::MODEL_MANIFEST).map_err(|e| e.to_string());
    let info = text.and_then(|text| {
        serde_json::from_str(&text).map_err(|e| format!("run.json is not JSON: {e}"))
    });
    info.unwrap_or_else(|problem| {
        problems.push(problem);
        Value::Null
    })
}

fn read_events(run: &RunDir, problems: &mut Vec<String>) -> Vec<Event> {
    event_log::read(&run.events_file()).unwrap_or_else(|e| {
        problems.push(e.to_string());
        Vec::new()
    })
}

/// Reads `images/step_*.png`.
fn read_grids(run: &RunDir, problems: &mut Vec<String>) -> Vec<Grid> {
    let mut grids = Vec::new();
    for path in files(&run.images(), "png") {
        let step = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.strip_prefix("step_")?.parse().ok());
        let Some(step) = step else { continue };
        match read_grid(&path, step) {
            Ok(grid) => grids.push(grid),
            Err(e) => problems.push(e.to_string()),
        }
    }
    grids.sort_by_key(|grid| grid.step);
    grids
}

fn read_grid(path: &Path, step: usize) -> Result<Grid> {
    let png = limits::read(path, limits::GRID)?;
    let reader =
        image::ImageReader::with_format(std::io::Cursor::new(&png), image::ImageFormat::Png);
    let (width, _) = reader
        .into_dimensions()
        .map_err(|e| Error::model(format!("{} is not a PNG: {e}", path.display())))?;
    Ok(Grid { step, width, png })
}

/// Reads the results in `folder`, each by the name of its file.
fn read_results<T: DeserializeOwned>(
    folder: &Path,
    shape: Shape,
    problems: &mut Vec<String>,
) -> Vec<(String, T)> {
    let mut results = Vec::new();
    for path in files(folder, "json") {
        match read_result(&path, shape) {
            Ok(result) => results.push((stem(&path), result)),
            Err(problem) => problems.push(problem),
        }
    }
    results
}

fn read_result<T: DeserializeOwned>(path: &Path, shape: Shape) -> Result<T, String> {
    let text = limits::read_text(path, limits::RESULT).map_err(|e| e.to_string())?;
    let result = shape.read(&text);
    result.map_err(|problem| format!("{} {problem}", path.display()))
}

/// Reads `turing/NAME/results.json`; a test without is one whose results nobody has asked for yet.
fn read_tests(run: &RunDir, problems: &mut Vec<String>) -> Vec<(String, Results)> {
    let entries = fs_err::read_dir(run.turing())
        .into_iter()
        .flatten()
        .flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    let mut tests = Vec::new();
    for folder in folders {
        let path = folder.join("results.json");
        if !path.is_file() {
            continue;
        }
        match read_result(&path, Results::SHAPE) {
            Ok(results) => tests.push((stem(&folder), results)),
            Err(problem) => problems.push(problem),
        }
    }
    tests
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Files of `folder` with this extension, sorted; none where there is no folder.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A run of which nothing is known.
    pub(crate) fn empty() -> RunData {
        RunData {
            name: "run".into(),
            config: toml::Table::new(),
            info: Value::Null,
            events: Vec::new(),
            grids: Vec::new(),
            comparisons: Vec::new(),
            judgements: Vec::new(),
            examples: Vec::new(),
            turing: Vec::new(),
            problems: Vec::new(),
        }
    }
}
