//! Masks in PNG files, moved as the pixels of their image: the nearest value, never one between two.

use std::io::Cursor;

use png::{ColorType, Decoder, Encoder, Info, Limits, Transformations};

use crate::carried::Move;
use crate::decode::MAX_FILE_SIDE;
use crate::pixel_map::PixelMap;
use simgan_base::{Error, Result};

/// Most bytes that a mask takes decoded: 25 megapixels of 8-bit RGB.
const MAX_BYTES: usize = 72 << 20;
/// First bytes of a PNG file.
const FIRST_BYTES: [u8; 4] = *b"\x89PNG";
/// What a mask has to be for its classes to be known.
const NUMBERS: &str = "write masks as PNG with one number a pixel: grey levels or a palette";

/// The bytes of a mask whose image has moved: those given where no pixel moves, else a PNG file of the same kind, with its
/// palette.
///
/// # Errors
/// It is no PNG file, damaged, or of another size than its image had. The sentence starts with "it".
pub(crate) fn moved(bytes: Vec<u8>, moving: &Move) -> Result<Vec<u8>> {
    let is_png = bytes.starts_with(&FIRST_BYTES);
    let size = is_png.then(|| size_of(&bytes)).flatten();
    let map = moving.of_labels(size).map;
    if map.is_identity() {
        return Ok(bytes);
    }
    if !is_png {
        return Err(
            Error::data("it is no PNG file, and its image is cropped or resized")
                .with_hint("write masks as PNG: other files may blur classes, or lose them"),
        );
    }
    Samples::of_image(&bytes, &map)?.moved(&map).encode()
}

/// The number that every pixel of a mask has whose image has moved, row by row: its grey level or its place in the palette,
/// as the file states it.
///
/// # Errors
/// It is no PNG file, damaged, of another size than its image had, or has colours. The sentence starts with "it".
pub(crate) fn classes(bytes: &[u8], moving: &Move) -> Result<Vec<u16>> {
    if !bytes.starts_with(&FIRST_BYTES) {
        return Err(Error::data("it is no PNG file").with_hint(NUMBERS));
    }
    let map = moving.of_labels(size_of(bytes)).map;
    let mask = Samples::of_image(bytes, &map)?;
    if !matches!(
        mask.info.color_type,
        ColorType::Grayscale | ColorType::Indexed
    ) {
        return Err(Error::data("it has colours, not a number a pixel").with_hint(NUMBERS));
    }
    let class = |column, row| match mask.pixel(column, row)[..] {
        [byte] if mask.bits < 8 => u16::from(byte >> (8 - mask.bits)),
        [byte] => u16::from(byte),
        [high, low, ..] => u16::from_be_bytes([high, low]),
        [] => 0,
    };
    Ok(map.nearest(class))
}

/// Width and height that the header of a PNG file states.
fn size_of(bytes: &[u8]) -> Option<[u32; 2]> {
    let side = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    Some([side(16)?, side(20)?])
}

/// The samples of a PNG file as they are stored: indices of a palette, grey or colours, of any depth.
struct Samples<'a> {
    size: [u32; 2],
    /// What the file says of itself.
    info: Info<'a>,
    /// Bits of a pixel.
    bits: usize,
    /// Row by row; rows begin at a byte.
    rows: Vec<u8>,
}

