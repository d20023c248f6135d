//! From images as they are read to a cache file.

use std::collections::BTreeMap;
use std::path::Path;

use image::DynamicImage;
use rayon::prelude::*;

use crate::names::Names;
use crate::pixel_cache::{CacheWriter, Meta, PixelCache};
use crate::pixel_kind::PixelKind;
use crate::points;
use crate::points::KnownPoints;
use crate::reader::{Item, Reader, Row, ShardCounts, Table};
use crate::source_levels::SourceLevels;
use crate::{Labels, OnBadImage, Preprocessing, Quarantine};
use simgan_base::{Error, Result};

/// Units decoded at once, at most; their results wait in memory to be written in order.
const CHUNK: usize = 512;
/// Bytes of preprocessed pixels that may wait.
const WAITING_BYTES: usize = 16 << 20;
/// Most frequent sizes that are remembered.
const SIZES: usize = 8;

/// What a builder has to know of the images' format.
pub(crate) struct Kind {
    /// Whether the images have been through the chain already.
    pub(crate) preprocessed: bool,
    pub(crate) points: KnownPoints,
}

/// Collects images, in order, into a cache file.
pub(crate) struct Builder<'a> {
    preprocessing: &'a Preprocessing,
    kind: Kind,
    root: &'a Path,
    on_bad_image: OnBadImage,
    writer: CacheWriter,
    names: Names,
    rows: Vec<usize>,
    new_rows: Vec<u8>,
    quarantine: Quarantine,
    sizes: BTreeMap<(u32, u32), usize>,
    kinds: BTreeMap<PixelKind, usize>,
    /// Size before preprocessing of every image that has a row.
    labelled_sizes: Vec<(u32, u32)>,
    levels: SourceLevels,
    shards: Option<ShardCounts>,
    /// What the reader warns of.
    warnings: Vec<String>,
    /// Whether the system refused to read an image that was left out.
    pub(crate) refused: bool,
}

/// An image behind the chain.
struct Ready {
    name: String,
    image: Result<Preprocessed>,
    row: Row,
}

