//! Can people tell? What visual Turing tests have shown (`simgan turing`).

use simgan_turing::{Results, RoundName, RoundResults};

use super::html::{escape, paragraph, section, table};
use super::run_data::RunData;

/// The section of tests with people; none before somebody has finished one.
pub fn render(run: &RunData) -> String {
    let finished = run.turing.iter().filter(|(_, test)| test.subjects > 0);
    let body: String = finished.map(|(name, test)| one(name, test)).collect();
    match body.is_empty() {
        true => body,
        false => section("Can people tell?", &body),
    }
}

fn one(name: &str, test: &Results) -> String {
    let rounds: String = test.rounds.iter().map(round).collect();
    let people = match test.subjects {
        1 => "One person has finished this test.".to_owned(),
        n => format!("{n} people have finished this test."),
    };
    format!(
        "<div class=\"comparison\">\n<h3>{}</h3>\n{}{rounds}</div>\n",
        escape(name),
        paragraph(&people)
    )
}

fn round(round: &RoundResults) -> String {
    let title = match round.round {
        RoundName::Refined => "Real or refined",
        RoundName::Control => "Control: real or synthetic",
    };
    let (head, rows) = round.confusion_rows();
    let table = table(&head, &rows, true);
    let sentences = paragraph(&round.sentences().join(" "));
    format!("<h3>{title}</h3>\n{table}{sentences}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_data::tests::empty;

    fn results(subjects: usize) -> Results {
        let score = serde_json::json!({
            "right": 517, "all": 1000, "rate": 0.517, "interval": [0.486, 0.548],
        });
        let results = serde_json::json!({
            "shape": 1, "run": "run", "subjects": subjects, "unfinished": 0,
            "rounds": [{
                "round": "refined",
                "confusion": {
                    "real_as_real": 224, "real_as_synthetic": 276,
                    "made_as_real": 207, "made_as_synthetic": 293,
                },
                "all": score, "p_one_sided": 0.148, "p_two_sided": 0.297, "each": [],
                "median_seconds": 0.0,
            }],
        });
        serde_json::from_value(results).unwrap()
    }

    #[test]
    fn the_papers_table_is_shown_once_somebody_has_finished() {
        let mut run = empty();
        run.turing.push(("test".into(), results(0)));
        assert_eq!(render(&run), "");
        run.turing.push(("<b>".into(), results(10)));
        let html = render(&run);
        for part in [
            "10 people",
            "224",
            "293",
            "517 of 1,000",
            "p = 0.148",
            "&lt;b&gt;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<b>"));
    }
}
