//! Images refined by every checkpoint of a run, as versions of the raw ones.

use simgan_data::RefinedManifest;

use crate::support::{Scratch, TRAIN, small, with};

const REFINE: [&str; 8] = [
    "refine",
    "--run",
    "run",
    "--input",
    "synthetic",
    "--out",
    "versions",
    "--every-checkpoint",
];

#[test]
fn every_checkpoint_refines_a_version() {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 6);
    scratch.images("real", 4);
    let mut args = small(3);
    let sets = [
        "training.checkpoint_every=1",
        "training.checkpoints_kept=2",
        "training.learning_rate_refiner=0.1",
    ];
    args.extend(
        sets.iter()
            .flat_map(|set| ["--set", set])
            .map(str::to_owned),
    );
    scratch.succeed(&with(&TRAIN, &args));
    let text = scratch.succeed(&[&REFINE[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["shape"], "refinement/1");
    let versions = json["versions"].as_array().unwrap();
    let outs: Vec<&str> = versions
        .iter()
        .map(|one| one["out"].as_str().unwrap())
        .collect();
    assert_eq!(outs, ["versions/step_2", "versions/step_3"]);
    let step = |out: &&str| RefinedManifest::read(&scratch.path(out)).unwrap().step;
    let steps: Vec<usize> = outs.iter().map(step).collect();
    assert_eq!(steps, [2, 3]);
    // Again nothing is left to do.
    let again = scratch.succeed(&REFINE);
    assert_eq!(
        again.matches("nothing was left to do").count(),
        2,
        "{again}"
    );
    let both = [&REFINE[..], &["--checkpoint", "3"]].concat();
    assert!(scratch.run(&both).starts_with("exit code: 2"));
}
