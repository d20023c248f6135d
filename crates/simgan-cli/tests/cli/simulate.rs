//! Simulated images: as files, and as a stream that other commands read.

use crate::support::Scratch;

/// Figures that depend on the machine.
fn without_times(text: &str) -> String {
    let is_time = |line: &&str| !line.starts_with("time ") && !line.starts_with("rate ");
    text.lines().filter(is_time).collect::<Vec<_>>().join("\n")
}

fn simulate(scratch: &Scratch, more: &[&str]) -> String {
    let args = ["simulate", "eyes", "--count", "3", "--out", "eyes"];
    without_times(&scratch.run(&[&args, more].concat()))
}

/// The smallest training that does everything, on simulated images.
fn train(scratch: &Scratch, synthetic: &str, more: &[&str]) -> String {
    let args = [
        "train",
        "--synthetic",
        synthetic,
        "--real",
        "sim:eyes?seed=9&count=8",
    ];
    let small = [
        "--out",
        "run",
        "--set",
        "training.batch_size=4",
        "--set",
        "training.refiner_warmup=1",
    ];
    let smaller = [
        "--set",
        "training.discriminator_warmup=1",
        "--set",
        "training.log_every=1",
    ];
    let nets = [
        "--set",
        "history.size=8",
        "--set",
        "refiner.feature_maps=4",
        "--set",
        "refiner.blocks=1",
    ];
    scratch.run(&[&args[..], &small, &smaller, &nets, more].concat())
}

#[test]
fn a_folder_of_eyes() {
    let scratch = Scratch::new();
    insta::assert_snapshot!(simulate(&scratch, &[]));
    let labels = std::fs::read_to_string(scratch.path("eyes/labels.csv")).unwrap();
    assert_eq!(labels.lines().count(), 4);
    assert!(labels.starts_with("file,gaze_pitch,gaze_yaw,"), "{labels}");
    let image = image::open(scratch.path("eyes/images/000002.png")).unwrap();
    assert_eq!((image.width(), image.height()), (55, 35));
    assert!(scratch.path("eyes/simulation.json").is_file());
    assert!(
        scratch
            .run(&["inspect", "eyes"])
            .starts_with("exit code: 0")
    );
}

#[test]
fn unity_eyes_export() {
    let scratch = Scratch::new();
    insta::assert_snapshot!(simulate(&scratch, &["--format", "unityeyes"]));
    let image = image::open(scratch.path("eyes/3.jpg")).unwrap();
    assert_eq!((image.width(), image.height()), (640, 480));
    let text = scratch.run(&["inspect", "eyes", "--json"]);
    assert!(text.starts_with("exit code: 0"), "{text}");
    assert!(text.contains("\"format\": \"UnityEyes\""), "{text}");
}

