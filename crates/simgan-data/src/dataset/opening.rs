//! Opening a data set: from disk, from a simulator, from memory.

use std::collections::HashSet;
use std::sync::Arc;

use crate::masks::Masks;
use crate::pixel_kind::{Colour, PixelKind};
use crate::preprocessing::CropKind;
use crate::simulation::generated::Generated;
use crate::source::{Only, Place};
use crate::{
    AngleUnit, Framing, Labels, Preprocessing, Quarantine, SimulationSource, Source, loader,
};
use simgan_base::{Error, Result};
use simgan_simulator::PixelForm;

use super::{Dataset, Images, LabelRows, OpenOptions, Pixels};

/// Pixels of a simulator.
fn rendered(form: PixelForm) -> PixelKind {
    let (colour, bits) = match form {
        PixelForm::Colour => (Colour::Rgb, 8),
        PixelForm::Depth => (Colour::Grey, 16),
    };
    PixelKind {
        colour,
        alpha: false,
        bits,
    }
}

impl Dataset {
    /// Opens the data set that `source` names (a folder or a simulator, with an optional slice: see [`Source`]).
    ///
    /// Images come in the order of `labels.csv`, else in natural order of their names (`2.png` before `10.png`).
    /// Filters by labels come first; a slice counts the usable images that are left.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): a wrong preprocessing, or another one than refined images have had;
    /// a wrong option of a simulator.
    /// Of kind [`Io`](simgan_base::ErrorKind::Io): the folder is missing or the cache cannot be written.
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): the folder is empty, holds no images or mixes sizes; its labels are
    /// malformed; an image cannot be used (with [`OnBadImage::Fail`](crate::OnBadImage::Fail)) or none can; the slice is wrong or empty; a
    /// filter is wrong, does not fit the labels or leaves no image.
    pub fn open(
        source: &str,
        preprocessing: &Preprocessing,
        options: &OpenOptions,
    ) -> Result<Self> {
        Self::open_with_progress(source, preprocessing, options, &|_, _| {})
    }

    /// As [`open`](Self::open), telling `progress(done, total)` (may be called from several threads).
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_progress(
        source: &str,
        preprocessing: &Preprocessing,
        options: &OpenOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Self> {
        let name = source;
        let source = Source::parse(source)?;
        if preprocessing.crop.kind == CropKind::Random {
            return Self::open_parts(&source, name, preprocessing, options, progress);
        }
        let preprocessing = preprocessing.framed(source.framing());
        let (images, labels) = match source.place() {
            Place::Folder(path) => {
                let words = [source.options(), &options.words].concat();
                let loaded = loader::load(path, &words, &preprocessing, options, progress)?;
                images_of(loaded, &preprocessing)
            }
            Place::Simulator(simulator) => open_simulator(simulator, &preprocessing)?,
        };
        let all = Self {
            images: Arc::new(images),
            chosen: None,
            source: name.into(),
            angle_unit: angle_unit(&source)?,
            labels,
        };
        all.filtered(&source)?.sliced(&source)
    }

    /// The images that pass the filters of `source`.
    fn filtered(self, source: &Source) -> Result<Self> {
        if source.only().is_empty() {
            return Ok(self);
        }
        let Some(labels) = self.labels() else {
            let message = format!("{source}: there are no labels to choose images by");
            return Err(Error::data(message)
                .with_hint("labels lie in labels.csv in the data set's folder; leave @only=... out, or slice: DIR[:1000]"));
        };
        let rows = Only::rows(source.only(), labels)?;
        if rows.is_empty() {
            return Err(
                Error::data(format!("{source} leaves none of the {} images", self.len()))
                    .with_hint("an image must pass every @only=... of its data set"),
            );
        }
        Ok(self.subset(&rows))
    }

    /// The images that the slice of `source` chooses.
    fn sliced(self, source: &Source) -> Result<Self> {
        if !source.is_sliced() {
            return Ok(self);
        }
        let indices = source.indices(self.len());
        if indices.is_empty() {
            let left = match source.only() {
                [] => "",
                _ => " that @only=... leaves",
            };
            let message = format!("{source} chooses none of the {} images{left}", self.len());
            return Err(
                Error::data(message).with_hint("a slice is [start:stop:step:run], counted from 0")
            );
        }
        Ok(self.subset(&indices))
    }

    /// A data set held in memory: `pixels` is `[n, channels, height, width]`, row by row. For tests and embedded data.
    ///
    /// # Errors
    /// The numbers of names, pixels and label rows do not agree.
    pub fn from_memory(
        names: Vec<String>,
        image_shape: [usize; 3],
        pixels: Vec<u8>,
        labels: Option<Labels>,
    ) -> Result<Self> {
        let expected = names.len() * image_shape.iter().product::<usize>();
        if pixels.len() != expected {
            return Err(Error::data(format!(
                "{} images of {image_shape:?} have {expected} values, not {}",
                names.len(),
                pixels.len()
            )));
        }
        if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != names.len()) {
            return Err(Error::data(format!(
                "{} images, but {} rows of labels",
                names.len(),
                labels.len()
            )));
        }
        let [_, height, width] = image_shape.map(|n| n as u32);
        let sizes = vec![(width, height, names.len())];
        let pixels = Pixels::Memory {
            names: names.iter().collect(),
            image_shape,
            bytes: pixels,
        };
        let quarantine = Quarantine::default();
        let images = Images {
            root: None,
            format: "in memory",
            pixels,
            sizes,
            kinds: vec![],
            levels: None,
            framing: Framing::default(),
            quarantine,
            unread: vec![],
            masks: Masks::default(),
            shards: None,
            points: None,
            label_files: None,
            chain: None,
        };
        Ok(Self {
            images: Arc::new(images),
            chosen: None,
            source: "embedded".into(),
            angle_unit: AngleUnit::default(),
            labels: LabelRows::Known(labels),
        })
    }
}

