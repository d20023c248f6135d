//! A comparison as a table to read.

use crate::tasks::comparison::{Arm, Comparison};
use crate::tasks::scores::Evaluation;
use crate::tasks::unit::Unit;
use simgan_base::formats::markdown;
use simgan_base::metrics::summary::mean_and_sd;

impl Comparison {
    /// A Markdown table of all arms, every seed, and a sentence that says which is better.
    pub fn to_markdown(&self) -> String {
        let unit = self.synthetic.unit().suffix();
        let mut header = vec![
            "trained on".to_owned(),
            format!("mean error ({unit})"),
            "median".to_owned(),
        ];
        let decimals = self.decimals();
        if self.synthetic.without_offset().is_some() {
            header.push("without offset".to_owned());
        }
        let thresholds = self.synthetic.mean_percent_within();
        header.extend(
            thresholds
                .iter()
                .map(|(limit, _)| format!("% within {}", short(*limit))),
        );
        header.extend(self.seeds.iter().map(|seed| format!("seed {seed}")));
        let arms = self.arms().into_iter();
        let rows: Vec<_> = arms
            .map(|(name, arm)| row(&name.to_string(), arm, decimals))
            .collect();
        let table = markdown::table(&header, &rows);
        let mut parts = vec![table];
        parts.extend(
            self.axes_table()
                .map(|(head, rows)| markdown::table(&head, &rows)),
        );
        parts.push(self.sentence() + "\n");
        parts.join("\n")
    }

    /// Bias, slope and correlation of every arm's answers by axis, means over seeds: what one mean error hides. Head and rows of a
    /// table; `None` of classes.
    pub fn axes_table(&self) -> Option<(Vec<String>, Vec<Vec<String>>)> {
        let unit = self.synthetic.unit().of_axes();
        let axes = self.synthetic.mean_axes();
        axes.iter().find(|axis| axis.bias.is_some())?;
        let mut header = vec!["trained on".to_owned()];
        for axis in &axes {
            let name = &axis.name;
            header.push(format!("bias of {name} ({unit})"));
            header.extend([format!("slope of {name}"), format!("correlation of {name}")]);
        }
        let decimals = self.decimals();
        let figure = |value: Option<f64>, text: &dyn Fn(f64) -> String| {
            value.map_or_else(|| "-".to_owned(), text)
        };
        let rows = self.arms().into_iter().map(|(name, arm)| {
            let mut cells = vec![name.to_string()];
            for axis in arm.mean_axes() {
                cells.push(figure(axis.bias, &|bias| format!("{bias:+.decimals$}")));
                cells.push(figure(axis.slope, &|slope| format!("{slope:.3}")));
                cells.push(format!("{:.3}", axis.correlation));
            }
            cells
        });
        Some((header, rows.collect()))
    }

    fn decimals(&self) -> usize {
        let evaluation = self.synthetic.evaluations.first();
        evaluation.map_or(2, Evaluation::decimals)
    }

    /// Which arm is better, by how much, and how that compares with the spread over seeds; what speaks against the
    /// figures comes first.
    pub fn sentence(&self) -> String {
        let unit = self.synthetic.unit().suffix();
        let change = match self.is_worse() {
            true => "Refined images are worse than raw ones: refining raises",
            false => "Refining lowers",
        };
        let decimals = self.decimals();
        let sentence = format!(
            "{change} the mean error by {:.1} % ({:.decimals$} to {:.decimals$} {unit}); it is lower on {} of {} seeds. \
             {} gives {:.decimals$} {unit}.",
            self.relative_improvement.abs(),
            self.synthetic.mean,
            self.refined.mean,
            self.refined_wins,
            self.seeds.len(),
            constant_answer(self.synthetic.unit()),
            self.synthetic.baseline()
        );
        [sentence]
            .into_iter()
            .chain(self.gap())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// How much of what real labels are worth refined images give without them.
    fn gap(&self) -> Option<String> {
        let alone = 100.0 * self.gap_closed(&self.refined)?;
        let best = 100.0 * self.gap_closed(self.best_refined())?;
        Some(match best > alone {
            false => {
                format!("Of the gap between raw images and real labels it closes {alone:.0} %.")
            }
            true => format!(
                "Of the gap between raw images and real labels it closes {alone:.0} %, at best (other rows) {best:.0} %."
            ),
        })
    }

    /// Whether the mean error is higher with refined images than with raw ones.
    pub fn is_worse(&self) -> bool {
        self.refined.mean > self.synthetic.mean
    }

    /// What a user should know before the figures, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let useless = |arm: &Arm| arm.mean >= arm.baseline();
        let (raw, refined) = (useless(&self.synthetic), useless(&self.refined));
        let which = match (raw, refined) {
            (true, true) => Some(
                "both estimators have learned nothing that holds on the real images: their errors are",
            ),
            (true, false) => Some(
                "the estimator of raw images has learned nothing that holds on the real ones: its error is",
            ),
            (false, true) => Some(
                "the estimator of refined images has learned nothing that holds on the real ones: its error is",
            ),
            (false, false) => None,
        };
        let (unit, decimals) = (self.synthetic.unit(), self.decimals());
        let useless = which.map(|which| {
            format!(
                "{which} no lower than that of the same answer to every image ({:.decimals$} {})",
                self.synthetic.baseline(),
                unit.suffix()
            )
        });
        let worse = self
            .is_worse()
            .then(|| "refined images are worse than raw ones here".to_owned());
        useless.into_iter().chain(worse).collect()
    }
}

