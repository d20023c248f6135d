//! Whether the advice that needs no labels was right, from the answers that a table keeps.

use simgan::judges::advice::{Advice, AnswersToReal, Evidence};
use simgan::measures::task_shift::Answers;
use simgan::tasks::Task;
use simgan_base::formats::markdown;
use simgan_base::metrics::summary::mean;

use super::outcome::{Outcome, Scored};
use super::table::Measured;

/// What estimators can be fitted on.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// Of the raw row, or of a refined one.
    scored: fn(&Outcome) -> Option<Scored>,
    /// What `simgan advise` calls it.
    advice: Advice,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "raw",
        scored: Outcome::scored,
        advice: Advice::Raw,
    },
    Kind {
        name: "refined",
        scored: Outcome::scored,
        advice: Advice::Refined,
    },
    Kind {
        name: "both",
        scored: |outcome| outcome.both.clone(),
        advice: Advice::Both,
    },
    Kind {
        name: "raw and checkpoints",
        scored: |outcome| outcome.checkpoints.clone(),
        advice: Advice::Versions,
    },
];

/// A kind of a row, all seeds.
struct Fitted {
    kind: Kind,
    answers: Vec<Answers>,
    error: f64,
}

/// The advice about every refined row, beside what the labels say; empty where no row has two seeds and an estimator of
/// both kinds of images. Seeds of refined rows differ in the refiner, too, those of `simgan advise` in the estimator alone.
pub fn markdown(rows: &[Measured], task: &dyn Task) -> String {
    let Some((raw, others)) = rows.split_first() else {
        return String::new();
    };
    let cells = others.iter().filter_map(|row| cells(raw, row, task));
    let cells: Vec<Vec<String>> = cells.collect();
    if cells.is_empty() {
        return String::new();
    }
    let head = [
        "row",
        "kinds",
        "two seeds apart",
        "mean error",
        "advice without labels",
        "which costs",
    ];
    format!("\n\n{}", markdown::table(&head, &cells))
}

fn cells(raw: &Measured, row: &Measured, task: &dyn Task) -> Option<Vec<String>> {
    let fitted: Vec<Fitted> = KINDS
        .iter()
        .filter_map(|kind| match kind.advice {
            Advice::Raw => fitted(*kind, raw),
            _ => fitted(*kind, row),
        })
        .collect();
    let of = |advice: Advice| fitted.iter().find(|f| f.kind.advice == advice);
    let answers = |advice: Advice| Some(of(advice)?.answers.clone());
    let task_shift = row.outcomes.first()?.judged.as_ref()?.task_shift.clone();
    let answers = AnswersToReal {
        raw: answers(Advice::Raw)?,
        refined: answers(Advice::Refined)?,
        both: answers(Advice::Both)?,
        versions: answers(Advice::Versions),
    };
    let evidence = Evidence::of(task, &answers, task_shift);
    let advised = of(evidence.advice())?;
    let apart = [evidence.raw, evidence.refined, evidence.both].into_iter();
    let apart: Vec<String> = (apart.chain(evidence.versions))
        .map(|distance| format!("{distance:.3}"))
        .collect();
    let least = fitted.iter().map(|f| f.error).fold(f64::INFINITY, f64::min);
    let list = |value: &dyn Fn(&Fitted) -> String| {
        let values: Vec<String> = fitted.iter().map(value).collect();
        values.join(", ")
    };
    Some(vec![
        row.name.clone(),
        list(&|f| f.kind.name.to_owned()),
        apart.join(", "),
        list(&|f| format!("{:.3}", f.error)),
        advised.kind.name.to_owned(),
        format!("{:+.1} %", 100.0 * (advised.error / least - 1.0)),
    ])
}

/// The estimators of a kind; `None` with fewer than two seeds, and where a seed lacks it.
fn fitted(kind: Kind, row: &Measured) -> Option<Fitted> {
    let scored = row.outcomes.iter().map(kind.scored);
    let scored: Vec<Scored> = scored.collect::<Option<_>>()?;
    let errors: Vec<f64> = scored.iter().map(|one| one.evaluation.mean).collect();
    let answers: Vec<Answers> = scored.into_iter().map(|one| one.answers.into()).collect();
    (answers.len() >= 2).then(|| Fitted {
        kind,
        error: mean(&errors),
        answers,
    })
}
