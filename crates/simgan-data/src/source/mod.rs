//! What a `DIR` argument means: a folder or a simulator, and an optional slice.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::simulation::source::{PREFIX, SimulationSource};
use crate::{AngleUnit, Framing, RefinedManifest};
use simgan_base::{Error, Result};

/// A path or simulator with an optional slice of the images in their stable order, as in Python:
/// `DIR`, `DIR[:1000]`, `DIR[1000:]`, `DIR[10%:50%]`, `DIR[::2]`, `DIR[-100:]`, `DIR[::-1]`.
///
/// A percentage is a fraction of the usable images, rounded down, so `DIR[:80%]` and `DIR[80%:]`
/// share no image and leave none out. A fourth number cuts the images into runs of that length and lets the others
/// count runs: `DIR[::2:25]` and `DIR[1::2:25]` take turns, 25 frames of a video each. `sim:eyes?seed=1&gaze_yaw=[-20,20][:3000]` is the first 3000 images of a
/// simulator: brackets with a colon are a slice, others belong to the value of an option. A folder of such a name is
/// `./sim:eyes`.
///
/// A word behind `?` is for the format of a folder: `MPIIGaze?evaluation` are the images of its evaluation lists.
///
/// A [`Framing`] comes next: `DIR[::2]@zoom=0.65` shows every image about a third smaller. The [unit](AngleUnit) of gaze
/// angles comes last: `DIR@gaze=degrees`.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    place: Place,
    /// Words for the format of a folder.
    options: Vec<String>,
    slice: Option<Slice>,
    framing: Framing,
    angle_unit: Option<AngleUnit>,
}

/// Where images come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A folder, or a tar.
    Folder(PathBuf),
    /// A simulator.
    Simulator(SimulationSource),
}

/// `start:stop:step:run` over a sequence of unknown length.
#[derive(Clone, Debug, PartialEq)]
struct Slice {
    start: Option<Bound>,
    stop: Option<Bound>,
    step: i64,
    /// Images that are taken or left together; at least 1.
    run: usize,
}

/// One end of a slice.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    /// An index; a negative one counts from the end.
    Index(i64),
    /// Percent of the length, -100..=100.
    Percent(f64),
}

impl Source {
    /// Reads a `DIR` argument. A folder that exists under the whole text is taken as it is,
    /// even when its name ends in `]` or in a framing.
    ///
    /// # Errors
    /// A slice that is not `start:stop:step:run`, a step or run of 0; a framing that is not `zoom=Z,x=X,y=Y`, or of a
    /// simulator; those of [`SimulationSource::parse`].
    pub fn parse(text: &str) -> Result<Self> {
        let is_simulator = text.starts_with(PREFIX);
        let is_folder = |text: &str| !is_simulator && Path::new(text).exists();
        let (text, angle_unit) = match is_folder(text) {
            true => (text, None),
            false => AngleUnit::split(text)?,
        };
        let (text, framing) = match is_folder(text) {
            true => (text, Framing::default()),
            false => Framing::split(text)?,
        };
        if is_simulator && angle_unit.is_some() {
            return Err(
                Error::data(format!("{text}: a simulator labels in radians"))
                    .with_hint("leave @gaze=... out"),
            );
        }
        if is_simulator && !framing.is_neutral() {
            return Err(Error::data(format!(
                "{text}: a simulator renders what it is asked for, without a framing"
            ))
            .with_hint("set its `eye_width`, or write the images with `simgan simulate` and frame that folder"));
        }
        let (place, slice) = match split(text) {
            Some((_, inner)) if is_simulator && text.contains('?') && !inner.contains(':') => {
                (text, None)
            }
            Some(_) if !is_simulator && Path::new(text).exists() => (text, None),
            Some((place, slice)) => (place, Some(Slice::parse(slice, text)?)),
            None => (text, None),
        };
        let (place, options) = match is_simulator {
            true => (Place::Simulator(SimulationSource::parse(place)?), vec![]),
            false => {
                let (folder, options) = split_options(place);
                (Place::Folder(PathBuf::from(folder)), options)
            }
        };
        Ok(Self {
            place,
            options,
            slice,
            framing,
            angle_unit,
        })
    }

    /// Where the images come from.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The folder; `None` for a simulator.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(path) => Some(path),
            Place::Simulator(_) => None,
        }
    }

    /// The manifest of refined images; `None` for any other.
    ///
    /// # Errors
    /// Those of [`RefinedManifest::read`].
    pub fn refined_manifest(&self) -> Result<Option<RefinedManifest>> {
        self.folder().map_or(Ok(None), RefinedManifest::find)
    }

    /// Words for the format of the folder, such as `evaluation`.
    pub fn options(&self) -> &[String] {
        &self.options
    }

    /// How large and where the content of the images is shown.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The unit of gaze angles, where it is named.
    pub fn angle_unit(&self) -> Option<AngleUnit> {
        self.angle_unit
    }

    /// The same images, shown otherwise.
    #[must_use]
    pub fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    /// Whether only a part of the images is asked for.
    pub fn is_sliced(&self) -> bool {
        self.slice.is_some()
    }

    /// Which of `len` images are meant, in the order asked for.
    pub fn indices(&self, len: usize) -> Vec<usize> {
        match &self.slice {
            Some(slice) => slice.indices(len),
            None => (0..len).collect(),
        }
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Folder(path) => write!(f, "{}", path.display())?,
            Place::Simulator(source) => write!(f, "{source}")?,
        }
        if !self.options.is_empty() {
            write!(f, "?{}", self.options.join("&"))?;
        }
        if let Some(slice) = &self.slice {
            write!(f, "{slice}")?;
        }
        write!(f, "{}", self.framing)?;
        let unit = self.angle_unit.map(AngleUnit::suffix);
        f.write_str(&unit.unwrap_or_default())
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |bound: Option<Bound>| bound.map(|b| b.to_string()).unwrap_or_default();
        write!(f, "[{}:{}", end(self.start), end(self.stop))?;
        match (self.step, self.run) {
            (1, 1) => write!(f, "]"),
            (step, 1) => write!(f, ":{step}]"),
            (step, run) => write!(f, ":{step}:{run}]"),
        }
    }
}

