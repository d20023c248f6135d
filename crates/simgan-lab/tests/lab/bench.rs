//! `simgan-lab bench`: one short stage, and wrong calls. How fast it is, is for no test to say.

use crate::support::Scratch;

#[test]
fn a_stage_is_measured_as_json() {
    let scratch = Scratch::new();
    let args = [
        "bench",
        "--stage",
        "discriminator_step",
        "--rounds",
        "1",
        "--threads",
        "1",
        "--burn",
        "--json",
    ];
    let result: serde_json::Value = serde_json::from_str(&scratch.succeed(&args)).unwrap();
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    assert!(number(&result["discriminator_step_seconds"]) > 0.0);
    assert!(result.get("refine_seconds").is_none());
    let peers = &result["peers"]["burn-flex"];
    assert!(number(&peers["discriminator_step_seconds"]) > 0.0);
    let fraction = number(&result["fraction_of_peak"]["discriminator_step"]["done"]);
    assert!(fraction > 0.0 && fraction < 1.5, "{fraction}");
    assert_eq!(result["machine"]["threads"], 1);
    if cfg!(target_os = "linux") {
        assert!(number(&result["peak_rss_mb"]["discriminator_step"]) > 1.0);
    }
}

#[test]
fn unknown_stage() {
    insta::assert_snapshot!(Scratch::new().run(&["bench", "--stage", "nose"]));
}

#[test]
fn python_that_is_not_there() {
    let args = ["bench", "--peer", "pytorch", "--python", "no/python"];
    insta::assert_snapshot!(Scratch::new().run(&args));
}
