//! What a `DIR` argument means: a folder or a simulator, and which of its images, shown how.

mod only;
mod slice;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::simulation::source::{PREFIX, SimulationSource};
use crate::source::slice::Slice;
use crate::{AngleUnit, Framing, RefinedManifest};
use crate::{angle_unit, framing};
use simgan_base::{Error, Result};

pub use only::Only;

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
/// Filters choose images by their labels: `DIR@only=person:0,1,2`, `DIR@only=split:dev`,
/// `DIR@only=track:0..19` (numbers from 0 to 19), `DIR@only=person:!3` (all others). Several may
/// follow each other; an image must pass all. They come before a slice, which counts the images
/// that are left: `DIR@only=split:dev[::2]`.
///
/// A [`Framing`] comes next: `DIR[::2]@zoom=0.65` shows every image about a third smaller. The [unit](AngleUnit) of gaze
/// angles comes last: `DIR@gaze=degrees`.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    place: Place,
    /// Words for the format of a folder.
    options: Vec<String>,
    only: Vec<Only>,
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

impl Source {
    /// Reads a `DIR` argument. A folder that exists under the whole text is taken as it is,
    /// even when its name ends in `]` or in a framing.
    ///
    /// # Errors
    /// A slice that is not `start:stop:step:run`, a step or run of 0; a filter that is not `COLUMN:VALUES`, or behind a
    /// slice; a framing that is not `zoom=Z,x=X,y=Y`, or of a simulator; those of [`SimulationSource::parse`].
    pub fn parse(text: &str) -> Result<Self> {
        let is_simulator = text.starts_with(PREFIX);
        let is_folder = |text: &str| !is_simulator && Path::new(text).exists();
        refuse_late_filter(text, is_folder)?;
        let (text, angle_unit) = match is_folder(text) {
            true => (text, None),
            false => AngleUnit::split(text)?,
        };
        let (text, framing) = match is_folder(text) {
            true => (text, Framing::default()),
            false => Framing::split(text)?,
        };
        if is_simulator {
            refuse_for_simulator(text, angle_unit, framing)?;
        }
        let (text, slice) = match split(text) {
            Some((_, inner)) if is_simulator && is_value(text, inner) => (text, None),
            Some(_) if is_folder(text) => (text, None),
            Some((place, slice)) => (place, Some(Slice::parse(slice, text)?)),
            None => (text, None),
        };
        let (place, only) = Only::split(text, is_folder)?;
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
            only,
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

    /// Filters by labels, all of which an image must pass.
    pub fn only(&self) -> &[Only] {
        &self.only
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

    /// Whether a slice is asked for.
    pub fn is_sliced(&self) -> bool {
        self.slice.is_some()
    }

    /// Which of the `len` images that pass the filters are meant, in the order asked for.
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
        self.only.iter().try_for_each(|only| write!(f, "{only}"))?;
        if let Some(slice) = &self.slice {
            write!(f, "{slice}")?;
        }
        write!(f, "{}", self.framing)?;
        let unit = self.angle_unit.map(AngleUnit::suffix);
        f.write_str(&unit.unwrap_or_default())
    }
}

/// `DIR[...]` as `(DIR, ...)`.
fn split(text: &str) -> Option<(&str, &str)> {
    let (path, slice) = text.strip_suffix(']')?.rsplit_once('[')?;
    (!path.is_empty()).then_some((path, slice))
}

/// Whether the brackets round `inner` at the end of a simulator's `text` belong to the value of an option.
fn is_value(text: &str, inner: &str) -> bool {
    text.contains('?') && !text.contains(only::MARK) && !inner.contains(':')
}

/// A filter behind a slice would have to count otherwise than one before it.
fn refuse_late_filter(text: &str, is_folder: impl Fn(&str) -> bool) -> Result<()> {
    let is_late = |before: &str| {
        let is_sliced = split(before).is_some_and(|(_, inner)| inner.contains(':'));
        let marks = [framing::MARK, angle_unit::MARK];
        is_sliced || marks.iter().any(|mark| before.contains(mark))
    };
    let places = text.rmatch_indices(only::MARK).map(|(at, _)| &text[..at]);
    let mut places = places.take_while(|before| !is_folder(before));
    if is_folder(text) || !places.any(is_late) {
        return Ok(());
    }
    Err(Error::data(format!(
        "{text}: @only=... stands behind a slice, a framing or a unit"
    ))
    .with_hint(
        "write DIR@only=COLUMN:VALUES[start:stop:step]@zoom=Z@gaze=UNIT: \
         a slice counts the images that are left",
    ))
}

/// What a simulator has no use for.
fn refuse_for_simulator(text: &str, unit: Option<AngleUnit>, framing: Framing) -> Result<()> {
    if unit.is_some() {
        let message = format!("{text}: a simulator labels in radians");
        return Err(Error::data(message).with_hint("leave @gaze=... out"));
    }
    if framing.is_neutral() {
        return Ok(());
    }
    Err(Error::data(format!(
        "{text}: a simulator renders what it is asked for, without a framing"
    ))
    .with_hint(
        "set its `eye_width`, or write the images with `simgan simulate` and frame that folder",
    ))
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

#[cfg(test)]
mod tests;
