//! A judgement as tables and sentences to read.

use crate::judges::judgement::Judgement;
use crate::judges::two_sample::TwoSample;
use crate::measures::TaskShift;
use crate::measures::kernel_distance::KernelDistance;
use crate::measures::label_shift::{FLOOR_BLUR, FLOOR_NOISE, LARGE, LabelShift, ShiftSummary};
use crate::measures::task_shift::AnswerShift;
use simgan_base::formats::markdown;
use simgan_base::metrics::summary::mean_and_sd;

impl Judgement {
    /// How real: head and rows of a table.
    pub fn realism_table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let head = ["against held-out real images", "synthetic", "refined"];
        let (classifier, kernel) = (&self.two_sample, &self.kernel_distance);
        let distance = |found: &KernelDistance| mean_and_sd(found.mean, found.sd, found.subsets, 4);
        let rows = vec![
            vec![
                "told apart by a fresh classifier (50 %: not at all; 95 % interval)".into(),
                accuracy(&classifier.synthetic),
                accuracy(&classifier.refined),
            ],
            vec![
                format!("kernel distance, {} (0: none)", kernel.refined.features),
                distance(&kernel.synthetic),
                distance(&kernel.refined),
            ],
        ];
        (head.map(str::to_owned).to_vec(), rows)
    }

    /// How far labels have moved: head and rows of a table.
    pub fn shift_table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let head = [
            "label shift",
            "mean",
            "sd",
            "median",
            "90 %",
            "95 %",
            "mean vector",
        ];
        let rows = self.label_shift.iter().flat_map(|shift| {
            let unit = shift.unit.name();
            let row = |what: &str, summary: &ShiftSummary| {
                shift_row(format!("{}, {what} ({unit})", shift.judge), summary)
            };
            let refined_floor = shift.refined_floor.as_ref();
            [
                Some(row("refined", &shift.refined)),
                Some(row("noise floor", &shift.floor)),
                refined_floor.map(|floor| row("noise floor of refined images", floor)),
            ]
        });
        (head.map(str::to_owned).to_vec(), rows.flatten().collect())
    }

    /// What refining adds to an estimator's answers: head and rows of a table; `None` without an estimator.
    pub fn task_table(&self) -> Option<(Vec<String>, Vec<Vec<String>>)> {
        let shift = self.task_shift.as_ref()?;
        let unit = shift.unit.suffix();
        let mut head = vec![
            "task shift: answers of an estimator of raw images".to_owned(),
            format!("mean ({unit})"),
        ];
        for axis in &shift.refined.axes {
            head.extend([
                format!("bias of {}", axis.name),
                format!("spread of {}", axis.name),
            ]);
        }
        let row = |name: &str, shift: &AnswerShift| {
            let mut row = vec![name.to_owned(), format!("{:.2}", shift.mean)];
            for axis in &shift.axes {
                row.extend([format!("{:+.2}", axis.bias), format!("{:.2}", axis.spread)]);
            }
            row
        };
        Some((
            head,
            vec![
                row("refined", &shift.refined),
                row("noise floor", &shift.floor),
            ],
        ))
    }

    /// All tables, in the order of reading.
    pub fn tables(&self) -> Vec<(Vec<String>, Vec<Vec<String>>)> {
        let tables = [
            Some(self.realism_table()),
            Some(self.shift_table()),
            self.task_table(),
        ];
        tables.into_iter().flatten().collect()
    }

    /// All tables as Markdown, and what they mean.
    pub fn to_markdown(&self) -> String {
        let tables = self.tables().into_iter();
        let tables = tables.map(|(head, rows)| markdown::table(&head, &rows) + "\n");
        format!("{}{}\n", tables.collect::<String>(), self.note())
    }

    /// What the figures were taken on.
    pub fn note(&self) -> String {
        format!(
            "{} synthetic and {} real images; classifiers learned from {} images and were scored on {} others, {}. \
             Shifts in px are of an image 55 wide; the noise floor is the shift between an image (synthetic, or refined) \
             and itself blurred by {FLOOR_BLUR} px with noise of {FLOOR_NOISE} grey levels, in which nothing has moved.",
            self.settings.synthetic_images,
            self.settings.real_images,
            self.two_sample.refined.training_images,
            self.two_sample.refined.held_out_images,
            match self.settings.seeds {
                1 => "one seed".to_owned(),
                seeds => format!("{seeds} seeds"),
            }
        )
    }

    /// What a user should look at.
    pub fn warnings(&self) -> Vec<String> {
        let large = self.label_shift.iter().filter(|shift| shift.is_large());
        let task = self.task_shift.as_ref().and_then(TaskShift::warning);
        large.map(warning).chain(task).collect()
    }
}

