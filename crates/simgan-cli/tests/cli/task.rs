//! What an estimator estimates: named, or found from the labels.

use std::path::Path;

use crate::support::Scratch;

const KNN: [&str; 4] = ["--set", "estimator.kind=knn", "--set", "estimator.k=3"];

/// Simulated eyes in `eyes`, with the label columns whose names `keep` accepts.
fn eyes(scratch: &Scratch, keep: impl Fn(&str) -> bool) {
    scratch.succeed(&["simulate", "eyes", "--count", "12", "--out", "eyes"]);
    let path = scratch.path("eyes").join("labels.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let line = |line: &str| {
        let cells = line.split(',').zip(&names);
        let kept = cells.filter(|(_, name)| **name == "file" || keep(name));
        kept.map(|(cell, _)| cell).collect::<Vec<_>>().join(",") + "\n"
    };
    let rows: String = text.lines().map(line).collect();
    std::fs::write(&path, rows).unwrap();
}

/// `estimator.toml` and weights of a model fitted with `more` options.
fn model(scratch: &Scratch, name: &str, more: &[&str]) -> [Vec<u8>; 2] {
    let fit = ["fit", "--data", "eyes", "--out", name];
    scratch.succeed(&[&fit[..], &KNN, more].concat());
    let read = |file: &str| std::fs::read(scratch.path(name).join(file)).unwrap();
    ["estimator.toml", "estimator.safetensors"].map(read)
}

fn error(scratch: &Scratch, args: &[&str]) -> String {
    let text = scratch.run(args);
    assert!(!Path::new(&scratch.path("none")).exists(), "{text}");
    text
}

#[test]
fn the_only_task_is_found_and_both_spellings_are_the_same() {
    let scratch = Scratch::new();
    eyes(&scratch, |name| name.starts_with("gaze_"));
    let word = model(&scratch, "word", &["gaze"]);
    assert_eq!(word, model(&scratch, "found", &[]));
    assert_eq!(word, model(&scratch, "named", &["--task", "gaze"]));
    let evaluate = ["evaluate", "--model", "found", "--data", "eyes"];
    let scores = scratch.succeed(&evaluate);
    assert_eq!(
        scores,
        scratch.succeed(&[&evaluate[..], &["gaze"]].concat())
    );
    assert_eq!(
        scores,
        scratch.succeed(&[&evaluate[..], &["--task", "gaze"]].concat())
    );
}

#[test]
fn columns_may_be_a_task_or_the_target_of_the_earlier_spelling() {
    let scratch = Scratch::new();
    eyes(&scratch, |_| true);
    let target = model(&scratch, "target", &["gaze", "--target", "iris_x,iris_y"]);
    let task = model(&scratch, "task", &["--task", "column:iris_x,iris_y"]);
    assert_eq!(target, task);
    let other = [
        "evaluate", "--task", "gaze", "--model", "task", "--data", "eyes",
    ];
    let text = error(&scratch, &other);
    assert!(text.starts_with("exit code: 3\n"), "{text}");
    assert!(
        text.contains("--task is gaze, but the model estimates iris_x, iris_y"),
        "{text}"
    );
}

#[test]
fn several_tasks_are_listed_before_anything_is_written() {
    let scratch = Scratch::new();
    eyes(&scratch, |name| {
        ["iris_x", "iris_y"].contains(&name) || name.starts_with("gaze_")
    });
    let text = error(&scratch, &["fit", "--data", "eyes", "--out", "none"]);
    assert!(text.starts_with("exit code: 3\n"), "{text}");
    assert!(
        text.contains("more than one task: gaze, points:iris, column:iris_x, column:iris_y\n"),
        "{text}"
    );
    assert!(
        text.contains("hint: name the one meant, for example --task gaze"),
        "{text}"
    );
    let text = error(
        &scratch,
        &["fit", "--task", "ears", "--data", "eyes", "--out", "none"],
    );
    assert!(text.contains("there is no task `ears`"), "{text}");
    assert!(
        text.contains("points:NAME, box, column:NAME, class:NAME"),
        "{text}"
    );
}

#[test]
fn classes_are_counted_in_their_column() {
    let scratch = Scratch::new();
    eyes(&scratch, |name| name == "person");
    let path = scratch.path("eyes").join("labels.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let row = |(n, line): (usize, &str)| match n {
        0 => "file,kind\n".to_owned(),
        n => format!("{},{}\n", line.split(',').next().unwrap(), n % 3),
    };
    let rows: String = text.lines().enumerate().map(row).collect();
    std::fs::write(&path, rows).unwrap();
    let [manifest, _] = model(&scratch, "model", &["--task", "class:kind"]);
    let manifest = String::from_utf8(manifest).unwrap();
    assert!(manifest.contains("classes = 3"), "{manifest}");
    let text = scratch.succeed(&["evaluate", "--model", "model", "--data", "eyes"]);
    assert!(text.contains("percent"), "{text}");
}

#[test]
fn points_are_fitted_scored_and_predicted_by_name() {
    let scratch = Scratch::new();
    eyes(&scratch, |name| {
        name.starts_with("iris_") || name.starts_with("corner_")
    });
    let small = [
        "estimator.kind=hourglass",
        "estimator.hourglass.stacks=1",
        "estimator.hourglass.feature_maps=4",
        "estimator.hourglass.levels=2",
        "estimator.steps=3",
    ];
    let small = small.iter().flat_map(|key| ["--set", key]);
    let fit = [
        "fit",
        "--task",
        "points:iris,corner_l",
        "--data",
        "eyes",
        "--out",
        "model",
    ];
    scratch.succeed(&fit.into_iter().chain(small).collect::<Vec<_>>());
    let evaluate = ["evaluate", "--model", "model", "--data", "eyes"];
    let scores = scratch.succeed(&evaluate);
    assert!(scores.contains("points within 5 px"), "{scores}");
    assert!(scores.contains("% of the width"), "{scores}");
    assert!(
        scores.contains("corner_l") && scores.contains("% within 17.5"),
        "{scores}"
    );
    let json = scratch.succeed(&[&evaluate[..], &["--json"]].concat());
    assert!(json.contains("\"image_px\""), "{json}");
    scratch.succeed(&[
        "predict",
        "--model",
        "model",
        "--data",
        "eyes",
        "--out",
        "points.csv",
    ]);
    let table = std::fs::read_to_string(scratch.path("points.csv")).unwrap();
    assert!(
        table.starts_with("file,iris_x,iris_y,corner_l_x,corner_l_y\n"),
        "{table}"
    );
}

#[test]
fn an_hourglass_without_points_is_refused() {
    let scratch = Scratch::new();
    eyes(&scratch, |name| name.starts_with("gaze_"));
    let hourglass = ["--set", "estimator.kind=hourglass"];
    let fit = ["fit", "--task", "gaze", "--data", "eyes", "--out", "none"];
    let text = error(&scratch, &[&fit[..], &hourglass].concat());
    assert!(text.starts_with("exit code: 3\n"), "{text}");
    assert!(
        text.contains("which finds points, and the task is none of points"),
        "{text}"
    );
}
