//! A part of a file, read as if it were a file of its own.

use std::io::{Read, Result, Seek, SeekFrom};

/// The bytes from `start` to `end` of a file.
pub struct Section {
    file: fs_err::File,
    start: u64,
    end: u64,
    /// Where the file stands.
    at: u64,
}

impl Section {
    /// The `bytes` bytes from `start` on.
    pub fn new(mut file: fs_err::File, start: u64, bytes: u64) -> Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Self {
            file,
            start,
            end: start.saturating_add(bytes),
            at: start,
        })
    }

    /// The whole of a file.
    pub fn whole(file: fs_err::File) -> Result<Self> {
        let bytes = file.metadata()?.len();
        Self::new(file, 0, bytes)
    }
}

impl Read for Section {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let left = self.end.saturating_sub(self.at);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let read = self.file.read(&mut bytes[..most])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Section {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => self.start.checked_add(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        let at = at.filter(|&at| at >= self.start);
        let before = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "before the start");
        self.at = self.file.seek(SeekFrom::Start(at.ok_or_else(before)?))?;
        Ok(self.at - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_begins_and_ends_where_it_should() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs_err::write(&path, b"0123456789").unwrap();
        let open = || fs_err::File::open(&path).unwrap();
        let mut section = Section::new(open(), 3, 4).unwrap();
        let mut text = String::new();
        section.read_to_string(&mut text).unwrap();
        assert_eq!(text, "3456");
        assert_eq!(section.seek(SeekFrom::End(-1)).unwrap(), 3);
        text.clear();
        section.read_to_string(&mut text).unwrap();
        assert_eq!(text, "6");
        assert!(section.seek(SeekFrom::Current(-5)).is_err());
        assert_eq!(section.seek(SeekFrom::Start(9)).unwrap(), 9);
        assert_eq!(section.read(&mut [0; 4]).unwrap(), 0);
        let mut whole = Section::whole(open()).unwrap();
        assert_eq!(whole.seek(SeekFrom::End(0)).unwrap(), 10);
    }
}
