//! Class folders, masks, YOLO and COCO on disk: what is read as labels, and what goes with refined images.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::PathBuf;

use image::{GrayImage, Luma};
use simgan_base::Error;
use simgan_data::preprocessing::{Crop, CropKind, CropUnit};
use simgan_data::{
    CarriedFile, Dataset, HeldAreas, HoldConfig, OnBadImage, OutputFormat, Probe, RefinedManifest,
};

use support::Sandbox;

impl Sandbox {
    /// A part of 4x2 pixels at (2, 1) is kept.
    fn cropping() -> Self {
        let mut sandbox = Self::new();
        sandbox.chain.crop = Crop {
            kind: CropKind::Box,
            unit: CropUnit::Pixels,
            left: 2.0,
            top: 1.0,
            width: 4.0,
            height: 2.0,
        };
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

    /// Images of 8x4 pixels, each of which has a level of its own.
    fn images(&self, names: &[&str]) {
        for name in names {
            let path = self.root().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let image = GrayImage::from_fn(8, 4, |x, y| Luma([(x + 8 * y) as u8]));
            image.save(path).unwrap();
        }
    }

    fn open_as(&self, rest: &str) -> Result<Dataset, Error> {
        let source = format!("{}{rest}", self.root().display());
        Dataset::open(&source, &self.chain, &self.options)
    }

    fn open(&self) -> Dataset {
        self.open_as("").unwrap()
    }

    fn error(&self, rest: &str) -> String {
        let error = self.open_as(rest).unwrap_err();
        let text = error.to_string();
        text.replace(&self.root().display().to_string(), "DIR")
    }
}

fn names(dataset: &Dataset) -> Vec<String> {
    (0..dataset.len())
        .map(|index| dataset.name(index))
        .collect()
}

fn table(dataset: &Dataset) -> String {
    let mut text = vec![];
    dataset.write_labels(&mut text, 10).unwrap();
    String::from_utf8(text).unwrap()
}

fn text(file: &CarriedFile) -> (&str, &str) {
    (&file.name, str::from_utf8(&file.bytes).unwrap())
}

#[test]
fn names_of_folders_are_classes_where_they_are_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.images(&["cat/1.png", "cat/more/2.png", "dog, wet/1.png"]);
    let said = "the names of its 2 folders, cat and dog, wet among them, are not read as labels: DIR?classes reads them";
    assert_eq!(sandbox.open().unread(), [said]);
    assert!(!sandbox.open().has_labels());
    let dataset = sandbox.open_as("?classes").unwrap();
    assert_eq!(dataset.format(), "class folders");
    let rows = "file,class\ncat/1.png,cat\ncat/more/2.png,cat\n\"dog, wet/1.png\",\"dog, wet\"\n";
    assert_eq!((table(&dataset), dataset.unread().len()), (rows.into(), 0));
    let wet = sandbox.open_as("?classes@only=class:cat").unwrap();
    assert_eq!(names(&wet), ["cat/1.png", "cat/more/2.png"]);
    sandbox.images(&["3.png"]);
    let said = "DIR/3.png cannot be used: it lies in no folder, and so has no class";
    assert_eq!(sandbox.error("?classes"), said);
    let alone = Sandbox::new();
    alone.images(&["1.png"]);
    let said = "DIR holds no folder of images, and so no class";
    assert_eq!(alone.error("?classes"), said);
}

#[test]
fn masks_move_with_their_image() {
    let sandbox = Sandbox::cropping();
    sandbox.images(&["images/1.png", "masks/1.png"]);
    let [mask] = &sandbox.open().files_beside(0).unwrap()[..] else {
        panic!("one mask")
    };
    assert_eq!(mask.name, "masks/1.png");
    let moved = image::load_from_memory(&mask.bytes).unwrap().into_luma8();
    assert_eq!(moved.into_raw(), [10, 11, 12, 13, 18, 19, 20, 21]);
    // Nothing moves: not a byte is another.
    let mut whole = Sandbox::new();
    (whole.chain.width, whole.chain.height) = (8, 4);
    whole.images(&["images/1.png"]);
    whole.write("masks/1.png", "whatever it is");
    let files = whole.open().files_beside(0).unwrap();
    assert_eq!(text(&files[0]), ("masks/1.png", "whatever it is"));
    // Of another size it cannot move.
    sandbox.write("masks/1.png", "GIF89a");
    let error = sandbox.open().files_beside(0).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("masks/1.png cannot be carried along: it is no PNG file")
    );
    let image = GrayImage::from_pixel(3, 3, Luma([1]));
    image.save(sandbox.root().join("masks/1.png")).unwrap();
    let error = sandbox.open().files_beside(0).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("it is 3x3, but its image is 8x4"),
        "{error}"
    );
}

