//! Whether a comparison shows that refining helps.

use simgan::tasks::comparison::Comparison;

use super::html::number;

/// What the figures say, with the spread over seeds in mind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Refining helps.
    Better,
    /// Refining hurts.
    Worse,
    /// The difference is within the spread, or one seed tells no spread.
    Open,
}

impl Verdict {
    /// The verdict on a comparison.
    pub fn of(comparison: &Comparison) -> Self {
        let difference = comparison.synthetic.mean - comparison.refined.mean;
        if comparison.seeds.len() < 2 || difference.abs() <= spread(comparison) {
            return Self::Open;
        }
        if difference > 0.0 {
            Self::Better
        } else {
            Self::Worse
        }
    }

    /// Its class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Open => "",
        }
    }

    /// The figures and the verdict in words.
    pub fn sentence(self, comparison: &Comparison, unit: &str) -> String {
        let (raw, refined) = (comparison.synthetic.mean, comparison.refined.mean);
        let change = if refined <= raw { "lower" } else { "higher" };
        let by = 100.0 * (raw - refined).abs() / raw.abs().max(f64::MIN_POSITIVE);
        let figures = format!(
            "The mean error with refined images is {} {unit}, with raw synthetic images {} {unit}: {by:.1} % {change}.",
            number(refined),
            number(raw)
        );
        let spread = format!("{} {unit}", number(spread(comparison)));
        let judgement = match self {
            _ if comparison.seeds.len() < 2 => {
                "One seed tells no spread, so this may be chance.".to_owned()
            }
            Self::Open => format!(
                "The difference does not exceed the spread over seeds ({spread}): neither is shown to be better."
            ),
            Self::Better => {
                format!("Refining helps: the difference exceeds the spread over seeds ({spread}).")
            }
            Self::Worse => {
                format!("Refining hurts: the difference exceeds the spread over seeds ({spread}).")
            }
        };
        format!("{figures} {judgement}")
    }
}

/// Standard deviation of the difference of the two means' samples.
fn spread(comparison: &Comparison) -> f64 {
    comparison.synthetic.sd.hypot(comparison.refined.sd)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use simgan::tasks::comparison::Arm;
    use simgan::tasks::{AxisScore, Evaluation, Unit};

    fn arm(means: &[f64]) -> Arm {
        let evaluation = |&mean: &f64| Evaluation {
            unit: Unit::Deg,
            images: 10,
            calibration_images: 0,
            mean,
            median: mean,
            sd: 0.0,
            baseline: 20.0,
            mean_without_offset: None,
            mean_of_width: None,
            parts: vec![],
            percent_within: vec![(5.0, 50.0)],
            curve: vec![(0.0, 0.0), (10.0, 100.0)],
            axes: vec![AxisScore {
                name: "pitch".into(),
                bias: Some(0.25),
                slope: Some(0.75),
                correlation: 0.5,
            }],
        };
        Arm::new(means.iter().map(evaluation).collect(), Vec::new())
    }

    pub(crate) fn comparison(raw: &[f64], refined: &[f64]) -> Comparison {
        let settings = serde_json::json!({
            "estimator": simgan::tasks::EstimatorConfig::default(),
            "preprocessing": simgan_data::Preprocessing::default(),
            "calibrate": 0, "calibration_seed": 0, "training_images": 1, "test_images": 1,
            "fingerprints": ["a", "b", "c"], "version": "0",
        });
        let settings = serde_json::from_value(settings).unwrap();
        let seeds = (0..raw.len() as u64).collect();
        Comparison::new(arm(raw), arm(refined), seeds, settings)
    }

    #[test]
    fn a_verdict_needs_more_than_the_spread() {
        let cases = [
            (comparison(&[10.0, 11.0], &[8.0, 8.5]), Verdict::Better),
            (comparison(&[8.0, 8.5], &[10.0, 11.0]), Verdict::Worse),
            (comparison(&[10.0, 11.0], &[9.5, 10.5]), Verdict::Open),
            (comparison(&[10.0], &[1.0]), Verdict::Open),
        ];
        for (comparison, verdict) in cases {
            assert_eq!(Verdict::of(&comparison), verdict);
        }
    }
}
