//! A small cache file, for tests.

#![allow(clippy::unwrap_used)] // it is a part of tests

use super::*;

pub(crate) fn store(cache: &PixelCache, key: &str) {
    let mut writer = cache.create([1, 2, 3]).unwrap();
    writer.push(&[1, 2, 3, 4, 5, 6]).unwrap();
    writer.push(&[7; 6]).unwrap();
    let labels = Labels::parse(b"file,x\na,1\nb,2\nc,3\n".to_vec(), "t")
        .unwrap()
        .subset(&[2, 0]);
    let mut meta = Meta {
        labelled: true,
        ..Default::default()
    };
    meta.quarantine.push("b", "it is bad");
    let names = ["c", "a"].iter().collect();
    writer
        .finish(&names, Some(&labels), &meta, &cache.path(key))
        .unwrap();
}
