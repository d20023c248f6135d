//! `init`: a configuration that fits both sides and says why, and that `train` takes as it stands.

use std::path::Path;

use crate::support::{Scratch, small, with};

const INIT: [&str; 5] = ["init", "--synthetic", "synthetic", "--real", "real"];

/// Written configuration, which `train --dry-run` must accept.
fn proposed(scratch: &Scratch, more: &[&str]) -> String {
    scratch.succeed(&[&["-q"], &INIT[..], more].concat());
    let train = ["-q", "train", "--config", "simgan.toml", "--dry-run"];
    let sides = ["--synthetic", "synthetic", "--real", "real"];
    let steps = small(1);
    let told = scratch.succeed(&with(&[&train[..], &sides, more].concat(), &steps));
    assert!(told.contains("an iteration"), "{told}");
    std::fs::read_to_string(scratch.path("simgan.toml")).unwrap()
}

/// The value of a key as its line has it.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let begin = format!("{key} = ");
    text.lines().find_map(|line| line.strip_prefix(&begin))
}

fn save_depths(folder: &Path, count: u16) {
    std::fs::create_dir_all(folder).unwrap();
    for index in 0..count {
        let pixel = |x, y| image::Luma([400 + 20 * (x + y) as u16 + index]);
        let image = image::ImageBuffer::<image::Luma<u16>, _>::from_fn(24, 20, pixel);
        image.save(folder.join(format!("{index}.png"))).unwrap();
    }
}

#[test]
fn eyes_get_what_proved_good_for_eyes() {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 20);
    scratch.images("real", 20);
    insta::assert_snapshot!(scratch.run(&INIT));
    let text = std::fs::read_to_string(scratch.path("simgan.toml")).unwrap();
    assert!(text.contains("built-in configuration `gaze`"), "{text}");
    assert!(text.contains("Task: gaze."), "{text}");
    assert_eq!(value(&text, "width"), Some("55"));
    assert_eq!(value(&text, "equalize"), Some("false"));
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let scratch = Scratch::new();
    scratch.images("synthetic", 6);
    scratch.images("real", 6);
    std::fs::write(scratch.path("simgan.toml"), "mine").unwrap();
    let told = scratch.run(&INIT);
    assert!(told.starts_with("exit code: "), "{told}");
    assert!(
        told.contains("simgan.toml exists already") && told.contains("hint: "),
        "{told}"
    );
    assert_eq!(
        std::fs::read_to_string(scratch.path("simgan.toml")).unwrap(),
        "mine"
    );
}

#[test]
fn depths_of_16_bits_get_their_range() {
    let scratch = Scratch::new();
    save_depths(&scratch.path("synthetic"), 6);
    save_depths(&scratch.path("real"), 8);
    let text = proposed(&scratch, &[]);
    assert_eq!(value(&text, "range"), Some("[400, 1247]"), "{text}");
    assert_eq!(value(&text, "width"), Some("24"));
    assert_eq!(value(&text, "channels"), Some("1"));
}

#[test]
fn points_classes_and_other_proportions_are_seen() {
    let scratch = Scratch::new();
    scratch.images("synthetic", 6);
    let rows: String = (0..6).map(|i| format!("{i}.png,{i}.5,7\n")).collect();
    let table = format!("file,nose_x,nose_y\n{rows}");
    std::fs::write(scratch.path("synthetic/labels.csv"), table).unwrap();
    let folder = scratch.path("real");
    std::fs::create_dir_all(&folder).unwrap();
    for index in 0..6 {
        crate::support::write_image(&folder.join(format!("{index}.png")), 300, 300, index);
    }
    let text = proposed(&scratch, &[]);
    assert_eq!(value(&text, "point_columns"), Some("[\"nose\"]"), "{text}");
    assert_eq!(value(&text, "crop.kind"), Some("\"aspect\""), "{text}");
    assert_eq!(value(&text, "points"), Some("[\"nose\"]"), "{text}");
    // With another number beside them there are two tasks: nothing is guessed.
    let rows: String = (0..6).map(|i| format!("{i}.png,{i}.5,7,0.25\n")).collect();
    let table = format!("file,nose_x,nose_y,width\n{rows}");
    std::fs::write(scratch.path("synthetic/labels.csv"), table).unwrap();
    std::fs::remove_file(scratch.path("simgan.toml")).unwrap();
    let text = proposed(&scratch, &[]);
    assert!(text.contains("No task of an estimator is chosen"), "{text}");
}

#[test]
fn large_images_are_scaled_down_with_a_word() {
    let scratch = Scratch::new();
    for side in ["synthetic", "real"] {
        std::fs::create_dir_all(scratch.path(side)).unwrap();
        for index in 0..4 {
            let path = scratch.path(side).join(format!("{index}.png"));
            crate::support::write_image(&path, 400, 300, index);
        }
    }
    let json = scratch.succeed(&[&["-q"], &INIT[..], &["--json"]].concat());
    assert!(json.contains("Scaled down to 128 pixels"), "{json}");
    let text = std::fs::read_to_string(scratch.path("simgan.toml")).unwrap();
    assert_eq!(value(&text, "width"), Some("128"));
    assert_eq!(value(&text, "height"), Some("96"));
}
