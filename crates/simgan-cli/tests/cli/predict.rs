//! `predict`, and what `fit` and `evaluate` say beside one mean error.

use crate::support::Scratch;

const KNN: [&str; 4] = ["--set", "estimator.kind=knn", "--set", "estimator.k=1"];
const PREDICT: [&str; 7] = [
    "predict",
    "--model",
    "model",
    "--data",
    "eyes",
    "--out",
    "answers.csv",
];

fn fitted(task: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.succeed(&["simulate", "eyes", "--count", "12", "--out", "eyes"]);
    let fit = ["fit", "--task", task, "--data", "eyes", "--out", "model"];
    scratch.succeed(&[&fit[..], &KNN].concat());
    scratch
}

fn table(scratch: &Scratch) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(scratch.path("answers.csv")).unwrap();
    let lines = text.lines();
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn answers_have_the_columns_of_labels_and_can_be_read_as_such() {
    let scratch = fitted("gaze");
    let text = scratch.succeed(&PREDICT);
    assert!(text.contains("gaze_pitch, gaze_yaw"), "{text}");
    let rows = table(&scratch);
    assert_eq!(rows.len(), 13);
    assert_eq!(rows[0], ["file", "gaze_pitch", "gaze_yaw"]);
    // The nearest neighbour of an image is the image itself.
    let labels = std::fs::read_to_string(scratch.path("eyes/labels.csv")).unwrap();
    let names: Vec<&str> = labels.lines().next().unwrap().split(',').collect();
    let pitch = names.iter().position(|name| *name == "gaze_pitch").unwrap();
    for (row, line) in rows.iter().zip(labels.lines()).skip(1) {
        let label: f64 = line.split(',').nth(pitch).unwrap().parse().unwrap();
        let answer: f64 = row[1].parse().unwrap();
        assert!((label - answer).abs() < 1e-4, "{label} {answer}");
    }
    let scores = scratch.succeed(&["evaluate", "--model", "model", "--data", "eyes"]);
    let words: Vec<&str> = scores.split_whitespace().collect();
    let words = words.join(" ");
    for part in ["bias of pitch +0.00 deg", "slope of yaw 1.000"] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn images_need_no_labels() {
    let scratch = fitted("column:iris_x,iris_y");
    std::fs::remove_file(scratch.path("eyes/labels.csv")).unwrap();
    scratch.succeed(&PREDICT);
    let rows = table(&scratch);
    assert_eq!(
        (rows.len(), rows[0].join(",").as_str()),
        (13, "file,iris_x,iris_y")
    );
}

#[test]
fn nothing_is_overwritten_and_nothing_put_among_the_images() {
    let scratch = fitted("gaze");
    scratch.succeed(&PREDICT);
    let text = scratch.run(&PREDICT);
    assert!(text.contains("answers.csv exists"), "{text}");
    let mut inside = PREDICT;
    inside[6] = "eyes/answers.csv";
    let text = scratch.run(&inside);
    assert!(text.contains("which is read"), "{text}");
    assert!(!scratch.path("eyes/answers.csv").exists());
}

#[test]
fn versions_are_of_the_very_same_images() {
    let scratch = fitted("gaze");
    scratch.succeed(&["simulate", "eyes", "--count", "11", "--out", "fewer"]);
    let fit = [
        "fit",
        "--task",
        "gaze",
        "--data",
        "eyes",
        "--version",
        "fewer",
        "--out",
        "both",
    ];
    let text = scratch.run(&fit);
    assert!(text.contains("12 images, but 11 versions"), "{text}");
    assert!(
        text.contains("hint: --version is what `simgan refine` made"),
        "{text}"
    );
    assert!(!scratch.path("both").exists());
}
