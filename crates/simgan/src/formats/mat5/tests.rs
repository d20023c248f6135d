//! The reader against a small writer of the same format.

use std::io::Write;

use proptest::prelude::*;

use super::*;

/// Writes elements in either byte order.
#[derive(Clone, Copy)]
struct Writer {
    big_endian: bool,
}

impl Writer {
    fn word(self, value: u32) -> Vec<u8> {
        if self.big_endian {
            value.to_be_bytes().into()
        } else {
            value.to_le_bytes().into()
        }
    }

    fn element(self, kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.word(kind);
        out.extend(self.word(bytes.len() as u32));
        out.extend(bytes);
        out.resize(out.len().next_multiple_of(8), 0);
        out
    }

    /// Up to 4 bytes in the compact form.
    fn small(self, kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.word((bytes.len() as u32) << 16 | kind);
        out.extend(bytes);
        out.resize(8, 0);
        out
    }

    fn matrix(self, class: u32, shape: &[u32], name: &str, content: &[Vec<u8>]) -> Vec<u8> {
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

    fn doubles(self, name: &str, values: &[f64]) -> Vec<u8> {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|v| {
                if self.big_endian {
                    v.to_be_bytes()
                } else {
                    v.to_le_bytes()
                }
            })
            .collect();
        self.matrix(
            6,
            &[1, values.len() as u32],
            name,
            &[self.element(9, &bytes)],
        )
    }

    fn structure(self, name: &str, fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let names: Vec<u8> = fields
            .iter()
            .flat_map(|(n, _)| format!("{n:\0<8}").into_bytes())
            .collect();
        let mut content = vec![self.small(5, &self.word(8)), self.element(1, &names)];
        content.extend(fields.iter().map(|(_, value)| value.clone()));
        self.matrix(2, &[1, 1], name, &content)
    }

    fn file(self, variables: &[Vec<u8>], compress: bool) -> Vec<u8> {
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

    /// A file with every kind of array that is read.
    fn sample(self, compress: bool) -> Vec<u8> {
        let short = if self.big_endian {
            [0xff, 0xfe, 0, 7]
        } else {
            [0xfe, 0xff, 7, 0]
        };
        let utf16: Vec<u8> = "ab"
            .encode_utf16()
            .flat_map(|u| {
                if self.big_endian {
                    u.to_be_bytes()
                } else {
                    u.to_le_bytes()
                }
            })
            .collect();
        let image = self.matrix(9, &[1, 2, 3], "", &[self.element(2, &[1, 2, 3, 4, 5, 6])]);
        let words = self.matrix(
            1,
            &[2, 1],
            "",
            &[
                self.matrix(4, &[1, 2], "", &[self.small(16, b"hi")]),
                self.matrix(4, &[1, 2], "", &[self.small(4, &utf16)]),
            ],
        );
        let data = self.structure(
            "data",
            &[
                ("image", image),
                ("gaze", self.doubles("", &[0.5, -2.0])),
                ("words", words),
            ],
        );
        let compact = self.matrix(6, &[2, 1], "compact", &[self.small(3, &short)]);
        self.file(&[data, compact], compress)
    }
}

/// A file as MPIIGaze has them, with two images of 2x3 an eye.
pub(crate) fn mpiigaze_day(compress: bool) -> Vec<u8> {
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

fn check_sample(variables: &[(String, Array)]) {
    assert_eq!(variables[0].0, "data");
    let data = &variables[0].1;
    let image = data.field("image").unwrap();
    assert_eq!(
        (&image.shape[..], &image.data),
        (&[1, 2, 3][..], &Data::U8(vec![1, 2, 3, 4, 5, 6]))
    );
    assert_eq!(data.field("gaze").unwrap().numbers(), Some(vec![0.5, -2.0]));
    let Data::Cell(words) = &data.field("words").unwrap().data else {
        panic!("not a cell")
    };
    assert_eq!(
        words.iter().map(Array::text).collect::<Vec<_>>(),
        [Some("hi"), Some("ab")]
    );
    assert_eq!(data.field("other"), None);
    // Doubles that are small integers are stored as such.
    assert_eq!(
        variables[1],
        (
            "compact".into(),
            Array {
                shape: vec![2, 1],
                data: Data::F64(vec![-2.0, 7.0])
            }
        )
    );
}

#[test]
fn both_byte_orders_compressed_or_not() {
    for big_endian in [false, true] {
        for compress in [false, true] {
            check_sample(&read(&Writer { big_endian }.sample(compress)).unwrap());
        }
    }
}

#[test]
fn every_truncation_is_an_error_or_a_shorter_file() {
    let writer = Writer { big_endian: false };
    for compress in [false, true] {
        let bytes = writer.sample(compress);
        for end in 0..bytes.len() {
            if let Ok(variables) = read(&bytes[..end]) {
                assert!(variables.len() < 2 || end + 8 > bytes.len(), "cut at {end}");
            }
        }
    }
}

#[test]
fn files_of_other_versions_are_named() {
    let mut bytes = Writer { big_endian: false }.sample(false);
    bytes[125] = 2;
    let error = read(&bytes).unwrap_err();
    assert!(error.to_string().contains("v7.3") && error.hint().is_some());
    bytes[125] = 9;
    assert!(
        read(&bytes)
            .unwrap_err()
            .to_string()
            .contains("unknown version")
    );
    assert_eq!(
        read(b"hello").unwrap_err().to_string(),
        "it is no MATLAB file"
    );
}

#[test]
fn bombs_are_refused() {
    let writer = Writer { big_endian: false };
    // More elements than bytes, a deep nest, and a length beyond the file.
    let cells = writer.matrix(1, &[50_000, 50_000], "c", &[]);
    assert!(read(&writer.file(&[cells], false)).is_err());
    let empty = writer.structure("s", &[]);
    let many = writer.matrix(
        2,
        &[30_000, 30_000],
        "s",
        &[writer.small(5, &writer.word(8)), writer.element(1, b"")],
    );
    assert!(read(&writer.file(&[empty], false)).is_ok());
    assert!(
        read(&writer.file(&[many], false))
            .unwrap_err()
            .to_string()
            .contains("cells and fields")
    );
    let deep = (0..40).fold(writer.doubles("", &[1.0]), |inner, _| {
        writer.matrix(1, &[1, 1], "", &[inner])
    });
    assert!(
        read(&writer.file(&[deep], false))
            .unwrap_err()
            .to_string()
            .contains("deep")
    );
    let negative = writer.matrix(6, &[u32::MAX, 1], "n", &[writer.element(9, &[])]);
    assert!(read(&writer.file(&[negative], false)).is_err());
}

proptest! {
    #[test]
    fn mutations_never_panic(
        at in prop::collection::vec((0usize..4096, any::<u8>()), 1..6), big_endian: bool, compress: bool,
    ) {
        let mut bytes = Writer { big_endian }.sample(compress);
        let length = bytes.len();
        at.iter().for_each(|&(at, value)| bytes[at % length] = value);
        let _ = read(&bytes);
    }

    #[test]
    fn any_bytes_after_the_header_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = Writer { big_endian: false }.file(&[], false);
        bytes.extend(body);
        let _ = read(&bytes);
    }

    #[test]
    fn doubles_come_back(values in prop::collection::vec(any::<f64>().prop_filter("finite", |v| v.is_finite()), 0..20), big_endian: bool, compress: bool) {
        let writer = Writer { big_endian };
        let variables = read(&writer.file(&[writer.doubles("x", &values)], compress)).unwrap();
        prop_assert_eq!(variables[0].1.numbers(), Some(values));
    }
}
