use super::*;
use crate::decode::is_image_name;
use crate::refined_manifest;

fn write(root: &Path, names: &[&str]) {
    for name in names {
        let path = root.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, name).unwrap();
    }
}

fn images(root: &Path) -> Listing {
    let mut listing = Listing::scan(root).unwrap();
    listing.retain(is_image_name);
    listing
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.names.iter().collect()
}

#[test]
fn files_come_in_natural_order() {
    let dir = tempfile::tempdir().unwrap();
    let files = ["10.png", "2.png", ".hidden.png", "note.txt", "b/1.png"];
    write(dir.path(), &files);
    let found = images(dir.path());
    assert_eq!(names(&found), ["2.png", "10.png", "b/1.png"]);
    assert_eq!(found.others(), 1);
}

#[test]
fn runs_and_refined_sets_below_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let files = ["a.png", "b/1.png", "refined/a.png", "b/run/images/1.png"];
    write(dir.path(), &files);
    assert_eq!(names(&images(dir.path())).len(), 4);
    let manifest = format!("refined/{}", refined_manifest::FILE_NAME);
    write(
        dir.path(),
        &[&manifest, "b/run/config.toml", "b/run/checkpoints/1"],
    );
    let found = images(dir.path());
    assert_eq!(names(&found), ["a.png", "b/1.png"]);
    assert_eq!(
        found.unread(),
        ["2 runs and refined sets in the folder are not read: b/run and 1 more"]
    );
}

#[cfg(unix)]
#[test]
fn links_multiply_nothing_and_real_folders_keep_their_names() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("data");
    write(&root, &["a/1.png", "b/c/2.png"]);
    write(
        dir.path(),
        &["outside/3.png", "outside/d/4.png", "beside.png"],
    );
    // Back to the root, above it, to a folder beside it, twice to one outside, and into that one.
    for (target, link) in [
        (".", "back"),
        ("..", "up"),
        ("b/c", "0"),
        ("../outside", "a/x"),
        ("../outside", "z"),
        ("../outside/d", "zz"),
    ] {
        symlink(root.join(target), root.join(link)).unwrap();
    }
    symlink("nowhere.png", root.join("gone.png")).unwrap();
    let listing = images(&root);
    assert_eq!(
        names(&listing),
        ["a/1.png", "a/x/3.png", "a/x/d/4.png", "b/c/2.png"]
    );
    assert_eq!(
        listing.unread(),
        [
            "1 link that leads nowhere is not read: gone.png",
            "5 links to folders that are read already are not read: 0 and 4 more",
        ]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_counted() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &["1.png"]);
    fs_err::write(dir.path().join(OsStr::from_bytes(b"caf\xe9.png")), "x").unwrap();
    let listing = images(dir.path());
    assert_eq!(names(&listing), ["1.png"]);
    assert_eq!(
        listing.unread(),
        ["1 name that is not UTF-8 is not read: caf\u{fffd}.png"]
    );
}

#[test]
fn folders_that_are_too_deep_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let deep = format!("{}1.png", "d/".repeat(17));
    write(dir.path(), &["1.png", &deep]);
    let listing = images(dir.path());
    assert_eq!(names(&listing), ["1.png"]);
    assert!(listing.unread()[0].starts_with("1 folder below 16 others is not read: d/d/"));
}
