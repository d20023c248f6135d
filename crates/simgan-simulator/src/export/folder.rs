//! An image folder: RGB PNGs, `labels.csv`, and `simulation.json`, from which it can be made again.

use std::io::{BufWriter, Cursor, Write};
use std::path::Path;

use image::{ImageFormat, RgbImage};
use serde::Serialize;

use crate::export::Export;
use crate::label_table;
use crate::scene::Description;
use simgan_base::files::disk;
use simgan_base::{Error, Result};

/// Name of the file that says what the images were made from.
const MANIFEST: &str = "simulation.json";

/// What the images of a folder were made from.
#[derive(Serialize)]
struct Manifest<'a> {
    #[serde(flatten)]
    scene: Description<'a>,
    start: u64,
    count: u64,
}

/// Writes all images, their labels and the manifest into `folder`.
pub(super) fn write(
    export: &Export,
    folder: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<()> {
    disk::create_dir_all(&folder.join("images"))?;
    let file = disk::File::create(&folder.join("labels.csv"))?;
    let mut table = BufWriter::new(file);
    writeln!(table, "{}", label_table::header())?;
    let make = |index| {
        let (image, labels) = export.scene.sample(index);
        let name = label_table::file_name(index);
        disk::write(&folder.join(&name), png(&image)?)?;
        Ok(label_table::row(&name, &labels))
    };
    let take = |row: String| Ok(writeln!(table, "{row}")?);
    export.for_each(make, take, progress)?;
    table.flush()?;
    write_manifest(export, folder)
}

fn png(image: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(vec![]);
    image
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|e| Error::data(format!("an image cannot be written as PNG: {e}")))?;
    Ok(bytes.into_inner())
}

fn write_manifest(export: &Export, folder: &Path) -> Result<()> {
    let manifest = Manifest {
        scene: export.scene.description(),
        start: export.start,
        count: export.count,
    };
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|e| Error::config(format!("{MANIFEST} cannot be written: {e}")))?;
    disk::write(&folder.join(MANIFEST), text + "\n")
}
