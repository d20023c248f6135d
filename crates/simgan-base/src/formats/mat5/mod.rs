//! Reader of MATLAB v5 files (`.mat`, MATLAB 5 to 7.2): numbers, text, cells and structs, compressed or not.
//!
//! After MathWorks, *MAT-File Format*, "Level 5". Files in MATLAB's v7.3 format are HDF5 and are refused by name.
//! Files are not trusted: depth, number of elements and inflated bytes are limited, and no input panics.

use std::io::Read;

use crate::{Error, Result};

/// Most bytes that one file may take in memory, inflated and converted.
const MAX_BYTES: u64 = 64 << 20;
/// Deepest nesting of cells and structs.
const MAX_DEPTH: usize = 16;
/// Most cells, fields and variables of one file, together.
const MAX_VALUES: usize = 1 << 18;
/// Bytes that each of them takes at most, besides its elements.
const VALUE_BYTES: u64 = 256;
/// Most bytes of a name.
const MAX_NAME: usize = 4096;
/// Most dimensions of an array.
const MAX_DIMENSIONS: usize = 16;
/// Bytes before the first element.
const HEADER: usize = 128;
/// Bytes of a variable that hold its name, unless that is very long.
const HEAD: u64 = 1024;

/// An array of MATLAB: elements in column-major order (the first index runs fastest).
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Length along each dimension, at least two.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Data,
}

/// Elements of an [`Array`].
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// `uint8` and `logical`.
    U8(Vec<u8>),
    /// Every other class of numbers; 64-bit integers beyond 2^53 are rounded. Imaginary parts are left out.
    F64(Vec<f64>),
    /// `char`.
    Text(String),
    /// `cell`.
    Cell(Vec<Array>),
    /// `struct` and objects: names of the fields, and for each element of the array the values in that order.
    Struct(Vec<String>, Vec<Vec<Array>>),
    /// A class that is not read (sparse matrices, function handles).
    Other,
}

impl Array {
    /// A field of a struct, of its first element.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Data::Struct(names, elements) = &self.data else {
            return None;
        };
        let index = names.iter().position(|n| n == name)?;
        elements.first()?.get(index)
    }

    /// Numbers of any class as `f64`.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        match &self.data {
            Data::U8(values) => Some(values.iter().map(|&v| f64::from(v)).collect()),
            Data::F64(values) => Some(values.clone()),
            _ => None,
        }
    }

    /// Text of a `char` array.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn hdf5() -> Error {
    malformed("it is a MATLAB v7.3 (HDF5) file; those of `save` with -v7 are read")
        .with_hint("save it with -v7 in MATLAB")
}

/// The variables of a file and their names, in the order of the file.
///
/// # Errors
/// The bytes are no MATLAB v5 file, end too soon, or go beyond the limits.
pub fn read(bytes: &[u8]) -> Result<Vec<(String, Array)>> {
    let mut cursor = content(bytes)?;
    let mut budget = Budget::of(MAX_BYTES);
    let mut variables = vec![];
    while !cursor.rest.is_empty() {
        let element = cursor.element()?;
        variables.extend(variable(&element, cursor.big_endian, &mut budget)?);
    }
    Ok(variables)
}

/// The variable called `wanted`, which may take `most_bytes` in memory, inflated and converted; others are passed over.
///
/// # Errors
/// Those of [`read`].
pub fn read_variable(bytes: &[u8], wanted: &str, most_bytes: u64) -> Result<Option<Array>> {
    let mut cursor = content(bytes)?;
    while !cursor.rest.is_empty() {
        let element = cursor.element()?;
        if name_of(&element, cursor.big_endian).as_deref() == Some(wanted) {
            let mut budget = Budget::of(most_bytes);
            let found = variable(&element, cursor.big_endian, &mut budget)?;
            return Ok(found.map(|(_, array)| array));
        }
    }
    Ok(None)
}

