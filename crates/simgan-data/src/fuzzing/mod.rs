//! The parsers of data sets as functions of bytes. No part of the interface.

#![allow(missing_docs, clippy::unwrap_used)] // it is a part of tests

mod seeds;

use std::borrow::Cow;
use std::io::{Cursor, Write};

use crate::carried::Move;
use crate::formats::{FORMATS, FuzzedParser};
use crate::labels::Labels;
use crate::pixel_cache::PixelCache;
use crate::source::{Place, Source};
use crate::{PixelMap, Preprocessing, decode, png_mask};
use simgan_base::{Error, Result};

/// The parsers of all formats, and of what they have in common.
pub fn parsers() -> Vec<FuzzedParser> {
    let common: [FuzzedParser; 5] = [
        ("image", image, seeds::images),
        ("labels", labels, seeds::tables),
        ("mask", mask, seeds::masks),
        ("pixel_cache", pixel_cache, || vec![small_cache()]),
        ("source", source, seeds::sources),
    ];
    let formats = FORMATS.iter().flat_map(|format| format.parsers);
    common.into_iter().chain(formats.copied()).collect()
}

fn image(bytes: &[u8]) -> Result<()> {
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

fn labels(bytes: &[u8]) -> Result<()> {
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

/// A mask of an image of 9x7 pixels that is mirrored.
fn mask(bytes: &[u8]) -> Result<()> {
    let mirror = Move::of(PixelMap::mirrored([9, 7]));
    png_mask::moved(bytes.to_vec(), &mirror).map(|_| ())
}

/// A cache file; it is read by its path only.
fn pixel_cache(bytes: &[u8]) -> Result<()> {
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

fn source(bytes: &[u8]) -> Result<()> {
    let text: Cow<str> = String::from_utf8_lossy(bytes);
    let source = Source::parse(&text)?;
    source.indices(17);
    match source.place() {
        Place::Simulator(simulator) => simulator.simulator(&Preprocessing::default()).map(|_| ()),
        Place::Folder(_) => Ok(()),
    }
}

/// A cache file that is sound.
fn small_cache() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let cache = PixelCache::open(folder.path()).unwrap();
    crate::pixel_cache::fixture::store(&cache, "k");
    fs_err::read(cache.path("k")).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_examples_are_accepted_and_cut_ones_return() {
        for (name, parse, seeds) in parsers() {
            for seed in seeds() {
                parse(&seed).unwrap_or_else(|e| panic!("{name}: {e}"));
                let step = (seed.len() / 200).max(1);
                for end in (0..seed.len()).step_by(step) {
                    let _ = parse(&seed[..end]);
                }
            }
        }
    }
}
