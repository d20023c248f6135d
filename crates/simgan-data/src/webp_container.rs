//! What the container of a WebP file says: its length, and whether it is a film.

use std::io::{BufRead, Read, Seek};

use simgan_base::{Error, Result};

/// Refuses a file of `length` bytes that is cut off, of which a decoder may make up the rest, and an animation, of which it
/// would read one frame. The source is left at its start.
pub(crate) fn check(source: &mut (impl BufRead + Seek), length: u64) -> Result<()> {
    let mut start = vec![];
    source.rewind()?;
    source.by_ref().take(21).read_to_end(&mut start)?;
    source.rewind()?;
    let Some((&[_, _, _, _, b0, b1, b2, b3], rest)) = start.split_first_chunk() else {
        return Err(cut_off());
    };
    let stated = u64::from(u32::from_le_bytes([b0, b1, b2, b3])) + 8;
    if stated > length {
        return Err(cut_off());
    }
    let is_film = rest.starts_with(b"WEBPVP8X") && rest.get(12).is_some_and(|flags| flags & 2 != 0);
    match is_film {
        true => Err(Error::data(
            "it is an animation; images of one frame are read",
        )),
        false => Ok(()),
    }
}

fn cut_off() -> Error {
    Error::data("it is cut off: it states more bytes than it has")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn checked(bytes: &[u8]) -> Result<(), String> {
        check(&mut Cursor::new(bytes), bytes.len() as u64).map_err(|e| e.to_string())
    }

    #[test]
    fn every_cut_and_every_animation_is_refused() {
        let mut bytes = Cursor::new(vec![]);
        image::RgbImage::new(20, 10)
            .write_to(&mut bytes, image::ImageFormat::WebP)
            .unwrap();
        let bytes = bytes.into_inner();
        assert_eq!(checked(&bytes), Ok(()));
        assert!((0..bytes.len()).all(|cut| checked(&bytes[..cut]).is_err()));
        let film = *b"RIFF\x0e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0";
        assert!(checked(&film).unwrap_err().contains("animation"));
        let mut still = film;
        still[20] = 0x10;
        assert_eq!(checked(&still), Ok(()));
    }
}
