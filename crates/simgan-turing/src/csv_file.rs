//! Every answer as a line of a table.

use simgan_base::{Error, Result};

use crate::plan::Plan;
use crate::session::Session;

const HEAD: [&str; 10] = [
    "subject",
    "name",
    "form",
    "round",
    "trial",
    "image",
    "truth",
    "choice",
    "right",
    "milliseconds",
];

/// CSV of all answers to `plan`, those of subjects who have not finished as well.
///
/// # Errors
/// None in practice: memory takes the text.
pub fn answers_csv(plan: &Plan, sessions: &[Session]) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let cannot = |e: &dyn std::fmt::Display| {
        Error::data(format!("the answers cannot be written as CSV: {e}"))
    };
    table.write_record(HEAD).map_err(|e| cannot(&e))?;
    for (index, session) in sessions.iter().enumerate() {
        for (answer, shown) in session.decisions() {
            let right = answer.choice == shown.kind.right_choice();
            let record = [
                (index + 1).to_string(),
                session.subject.clone(),
                session.number.to_string(),
                answer.round.name().to_owned(),
                answer.trial.to_string(),
                plan.name(shown).to_owned(),
                shown.kind.name().to_owned(),
                answer.choice.name().to_owned(),
                u8::from(right).to_string(),
                answer.milliseconds.to_string(),
            ];
            table.write_record(record).map_err(|e| cannot(&e))?;
        }
    }
    table.into_inner().map_err(|e| cannot(&e.error()))
}
