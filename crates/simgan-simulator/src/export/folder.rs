//! An image folder: PNGs, `labels.csv`, and `simulation.json`, from which it can be made again.

use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use crate::export::images::{Images, Progress};
use crate::export::layout::Layout;
use crate::label_table;
use crate::simulator::{Description, Simulator};
use simgan_base::files::disk;
use simgan_base::{Error, Result};

/// Name of the file that says what the images were made from.
const MANIFEST: &str = "simulation.json";

/// What the images of a folder were made from.
#[derive(Serialize)]
struct Manifest<'a> {
    #[serde(flatten)]
    simulator: Description<'a>,
    start: u64,
    count: u64,
}

/// `images/000000.png` (RGB, or millimetres as grey of 16 bits), `labels.csv` and `simulation.json`.
#[derive(Debug)]
pub(super) struct Folder;

impl Layout for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    /// Every simulator has images and labels.
    fn check(&self, _: &dyn Simulator) -> Result<()> {
        Ok(())
    }

    fn write(&self, images: &Images, folder: &Path, progress: Progress) -> Result<()> {
        disk::create_dir_all(&folder.join("images"))?;
        let file = disk::File::create(&folder.join("labels.csv"))?;
        let mut table = BufWriter::new(file);
        let columns = images.simulator.columns();
        writeln!(table, "{}", label_table::header(&columns))?;
        let make = |index| {
            let (image, cells) = images.simulator.sample(index);
            let name = label_table::file_name(index);
            disk::write(&folder.join(&name), image.to_png()?)?;
            Ok(label_table::row(&name, &cells))
        };
        let take = |row: String| Ok(writeln!(table, "{row}")?);
        images.for_each(make, take, progress)?;
        table.flush()?;
        write_manifest(images, folder)
    }
}

fn write_manifest(images: &Images, folder: &Path) -> Result<()> {
    let manifest = Manifest {
        simulator: images.simulator.description(),
        start: images.start,
        count: images.count,
    };
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|e| Error::config(format!("{MANIFEST} cannot be written: {e}")))?;
    disk::write(&folder.join(MANIFEST), text + "\n")
}
