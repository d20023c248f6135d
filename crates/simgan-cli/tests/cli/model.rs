//! Folders that are no run and no model.

use crate::support::Scratch;

#[test]
fn missing_run() {
    insta::assert_snapshot!(Scratch::new().run(&[
        "refine", "--run", "none", "--input", "data", "--output", "out"
    ]));
}

#[test]
fn folder_that_is_no_run() {
    let scratch = Scratch::new();
    scratch.images("data", 2);
    let refine = [
        "refine", "--run", "data", "--input", "data", "--output", "out",
    ];
    insta::assert_snapshot!("refine_without_a_run", scratch.run(&refine));
    insta::assert_snapshot!("report_without_a_run", scratch.run(&["report", "data"]));
}

#[test]
fn folder_that_is_no_model() {
    let scratch = Scratch::new();
    scratch.images("data", 2);
    insta::assert_snapshot!(
        scratch.run(&["evaluate", "gaze", "--model", "data", "--data", "data"])
    );
}

#[test]
fn run_without_anything_is_not_sound() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("run/checkpoints")).unwrap();
    std::fs::write(scratch.path("run/config.toml"), "").unwrap();
    let text = scratch.run(&["inspect", "run"]);
    assert!(
        text.starts_with("exit code: 5") && text.contains("run.json"),
        "{text}"
    );
}

#[test]
fn a_report_says_what_is_missing() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("run/checkpoints")).unwrap();
    std::fs::write(scratch.path("run/config.toml"), "[a]\nb = \"<script>\"\n").unwrap();
    let text = scratch.run(&["report", "run"]);
    assert!(
        text.starts_with("exit code: 0\n--- stdout\nrun/report.html\n"),
        "{text}"
    );
    let page = std::fs::read_to_string(scratch.path("run/report.html")).unwrap();
    for missing in [
        "No images yet",
        "No curves yet",
        "No comparison yet",
        "&lt;script&gt;",
    ] {
        assert!(page.contains(missing), "{missing}");
    }
    assert!(page.contains("Not compared yet"));
    assert_eq!(page.matches("<script").count(), 1, "the page's own");
    for outside in [
        "<script ", "http://", "https://", "src=\"/", "@import", "url(",
    ] {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn several_runs_are_one_page_and_their_options_are_refused() {
    let scratch = Scratch::new();
    for (run, value) in [("a", 1), ("b", 2)] {
        std::fs::create_dir_all(scratch.path(run).join("checkpoints")).unwrap();
        std::fs::write(
            scratch.path(run).join("config.toml"),
            format!("x = {value}\n"),
        )
        .unwrap();
    }
    let text = scratch.run(&["report", "a", "b"]);
    assert!(
        text.starts_with("exit code: 0\n--- stdout\nruns.html\n"),
        "{text}"
    );
    let page = std::fs::read_to_string(scratch.path("runs.html")).unwrap();
    assert!(page.contains("2 SimGAN runs") && page.contains("<td>1</td><td>2</td>"));
    let text = scratch.run(&["report", "a", "b", "--watch"]);
    assert!(
        text.starts_with("exit code: 2") && text.contains("hint: give one run"),
        "{text}"
    );
}
