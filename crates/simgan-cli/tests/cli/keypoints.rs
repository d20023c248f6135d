//! `train` with labelled points that are kept.

use std::path::Path;

use crate::support::{Scratch, small, with};

fn train(synthetic: &str, sets: &[&str]) -> Vec<String> {
    let mut args = ["train", "--synthetic", synthetic, "--real", "real"]
        .map(str::to_owned)
        .to_vec();
    args.extend(["--out", "run"].map(str::to_owned));
    args.extend(small(1));
    let sets = sets.iter().flat_map(|set| ["--set", set]);
    args.extend(sets.map(str::to_owned));
    args
}

fn call(scratch: &Scratch, synthetic: &str, sets: &[&str]) -> String {
    scratch.run(&with(&[], &train(synthetic, sets)))
}

#[test]
fn a_point_without_labels_is_refused_before_anything_is_written() {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 6);
    scratch.images("real", 5);
    insta::assert_snapshot!(call(
        &scratch,
        "synthetic",
        &["keypoints.points=[\"iris\"]"]
    ));
    assert!(!scratch.path("run").exists());
}

#[test]
fn an_optional_point_without_labels_is_left_out_with_a_warning() {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 6);
    scratch.images("real", 5);
    let sets = ["keypoints.points=[\"iris\"]", "keypoints.optional=true"];
    let text = call(&scratch, "synthetic", &sets);
    assert!(text.contains("exit code: 0"), "{text}");
    assert!(
        text.contains("a point is not kept") && text.contains("`iris_x`"),
        "{text}"
    );
    scratch.succeed(&["train", "--out", "run", "--resume", "--steps", "2"]);
}

#[test]
fn points_in_a_wrong_unit_are_refused() {
    let scratch = Scratch::new();
    scratch.images("real", 5);
    let sets = ["keypoints.points=[\"iris\"]", "keypoints.unit=fraction"];
    insta::assert_snapshot!(call(&scratch, "sim:eyes?count=6&seed=1", &sets));
}

/// Whether every grey level of the first image has one level in the second, none of them out of order.
fn only_light_changed(before: &Path, after: &Path) -> bool {
    let [before, after] = [before, after].map(|path| image::open(path).unwrap().into_luma8());
    let mut levels: Vec<_> = before.pixels().zip(after.pixels()).collect();
    assert_eq!(before.dimensions(), after.dimensions());
    levels.sort_by_key(|(before, after)| (before.0, after.0));
    levels.windows(2).all(|pair| match [pair[0], pair[1]] {
        [(a, light), (b, other)] if a == b => light == other,
        [(_, light), (_, other)] => light.0 <= other.0,
    })
}

#[test]
fn within_a_radius_of_points_refining_changes_light_alone() {
    let scratch = Scratch::new();
    scratch.images("real", 5);
    let eyes = ["--count", "6", "--seed", "1", "--out", "eyes"];
    scratch.succeed(&[&["simulate", "eyes"], &eyes[..]].concat());
    let sets = ["keypoints.points=[\"iris\"]", "keypoints.steps=3"];
    scratch.succeed(&with(&[], &train("eyes", &sets)));
    let only_light_changes = |out: &str| {
        scratch.succeed(&["refine", "--run", "run", "--input", "eyes", "--output", out]);
        let mut images = (0..6).map(|index| format!("images/{index:06}.png"));
        let [eyes, out] = ["eyes", out].map(|folder| scratch.path(folder));
        images.all(|name| only_light_changed(&eyes.join(&name), &out.join(&name)))
    };
    assert!(!only_light_changes("free"));
    // Discs larger than the images: R may move nothing at all.
    let text = std::fs::read_to_string(scratch.path("run/config.toml")).unwrap();
    let held = text.replace("radius = 0.0", "radius = 200.0");
    assert_ne!(held, text);
    std::fs::write(scratch.path("run/config.toml"), held).unwrap();
    assert!(only_light_changes("held"));
}

#[test]
fn a_run_that_keeps_points_is_whole_and_goes_on() {
    let scratch = Scratch::new();
    scratch.images("real", 5);
    let sets = ["keypoints.points=[\"iris\"]", "keypoints.steps=3"];
    scratch.succeed(&with(&[], &train("sim:eyes?count=6&seed=1", &sets)));
    let network = "run/checkpoints/step_00000001/keypoints.safetensors";
    assert!(scratch.path(network).is_file());
    scratch.succeed(&["train", "--out", "run", "--resume", "--steps", "2"]);
    scratch.succeed(&["verify", "run"]);
    let text = scratch.run(&[
        "train",
        "--out",
        "run",
        "--resume",
        "--steps",
        "3",
        "--set",
        "keypoints.weight=1",
    ]);
    assert!(text.contains("keypoints.weight: 10.0 -> 1.0"), "{text}");
}
