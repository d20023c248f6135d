//! From a folder to a cache file: found there if nothing has changed, else decoded in parallel and streamed into it.

use std::collections::BTreeMap;
use std::path::Path;

use image::DynamicImage;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::folder::{Folder, Format};
use crate::listing::hash_text;
use crate::names::Names;
use crate::pixel_cache::{CacheWriter, Cached, Meta, PixelCache};
use crate::reader::{Item, Reader, Row, Table};
use crate::refined_manifest::RefinedManifest;
use crate::tar::shards::ShardCounts;
use crate::{Labels, OnBadImage, OpenOptions, Preprocessing, Quarantine};
use simgan_base::files::sha256::hex;
use simgan_base::{Error, Result};

/// Units decoded at once, at most; their results wait in memory to be written in order.
const CHUNK: usize = 512;
/// Bytes of preprocessed pixels that may wait.
const WAITING_BYTES: usize = 16 << 20;
/// Most frequent sizes that are remembered.
const SIZES: usize = 8;

/// Hears how much is done of how much.
pub(crate) type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Opens the folder at `path`, from the cache if it holds it.
pub(crate) fn load(
    path: &Path,
    preprocessing: &Preprocessing,
    options: &OpenOptions,
    progress: Progress,
) -> Result<(Cached, Format, std::path::PathBuf)> {
    preprocessing.validate()?;
    let folder = Folder::detect(path, options)?;
    if folder.format == Format::Refined {
        refuse_framing(path, preprocessing)?;
        RefinedManifest::read(path)?.check(path, preprocessing)?;
    }
    let (format, root) = (folder.format, folder.root.clone());
    let cache_folder = options
        .cache_dir
        .clone()
        .unwrap_or_else(PixelCache::default_folder);
    let cache = PixelCache::open(&cache_folder)?;
    let cached = find_or_build(folder, &cache, preprocessing, options, progress)?;
    if options.on_bad_image == OnBadImage::Fail
        && let Some((path, reason)) = cached.meta.quarantine.iter().next()
    {
        return Err(bad_image(&root, path, reason));
    }
    Ok((cached, format, root))
}

/// Refined images have been through the whole chain.
fn refuse_framing(path: &Path, preprocessing: &Preprocessing) -> Result<()> {
    if preprocessing.framing.is_neutral() {
        return Ok(());
    }
    Err(Error::data(format!(
        "{} holds refined images, which are taken as they are",
        path.display()
    ))
    .with_hint("frame the images that `refine` reads instead"))
}

fn find_or_build(
    mut folder: Folder,
    cache: &PixelCache,
    preprocessing: &Preprocessing,
    options: &OpenOptions,
    progress: Progress,
) -> Result<Cached> {
    let (variant, origin) = (folder.variant(), folder.labels_origin());
    let stat_key = folder.listing.stat_key(&variant);
    let files = folder.listing.len();
    let find = |content: &str| {
        let key = cache_key(&variant, content, preprocessing)?;
        let shape = preprocessing.image_shape();
        let cached = cache.get(&key, &origin);
        Ok::<_, Error>((cached.filter(|cached| cached.image_shape == shape), key))
    };
    if let Some(content) = cache.content_key(&stat_key)
        && let (Some(cached), _) = find(&content)?
    {
        progress(files, files);
        return Ok(cached);
    }
    folder.index_shards()?;
    let digests = folder.listing.digest(&|done| progress(done, 2 * files));
    let (cached, key) = find(&digests.content)?;
    if let Some(cached) = cached {
        cache.remember(&stat_key, &digests.content)?;
        progress(files, files);
        return Ok(cached);
    }
    let (format, root) = (folder.format, folder.root.clone());
    let reader = folder.reader(&digests.dimensions, preprocessing, options)?;
    let units = reader.units().max(1);
    let builder = Builder::new(cache, preprocessing, format, &root, options.on_bad_image)?;
    builder.build(&*reader, &origin, &cache.path(&key), &|done| {
        progress(files + done * files / units, 2 * files)
    })?;
    cache.remember(&stat_key, &digests.content)?;
    // Its label table would lie in memory twice.
    drop(reader);
    let lost = || {
        Error::new(
            simgan_base::ErrorKind::Io,
            format!("{} cannot be read back", cache.path(&key).display()),
        )
    };
    cache.get(&key, &origin).ok_or_else(lost)
}

