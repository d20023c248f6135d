//! Random damage to sound files.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// Most bytes of a mutated file.
const MOST: usize = 1 << 16;
/// What lengths and counts are set to.
const EXTREMES: [u64; 10] = [
    0,
    1,
    0x7f,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 32,
    u64::MAX >> 1,
    u64::MAX,
];
/// What numbers in a text are set to, and what is put between its parts.
const TEXTS: [&str; 14] = [
    "18446744073709551616",
    "-1",
    "1e999",
    "NaN",
    "\"",
    "[[[[[[[[",
    "{\"a\":",
    "\0",
    "../",
    "\u{feff}",
    "\n\n",
    ",,,,",
    "é",
    "null",
];

/// One of `seeds` with up to four kinds of damage.
pub(super) fn mutated(seeds: &[Vec<u8>], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = seeds.choose(rng).cloned().unwrap_or_default();
    for _ in 0..rng.random_range(1..=4) {
        if bytes.is_empty() {
            break;
        }
        damage(&mut bytes, seeds, rng);
        bytes.truncate(MOST);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut impl Rng) {
    let at = rng.random_range(0..bytes.len());
    let end = (at + rng.random_range(1..=64)).min(bytes.len());
    match rng.random_range(0..9) {
        0 => bytes[at] ^= 1 << rng.random_range(0..8),
        1 => bytes[at] = rng.random(),
        2 => bytes[at..end].fill(*[0, 0xff, b'9', b'"'].choose(rng).unwrap()),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let chunk = bytes[at..end].repeat(rng.random_range(1..=200));
            drop(bytes.splice(at..at, chunk));
        }
        5 => {
            let text = TEXTS.choose(rng).unwrap();
            let text = text.repeat(rng.random_range(1..=64));
            drop(bytes.splice(at..at, text.into_bytes()));
        }
        6 => set_length(&mut bytes[at..], rng),
        7 => {
            let other = seeds.choose(rng).unwrap();
            let from = rng.random_range(0..other.len());
            bytes.truncate(at);
            bytes.extend(&other[from..]);
        }
        _ => replace_number(bytes, at, rng),
    }
}

/// Writes an extreme number of 2, 4 or 8 bytes, in either order.
fn set_length(bytes: &mut [u8], rng: &mut impl Rng) {
    let width: usize = *[2, 4, 8].choose(rng).unwrap();
    let value = EXTREMES.choose(rng).unwrap();
    let mut field = value.to_le_bytes()[..width].to_vec();
    if rng.random() {
        field.reverse();
    }
    let width = width.min(bytes.len());
    bytes[..width].copy_from_slice(&field[..width]);
}

/// Replaces the digits at or behind `at`.
fn replace_number(bytes: &mut Vec<u8>, at: usize, rng: &mut impl Rng) {
    let digit = |c: &u8| c.is_ascii_digit();
    let Some(start) = bytes[at..].iter().position(digit) else {
        return;
    };
    let start = at + start;
    let length = bytes[start..].iter().take_while(|c| digit(c)).count();
    let text = match rng.random() {
        true => EXTREMES.choose(rng).unwrap().to_string(),
        false => TEXTS.choose(rng).unwrap().to_string(),
    };
    drop(bytes.splice(start..start + length, text.into_bytes()));
}
