//! The report: one HTML file that needs nothing else, no network and no other file.
//!
//! It holds one small script, for sliders and for one image at a time. Without it the page reads as well: all images stand
//! below one another.
//!
//! ```
//! use simgan::training::{Config, RunDir};
//!
//! let folder = tempfile::tempdir()?;
//! let run = RunDir::create(&folder.path().join("run"), &Config::default())?;
//! // Nothing is trained yet: the report says so.
//! let report = folder.path().join("report.html");
//! simgan_report::write(run.path(), &report)?;
//! assert!(std::fs::read_to_string(&report)?.starts_with("<!DOCTYPE html>"));
//! # Ok::<(), simgan::Error>(())
//! ```

mod answers;
mod axis;
mod chart;
mod comparison;
mod curves;
mod export;
mod header;
mod html;
mod images;
mod judgement;
mod levels;
mod log_axis;
mod looks;
mod marks;
mod picture;
mod run_data;
mod runs;
mod scored;
mod settings;
mod steps;
mod summary;
mod triple;
mod turing;
mod unit;
mod verdict;
mod viewer;

use std::path::{Path, PathBuf};

use simgan::tasks::Comparison;
use simgan::training::event_log::Event;
use simgan_base::files::durable;
use simgan_base::{Error, Result};

pub use header::{last_scalars, seconds, steps_done};

use html::escape;
use run_data::RunData;
use verdict::Verdict;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What a comparison shows, in one or two sentences: the figures, and whether they exceed the spread over seeds.
pub fn verdict(comparison: &Comparison) -> String {
    Verdict::of(comparison).sentence(comparison, unit::unit_name(comparison))
}

/// Writes the report of the run in `run` to `path`, whole or not at all.
///
/// # Errors
/// `run` is not a run, or the file cannot be written. What a run lacks is said in the report.
pub fn write(run: &Path, path: &Path) -> Result<()> {
    let run = RunData::read(run)?;
    put(page(&title(&run), &render(&run), None), path)
}

/// As [`write()`], of a run whose training may go on: until its log says that it has finished, the page loads itself anew every
/// `seconds`. Returns whether it goes on.
///
/// # Errors
/// Those of [`write()`].
pub fn write_live(run: &Path, path: &Path, seconds: u64) -> Result<bool> {
    let run = RunData::read(run)?;
    let goes_on = !matches!(run.events.last(), Some(Event::Finished { .. }));
    let every = goes_on.then_some(seconds);
    put(page(&title(&run), &render(&run), every), path)?;
    Ok(goes_on)
}

/// Writes one page about several runs to `path`: errors, settings that differ, images, curves over one another.
///
/// # Errors
/// Fewer than two or more than six runs; a folder that is no run; a file that cannot be written.
pub fn write_together(folders: &[PathBuf], path: &Path) -> Result<()> {
    if folders.len() < 2 || folders.len() > runs::MOST {
        let message = format!("{} runs cannot be compared on one page", folders.len());
        let hint = format!("give 2 to {} runs", runs::MOST);
        return Err(Error::config(message).with_hint(hint));
    }
    let read = folders.iter().map(|folder| RunData::read(folder));
    let read: Vec<RunData> = read.collect::<Result<_>>()?;
    let title = format!("{} SimGAN runs", read.len());
    put(page(&title, &runs::render(&read), None), path)
}

/// Writes every chart of the report of `run` as SVG and CSV, and tables of scores as Markdown and LaTeX, into `folder`: new or
/// empty.
///
/// # Errors
/// `run` is not a run; the folder holds something or cannot be written.
pub fn export(run: &Path, folder: &Path) -> Result<()> {
    export::write(&RunData::read(run)?, folder)
}

fn title(run: &RunData) -> String {
    format!("SimGAN run {}", run.name)
}

fn put(page: String, path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(Error::not_found("folder of the report", folder));
    }
    durable::write(path, page)
}

/// The body of the page about one run.
fn render(run: &RunData) -> String {
    [
        summary::render(run),
        images::render(run),
        comparison::render(run),
        judgement::render(run),
        turing::render(run),
        curves::render(run),
        settings::render(run),
        header::warnings(run),
    ]
    .concat()
}

/// The whole page; it loads itself anew `every` so many seconds.
fn page(title: &str, body: &str, every: Option<u64>) -> String {
    let refresh =
        every.map(|seconds| format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n"));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{refresh}\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         <footer>Written by simgan {version}.</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        refresh = refresh.unwrap_or_default(),
        title = escape(title),
        version = env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan::training::RunDir;

    #[test]
    fn a_page_loads_itself_anew_until_the_training_has_finished() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        RunDir::create(&run, &simgan::training::Config::default()).unwrap();
        let path = dir.path().join("report.html");
        let refresh = "http-equiv=\"refresh\" content=\"5\"";
        assert!(write_live(&run, &path, 5).unwrap());
        assert!(fs_err::read_to_string(&path).unwrap().contains(refresh));
        let end = serde_json::to_string(&Event::Finished {
            step: 1,
            seconds: 2.0,
        })
        .unwrap();
        fs_err::write(RunDir::at(&run).events_file(), end + "\n").unwrap();
        assert!(!write_live(&run, &path, 5).unwrap());
        assert!(!fs_err::read_to_string(&path).unwrap().contains(refresh));
    }

    #[test]
    fn one_run_or_seven_are_not_compared() {
        for count in [1, 7] {
            let folders = vec![PathBuf::from("run"); count];
            let error = write_together(&folders, Path::new("x.html")).unwrap_err();
            assert!(error.hint().is_some_and(|hint| hint.contains("2 to 6")));
        }
    }
}
