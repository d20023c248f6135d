//! Model cards.

use simgan::tasks::EstimatorKind;
use simgan::verification::verify;
use simgan_export::model_card;

use crate::support;

const SECTIONS: [&str; 5] = ["Data", "Recipe", "Measures", "Limits", "Licence"];

fn assert_has_sections(card: &str) {
    for section in SECTIONS {
        assert!(
            card.contains(&format!("\n## {section}\n")),
            "{section}: {card}"
        );
    }
}

#[test]
fn a_run_keeps_its_card_and_verify_knows_it() {
    let dir = tempfile::tempdir().unwrap();
    let run = support::run(dir.path(), support::HELD);
    let before = verify(run.path()).unwrap();
    model_card::write(&run).unwrap();
    let after = verify(run.path()).unwrap();
    assert_eq!(after.files, before.files + 1);
    assert!(after.problems.is_empty(), "{:?}", after.problems);
    let card = std::fs::read_to_string(run.model_card_file()).unwrap();
    assert_has_sections(&card);
    let manifest = run.manifest().unwrap();
    for told in [
        "after 1 iterations",
        "`sim:eyes[:8]`",
        &manifest.real.fingerprint,
        "match_exposure = true",
        "Within 6 pixels",
        "has not been measured",
    ] {
        assert!(card.contains(told), "{told}: {card}");
    }
    std::fs::write(run.model_card_file(), [0xff]).unwrap();
    let problems = verify(run.path()).unwrap().problems;
    assert!(problems[0].contains("MODEL_CARD.md"), "{problems:?}");
}

#[test]
fn a_result_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let run = support::run(dir.path(), &[]);
    std::fs::write(run.comparisons().join("odd.json"), "{").unwrap();
    model_card::write(&run).unwrap();
    let card = std::fs::read_to_string(run.model_card_file()).unwrap();
    assert!(card.contains("The result `odd` is kept, but cannot be read."));
}

#[test]
fn cards_of_exports_say_how_to_load_them() {
    let dir = tempfile::tempdir().unwrap();
    let (path, estimator) = support::estimator(dir.path(), EstimatorKind::Cnn);
    let exported = support::exported(&path, &estimator).unwrap();
    for (format, loads) in [
        ("onnx", "InferenceSession(\"estimator.onnx\")"),
        ("pytorch", "estimator.load()"),
    ] {
        let out = support::written(&exported, format, dir.path());
        let card = std::fs::read_to_string(out.join("MODEL_CARD.md")).unwrap();
        assert_has_sections(&card);
        assert!(card.contains(loads), "{card}");
        assert!(card.contains("equalize the histogram"), "{card}");
        assert!(card.contains("gaze_x, gaze_y, gaze_z"), "{card}");
    }
}
