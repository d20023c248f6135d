//! Data sets on disk, from a folder to batches, and every sentence about a bad one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use simgan_base::{Error, ErrorKind};
use simgan_data::{Dataset, Labels, OnBadImage, Preprocessing, RefinedManifest};

use support::Sandbox;

impl Sandbox {
    fn skipping() -> Self {
        let mut sandbox = Self::new();
        sandbox.options.on_bad_image = OnBadImage::Skip;
        sandbox
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn image(&self, name: &str, width: u32, height: u32, level: u8) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        GrayImage::from_fn(width, height, |x, _| Luma([level + x as u8]))
            .save(path)
            .unwrap();
    }

    fn images(&self, names: &[&str]) {
        for (level, name) in names.iter().enumerate() {
            self.image(name, 4, 2, 10 * (level as u8 + 1));
        }
    }

    fn open(&self) -> Result<Dataset, Error> {
        self.open_slice("")
    }

    fn open_slice(&self, slice: &str) -> Result<Dataset, Error> {
        Dataset::open(
            &format!("{}{slice}", self.root().display()),
            &self.chain,
            &self.options,
        )
    }

    /// Kind and sentence of the error, the folder called `DIR`; there must be a hint.
    fn error(&self) -> (ErrorKind, String) {
        let error = self.open().unwrap_err();
        assert!(error.hint().is_some(), "no hint: {error}");
        (
            error.kind(),
            error
                .to_string()
                .replace(&self.root().display().to_string(), "DIR"),
        )
    }
}

fn names(dataset: &Dataset) -> Vec<String> {
    (0..dataset.len()).map(|i| dataset.name(i)).collect()
}

fn data(sentence: &str) -> (ErrorKind, String) {
    (ErrorKind::Data, sentence.into())
}

#[test]
fn images_come_in_natural_order_with_their_pixels() {
    let sandbox = Sandbox::new();
    sandbox.images(&["10.png", "2.png", "b/1.png"]);
    let dataset = sandbox.open().unwrap();
    assert_eq!(names(&dataset), ["2.png", "10.png", "b/1.png"]);
    assert_eq!(*dataset.pixels(0), [20, 21, 22, 23, 20, 21, 22, 23]);
    assert_eq!(
        (dataset.image_shape(), dataset.format()),
        ([1, 2, 4], "image folder")
    );
    assert!((dataset.batch(&[1])[0] - (10.0 / 127.5 - 1.0)).abs() < 1e-6);
    assert_eq!(
        names(&sandbox.open_slice("[1:]").unwrap()),
        ["10.png", "b/1.png"]
    );
    assert_eq!(sandbox.open_slice("[1:]").unwrap().pixels(0)[0], 10);
    let error = sandbox.open_slice("[3:]").unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("data[3:] chooses none of the 3 images"),
        "{error}"
    );
}

/// Six images of three people; `1.png` has the level 10, and so on.
fn people() -> Sandbox {
    let sandbox = Sandbox::new();
    let who = ["ann", "ann", "bob", "bob", "eve", "eve"];
    let mut table = "file,who,track\n".to_owned();
    for (track, who) in who.iter().enumerate() {
        let name = format!("{}.png", track + 1);
        sandbox.image(&name, 4, 2, 10 * (track as u8 + 1));
        table += &format!("{name},{who},{track}\n");
    }
    sandbox.write("labels.csv", table);
    sandbox
}

#[test]
fn filters_keep_images_with_their_labels_before_a_slice_counts() {
    let sandbox = people();
    for (filters, kept) in [
        (
            "@only=who:ann,eve",
            &["1.png", "2.png", "5.png", "6.png"][..],
        ),
        ("@only=who:ann,eve[1::2]", &["2.png", "6.png"]),
        ("@only=who:!bob[-1:]", &["6.png"]),
        ("@only=track:1..3", &["2.png", "3.png", "4.png"]),
        ("@only=track:1..3@only=who:!ann[::-1]", &["4.png", "3.png"]),
    ] {
        let dataset = sandbox.open_slice(filters).unwrap();
        assert_eq!(names(&dataset), kept, "{filters}");
        let tracks = dataset.column("track").unwrap();
        for (index, track) in tracks.into_iter().enumerate() {
            let level = 10.0 * (track + 1.0);
            assert_eq!(f32::from(dataset.pixels(index)[0]), level, "{filters}");
        }
        assert_eq!(dataset.labels().unwrap().len(), kept.len());
        assert_eq!(dataset.summary().images, kept.len());
    }
}

