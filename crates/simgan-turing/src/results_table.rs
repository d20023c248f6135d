//! Results as text: Markdown tables.

use simgan_base::formats::markdown;
use simgan_base::formats::readable::thousands;

use crate::choice::RoundName;
use crate::results::{Results, RoundResults, Score};

impl Results {
    /// Every round as tables and sentences.
    pub fn to_markdown(&self) -> String {
        let mut text = match self.subjects {
            0 => "No subject has finished yet.\n".to_owned(),
            1 => "1 subject has finished.\n".to_owned(),
            n => format!("{} subjects have finished.\n", thousands(n)),
        };
        if self.unfinished > 0 {
            text += &format!(
                "{} began and did not finish; their answers do not count.\n",
                thousands(self.unfinished)
            );
        }
        for round in &self.rounds {
            text += &format!("\n{}", round.to_markdown());
        }
        text
    }
}

impl RoundResults {
    fn to_markdown(&self) -> String {
        let title = match self.round {
            RoundName::Refined => "Real or refined",
            RoundName::Control => "Control: real or synthetic, as the simulator made it",
        };
        let sentences = self.sentences().join("\n");
        let table = [self.confusion_table(), self.subject_table()].join("\n");
        format!("## {title}\n\n{sentences}\n\n{table}")
    }

    /// What the figures say, one sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![format!(
            "Right answers: {} of {}, {}.",
            thousands(self.all.right),
            thousands(self.all.all),
            rate(&self.all)
        )];
        sentences.push(format!(
            "Guessing is right as often or more often with p = {}, as far from one half with p = {}.",
            p_value(self.p_one_sided),
            p_value(self.p_two_sided)
        ));
        sentences.extend(self.over_subjects.map(|over| {
            format!(
                "Over subjects: {} ({}), correlation within a subject {:.3}.",
                percent(over.rate),
                interval(over.interval),
                over.correlation
            )
        }));
        let machine = self.machine.iter();
        sentences.extend(machine.map(|score| {
            format!(
                "A classifier on the same images: {} of {}, {}.",
                thousands(score.right),
                thousands(score.all),
                rate(score)
            )
        }));
        if self.median_seconds > 0.0 {
            sentences.push(format!(
                "Median time: {:.1} s an image.",
                self.median_seconds
            ));
        }
        sentences
    }

    /// Head and rows of the answers by what images were.
    pub fn confusion_rows(&self) -> ([&'static str; 3], Vec<Vec<String>>) {
        let c = self.confusion;
        let row = |name: &str, real: usize, synthetic: usize| {
            vec![name.to_owned(), thousands(real), thousands(synthetic)]
        };
        let rows = vec![
            row("real", c.real_as_real, c.real_as_synthetic),
            row(
                self.round.made().name(),
                c.made_as_real,
                c.made_as_synthetic,
            ),
        ];
        (["truth", "chosen real", "chosen synthetic"], rows)
    }

    fn confusion_table(&self) -> String {
        let (head, rows) = self.confusion_rows();
        markdown::table(&head, &rows)
    }

    fn subject_table(&self) -> String {
        let row = |subject: &crate::results::SubjectScore| {
            vec![
                subject.subject.to_string(),
                subject.name.replace('|', "/"),
                format!("{} of {}", subject.score.right, subject.score.all),
                rate(&subject.score),
            ]
        };
        let rows: Vec<_> = self.each.iter().map(row).collect();
        markdown::table(&["subject", "name", "right", "rate (95 %)"], &rows)
    }
}

fn rate(score: &Score) -> String {
    format!("{} ({})", percent(score.rate), interval(score.interval))
}

fn interval([low, high]: [f64; 2]) -> String {
    format!("95 %: {} to {}", percent(low), percent(high))
}

fn percent(part: f64) -> String {
    format!("{:.1} %", 100.0 * part)
}

/// Three digits after the point, or the power of ten.
fn p_value(p: f64) -> String {
    match p {
        p if p >= 0.001 => format!("{p:.3}"),
        p => format!("{p:.1e}"),
    }
}
