//! Which images to learn from, said without a label of a real one: the refined, raw and refined together, raw ones with those of
//! every checkpoint, or the raw ones.
//!
//! Estimators are fitted on each of them, with several seeds, and asked about unlabelled real images. Estimators that have learned
//! what holds there answer alike: the disagreement of two seeds follows the error of one (Jiang et al., *Assessing
//! generalization of SGD via disagreement*, ICLR 2022, [arXiv 2106.13799](https://arxiv.org/abs/2106.13799), of classes). It does not
//! see what all seeds share; that is what the task shift is asked about.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::measures::TaskShift;
use crate::measures::task_shift::{self, AnswerShift, Answers, AxisShift};
use crate::tasks::counterparts::check_counterparts;
use crate::tasks::{Estimator, EstimatorConfig, FitOptions, FitProgress, Task, Unit, fit};
use simgan_base::metrics::summary::mean;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, Preprocessing};

/// Refined images have to lower the disagreement to this share of that of raw ones before they are advised.
pub const STEADIER: f64 = 0.95;

/// Versions of every checkpoint are preferred to raw images unless they disagree by this factor more: raw images that all err
/// alike disagree little, and on four pairs these versions were better than raw images in every training (docs/notebook.md).
pub const UNSTEADY: f64 = 2.0;

/// Least mean difference of the answers of both kinds of estimators to real images that counts as a bias: degrees of gaze.
pub const BIAS_DEGREES: f64 = 1.0;
/// The same in other units: share of the standard deviation of the answers.
pub const BIAS: f64 = 0.1;

/// What to learn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// The refined images.
    Refined,
    /// Raw and refined images together (`fit --version`).
    Both,
    /// Raw images and those that every checkpoint refined, together (`refine --every-checkpoint`).
    Versions,
    /// The raw images.
    Raw,
}

/// What speaks for which; distances are those of errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Unit of every distance.
    pub unit: Unit,
    /// Mean distance of the answers of two seeds to the same real image, fitted on raw images.
    pub raw: f64,
    /// The same, fitted on refined images.
    pub refined: f64,
    /// The same, fitted on both together.
    pub both: f64,
    /// The same, fitted on raw images and those of every checkpoint; `None` of a run that kept one.
    #[serde(default)]
    pub versions: Option<f64>,
    /// What refining adds to the answers of an estimator of raw images, on synthetic images.
    pub task_shift: TaskShift,
    /// What estimators of refined images answer to real ones, beyond those of raw images: by axis, means over seeds. Either may be
    /// the one that is off.
    pub on_real: Vec<AxisShift>,
    /// Seeds of every estimator.
    pub seeds: u64,
    /// Real images that were asked about.
    pub real_images: usize,
}

/// What estimators of several seeds answered to the same real images, by what they were fitted on.
#[derive(Clone, Debug)]
pub struct AnswersToReal {
    /// Raw images.
    pub raw: Vec<Answers>,
    /// Refined images, with the same seeds.
    pub refined: Vec<Answers>,
    /// Both together.
    pub both: Vec<Answers>,
    /// Raw images and those of every checkpoint.
    pub versions: Option<Vec<Answers>>,
}

impl Evidence {
    /// What the answers tell, together with what refining adds to the answers of an estimator of raw images.
    pub fn of(task: &dyn Task, answers: &AnswersToReal, task_shift: TaskShift) -> Self {
        let AnswersToReal {
            raw,
            refined,
            both,
            versions,
        } = answers;
        Self {
            unit: task.unit(),
            raw: disagreement(task, raw),
            refined: disagreement(task, refined),
            both: disagreement(task, both),
            versions: versions
                .as_ref()
                .map(|versions| disagreement(task, versions)),
            task_shift,
            on_real: differences(task, raw, refined),
            seeds: raw.len() as u64,
            real_images: raw.first().map_or(0, Answers::images),
        }
    }

    /// What to learn from: what disagrees least, but versions of every checkpoint in place of raw images, unless they disagree
    /// [far more](UNSTEADY). Refined images that move answers in the mean, or change classes, are never advised alone.
    pub fn advice(&self) -> Advice {
        match self.steadiest() {
            Advice::Raw if self.versions.is_some_and(|v| v < UNSTEADY * self.raw) => {
                Advice::Versions
            }
            advice => advice,
        }
    }

    /// What disagrees least, of what may be advised.
    fn steadiest(&self) -> Advice {
        let keeps_labels =
            self.task_shift.keeps_answers() && self.biased_on_real().next().is_none();
        let choices = [
            Some((Advice::Raw, STEADIER * self.raw)),
            keeps_labels.then_some((Advice::Refined, self.refined)),
            Some((Advice::Both, self.both)),
            self.versions.map(|versions| (Advice::Versions, versions)),
        ];
        let choices = choices.into_iter().flatten();
        let least = choices.min_by(|a, b| a.1.total_cmp(&b.1));
        least.map_or(Advice::Raw, |(advice, _)| advice)
    }