#[test]
fn a_filter_and_the_same_slice_are_the_same_data() {
    let sandbox = people();
    let [filtered, sliced, other] =
        ["@only=who:bob", "[2:4]", "@only=who:eve"].map(|part| sandbox.open_slice(part).unwrap());
    assert_eq!(filtered.fingerprint(), sliced.fingerprint());
    let [a, b] = [&filtered, &sliced].map(|data| data.label_fingerprint().unwrap());
    assert_eq!(a, b);
    assert_ne!(filtered.fingerprint(), other.fingerprint());
    assert!(filtered.source().ends_with("@only=who:bob"));
    // One cache file holds them all.
    let cache = std::fs::read_dir(sandbox.dir.path().join("cache")).unwrap();
    let pixels = cache.filter(|file| {
        let path = file.as_ref().unwrap().path();
        path.extension().is_some_and(|ending| ending == "pixels")
    });
    assert_eq!(pixels.count(), 1);
}

#[test]
fn filters_that_leave_no_image_say_so() {
    let sandbox = people();
    let error = |filters: &str| {
        let error = sandbox.open_slice(filters).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
        assert!(error.hint().is_some(), "no hint: {error}");
        error
            .to_string()
            .replace(&sandbox.root().display().to_string(), "DIR")
    };
    for (filters, sentence) in [
        (
            "@only=who:ann@only=track:5",
            "DIR@only=who:ann@only=track:5 leaves none of the 6 images",
        ),
        (
            "@only=who:!ann,bob,eve",
            "DIR@only=who:!ann,bob,eve leaves none of the 6 images",
        ),
        (
            "@only=who:ann[2:]",
            "DIR@only=who:ann[2:] chooses none of the 2 images that @only=... leaves",
        ),
        ("@only=whom:ann", "DIR/labels.csv has no column `whom`"),
        (
            "@only=who:!bib",
            "DIR/labels.csv: no image has `bib` in the column `who`",
        ),
    ] {
        assert_eq!(error(filters), sentence);
    }
    std::fs::remove_file(sandbox.root().join("labels.csv")).unwrap();
    assert_eq!(
        error("@only=who:ann"),
        "DIR@only=who:ann: there are no labels to choose images by"
    );
}

#[test]
fn labels_give_the_order_and_stay_byte_for_byte() {
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png", "b.png", "c.png"]);
    let text = "\u{feff}x,File\r\n1,b.png\r\n\"2\",./c.png\r\n3,a.png";
    sandbox.write("labels.csv", text);
    for _ in 0..2 {
        let dataset = sandbox.open().unwrap();
        assert_eq!(names(&dataset), ["b.png", "c.png", "a.png"]);
        assert_eq!(dataset.column("x").unwrap(), [1.0, 2.0, 3.0]);
        let mut written = vec![];
        dataset.labels().unwrap().write_to(&mut written).unwrap();
        assert_eq!(written, text.as_bytes());
        assert_eq!(dataset.subset(&[2]).column("x").unwrap(), [3.0]);
    }
}

#[test]
fn rows_find_images_whose_ending_changed() {
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png", "p00/left/00001.png"]);
    sandbox.write("labels.csv", "file,x\na.jpg,1\np00/left/00001,2\n");
    assert_eq!(sandbox.open().unwrap().column("x").unwrap(), [1.0, 2.0]);
}

#[test]
fn sentences_about_folders() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.error(), data("DIR is empty"));
    sandbox.write("note.txt", "x");
    assert_eq!(sandbox.error(), data("DIR holds no images (1 other file)"));
    let missing = Dataset::open("/no/such/folder", &sandbox.chain, &sandbox.options).unwrap_err();
    assert_eq!(
        (missing.kind(), missing.to_string().as_str()),
        (ErrorKind::Io, "data set not found: /no/such/folder")
    );
    let file = sandbox.root().join("note.txt");
    let error =
        Dataset::open(file.to_str().unwrap(), &sandbox.chain, &sandbox.options).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("note.txt is a file, not a folder of images")
    );
}

#[test]
fn mixed_sizes_are_an_error_or_left_out_or_resized() {
    let mut sandbox = Sandbox::new();
    sandbox.images(&["a.png", "b.png"]);
    sandbox.image("c.png", 8, 2, 0);
    let reason = "it is 8x2, but 2 of 3 images are 4x2";
    assert_eq!(
        sandbox.error(),
        data(&format!("DIR mixes image sizes: c.png: {reason}"))
    );
    sandbox.options.on_bad_image = OnBadImage::Skip;
    let dataset = sandbox.open().unwrap();
    assert_eq!(names(&dataset), ["a.png", "b.png"]);
    assert_eq!(
        dataset.quarantine().iter().collect::<Vec<_>>(),
        [("c.png", reason)]
    );
    sandbox.image("d.png", 8, 2, 0);
    // Two against two: nobody can say which are the odd ones.
    assert_eq!(sandbox.error().0, ErrorKind::Data);
    sandbox.chain.allow_mixed_sizes = true;
    assert_eq!(sandbox.open().unwrap().len(), 4);
}