/// The answer that the baseline always gives.
fn constant_answer(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "Always answering the most frequent class",
        Unit::Deg | Unit::Px | Unit::Label | Unit::ImagePx | Unit::IouLoss => {
            "Always answering the mean label"
        }
    }
}

fn row(name: &str, arm: &Arm, decimals: usize) -> Vec<String> {
    let figure = |value: f64| format!("{value:.decimals$}");
    let mut cells = vec![
        name.to_owned(),
        mean_and_sd(arm.mean, arm.sd, arm.evaluations.len(), decimals),
        figure(arm.median()),
    ];
    cells.extend(arm.without_offset().map(figure));
    cells.extend(
        arm.mean_percent_within()
            .iter()
            .map(|(_, percent)| format!("{percent:.1}")),
    );
    cells.extend(arm.values().into_iter().map(figure));
    cells
}

/// A threshold without needless digits.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::tasks::comparison::ComparisonSettings;

    fn arm(means: [f64; 2], unit: Unit) -> Arm {
        let evaluations = means.map(|mean| Evaluation {
            unit,
            images: 10,
            calibration_images: 0,
            mean,
            median: mean - 1.0,
            sd: 1.0,
            baseline: 20.0,
            mean_without_offset: None,
            mean_of_width: None,
            parts: vec![],
            percent_within: vec![(7.0, 40.0)],
            curve: vec![(0.0, 0.0), (45.0, 100.0)],
            axes: vec![],
        });
        Arm::new(evaluations.to_vec(), vec![])
    }

    pub(crate) fn comparison(unit: Unit) -> Comparison {
        let settings = ComparisonSettings {
            estimator: Default::default(),
            preprocessing: Default::default(),
            calibrate: 0,
            calibration_seed: 0,
            training_images: 3,
            test_images: 10,
            fingerprints: Default::default(),
            version: "0".into(),
        };
        Comparison::new(
            arm([10.0, 12.0], unit),
            arm([9.0, 7.0], unit),
            vec![0, 1],
            settings,
        )
    }

    /// Without the spaces that align columns.
    fn squeezed(table: &str) -> String {
        let words = table.split(' ').filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_table_names_unit_spread_and_seeds() {
        let table = squeezed(&comparison(Unit::Deg).to_markdown());
        assert!(
            table.contains(
                "| trained on | mean error (deg) | median | % within 7 | seed 0 | seed 1 |"
            ),
            "{table}"
        );
        assert!(
            table.contains("| synthetic | 11.00 ± 1.41 | 10.00 | 40.0 | 10.00 | 12.00 |"),
            "{table}"
        );
        assert!(table.contains("lowers the mean error by 27.3 %"), "{table}");
        assert!(table.contains("lower on 2 of 2 seeds"), "{table}");
    }

    #[test]
    fn what_speaks_against_refining_comes_first() {
        let of = |raw: f64, refined: f64| {
            let settings = comparison(Unit::Deg).settings;
            let arms = [raw, refined].map(|mean| arm([mean, mean + 0.5], Unit::Deg));
            let [raw, refined] = arms;
            Comparison::new(raw, refined, vec![0, 1], settings)
        };
        assert!(of(10.0, 9.0).warnings().is_empty());
        let worse = of(9.0, 10.0);
        assert_eq!(
            worse.warnings(),
            ["refined images are worse than raw ones here"]
        );
        let sentence = worse.sentence();
        assert!(
            sentence.starts_with("Refined images are worse than raw ones"),
            "{sentence}"
        );
        for (raw, refined, start) in [
            (25.0, 22.0, "both estimators"),
            (25.0, 9.0, "the estimator of raw images"),
            (9.0, 25.0, "the estimator of refined images"),
        ] {
            let warnings = of(raw, refined).warnings();
            assert!(warnings[0].starts_with(start), "{warnings:?}");
            assert!(warnings[0].ends_with("(20.00 deg)"), "{warnings:?}");
        }
    }

    #[test]
    fn fractions_have_four_decimals_and_the_offset_a_column() {
        let mut comparison = comparison(Unit::Label);
        let all = &mut [&mut comparison.synthetic, &mut comparison.refined];
        for evaluation in all.iter_mut().flat_map(|arm| &mut arm.evaluations) {
            evaluation.baseline = 0.5;
            evaluation.mean_without_offset = Some(0.25);
        }
        let table = squeezed(&comparison.to_markdown());
        assert!(
            table.contains("| median | without offset | % within 7 |"),
            "{table}"
        );
        assert!(table.contains("| 10.0000 | 0.2500 | 40.0 |"), "{table}");
    }

    #[test]
    fn json_keys_carry_the_unit() {
        for (unit, key) in [(Unit::Deg, "deg"), (Unit::Px, "px"), (Unit::Label, "label")] {
            let json = serde_json::to_value(comparison(unit)).unwrap();
            assert_eq!(json["synthetic"][format!("mean_{key}")], 11.0);
            assert_eq!(json["refined"][format!("mean_{key}")], 8.0);
            assert!(json["refined"][format!("sd_{key}")].is_number());
            assert_eq!(json["refined"][format!("values_{key}")][1], 7.0);
            assert_eq!(json["settings"]["estimator"]["batch_size"], 64);
            assert_eq!(
                serde_json::from_value::<Comparison>(json).unwrap(),
                comparison(unit)
            );
        }
    }
}