#[test]
fn options_reach_the_simulator() {
    let scratch = Scratch::new();
    let options = [
        "--size",
        "60x36",
        "--gaze-range",
        "-5:5,-8:7.5",
        "--person-count",
        "4",
        "--start",
        "7",
        "--seed",
        "6",
    ];
    let text = simulate(&scratch, &options);
    assert!(text.starts_with("exit code: 0"), "{text}");
    let manifest = std::fs::read(scratch.path("eyes/simulation.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let config = &manifest["config"];
    assert_eq!(
        (&config["width"], &config["height"]),
        (&60.into(), &36.into())
    );
    assert_eq!(config["gaze_pitch"], serde_json::json!([-5.0, 5.0]));
    assert_eq!(config["gaze_yaw"], serde_json::json!([-8.0, 7.5]));
    assert_eq!(config["persons"], 4);
    assert_eq!(
        (&manifest["start"], &manifest["seed"]),
        (&7.into(), &6.into())
    );
    assert!(scratch.path("eyes/images/000009.png").is_file());
}

#[test]
fn stand_in_photographs() {
    let scratch = Scratch::new();
    let args = ["simulate", "camera", "--count", "2", "--out", "real"];
    let text = scratch.run(&[&args[..], &["--gaze-range", "-5:5,-8:8"]].concat());
    assert!(text.starts_with("exit code: 0"), "{text}");
    let manifest = std::fs::read(scratch.path("real/simulation.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["kind"], "camera");
    let (eyes, camera) = (&manifest["config"]["eyes"], &manifest["config"]["camera"]);
    assert_eq!(eyes["gaze_pitch"], serde_json::json!([-5.0, 5.0]));
    assert!(eyes["persons"].is_number() && camera["defocus"].is_array());
    let text = scratch.run(&["inspect", "sim:camera?count=4&camera.gain=[0,1]"]);
    assert!(text.starts_with("exit code: 3"), "{text}");
    assert!(
        text.contains("camera.gain") && text.contains("hint:"),
        "{text}"
    );
}

#[test]
fn bad_size() {
    insta::assert_snapshot!(simulate(&Scratch::new(), &["--size", "55"]));
}

#[test]
fn bad_gaze_range() {
    insta::assert_snapshot!(simulate(&Scratch::new(), &["--gaze-range", "10:-25,0:5"]));
}

#[test]
fn unknown_simulator() {
    let args = ["simulate", "ears", "--count", "1", "--out", "ears"];
    insta::assert_snapshot!(Scratch::new().run(&args));
}

#[test]
fn unknown_key() {
    insta::assert_snapshot!(simulate(&Scratch::new(), &["--set", "gaze_yw=[0,1]"]));
}

#[test]
fn output_folder_that_is_not_empty() {
    let scratch = Scratch::new();
    scratch.images("eyes", 1);
    insta::assert_snapshot!(simulate(&scratch, &[]));
}

#[test]
fn inspect_a_simulator() {
    let text = Scratch::new().run(&["inspect", "sim:eyes?seed=1&count=12[:5]", "--json"]);
    let json = text.split_once("--- stdout\n").unwrap().1;
    let json = json.split_once("--- stderr").unwrap().0;
    let finding: serde_json::Value = serde_json::from_str(json).unwrap();
    let facts = &finding["facts"];
    assert_eq!(
        (&finding["kind"], &finding["sound"]),
        (&"data set".into(), &true.into())
    );
    assert_eq!(
        (&facts["format"], &facts["images"]),
        (&"simulator".into(), &5.into())
    );
    assert_eq!(facts["label_rows"], 5);
    assert!(facts["gaze_yaw"].is_string(), "{text}");
}

#[test]
fn source_of_an_unknown_simulator() {
    insta::assert_snapshot!(Scratch::new().run(&["inspect", "sim:ears?seed=1"]));
}

#[test]
fn source_with_an_unknown_key() {
    insta::assert_snapshot!(Scratch::new().run(&["inspect", "sim:eyes?gaze_yw=[0,1]"]));
}

#[test]
fn source_with_a_size() {
    insta::assert_snapshot!(Scratch::new().run(&["inspect", "sim:eyes?width=60"]));
}

#[test]
fn source_with_a_crop() {
    let args = [
        "fit",
        "gaze",
        "--data",
        "sim:eyes?count=9",
        "--out",
        "model",
    ];
    let crop = ["--set", "preprocessing.crop.kind=centre"];
    insta::assert_snapshot!(Scratch::new().run(&[&args[..], &crop].concat()));
}

#[test]
fn a_training_on_simulated_images_resumes() {
    let scratch = Scratch::new();
    let source = "sim:eyes?seed=2&count=20[:12]";
    let first = train(&scratch, source, &["--steps", "1"]);
    assert!(first.starts_with("exit code: 0"), "{first}");
    assert!(first.contains("12 synthetic and 8 real"), "{first}");
    let again = [
        "train",
        "--synthetic",
        source,
        "--real",
        "sim:eyes?seed=9&count=8",
    ];
    let resume = ["--out", "run", "--resume", "--steps", "2"];
    let text = scratch.run(&[&again[..], &resume].concat());
    assert!(text.starts_with("exit code: 0"), "{text}");
    let other = [
        "train",
        "--synthetic",
        "sim:eyes?seed=3&count=20[:12]",
        "--real",
    ];
    let other = [&other[..], &["sim:eyes?seed=9&count=8"], &resume].concat();
    let text = scratch.run(&other);
    assert!(text.contains("the synthetic images differ"), "{text}");

    let refine = [
        "refine",
        "--run",
        "run",
        "--input",
        "sim:eyes?seed=2&count=6",
        "--output",
        "refined",
    ];
    let text = scratch.run(&refine);
    assert!(text.starts_with("exit code: 0"), "{text}");
    let labels = std::fs::read_to_string(scratch.path("refined/labels.csv")).unwrap();
    assert_eq!(labels.lines().count(), 7);
    assert!(scratch.path("refined/images/000005.png").is_file());
    assert!(!scratch.path("cache/simgan").exists(), "nothing is cached");
}

#[cfg(unix)]
#[test]
fn links_are_filled_and_the_own_folder_is_refused() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("real")).unwrap();
    std::os::unix::fs::symlink("real", scratch.path("link")).unwrap();
    scratch.succeed(&["simulate", "eyes", "--count", "2", "--out", "link"]);
    assert!(scratch.path("real/labels.csv").is_file() && scratch.path("link").is_symlink());
    let scratch = Scratch::new();
    let text = scratch.run(&["simulate", "eyes", "--count", "2", "--out", "."]);
    assert!(text.starts_with("exit code: 7"), "{text}");
    assert!(
        text.contains(". is the folder in which this command runs"),
        "{text}"
    );
    assert!(text.contains("hint: give --out another folder"), "{text}");
}

#[test]
fn estimators_fit_simulated_images() {
    let scratch = Scratch::new();
    for (kind, steps) in [("knn", "estimator.k=2"), ("cnn", "estimator.steps=2")] {
        let kind_key = format!("estimator.kind={kind}");
        let fit = ["fit", "gaze", "--data", "sim:eyes?count=30", "--out", kind];
        let keys = [
            "--set",
            &kind_key,
            "--set",
            steps,
            "--set",
            "estimator.batch_size=8",
        ];
        let text = scratch.run(&[&fit[..], &keys].concat());
        assert!(text.starts_with("exit code: 0"), "{text}");
        let evaluate = [
            "evaluate",
            "gaze",
            "--model",
            kind,
            "--data",
            "sim:eyes?seed=5&count=10",
        ];
        let text = scratch.run(&evaluate);
        assert!(text.starts_with("exit code: 0"), "{text}");
    }
}
