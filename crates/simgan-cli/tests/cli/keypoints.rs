//! `train` with labelled points that are kept.

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

#[test]
fn a_radius_holds_points_where_refining_ends() {
    let scratch = Scratch::new();
    scratch.images("real", 5);
    let sets = ["keypoints.points=[\"iris\"]", "keypoints.steps=3"];
    let synthetic = "sim:eyes?count=6&seed=1";
    scratch.succeed(&with(&[], &train(synthetic, &sets)));
    let refine = |out: &str| {
        scratch.run(&[
            "refine", "--run", "run", "--input", synthetic, "--output", out,
        ])
    };
    let untouched = "6 of 6 images came out exactly as they went in";
    assert!(!refine("free").contains(untouched));
    // Discs larger than the images: nothing is left of refining.
    let text = std::fs::read_to_string(scratch.path("run/config.toml")).unwrap();
    let held = text.replace("radius = 0.0", "radius = 200.0");
    assert_ne!(held, text);
    std::fs::write(scratch.path("run/config.toml"), held).unwrap();
    let said = refine("held");
    assert!(said.contains(untouched), "{said}");
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
