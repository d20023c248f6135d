//! What both sides are like, and which keys follow from it.

use simgan::measures::label_shift::shows_eyes;
use simgan::tasks::{EstimatorConfig, Target, kinds};
use simgan_base::Result;
use simgan_data::preprocessing::CropKind;
use simgan_data::sizing::{Unset, keeps_proportions};
use simgan_data::{Dataset, Preprocessing, Probe, are_equalized, framing_search, points};

use super::choice::{Choice, Section};
use super::request::InitRequest;
use crate::listener::Listener;
use crate::{data, framing};

/// Longest side of images that a first training is proposed for.
const LONGEST_SIDE: usize = 128;
/// Part of all levels of 16 bits below which images are worth a range.
const LEAST_SHARE: f64 = 0.5;

/// What was seen.
pub(super) struct Look {
    pub(super) synthetic: Dataset,
    pub(super) real: Dataset,
    /// The argument `--real`, framed if that is worth it.
    pub(super) real_argument: String,
    /// Why it is framed, or not.
    pub(super) framing: String,
    /// Whether they are eyes.
    pub(super) eyes: bool,
    /// What of the labels is worth a word, sentence by sentence.
    pub(super) notes: Vec<String>,
    preprocessing: Vec<Choice>,
    estimator: Vec<Choice>,
}

impl Look {
    /// Reads a few images of both sides for size and channels, then all of them.
    pub(super) fn at(request: &InitRequest, listener: &dyn Listener) -> Result<Self> {
        let sources = [request.synthetic.as_str(), request.real.as_str()];
        let probe = |source: &str| Probe::of(source, &request.open);
        let probes = [
            (sources[0], probe(sources[0])?),
            (sources[1], probe(sources[1])?),
        ];
        let mut preprocessing = Preprocessing {
            equalize: false,
            ..Preprocessing::default()
        };
        let mut choices = sizes(&mut preprocessing, &probes)?;
        let open = |preprocessing: &Preprocessing| -> Result<[Dataset; 2]> {
            let open = |source| data::open(source, preprocessing, &request.open, listener);
            Ok([open(sources[0])?, open(sources[1])?])
        };
        let mut sides = open(&preprocessing)?;
        let looked_through = preprocessing.clone();
        let found = [
            range(&mut preprocessing, &sides),
            Some(equalization(&mut preprocessing, &sides)),
            point_columns(&mut preprocessing, &sides[0]),
        ];
        choices.extend(found.into_iter().flatten());
        if preprocessing != looked_through {
            sides = open(&preprocessing)?;
        }
        let [synthetic, real] = sides;
        let (real_argument, framing) = framed(&synthetic, &real)?;
        let (estimator, task) = task(&synthetic);
        Ok(Self {
            eyes: shows_eyes(&synthetic) && preprocessing.channels == 1,
            notes: task.into_iter().chain(carried(&synthetic)).collect(),
            estimator,
            preprocessing: choices,
            synthetic,
            real,
            real_argument,
            framing,
        })
    }

    /// What is chosen, in the order of the file.
    pub(super) fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.preprocessing.iter().chain(&self.estimator)
    }
}