/// What follows the header.
fn content(bytes: &[u8]) -> Result<Cursor<'_>> {
    let big_endian = match bytes.get(126..HEADER) {
        Some(b"IM") => false,
        Some(b"MI") => true,
        _ if bytes.starts_with(b"\x89HDF") => return Err(hdf5()),
        _ => return Err(malformed("it is no MATLAB file")),
    };
    let version: [u8; 2] = [bytes[124], bytes[125]];
    let version = if big_endian {
        u16::from_be_bytes(version)
    } else {
        u16::from_le_bytes(version)
    };
    if version == 0x0200 {
        return Err(hdf5());
    }
    if version != 0x0100 {
        return Err(malformed(format!(
            "it has the unknown version {version:#06x}"
        )));
    }
    Ok(Cursor {
        rest: &bytes[HEADER..],
        big_endian,
    })
}

/// A variable of a file and its name; `None` for other elements.
fn variable(
    element: &Element,
    big_endian: bool,
    budget: &mut Budget,
) -> Result<Option<(String, Array)>> {
    match element.kind {
        COMPRESSED => inflate(element.bytes, big_endian, budget),
        MATRIX => {
            let rest = element.bytes;
            matrix(Cursor { rest, big_endian }, 0, budget).map(Some)
        }
        _ => Ok(None),
    }
}

/// The name of a variable, of which its first bytes alone are looked at; `None` where they do not say.
fn name_of(element: &Element, big_endian: bool) -> Option<String> {
    let mut head = vec![];
    let rest = match element.kind {
        MATRIX => element.bytes,
        COMPRESSED => {
            let decoder = flate2::read::ZlibDecoder::new(element.bytes);
            decoder.take(HEAD).read_to_end(&mut head).ok()?;
            // Behind the tag of the element within.
            head.get(8..)?
        }
        _ => return None,
    };
    let mut cursor = Cursor { rest, big_endian };
    cursor.element().ok()?;
    cursor.element().ok()?;
    name(cursor.element().ok()?.bytes).ok()
}

const TEXT_KINDS: std::ops::RangeInclusive<u32> = 16..=18;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

fn malformed(what: impl Into<String>) -> Error {
    Error::data(what)
}

fn cut() -> Error {
    malformed("it ends too soon")
}

/// What a file may still use.
struct Budget {
    most_bytes: u64,
    bytes: u64,
    values: usize,
}

impl Budget {
    fn of(most_bytes: u64) -> Self {
        Self {
            most_bytes,
            bytes: most_bytes,
            values: MAX_VALUES,
        }
    }

    fn take_bytes(&mut self, bytes: u64) -> Result<()> {
        let left = self.bytes.checked_sub(bytes);
        let most = self.most_bytes;
        self.bytes =
            left.ok_or_else(|| malformed(format!("it takes more than {most} bytes of memory")))?;
        Ok(())
    }

    fn take_values(&mut self, values: usize) -> Result<()> {
        let left = self.values.checked_sub(values);
        self.values = left
            .ok_or_else(|| malformed(format!("it has more than {MAX_VALUES} cells and fields")))?;
        self.take_bytes(VALUE_BYTES * values as u64)
    }
}

/// A tagged piece of a file.
struct Element<'a> {
    kind: u32,
    bytes: &'a [u8],
}

/// Reads elements one after the other.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a [u8],
    big_endian: bool,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(cut)?;
        self.rest = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(unsigned(self.take(4)?, self.big_endian) as u32)
    }

    /// The next element; its padding to 8 bytes is skipped.
    fn element(&mut self) -> Result<Element<'a>> {
        let tag = self.u32()?;
        if tag >> 16 != 0 {
            // A small element: length and kind in one word, up to 4 bytes in the next.
            let data = self.take(4)?;
            let bytes = data
                .get(..(tag >> 16) as usize)
                .ok_or_else(|| malformed("a small element is too long"))?;
            return Ok(Element {
                kind: tag & 0xffff,
                bytes,
            });
        }
        let length = self.u32()? as usize;
        let bytes = self.take(length)?;
        if tag != COMPRESSED {
            // The last element of a file may lack its padding.
            let padding = length.wrapping_neg() % 8;
            self.take(padding.min(self.rest.len()))?;
        }
        Ok(Element { kind: tag, bytes })
    }

    fn integers(&mut self) -> Result<Vec<i64>> {
        let element = self.element()?;
        if !matches!(element.kind, 5 | 6) {
            return Err(malformed(format!(
                "it has an element of kind {} for a list of integers",
                element.kind
            )));
        }
        let word = |bytes: &[u8]| i64::from(unsigned(bytes, self.big_endian) as u32 as i32);
        // More are never asked for.
        let words = element.bytes.chunks_exact(4).take(MAX_DIMENSIONS + 1);
        Ok(words.map(word).collect())
    }
}