/// Name of the cache file of these contents, preprocessed so.
fn cache_key(variant: &str, content: &str, preprocessing: &Preprocessing) -> Result<String> {
    let chain = serde_json::to_string(preprocessing)
        .map_err(|e| Error::config(format!("the preprocessing cannot be written as JSON: {e}")))?;
    let chain = format!("{chain}{}", preprocessing.framing);
    let mut hash = Sha256::new();
    for part in [
        variant,
        content,
        &chain,
        &crate::pixel_cache::layout::VERSION.to_string(),
    ] {
        hash_text(&mut hash, part);
    }
    Ok(hex(&hash.finalize()))
}

fn bad_image(root: &Path, path: &str, reason: &str) -> Error {
    Error::data(format!(
        "{} cannot be used: {reason}",
        root.join(path).display()
    ))
    .with_hint("--on-bad-image skip leaves such images out and lists them")
}

/// Collects images, in order, into a cache file.
struct Builder<'a> {
    preprocessing: &'a Preprocessing,
    format: Format,
    root: &'a Path,
    on_bad_image: OnBadImage,
    writer: CacheWriter,
    names: Names,
    rows: Vec<usize>,
    new_rows: Vec<u8>,
    quarantine: Quarantine,
    sizes: BTreeMap<(u32, u32), usize>,
    shards: Option<ShardCounts>,
}

/// An image behind the chain: name, size before, pixels, labels.
struct Ready {
    name: String,
    pixels: Result<((u32, u32), Vec<u8>)>,
    row: Row,
}

impl<'a> Builder<'a> {
    fn new(
        cache: &PixelCache,
        preprocessing: &'a Preprocessing,
        format: Format,
        root: &'a Path,
        on_bad_image: OnBadImage,
    ) -> Result<Self> {
        Ok(Self {
            preprocessing,
            format,
            root,
            on_bad_image,
            writer: cache.create(preprocessing.image_shape())?,
            names: Names::default(),
            rows: vec![],
            new_rows: vec![],
            quarantine: Quarantine::default(),
            sizes: BTreeMap::new(),
            shards: None,
        })
    }

    /// Reads every unit in parallel and writes the file at `path`.
    fn build(
        mut self,
        reader: &dyn Reader,
        origin: &str,
        path: &Path,
        progress: &dyn Fn(usize),
    ) -> Result<()> {
        for (name, reason) in &reader.left_out() {
            self.leave_out(name, reason)?;
        }
        self.shards = reader.shards();
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
        self.finish(reader.table(), origin, path)
    }

    fn prepare(&self, item: Item) -> Ready {
        let apply = |image: DynamicImage| {
            let size = (image.width(), image.height());
            let pixels = match self.format {
                Format::Refined => self.preprocessing.keep(image),
                _ => self.preprocessing.apply(image),
            };
            Ok((size, pixels?))
        };
        Ready {
            name: item.name,
            pixels: item.image.and_then(apply),
            row: item.row,
        }
    }

    fn add(&mut self, image: Ready) -> Result<()> {
        let (size, pixels) = match image.pixels {
            Ok(found) => found,
            Err(error) => return self.leave_out(&image.name, &error.to_string()),
        };
        self.writer.push(&pixels)?;
        self.names.push(&image.name);
        *self.sizes.entry(size).or_default() += 1;
        match image.row {
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

    fn finish(self, table: Table, origin: &str, path: &Path) -> Result<()> {
        let labels = match table {
            Table::None => None,
            Table::Existing(labels) => Some(labels.subset(&self.rows)),
            Table::Generated(header) => {
                let mut text = format!("{header}\n").into_bytes();
                text.extend(&self.new_rows);
                Some(Labels::parse(text, origin)?)
            }
        };
        let mut sizes: Vec<_> = self
            .sizes
            .into_iter()
            .map(|((w, h), n)| (w, h, n))
            .collect();
        sizes.sort_by_key(|&(_, _, n)| std::cmp::Reverse(n));
        sizes.truncate(SIZES);
        let meta = Meta {
            quarantine: self.quarantine,
            sizes,
            labelled: labels.is_some(),
            shards: self.shards,
        };
        self.writer
            .finish(&self.names, labels.as_ref(), &meta, path)
    }
}
