//! Figures of comparisons and judgements, kept with the run for TensorBoard, beside the curves of its training.

use simgan::judges::Judgement;
use simgan::tasks::Comparison;
use simgan::training::RunDir;
use simgan_base::Result;
use simgan_base::formats::tensorboard::TensorBoardWriter;

use crate::listener::Listener;

/// A curve's name and its new value.
type Figure = (String, f64);

/// Adds the figures of a comparison; where that fails, it warns: the result itself is safe.
pub fn keep_comparison(run: &RunDir, comparison: &Comparison, listener: &dyn Listener) {
    keep(run, &of_comparison(comparison), listener);
}

/// Adds the figures of a judgement; where that fails, it warns: the result itself is safe.
pub fn keep_judgement(run: &RunDir, judgement: &Judgement, listener: &dyn Listener) {
    keep(run, &of_judgement(judgement), listener);
}

fn keep(run: &RunDir, figures: &[Figure], listener: &dyn Listener) {
    if let Err(error) = write(run, figures) {
        listener.warn(&format!("TensorBoard will not show this result: {error}"));
    }
}

fn write(run: &RunDir, figures: &[Figure]) -> Result<()> {
    let step = run
        .checkpoints()?
        .last()
        .map_or(0, |(step, _)| *step as u64);
    let mut writer = TensorBoardWriter::create(&run.tensorboard())?;
    for (name, value) in figures {
        writer.scalar(name, step, *value as f32)?;
    }
    writer.flush()
}

/// Mean error of every arm, and what refining is worth.
fn of_comparison(comparison: &Comparison) -> Vec<Figure> {
    let arms = comparison.arms().into_iter();
    let mut figures: Vec<Figure> = arms
        .map(|(name, arm)| {
            let name = name.to_string().replace(", ", "_").replace(' ', "_");
            (format!("compare/error_{name}"), arm.mean)
        })
        .collect();
    let gap = comparison.gap_closed(comparison.best_refined());
    figures.extend(gap.map(|part| ("compare/gap_closed".to_owned(), part)));
    figures
}

/// How well synthetic and refined images are told from real ones, and how far labels have moved.
fn of_judgement(judgement: &Judgement) -> Vec<Figure> {
    let (told_apart, distance) = (&judgement.two_sample, &judgement.kernel_distance);
    let mut figures: Vec<Figure> = [
        ("told_apart_synthetic", told_apart.synthetic.accuracy),
        ("told_apart_refined", told_apart.refined.accuracy),
        ("kernel_distance_synthetic", distance.synthetic.mean),
        ("kernel_distance_refined", distance.refined.mean),
    ]
    .map(|(name, value)| (format!("judge/{name}"), value))
    .into();
    let shifts = judgement
        .task_shift
        .iter()
        .flat_map(|shift| &shift.refined.axes);
    figures.extend(shifts.map(|axis| (format!("judge/task_bias_{}", axis.name), axis.bias)));
    figures
}
