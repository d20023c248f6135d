//! A small writer of the format, and files made with it, for tests.

#![allow(clippy::unwrap_used)] // it is a part of tests

use std::io::Write;

use super::{COMPRESSED, MATRIX};

/// Writes elements in either byte order.
#[derive(Clone, Copy)]
pub(super) struct Writer {
    pub(super) big_endian: bool,
}

impl Writer {
    pub(super) fn word(self, value: u32) -> Vec<u8> {
        if self.big_endian {
            value.to_be_bytes().into()
        } else {
            value.to_le_bytes().into()
        }
    }

    pub(super) fn element(self, kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.word(kind);
        out.extend(self.word(bytes.len() as u32));
        out.extend(bytes);
        out.resize(out.len().next_multiple_of(8), 0);
        out
    }

    /// Up to 4 bytes in the compact form.
    pub(super) fn small(self, kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.word((bytes.len() as u32) << 16 | kind);
        out.extend(bytes);
        out.resize(8, 0);
        out
    }

    pub(super) fn matrix(
        self,
        class: u32,
        shape: &[u32],
        name: &str,
        content: &[Vec<u8>],
    ) -> Vec<u8> {
        let mut body = self.element(6, &[self.word(class), self.word(0)].concat());
        let dimensions: Vec<u8> = shape.iter().flat_map(|&d| self.word(d)).collect();
        body.extend(self.element(5, &dimensions));
        body.extend(if name.len() <= 4 {
            self.small(1, name.as_bytes())
        } else {
            self.element(1, name.as_bytes())
        });
        content.iter().for_each(|part| body.extend(part));
        self.element(MATRIX, &body)
    }

    pub(super) fn structure(self, name: &str, fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let names: Vec<u8> = fields
            .iter()
            .flat_map(|(n, _)| format!("{n:\0<8}").into_bytes())
            .collect();
        let mut content = vec![self.small(5, &self.word(8)), self.element(1, &names)];
        content.extend(fields.iter().map(|(_, value)| value.clone()));
        self.matrix(2, &[1, 1], name, &content)
    }

    pub(super) fn file(self, variables: &[Vec<u8>], compress: bool) -> Vec<u8> {
        let mut out = vec![b' '; 124];
        out.extend(if self.big_endian {
            *b"\x01\x00MI"
        } else {
            *b"\x00\x01IM"
        });
        for variable in variables {
            if compress {
                let mut encoder =
                    flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
                encoder.write_all(variable).unwrap();
                let bytes = encoder.finish().unwrap();
                out.extend(self.word(COMPRESSED));
                out.extend(self.word(bytes.len() as u32));
                out.extend(bytes);
            } else {
                out.extend(variable);
            }
        }
        out
    }
}

/// A file as MPIIGaze has them, with two images of 2x3 an eye.
pub fn mpiigaze_day(compress: bool) -> Vec<u8> {
    let writer = Writer { big_endian: false };
    let numbers = |values: [f64; 6]| {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        writer.matrix(6, &[2, 3], "", &[writer.element(9, &bytes)])
    };
    let image: Vec<u8> = (0..12).collect();
    let image = writer.matrix(9, &[2, 2, 3], "", &[writer.element(2, &image)]);
    let fields = [
        ("image", image),
        ("gaze", numbers([0.1, 0.2, -0.1, 0.0, -1.0, -0.9])),
        ("pose", numbers([0.0, 0.1, 0.0, -0.2, 0.0, 0.3])),
    ];
    let eye = writer.structure("", &fields);
    let data = writer.structure("data", &[("left", eye.clone()), ("right", eye)]);
    let photo = |name: &[u8]| writer.matrix(4, &[1, 4], "", &[writer.small(16, name)]);
    let photos = [photo(b"1jpg"), photo(b"2jpg")];
    let photos = writer.matrix(1, &[2, 1], "filenames", &photos);
    writer.file(&[data, photos], compress)
}

/// Joints as NYU has them, `joint_uvd` behind another variable: of `views` x `frames` images, 36 joints a frame, each value
/// `joint(view, frame, joint, axis)`, all counted from 0.
pub fn nyu_joints(
    [views, frames]: [usize; 2],
    compress: bool,
    joint: impl Fn(usize, usize, usize, usize) -> f64,
) -> Vec<u8> {
    let writer = Writer { big_endian: false };
    let mut bytes = vec![];
    for axis in 0..3 {
        for number in 0..36 {
            for frame in 0..frames {
                for view in 0..views {
                    bytes.extend(joint(view, frame, number, axis).to_le_bytes());
                }
            }
        }
    }
    let shape = [views as u32, frames as u32, 36, 3];
    let element = [writer.element(9, &bytes)];
    let variables = ["joint_xyz", "joint_uvd"].map(|name| writer.matrix(6, &shape, name, &element));
    writer.file(&variables, compress)
}
