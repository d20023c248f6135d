//! Opening a data set: from disk, from a simulator, from memory.

use std::collections::HashSet;
use std::sync::Arc;

use crate::masks::Masks;
use crate::pixel_kind::{Colour, PixelKind};
use crate::simulation::generated::Generated;
use crate::source::Place;
use crate::{
    AngleUnit, Framing, Labels, Preprocessing, Quarantine, SimulationSource, Source, loader,
};
use simgan_base::{Error, Result};

use super::{Dataset, Images, LabelRows, OpenOptions, Pixels};

/// Pixels of a simulator.
const RENDERED: PixelKind = PixelKind {
    colour: Colour::Rgb,
    alpha: false,
    bits: 8,
};

impl Dataset {
    /// Opens the data set that `source` names (a folder or a simulator, with an optional slice: see [`Source`]).
    ///
    /// Images come in the order of `labels.csv`, else in natural order of their names (`2.png` before `10.png`).
    /// A slice counts the usable images of the whole folder.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): a wrong preprocessing, or another one than refined images have had;
    /// a wrong option of a simulator.
    /// Of kind [`Io`](simgan_base::ErrorKind::Io): the folder is missing or the cache cannot be written.
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): the folder is empty, holds no images or mixes sizes; its labels are
    /// malformed; an image cannot be used (with [`OnBadImage::Fail`](crate::OnBadImage::Fail)) or none can; the slice is wrong or empty.
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
        let preprocessing = preprocessing.framed(source.framing());
        let (images, labels) = match source.place() {
            Place::Folder(path) => {
                let words = [source.options(), &options.words].concat();
                let loaded = loader::load(path, &words, &preprocessing, options, progress)?;
                images_of(loaded, preprocessing.framing)
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
        if !source.is_sliced() {
            return Ok(all);
        }
        let indices = source.indices(all.len());
        if indices.is_empty() {
            return Err(
                Error::data(format!("{source} chooses none of the {} images", all.len()))
                    .with_hint("a slice is [start:stop:step:run], counted from 0"),
            );
        }
        Ok(all.subset(&indices))
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
            framing: Framing::default(),
            quarantine,
            unread: vec![],
            masks: Masks::default(),
            shards: None,
            points: None,
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

fn images_of(loaded: loader::Loaded, framing: Framing) -> (Images, LabelRows) {
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
        framing,
        quarantine: meta.quarantine,
        unread,
        masks,
        shards: meta.shards,
        points: meta.points,
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
        kinds: vec![(RENDERED, generated.len())],
        framing: Framing::default(),
        pixels: Pixels::Generated(Box::new(generated)),
        quarantine: Quarantine::default(),
        unread: vec![],
        masks: Masks::default(),
        shards: None,
        points: None,
    };
    Ok((images, LabelRows::Lazy(Arc::default())))
}