/// Size, channels and crop.
fn sizes(preprocessing: &mut Preprocessing, probes: &[(&str, Probe)]) -> Result<Vec<Choice>> {
    let unset = Unset {
        width: true,
        height: true,
        channels: true,
        crop: false,
    };
    unset.settle(preprocessing, probes)?;
    let seen = seen(probes);
    let (width, height) = (preprocessing.width, preprocessing.height);
    let longest = width.max(height);
    let mut why = format!("The smaller images decide: {seen}.");
    if longest > LONGEST_SIDE {
        let scaled = |side: usize| (side * LONGEST_SIDE / longest).max(1);
        (preprocessing.width, preprocessing.height) = (scaled(width), scaled(height));
        why += &format!(
            " Scaled down to {LONGEST_SIDE} pixels, because time grows with the area (`train --dry-run` tells it)."
        );
    }
    let section = Section::Preprocessing;
    let side = |key, side: usize, why: &str| Choice::new(section, key, side as i64, why);
    let colour = match preprocessing.channels {
        1 => "Grey, because one side at least has no colours.",
        _ => "Both sides are in colour.",
    };
    let mut choices = vec![
        side("width", preprocessing.width, &why),
        side("height", preprocessing.height, ""),
        side("channels", preprocessing.channels, colour),
    ];
    let fits =
        |probe: &Probe| size(probe).is_none_or(|size| keeps_proportions(size, preprocessing));
    if !probes.iter().all(|(_, probe)| fits(probe)) {
        preprocessing.crop.kind = CropKind::Aspect;
        let why = "The sides have other proportions: the largest part in the middle is kept, so that circles stay round. \
                   \"pad\" keeps everything.";
        choices.push(Choice::new(section, "crop.kind", "aspect", why));
    }
    Ok(choices)
}

/// `synthetic 640x480 RGB, real any size (rendered)`.
fn seen(probes: &[(&str, Probe)]) -> String {
    let told = |probe: &Probe| match probe {
        Probe::AnySize => "any size (rendered)".to_owned(),
        Probe::Unknown => "unknown".to_owned(),
        Probe::Refined(chain) => format!("{}x{} refined", chain.width, chain.height),
        Probe::Files {
            size: [width, height],
            channels,
        } => format!(
            "{width}x{height} {}",
            if *channels == 1 { "grey" } else { "RGB" }
        ),
    };
    let sides = ["synthetic", "real"].into_iter().zip(probes);
    let sides: Vec<String> = sides
        .map(|(side, (_, probe))| format!("{side} {}", told(probe)))
        .collect();
    sides.join(", ")
}

fn size(probe: &Probe) -> Option<[f64; 2]> {
    match probe {
        Probe::Files { size, .. } => Some(size.map(f64::from)),
        Probe::Refined(chain) => Some([chain.width as f64, chain.height as f64]),
        Probe::AnySize | Probe::Unknown => None,
    }
}

/// Levels of 16 bits of which few are used: depths.
fn range(preprocessing: &mut Preprocessing, sides: &[Dataset; 2]) -> Option<Choice> {
    let levels: Option<Vec<[u16; 3]>> = sides.iter().map(Dataset::source_levels).collect();
    let levels = levels.filter(|levels| levels.iter().all(|[.., most]| *most > 255))?;
    let low = levels.iter().map(|levels| levels[0]).min()?;
    let high = levels.iter().map(|levels| levels[1]).max()?;
    let share = f64::from(high - low) / f64::from(u16::MAX);
    if low == high || share >= LEAST_SHARE {
        return None;
    }
    preprocessing.range = Some([low, high]);
    let both: Vec<i64> = vec![low.into(), high.into()];
    let why = format!(
        "The files have 16 bits, and both sides use the levels {low} to {high}: these become 0 to 255. \
         A narrower range keeps more detail."
    );
    Some(Choice::new(Section::Preprocessing, "range", both, why))
}

/// Equal histograms on one side are given to both.
fn equalization(preprocessing: &mut Preprocessing, [synthetic, real]: &[Dataset; 2]) -> Choice {
    let why = match (are_equalized(synthetic), are_equalized(real)) {
        (false, true) => {
            "The real images are histogram-equalized: the synthetic ones must be, too."
        }
        (true, false) => {
            "The synthetic images are histogram-equalized: the real ones must be, too."
        }
        (true, true) => "Both sides are histogram-equalized already.",
        (false, false) => "Neither side is histogram-equalized.",
    };
    preprocessing.equalize = are_equalized(synthetic) != are_equalized(real);
    Choice::new(
        Section::Preprocessing,
        "equalize",
        preprocessing.equalize,
        why,
    )
}

