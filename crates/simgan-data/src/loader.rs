//! From a folder to a cache file: found there if nothing has changed, else decoded in parallel and streamed into it.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::builder::{Builder, bad_image};
use crate::digest::Digests;
use crate::folder::{Folder, Format};
use crate::listing::hash_text;
use crate::pixel_cache::{Cached, PixelCache};
use crate::refined_manifest::RefinedManifest;
use crate::{OnBadImage, OpenOptions, Preprocessing};
use simgan_base::files::sha256::hex;
use simgan_base::{Error, Result};

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
    for warning in &cached.meta.warnings {
        tracing::warn!("{}: {warning}", path.display());
    }
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
    let state_key = folder.listing.state_key(&variant);
    let files = folder.listing.len();
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
        progress(files, files);
        return Ok(cached);
    }
    folder.index_shards()?;
    let digests = folder.listing.digest(&|done| progress(done, 2 * files));
    let remember = || match &state_key {
        Some(key) if digests.complete => cache.remember(key, &digests.content),
        _ => Ok(()),
    };
    let (cached, key) = find(&digests.content)?;
    if let Some(cached) = cached {
        remember()?;
        progress(files, files);
        return Ok(cached);
    }
    let build = Build {
        cache,
        preprocessing,
        options,
        origin: &origin,
        digests: &digests,
    };
    let (cached, lasting) = build.run(folder, &key, progress)?;
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
}

impl Build<'_> {
    /// Reads all images into the file called `key` and opens it; false where the system refused to read some, so that
    /// nothing of it is kept.
    fn run(self, folder: Folder, key: &str, progress: Progress) -> Result<(Cached, bool)> {
        let (place, states) = (folder.place.clone(), folder.listing.states());
        let (format, root) = (folder.format, folder.root.clone());
        let (files, bad) = (folder.listing.len(), self.options.on_bad_image);
        let reader = folder.reader(&self.digests.dimensions, self.preprocessing, self.options)?;
        let units = reader.units().max(1);
        let mut builder = Builder::new(self.cache, self.preprocessing, format, &root, bad)?;
        builder.read(&*reader, &|done| {
            progress(files + done * files / units, 2 * files);
        })?;
        let now = Folder::detect(&place, self.options)?.listing;
        now.require_unchanged(&states, self.digests)?;
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
