//! Too little memory is said before it is found out, or at least said.

use crate::support::{Scratch, TRAIN};

fn images() -> Scratch {
    let scratch = Scratch::new();
    scratch.images("synthetic", 6);
    scratch.images("real", 4);
    scratch
}

#[cfg(target_os = "linux")]
#[test]
fn a_training_that_cannot_fit_is_refused_before_anything_is_written() {
    let scratch = images();
    let huge = [
        "--set",
        "training.batch_size=100000000",
        "--set",
        "history.enabled=false",
    ];
    let told = scratch.run(&[&TRAIN[..], &huge].concat());
    assert!(told.starts_with("exit code: 3\n"), "{told}");
    assert!(
        told.contains("this training needs about") && told.contains("GB are free"),
        "{told}"
    );
    assert!(told.contains("hint: training.batch_size="), "{told}");
    assert!(!scratch.path("run").exists());
}

/// The program with at most `kilobytes` of addresses.
#[cfg(target_os = "linux")]
fn limited(scratch: &Scratch, kilobytes: usize, args: &[&str]) -> (Option<i32>, String) {
    let command = scratch.command(args);
    let mut limited = std::process::Command::new("sh");
    let script = format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\"");
    limited
        .args(["-c", &script])
        .arg(command.get_program())
        .args(command.get_args());
    limited.current_dir(scratch.path("."));
    limited.env("XDG_CACHE_HOME", scratch.path("cache"));
    let output = limited.output().unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn the_limit_of_the_process_counts() {
    let scratch = images();
    let batch = [
        "--threads",
        "2",
        "--set",
        "training.batch_size=256",
        "--set",
        "history.size=300",
    ];
    let (code, told) = limited(&scratch, 1 << 20, &[&TRAIN[..], &batch].concat());
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("training.batch_size="), "{told}");
}

/// Where nothing was estimated, the last sentence says what happened.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_runs_out_is_told() {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 40);
    let fit = [
        "fit",
        "gaze",
        "--data",
        "synthetic",
        "--out",
        "model",
        "--threads",
        "2",
        "--set",
        "estimator.steps=2",
        "--set",
        "estimator.hidden=100000",
    ];
    let (code, told) = limited(&scratch, 2 << 20, &fit);
    assert_eq!(code, Some(7), "{told}");
    assert!(
        told.contains("error: the system gives no more memory ("),
        "{told}"
    );
    assert!(told.contains("hint: lower training.batch_size"), "{told}");
    assert!(!scratch.path("model").exists());
}