/// Two boxes, none, and one; a description with names.
fn yolo(sandbox: &Sandbox) {
    sandbox.images(&["images/1.png", "images/2.png", "images/10.png"]);
    sandbox.write("labels/1.txt", "1 0.5 0.5 0.25 0.5\n0 0.25 0.5 0.1 0.2\n");
    sandbox.write("labels/10.txt", "1 0.50 0.50 0.250 0.5\r\n");
    sandbox.write("data.yaml", "names: [cat, dog]\nnc: 2 # two\n");
}

#[test]
fn yolo_texts_are_boxes_in_pixels() {
    let sandbox = Sandbox::new();
    yolo(&sandbox);
    for _ in 0..2 {
        let dataset = sandbox.open();
        assert_eq!(dataset.format(), "YOLO");
        let said = "1 image has no text, and so no object: images/2.png";
        assert_eq!(dataset.unread(), [said]);
        let rows = "file,objects,class,box_x,box_y,box_w,box_h\n\
            images/1.png,2,,,,,\nimages/2.png,0,,,,,\n\
            images/10.png,1,dog,1.500000,0.500000,1.000000,1.000000\n";
        assert_eq!(table(&dataset), rows);
        let error = dataset.column("box_w").unwrap_err();
        let said = "images/1.png has 2 objects, and so no one value of `box_w`";
        assert!(error.to_string().ends_with(said), "{error}");
        let one = sandbox.open_as("@only=objects:1").unwrap();
        assert_eq!(one.column("box_w").unwrap(), [1.0]);
    }
    let moved = sandbox.open().moved_points().unwrap().clone();
    assert_eq!(moved.points, ["box"]);
}

#[test]
fn yolo_texts_go_along() {
    // Resizing alone changes no fraction, and so not a byte.
    let resized = Sandbox::new();
    yolo(&resized);
    let dataset = resized.open();
    assert!(dataset.has_label_files());
    assert_eq!(
        [0, 1, 2].map(|index| dataset.count_files_beside(index)),
        [1, 0, 1]
    );
    let files = dataset.files_beside(2).unwrap();
    assert_eq!(
        text(&files[0]),
        ("labels/10.txt", "1 0.50 0.50 0.250 0.5\r\n")
    );
    assert!(dataset.files_beside(1).unwrap().is_empty());
    let shared = dataset.label_files().unwrap();
    assert_eq!(
        text(&shared[0]),
        ("data.yaml", "names: [cat, dog]\nnc: 2 # two\n")
    );
    // Half of the width and of the height is kept, from a quarter on.
    let cropped = Sandbox::cropping();
    yolo(&cropped);
    let files = cropped.open().files_beside(0).unwrap();
    let said = "1 0.5 0.5 0.5 1\n0 0 0.5 0.2 0.4\n";
    assert_eq!(text(&files[0]), ("labels/1.txt", said));
    let (a, b) = (
        dataset.label_fingerprint().unwrap(),
        cropped.open().label_fingerprint().unwrap(),
    );
    assert!(a.is_some() && a != b);
}

#[test]
fn key_points_of_yolo_have_columns() {
    let sandbox = Sandbox::cropping();
    sandbox.images(&["1.png", "2.png"]);
    sandbox.write("data.yaml", "kpt_shape: [2, 3]\nnames:\n  0: hand\n");
    sandbox.write("1.txt", "0 0.5 0.5 0.5 0.5 0.5 0.5 2 0 0 0\n");
    sandbox.write("2.txt", "0 0.5 0.5 0.5 0.5 0.25 0.25 1 1 1 2\n");
    let dataset = sandbox.open();
    assert_eq!(dataset.subset(&[1]).column("point_1_x").unwrap(), [6.0]);
    assert_eq!(dataset.column("point_0_x").unwrap(), [2.0, 0.0]);
    assert_eq!(dataset.column("point_0_visibility").unwrap(), [2.0, 1.0]);
    let files = dataset.files_beside(0).unwrap();
    assert_eq!(
        text(&files[0]),
        ("1.txt", "0 0.5 0.5 1 1 0.5 0.5 2 0 0 0\n")
    );
}

