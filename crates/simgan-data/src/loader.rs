//! From a folder to a cache file: found there if nothing has changed, else decoded in parallel and streamed into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::builder::{Builder, Kind, bad_image};
use crate::carried::LabelFiles;
use crate::digest::Digests;
use crate::formats;
use crate::formats::{Files, Planning, Request};
use crate::listing::{Listing, hash_text};
use crate::masks::Masks;
use crate::pixel_cache::{Cached, PixelCache};
use crate::{OnBadImage, OpenOptions, Preprocessing};
use simgan_base::files::sha256::hex;
use simgan_base::{Error, Result};

/// Hears how much is done of how much.
pub(crate) type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// A data set on disk that has been opened.
pub(crate) struct Loaded {
    pub(crate) cached: Cached,
    /// What people call its format.
    pub(crate) format: &'static str,
    pub(crate) root: PathBuf,
    /// Sentences about what lies in it and is not read.
    pub(crate) unread: Vec<String>,
    pub(crate) masks: Masks,
    pub(crate) label_files: Option<Arc<dyn LabelFiles>>,
    /// Whether the images have been through the chain already.
    pub(crate) preprocessed: bool,
}

/// Opens the data set at `path`, from the cache if it holds it; `words` are the options in its name.
pub(crate) fn load(
    path: &Path,
    words: &[String],
    preprocessing: &Preprocessing,
    options: &OpenOptions,
    progress: Progress,
) -> Result<Loaded> {
    preprocessing.validate()?;
    let request = Request {
        options: words,
        preprocessing,
    };
    let (format, files) = formats::open(path, &request)?;
    let (root, unread, masks) = (files.root.clone(), files.unread(), files.masks.clone());
    let (label_files, preprocessed) = (files.label_files.clone(), files.preprocessed);
    let cache_folder = options
        .cache_dir
        .clone()
        .unwrap_or_else(PixelCache::default_folder);
    let cache = PixelCache::open(&cache_folder)?;
    let now = || Ok(formats::open(path, &request)?.1.listing);
    let cached = find_or_build(
        format,
        files,
        &now,
        &cache,
        preprocessing,
        options,
        progress,
    )?;
    for warning in &cached.meta.warnings {
        tracing::warn!("{}: {warning}", path.display());
    }
    if options.on_bad_image == OnBadImage::Fail
        && let Some((path, reason)) = cached.meta.quarantine.iter().next()
    {
        return Err(bad_image(&root, path, reason));
    }
    Ok(Loaded {
        cached,
        format,
        root,
        unread,
        masks,
        label_files,
        preprocessed,
    })
}

fn find_or_build(
    format: &str,
    mut files: Files,
    now: &dyn Fn() -> Result<Listing>,
    cache: &PixelCache,
    preprocessing: &Preprocessing,
    options: &OpenOptions,
    progress: Progress,
) -> Result<Cached> {
    let variant = format!("{format}/{}", files.variant);
    let origin = files.labels_origin.clone();
    let state_key = files.listing.state_key(&variant);
    let count = files.listing.len();
    let find = |content: &str| {
        let key = cache_key(&variant, content, preprocessing)?;
        let shape = preprocessing.image_shape();
        let cached = cache.get(&key, &origin);
        Ok::<_, Error>((cached.filter(|cached| cached.image_shape == shape), key))
    };
    let known = state_key.as_deref().and_then(|key| cache.content_key(key));
    if let Some(content) = known
        && let (Some(cached), _) = find(&content)?
    {
        progress(count, count);
        return Ok(cached);
    }
    files.plan.check(&files.listing)?;
    let digests = files.listing.digest(&|done| progress(done, 2 * count));
    let remember = || match &state_key {
        Some(key) if digests.complete => cache.remember(key, &digests.content),
        _ => Ok(()),
    };
    let (cached, key) = find(&digests.content)?;
    if let Some(cached) = cached {
        remember()?;
        progress(count, count);
        return Ok(cached);
    }
    let build = Build {
        cache,
        preprocessing,
        options,
        origin: &origin,
        digests: &digests,
        now,
    };
    let (cached, lasting) = build.run(files, &key, progress)?;
    if lasting {
        remember()?;
    }
    Ok(cached)
}

/// What a new cache file is made of.
struct Build<'a> {
    cache: &'a PixelCache,
    preprocessing: &'a Preprocessing,
    options: &'a OpenOptions,
    origin: &'a str,
    digests: &'a Digests,
    /// Lists the files again.
    now: &'a dyn Fn() -> Result<Listing>,
}

impl Build<'_> {
    /// Reads all images into the file called `key` and opens it; false where the system refused to read some, so that
    /// nothing of it is kept.
    fn run(self, files: Files, key: &str, progress: Progress) -> Result<(Cached, bool)> {
        let (states, count) = (files.listing.states(), files.listing.len());
        let kind = Kind {
            preprocessed: files.preprocessed,
            points: files.points,
        };
        let (root, bad) = (files.root, self.options.on_bad_image);
        let planning = Planning {
            dimensions: &self.digests.dimensions,
            preprocessing: self.preprocessing,
            preprocessed: kind.preprocessed,
            on_bad_image: bad,
        };
        let reader = files.plan.reader(files.listing, &planning)?;
        let units = reader.units().max(1);
        let mut builder = Builder::new(self.cache, self.preprocessing, kind, &root, bad)?;
        builder.read(&*reader, &|done| {
            progress(count + done * count / units, 2 * count);
        })?;
        (self.now)()?.require_unchanged(&states, self.digests)?;
        let lasting = self.digests.complete && !builder.refused;
        let key = match lasting {
            true => key.to_owned(),
            false => format!("{key}-{}", std::process::id()),
        };
        let path = self.cache.path(&key);
        builder.finish(reader.table(), self.origin, &path)?;
        // Its label table would lie in memory twice.
        drop(reader);
        let cached = match lasting {
            true => self.cache.get(&key, self.origin),
            false => self.cache.take(&key, self.origin),
        };
        let lost = || {
            let what = format!("{} cannot be read back", path.display());
            Error::new(simgan_base::ErrorKind::Io, what)
        };
        Ok((cached.ok_or_else(lost)?, lasting))
    }
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