#[test]
fn bad_images_are_named_or_left_out() {
    let mut sandbox = Sandbox::new();
    sandbox.images(&["a.png", "c.png"]);
    sandbox.write("b.png", "");
    assert_eq!(
        sandbox.error(),
        data("DIR/b.png cannot be used: it is an empty file")
    );
    sandbox.options.on_bad_image = OnBadImage::Skip;
    // Once from the files, once from the cache.
    for _ in 0..2 {
        let dataset = sandbox.open().unwrap();
        assert_eq!(names(&dataset), ["a.png", "c.png"]);
        assert_eq!(
            dataset.quarantine().to_string(),
            "1 image left out: b.png: it is an empty file"
        );
    }
    sandbox.options.on_bad_image = OnBadImage::Fail;
    assert_eq!(
        sandbox.error(),
        data("DIR/b.png cannot be used: it is an empty file")
    );
}

#[test]
fn a_folder_of_bad_images_is_an_error_even_when_skipping() {
    let sandbox = Sandbox::skipping();
    sandbox.write("a.png", "");
    sandbox.write("b.png", "P5 60000 60000 255\n");
    assert_eq!(
        sandbox.error(),
        data("none of the 2 images of DIR can be used; a.png: it is an empty file")
    );
}

#[test]
fn absurd_dimensions_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("a.pgm", "P5 60000 60000 255\n");
    let (kind, sentence) = sandbox.error();
    assert_eq!(kind, ErrorKind::Data);
    assert!(
        sentence.contains("DIR/a.pgm") && sentence.contains("60000x60000"),
        "{sentence}"
    );
}

#[test]
fn sentences_about_tables() {
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png", "b.png"]);
    for (table, sentence) in [
        (
            "file\n../x.png\n",
            "DIR/labels.csv, line 2: the path `../x.png` leads out of the folder",
        ),
        (
            "file\n/etc/x.png\n",
            "DIR/labels.csv, line 2: the path `/etc/x.png` leads out of the folder",
        ),
        (
            "file\nC:\\x.png\n",
            "DIR/labels.csv, line 2: the path `C:/x.png` leads out of the folder",
        ),
        (
            "file\na.png\nb.png\na.png\n",
            "DIR/labels.csv: lines 2 and 4 both label a.png",
        ),
        (
            "file\na.png\n",
            "DIR/b.png cannot be used: it has no row in labels.csv",
        ),
        (
            "file\na.png\nb.png\nc.png\n",
            "DIR/c.png cannot be used: line 4 of labels.csv names it, but there is no such image",
        ),
        (
            "x\n0.5\n",
            "DIR/labels.csv: no row names an image of this folder (line 2, column `x`: `0.5`)",
        ),
        ("file\n", "DIR/labels.csv has no rows"),
        ("", "DIR/labels.csv has no header line"),
        (
            "file,x\na.png\n",
            "DIR/labels.csv, line 2: 1 fields, but the header has 2",
        ),
    ] {
        sandbox.write("labels.csv", table);
        assert_eq!(sandbox.error(), data(sentence), "{table}");
    }
}

#[test]
fn rows_and_images_without_partner_are_left_out_when_skipping() {
    let sandbox = Sandbox::skipping();
    sandbox.images(&["a.png", "b.png"]);
    sandbox.write("labels.csv", "file,x\na.png,1\nc.png,oops\n");
    let dataset = sandbox.open().unwrap();
    assert_eq!(
        (names(&dataset), dataset.quarantine().len()),
        (vec!["a.png".to_owned()], 2)
    );
    assert_eq!(dataset.column("x").unwrap(), [1.0]);
}

#[test]
fn sentences_about_labels_that_are_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png"]);
    let bare = sandbox.open().unwrap();
    for error in [
        bare.column("x").unwrap_err(),
        bare.gaze().unwrap_err(),
        bare.screen_points().unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("has no labels, and so no "),
            "{error}"
        );
        assert!(error.hint().is_some());
    }
    sandbox.write("labels.csv", "file,x\na.png,oops\n");
    let labelled = sandbox.open().unwrap();
    let error = labelled.column("y").unwrap_err();
    assert_eq!(error.hint(), Some("its columns are: file, x"));
    let error = labelled.column("x").unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("labels.csv, line 2: column `x` is `oops`, not a number"),
        "{error}"
    );
    assert!(
        labelled
            .gaze()
            .unwrap_err()
            .to_string()
            .contains("has no gaze labels: it needs the columns gaze_pitch")
    );
    assert!(
        labelled
            .screen_points()
            .unwrap_err()
            .to_string()
            .contains("screen_x and screen_y")
    );
}

