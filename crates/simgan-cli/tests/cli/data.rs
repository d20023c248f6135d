//! Data sets that cannot be used, and those that can.

use crate::support::{Scratch, write_image};

fn fit(scratch: &Scratch, more: &[&str]) -> String {
    let args = [
        "fit",
        "gaze",
        "--data",
        "data",
        "--out",
        "model",
        "--set",
        "estimator.kind=knn",
    ];
    scratch.run(&[&args, more].concat())
}

#[test]
fn missing_folder() {
    insta::assert_snapshot!(fit(&Scratch::new(), &[]));
}

#[test]
fn empty_folder() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("data")).unwrap();
    insta::assert_snapshot!(fit(&scratch, &[]));
}

#[test]
fn mixed_sizes() {
    let scratch = Scratch::new();
    let folder = scratch.images("data", 5);
    write_image(&folder.join("odd.png"), 20, 20, 1);
    insta::assert_snapshot!(fit(&scratch, &[]));
}

#[test]
fn outputs_below_the_images_that_are_read_are_refused() {
    let scratch = Scratch::new();
    scratch.labelled("data", 6);
    let refused = |args: &[&str]| {
        let text = scratch.run(args);
        assert!(text.starts_with("exit code: 7"), "{text}");
        assert!(text.contains("lies in data, which is read"), "{text}");
        assert!(
            text.contains("hint: give --out a folder outside data"),
            "{text}"
        );
    };
    refused(&[
        "fit",
        "gaze",
        "--data",
        "data[:3]",
        "--out",
        "data/new/model",
    ]);
    refused(&[
        "train",
        "--synthetic",
        "data",
        "--real",
        "data",
        "--out",
        "./data/../data/run",
    ]);
    assert_eq!(std::fs::read_dir(scratch.path("data")).unwrap().count(), 7);
}

#[test]
fn missing_labels() {
    let scratch = Scratch::new();
    scratch.images("data", 5);
    insta::assert_snapshot!(fit(&scratch, &[]));
}

#[test]
fn wrong_column() {
    let scratch = Scratch::new();
    scratch.labelled("data", 5);
    insta::assert_snapshot!(fit(&scratch, &["--target", "gaze_pitch,gaze_roll"]));
}

#[test]
fn column_of_words() {
    let scratch = Scratch::new();
    scratch.labelled("data", 5);
    insta::assert_snapshot!(fit(&scratch, &["--target", "note"]));
}

#[test]
fn empty_slice() {
    let scratch = Scratch::new();
    scratch.labelled("data", 5);
    let args = ["fit", "gaze", "--data", "data[9:]", "--out", "model"];
    insta::assert_snapshot!(scratch.run(&args));
}

#[test]
fn corrupted_image_stops_the_work() {
    let scratch = Scratch::new();
    let folder = scratch.labelled("data", 12);
    std::fs::write(folder.join("7.png"), b"\x89PNG\r\n\x1a\nbroken").unwrap();
    insta::assert_snapshot!(fit(&scratch, &[]));
    assert!(!scratch.path("model").exists());
}

#[test]
fn corrupted_image_is_left_out_and_named() {
    let scratch = Scratch::new();
    let folder = scratch.labelled("data", 12);
    std::fs::write(folder.join("7.png"), b"\x89PNG\r\n\x1a\nbroken").unwrap();
    insta::assert_snapshot!(fit(&scratch, &["--on-bad-image", "skip"]));
    assert!(scratch.path("model").is_dir());
}

#[test]
fn output_folder_that_is_not_empty() {
    let scratch = Scratch::new();
    scratch.labelled("data", 5);
    scratch.images("model", 1);
    insta::assert_snapshot!(fit(&scratch, &[]));
}

#[test]
fn inspect_a_sound_data_set() {
    let scratch = Scratch::new();
    scratch.labelled("data", 5);
    insta::assert_snapshot!(scratch.run(&["inspect", "data"]));
}

#[test]
fn inspect_an_unsound_data_set_as_json() {
    let scratch = Scratch::new();
    let folder = scratch.labelled("data", 5);
    std::fs::write(folder.join("3.png"), b"").unwrap();
    insta::assert_snapshot!(scratch.run(&["inspect", "data", "--json"]));
}

#[test]
fn inspect_labels() {
    let scratch = Scratch::new();
    scratch.labelled("data", 5);
    insta::assert_snapshot!(scratch.run(&["inspect", "data/labels.csv"]));
}

#[test]
fn inspect_nothing() {
    insta::assert_snapshot!(Scratch::new().run(&["inspect", "none"]));
}

#[test]
fn what_is_not_read_is_a_warning_and_no_problem() {
    let scratch = Scratch::new();
    let folder = scratch.labelled("data", 5);
    std::fs::write(folder.join("a.heic"), "x").unwrap();
    let warning = "1 image of another format is not read: a.heic";
    assert!(fit(&scratch, &[]).contains(&format!("data: {warning}")));
    let inspected = scratch.run(&["inspect", "data", "--json"]);
    assert!(inspected.contains(warning), "{inspected}");
    assert!(inspected.contains("\"sound\": true"), "{inspected}");
}