struct Preprocessed {
    /// Width and height before the chain.
    size: (u32, u32),
    kind: PixelKind,
    levels: SourceLevels,
    pixels: Vec<u8>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        cache: &PixelCache,
        preprocessing: &'a Preprocessing,
        kind: Kind,
        root: &'a Path,
        on_bad_image: OnBadImage,
    ) -> Result<Self> {
        Ok(Self {
            preprocessing,
            kind,
            root,
            on_bad_image,
            writer: cache.create(preprocessing.image_shape())?,
            names: Names::default(),
            rows: vec![],
            new_rows: vec![],
            quarantine: Quarantine::default(),
            sizes: BTreeMap::new(),
            kinds: BTreeMap::new(),
            labelled_sizes: vec![],
            levels: SourceLevels::default(),
            shards: None,
            warnings: vec![],
            refused: false,
        })
    }

    /// Reads every unit, in parallel.
    pub(crate) fn read(&mut self, reader: &dyn Reader, progress: &dyn Fn(usize)) -> Result<()> {
        for (name, reason) in &reader.left_out() {
            self.leave_out(name, reason)?;
        }
        self.shards = reader.shards();
        self.warnings = reader.warnings();
        let image_bytes: usize = self.preprocessing.image_shape().iter().product();
        let chunk = (WAITING_BYTES / image_bytes / reader.images_per_unit())
            .clamp(rayon::current_num_threads(), CHUNK);
        for start in (0..reader.units()).step_by(chunk) {
            let end = (start + chunk).min(reader.units());
            let read = |unit| {
                reader
                    .read(unit)
                    .into_iter()
                    .map(|item| self.prepare(item))
                    .collect::<Vec<_>>()
            };
            let ready: Vec<Vec<Ready>> = (start..end).into_par_iter().map(read).collect();
            ready
                .into_iter()
                .flatten()
                .try_for_each(|image| self.add(image))?;
            progress(end);
        }
        if self.writer.len() == 0 {
            return Err(self.none_left());
        }
        Ok(())
    }

    fn prepare(&self, item: Item) -> Ready {
        let apply = |image: DynamicImage| {
            let levels = SourceLevels::of(&image);
            Ok(Preprocessed {
                size: (image.width(), image.height()),
                kind: PixelKind::of(&image),
                levels,
                pixels: match self.kind.preprocessed {
                    true => self.preprocessing.keep(image)?,
                    false => self.preprocessing.apply(image)?,
                },
            })
        };
        Ready {
            name: item.name,
            image: item.image.and_then(apply),
            row: item.row,
        }
    }

    fn add(&mut self, ready: Ready) -> Result<()> {
        let image = match ready.image {
            Ok(image) => image,
            Err(error) => {
                self.refused |= error.is_of_system();
                return self.leave_out(&ready.name, &error.to_string());
            }
        };
        self.writer.push(&image.pixels)?;
        self.names.push(&ready.name);
        *self.sizes.entry(image.size).or_default() += 1;
        *self.kinds.entry(image.kind).or_default() += 1;
        self.levels.add(&image.levels, &image.pixels);
        if !matches!(ready.row, Row::None) {
            self.labelled_sizes.push(image.size);
        }
        match ready.row {
            Row::None => {}
            Row::Existing(row) => self.rows.push(row),
            Row::New(fields) => {
                self.new_rows.extend(fields.bytes());
                self.new_rows.push(b'\n');
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, name: &str, reason: &str) -> Result<()> {
        if self.on_bad_image == OnBadImage::Fail {
            return Err(bad_image(self.root, name, reason));
        }
        self.quarantine.push(name, reason);
        Ok(())
    }

    fn none_left(&self) -> Error {
        let root = self.root.display();
        match self.quarantine.iter().next() {
            Some((path, reason)) => Error::data(format!(
                "none of the {} images of {root} can be used; {path}: {reason}",
                self.quarantine.len()
            ))
            .with_hint(
                "the other images of this folder are bad too: --on-bad-image skip cannot help",
            ),
            None => {
                Error::data(format!("{root} holds no images")).with_hint("is it the right folder?")
            }
        }
    }

    /// Writes the file at `path`.
    pub(crate) fn finish(self, table: Table, origin: &str, path: &Path) -> Result<()> {
        let labels = match table {
            Table::None => None,
            Table::Existing(labels) => Some(labels.subset(&self.rows)),
            Table::Generated(header) => {
                let mut text = format!("{header}\n").into_bytes();
                text.extend(&self.new_rows);
                Some(Labels::parse(text, origin)?)
            }
        };
        let mut warnings = match self.kind.preprocessed {
            true => vec![],
            false => self.levels.warnings(self.preprocessing),
        };
        warnings.extend(self.warnings);
        let (labels, points) = match labels {
            Some(labels) if !self.kind.preprocessed => {
                let moved = points::moved(
                    labels,
                    self.preprocessing,
                    &self.kind.points,
                    &self.labelled_sizes,
                )?;
                warnings.extend(moved.warning);
                (Some(moved.labels), moved.record)
            }
            labels => (labels, None),
        };
        let meta = Meta {
            quarantine: self.quarantine,
            sizes: most_frequent(self.sizes),
            kinds: by_number(self.kinds),
            levels: self.levels.range(),
            labelled: labels.is_some(),
            shards: self.shards,
            points,
            warnings,
        };
        self.writer
            .finish(&self.names, labels.as_ref(), &meta, path)
    }
}

/// Sizes with their numbers of images, the most frequent first.
fn most_frequent(sizes: BTreeMap<(u32, u32), usize>) -> Vec<(u32, u32, usize)> {
    let sizes = by_number(sizes).into_iter().take(SIZES);
    sizes.map(|((w, h), n)| (w, h, n)).collect()
}

/// What was counted, the most frequent first.
fn by_number<T>(counts: BTreeMap<T, usize>) -> Vec<(T, usize)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
    counts
}

/// The error of an image that is not to be left out.
pub(crate) fn bad_image(root: &Path, path: &str, reason: &str) -> Error {
    Error::data(format!(
        "{} cannot be used: {reason}",
        root.join(path).display()
    ))
    .with_hint("--on-bad-image skip leaves such images out and lists them")
}
