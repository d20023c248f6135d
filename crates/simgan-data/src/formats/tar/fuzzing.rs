//! Tars and their labels as bytes, for hostile input.

#![allow(clippy::unwrap_used)] // it is a part of tests

use crate::formats::tar::labels::{Kind, cells};
use simgan_base::Result;

pub(super) fn tars() -> Vec<Vec<u8>> {
    let mut tar = tar::Builder::new(vec![]);
    let long = format!("{}/1.json", "d".repeat(120));
    for (name, bytes) in [("1.png", "image"), ("1.json", "{}"), (long.as_str(), "[]")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_bytes())
            .unwrap();
    }
    tar.append_pax_extensions([("path", b"2.png".as_slice())])
        .unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    tar.append_data(&mut header, "short", &b""[..]).unwrap();
    vec![tar.into_inner().unwrap()]
}

pub(super) fn labels(bytes: &[u8]) -> Result<()> {
    cells(Kind::Class, bytes)?;
    cells(Kind::Json, bytes).map(|_| ())
}

pub(super) fn objects() -> Vec<Vec<u8>> {
    let object = r#"{"yaw": -0.50, "note": "a \"b\"", "c": [1, {"d": null}]}"#;
    vec![object.into()]
}
