//! The report: one HTML file that needs nothing else, no network and no other file.
//!
//! It holds one small script, for sliders and for one image at a time. Without it the page reads as well: all images stand
//! below one another.

mod answers;
mod axis;
mod chart;
mod comparison;
mod curves;
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
mod scored;
mod settings;
mod steps;
mod summary;
mod triple;
mod verdict;
mod viewer;

use std::path::Path;

use simgan_base::Error;
use simgan_base::files::durable;

pub use header::{last_scalars, seconds, steps_done};

use html::escape;
use run_data::RunData;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Writes the report of the run in `run` to `path`, whole or not at all.
///
/// # Errors
/// `run` is not a run, or the file cannot be written. What a run lacks is said in the report.
pub fn write(run: &Path, path: &Path) -> simgan_base::Result<()> {
    let page = render(&RunData::read(run)?);
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(Error::not_found("folder of the report", folder));
    }
    durable::write(path, page)
}

/// The whole page.
fn render(run: &RunData) -> String {
    let body = [
        summary::render(run),
        images::render(run),
        comparison::render(run),
        judgement::render(run),
        curves::render(run),
        settings::render(run),
        header::warnings(run),
    ]
    .concat();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         <footer>Written by simgan {version}.</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        title = escape(&format!("SimGAN run {}", run.name)),
        version = env!("CARGO_PKG_VERSION"),
    )
}