#[test]
fn what_is_wrong_with_yolo_is_said_with_file_and_line() {
    for (name, bytes, said) in [
        (
            "labels/2.txt",
            "0 .5 .5 .5 .5\n\n0 1 2\n",
            "DIR/images/2.png cannot be used: its labels/2.txt: line 3: it has 3 numbers, which are neither a class and \
             a box nor a class and an outline",
        ),
        (
            "labels/2.txt",
            "7 .5 .5 .5 .5\n",
            "DIR/images/2.png cannot be used: its labels/2.txt: it has the class 7, which has no name",
        ),
        (
            "labels/3.txt",
            "0 .5 .5 .5 .5\n",
            "DIR/labels/3.txt cannot be used: there is no image of its name",
        ),
        (
            "data.yaml",
            "names: cat\n",
            "DIR/data.yaml: `names` is not understood: `cat`",
        ),
        (
            "dataset.yaml",
            "names: [cat]\n",
            "DIR describes its classes twice, in data.yaml and dataset.yaml",
        ),
    ] {
        let sandbox = Sandbox::new();
        yolo(&sandbox);
        sandbox.write(name, bytes);
        assert_eq!(sandbox.error(""), said);
    }
    // Captions are no labels.
    let captions = Sandbox::new();
    captions.images(&["1.png"]);
    captions.write("1.txt", "an eye that looks left\n");
    assert_eq!(captions.open().format(), "image folder");
}

const COCO: &str = r#"{"info": {"by": "us"},
 "images": [{"id": 9, "file_name": "b.png", "width": 8, "height": 4, "x": 0}, {"id": 4, "file_name": "a.png"}],
 "annotations": [
  {"id": 1, "image_id": 9, "category_id": 2, "bbox": [2, 1, 4, 2], "keypoints": [3, 1, 2], "iscrowd": 0},
  {"id": 2, "image_id": 4, "category_id": 2, "bbox": [0, 0, 1, 1], "note": "first"},
  {"id": 3, "image_id": 4, "category_id": 2, "bbox": [1, 1, 1, 1]}],
 "categories": [{"id": 2, "name": "hand", "keypoints": ["tip"]}]}
"#;

fn coco(sandbox: &Sandbox) {
    sandbox.images(&["images/a.png", "images/b.png"]);
    sandbox.write("annotations/all.json", COCO);
}

#[test]
fn a_table_of_coco_is_read_in_its_order() {
    let sandbox = Sandbox::cropping();
    coco(&sandbox);
    for _ in 0..2 {
        let dataset = sandbox.open();
        assert_eq!((dataset.format(), dataset.unread().len()), ("COCO", 0));
        let rows = "file,objects,class,box_x,box_y,box_w,box_h,tip_x,tip_y,tip_visibility\n\
            images/b.png,1,hand,0.000000,0.000000,4.000000,2.000000,1.500000,0.500000,2\n\
            images/a.png,2,,,,,,,,\n";
        assert_eq!(table(&dataset), rows);
    }
}

#[test]
fn a_table_of_coco_goes_along_with_the_images_that_are_kept() {
    let mut whole = Sandbox::new();
    (whole.chain.width, whole.chain.height) = (8, 4);
    coco(&whole);
    let files = whole.open().label_files().unwrap();
    assert_eq!(text(&files[0]), ("annotations/all.json", COCO));
    let sandbox = Sandbox::cropping();
    coco(&sandbox);
    let second = sandbox.open_as("[1:]").unwrap();
    let files = second.label_files().unwrap();
    let said = r#"{"info": {"by": "us"},
 "images": [{"id": 4, "file_name": "a.png"}],
 "annotations": [
  {"id": 2, "image_id": 4, "category_id": 2, "bbox": [-2, -1, 1, 1], "note": "first"},
  {"id": 3, "image_id": 4, "category_id": 2, "bbox": [-1, 0, 1, 1]}],
 "categories": [{"id": 2, "name": "hand", "keypoints": ["tip"]}]}
