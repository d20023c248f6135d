//! Writer of TensorBoard event files: scalars and PNG images.
//!
//! An event file is a sequence of TFRecords, each
//! `length: u64, crc(length): u32, data, crc(data): u32` (little endian, masked CRC-32C), whose data is
//! one `Event` message of protocol buffers. Only the fields that are written are known here:
//!
//! ```text
//! Event   { wall_time: double = 1, step: int64 = 2, file_version: string = 3, summary: Summary = 5 }
//! Summary { value: repeated Value = 1 }
//! Value   { tag: string = 1, simple_value: float = 2, image: Image = 4, metadata: SummaryMetadata = 9 }
//! Image   { height: int32 = 1, width: int32 = 2, colorspace: int32 = 3, encoded_image_string: bytes = 4 }
//! ```

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub mod hyper_parameters;
mod message;
mod record;

use crate::Result;
use crate::files::disk;
use hyper_parameters::{Parameter, Status};
use message::Message;
use record::masked_crc;

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
        let mut event = event(0);
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

    /// Describes the run to the page of hyper-parameters: what was chosen, and the curves that choices are judged by.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn hyper_parameters(
        &mut self,
        parameters: &[(String, Parameter)],
        metrics: &[&str],
    ) -> Result<()> {
        let now = since_epoch().as_secs_f64();
        self.summary(0, &hyper_parameters::experiment(parameters, metrics, now))?;
        self.summary(0, &hyper_parameters::session_start(parameters, now))
    }

    /// Tells the page of hyper-parameters how the run ended.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end(&mut self, status: Status) -> Result<()> {
        let now = since_epoch().as_secs_f64();
        self.summary(0, &hyper_parameters::session_end(status, now))
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
        let mut event = event(step);
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

/// An `Event` of now.
fn event(step: u64) -> Message {
    let mut event = Message::default();
    event.double(1, since_epoch().as_secs_f64());
    event.integer(2, step);
    event
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::message::reading::{Field, decode, field, nested};
    use super::record::reading::records;
    use super::*;

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