#[test]
fn gaze_comes_from_angles_or_vectors() {
    let labels = |text: &str| Labels::parse(text.into(), "labels.csv").unwrap();
    let gaze = |text: &str| {
        Dataset::from_memory(vec!["a".into()], [1, 1, 1], vec![0], Some(labels(text)))
            .unwrap()
            .gaze()
    };
    let [x, y, z] = gaze("file,gaze_pitch,gaze_yaw\na,0.1,-0.2\n").unwrap()[0];
    assert!(
        (x - 0.1f32.cos() * 0.2f32.sin()).abs() < 1e-6
            && (y + 0.1f32.sin()).abs() < 1e-6
            && z < -0.9
    );
    assert_eq!(
        gaze("file,gaze_x,gaze_y,gaze_z\na,0,0,-2\n").unwrap(),
        [[0.0, 0.0, -1.0]]
    );
    assert!(
        gaze("file,gaze_x,gaze_y,gaze_z\na,0,0,0\n")
            .unwrap_err()
            .to_string()
            .contains("line 2")
    );
}

#[test]
fn the_cache_notices_changes_and_damage() {
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png", "b.png"]);
    let before = sandbox.open().unwrap().fingerprint();
    let cache = sandbox.options.cache_dir.clone().unwrap();
    let pixels = || -> Vec<PathBuf> {
        let files = std::fs::read_dir(&cache)
            .unwrap()
            .map(|e| e.unwrap().path());
        files
            .filter(|p| p.extension().is_some_and(|e| e == "pixels"))
            .collect()
    };
    assert_eq!(pixels().len(), 1);
    let mut bytes = std::fs::read(&pixels()[0]).unwrap();
    bytes[4100] ^= 1;
    std::fs::write(&pixels()[0], bytes).unwrap();
    assert_eq!(sandbox.open().unwrap().fingerprint(), before);
    sandbox.image("b.png", 4, 2, 99);
    let after = sandbox.open().unwrap();
    assert_ne!(after.fingerprint(), before);
    assert_eq!(after.pixels(1)[0], 99);
    assert_eq!(pixels().len(), 2);
}

/// Names of the cache's files that end in `ending`.
fn cached(sandbox: &Sandbox, ending: &str) -> usize {
    let files = std::fs::read_dir(sandbox.options.cache_dir.clone().unwrap()).unwrap();
    let names = files.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(ending)).count()
}

