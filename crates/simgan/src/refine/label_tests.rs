//! What a refined set has of labels that lie in files of their own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::tests::{Scratch, draw, options, refiner, tar};
use super::*;

/// A set of five images of 8x6 pixels with masks, whose labels lie in the given files.
fn labelled(scratch: &Scratch, files: &[(&str, &str)]) -> Dataset {
    let root = scratch.0.path().join("in");
    let draw = |name: &str, level| draw(&root.join(name), level);
    for i in 0..5 {
        draw(&format!("images/{i}.png"), 20 * i);
        draw(&format!("masks/{i}.png"), i);
    }
    for (name, text) in files {
        let path = root.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let open = OpenOptions {
        cache_dir: Some(scratch.0.path().join("cache")),
        ..OpenOptions::default()
    };
    let root = root.display().to_string();
    refiner(0).open(&root, &open, &|_, _| {}).unwrap()
}

/// Members of all tars of a set, by name.
fn members(files: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    use std::io::Read;
    let mut members = BTreeMap::new();
    for (_, bytes) in files
        .iter()
        .filter(|(name, _)| name.extension() == Some("tar".as_ref()))
    {
        let mut archive = ::tar::Archive::new(&bytes[..]);
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            let mut bytes = vec![];
            entry.read_to_end(&mut bytes).unwrap();
            members.insert(name, bytes);
        }
    }
    members
}

/// COCO's table in another order than the images have by name.
const COCO: &str = r#"{"images": [{"id": 7, "file_name": "4.png", "width": 8, "height": 6, "new": 1.50},
  {"id": 1, "file_name": "2.png"}, {"id": 2, "file_name": "0.png"}, {"id": 3, "file_name": "1.png"},
  {"id": 9, "file_name": "3.png"}],
 "annotations": [{"id": 5, "image_id": 7, "bbox": [1, 1, 4, 2]}, {"id": 4, "image_id": 1, "bbox": [0, 0, 8, 6]},
  {"id": 6, "image_id": 7, "bbox": [1, 1, 4, 2], "segmentation": [[1, 1, 5, 1, 5, 3]]}]}
"#;

#[test]
fn labels_in_files_of_their_own_come_out_byte_for_byte() {
    let yolo = [
        ("labels/0.txt", "0 0.50 0.5 0.25 0.5\r\n"),
        ("labels/3.txt", "1 0.5 0.5 0.25 0.5\n0 0.1 0.1 .1 .1"),
        ("data.yaml", "names: [cat, dog] # two\n"),
    ];
    for (files, order) in [
        (&yolo[..], [0, 1, 2, 3, 4]),
        (&[("annotations/all.json", COCO)][..], [4, 2, 0, 1, 3]),
    ] {
        let scratch = Scratch::new();
        let images = labelled(&scratch, files);
        let names: Vec<String> = (0..5).map(|index| images.name(index)).collect();
        assert_eq!(names, order.map(|i| format!("images/{i}.png")));
        for options in [options("1/1"), tar("1/1")] {
            let done = refiner(0).refine_with(&options, &images, &scratch.output(), &mut |_, _| {});
            assert!(done.unwrap().complete);
            assert_eq!(verify(&scratch.output()).unwrap(), [""; 0]);
            let found = scratch.files();
            let in_tars = members(&found);
            for (name, text) in files {
                let found = match name.strip_prefix("labels/") {
                    Some(name) if !in_tars.is_empty() => &in_tars[&format!("images/{name}")],
                    _ => &found[&PathBuf::from(name)],
                };
                assert_eq!(String::from_utf8_lossy(found), *text);
            }
            assert!(!found.contains_key(&PathBuf::from("labels.csv")));
            fs_err::remove_dir_all(scratch.output()).unwrap();
        }
    }
}

#[test]
fn a_table_of_coco_has_its_part_with_every_image_in_a_tar() {
    let scratch = Scratch::new();
    let images = labelled(&scratch, &[("annotations/all.json", COCO)]).subset(&[0, 3]);
    refiner(0)
        .refine_with(&tar("1/1"), &images, &scratch.output(), &mut |_, _| {})
        .unwrap();
    let files = scratch.files();
    let members = members(&files);
    let json: serde_json::Value = serde_json::from_slice(&members["images/4.json"]).unwrap();
    assert_eq!(json["objects"], 2);
    assert_eq!(json["image"]["new"], 1.5);
    assert_eq!(json["annotations"][1]["id"], 6);
    assert!(members.contains_key("images/1.mask.png"));
    let whole: serde_json::Value =
        serde_json::from_slice(&files[&PathBuf::from("annotations/all.json")]).unwrap();
    assert_eq!(whole["images"].as_array().unwrap().len(), 2);
    assert_eq!(whole["annotations"].as_array().unwrap().len(), 2);
}
