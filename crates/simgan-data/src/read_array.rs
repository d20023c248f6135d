//! A few bytes at a time, of files whose headers are followed here.

use std::io::Read;

/// The next bytes; `None` where there are fewer.
pub(crate) fn array<const N: usize>(source: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes).ok()?;
    Some(bytes)
}
