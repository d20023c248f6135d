//! What was measured: by the training itself, by `simgan compare` and by `simgan judge`.

use std::path::Path;

use serde::de::DeserializeOwned;
use simgan::judges::Judgement;
use simgan::tasks::Comparison;
use simgan::training::RunDir;
use simgan::training::event_log::{Event, Findings, Phase};
use simgan_base::files::limits;
use simgan_base::formats::shape::Shape;

/// Grey levels of a difference of 1 between values in [-1, 1].
const GREY_LEVELS: f32 = 127.5;

/// Results that are kept with a run.
#[derive(Debug, Default)]
pub(super) struct Results {
    /// Of `simgan compare`, by name.
    pub(super) comparisons: Vec<(String, Comparison)>,
    /// Of `simgan judge`, by name.
    pub(super) judgements: Vec<(String, Judgement)>,
    /// Files that cannot be read.
    damaged: Vec<String>,
}

/// Reads the results of `run`.
pub(super) fn read(run: &RunDir) -> Results {
    let mut results = Results::default();
    results.comparisons = all(&run.comparisons(), Comparison::SHAPE, &mut results.damaged);
    results.judgements = all(&run.judgements(), Judgement::SHAPE, &mut results.damaged);
    results
}

/// The results in `folder`, sorted by name.
fn all<T: DeserializeOwned>(
    folder: &Path,
    shape: Shape,
    damaged: &mut Vec<String>,
) -> Vec<(String, T)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort_unstable();
    let mut found = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = limits::read_text(&path, limits::RESULT).ok();
        match text.and_then(|text| shape.read(&text).ok()) {
            Some(result) => found.push((name.into_owned(), result)),
            None => damaged.push(name.into_owned()),
        }
    }
    found
}

/// All of it in words and tables.
pub(super) fn told(events: &[Event], results: &Results) -> String {
    let mut parts: Vec<String> = in_training(events).into_iter().collect();
    let comparisons = results.comparisons.iter();
    parts.extend(comparisons.map(|(name, comparison)| {
        let text = comparison.to_markdown();
        format!("### Learning from raw and from refined images (`{name}`)\n\n{text}")
    }));
    let judgements = results.judgements.iter();
    parts.extend(judgements.map(|(name, judgement)| {
        let text = judgement.to_markdown();
        format!("### Labels and realism (`{name}`)\n\n{text}")
    }));
    let damaged = results.damaged.iter();
    parts.extend(damaged.map(|name| format!("The result `{name}` is kept, but cannot be read.\n")));
    if results.comparisons.is_empty() {
        parts.push("No estimator has been compared: `simgan compare` does.\n".to_owned());
    }
    if results.judgements.is_empty() {
        parts.push("Labels and realism have not been judged: `simgan judge` does.\n".to_owned());
    }
    parts.join("\n")
}

/// What the training saw of itself last.
fn in_training(events: &[Event]) -> Option<String> {
    let last = events.iter().rev().find_map(|event| match event {
        Event::Step {
            phase: Phase::Adversarial,
            step,
            scalars,
            ..
        } => Some((*step, scalars)),
        _ => None,
    })?;
    let findings = events.iter().rev().find_map(|event| match event {
        Event::Look { findings, .. } => Some(findings),
        _ => None,
    });
    let (step, scalars) = last;
    let change = scalars.pixel_change.map(|change| {
        format!(
            "refining changed a pixel by {:.1} of 255",
            GREY_LEVELS * change
        )
    });
    let accuracy = scalars.accuracy_real.zip(scalars.accuracy_refined);
    let accuracy = accuracy.map(|(real, refined)| {
        let [real, refined] = [real, refined].map(|part| 100.0 * part);
        format!("the discriminator knew {real:.0} % of real and {refined:.0} % of refined patches")
    });
    let seen = [change, accuracy, findings.map(looked)];
    let seen: Vec<String> = seen.into_iter().flatten().collect();
    Some(format!("At iteration {step}: {}.\n", seen.join("; ")))
}

fn looked(findings: &Findings) -> String {
    let shift = findings.label_shift.zip(findings.label_shift_floor);
    let shift = shift.map(|(shift, floor)| {
        format!(
            "; irises had moved by {shift:.2} px of an image 55 wide ({floor:.2} px where nothing \
             moves)"
        )
    });
    format!(
        "refined images differed from each other {:.2} times as much as their originals{}",
        findings.diversity,
        shift.unwrap_or_default()
    )
}
