//! Train, refine, fit, evaluate, compare, report and inspect, one after the other on a few tiny images.

use crate::support::Scratch;

/// The smallest networks and the fewest steps that still do everything.
const SMALL: [&str; 16] = [
    "--set",
    "training.steps=2",
    "--set",
    "training.batch_size=4",
    "--set",
    "training.refiner_warmup=1",
    "--set",
    "training.discriminator_warmup=1",
    "--set",
    "training.log_every=1",
    "--set",
    "history.size=8",
    "--set",
    "refiner.feature_maps=4",
    "--set",
    "refiner.blocks=1",
];

fn succeed(scratch: &Scratch, args: &[&str]) -> serde_json::Value {
    let output = scratch.command(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

#[test]
fn the_whole_experiment() {
    let scratch = Scratch::new();
    let synthetic = scratch.labelled("synthetic", 12);
    scratch.labelled("real", 10);

    let train = [
        "train",
        "--synthetic",
        "synthetic",
        "--real",
        "real[:6]",
        "--out",
        "run",
        "--json",
    ];
    let train: Vec<&str> = train.iter().chain(&SMALL).copied().collect();
    assert_eq!(succeed(&scratch, &train)["steps"], 2);

    let refine = [
        "refine",
        "--run",
        "run",
        "--input",
        "synthetic",
        "--output",
        "refined",
        "--json",
    ];
    let summary = succeed(&scratch, &refine);
    assert_eq!(
        (&summary["images"], &summary["unchanged"]),
        (&12.into(), &0.into())
    );
    for stage in ["net_seconds", "reading_seconds", "writing_seconds"] {
        assert!(summary[stage].is_number(), "{summary}");
    }
    let labels = |folder: &std::path::Path| std::fs::read(folder.join("labels.csv")).unwrap();
    assert_eq!(labels(&synthetic), labels(&scratch.path("refined")));

    let knn = ["--set", "estimator.kind=knn", "--set", "estimator.k=3"];
    let fit = [
        "fit", "gaze", "--data", "refined", "--out", "model", "--json",
    ];
    let fit: Vec<&str> = fit.iter().chain(&knn).copied().collect();
    assert_eq!(succeed(&scratch, &fit)["model"], "model");
    let judge_model = [
        "fit",
        "gaze",
        "--run",
        "run",
        "--data",
        "synthetic",
        "--out",
        "judge-model",
    ];
    let judge_model: Vec<&str> = judge_model.iter().chain(&knn).copied().collect();
    succeed(&scratch, &judge_model);
    let evaluation = succeed(
        &scratch,
        &[
            "evaluate", "gaze", "--model", "model", "--data", "real[6:]", "--json",
        ],
    );
    assert_eq!(
        (&evaluation["unit"], &evaluation["images"]),
        (&"deg".into(), &4.into())
    );

    let compare = [
        "compare",
        "gaze",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real-test",
        "real[6:]",
        "--out",
        "comparison",
        "--seeds",
        "2",
        "--json",
    ];
    let compare: Vec<&str> = compare.iter().chain(&knn).copied().collect();
    let comparison = succeed(&scratch, &compare);
    assert!(
        comparison["synthetic"]["mean_deg"].is_number(),
        "{comparison}"
    );
    assert!(comparison["refined"]["mean_deg"].is_number());

    judge(&scratch);

    succeed(&scratch, &["report", "run"]);
    let page = std::fs::read_to_string(scratch.path("run/report.html")).unwrap();
    assert!(
        page.contains("data:image/png;base64,")
            && page.contains("<svg")
            && page.contains("raw synthetic")
            && page.contains("gradient voting, noise floor (px)")
    );

    for (path, kind) in [
        ("run", "run"),
        ("model", "estimator"),
        ("refined", "refined set"),
        ("synthetic", "data set"),
    ] {
        let finding = succeed(&scratch, &["inspect", path, "--json"]);
        assert_eq!(
            (&finding["kind"], &finding["sound"]),
            (&kind.into(), &true.into()),
            "{finding}"
        );
    }
}

/// Judges the run by what its refiner makes of the images, and by the folder that `refine` wrote: the same pixels.
fn judge(scratch: &Scratch) {
    let judge = [
        "judge",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real",
        "real",
        "--seeds",
        "1",
        "--json",
    ];
    let with = |options: &[&'static str]| {
        let args: Vec<&str> = judge.iter().chain(options).copied().collect();
        succeed(scratch, &args)
    };
    let found = with(&["--out", "judged"]);
    assert_eq!(found["two_sample"]["refined"]["held_out_images"], 6);
    assert_eq!(found["label_shift"][0]["judge"], "gradient voting");
    assert_eq!(with(&["--refined", "refined"]), found);
    let gaze = with(&["--iris-model", "judge-model"]);
    assert_eq!(gaze["label_shift"][1]["unit"], "deg");
    assert!(scratch.path("judged/judgement.json").is_file());
    for file in ["judged.json", "judgement.json", "judgement-2.json"] {
        assert!(
            scratch.path("run/judgements").join(file).is_file(),
            "{file}"
        );
    }
    let text = scratch.run(&[
        "judge",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real",
        "real[:3]",
        "--seeds",
        "1",
    ]);
    assert!(
        text.starts_with("exit code: 4") && text.contains("too few"),
        "{text}"
    );
    let text = scratch.run(&[
        "judge",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real",
        "real",
        "--refined",
        "refined[1:]",
    ]);
    assert!(
        text.contains("12 synthetic images, but 11 refined ones"),
        "{text}"
    );
}

/// The README's first command, with fewer steps.
#[test]
fn the_demonstration() {
    let scratch = Scratch::new();
    let few = [
        "demo",
        "--out",
        "demo",
        "--seeds",
        "1",
        "--set",
        "training.steps=1",
        "--set",
        "training.refiner_warmup=1",
        "--set",
        "training.discriminator_warmup=1",
        "--set",
        "estimator.steps=1",
        "--set",
        "estimator.batch_size=4",
    ];
    let output = scratch.command(&few).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(
        stdout.contains("refined") && stdout.contains("report.html"),
        "{stdout}"
    );
    let labels = |folder: &str| std::fs::read(scratch.path(folder).join("labels.csv")).unwrap();
    assert_eq!(labels("demo/synthetic"), labels("demo/comparison/refined"));
}