/// Gives all files of a folder the time 0, as tars of fixed times have it.
fn set_times(sandbox: &Sandbox) {
    for entry in std::fs::read_dir(sandbox.root()).unwrap() {
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(entry.unwrap().path());
        file.unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn data_of_equal_names_sizes_and_times_are_not_taken_for_the_old_ones() {
    let sandbox = Sandbox::new();
    let write = |level: u8, label: &str| {
        sandbox.write("a.pgm", [b"P5 4 2 255\n".to_vec(), vec![level; 8]].concat());
        sandbox.write("labels.csv", format!("file,x\na.pgm,{label}\n"));
        set_times(&sandbox);
    };
    let found = || {
        let dataset = sandbox.open().unwrap();
        (
            dataset.pixels(0)[0],
            dataset.labels().unwrap().get(0, "x").unwrap(),
        )
    };
    write(10, "1");
    // So long after a change another one is sure to show.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(found(), (10, "1".into()));
    assert_eq!(cached(&sandbox, ".index"), 1);
    assert_eq!(found(), (10, "1".into()));
    write(20, "2");
    assert_eq!(found(), (20, "2".into()));
    // Another folder takes the place of this one.
    std::fs::rename(sandbox.root(), sandbox.dir.path().join("aside")).unwrap();
    write(30, "3");
    assert_eq!(found(), (30, "3".into()));
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_refuses_is_not_remembered() {
    // A file that the system lets nobody open to read, not even its administrator.
    let forbidden = Path::new("/sys/bus/platform/drivers_probe");
    if !forbidden.is_file() {
        eprintln!("skipped: there is no {}", forbidden.display());
        return;
    }
    let sandbox = Sandbox::skipping();
    sandbox.image("a.png", 4, 2, 10);
    std::os::unix::fs::symlink(forbidden, sandbox.root().join("b.png")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let dataset = sandbox.open().unwrap();
    assert_eq!(names(&dataset), ["a.png"]);
    let reason = dataset.quarantine().to_string();
    assert!(reason.contains("it cannot be read"), "{reason}");
    assert_eq!(dataset.pixels(0)[0], 10);
    assert_eq!((cached(&sandbox, ".pixels"), cached(&sandbox, "")), (0, 0));
}

/// Whoever ends the process while images are read leaves nothing, for there is nothing.
#[cfg(target_os = "linux")]
#[test]
fn nothing_unfinished_is_in_the_cache_while_images_are_read() {
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png", "b.png", "c.png"]);
    let left_by_the_dead = sandbox
        .options
        .cache_dir
        .clone()
        .unwrap()
        .join("partial-dead");
    std::fs::create_dir_all(left_by_the_dead.parent().unwrap()).unwrap();
    std::fs::write(left_by_the_dead, "x").unwrap();
    let most = std::sync::atomic::AtomicUsize::new(0);
    let root = sandbox.root().display().to_string();
    Dataset::open_with_progress(&root, &sandbox.chain, &sandbox.options, &|done, total| {
        // Behind the files' hashes the cache file is being written.
        if 2 * done > total {
            most.fetch_max(cached(&sandbox, ""), std::sync::atomic::Ordering::Relaxed);
        }
    })
    .unwrap();
    assert_eq!(most.into_inner(), 0);
    assert_eq!((cached(&sandbox, ".pixels"), cached(&sandbox, "")), (1, 1));
}

#[test]
fn images_are_upright_before_they_are_cropped() {
    let sandbox = Sandbox::new();
    // Four by two when it stands upright; stored as two by four, turned by a quarter to the left.
    let upright = GrayImage::from_fn(4, 2, |x, y| Luma([(40 * x + 20 * y) as u8]));
    let mut png = std::io::Cursor::new(vec![]);
    let stored = image::imageops::rotate270(&upright);
    stored.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    let exif = *b"eXIfMM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut sum = flate2::Crc::new();
    sum.update(&exif);
    let end = png.len() - 12;
    let length = (exif.len() as u32 - 4).to_be_bytes();
    let chunk = [&length[..], &exif, &sum.sum().to_be_bytes()].concat();
    sandbox.write("a.png", [&png[..end], &chunk, &png[end..]].concat());
    // One that was stored upright: they are of one size.
    upright.save(sandbox.root().join("b.png")).unwrap();
    let dataset = sandbox.open().unwrap();
    assert_eq!(dataset.original_sizes(), [(4, 2, 2)]);
    assert_eq!(dataset.pixels(0), dataset.pixels(1));
}

#[test]
fn refined_images_do_not_pass_the_chain_again() {
    let mut sandbox = Sandbox::new();
    sandbox.images(&["a.png"]);
    sandbox.chain.equalize = true;
    let manifest = RefinedManifest {
        preprocessing: sandbox.chain.clone(),
        version: "0".into(),
        refiner_sha256: "0".into(),
        step: 1,
        images: 1,
        ..Default::default()
    };
    manifest.write(&sandbox.root()).unwrap();
    let dataset = sandbox.open().unwrap();
    assert_eq!(
        (dataset.format(), &dataset.pixels(0)[..4]),
        ("refined images", &[10, 11, 12, 13][..])
    );
    sandbox.chain.equalize = false;
    let (kind, sentence) = sandbox.error();
    assert_eq!(kind, ErrorKind::Config);
    assert!(
        sentence.ends_with("(refined / asked): equalize: true / false"),
        "{sentence}"
    );
    sandbox.chain.equalize = true;
    sandbox.image("b.png", 8, 4, 0);
    sandbox.image("c.png", 4, 2, 0);
    assert_eq!(sandbox.error().0, ErrorKind::Data);
}

/// UnityEyes' schema, with a decimal point or comma.
fn unity_json(comma: bool, look: &str) -> String {
    let margin: Vec<String> = [(20.0, 30.0), (60.0, 30.0), (40.0, 40.0), (40.0, 20.0)]
        .map(|(x, y)| format!("({x:.4}, {y:.4}, 9.0000)"))
        .to_vec();
    let (margin, look) = match comma {
        true => (
            margin.iter().map(|m| m.replace('.', ",")).collect(),
            look.replace('.', ","),
        ),
        false => (margin, look.to_owned()),
    };
    serde_json::json!({
        "interior_margin_2d": margin, "caruncle_2d": [], "iris_2d": margin,
        "eye_details": { "look_vec": look, "pupil_size": "0.05", "iris_texture": "x" },
        "head_pose": "(350.0000, 170.0000, 0.0000)",
    })
    .to_string()
}

#[test]
fn unity_eyes_are_cropped_and_labelled() {
    let mut sandbox = Sandbox::skipping();
    sandbox.chain = Preprocessing {
        width: 70,
        height: 44,
        equalize: false,
        ..Default::default()
    };
    for number in ["1", "2"] {
        GrayImage::from_fn(100, 80, |x, y| Luma([(x + y) as u8]))
            .save(sandbox.root().join(format!("{number}.jpg")))
            .unwrap();
    }
    sandbox.write(
        "1.json",
        unity_json(false, "(0.0000, 0.5000, -0.8660, 0.0000)"),
    );
    sandbox.write(
        "2.json",
        unity_json(true, "(-0.5000, 0.0000, -0.8660, 0.0000)"),
    );
    sandbox.write("3.json", unity_json(false, "(0, 0, -1, 0)"));
    let dataset = sandbox.open().unwrap();
    assert_eq!(
        (dataset.format(), names(&dataset)),
        ("UnityEyes", vec!["1.jpg".into(), "2.jpg".into()])
    );
    // The eye is 40 wide round (40, 80 - 30): a box of 70 x 43.75 from (5, 28).
    assert!(
        dataset.pixels(0)[0].abs_diff(33) <= 3,
        "{}",
        dataset.pixels(0)[0]
    );
    let close = |found: Vec<f32>, expected: [f32; 2]| {
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-3),
            "{found:?} {expected:?}"
        );
    };
    let sixth = std::f32::consts::FRAC_PI_6;
    close(dataset.column("gaze_pitch").unwrap(), [sixth, 0.0]);
    close(dataset.column("gaze_yaw").unwrap(), [0.0, sixth]);
    close(
        dataset.column("head_pitch").unwrap(),
        [10f32.to_radians(); 2],
    );
    close(dataset.column("head_yaw").unwrap(), [10f32.to_radians(); 2]);
    assert_eq!(
        dataset.quarantine().iter().collect::<Vec<_>>(),
        [("3.json", "there is no 3.jpg beside it")]
    );
}

/// Research data beside the repository, which a fresh clone lacks.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(path);
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

#[test]
fn shared_signs_have_the_classes_of_the_simulator() {
    let Some(folder) = shared("signs/real") else {
        return;
    };
    let sandbox = Sandbox::new();
    let chain = Preprocessing {
        width: 40,
        height: 40,
        channels: 3,
        ..sandbox.chain
    };
    let source = format!("{}@only=easy12:1@only=split:dev", folder.display());
    let signs = Dataset::open(&source, &chain, &sandbox.options).unwrap();
    let labels = signs.labels().unwrap();
    assert_eq!(signs.len(), 2567);
    let cell = |row: usize, column: &str| labels.get(row, column).unwrap();
    let real: BTreeSet<(String, String)> = (0..labels.len())
        .map(|row| (cell(row, "class"), cell(row, "name")))
        .collect();
    let drawn = simgan_simulator::signs::CLASSES.iter();
    let drawn = drawn.map(|class| (class.number.to_string(), class.name.to_owned()));
    assert_eq!(real, drawn.collect());
}

#[test]
fn shared_mpiigaze_layout() {
    let Some(folder) = shared("formats/mpiigaze-layout") else {
        return;
    };
    let mut sandbox = Sandbox::new();
    sandbox.chain = Preprocessing {
        width: 60,
        height: 36,
        equalize: false,
        ..Default::default()
    };
    let open = |path: PathBuf| {
        Dataset::open(path.to_str().unwrap(), &sandbox.chain, &sandbox.options).unwrap()
    };
    let dataset = open(folder.clone());
    assert_eq!(dataset.format(), "MPIIGaze");
    assert!(
        dataset.name(0).starts_with("p99/day01/left/"),
        "{}",
        dataset.name(0)
    );
    assert_eq!(dataset.gaze().unwrap().len(), dataset.len());
    assert_eq!(
        dataset.fingerprint(),
        open(folder.join("Data/Normalized")).fingerprint()
    );
    println!("{:#?}", dataset.summary());
}

#[test]
fn shared_eyes_open_cold_and_warm() {
    let Some(folder) = shared("eyes/synthetic") else {
        return;
    };
    let sandbox = Sandbox::new();
    let chain = Preprocessing::default();
    let open = || {
        let start = std::time::Instant::now();
        let dataset = Dataset::open(folder.to_str().unwrap(), &chain, &sandbox.options).unwrap();
        println!("opened {} images in {:.1?}", dataset.len(), start.elapsed());
        dataset
    };
    let (cold, warm) = (open(), open());
    assert_eq!((cold.len(), cold.image_shape()), (3000, [1, 35, 55]));
    assert_eq!(cold.fingerprint(), warm.fingerprint());
    assert_eq!(warm.gaze().unwrap().len(), 3000);
    println!("{:#?}", warm.summary());
}

/// Pixels and labels of UnityEyes' relatives are those of its own export.
#[test]
fn relatives_of_unity_eyes_keep_labels_and_crop() {
    let description = unity_json(false, "(0.0000, 0.5000, -0.8660, 0.0000)");
    let opened = |image: &str, json: &str| {
        let mut sandbox = Sandbox::new();
        sandbox.chain.width = 70;
        sandbox.chain.height = 44;
        sandbox.write(image, "");
        let path = sandbox.root().join(image);
        GrayImage::from_fn(100, 80, |x, y| Luma([(x + y) as u8]))
            .save(&path)
            .unwrap();
        sandbox.write(json, &description);
        let dataset = sandbox.open().unwrap();
        assert_eq!(
            (dataset.format(), names(&dataset)),
            ("UnityEyes", vec![image.into()])
        );
        assert!(dataset.unread().is_empty());
        (dataset.pixels(0).to_vec(), dataset.gaze().unwrap())
    };
    let own = opened("1.png", "1.json");
    for (image, json) in [
        ("1.PNG", "1.json"),
        ("1.bmp", "1.JSON"),
        ("imgs/1.png", "imgs/1.json"),
        ("p01/img_1.tiff", "p01/img_1.json"),
        ("a,b_1.webp", "a,b_1.json"),
    ] {
        assert_eq!(opened(image, json), own, "{image}");
    }
    // JPEG changes pixels, but by little.
    let (pixels, gaze) = opened("1.JPEG", "1.json");
    assert_eq!(gaze, own.1);
    assert!(pixels.iter().zip(&own.0).all(|(a, b)| a.abs_diff(*b) <= 4));
}

#[test]
fn descriptions_of_other_programs_are_named() {
    let sandbox = Sandbox::new();
    sandbox.images(&["1.png", "2.png"]);
    sandbox.write("1.json", r#"{"shapes": []}"#);
    sandbox.write("2.xml", "<annotation/>");
    sandbox.write("annotations/all.json", "{}");
    let dataset = sandbox.open().unwrap();
    assert_eq!(
        (dataset.format(), dataset.has_labels()),
        ("image folder", false)
    );
    assert_eq!(
        dataset.unread(),
        [
            "2 descriptions beside images are not read: 1.json and 1 more",
            "1 file that may hold labels is not read: annotations/all.json",
        ]
    );
}

#[test]
fn relatives_of_the_label_table_are_read_or_refused() {
    for table in [
        "Labels.csv",
        "label.csv",
        "LABELS.CSV",
        "labels.tsv",
        "labels.txt",
    ] {
        let sandbox = Sandbox::new();
        sandbox.images(&["a.png", "b.png"]);
        let delimiter = if table.ends_with("sv") { "," } else { "\t" };
        let text = "file,x\nb.png,1\na.png,2\n".replace(',', delimiter);
        sandbox.write(table, text);
        let dataset = sandbox.open().unwrap();
        assert_eq!(dataset.column("x").unwrap(), [1.0, 2.0], "{table}");
        sandbox.write("c.png", "");
        assert_eq!(
            sandbox.error(),
            data(&format!(
                "DIR/c.png cannot be used: it has no row in {table}"
            ))
        );
        std::fs::remove_file(sandbox.root().join("c.png")).unwrap();
        sandbox.write("label.tsv", "file\tx\na.png\t1\nb.png\t2\n");
        assert!(
            sandbox
                .error()
                .1
                .starts_with("DIR holds two label tables, ")
        );
        // The usual name wins, and the others are named.
        sandbox.write("labels.csv", "file,x\na.png,7\nb.png,8\n");
        let dataset = sandbox.open().unwrap();
        assert_eq!(dataset.column("x").unwrap(), [7.0, 8.0]);
        assert_eq!(dataset.unread().len(), 1);
        assert!(dataset.unread()[0].starts_with("2 files that may hold labels"));
    }
    // The names of classes are no table of images.
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png"]);
    sandbox.write("labels.txt", "cat\ndog\n");
    assert_eq!(
        sandbox.open().unwrap().unread(),
        ["1 file that may hold labels is not read: labels.txt"]
    );
}

#[test]
fn what_is_not_read_is_named_each_time() {
    let sandbox = Sandbox::new();
    sandbox.images(&["cat/1.png", "dog/1.png"]);
    sandbox.write("cat/2.gif", "GIF89a");
    for _ in 0..2 {
        assert_eq!(
            sandbox.open().unwrap().unread(),
            [
                "1 image of another format is not read: cat/2.gif",
                "the names of its 2 folders, cat and dog among them, are not read as labels: DIR?classes reads them",
            ]
        );
    }
    assert_eq!(sandbox.open().unwrap().summary().unread.len(), 2);
}

#[test]
fn masks_are_carried_along_and_no_images() {
    let mut sandbox = Sandbox::new();
    sandbox.images(&["images/1.png", "images/2.png"]);
    sandbox.image("masks/1.png", 9, 9, 3);
    sandbox.image("masks/2.png", 9, 9, 4);
    let dataset = sandbox.open().unwrap();
    assert_eq!(names(&dataset), ["images/1.png", "images/2.png"]);
    assert_eq!(
        dataset.unread(),
        ["2 masks are carried along, and not trained on"]
    );
    let second = dataset.subset(&[1]);
    assert_eq!(second.masks(0), ["masks/2.png"]);
    let bytes = std::fs::read(sandbox.root().join("masks/2.png")).unwrap();
    assert_eq!(second.read_mask("masks/2.png").unwrap(), bytes);
    // A mask of nothing is a bad image.
    sandbox.image("masks/3.png", 9, 9, 4);
    let reason = "it lies among masks, but there is no image of its name";
    assert_eq!(
        sandbox.error(),
        data(&format!("DIR/masks/3.png cannot be used: {reason}"))
    );
    sandbox.options.on_bad_image = OnBadImage::Skip;
    assert_eq!(sandbox.open().unwrap().len(), 2);
    // A table that names them says that they are images.
    sandbox.chain.allow_mixed_sizes = true;
    sandbox.write("labels.csv", "file,x\nimages/1.png,1\nmasks/1.png,2\n");
    let dataset = sandbox.open().unwrap();
    assert_eq!(names(&dataset), ["images/1.png", "masks/1.png"]);
    assert!(dataset.masks(0).is_empty());
}

#[test]
fn an_option_is_for_the_format_that_has_it() {
    let sandbox = Sandbox::new();
    sandbox.images(&["a.png"]);
    let error = |slice| {
        let error = sandbox.open_slice(slice).unwrap_err();
        assert!(error.hint().is_some());
        error.to_string()
    };
    assert!(
        error("?evaluation").ends_with(
            "data is not MPIIGaze (image folder), which alone has the option `evaluation`"
        )
    );
    assert!(error("?nonsense[:1]").ends_with("no data set has the option `nonsense`"));
}

#[test]
fn shared_mpiigaze_layout_without_evaluation_lists() {
    let Some(folder) = shared("formats/mpiigaze-layout") else {
        return;
    };
    let sandbox = Sandbox::new();
    let source = format!("{}?evaluation", folder.display());
    let error = Dataset::open(&source, &sandbox.chain, &sandbox.options).unwrap_err();
    assert!(
        error.to_string().starts_with("no evaluation lists beside "),
        "{error}"
    );
}

/// A grey progressive JPEG of 64x64 pixels: one scan, of mean levels alone.
fn progressive_jpeg() -> Vec<u8> {
    let table_of_steps = [&b"\xff\xdb\x00\x43\x00"[..], &[1; 64]].concat();
    let one_code = [&b"\xff\xc4\x00\x14\x00\x01"[..], &[0; 16]].concat();
    [
        b"\xff\xd8",
        &table_of_steps[..],
        b"\xff\xc2\x00\x0b\x08\x00\x40\x00\x40\x01\x01\x11\x00",
        &one_code,
        b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00",
        &[0; 8],
        b"\xff\xd9",
    ]
    .concat()
}

#[test]
fn a_jpeg_that_is_cut_anywhere_is_a_bad_image() {
    let mut baseline = std::io::Cursor::new(vec![]);
    GrayImage::from_fn(64, 64, |x, y| Luma([(x * y) as u8]))
        .write_to(&mut baseline, image::ImageFormat::Jpeg)
        .unwrap();
    for whole in [progressive_jpeg(), baseline.into_inner()] {
        let (folder, export) = (Sandbox::new(), Sandbox::new());
        export.write("1.json", unity_json(false, "(0, 0, -1, 0)"));
        for sandbox in [&folder, &export] {
            sandbox.write("1.jpg", &whole);
            sandbox.open().unwrap();
            for percent in [25, 50, 75, 99] {
                sandbox.write("1.jpg", &whole[..whole.len() * percent / 100]);
                let sentence = sandbox.error().1;
                assert!(
                    sentence.starts_with("DIR/1.jpg cannot be used: it is cut off"),
                    "{sentence}"
                );
            }
        }
    }
}