/// Points in the labels that crop and size must move.
fn point_columns(preprocessing: &mut Preprocessing, synthetic: &Dataset) -> Option<Choice> {
    let names = synthetic.labels().map(points::spelled).unwrap_or_default();
    if names.is_empty() {
        return None;
    }
    preprocessing.point_columns.clone_from(&names);
    let why = "Pairs of columns that read like points in the image: they move with the pixels. Remove what is none.";
    Some(Choice::new(
        Section::Preprocessing,
        "point_columns",
        names,
        why,
    ))
}

/// The argument `--real` in the framing that is worth it, and why.
fn framed(synthetic: &Dataset, real: &Dataset) -> Result<(String, String)> {
    let found = framing_search::search(synthetic, real, false);
    if !found.is_notable() {
        let why = "Both sides are shown in one size, or cannot be compared: no framing is needed.";
        return Ok((real.source().to_owned(), why.to_owned()));
    }
    let why = format!(
        "The real images seem to be shown {:.2} times as large as the synthetic ones (edges agree {:.2}, {:.2} at one size):",
        1.0 / found.framing.zoom,
        found.before,
        found.after,
    );
    match framing::framed(real, &found) {
        Ok(framed) => Ok((framed.to_string(), format!("{why} `--real` has a zoom."))),
        Err(_) => Ok((
            real.source().to_owned(),
            format!("{why} {}.", framing::advice(real, &found)?),
        )),
    }
}

/// What an estimator learns; a note instead where that is not clear.
fn task(synthetic: &Dataset) -> (Vec<Choice>, Option<String>) {
    // Of labels that allow it: `named` takes any.
    let is_labelled = synthetic.gaze().is_ok();
    let gaze = || kinds::named("gaze", synthetic).ok().filter(|_| is_labelled);
    let (target, why) = match kinds::choose(synthetic) {
        Ok(target) => (target, "The labels allow this task alone.".to_owned()),
        Err(error) => match gaze().or_else(|| points_alone(synthetic)) {
            Some(Target::Points(points)) => {
                let why = "All numbers in the labels are places of points.".to_owned();
                (Target::Points(points), why)
            }
            Some(task) => (task, format!("Gaze, though {error}.")),
            None => {
                let hint = error.hint().map(|hint| format!(" ({hint})"));
                let note = format!(
                    "No task of an estimator is chosen: {error}{}.",
                    hint.unwrap_or_default()
                );
                return (vec![], Some(note));
            }
        },
    };
    let config = EstimatorConfig::default().with_target(&target);
    let mut choices = vec![];
    if !config.targets.is_empty() {
        let targets = config.targets.clone();
        choices.push(Choice::new(Section::Estimator, "targets", targets, &*why));
    }
    if !config.points.is_empty() {
        let points = config.points.clone();
        choices.push(Choice::new(Section::Estimator, "points", points, &*why));
    }
    if let Target::Class { classes, .. } = target {
        let why = "Class numbers from 0.";
        choices.push(Choice::new(
            Section::Estimator,
            "classes",
            classes as i64,
            why,
        ));
    }
    // The one task that no key names.
    let note = choices.is_empty().then(|| format!("Task: gaze. {why}"));
    (choices, note)
}

/// The points of the labels, where these have no other numbers.
fn points_alone(synthetic: &Dataset) -> Option<Target> {
    let labels = synthetic.labels()?;
    let names = points::spelled(labels);
    let numbers = labels
        .columns()
        .iter()
        .filter(|column| labels.is_numeric(column));
    (!names.is_empty() && numbers.count() == 2 * names.len()).then_some(Target::Points(names))
}

/// What goes along into refined sets.
fn carried(synthetic: &Dataset) -> Vec<String> {
    let mut notes = vec![];
    if !synthetic.masks(0).is_empty() {
        let masks = synthetic.masks(0).join(", ");
        notes.push(format!(
            "Masks lie beside the images ({masks}): `refine` moves them with the pixels."
        ));
    }
    if synthetic.has_label_files() {
        let format = synthetic.format();
        notes.push(format!(
            "Label files of {format}: `refine` writes them as they came in."
        ));
    }
    notes
}