/// An unsigned integer of up to 8 bytes.
fn unsigned(bytes: &[u8], big_endian: bool) -> u64 {
    let add = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
    if big_endian {
        bytes.iter().fold(0, add)
    } else {
        bytes.iter().rev().fold(0, add)
    }
}

/// A compressed element holds one variable.
fn inflate(bytes: &[u8], big_endian: bool, budget: &mut Budget) -> Result<Option<(String, Array)>> {
    let damaged = |e: std::io::Error| {
        malformed(format!("a compressed element is damaged: {e}")).with_source(e)
    };
    let mut decoder = flate2::read::ZlibDecoder::new(bytes);
    let mut tag = [0; 8];
    decoder.read_exact(&mut tag).map_err(damaged)?;
    // Nothing is inflated beyond what the element says it has, and that only within the budget.
    let length = match unsigned(&tag[..4], big_endian) >> 16 {
        0 => unsigned(&tag[4..], big_endian),
        _ => 0,
    };
    budget.take_bytes(length)?;
    let mut inflated = tag.to_vec();
    decoder
        .take(length)
        .read_to_end(&mut inflated)
        .map_err(damaged)?;
    let element = Cursor {
        rest: &inflated,
        big_endian,
    }
    .element()?;
    if element.kind != MATRIX {
        return Ok(None);
    }
    matrix(
        Cursor {
            rest: element.bytes,
            big_endian,
        },
        0,
        budget,
    )
    .map(Some)
}

/// An array and its name: flags, dimensions, name, then what its class asks for.
fn matrix(mut cursor: Cursor, depth: usize, budget: &mut Budget) -> Result<(String, Array)> {
    if depth > MAX_DEPTH {
        return Err(malformed(format!(
            "its cells and structs are more than {MAX_DEPTH} deep"
        )));
    }
    budget.take_values(1)?;
    if cursor.rest.is_empty() {
        // An empty cell may be an element without content.
        return Ok((
            String::new(),
            Array {
                shape: vec![0, 0],
                data: Data::F64(vec![]),
            },
        ));
    }
    let flags = cursor.element()?;
    let class = unsigned(flags.bytes.get(..4).ok_or_else(cut)?, cursor.big_endian) & 0xff;
    if matches!(class, 5 | 16..) {
        return Ok((
            String::new(),
            Array {
                shape: vec![0, 0],
                data: Data::Other,
            },
        ));
    }
    let shape = shape(&cursor.integers()?)?;
    let count = shape
        .iter()
        .try_fold(1usize, |n, &d| n.checked_mul(d))
        .ok_or_else(|| malformed("an array is too large"))?;
    let name = name(cursor.element()?.bytes)?;
    let data = match class {
        1 => Data::Cell(children(&mut cursor, count, depth, budget)?),
        2 => structure(&mut cursor, count, depth, budget)?,
        3 => {
            // An object: the name of its class, then a struct.
            cursor.element()?;
            structure(&mut cursor, count, depth, budget)?
        }
        4 => Data::Text(text(&cursor.element()?, cursor.big_endian, budget)?),
        6..=15 => numeric(&cursor.element()?, class, count, cursor.big_endian, budget)?,
        _ => Data::Other,
    };
    Ok((name, Array { shape, data }))
}

