//! The parsers of data sets as functions of bytes. No part of the interface.

#![allow(missing_docs, clippy::unwrap_used)] // it is a part of tests

use std::borrow::Cow;
use std::io::{Cursor, Write};

use crate::labels::Labels;
use crate::mpiigaze::evaluation_lists;
use crate::pixel_cache::PixelCache;
use crate::source::{Place, Source};
use crate::tar::index as tar_index;
use crate::tar::labels::{Kind, cells};
use crate::{Preprocessing, decode, mpiigaze, unity_eyes};
use simgan_base::{Error, Result};

pub fn image(bytes: &[u8]) -> Result<()> {
    let image = decode::decode(Cursor::new(bytes))?;
    for channels in [1, 3] {
        let chain = Preprocessing {
            channels,
            ..Preprocessing::default()
        };
        chain.apply(image.clone())?;
    }
    Ok(())
}

pub fn mat(bytes: &[u8]) -> Result<()> {
    mpiigaze::read_bytes(bytes).map(|_| ())
}

pub fn unity_eyes(bytes: &[u8]) -> Result<()> {
    unity_eyes::describe_and_crop(bytes).map(|_| ())
}

pub fn labels(bytes: &[u8]) -> Result<()> {
    let labels = Labels::parse(bytes.to_vec(), "labels.csv")?;
    for row in 0..labels.len().min(100) {
        labels.file(row);
        labels.line(row);
    }
    for column in labels.columns().iter().take(100) {
        let _ = labels.numbers(column);
    }
    Ok(labels.write_to(std::io::sink())?)
}

pub fn evaluation_list(bytes: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(bytes);
    match text.lines().all(evaluation_lists::is_line) {
        true => Ok(()),
        false => Err(Error::data("a line is no photo and side")),
    }
}

pub fn tar(bytes: &[u8]) -> Result<()> {
    tar_index::scan_bytes(bytes)
}

pub fn tar_labels(bytes: &[u8]) -> Result<()> {
    cells(Kind::Class, bytes)?;
    cells(Kind::Json, bytes).map(|_| ())
}

/// A cache file; it is read by its path only.
pub fn pixel_cache(bytes: &[u8]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cache = PixelCache::open(folder.path())?;
    fs_err::File::create(cache.path("k"))?.write_all(bytes)?;
    let cached = cache.get("k", "labels.csv");
    let cached = cached.ok_or_else(|| Error::data("it is damaged"))?;
    for index in 0..cached.names.len() {
        cached.image(index);
    }
    Ok(())
}

pub fn source(bytes: &[u8]) -> Result<()> {
    let text: Cow<str> = String::from_utf8_lossy(bytes);
    let source = Source::parse(&text)?;
    source.indices(17);
    match source.place() {
        Place::Simulator(simulator) => simulator.simulator(&Preprocessing::default()).map(|_| ()),
        Place::Folder(_) => Ok(()),
    }
}

/// A cache file that is sound.
pub fn small_cache() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let cache = PixelCache::open(folder.path()).unwrap();
    crate::pixel_cache::fixture::store(&cache, "k");
    fs_err::read(cache.path("k")).unwrap()
}
