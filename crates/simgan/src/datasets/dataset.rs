//! A data set: images as `u8` in a memory-mapped cache, their names and their labels.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::folder::Format;
use super::listing::{hash_text, hex};
use super::names::Names;
use super::pixel_cache::Cached;
use super::{Labels, OnBadImage, Preprocessing, Quarantine, Source, loader};
use crate::{Error, Result};

/// How to open a data set.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// What to do with an image that cannot be used.
    pub on_bad_image: OnBadImage,
    /// Where the pixel cache lies; `None` is the user's cache folder
    /// (see [`PixelCache::default_folder`](super::pixel_cache::PixelCache::default_folder)).
    pub cache_dir: Option<PathBuf>,
    /// Take only the images that MPIIGaze's evaluation lists name (`Evaluation Subset` beside `Data`).
    /// An error for any other format.
    pub evaluation_list: bool,
}

/// A data set, preprocessed and ready to be drawn from.
///
/// Cloning and [`subset`](Self::subset) share pixels, names and labels. All methods may be called from many threads.
#[derive(Clone, Debug)]
pub struct Dataset {
    images: Arc<Images>,
    /// Which images these are, in order; `None` is all.
    chosen: Option<Arc<[u32]>>,
    /// What it was opened as.
    source: Arc<str>,
    /// One row a chosen image.
    labels: Option<Labels>,
}

/// What all parts of a data set share.
#[derive(Debug)]
struct Images {
    root: Option<PathBuf>,
    format: Format,
    pixels: Pixels,
    sizes: Vec<(u32, u32, usize)>,
    quarantine: Quarantine,
}

#[derive(Debug)]
enum Pixels {
    Memory {
        names: Names,
        image_shape: [usize; 3],
        bytes: Vec<u8>,
    },
    Cached(Box<Cached>),
}

impl Dataset {
    /// Opens the data set that `source` names (a folder, with an optional slice: see [`Source`]).
    ///
    /// Images come in the order of `labels.csv`, else in natural order of their names (`2.png` before `10.png`).
    /// A slice counts the usable images of the whole folder.
    ///
    /// # Errors
    /// Of kind [`Config`](crate::ErrorKind::Config): a wrong preprocessing, or another one than refined images have had.
    /// Of kind [`Io`](crate::ErrorKind::Io): the folder is missing or the cache cannot be written.
    /// Of kind [`Data`](crate::ErrorKind::Data): the folder is empty, holds no images or mixes sizes; its labels are
    /// malformed; an image cannot be used (with [`OnBadImage::Fail`]) or none can; the slice is wrong or empty.
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
        let (mut cached, format, root) =
            loader::load(source.path(), preprocessing, options, progress)?;
        let labels = cached.labels.take();
        let meta = std::mem::take(&mut cached.meta);
        let images = Images {
            root: Some(root),
            format,
            pixels: Pixels::Cached(Box::new(cached)),
            sizes: meta.sizes,
            quarantine: meta.quarantine,
        };
        let all = Self {
            images: Arc::new(images),
            chosen: None,
            source: name.into(),
            labels,
        };
        if !source.is_sliced() {
            return Ok(all);
        }
        let indices = source.indices(all.len());
        if indices.is_empty() {
            return Err(
                Error::data(format!("{source} chooses none of the {} images", all.len()))
                    .with_hint("a slice is [start:stop:step], counted from 0"),
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
            format: Format::Memory,
            pixels,
            sizes,
            quarantine,
        };
        Ok(Self {
            images: Arc::new(images),
            chosen: None,
            source: "embedded".into(),
            labels,
        })
    }

    /// Number of usable images.
    pub fn len(&self) -> usize {
        match &self.chosen {
            Some(chosen) => chosen.len(),
            None => self.images.names().len(),
        }
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[channels, height, width]` of every image.
    pub fn image_shape(&self) -> [usize; 3] {
        match &self.images.pixels {
            Pixels::Memory { image_shape, .. } => *image_shape,
            Pixels::Cached(cached) => cached.image_shape,
        }
    }

    /// Folder this set was read from; `None` in memory.
    pub fn root(&self) -> Option<&Path> {
        self.images.root.as_deref()
    }

    /// Folder and slice as given to [`open`](Self::open), `embedded` in memory.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Format of [`root`](Self::root).
    pub fn format(&self) -> Format {
        self.images.format
    }

    /// Name of an image: its path below [`root`](Self::root) with `/`, unique (`p00/day01/left/00003` inside `.mat` files).
    pub fn name(&self, index: usize) -> String {
        self.images.names().get(self.place(index)).to_owned()
    }

    /// Preprocessed pixels, `[channels, height, width]`, 0..=255.
    pub fn pixels(&self, index: usize) -> &[u8] {
        let place = self.place(index);
        match &self.images.pixels {
            Pixels::Cached(cached) => cached.image(place),
            Pixels::Memory {
                image_shape, bytes, ..
            } => {
                let length: usize = image_shape.iter().product();
                &bytes[place * length..(place + 1) * length]
            }
        }
    }

    /// Images at `indices` as `[indices.len(), channels, height, width]`, values in [-1, 1].
    pub fn batch(&self, indices: &[usize]) -> Vec<f32> {
        let length: usize = self.image_shape().iter().product();
        let mut batch = Vec::with_capacity(indices.len() * length);
        for &index in indices {
            batch.extend(
                self.pixels(index)
                    .iter()
                    .map(|&p| f32::from(p) / 127.5 - 1.0),
            );
        }
        batch
    }

    /// Labels, one row an image, in the order of the images.
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    /// The images at `indices`, in that order, sharing this set's pixels.
    #[must_use]
    pub fn subset(&self, indices: &[usize]) -> Self {
        let chosen = indices
            .iter()
            .map(|&index| self.place(index) as u32)
            .collect();
        Self {
            images: Arc::clone(&self.images),
            chosen: Some(chosen),
            source: Arc::clone(&self.source),
            labels: self.labels.as_ref().map(|labels| labels.subset(indices)),
        }
    }

    /// What was left out, and why.
    pub fn quarantine(&self) -> &Quarantine {
        &self.images.quarantine
    }

    /// SHA-256 of names and pixels, as hexadecimal: the identity of the data in manifests.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        self.image_shape()
            .iter()
            .for_each(|&n| hash.update((n as u64).to_le_bytes()));
        for index in 0..self.len() {
            hash_text(&mut hash, self.images.names().get(self.place(index)));
            hash.update(self.pixels(index));
        }
        hex(&hash.finalize())
    }

    /// Sizes of the images of the whole folder before preprocessing: (width, height, number of images),
    /// the most frequent first, at most 8.
    pub fn original_sizes(&self) -> &[(u32, u32, usize)] {
        &self.images.sizes
    }

    /// Index among all images of the folder.
    fn place(&self, index: usize) -> usize {
        match &self.chosen {
            Some(chosen) => chosen[index] as usize,
            None => index,
        }
    }
}

impl Images {
    fn names(&self) -> &Names {
        match &self.pixels {
            Pixels::Memory { names, .. } => names,
            Pixels::Cached(cached) => &cached.names,
        }
    }
}