    /// Axes on which both kinds of estimators differ in the mean over real images.
    fn biased_on_real(&self) -> impl Iterator<Item = &AxisShift> {
        let limit = |axis: &AxisShift| match self.unit {
            Unit::Deg => BIAS_DEGREES,
            _ => BIAS * axis.range,
        };
        self.on_real
            .iter()
            .filter(move |axis| axis.bias.abs() > limit(axis))
    }

    fn about_real(&self) -> Option<String> {
        let biases = task_shift::biases(self.biased_on_real(), self.unit)?;
        Some(format!(
            "On real images the estimators of refined images answer otherwise in the mean: {biases}. One of the two is off; only \
             labels of some real images can tell which."
        ))
    }

    /// The advice and its reasons, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let unit = self.unit.suffix();
        let advice = match self.advice() {
            Advice::Refined => "Use the refined images.",
            Advice::Both => "Use raw and refined images together (fit --version).",
            Advice::Versions => {
                "Use raw images and those of every checkpoint together (refine --every-checkpoint, fit --version)."
            }
            Advice::Raw => "Use the raw images: refining does not help here.",
        };
        let versions = self.versions.map_or(String::new(), |versions| {
            format!(", of raw ones and every checkpoint's {versions:.2}")
        });
        let disagreement = format!(
            "Two estimators of raw images answer {:.2} {unit} apart on the real images, of refined ones {:.2}, of both together \
             {:.2}{versions}: what disagrees less errs less.",
            self.raw, self.refined, self.both
        );
        let record = match (self.advice(), self.steadiest()) {
            (Advice::Versions, Advice::Raw) => {
                " Raw images disagree least here; they do so, too, where all estimators err alike. On four pairs that were measured \
                 this mixture was better than raw images all the same."
            }
            _ => "",
        };
        let shift = match self.task_shift.warning() {
            Some(warning) => format!("Mind: {warning}."),
            None => {
                "Refining moves the answers of an estimator of raw images by no more than is meant."
                    .to_owned()
            }
        };
        let sentences = [advice.to_owned(), disagreement + record, shift].into_iter();
        sentences.chain(self.about_real()).collect()
    }
}

/// Images to decide about, all preprocessed alike.
#[derive(Clone, Copy, Debug)]
pub struct AdvisedImages<'a> {
    /// Labelled synthetic images.
    pub synthetic: &'a Dataset,
    /// Their refined versions, one to one.
    pub refined: &'a Dataset,
    /// Those that every checkpoint refined, of a run that kept several.
    pub versions: &'a [Dataset],
    /// Real images; labels play no part.
    pub real: &'a Dataset,
}

