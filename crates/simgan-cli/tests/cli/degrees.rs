//! Gaze in degrees: refused or doubted where nothing says so, read where `DIR@gaze=degrees` does, carried over as it is.

use crate::support::{REFINE, Scratch, TRAIN, small, with};

const KNN: [&str; 4] = ["--set", "estimator.kind=knn", "--set", "estimator.k=3"];

/// Images whose angles are `scale` times those of [`Scratch::labelled`].
fn scaled(scratch: &Scratch, name: &str, scale: f64) {
    let folder = scratch.images(name, 12);
    let mut labels = "file,gaze_pitch,gaze_yaw\n".to_owned();
    for index in 0..12 {
        let angle = scale * (0.02 * index as f64 - 0.1);
        labels += &format!("{index}.png,{angle:.5},{:.5}\n", -angle);
    }
    std::fs::write(folder.join("labels.csv"), labels).unwrap();
}

fn both() -> Scratch {
    let scratch = Scratch::new();
    scaled(&scratch, "radians", 1.0);
    scaled(&scratch, "degrees", 180.0 / std::f64::consts::PI);
    scratch
}

fn fit(scratch: &Scratch, data: &str, out: &str) -> String {
    let args = ["fit", "gaze", "--data", data, "--out", out];
    scratch.run(&[&args[..], &KNN].concat())
}

fn evaluate(scratch: &Scratch, data: &str) -> f64 {
    let args = [
        "evaluate", "gaze", "--model", "model", "--data", data, "--json",
    ];
    let found: serde_json::Value = serde_json::from_str(&scratch.succeed(&args)).unwrap();
    found["mean"].as_f64().unwrap()
}

#[test]
fn degrees_that_are_named_are_the_same_gaze() {
    let scratch = both();
    let text = fit(&scratch, "degrees", "wrong");
    assert!(
        text.starts_with("exit code: 4") && text.contains("DIR@gaze=degrees"),
        "{text}"
    );
    let text = fit(&scratch, "degrees@gaze=degrees", "model");
    assert!(
        text.starts_with("exit code: 0") && !text.contains("warning"),
        "{text}"
    );
    let (degrees, radians) = (
        evaluate(&scratch, "degrees@gaze=degrees"),
        evaluate(&scratch, "radians"),
    );
    assert!((degrees - radians).abs() < 1e-3, "{degrees} {radians}");
    let text = scratch.run(&["inspect", "degrees@gaze=degrees"]);
    assert!(text.contains("unit of gaze         degrees"), "{text}");
    assert!(text.contains("-5.7 to 6.9 degrees"), "{text}");
    let text = scratch.run(&["inspect", "degrees"]);
    assert!(!text.contains("doubt"), "{text}");
    assert!(
        text.starts_with("exit code: 4") && text.contains("`gaze_pitch` is -5.7"),
        "{text}"
    );
}

#[test]
fn possible_angles_that_look_like_degrees_are_warned_of() {
    let scratch = Scratch::new();
    let folder = scratch.images("data", 12);
    let rows = (0..12).map(|i| {
        format!(
            "{i}.png,{},{}\n",
            0.5 * f64::from(i % 3),
            f64::from(i % 4) - 1.5
        )
    });
    let labels = format!("file,gaze_pitch,gaze_yaw\n{}", rows.collect::<String>());
    std::fs::write(folder.join("labels.csv"), labels).unwrap();
    for text in [
        fit(&scratch, "data", "model"),
        scratch.run(&["inspect", "data"]),
    ] {
        assert!(
            text.contains("all of them are whole or half numbers"),
            "{text}"
        );
    }
}

#[test]
fn refined_images_keep_their_labels_and_know_the_unit() {
    let scratch = both();
    std::fs::rename(scratch.path("degrees"), scratch.path("synthetic")).unwrap();
    scratch.images("real", 4);
    scratch.succeed(&with(&TRAIN, &small(1)));
    let mut refine = REFINE;
    refine[4] = "synthetic@gaze=degrees";
    scratch.succeed(&refine);
    let labels = |name: &str| std::fs::read(scratch.path(name).join("labels.csv")).unwrap();
    assert_eq!(labels("refined"), labels("synthetic"));
    let text = scratch.run(&["inspect", "refined"]);
    assert!(text.contains("-5.7 to 6.9 degrees"), "{text}");
    let compare = [
        "compare",
        "gaze",
        "--run",
        "run",
        "--synthetic",
        "synthetic@gaze=degrees",
        "--real-test",
        "radians",
        "--out",
        "comparison",
        "--seeds",
        "1",
        "--json",
    ];
    let found: serde_json::Value =
        serde_json::from_str(&scratch.succeed(&[&compare[..], &KNN].concat())).unwrap();
    assert!(
        found["synthetic"]["mean_deg"].as_f64().unwrap() < 6.0,
        "{found}"
    );
}

#[test]
fn wrong_unit() {
    insta::assert_snapshot!(both().run(&["inspect", "degrees@gaze=grads"]));
}