"#;
    assert_eq!(text(&files[0]), ("annotations/all.json", said));
    let members = sandbox.open().label_members(0).unwrap();
    let image = r#"{"id": 9, "file_name": "b.png", "width": 4, "height": 2, "x": 0}"#;
    assert_eq!(members[0], ("image".into(), image.into()));
    assert!(members[1].1.starts_with(r#"[{"id": 1, "image_id": 9,"#));
    assert!(
        members[1].1.contains(r#""keypoints": [1, 0, 2]"#),
        "{}",
        members[1].1
    );
}

/// A camera that lay on its side, and labels of the pixels as it stored them.
#[test]
fn labels_of_a_turned_image_are_turned_upright() {
    let sandbox = Sandbox::new();
    sandbox.images(&["images/a.png", "images/b.png", "masks/b.png"]);
    sandbox.write("annotations/all.json", COCO);
    for name in ["images/a.png", "images/b.png"] {
        sandbox.write(
            name,
            rotated(&std::fs::read(sandbox.root().join(name)).unwrap()),
        );
    }
    let mut upright = sandbox;
    (upright.chain.width, upright.chain.height) = (4, 8);
    let dataset = upright.open();
    // The part of 4x2 at (2, 1) of 8x4, turned clockwise, in 4x8.
    let one = upright.open_as("@only=objects:1").unwrap();
    let sides = ["box_x", "box_y", "box_w", "box_h"].map(|side| one.column(side).unwrap()[0]);
    assert_eq!(sides, [1.0, 2.0, 2.0, 4.0]);
    let point = ["tip_x", "tip_y"].map(|axis| one.column(axis).unwrap()[0]);
    assert_eq!(point, [2.5, 3.5]);
    let files = dataset.label_files().unwrap();
    let table = String::from_utf8(files[0].bytes.clone()).unwrap();
    for part in [
        r#""file_name": "b.png", "width": 4, "height": 8, "x": 0"#,
        r#""bbox": [1, 2, 2, 4], "keypoints": [2, 3, 2]"#,
        // Nothing says that this image lay on its side when it was labelled.
        r#""bbox": [0, 0, 1, 1], "note": "first""#,
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let mask = dataset.files_beside(0).unwrap().remove(0);
    let mask = image::load_from_memory(&mask.bytes).unwrap().into_luma8();
    assert_eq!(mask.into_raw(), *dataset.pixels(0));
}

/// A PNG file that says that its image is to be turned a quarter clockwise.
fn rotated(png: &[u8]) -> Vec<u8> {
    let exif = *b"eXIfMM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut sum = flate2::Crc::new();
    sum.update(&exif);
    let length = (exif.len() as u32 - 4).to_be_bytes();
    let chunk = [&length[..], &exif, &sum.sum().to_be_bytes()].concat();
    // Behind the header.
    [&png[..33], &chunk, &png[33..]].concat()
}

#[test]
fn size_and_channels_are_seen_before_a_set_is_opened() {
    let (a, b) = (Sandbox::new(), Sandbox::new());
    coco(&a);
    yolo(&b);
    for sandbox in [a, b] {
        let source = sandbox.root().display().to_string();
        let found = Probe::of(&source, &sandbox.options).unwrap();
        let (size, channels) = ([8, 4], 1);
        assert_eq!(found, Probe::Files { size, channels });
    }
}

#[test]
fn boxes_that_preprocessing_cuts_are_told_and_not_cut() {
    // The second box of the first image begins left of the part that is kept.
    let sandbox = Sandbox::cropping();
    yolo(&sandbox);
    sandbox.write("labels/10.txt", "1 0.125 0.5 0.25 0.5\n");
    let one = sandbox.open_as("@only=objects:1").unwrap();
    assert_eq!(one.column("box_x").unwrap(), [-2.0]);
    assert_eq!(one.column("box_w").unwrap(), [2.0]);
}

#[test]
fn of_several_tables_one_is_given() {
    let sandbox = Sandbox::new();
    coco(&sandbox);
    let one = COCO.replace(r#", {"id": 4, "file_name": "a.png"}"#, "");
    let start = one.find(",\n  {\"id\": 2").unwrap();
    let one = format!(
        "{}{}",
        &one[..start],
        &one[one.find("],\n \"cat").unwrap()..]
    );
    sandbox.write("annotations/one.json", one);
    let said = "DIR holds 2 tables of COCO's, DIR/annotations/all.json and DIR/annotations/one.json among them";
    assert_eq!(sandbox.error(""), said);
    let dataset = sandbox.open_as("/annotations/one.json").unwrap();
    assert_eq!(
        (dataset.format(), names(&dataset)),
        ("COCO", vec!["images/b.png".into()])
    );
    assert_eq!(dataset.root().unwrap(), sandbox.root());
    assert_eq!(
        dataset.label_files().unwrap()[0].name,
        "annotations/one.json"
    );
}

#[test]
fn what_is_wrong_with_coco_is_said_with_its_place() {
    let with = |from: &str, to: &str| COCO.replace(from, to);
    for (table, said) in [
        (
            with("b.png", "c.png"),
            "DIR/c.png cannot be used: its table names it, but there is no such image",
        ),
        (
            with("\"width\": 8", "\"width\": 9"),
            "DIR/images/b.png cannot be used: its table says 9x4 of it, but it is 8x4",
        ),
        (
            with("b.png", "../b.png"),
            "DIR/annotations/all.json: images[0]: its file_name `../b.png` leads out of the folder",
        ),
        (
            with("b.png", "a.png"),
            "DIR/annotations/all.json: images[1]: images/a.png is another image as well",
        ),
        (
            with("[0, 0, 1, 1]", "[0, 0, 1]"),
            "DIR/images/a.png cannot be used: annotations[1]: its `bbox` is not [left, top, width, height]",
        ),
    ] {
        let sandbox = Sandbox::new();
        coco(&sandbox);
        sandbox.write("annotations/all.json", table);
        assert_eq!(sandbox.error(""), said);
    }
    let sandbox = Sandbox::new();
    coco(&sandbox);
    sandbox.write("annotations/all.json", &COCO[..COCO.len() - 4]);
    let error = sandbox.error("");
    assert!(
        error.starts_with("DIR/annotations/all.json: it is no table of COCO's: EOF"),
        "{error}"
    );
    sandbox.write("annotations/all.json", COCO);
    sandbox.images(&["images/c.png", "other/b.png"]);
    let error = sandbox.error("");
    let said = "DIR/b.png cannot be used: its table may mean images/b.png or other/b.png";
    assert_eq!(error, said);
    std::fs::remove_dir_all(sandbox.root().join("other")).unwrap();
    let said = "DIR/images/c.png cannot be used: it is not in DIR/annotations/all.json";
    assert_eq!(sandbox.error(""), said);
    let mut skipping = sandbox;
    skipping.options.on_bad_image = OnBadImage::Skip;
    assert_eq!(skipping.open().len(), 2);
}

/// Before a refiner works for hours.
#[test]
fn labels_that_cannot_move_are_told_with_the_fingerprint() {
    let sandbox = Sandbox::cropping();
    coco(&sandbox);
    let runs = r#""note": "first", "segmentation": {"size": [4, 8], "counts": [3]}"#;
    sandbox.write(
        "annotations/all.json",
        COCO.replace(r#""note": "first""#, runs),
    );
    let error = sandbox.open().label_fingerprint().unwrap_err().to_string();
    let said =
        "annotations/all.json: annotations[1]: its run lengths cover 3 pixels, but 8x4 are 32";
    assert!(error.ends_with(said), "{error}");
}

#[test]
fn refined_sets_have_their_labels_in_their_own_files() {
    for is_coco in [true, false] {
        let (before, after) = (Sandbox::cropping(), Sandbox::cropping());
        if is_coco {
            coco(&before)
        } else {
            yolo(&before)
        }
        let dataset = before.open();
        for index in 0..dataset.len() {
            let name = dataset.name(index);
            let path = after.root().join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let pixels = dataset.pixels(index).into_owned();
            GrayImage::from_raw(4, 2, pixels)
                .unwrap()
                .save(path)
                .unwrap();
            let files = dataset.files_beside(index).unwrap();
            files
                .iter()
                .for_each(|file| after.write(&file.name, &file.bytes));
        }
        let files = dataset.label_files().unwrap();
        files
            .iter()
            .for_each(|file| after.write(&file.name, &file.bytes));
        let manifest = RefinedManifest {
            preprocessing: before.chain.clone(),
            images: dataset.len(),
            format: OutputFormat::Folder,
            ..Default::default()
        };
        manifest.write(&after.root()).unwrap();
        let again = after.open();
        assert_eq!(
            (again.format(), names(&again)),
            ("refined images", names(&dataset))
        );
        // Numbers that crop and size have not moved are written shorter.
        let numbers = |text: String| text.replace(".000000", "").replace("00000", "");
        assert_eq!(numbers(table(&again)), numbers(table(&dataset)));
        assert_eq!(again.label_files().unwrap(), files);
        for index in 0..again.len() {
            let expected = dataset.files_beside(index).unwrap();
            assert_eq!(again.files_beside(index).unwrap(), expected);
        }
    }
}

/// Numbers of the pixels of 4x2 that a class holds in an image.
fn held(data: &Dataset, index: usize, class: u16) -> Result<Vec<usize>, Error> {
    let mut config = HoldConfig::default();
    config.masks.nothing = vec![class];
    let areas = HeldAreas::of(data, &config)?.of_image(index)?;
    let pixels = areas[0].pixels.iter().enumerate();
    Ok(pixels
        .filter(|(_, held)| **held)
        .map(|(at, _)| at)
        .collect())
}

#[test]
fn outlines_of_coco_and_yolo_are_classes_that_can_be_held() {
    let sandbox = Sandbox::cropping();
    sandbox.images(&["a.png", "b.png"]);
    // Of 2x2 pixels the crop leaves the lower two; the run lengths cover what it cuts off.
    let outline = "[[2, 0, 4, 0, 4, 2, 2, 2]]";
    let runs = r#"{"size": [4, 8], "counts": [24, 8]}"#;
    let table = |first: &str| {
        format!(
            r#"{{"images": [{{"id": 1, "file_name": "a.png", "width": 8, "height": 4}},
                {{"id": 2, "file_name": "b.png", "width": 8, "height": 4}}],
                "categories": [{{"id": 3, "name": "iris"}}, {{"id": 4, "name": "lid"}}],
                "annotations": [{{"id": 1, "image_id": 1, "category_id": 3, "bbox": [2, 0, 2, 2]{first}}},
                {{"id": 2, "image_id": 1, "category_id": 4, "bbox": [5, 0, 3, 4], "segmentation": {runs}}}]}}"#
        )
    };
    sandbox.write(
        "labels.json",
        table(&format!(r#", "segmentation": {outline}"#)),
    );
    let data = sandbox.open();
    assert_eq!(held(&data, 0, 3).unwrap(), [0, 1]);
    assert!(held(&data, 0, 4).unwrap().is_empty());
    assert!(held(&data, 1, 3).unwrap().is_empty());
    let error = held(&data, 0, 5).unwrap_err().to_string();
    assert!(
        error.contains("there is no category with the id 5"),
        "{error}"
    );
    sandbox.write("labels.json", table(""));
    let error = held(&sandbox.open(), 0, 3).unwrap_err().to_string();
    assert!(
        error.contains("annotations[0]") && error.contains("no `segmentation`"),
        "{error}"
    );

    let sandbox = Sandbox::cropping();
    sandbox.images(&["images/a.png"]);
    sandbox.write(
        "labels/a.txt",
        "1 0.25 0 0.5 0 0.5 0.5 0.25 0.5\n0 0.5 0.5 0.5 0.5\n",
    );
    let data = sandbox.open();
    assert_eq!(held(&data, 0, 1).unwrap(), [0, 1]);
    let error = held(&data, 0, 0).unwrap_err().to_string();
    assert!(
        error.contains("a.txt") && error.contains("line 2"),
        "{error}"
    );
}
