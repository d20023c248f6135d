//! Whether the advice that needs no labels was right, from the answers that a table keeps.

use simgan::judges::advice::{Advice, AnswersToReal, Evidence};
use simgan::measures::task_shift::Answers;
use simgan::tasks::Task;
use simgan_base::formats::markdown;
use simgan_base::metrics::summary::mean;

use super::outcome::{Outcome, Scored};
use super::table::Measured;

/// The advice about every refined row, beside what the labels say; empty where no row has two seeds and an estimator of
/// both kinds of images. Seeds of refined rows differ in the refiner, too, those of `simgan advise` in the estimator alone.
pub fn markdown(rows: &[Measured], task: &dyn Task) -> String {
    let Some((raw, others)) = rows.split_first() else {
        return String::new();
    };
    let cells: Vec<Vec<String>> = others
        .iter()
        .filter_map(|row| cells(raw, row, task))
        .collect();
    if cells.is_empty() {
        return String::new();
    }
    let head = [
        "row",
        "two seeds apart: raw, refined, both",
        "advice without labels",
        "mean error: raw, refined, both",
        "least error",
        "the advice costs",
    ];
    format!("\n\n{}", markdown::table(&head, &cells))
}

fn cells(raw: &Measured, row: &Measured, task: &dyn Task) -> Option<Vec<String>> {
    let evidence = evidence(raw, row, task)?;
    let errors = errors(raw, row);
    let (best, least) = errors.into_iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let advice = evidence.advice();
    let (_, advised) = errors.into_iter().find(|(kind, _)| *kind == advice)?;
    let list = |values: [f64; 3]| values.map(|value| format!("{value:.3}")).join(", ");
    Some(vec![
        row.name.clone(),
        list([evidence.raw, evidence.refined, evidence.both]),
        name(advice).into(),
        list(errors.map(|(_, error)| error)),
        name(best).into(),
        format!("{:+.1} %", 100.0 * (advised / least - 1.0)),
    ])
}

/// What `simgan advise` would have had; `None` with fewer than two seeds, and of rows that are not refined.
fn evidence(raw: &Measured, row: &Measured, task: &dyn Task) -> Option<Evidence> {
    let seeds = row.outcomes.len().min(raw.outcomes.len());
    let of = |row: &Measured, answers: fn(&Outcome) -> Option<&Vec<Vec<f64>>>| {
        let outcomes = row.outcomes[..seeds].iter();
        outcomes
            .map(|outcome| answers(outcome).cloned().map(Answers::from))
            .collect::<Option<Vec<_>>>()
    };
    let task_shift = row.outcomes.first()?.judged.as_ref()?.task_shift.clone();
    let answers = AnswersToReal {
        raw: of(raw, |outcome| Some(&outcome.answers))?,
        refined: of(row, |outcome| Some(&outcome.answers))?,
        both: of(row, |outcome| Some(&outcome.both.as_ref()?.answers))?,
    };
    (seeds >= 2).then(|| Evidence::of(task, &answers, task_shift))
}

/// Mean error of each kind by the labels.
fn errors(raw: &Measured, row: &Measured) -> [(Advice, f64); 3] {
    let of_both = |outcome: &Outcome| {
        let scored: Option<&Scored> = outcome.both.as_ref();
        scored.map_or(f64::NAN, |scored| scored.evaluation.mean)
    };
    let of = |row: &Measured, error: &dyn Fn(&Outcome) -> f64| {
        mean(&row.outcomes.iter().map(error).collect::<Vec<_>>())
    };
    [
        (Advice::Raw, of(raw, &|o| o.evaluation.mean)),
        (Advice::Refined, of(row, &|o| o.evaluation.mean)),
        (Advice::Both, of(row, &of_both)),
    ]
}

fn name(advice: Advice) -> &'static str {
    match advice {
        Advice::Refined => "refined",
        Advice::Both => "both",
        Advice::Raw => "raw",
    }
}