/// The unit that the source names, or else the manifest of refined images.
fn angle_unit(source: &Source) -> Result<AngleUnit> {
    if let Some(unit) = source.angle_unit() {
        return Ok(unit);
    }
    let manifest = source.refined_manifest()?;
    Ok(manifest.map_or_else(AngleUnit::default, |manifest| manifest.angle_unit))
}

fn images_of(loaded: loader::Loaded, preprocessing: &Preprocessing) -> (Images, LabelRows) {
    let mut cached = loaded.cached;
    let labels = cached.labels.take();
    let meta = std::mem::take(&mut cached.meta);
    let mut unread = loaded.unread;
    let entries = meta.shards.map_or(0, |counts| counts.ignored_entries);
    if entries > 0 {
        unread.push(format!("{entries} other entries of its tars are not read"));
    }
    let mut masks = loaded.masks;
    if !masks.is_empty() {
        // A label table may name them as images.
        let images: HashSet<&str> = cached.names.iter().collect();
        masks.retain(|name| !images.contains(name));
    }
    let images = Images {
        root: Some(loaded.root),
        format: loaded.format,
        pixels: Pixels::Cached(Box::new(cached)),
        sizes: meta.sizes,
        kinds: meta.kinds,
        levels: meta.levels,
        framing: preprocessing.framing,
        quarantine: meta.quarantine,
        unread,
        masks,
        shards: meta.shards,
        points: meta.points,
        label_files: loaded.label_files,
        chain: (!loaded.preprocessed).then(|| preprocessing.clone()),
    };
    (images, LabelRows::Known(labels))
}

fn open_simulator(
    source: &SimulationSource,
    preprocessing: &Preprocessing,
) -> Result<(Images, LabelRows)> {
    let generated = Generated::open(source, preprocessing)?;
    let [_, height, width] = generated.image_shape().map(|n| n as u32);
    let images = Images {
        root: None,
        format: "simulator",
        sizes: vec![(width, height, generated.len())],
        kinds: vec![(rendered(generated.form()), generated.len())],
        levels: None,
        framing: Framing::default(),
        pixels: Pixels::Generated(Box::new(generated)),
        quarantine: Quarantine::default(),
        unread: vec![],
        masks: Masks::default(),
        shards: None,
        points: None,
        label_files: None,
        chain: None,
    };
    Ok((images, LabelRows::Lazy(Arc::default())))
}
