//! Tar shards as data sets, and every sentence about a bad one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use simgan_base::Error;
use simgan_data::{Dataset, OnBadImage, RefinedManifest, ShardCounts};

use support::Sandbox;

impl Sandbox {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn tar(&self, name: &str, entries: &[(&str, Vec<u8>)]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut tar = tar::Builder::new(std::fs::File::create(path).unwrap());
        for (name, bytes) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, name, &bytes[..]).unwrap();
        }
        tar.finish().unwrap();
    }

    fn open(&self, name: &str) -> Result<Dataset, Error> {
        let source = self.path(name).display().to_string();
        Dataset::open(&source, &self.chain, &self.options)
    }

    fn error(&self, name: &str) -> String {
        let error = self.open(name).unwrap_err();
        assert!(error.hint().is_some(), "no hint: {error}");
        let folder = format!("{}/", self.dir.path().display());
        error.to_string().replace(&folder, "")
    }
}

fn png(level: u8, width: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(vec![]);
    GrayImage::from_fn(width, 2, |x, _| Luma([level + x as u8]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn text(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn names(dataset: &Dataset) -> Vec<String> {
    (0..dataset.len()).map(|i| dataset.name(i)).collect()
}

/// The same images and labels, as a folder and as two shards.
fn both(sandbox: &Sandbox) -> (Dataset, Dataset) {
    let mut table = "file,yaw,note\n".to_owned();
    let mut shards = [vec![], vec![]];
    std::fs::create_dir_all(sandbox.path("folder/eyes")).unwrap();
    let keys: Vec<String> = (0..12).map(|i| format!("eyes/{i:02}")).collect();
    for (i, key) in keys.iter().enumerate() {
        let (name, image) = (format!("{key}.png"), png(10 * i as u8, 4));
        std::fs::write(sandbox.path("folder").join(&name), &image).unwrap();
        table += &format!("{name},{i}.50,\"a, \"\"b\"\"\"\n");
        let label = format!("{{\"yaw\": {i}.50, \"note\": \"a, \\\"b\\\"\"}}");
        shards[i / 7].push((name, image));
        shards[i / 7].push((format!("{key}.json"), text(&label)));
    }
    std::fs::write(sandbox.path("folder/labels.csv"), table).unwrap();
    for (i, shard) in shards.iter().enumerate() {
        let entries: Vec<_> = shard.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
        sandbox.tar(&format!("tars/more/shard-{i}.tar"), &entries);
    }
    std::fs::write(sandbox.path("tars/README"), "ignored").unwrap();
    (
        sandbox.open("folder").unwrap(),
        sandbox.open("tars").unwrap(),
    )
}

#[test]
fn a_folder_and_the_same_images_in_tars_are_equal() {
    let sandbox = Sandbox::new();
    let (folder, tars) = both(&sandbox);
    assert_eq!(tars.format(), "tar shards");
    assert_eq!(
        tars.shards(),
        Some(ShardCounts {
            shards: 2,
            ignored_entries: 0
        })
    );
    assert_eq!(names(&folder), names(&tars));
    let (one, other) = (folder.labels().unwrap(), tars.labels().unwrap());
    for i in 0..12 {
        assert_eq!(folder.pixels(i), tars.pixels(i));
        assert_eq!(one.raw_row(i), other.raw_row(i));
    }
    assert_eq!(one.raw_header(), other.raw_header());
    assert_eq!(other.numbers("yaw").unwrap()[11], 11.5);
    // From the cache, and a part of it.
    let again = sandbox.open("tars[::5]").unwrap();
    assert_eq!(names(&again), ["eyes/00.png", "eyes/05.png", "eyes/10.png"]);
    assert_eq!(again.shards(), tars.shards());
    let single = sandbox.open("tars/more/shard-1.tar[:2]").unwrap();
    assert_eq!(names(&single), ["eyes/07.png", "eyes/08.png"]);
    assert_eq!(single.labels().unwrap().get(1, "note").unwrap(), "a, \"b\"");
}

#[test]
fn classes_are_a_column_and_other_entries_are_counted() {
    let sandbox = Sandbox::new();
    sandbox.tar(
        "data/a.tar",
        &[
            ("a.cls", text("3\n")),
            ("a.png", png(1, 4)),
            ("a.seg.png", png(2, 9)),
            ("b.png", png(3, 4)),
            ("b.txt", text("a caption")),
            ("b.cls", text("4")),
            (".hidden", text("x")),
            ("__meta__", text("x")),
        ],
    );
    let data = sandbox.open("data").unwrap();
    assert_eq!(names(&data), ["a.png", "b.png"]);
    assert_eq!(data.labels().unwrap().numbers("class").unwrap(), [3.0, 4.0]);
    assert_eq!(data.shards().unwrap().ignored_entries, 4);
}

#[test]
fn without_labels_there_is_no_table() {
    let sandbox = Sandbox::new();
    sandbox.tar("data/a.tar", &[("2.png", png(1, 4)), ("10.png", png(2, 4))]);
    let data = sandbox.open("data").unwrap();
    assert!(data.labels().is_none());
    assert_eq!(names(&data), ["2.png", "10.png"]);
}

#[test]
fn bad_samples_are_left_out_and_named() {
    let mut sandbox = Sandbox::new();
    sandbox.tar(
        "data/a.tar",
        &[
            ("a.png", png(1, 4)),
            ("a.json", text("{\"x\": 1, \"y\": 2}")),
            ("b.png", png(1, 4)),
            ("c.png", png(1, 4)),
            ("c.json", text("{\"x\": 1}")),
            ("d.png", png(1, 9)),
            ("d.json", text("{\"x\": 1, \"y\": 2}")),
            ("e.json", text("{\"x\": 1, \"y\": 2}")),
            ("f.png", text("no image")),
            ("f.json", text("{\"x\": 1, \"y\": 2}")),
            ("g.png", png(1, 4)),
            ("g.jpg", png(1, 4)),
            ("h.png", png(8, 4)),
            ("h.json", text("{\"y\": 20, \"x\": 10}")),
        ],
    );
    assert!(sandbox.error("data").contains("mixes image sizes: d.png"));
    sandbox.options.on_bad_image = OnBadImage::Skip;
    let data = sandbox.open("data").unwrap();
    assert_eq!(names(&data), ["a.png", "h.png"]);
    assert_eq!(data.labels().unwrap().numbers("y").unwrap(), [2.0, 20.0]);
    let left_out: Vec<(&str, &str)> = data.quarantine().iter().collect();
    let expected = [
        ("e", "it has labels, but no image"),
        ("g", "it has two images, g.png and g.jpg"),
        ("d.png", "it is 9x2, but 4 of 5 images are 4x2"),
        ("b.png", "it has no labels, but others have"),
        ("c.png", "its labels are x, those of the first sample x, y"),
        (
            "f.png",
            "it is not a PNG, JPEG, BMP, PNM, TIFF or WebP image",
        ),
    ];
    assert_eq!(left_out, expected);
}

#[test]
fn keys_that_come_twice_name_tar_and_key() {
    let sandbox = Sandbox::new();
    let one = |key: &str| (format!("{key}.png"), png(1, 4));
    let write = |name: &str, keys: &[&str]| {
        let entries: Vec<_> = keys.iter().map(|key| one(key)).collect();
        let entries: Vec<_> = entries
            .iter()
            .map(|(n, b)| (n.as_str(), b.clone()))
            .collect();
        sandbox.tar(name, &entries);
    };
    write("data/a.tar", &["x", "y", "x"]);
    assert_eq!(
        sandbox.error("data"),
        "data: a.tar: the key `x` comes twice"
    );
    write("data/a.tar", &["x", "y"]);
    write("data/b.tar", &["z", "y"]);
    assert_eq!(
        sandbox.error("data"),
        "data: a.tar and b.tar: the key `y` comes twice"
    );
}

#[test]
fn what_is_no_tar_of_images_says_why() {
    let sandbox = Sandbox::new();
    sandbox.tar("data/a.tar", &[("a.txt", text("x"))]);
    assert_eq!(sandbox.error("data"), "data holds no images (1 other file)");
    std::fs::write(sandbox.path("data/1.png"), png(1, 4)).unwrap();
    assert_eq!(
        sandbox.error("data"),
        "data holds images and tars: 1.png and a.tar, for example"
    );
    let path = sandbox.path("data/a.tar");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..700]).unwrap();
    assert_eq!(
        sandbox.error("data/a.tar"),
        "data/a.tar cannot be used: it ends early: at byte 700, without the zeros that end a tar"
    );
    std::fs::write(&path, b"\x1f\x8b\x08\0\0\0\0\0").unwrap();
    assert_eq!(
        sandbox.error("data/a.tar"),
        "data/a.tar cannot be used: it is compressed (gzip)"
    );
    for (name, what) in [
        ("a.tar.gz", "a compressed tar"),
        ("a.pkl", "a Python pickle"),
        ("a.pt", "a Python pickle"),
        ("a.npy", "a NumPy array"),
        ("a.txt", "a file"),
    ] {
        std::fs::write(sandbox.path(name), "x").unwrap();
        assert_eq!(
            sandbox.error(name),
            format!("{name} is {what}, not a folder of images")
        );
    }
}

#[test]
fn refined_sets_may_lie_in_tars() {
    let sandbox = Sandbox::new();
    let manifest = RefinedManifest {
        preprocessing: sandbox.chain.clone(),
        version: "0.1.0".into(),
        refiner_sha256: "ab".into(),
        step: 1,
        images: 1,
        ..RefinedManifest::default()
    };
    manifest.write(&sandbox.path("data")).unwrap();
    sandbox.tar(
        "data/refined-000000.tar",
        &[
            ("a/1.png", png(7, 4)),
            ("a/1.json", text("{\"yaw\": 0.125}")),
        ],
    );
    let data = sandbox.open("data").unwrap();
    assert_eq!(data.format(), "refined images");
    assert_eq!(*data.pixels(0), [7, 8, 9, 10, 7, 8, 9, 10]);
    assert_eq!(data.labels().unwrap().get(0, "yaw").unwrap(), "0.125");
    assert_eq!(data.shards().unwrap().shards, 1);
    // Already preprocessed: another size is not resized to.
    sandbox.tar("data/refined-000000.tar", &[("a/1.png", png(7, 9))]);
    assert!(sandbox.open("data").is_err());
}

#[test]
fn what_lies_between_samples_is_passed_over() {
    let sandbox = Sandbox::new();
    // 64 MiB that is neither image nor labels, as a hole between two samples.
    let path = sandbox.path("data/a.tar");
    sandbox.tar("data/a.tar", &[("a.png", png(1, 4)), ("b.bin", vec![])]);
    let mut tar = std::fs::read(&path).unwrap();
    tar.truncate(tar.len() - 1024);
    let hole = 64 << 20;
    let mut header = tar::Header::new_gnu();
    header.set_path("b.bin").unwrap();
    header.set_size(hole);
    header.set_mode(0o644);
    header.set_cksum();
    let start = tar.len() - 512;
    tar[start..].copy_from_slice(header.as_bytes());
    std::fs::write(&path, &tar).unwrap();
    append(&path, tar.len() as u64 + hole, |file| {
        let mut builder = tar::Builder::new(file);
        let (mut header, image) = (tar::Header::new_gnu(), png(5, 4));
        header.set_size(image.len() as u64);
        builder
            .append_data(&mut header, "c.png", &image[..])
            .unwrap();
        builder.finish().unwrap();
    });
    let data = sandbox.open("data").unwrap();
    assert_eq!(names(&data), ["a.png", "c.png"]);
    assert_eq!(data.pixels(1)[0], 5);
    assert_eq!(data.shards().unwrap().ignored_entries, 1);
}

fn append(path: &Path, at: u64, write: impl FnOnce(std::fs::File)) {
    use std::io::{Seek, SeekFrom};
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    write(file);
}

#[test]
fn dots_and_pairs_in_names_are_told_for_what_they_are() {
    let sandbox = Sandbox::new();
    for (names, what) in [
        (
            &["img_0.5_0.png", "img_0.5_0.json", "img_0.5_1.png"][..],
            "data/img_0 cannot be used: its 2 images, img_0.5_0.png to img_0.5_1.png, have more than one dot in their \
             names; a sample has one image, img_0.png",
        ),
        (
            &["0.left.png", "0.right.png", "0.json"],
            "data/0 cannot be used: its 2 images, 0.left.png to 0.right.png, have more than one dot in their names; a \
             sample has one image, 0.png",
        ),
        (
            &["x.input.png"],
            "data/x cannot be used: the name of its image x.input.png has more than one dot; a sample's image is x.png",
        ),
    ] {
        let bytes = |name: &str| match name.ends_with("json") {
            true => text("{}"),
            false => png(1, 4),
        };
        let entries: Vec<_> = names.iter().map(|name| (*name, bytes(name))).collect();
        sandbox.tar("data/a.tar", &entries);
        assert_eq!(sandbox.error("data"), what);
    }
}

#[test]
fn a_tar_behind_a_tar_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.tar("data/a.tar", &[("a.png", png(1, 4))]);
    sandbox.tar("b.tar", &[("b.png", png(1, 4))]);
    let path = sandbox.path("data/a.tar");
    let both = [std::fs::read(&path), std::fs::read(sandbox.path("b.tar"))].map(Result::unwrap);
    std::fs::write(&path, both.concat()).unwrap();
    let error = sandbox.error("data");
    assert!(
        error.contains("a.tar cannot be used: it is two tars in one file"),
        "{error}"
    );
}

#[test]
fn masks_in_tars_are_no_images() {
    let mut sandbox = Sandbox::new();
    let image = |name| (name, png(1, 4));
    let entries = ["images/1.png", "images/2.png", "masks/1.png", "masks/2.png"].map(image);
    sandbox.tar("data/a.tar", &entries);
    let data = sandbox.open("data").unwrap();
    assert_eq!(names(&data), ["images/1.png", "images/2.png"]);
    assert_eq!(data.unread(), ["2 other entries of its tars are not read"]);
    sandbox.tar(
        "data/a.tar",
        &[&entries[..], &[image("masks/3.png")]].concat(),
    );
    assert!(
        sandbox
            .error("data")
            .contains("masks/3.png cannot be used: it lies among masks")
    );
    sandbox.options.on_bad_image = OnBadImage::Skip;
    assert_eq!(sandbox.open("data").unwrap().len(), 2);
}

#[test]
fn what_lies_beside_tars_is_named() {
    let sandbox = Sandbox::new();
    sandbox.tar("data/a.tar", &[("a.png", png(1, 4))]);
    for name in ["README.md", "labels.csv", "more.tar.gz"] {
        std::fs::write(sandbox.path("data").join(name), "x").unwrap();
    }
    assert_eq!(
        sandbox.open("data").unwrap().unread(),
        [
            "1 file that may hold labels is not read: labels.csv",
            "1 archive is not read: more.tar.gz",
        ]
    );
}
