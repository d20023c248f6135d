//! Large images and 16 bits, from training to fitting; what a training takes.

use std::path::Path;

use crate::support::{REFINE, Scratch, TRAIN, small, with, write_image};

/// Random parts of 12x10.
const PARTS: [&str; 8] = [
    "--set",
    "preprocessing.crop.kind=random",
    "--set",
    "preprocessing.width=12",
    "--set",
    "preprocessing.height=10",
    "--set",
    "preprocessing.equalize=false",
];

fn large(scratch: &Scratch, name: &str, [width, height]: [u32; 2], count: usize) {
    let folder = scratch.path(name);
    std::fs::create_dir_all(&folder).unwrap();
    for index in 0..count {
        write_image(&folder.join(format!("{index}.png")), width, height, index);
    }
}

fn size(path: &Path) -> (u32, u32) {
    image::image_dimensions(path).unwrap()
}

#[test]
fn what_is_trained_on_random_parts_refines_whole_images() {
    let scratch = Scratch::new();
    large(&scratch, "synthetic", [60, 40], 4);
    large(&scratch, "real", [50, 30], 4);
    std::fs::write(
        scratch.path("synthetic/labels.csv"),
        "file,x\n0.png,1\n1.png,2\n2.png,3\n3.png,4\n",
    )
    .unwrap();
    let trained = scratch.run(&[&with(&TRAIN, &small(2))[..], &PARTS].concat());
    assert!(trained.starts_with("exit code: 0"), "{trained}");
    scratch.succeed(&[&["-q"], &REFINE[..]].concat());
    assert_eq!(size(&scratch.path("refined/3.png")), (60, 40));
    // Labels of whole images hold for whole images.
    let labels = |folder: &str| std::fs::read(scratch.path(folder).join("labels.csv")).unwrap();
    assert_eq!(labels("refined"), labels("synthetic"));
    scratch.succeed(&["verify", "refined"]);
    // Parts have no labels to learn from.
    let fit = ["fit", "--run", "run", "--data", "refined", "--out", "model"];
    let told = scratch.run(&fit);
    assert!(told.contains("has no labels"), "{told}");
}

#[test]
fn random_parts_need_a_size_and_images_that_are_larger() {
    let scratch = Scratch::new();
    large(&scratch, "synthetic", [60, 40], 3);
    large(&scratch, "real", [50, 8], 3);
    let train = with(&TRAIN, &[]);
    let told = scratch.run(&[&train[..], &PARTS[..2]].concat());
    assert!(told.contains("not how large the parts are"), "{told}");
    let told = scratch.run(&[&train[..], &PARTS].concat());
    assert!(
        told.contains("images of 50x8 have no parts of 12x10"),
        "{told}"
    );
    assert!(!scratch.path("run").exists());
}

#[test]
fn full_size_keeps_what_a_run_would_shrink() {
    let scratch = Scratch::new();
    large(&scratch, "synthetic", [60, 40], 3);
    large(&scratch, "real", [60, 40], 3);
    let small_images = ["--set", "preprocessing.width=30"];
    scratch.succeed(&[&with(&TRAIN, &small(1))[..], &small_images].concat());
    scratch.succeed(&REFINE);
    assert_eq!(size(&scratch.path("refined/0.png")), (30, 20));
    let full = [
        "refine",
        "--run",
        "run",
        "--input",
        "synthetic",
        "--out",
        "full",
        "--full-size",
    ];
    scratch.succeed(&full);
    assert_eq!(size(&scratch.path("full/0.png")), (60, 40));
}

#[test]
fn a_dry_run_says_what_a_training_takes_and_leaves_nothing() {
    let scratch = Scratch::new();
    scratch.images("synthetic", 6);
    scratch.images("real", 6);
    let steps = small(40);
    let dry = [
        "train",
        "--synthetic",
        "synthetic",
        "--real",
        "real",
        "--dry-run",
    ];
    let told = scratch.succeed(&with(&dry, &steps));
    for row in ["time", "an iteration", "memory"] {
        assert!(told.contains(row), "{told}");
    }
    let json = scratch.succeed(&[&with(&TRAIN, &steps)[..], &["--dry-run", "--json"]].concat());
    let cost: serde_json::Value = serde_json::from_str(&json).unwrap();
    let number = |key: &str| cost[key].as_f64().unwrap();
    assert!(
        number("seconds") >= 40.0 * number("iteration_seconds"),
        "{json}"
    );
    assert!(!scratch.path("run").exists());
    let both = scratch.run(&["train", "--resume", "--out", "run", "--dry-run"]);
    assert!(both.starts_with("exit code: 2"), "{both}");
}

/// Depths in millimetres, 16 bits: from files to an estimator.
#[test]
fn depths_of_16_bits_are_trained_on_refined_and_learned_from() {
    let scratch = Scratch::new();
    for side in ["synthetic", "real"] {
        let folder = scratch.path(side);
        std::fs::create_dir_all(&folder).unwrap();
        for index in 0..12u16 {
            let pixel = |x, y| image::Luma([500 + 15 * (x + y) as u16 + 20 * index]);
            let image = image::ImageBuffer::<image::Luma<u16>, _>::from_fn(55, 35, pixel);
            image.save(folder.join(format!("{index}.png"))).unwrap();
        }
        let rows: String = (0..12)
            .map(|i| format!("{i}.png,{}\n", 0.3 * f64::from(i)))
            .collect();
        std::fs::write(folder.join("labels.csv"), format!("file,depth\n{rows}")).unwrap();
    }
    let range = [
        "--set",
        "preprocessing.range=[400, 2200]",
        "--set",
        "preprocessing.equalize=false",
    ];
    scratch.succeed(&[&with(&TRAIN, &small(2))[..], &range].concat());
    scratch.succeed(&REFINE);
    let fit = [
        "fit",
        "--task",
        "column:depth",
        "--run",
        "run",
        "--data",
        "refined",
        "--out",
        "model",
        "--set",
        "estimator.steps=3",
        "--set",
        "estimator.hidden=8",
    ];
    scratch.succeed(&fit);
    let text = scratch.succeed(&["evaluate", "--model", "model", "--data", "real"]);
    assert!(text.contains("depth"), "{text}");
}
