use std::io::Cursor;

use super::*;

fn files(tar: &[u8]) -> Result<Vec<TarFile>> {
    let mut files = vec![];
    for_each(Cursor::new(tar), tar.len() as u64, &mut |file| {
        files.push(file);
        Ok(())
    })?;
    Ok(files)
}

fn error(tar: &[u8]) -> String {
    files(tar).unwrap_err().to_string()
}

fn header(kind: EntryType, name: &str, bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    // Names that the crate itself would refuse.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn entry(kind: EntryType, name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut tar = header(kind, name, bytes.len() as u64).as_bytes().to_vec();
    tar.extend(bytes);
    tar.resize(tar.len().next_multiple_of(512), 0);
    tar
}

fn ended(mut tar: Vec<u8>) -> Vec<u8> {
    tar.extend([0; 1024]);
    tar
}

fn one(name: &str) -> Vec<u8> {
    ended(entry(EntryType::Regular, name, b"abc"))
}

#[test]
fn files_are_found_with_their_places_and_nothing_else_is() {
    let kinds = [
        (EntryType::Directory, "d/"),
        (EntryType::Symlink, "link"),
        (EntryType::Link, "hard"),
        (EntryType::Char, "device"),
        (EntryType::Fifo, "pipe"),
        (EntryType::Regular, "old/"),
    ];
    let mut tar = vec![];
    for (kind, name) in kinds {
        tar.extend(entry(kind, name, b""));
    }
    tar.extend(entry(EntryType::Regular, "./d/a.png", b"abc"));
    let offset = tar.len() as u64 - 512;
    let found = files(&ended(tar)).unwrap();
    let expected = TarFile {
        name: "d/a.png".into(),
        offset,
        bytes: 3,
    };
    assert_eq!(found, [expected]);
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let long = format!("{}/a.png", "d".repeat(300));
    let mut builder = tar::Builder::new(vec![]);
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    builder.append_data(&mut header, &long, &b"x"[..]).unwrap();
    let gnu = builder.into_inner().unwrap();
    assert_eq!(files(&gnu).unwrap()[0].name, long);
    let pair = format!(" path={long}\n");
    let pax = format!("{}{pair}", pair.len() + 3);
    let mut tar = entry(EntryType::XHeader, "pax", pax.as_bytes());
    tar.extend(entry(EntryType::Regular, "short.png", b"x"));
    assert_eq!(files(&ended(tar)).unwrap()[0].name, long);
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in [
        "../a.png",
        "/etc/a.png",
        "a/../../b.png",
        "C:\\a.png",
        "..\\a.png",
    ] {
        let error = error(&one(name));
        assert!(error.ends_with("leads out of it"), "{name}: {error}");
    }
}

#[test]
fn every_cut_is_an_error() {
    let mut tar = entry(EntryType::Regular, "a.png", b"abc");
    tar.extend(one("b.png"));
    // The second block of zeros may be missing.
    for end in 0..tar.len() - 512 {
        assert!(files(&tar[..end]).is_err(), "{end} bytes");
    }
    assert_eq!(files(&tar[..tar.len() - 512]).unwrap().len(), 2);
    assert_eq!(
        error(&tar[..514]),
        "it ends early: an entry at byte 512 has 3 bytes, but the file ends at byte 514"
    );
    assert_eq!(
        error(&tar[..1024]),
        "it ends early: at byte 1024, without the zeros that end a tar"
    );
}

#[test]
fn absurd_sizes_are_refused_at_once() {
    for bytes in [1 << 33, u64::MAX / 2, u64::MAX - 1] {
        let mut tar = header(EntryType::Regular, "a.png", bytes)
            .as_bytes()
            .to_vec();
        tar.extend([0; 2048]);
        assert!(files(&tar).is_err(), "{bytes}");
    }
    let mut tar = entry(EntryType::GNULongName, "long", &[b'a'; 70_000]);
    tar.extend(one("a.png"));
    assert!(error(&tar).contains("at most 65536 are read"));
    let mut tar = one("a.png");
    tar.resize(tar.len() + (2 << 20), 0);
    assert!(error(&tar).contains("bytes behind its end"));
}

#[test]
fn other_tars_are_named_for_what_they_are() {
    assert_eq!(error(b"\x1f\x8b\x08 and so on"), "it is compressed (gzip)");
    assert_eq!(
        error(&ended(entry(EntryType::GNUSparse, "a.png", b""))),
        "it holds a sparse file"
    );
    let mut tar = entry(EntryType::XHeader, "pax", b"22 GNU.sparse.major=1\n");
    tar.extend(one("a.png"));
    assert_eq!(error(&tar), "it holds a sparse file");
    let mut tar = entry(EntryType::XHeader, "pax", b"10 size=7\n");
    tar.extend(one("a.png"));
    assert_eq!(error(&tar), "it says two sizes of its entry `a.png`");
    assert!(error(&[b'x'; 1024]).starts_with("it is damaged or no tar"));
}

#[test]
fn what_lies_behind_the_end_is_refused_unless_it_is_zeros() {
    let one = one("a.png");
    let mut padded = one.clone();
    padded.resize(10_240, 0);
    assert_eq!(files(&padded).unwrap().len(), 1);
    assert_eq!(
        error(&[&padded[..], &one].concat()),
        "it is two tars in one file: another one begins at byte 10240"
    );
    // One block of zeros ends an archive for most readers.
    assert_eq!(
        error(&[&one[..one.len() - 512], &one].concat()),
        "it is two tars in one file: another one begins at byte 1536"
    );
    padded[9_000] = 1;
    assert_eq!(
        error(&padded),
        "it has something behind its end, at byte 8704"
    );
}
