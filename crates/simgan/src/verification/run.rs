//! Verifying a run: hashes of the checkpoints; configuration, manifest, log, image grids and results are read.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::de::IgnoredAny;

use crate::refine::TrainedRefiner;
use crate::training::{RunDir, checkpoint_manifest, event_log};
use crate::verification::{Kind, Verification, estimator};
use simgan_base::files::durable;
use simgan_base::files::limits;
use simgan_base::files::limits::Limit;
use simgan_base::{Error, Result};
use simgan_data::decode::decode;

pub(super) fn verify(run: &RunDir) -> Verification {
    let mut found = Verification::new(Kind::Run);
    found.file(&run.config_file(), run.config());
    found.file(&run.manifest_file(), run.manifest());
    log(run, &mut found);
    checkpoints(run, &mut found);
    estimator_of(run, &mut found);
    model_card(run, &mut found);
    for folder in [run.comparisons(), run.judgements(), run.examples()] {
        each_file(&folder, ("json", limits::RESULT), &mut found, is_json);
    }
    for test in entries(&run.turing()) {
        each_file(&test, ("json", limits::RESULT), &mut found, is_json);
    }
    each_file(&run.images(), ("png", limits::GRID), &mut found, is_image);
    leftovers(run, &mut found);
    found
}

fn log(run: &RunDir, found: &mut Verification) {
    let path = run.events_file();
    found.file(&path, event_log::read(&path));
    let whole = limits::read(&path, limits::EVENTS)
        .is_ok_and(|log| log.last().is_none_or(|&end| end == b'\n'));
    if path.is_file() && !whole {
        let note = "its last line was cut off; a resumed training writes it again";
        found.notes.push(format!("{}: {note}", path.display()));
    }
}

/// All of them, and whether the newest good one holds a refiner of the run's configuration.
fn checkpoints(run: &RunDir, found: &mut Verification) {
    let all = match run.checkpoints() {
        Ok(all) => all,
        Err(error) => return found.problems.push(error.to_string()),
    };
    if all.is_empty() {
        let note = format!("{} has no checkpoint yet", run.path().display());
        return found.notes.push(note);
    }
    let mut newest = None;
    for (step, path) in all {
        match checkpoint_manifest::verify(&path, step) {
            Ok(()) => {
                count(&path, found);
                newest = Some(step);
            }
            // A training at work has removed it meanwhile, as an old one.
            Err(_) if !path.exists() => {}
            Err(error) => found.problems.push(error.to_string()),
        }
    }
    match newest {
        Some(step) => {
            let refiner = TrainedRefiner::load(run, Some(step), true, &Device::flex());
            found.problems.extend(refiner.err().map(|e| e.to_string()));
            let note = format!("the newest checkpoint that is whole is that of step {step}");
            found.notes.push(note);
        }
        None => found.problems.push(format!(
            "{} has no checkpoint that is whole",
            run.path().display()
        )),
    }
}

/// That of `[task_consistency]`, if there is one.
fn estimator_of(run: &RunDir, found: &mut Verification) {
    let path = run.estimator();
    if !path.exists() {
        return;
    }
    match estimator::verify(&path) {
        Ok(verified) => {
            found.files += verified.files;
            found.bytes += verified.bytes;
            found.problems.extend(verified.problems);
        }
        Err(error) => found.problems.push(error.to_string()),
    }
}

/// It is written after a training, so that a run may be without.
fn model_card(run: &RunDir, found: &mut Verification) {
    let path = run.model_card_file();
    if path.exists() {
        found.file(&path, limits::read_text(&path, limits::MODEL_MANIFEST));
    }
}

fn count(checkpoint: &Path, found: &mut Verification) {
    for path in files(checkpoint) {
        found.file(&path, Ok(()));
    }
}

fn each_file(
    folder: &Path,
    (ending, limit): (&str, Limit),
    found: &mut Verification,
    check: fn(&[u8]) -> Result<(), String>,
) {
    for path in files(folder) {
        if path.extension().is_some_and(|e| e == ending) {
            let checked = limits::read(&path, limit).and_then(|bytes| {
                check(&bytes)
                    .map_err(|why| Error::model(format!("{} is damaged: {why}", path.display())))
            });
            found.file(&path, checked);
        }
    }
}

fn is_json(bytes: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<IgnoredAny>(bytes)
        .map(|_| ())
        .map_err(|e| e.to_string())
}

fn is_image(bytes: &[u8]) -> Result<(), String> {
    decode(Cursor::new(bytes))
        .map(|_| ())
        .map_err(|e| e.to_string())
}

/// What a process that died has left beside finished files.
fn leftovers(run: &RunDir, found: &mut Verification) {
    for folder in [
        run.path().to_owned(),
        run.images(),
        run.checkpoints_folder(),
    ] {
        for path in entries(&folder) {
            if path.to_string_lossy().ends_with(durable::PARTIAL) {
                let note = "it is not finished: it is being written, or its process has ended early; the next training removes it";
                found.notes.push(format!("{}: {note}", path.display()));
            }
        }
    }
}

/// Files of `folder` that are not hidden, by name; none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let hidden = |path: &Path| {
        path.file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with('.'))
    };
    entries(folder)
        .into_iter()
        .filter(|path| path.is_file() && !hidden(path))
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable();
    paths
}
