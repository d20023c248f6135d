//! Train, refine, fit, evaluate, compare, report and inspect, one after the other on a few tiny images.

use crate::support::{REFINE, Scratch};

/// The smallest networks and the fewest steps that still do everything.
pub const SMALL: [&str; 16] = [
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

/// The smallest estimator, in trainings and in fits.
pub const SMALL_ESTIMATOR: [&str; 10] = [
    "--set",
    "estimator.steps=2",
    "--set",
    "estimator.batch_size=4",
    "--set",
    "estimator.feature_maps=[2,2,2,2,4]",
    "--set",
    "estimator.hidden=8",
    "--set",
    "estimator.validate_every=1",
];

fn succeed(scratch: &Scratch, args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&scratch.succeed(args)).unwrap_or_default()
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
    assert_eq!(
        succeed(&scratch, &[&train[..], &SMALL].concat())["steps"],
        2
    );

    let refine = [&REFINE[..], &["--json"]].concat();
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
    assert_eq!(
        succeed(&scratch, &[&fit[..], &knn].concat())["model"],
        "model"
    );
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
    succeed(&scratch, &[&judge_model[..], &knn].concat());
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
    let comparison = succeed(&scratch, &[&compare[..], &knn].concat());
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
    let judge = |options: &[&'static str]| {
        let run = [
            "judge",
            "--run",
            "run",
            "--synthetic",
            "synthetic",
            "--seeds",
            "1",
            "--json",
        ];
        [&run, options].concat()
    };
    let of_real = |options: &[&'static str]| {
        succeed(scratch, &judge(&[&["--real", "real"], options].concat()))
    };
    let found = of_real(&["--out", "judged"]);
    assert_eq!(found["two_sample"]["refined"]["held_out_images"], 6);
    assert_eq!(found["label_shift"][0]["judge"], "gradient voting");
    assert_eq!(of_real(&["--refined", "refined"]), found);
    let gaze = of_real(&["--iris-model", "judge-model"]);
    assert_eq!(gaze["label_shift"][1]["unit"], "deg");
    assert!(scratch.path("judged/judgement.json").is_file());
    for file in ["judged.json", "judgement.json", "judgement-2.json"] {
        assert!(
            scratch.path("run/judgements").join(file).is_file(),
            "{file}"
        );
    }
    let text = scratch.run(&judge(&["--real", "real[:3]"]));
    assert!(
        text.starts_with("exit code: 4") && text.contains("too few"),
        "{text}"
    );
    let text = scratch.run(&judge(&["--real", "real", "--refined", "refined[1:]"]));
    assert!(
        text.contains("12 images, but 11 versions of them"),
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
    let stdout = scratch.succeed(&few);
    assert!(
        [
            "refined",
            "gradient voting",
            "One seed tells no spread",
            "report.html"
        ]
        .iter()
        .all(|text| stdout.contains(text)),
        "{stdout}"
    );
    let labels = |folder: &str| std::fs::read(scratch.path(folder).join("labels.csv")).unwrap();
    assert_eq!(labels("demo/synthetic"), labels("demo/comparison/refined"));
}
