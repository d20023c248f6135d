//! What is said of data that can be read, but hardly are what is meant.

use crate::support::{REFINE, Scratch, TRAIN, small, with};

#[test]
fn swapped_sides_and_small_sets() {
    let scratch = Scratch::new();
    scratch.images("synthetic", 6);
    scratch.labelled("real", 40);
    let small = small(1);
    let args = with(&TRAIN, &small);
    let text = scratch.run(&args);
    assert!(
        text.contains("are --synthetic and --real swapped?"),
        "{text}"
    );
    assert!(!text.contains("fewer than one mini-batch"), "{text}");
    let larger = ["--set", "training.batch_size=8", "--set", "history.size=8"];
    let larger = [&args[..6], &["larger"], &args[7..], &larger].concat();
    let text = scratch.run(&larger);
    assert!(
        text.contains("synthetic has 6 images, fewer than one mini-batch"),
        "{text}"
    );
}

/// `synthetic` and `real`, trained and refined.
fn refined() -> Scratch {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 20);
    scratch.labelled("real", 20);
    scratch.succeed(&with(&TRAIN, &small(1)));
    scratch.succeed(&REFINE);
    scratch
}

const JUDGE: [&str; 7] = [
    "judge",
    "--synthetic",
    "synthetic",
    "--real",
    "real",
    "--seeds",
    "1",
];

#[test]
fn images_that_another_run_refined_are_not_judged() {
    let scratch = refined();
    let small = small(1);
    let args = with(&TRAIN, &small);
    scratch.succeed(&[&args[..6], &["other", "--seed", "7"], &args[7..]].concat());
    let text = scratch.run(&[&JUDGE[..], &["--run", "other", "--refined", "refined"]].concat());
    assert!(
        text.starts_with("exit code: 5") && text.contains("refined was not refined by other"),
        "{text}"
    );
    assert!(!scratch.path("other/judgements").exists());
    let own = scratch.run(&[&JUDGE[..], &["--run", "run", "--refined", "refined"]].concat());
    assert!(
        own.starts_with("exit code: 0") && !own.contains("not labelled as eyes"),
        "{own}"
    );
    std::fs::remove_file(scratch.path("refined/simgan-refined.json")).unwrap();
    let text = scratch.run(&[&JUDGE[..], &["--run", "run", "--refined", "refined"]].concat());
    assert!(
        text.starts_with("exit code: 4") && text.contains("nothing tells which run refined it"),
        "{text}"
    );
}

#[test]
fn the_iris_judge_says_where_there_are_no_eyes() {
    let scratch = refined();
    std::fs::remove_file(scratch.path("synthetic/labels.csv")).unwrap();
    let text = scratch.run(&[&JUDGE[..], &["--run", "run"]].concat());
    assert!(
        text.starts_with("exit code: 0") && text.contains("not labelled as eyes"),
        "{text}"
    );
    assert!(!text.contains("refining moves labels"), "{text}");
}

/// Fits an estimator of the columns `target` of a table with these rows.
fn fit(target: &str, header: &str, row: impl Fn(usize) -> String) -> String {
    let scratch = Scratch::new();
    let folder = scratch.images("data", 30);
    let rows: String = (0..30).map(|i| format!("{i}.png,{}\n", row(i))).collect();
    std::fs::write(folder.join("labels.csv"), format!("file,{header}\n{rows}")).unwrap();
    let knn = ["--set", "estimator.kind=knn", "--set", "estimator.k=3"];
    let args = [
        "fit", "gaze", "--data", "data", "--out", "model", "--target", target,
    ];
    scratch.run(&[&args[..], &knn].concat())
}

#[test]
fn classes_and_mixed_units_in_a_target() {
    let text = fit("class", "class", |i| (i % 5).to_string());
    assert!(
        text.contains("--task class:class estimates a class"),
        "{text}"
    );
    let text = fit("gaze_yaw,iris_x", "gaze_yaw,iris_x", |i| {
        format!("{},{}", 0.01 * i as f64, 0.3 * i as f64 + 20.5)
    });
    assert!(text.contains("the target mixes units"), "{text}");
}

#[test]
fn estimators_that_know_nothing_of_the_real_images() {
    let scratch = refined();
    let folder = scratch.images("test", 20);
    // The gaze goes the other way.
    let rows: String = (0..20)
        .map(|i| format!("{i}.png,{:.3},0\n", 0.1 - 0.02 * f64::from(i)))
        .collect();
    std::fs::write(
        folder.join("labels.csv"),
        format!("file,gaze_pitch,gaze_yaw\n{rows}"),
    )
    .unwrap();
    let args = [
        "compare",
        "gaze",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real-test",
        "test",
        "--out",
        "comparison",
        "--seeds",
        "1",
        "--set",
        "estimator.kind=knn",
        "--set",
        "estimator.k=1",
    ];
    let text = scratch.run(&args);
    assert!(
        text.contains("learned nothing that holds on the real images"),
        "{text}"
    );
}

#[test]
fn inspect_names_missing_and_non_finite_labels() {
    let scratch = Scratch::new();
    let folder = scratch.images("data", 14);
    let rows: String = (0..14)
        .map(|i| match i {
            0 => "0.png,0.1,\n".to_owned(),
            i => format!("{i}.png,0.1,{}\n", if i < 12 { "nan" } else { "0.2" }),
        })
        .collect();
    std::fs::write(
        folder.join("labels.csv"),
        format!("file,gaze_pitch,gaze_yaw\n{rows}"),
    )
    .unwrap();
    let text = scratch.run(&["inspect", "data"]);
    assert!(
        text.starts_with("exit code: 4") && text.contains("sound                no"),
        "{text}"
    );
    assert!(
        text.contains("labels.csv, line 2: `gaze_yaw` is empty"),
        "{text}"
    );
    assert!(
        text.contains("labels.csv, line 3: `gaze_yaw` is `nan`, not a finite number"),
        "{text}"
    );
    assert_eq!(text.matches("problem  ").count(), 10, "{text}");
    assert!(text.contains("more problems        2"), "{text}");
    assert!(text.contains("data is not sound: 12 problems"), "{text}");
}