impl Samples<'_> {
    /// Those of the mask of an image that `map` moves.
    fn of_image(bytes: &[u8], map: &PixelMap) -> Result<Samples<'static>> {
        let mask = Self::decode(bytes)?;
        let ([wide, high], [width, height]) = (mask.size, map.before());
        match mask.size == map.before() {
            true => Ok(mask),
            false => Err(Error::data(format!(
                "it is {wide}x{high}, but its image is {width}x{height}"
            ))
            .with_hint("a mask has the size of its image, upright or as it is stored")),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Samples<'static>> {
        let damaged = |e: png::DecodingError| Error::data(format!("it is damaged: {e}"));
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_BYTES });
        decoder.set_transformations(Transformations::IDENTITY);
        let mut reader = decoder.read_info().map_err(damaged)?;
        let info = reader.info().clone();
        let too_large = || Error::data("it is too large");
        let length = reader.output_buffer_size().ok_or_else(too_large)?;
        if info.width > MAX_FILE_SIDE || info.height > MAX_FILE_SIDE || length > MAX_BYTES {
            return Err(too_large());
        }
        let mut rows = vec![0; length];
        reader.next_frame(&mut rows).map_err(damaged)?;
        Ok(Samples {
            size: [info.width, info.height],
            bits: info.bits_per_pixel(),
            info: owned(&info),
            rows,
        })
    }

    /// Bytes of a row of so many pixels.
    fn row_bytes(&self, width: u32) -> usize {
        (width as usize * self.bits).div_ceil(8)
    }

    /// The bytes of the pixel at column and row; one byte, at its upper end, where it has fewer than eight bits.
    fn pixel(&self, column: usize, row: usize) -> Vec<u8> {
        let (at, start) = (column * self.bits, row * self.row_bytes(self.size[0]));
        let bytes = &self.rows[start + at / 8..];
        match self.bits {
            bits @ 0..8 => vec![bytes[0] << (at % 8) & !(0xff >> bits)],
            bits => bytes[..bits / 8].to_vec(),
        }
    }

    fn moved(&self, map: &PixelMap) -> Self {
        let size = map.behind();
        let row_bytes = self.row_bytes(size[0]);
        let mut rows = vec![0; row_bytes * size[1] as usize];
        let pixels = map.nearest(|column, row| self.pixel(column, row));
        for (place, pixel) in pixels.into_iter().enumerate() {
            let (column, row) = (place % size[0] as usize, place / size[0] as usize);
            let at = column * self.bits;
            let start = row * row_bytes + at / 8;
            for (byte, value) in rows[start..].iter_mut().zip(pixel) {
                *byte |= value >> (at % 8);
            }
        }
        Self {
            size,
            info: self.info.clone(),
            bits: self.bits,
            rows,
        }
    }

    fn encode(mut self) -> Result<Vec<u8>> {
        let cannot = |e: png::EncodingError| Error::data(format!("it cannot be written: {e}"));
        [self.info.width, self.info.height] = self.size;
        let mut bytes = vec![];
        let encoder = Encoder::with_info(&mut bytes, self.info).map_err(cannot)?;
        let mut writer = encoder.write_header().map_err(cannot)?;
        writer.write_image_data(&self.rows).map_err(cannot)?;
        writer.finish().map_err(cannot)?;
        Ok(bytes)
    }
}