/// `DIR[...]` as `(DIR, ...)`.
fn split(text: &str) -> Option<(&str, &str)> {
    let (path, slice) = text.strip_suffix(']')?.rsplit_once('[')?;
    (!path.is_empty()).then_some((path, slice))
}

/// `DIR?one&two` as `DIR` and the words; a folder of the whole name is itself.
fn split_options(place: &str) -> (&str, Vec<String>) {
    match place.rsplit_once('?') {
        Some((folder, words)) if !folder.is_empty() && !Path::new(place).exists() => {
            let words = words.split('&').filter(|word| !word.is_empty());
            (folder, words.map(str::to_owned).collect())
        }
        _ => (place, vec![]),
    }
}

impl Slice {
    fn parse(slice: &str, text: &str) -> Result<Self> {
        let wrong = |what: String| {
            Error::data(format!("{text}: {what}")).with_hint(
                "a slice is [start:stop:step:run] over the images in their order, \
                 for example DIR[:1000], DIR[10%:50%], DIR[1::2] or DIR[::2:25]",
            )
        };
        let parts: Vec<&str> = slice.split(':').map(str::trim).collect();
        if !(2..=4).contains(&parts.len()) {
            return Err(wrong(format!("`[{slice}]` is not a slice")));
        }
        let step = match parts.get(2).copied().unwrap_or_default() {
            "" => 1,
            step => match step.parse() {
                Ok(0) => return Err(wrong("the step of a slice cannot be 0".into())),
                Ok(step) => step,
                Err(_) => return Err(wrong(format!("`{step}` is not a whole number"))),
            },
        };
        let run = match parts.get(3).copied().unwrap_or("1") {
            "0" => return Err(wrong("a run of images cannot be empty".into())),
            run => match run.parse() {
                Ok(run) => run,
                Err(_) => return Err(wrong(format!("`{run}` is not a number of images"))),
            },
        };
        Ok(Self {
            start: Bound::parse(parts[0]).map_err(&wrong)?,
            stop: Bound::parse(parts[1]).map_err(&wrong)?,
            step,
            run,
        })
    }

    fn indices(&self, len: usize) -> Vec<usize> {
        let runs = self.runs(len.div_ceil(self.run)).into_iter();
        runs.flat_map(|run| run * self.run..len.min((run + 1) * self.run))
            .collect()
    }

    /// Python's `range(*slice(start, stop, step).indices(len))`.
    fn runs(&self, len: usize) -> Vec<usize> {
        let len = len as i64;
        let forward = self.step > 0;
        let (first, last) = if forward { (0, len) } else { (-1, len - 1) };
        let resolve = |bound: Option<Bound>, missing: i64| {
            bound.map_or(missing, |b| b.resolve(len).clamp(first, last))
        };
        let start = resolve(self.start, if forward { first } else { last });
        let stop = resolve(self.stop, if forward { last } else { first });
        let step = usize::try_from(self.step.unsigned_abs()).unwrap_or(usize::MAX);
        if forward {
            (start..stop).step_by(step).map(|i| i as usize).collect()
        } else {
            let down = (stop + 1..start + 1).rev();
            down.step_by(step).map(|i| i as usize).collect()
        }
    }
}

impl Bound {
    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let Some(percent) = text.strip_suffix('%') else {
            let index = text
                .parse()
                .map_err(|_| format!("`{text}` is neither a whole number nor a percentage"))?;
            return Ok(Some(Self::Index(index)));
        };
        match percent.trim().parse::<f64>() {
            Ok(value) if (-100.0..=100.0).contains(&value) => Ok(Some(Self::Percent(value))),
            Ok(_) => Err(format!("`{text}` is not within -100% and 100%")),
            Err(_) => Err(format!("`{text}` is not a percentage")),
        }
    }

    /// As an index from the start, not yet clamped to the length.
    fn resolve(self, len: i64) -> i64 {
        let index = match self {
            Self::Index(index) => index,
            // `-0%` is the start, like `-0`.
            Self::Percent(percent) => {
                (percent.abs() * len as f64 / 100.0).floor() as i64 * percent.signum() as i64
            }
        };
        if index < 0 {
            index.saturating_add(len)
        } else {
            index
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests;
