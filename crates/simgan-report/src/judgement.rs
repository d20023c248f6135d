//! Are the labels kept, did it become real: what judges said that took no part in the training.

use simgan::judges::Judgement;

use super::html::{escape, missing, paragraph, section, table};
use super::run_data::RunData;

/// The section of judgements.
pub fn render(run: &RunData) -> String {
    let mut body: String = run
        .judgements
        .iter()
        .map(|(name, judgement)| one(name, judgement))
        .collect();
    if body.is_empty() {
        body = missing(&format!(
            "No judgement yet: run `simgan judge --run {} --synthetic DIR --real DIR` to see how far labels have moved and \
             how well refined images can be told from real ones.",
            run.name
        ));
    }
    section("Labels and realism", &body)
}

fn one(name: &str, judgement: &Judgement) -> String {
    let warnings: String = judgement
        .warnings()
        .iter()
        .map(|text| format!("<p class=\"verdict worse\">{}</p>\n", escape(text)))
        .collect();
    let tables = judgement.tables().into_iter();
    let tables = tables.map(|(head, rows)| table(&head, &rows, true));
    format!(
        "<div class=\"comparison\">\n<h3>{}</h3>\n{warnings}{}{}</div>\n",
        escape(name),
        tables.collect::<String>(),
        paragraph(&judgement.note())
    )
}