/// What decides how samples are read: kind, depth, palette and transparency.
fn owned(info: &Info) -> Info<'static> {
    let mut kept = Info::with_size(info.width, info.height);
    kept.color_type = info.color_type;
    kept.bit_depth = info.bit_depth;
    kept.palette = info.palette.as_ref().map(|bytes| bytes.to_vec().into());
    kept.trns = info.trns.as_ref().map(|bytes| bytes.to_vec().into());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preprocessing;
    use image::metadata::Orientation;
    use png::BitDepth;
    use proptest::prelude::*;

    /// A file of 8x4 pixels whose samples are `rows`.
    fn file(color: ColorType, depth: BitDepth, rows: &[u8]) -> Vec<u8> {
        let mut bytes = vec![];
        let mut encoder = Encoder::new(&mut bytes, 8, 4);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette((0..48).collect::<Vec<u8>>());
            encoder.set_trns(vec![0, 255]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(rows).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn map(width: usize, height: usize) -> Move {
        let chain = Preprocessing {
            width,
            height,
            ..Default::default()
        };
        Move::of(PixelMap::of(&chain, [8, 4]).unwrap())
    }

    #[test]
    fn what_does_not_move_keeps_its_bytes_whatever_it_is() {
        let same = Move::of(PixelMap::identity([8, 4]));
        assert_eq!(moved(b"GIF89a".to_vec(), &same).unwrap(), b"GIF89a");
        let error = moved(b"GIF89a".to_vec(), &map(4, 2)).unwrap_err();
        assert!(
            error.to_string().starts_with("it is no PNG file"),
            "{error}"
        );
    }

    #[test]
    fn another_size_than_the_images_is_told() {
        let bytes = file(ColorType::Grayscale, BitDepth::Eight, &[0; 32]);
        let chain = Preprocessing::default();
        let error = moved(bytes, &Move::of(PixelMap::of(&chain, [9, 9]).unwrap())).unwrap_err();
        assert_eq!(error.to_string(), "it is 8x4, but its image is 9x9");
    }

    #[test]
    fn a_mask_lies_as_its_image_is_stored_or_upright() {
        let rows: Vec<u8> = (0..32).collect();
        let lying = file(ColorType::Grayscale, BitDepth::Eight, &rows);
        let turn = PixelMap::upright(Orientation::Rotate90, [8, 4]);
        let moving = Move::of_turned(turn, PixelMap::identity([4, 8]));
        let upright = moved(lying.clone(), &moving).unwrap();
        let mask = Samples::decode(&upright).unwrap();
        assert_eq!((mask.size, &mask.rows[..4]), ([4, 8], &[24, 16, 8, 0][..]));
        assert_eq!(moved(upright.clone(), &moving).unwrap(), upright);
        // Where no side changes nothing tells them apart: a mask is upright.
        let turn = PixelMap::upright(Orientation::Rotate180, [8, 4]);
        let moving = Move::of_turned(turn, PixelMap::identity([8, 4]));
        assert_eq!(moved(lying.clone(), &moving).unwrap(), lying);
    }

    #[test]
    fn a_palette_keeps_its_indices_and_colours() {
        // Sixteen indices, two a byte.
        let rows = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef].repeat(2);
        let bytes = file(ColorType::Indexed, BitDepth::Four, &rows);
        let half = moved(bytes.clone(), &map(4, 2)).unwrap();
        let mask = Samples::decode(&half).unwrap();
        assert_eq!(
            (mask.size, mask.info.color_type),
            ([4, 2], ColorType::Indexed)
        );
        // The second pixel of two, in the second row of two.
        assert_eq!(mask.rows, [0x9b, 0xdf, 0x9b, 0xdf]);
        assert_eq!(mask.info.palette.unwrap().len(), 48);
        assert_eq!(mask.info.trns.unwrap().as_ref(), [0, 255]);
        let mirror = Move::of(PixelMap::mirrored([8, 4]));
        let there = moved(bytes, &mirror).unwrap();
        assert_eq!(
            Samples::decode(&moved(there, &mirror).unwrap())
                .unwrap()
                .rows,
            rows
        );
    }

    #[test]
    fn classes_are_the_numbers_that_the_file_has() {
        let rows = [0x01, 0x23, 0x45, 0x67].repeat(4);
        let palette = file(ColorType::Indexed, BitDepth::Four, &rows);
        let same = Move::of(PixelMap::identity([8, 4]));
        let shown = classes(&palette, &same).unwrap();
        assert_eq!((shown.len(), &shown[..4]), (32, &[0, 1, 2, 3][..]));
        let mirror = Move::of(PixelMap::mirrored([8, 4]));
        assert_eq!(classes(&palette, &mirror).unwrap()[..4], [7, 6, 5, 4]);
        let quarter = classes(&palette, &map(2, 1)).unwrap();
        assert_eq!(quarter, [2, 6]);
        let deep: Vec<u8> = (0..64).collect();
        let deep = file(ColorType::Grayscale, BitDepth::Sixteen, &deep);
        assert_eq!(classes(&deep, &same).unwrap()[1], 0x0203);
        let colours = file(ColorType::Rgb, BitDepth::Eight, &[7; 96]);
        let larger = Move::of(PixelMap::identity([9, 9]));
        for (bytes, moving, told) in [
            (&colours[..], &same, "it has colours"),
            (&palette[..], &larger, "it is 8x4"),
            (b"GIF89a", &same, "it is no PNG file"),
        ] {
            let error = classes(bytes, moving).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    proptest! {
        #[test]
        fn twice_as_large_comes_back(kind in 0usize..7, seed in any::<u64>()) {
            // The last number is that of bytes a row.
            let (color, depth, bytes) = [
                (ColorType::Grayscale, BitDepth::One, 1),
                (ColorType::Indexed, BitDepth::Two, 2),
                (ColorType::Indexed, BitDepth::Eight, 8),
                (ColorType::Grayscale, BitDepth::Sixteen, 16),
                (ColorType::Rgb, BitDepth::Eight, 24),
                (ColorType::Rgba, BitDepth::Eight, 32),
                (ColorType::Grayscale, BitDepth::Eight, 8),
            ][kind];
            let bytes = 4 * bytes;
            let level = |i: usize| (seed.rotate_left(7 * i as u32 % 64) % 16) as u8;
            let rows: Vec<u8> = (0..bytes).map(level).collect();
            let there = moved(file(color, depth, &rows), &map(16, 8)).unwrap();
            let back = moved(there, &Move::of(map(16, 8).map.inverse())).unwrap();
            prop_assert_eq!(Samples::decode(&back).unwrap().rows, rows);
        }

        #[test]
        fn any_bytes_return(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let whole = [&file(ColorType::Rgb, BitDepth::Eight, &[7; 96])[..40], &bytes].concat();
            let _ = moved(whole, &map(3, 3));
        }
    }
}