/// Gathers the evidence: `seeds` (2 or more) fits on raw, on refined and on both images, and on all versions.
///
/// # Errors
/// Fewer than two seeds, refined images that are not as many as the synthetic ones, no real image, and those of [`fit()`].
pub fn gather(
    images: AdvisedImages,
    config: &EstimatorConfig,
    preprocessing: &Preprocessing,
    seeds: u64,
    device: &Device,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Evidence> {
    let AdvisedImages {
        synthetic,
        refined,
        versions,
        real,
    } = images;
    for version in std::iter::once(refined).chain(versions) {
        check_counterparts(synthetic, version)?;
    }
    if seeds < 2 || real.is_empty() {
        return Err(Error::config(
            "advice needs two seeds or more, and real images to ask about",
        ));
    }
    let mut fits = 0;
    let kinds = if versions.is_empty() { 3 } else { 4 };
    let mut estimators = |data: &Dataset, variants: &[Dataset]| -> Result<Vec<Estimator>> {
        let mut fitted = Vec::new();
        for seed in 0..seeds {
            let options = FitOptions {
                variants: variants.to_vec(),
                seed,
                preprocessing: preprocessing.clone(),
                ..FitOptions::default()
            };
            let all = kinds * seeds as usize * config.steps;
            let mut told = |p: FitProgress| progress(fits * p.steps + p.step, all);
            fitted.push(fit(data, config, &options, device, &mut told)?.0);
            fits += 1;
        }
        Ok(fitted)
    };
    let of_raw = estimators(synthetic, &[])?;
    let of_refined = estimators(refined, &[])?;
    let of_both = estimators(synthetic, std::slice::from_ref(refined))?;
    let of_versions = (!versions.is_empty()).then(|| estimators(synthetic, versions));
    let of_versions = of_versions.transpose()?;
    let asked = |estimators: &[Estimator]| -> Result<Vec<Answers>> {
        let answers = estimators.iter().map(|one| Answers::of(one, real));
        answers.collect()
    };
    let answers = AnswersToReal {
        raw: asked(&of_raw)?,
        refined: asked(&of_refined)?,
        both: asked(&of_both)?,
        versions: of_versions.as_deref().map(asked).transpose()?,
    };
    let task = of_raw[0].target().task();
    let task_shift = TaskShift::of(&of_raw[0], synthetic, refined)?;
    Ok(Evidence::of(&*task, &answers, task_shift))
}

/// How the answers of `others` differ from `answers` to the same images, seed by seed, by axis: means over the seeds.
fn differences(task: &dyn Task, answers: &[Answers], others: &[Answers]) -> Vec<AxisShift> {
    let pairs = answers.iter().zip(others);
    let shifts: Vec<AnswerShift> = pairs
        .map(|(one, other)| one.shift_to(task, other))
        .collect();
    let of_axis = |(index, axis): (usize, &AxisShift)| {
        let of = |part: fn(&AxisShift) -> f64| {
            let values: Vec<f64> = shifts.iter().map(|s| part(&s.axes[index])).collect();
            mean(&values)
        };
        AxisShift {
            name: axis.name.clone(),
            bias: of(|axis| axis.bias),
            spread: of(|axis| axis.spread),
            range: of(|axis| axis.range),
        }
    };
    let first = shifts.first().map_or(&[][..], |shift| &shift.axes);
    first.iter().enumerate().map(of_axis).collect()
}

/// Mean distance of the answers of two seeds to the same image, over all pairs of them and all images.
fn disagreement(task: &dyn Task, answers: &[Answers]) -> f64 {
    let mut distances = Vec::new();
    for (index, one) in answers.iter().enumerate() {
        for other in &answers[..index] {
            distances.extend(one.distances(task, other));
        }
    }
    mean(&distances)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence([raw, refined, both]: [f64; 3], bias: f64) -> Evidence {
        let shift = |bias| AnswerShift {
            mean: 1.0,
            axes: vec![AxisShift {
                name: "yaw".into(),
                bias,
                spread: 1.0,
                range: 10.0,
            }],
        };
        Evidence {
            unit: Unit::Deg,
            raw,
            refined,
            both,
            versions: None,
            task_shift: TaskShift {
                unit: Unit::Deg,
                images: 9,
                refined: shift(bias),
                floor: shift(0.0),
            },
            on_real: shift(bias / 2.0).axes,
            seeds: 2,
            real_images: 9,
        }
    }

    #[test]
    fn what_disagrees_least_is_advised() {
        for (disagreements, bias, advice) in [
            ([4.0, 2.0, 3.0], 0.0, Advice::Refined),
            ([4.0, 3.0, 2.0], 0.0, Advice::Both),
            ([4.0, 3.9, 3.9], 0.0, Advice::Raw),
            ([4.0, 5.0, 3.0], 0.0, Advice::Both),
        ] {
            assert_eq!(evidence(disagreements, bias).advice(), advice);
        }
    }

    #[test]
    fn every_checkpoint_is_advised_where_it_disagrees_least() {
        let mut evidence = evidence([4.0, 3.0, 2.0], 0.0);
        evidence.versions = Some(1.5);
        assert_eq!(evidence.advice(), Advice::Versions);
        let text = evidence.sentences().join(" ");
        assert!(text.contains("every checkpoint's 1.50"), "{text}");
        evidence.versions = Some(2.5);
        assert_eq!(evidence.advice(), Advice::Both);
        // In place of raw images, unless they disagree far more.
        evidence.both = 4.5;
        evidence.refined = 4.5;
        evidence.versions = Some(5.0);
        assert_eq!(evidence.advice(), Advice::Versions);
        let text = evidence.sentences().join(" ");
        assert!(text.contains("Raw images disagree least here"), "{text}");
        evidence.versions = Some(8.5);
        assert_eq!(evidence.advice(), Advice::Raw);
    }

    #[test]
    fn images_that_lose_labels_are_not_advised_alone() {
        let evidence = evidence([4.0, 1.0, 3.0], 3.0);
        assert_eq!(evidence.advice(), Advice::Both);
        let text = evidence.sentences().join(" ");
        assert!(
            text.starts_with("Use raw and refined images together"),
            "{text}"
        );
        assert!(text.contains("yaw by +3.00 deg"), "{text}");
        assert!(text.contains("in the mean: yaw by +1.50 deg"), "{text}");
    }

    #[test]
    fn estimators_that_differ_on_real_images_are_not_advised_alone() {
        let mut evidence = evidence([4.0, 1.0, 3.0], 0.0);
        assert_eq!(evidence.advice(), Advice::Refined);
        evidence.on_real[0].bias = -1.5;
        assert_eq!(evidence.advice(), Advice::Both);
        evidence.both = 4.0;
        assert_eq!(evidence.advice(), Advice::Raw);
    }
}
