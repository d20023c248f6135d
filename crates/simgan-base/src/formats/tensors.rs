//! Reading safetensors files: the header is checked before the rest is read.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::files::limits;
use crate::files::limits::{TENSORS, TENSORS_HEADER};
use crate::{Error, Result};

/// Bytes before the header: its length.
const PREFIX: usize = 8;
/// How pickles of PyTorch start: inside a zip archive, or bare.
const PICKLES: [&[u8]; 2] = [b"PK\x03\x04", b"\x80\x02"];

/// The bytes of the safetensors file at `path`, for [`parse`].
///
/// # Errors
/// It is missing or too large, or starts with no header that fits it: then no more than that is read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut file = limits::open(path, TENSORS)?;
    let length = file.metadata()?.len();
    let mut bytes = vec![];
    file.by_ref().take(PREFIX as u64).read_to_end(&mut bytes)?;
    let header = header_length(&bytes, length).map_err(|e| damaged(path, e))?;
    file.by_ref().take(header).read_to_end(&mut bytes)?;
    check_header(&bytes[PREFIX..], length).map_err(|e| damaged(path, e))?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The tensors in `bytes`; `path` is what errors call them.
///
/// # Errors
/// They are no safetensors file.
pub fn parse<'a>(bytes: &'a [u8], path: &Path) -> Result<SafeTensors<'a>> {
    let length = bytes.len() as u64;
    let header = header_length(bytes, length).map_err(|e| damaged(path, e))? as usize;
    check_header(&bytes[PREFIX..PREFIX + header], length).map_err(|e| damaged(path, e))?;
    SafeTensors::deserialize(bytes).map_err(|e| damaged(path, e.to_string()))
}

/// Length of the header, which fits into a file of `length` bytes.
fn header_length(bytes: &[u8], length: u64) -> Result<u64, String> {
    if PICKLES.iter().any(|pickle| bytes.starts_with(pickle)) {
        return Err("it is a pickle of Python's, which is never read".into());
    }
    let prefix = bytes.first_chunk().ok_or("it ends within its header")?;
    let header = u64::from_le_bytes(*prefix);
    let most = TENSORS_HEADER.bytes;
    if header > most {
        return Err(format!(
            "its header has {header} bytes; at most {most} are read"
        ));
    }
    if header > length - PREFIX as u64 {
        return Err("it ends within its header".into());
    }
    Ok(header)
}

/// Every tensor lies within the file. Sums of offsets beyond 64 bits would go unnoticed later.
fn check_header(header: &[u8], length: u64) -> Result<(), String> {
    let tensors: BTreeMap<String, Value> =
        serde_json::from_slice(header).map_err(|e| format!("its header is malformed: {e}"))?;
    for (name, tensor) in &tensors {
        let Some(offsets) = tensor.get("data_offsets").and_then(Value::as_array) else {
            continue;
        };
        let inside = |offset: &Value| offset.as_u64().is_some_and(|offset| offset <= length);
        if !offsets.iter().all(inside) {
            return Err(format!(
                "its tensor `{}` lies outside of it",
                name.escape_debug()
            ));
        }
    }
    Ok(())
}

/// The error for a file that is not safetensors.
pub fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::model(format!(
        "{} is not a valid safetensors file: {why}",
        path.display()
    ))
    .with_hint("the file is damaged or of another kind; use an older checkpoint")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    fn error(bytes: &[u8]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("w");
        fs_err::write(&path, bytes).unwrap();
        let read = read(&path).and_then(|bytes| parse(&bytes, &path).map(|_| ()));
        let error = read.unwrap_err().to_string();
        assert_eq!(parse(bytes, &path).unwrap_err().to_string(), error);
        error.split_once("file: ").unwrap().1.to_owned()
    }

    #[test]
    fn a_sound_file_is_read() {
        let bytes = file(
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            8,
        );
        let tensors = parse(&bytes, Path::new("w")).unwrap();
        assert_eq!(tensors.tensor("a").unwrap().shape(), [2]);
    }

    #[test]
    fn absurd_headers_are_refused_by_what_is_wrong() {
        assert_eq!(error(b""), "it ends within its header");
        assert_eq!(error(&file("{}", 0)[..9]), "it ends within its header");
        assert!(error(&[0xff; 64]).starts_with("its header has 18446744073709551615 bytes"));
        assert!(error(&file("[", 0)).starts_with("its header is malformed"));
        assert!(error(b"PK\x03\x04 torch").starts_with("it is a pickle"));
        let outside = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,80000]}}"#;
        assert_eq!(
            error(&file(outside, 8)),
            "its tensor `a` lies outside of it"
        );
        let nested = format!("{{\"a\":{}", "[".repeat(100_000));
        assert!(error(&file(&nested, 0)).contains("recursion"));
    }

    /// Eight tensors whose ends add up to 2^64 and a little, so that a wrapping sum fits the file.
    #[test]
    fn sums_beyond_64_bits_are_refused() {
        let step = (1u64 << 61) - 1;
        let tensors: Vec<String> = (0..8)
            .map(|i| {
                let (start, end) = (i * step, (i + 1) * step);
                format!(r#""{i}":{{"dtype":"U8","shape":[{step}],"data_offsets":[{start},{end}]}}"#)
            })
            .collect();
        let bytes = file(&format!("{{{}}}", tensors.join(",")), 16);
        assert!(error(&bytes).ends_with("lies outside of it"));
    }

    #[test]
    fn shapes_that_overflow_are_refused() {
        let header =
            r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]}}"#;
        error(&file(header, 8));
    }
}
