//! Writer of TensorBoard event files: scalars and PNG images.
//!
//! An event file is a sequence of TFRecords, each
//! `length: u64, crc(length): u32, data, crc(data): u32` (little endian, masked CRC-32C), whose data is
//! one `Event` message of protocol buffers. Only the fields that are written are known here:
//!
//! ```text
//! Event   { wall_time: double = 1, step: int64 = 2, file_version: string = 3, summary: Summary = 5 }
//! Summary { value: repeated Value = 1 }
//! Value   { tag: string = 1, simple_value: float = 2, image: Image = 4 }
//! Image   { height: int32 = 1, width: int32 = 2, colorspace: int32 = 3, encoded_image_string: bytes = 4 }
//! ```

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Result;
use crate::files::disk;

/// Appends events to one event file, which TensorBoard may read while it grows.
#[derive(Debug)]
pub struct TensorBoardWriter {
    writer: BufWriter<disk::File>,
    path: PathBuf,
}

impl TensorBoardWriter {
    /// Starts a new event file in `folder`, which is made where it is missing.
    ///
    /// Several files in one folder are one run to TensorBoard, so a resumed training adds its own.
    ///
    /// # Errors
    /// The folder or file cannot be written.
    pub fn create(folder: &Path) -> Result<Self> {
        disk::create_dir_all(folder)?;
        let (file, path) = new_file(folder)?;
        let mut writer = Self {
            writer: BufWriter::new(file),
            path,
        };
        let mut event = Message::event(0);
        event.bytes(3, b"brain.Event:2");
        writer.record(&event)?;
        writer.flush()?;
        Ok(writer)
    }

    /// Path of the event file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a value of the curve `tag` (`refiner/loss`: the part before the slash groups curves).
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn scalar(&mut self, tag: &str, step: u64, value: f32) -> Result<()> {
        let mut entry = Message::default();
        entry.bytes(1, tag.as_bytes());
        entry.float(2, value);
        self.summary(step, &entry)
    }

    /// Adds an image: `png` is a whole PNG file of `width` x `height` pixels and `channels` channels (1, 3 or 4).
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn image_png(
        &mut self,
        tag: &str,
        step: u64,
        width: u32,
        height: u32,
        channels: u32,
        png: &[u8],
    ) -> Result<()> {
        let mut image = Message::default();
        image.integer(1, height.into());
        image.integer(2, width.into());
        image.integer(3, channels.into());
        image.bytes(4, png);
        let mut entry = Message::default();
        entry.bytes(1, tag.as_bytes());
        entry.bytes(4, &image.0);
        self.summary(step, &entry)
    }

    /// Hands everything written so far to the operating system.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.writer.flush()?;
        Ok(())
    }

    fn summary(&mut self, step: u64, entry: &Message) -> Result<()> {
        let mut summary = Message::default();
        summary.bytes(1, &entry.0);
        let mut event = Message::event(step);
        event.bytes(5, &summary.0);
        self.record(&event)
    }

    /// Frames one message as a TFRecord.
    fn record(&mut self, message: &Message) -> Result<()> {
        let length = (message.0.len() as u64).to_le_bytes();
        self.writer.write_all(&length)?;
        self.writer.write_all(&masked_crc(&length).to_le_bytes())?;
        self.writer.write_all(&message.0)?;
        self.writer
            .write_all(&masked_crc(&message.0).to_le_bytes())?;
        Ok(())
    }
}