fn name(bytes: &[u8]) -> Result<String> {
    if bytes.len() > MAX_NAME {
        let length = bytes.len();
        return Err(malformed(format!("a name of {length} bytes is too long")));
    }
    let end = bytes.iter().position(|&c| c == 0).unwrap_or(bytes.len());
    Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

fn shape(dimensions: &[i64]) -> Result<Vec<usize>> {
    let shape: Option<Vec<usize>> = dimensions
        .iter()
        .map(|&d| usize::try_from(d).ok())
        .collect();
    shape
        .filter(|shape| (2..=MAX_DIMENSIONS).contains(&shape.len()))
        .ok_or_else(|| malformed(format!("an array has the dimensions {dimensions:?}")))
}

fn children(
    cursor: &mut Cursor,
    count: usize,
    depth: usize,
    budget: &mut Budget,
) -> Result<Vec<Array>> {
    let mut arrays = vec![];
    for _ in 0..count {
        let element = cursor.element()?;
        if element.kind != MATRIX {
            return Err(malformed(format!(
                "a cell or field is an element of kind {}",
                element.kind
            )));
        }
        let inner = Cursor {
            rest: element.bytes,
            big_endian: cursor.big_endian,
        };
        arrays.push(matrix(inner, depth + 1, budget)?.1);
    }
    Ok(arrays)
}

fn structure(cursor: &mut Cursor, count: usize, depth: usize, budget: &mut Budget) -> Result<Data> {
    let length = cursor.integers()?.first().copied().unwrap_or(0);
    let length = usize::try_from(length)
        .ok()
        .filter(|&l| l > 0)
        .ok_or_else(|| malformed("a struct is malformed"))?;
    let names = cursor.element()?.bytes;
    budget.take_values(names.len() / length)?;
    let names: Vec<String> = names
        .chunks_exact(length)
        .map(name)
        .collect::<Result<_>>()?;
    let mut elements = vec![];
    for _ in 0..count {
        // Counted here too: elements without fields cost nothing in the file.
        budget.take_values(1)?;
        elements.push(children(cursor, names.len(), depth, budget)?);
    }
    Ok(Data::Struct(names, elements))
}

fn text(element: &Element, big_endian: bool, budget: &mut Budget) -> Result<String> {
    budget.take_bytes(3 * element.bytes.len() as u64)?;
    let units = |size| {
        element
            .bytes
            .chunks_exact(size)
            .map(move |unit| unsigned(unit, big_endian))
    };
    Ok(match element.kind {
        4 | 17 => {
            let units: Vec<u16> = units(2).map(|unit| unit as u16).collect();
            String::from_utf16_lossy(&units)
        }
        18 => units(4)
            .map(|unit| char::from_u32(unit as u32).unwrap_or('\u{fffd}'))
            .collect(),
        kind if matches!(kind, 1 | 2) || TEXT_KINDS.contains(&kind) => {
            String::from_utf8_lossy(element.bytes).into_owned()
        }
        kind => return Err(malformed(format!("it has text of kind {kind}"))),
    })
}

/// Numbers are stored in the smallest kind that holds them, whatever their class.
fn numeric(
    element: &Element,
    class: u64,
    count: usize,
    big_endian: bool,
    budget: &mut Budget,
) -> Result<Data> {
    let (size, convert): (usize, fn(u64) -> f64) = match element.kind {
        1 => (1, |v| f64::from(v as u8 as i8)),
        2 => (1, |v| v as f64),
        3 => (2, |v| f64::from(v as u16 as i16)),
        4 => (2, |v| v as f64),
        5 => (4, |v| f64::from(v as u32 as i32)),
        6 => (4, |v| v as f64),
        7 => (4, |v| f64::from(f32::from_bits(v as u32))),
        9 => (8, f64::from_bits),
        12 => (8, |v| v as i64 as f64),
        13 => (8, |v| v as f64),
        kind => return Err(malformed(format!("it has numbers of kind {kind}"))),
    };
    if element.bytes.len() / size != count || !element.bytes.len().is_multiple_of(size) {
        return Err(malformed(format!(
            "an array of {count} numbers has {} bytes",
            element.bytes.len()
        )));
    }
    if class == 9 && element.kind == 2 {
        budget.take_bytes(count as u64)?;
        return Ok(Data::U8(element.bytes.to_vec()));
    }
    budget.take_bytes(8 * count as u64)?;
    let values = element
        .bytes
        .chunks_exact(size)
        .map(|bytes| convert(unsigned(bytes, big_endian)));
    if class == 9 {
        return Ok(Data::U8(values.map(|v| v as u8).collect()));
    }
    Ok(Data::F64(values.collect()))
}

#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod fixture;
#[cfg(test)]
mod tests;
