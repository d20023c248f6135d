//! The reader against a small writer of the same format.

use proptest::prelude::*;

use super::fixture::Writer;
use super::*;

impl Writer {
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
    // HDF5 without MATLAB's header.
    let error = read(b"\x89HDF\r\n\x1a\n").unwrap_err();
    assert!(error.to_string().contains("HDF5"), "{error}");
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

#[test]
fn one_variable_is_found_by_its_name() {
    for compress in [false, true] {
        let joint =
            |view, frame, joint, axis| (view + 10 * frame + 100 * joint + 1000 * axis) as f64;
        let bytes = super::fixture::nyu_joints([3, 2], compress, joint);
        let found = read_variable(&bytes, "joint_uvd", 1 << 16)
            .unwrap()
            .unwrap();
        assert_eq!(found.shape, [3, 2, 36, 3]);
        let values = found.numbers().unwrap();
        assert_eq!(values[2 + 3 * (1 + 2 * (35 + 36 * 2))], 5512.0);
        assert_eq!(read_variable(&bytes, "other", 1 << 16).unwrap(), None);
        let error = read_variable(&bytes, "joint_uvd", 1000).unwrap_err();
        assert!(
            error.to_string().contains("more than 1000 bytes"),
            "{error}"
        );
    }
}