/// A file whose name TensorBoard recognises and sorts by time; the number keeps two of one second apart.
fn new_file(folder: &Path) -> Result<(disk::File, PathBuf)> {
    let seconds = since_epoch().as_secs();
    let mut number = 0;
    loop {
        let path = folder.join(format!("events.out.tfevents.{seconds:010}.simgan.{number}"));
        match disk::File::create_new(&path) {
            Ok(file) => return Ok((file, path)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(e) => return Err(e.into()),
        }
    }
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// A protocol-buffers message under construction. Field numbers are below 16, so a key is one byte.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    /// An `Event` of now.
    fn event(step: u64) -> Self {
        let mut event = Self::default();
        event.0.push(1 << 3 | 1);
        event.0.extend(since_epoch().as_secs_f64().to_le_bytes());
        event.integer(2, step);
        event
    }

    fn integer(&mut self, field: u8, value: u64) {
        self.0.push(field << 3);
        self.varint(value);
    }

    fn float(&mut self, field: u8, value: f32) {
        self.0.push(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u8, value: &[u8]) {
        self.0.push(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    /// Seven bits a byte, least significant first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// CRC-32C rotated and offset, as TFRecord stores it, so that a CRC over data that holds CRCs stays meaningful.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli polynomial, reflected).
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        CRC_TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

const CRC_TABLE: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0x82f6_3b78
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field of a message: its number and its raw value.
    #[derive(Debug, PartialEq)]
    enum Field {
        Integer(u8, u64),
        Double(u8, f64),
        Float(u8, f32),
        Bytes(u8, Vec<u8>),
    }

    fn take<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
        let (head, tail) = bytes.split_at(n);
        *bytes = tail;
        head
    }

    fn take_varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = take(bytes, 1)[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }

    fn decode(mut bytes: &[u8]) -> Vec<Field> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = take_varint(&mut bytes) as u8;
            let field = key >> 3;
            fields.push(match key & 7 {
                0 => Field::Integer(field, take_varint(&mut bytes)),
                1 => Field::Double(
                    field,
                    f64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap()),
                ),
                2 => {
                    let length = take_varint(&mut bytes) as usize;
                    Field::Bytes(field, take(&mut bytes, length).to_vec())
                }
                5 => Field::Float(
                    field,
                    f32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()),
                ),
                wire => panic!("wire type {wire}"),
            });
        }
        fields
    }

    /// Records of a file, both checksums verified by the bit-by-bit definition.
    fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let length = take(&mut bytes, 8);
            let check = u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap());
            assert_eq!(unmask(check), slow_crc(length));
            let data = take(
                &mut bytes,
                u64::from_le_bytes(length.try_into().unwrap()) as usize,
            );
            let check = u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap());
            assert_eq!(unmask(check), slow_crc(data));
            records.push(data.to_vec());
        }
        records
    }

    fn unmask(masked: u32) -> u32 {
        let rotated = masked.wrapping_sub(0xa282_ead8);
        rotated.rotate_left(15)
    }

    fn slow_crc(bytes: &[u8]) -> u32 {
        let mut crc = !0_u32;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
            }
        }
        !crc
    }

    fn field(message: &[u8], number: u8) -> Field {
        let matches = |f: &Field| matches!(f, Field::Integer(n, _) | Field::Double(n, _) | Field::Float(n, _) | Field::Bytes(n, _) if *n == number);
        decode(message).into_iter().find(matches).unwrap()
    }

    fn nested(message: &[u8], number: u8) -> Vec<u8> {
        match field(message, number) {
            Field::Bytes(_, bytes) => bytes,
            other => panic!("{other:?} is no message"),
        }
    }

    #[test]
    fn crc32c_of_known_texts() {
        // RFC 3720, appendix B.4, and the common check value.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = TensorBoardWriter::create(folder.path()).unwrap();
        writer.scalar("refiner/loss", 300, 0.25).unwrap();
        writer
            .image_png("grid", 70_000, 55, 35, 1, b"not really a png")
            .unwrap();
        writer.flush().unwrap();

        let events = records(&fs_err::read(writer.path()).unwrap());
        assert_eq!(events.len(), 3);
        assert_eq!(
            field(&events[0], 3),
            Field::Bytes(3, b"brain.Event:2".to_vec())
        );
        assert!(matches!(field(&events[0], 1), Field::Double(1, t) if t > 1.6e9));

        assert_eq!(field(&events[1], 2), Field::Integer(2, 300));
        let value = nested(&nested(&events[1], 5), 1);
        assert_eq!(nested(&value, 1), b"refiner/loss");
        assert_eq!(field(&value, 2), Field::Float(2, 0.25));

        assert_eq!(field(&events[2], 2), Field::Integer(2, 70_000));
        let value = nested(&nested(&events[2], 5), 1);
        let expected = [
            Field::Integer(1, 35),
            Field::Integer(2, 55),
            Field::Integer(3, 1),
            Field::Bytes(4, b"not really a png".to_vec()),
        ];
        assert_eq!(decode(&nested(&value, 4)), expected);
    }

    #[test]
    fn two_writers_in_one_second_get_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let first = TensorBoardWriter::create(folder.path()).unwrap();
        let second = TensorBoardWriter::create(folder.path()).unwrap();
        assert_ne!(first.path(), second.path());
    }
}
