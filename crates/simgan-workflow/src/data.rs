//! Opening data sets and settling output folders, the same way for every piece of work.

use std::path::Path;

use serde::Serialize;
use simgan_base::files::{disk, durable, output_folder, output_place};
use simgan_base::formats::shape::Shape;
use simgan_base::{Error, ErrorKind};
use simgan_data::preprocessing::CropKind;
use simgan_data::{Dataset, OpenOptions, Preprocessing, Source, sizing};

use crate::listener::Listener;

/// Images left out that are named one by one.
const NAMED: usize = 10;

/// Opens a data set with progress, and names the images that were left out.
///
/// # Errors
/// Those of [`Dataset::open`].
pub fn open(
    source: &str,
    preprocessing: &Preprocessing,
    options: &OpenOptions,
    listener: &dyn Listener,
) -> simgan_base::Result<Dataset> {
    let dataset = open_by(source, listener, |progress| {
        Dataset::open_with_progress(source, preprocessing, options, progress)
    })?;
    warn_of_squeezed(source, &dataset, preprocessing, listener);
    Ok(dataset)
}

/// What `open` makes of `source`, with progress; names the images that were left out.
///
/// # Errors
/// Those of `open`.
pub fn open_by(
    source: &str,
    listener: &dyn Listener,
    open: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> simgan_base::Result<Dataset>,
) -> simgan_base::Result<Dataset> {
    let progress = listener.begin("reading images");
    let dataset = open(&|done, total| progress.update(done, total, source))?;
    drop(progress);
    warn_of_skipped(source, &dataset, listener);
    Ok(dataset)
}

/// Checks that `version` holds other versions of the very `images`: as many, of the same names (refining may change endings), in
/// the same order.
///
/// # Errors
/// Of kind [`Data`](ErrorKind::Data), with `hint`: names the first that differ.
pub fn check_version(images: &Dataset, version: &Dataset, hint: &str) -> simgan_base::Result<()> {
    let stem = |name: String| Path::new(&name).with_extension("");
    let differs = |&i: &usize| stem(images.name(i)) != stem(version.name(i));
    let message = match (images.len(), version.len()) {
        (a, b) if a != b => format!("{a} images, but {b} versions of them"),
        _ => match (0..images.len()).find(differs) {
            None => return Ok(()),
            Some(i) => format!("{} stands where {} should", version.name(i), images.name(i)),
        },
    };
    Err(Error::new(ErrorKind::Data, message).with_hint(hint))
}

/// Says where images of other proportions than the result's are squeezed, because no crop keeps circles round.
fn warn_of_squeezed(
    source: &str,
    dataset: &Dataset,
    preprocessing: &Preprocessing,
    listener: &dyn Listener,
) {
    let squeezes = preprocessing.crop.kind == CropKind::None;
    let Some(&(width, height, _)) = dataset.original_sizes().first().filter(|_| squeezes) else {
        return;
    };
    if !sizing::keeps_proportions([width, height].map(f64::from), preprocessing) {
        listener.warn(&format!(
            "{source}: images of {width}x{height} are squeezed to {}x{} (preprocessing.crop.kind is none)",
            preprocessing.width, preprocessing.height
        ));
    }
}

/// Names the images of `source` that were left out, and what else is not read.
pub fn warn_of_skipped(source: &str, dataset: &Dataset, listener: &dyn Listener) {
    let skipped = dataset.quarantine();
    for (path, reason) in skipped.iter().take(NAMED) {
        listener.warn(&format!("{source}: {path} is left out: {reason}"));
    }
    if skipped.len() > NAMED {
        listener.warn(&format!(
            "{source}: {} more images are left out",
            skipped.len() - NAMED
        ));
    }
    for unread in dataset.unread() {
        listener.warn(&format!("{source}: {unread}"));
    }
}

/// Fails early, before hours of work, where an output folder holds something already or could not be put in its place.
///
/// # Errors
/// Those of [`output_folder::require_place`].
pub fn require_free(path: &Path, option: &str) -> simgan_base::Result<()> {
    output_folder::require_place(path, &format!("give {option} another folder"))
}

/// Refuses an output below a folder that is read: its files would be data the next time.
///
/// # Errors
/// Of kind [`Io`](ErrorKind::Io): names the output and the data set; those of [`Source::parse`].
pub fn require_outside<'a>(
    output: &Path,
    option: &str,
    sources: impl IntoIterator<Item = &'a str>,
) -> simgan_base::Result<()> {
    let place = output_place::resolved(output)?;
    for text in sources {
        let source = Source::parse(text)?;
        let Some(folder) = source.folder().filter(|folder| folder.is_dir()) else {
            continue;
        };
        if place.starts_with(fs_err::canonicalize(folder)?) {
            let (output, folder) = (output.display(), folder.display());
            let message = format!(
                "{option} {output} lies in {folder}, which is read: its images would be data the next time"
            );
            let hint = format!("give {option} a folder outside {folder}");
            return Err(Error::new(ErrorKind::Io, message).with_hint(hint));
        }
    }
    Ok(())
}

/// Writes a result as `folder/name.json`, below a run, where the report looks; earlier results stay. Returns the name that it
/// got: `name`, or `name-2` and so on.
///
/// # Errors
/// The folder cannot be written to.
fn keep_with_run(folder: &Path, name: &str, text: &str) -> simgan_base::Result<String> {
    disk::create_dir_all(folder)?;
    let mut free = name.to_owned();
    let mut number = 1;
    while folder.join(format!("{free}.json")).exists() {
        number += 1;
        free = format!("{name}-{number}");
    }
    durable::write(&folder.join(format!("{free}.json")), text)?;
    Ok(free)
}

/// Writes a result to the output of a command, which this publishes, and leaves a copy with the run in `folder`, where the
/// report looks; returns the name of that copy. `output`: the unfinished folder, and where it goes.
///
/// # Errors
/// A folder cannot be written to.
pub fn keep_result(
    shape: Shape,
    result: &impl Serialize,
    output: Option<(&Path, &Path)>,
    folder: &Path,
) -> simgan_base::Result<String> {
    let text = shape.text(result)?;
    let mut name = shape.name().to_owned();
    if let Some((partial, out)) = output {
        durable::write(&partial.join(format!("{name}.json")), &text)?;
        output_folder::publish(partial, out)?;
        name = self::name(out, shape.name());
    }
    keep_with_run(folder, &name, &text)
}

/// The last part of a path, or else `other`: what a result is called.
pub fn name(path: &Path, other: &str) -> String {
    let name = path.file_name();
    name.map_or_else(
        || other.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