fn warning(shift: &LabelShift) -> String {
    format!(
        "{}: refining moves labels by {:.2} px on average, {:.2} px beyond the noise floor (at most {LARGE} px is meant): \
         raise training.lambda, train for fewer steps or refine with an earlier checkpoint",
        shift.judge,
        shift.refined.mean,
        shift.excess()
    )
}

fn accuracy(result: &TwoSample) -> String {
    let [low, high] = result.interval.map(|bound| 100.0 * bound);
    format!("{:.1} % ({low:.1} to {high:.1})", 100.0 * result.accuracy)
}

fn shift_row(name: String, summary: &ShiftSummary) -> Vec<String> {
    let figures = [
        summary.mean,
        summary.sd,
        summary.median,
        summary.quantile_90,
        summary.quantile_95,
    ];
    let [x, y] = summary.bias;
    let mut row = vec![name];
    row.extend(figures.map(|figure| format!("{figure:.2}")));
    row.push(format!("{x:+.2}, {y:+.2}"));
    row
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::judges::judgement::{AgainstReal, JudgementSettings};
    use crate::measures::label_shift::ShiftUnit;

    pub(crate) fn judgement(shift: f64) -> Judgement {
        let two_sample = |accuracy| TwoSample {
            accuracy,
            sd: 0.0,
            values: vec![accuracy],
            interval: [accuracy - 0.05, accuracy + 0.05],
            training_images: 70,
            held_out_images: 30,
        };
        let distance = |mean| KernelDistance {
            mean,
            sd: 0.01,
            subsets: 50,
            subset_size: 25,
            features: "some features".into(),
        };
        Judgement {
            two_sample: AgainstReal {
                synthetic: two_sample(0.95),
                refined: two_sample(0.6),
            },
            kernel_distance: AgainstReal {
                synthetic: distance(0.5),
                refined: distance(0.02),
            },
            label_shift: vec![LabelShift {
                judge: "gradient voting".into(),
                unit: ShiftUnit::Px,
                images: 50,
                refined: ShiftSummary::of(&[[shift, 0.0]; 50]),
                floor: ShiftSummary::of(&[[0.2, 0.0]; 50]),
                refined_floor: Some(ShiftSummary::of(&[[0.3, 0.0]; 50])),
            }],
            task_shift: None,
            settings: JudgementSettings {
                seeds: 1,
                synthetic_images: 50,
                real_images: 60,
                fingerprints: Default::default(),
                version: "0".into(),
            },
        }
    }

    /// Without the spaces that align columns.
    fn squeezed(table: &str) -> String {
        let words = table.split(' ').filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_tables_name_judges_features_and_floor() {
        let text = squeezed(&judgement(0.4).to_markdown());
        for part in [
            "| 95.0 % (90.0 to 100.0) | 60.0 % (55.0 to 65.0) |",
            "| kernel distance, some features (0: none) | 0.5000 ± 0.0100 | 0.0200 ± 0.0100 |",
            "| gradient voting, refined (px) | 0.40 | 0.00 | 0.40 | 0.40 | 0.40 | +0.40, +0.00 |",
            "| gradient voting, noise floor (px) | 0.20 |",
            "| gradient voting, noise floor of refined images (px) | 0.30 |",
            "50 synthetic and 60 real images",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn only_a_shift_well_beyond_the_floor_is_warned_of() {
        assert!(judgement(0.69).warnings().is_empty());
        let warnings = judgement(0.71).warnings();
        assert!(
            warnings.len() == 1 && warnings[0].contains("0.51 px beyond"),
            "{warnings:?}"
        );
    }

    #[test]
    fn json_is_read_back() {
        let json = serde_json::to_string(&judgement(0.4)).unwrap();
        assert_eq!(
            serde_json::from_str::<Judgement>(&json).unwrap(),
            judgement(0.4)
        );
    }
}
