//! Stopping a training by real signals and going on with it.

use crate::support::{REFINE, Scratch, TRAIN, small, with};

fn images() -> Scratch {
    let scratch = Scratch::new();
    scratch.images("synthetic", 6);
    scratch.images("real", 4);
    scratch
}

#[test]
fn changes_are_refused_unless_allowed_and_sources_need_not_be_repeated() {
    let scratch = images();
    scratch.succeed(&with(&TRAIN, &small(2)));
    let config = || std::fs::read_to_string(scratch.path("run/config.toml")).unwrap();
    let before = config();
    let resume = ["train", "--out", "run", "--resume"];
    let lambda = ["--set", "training.lambda=2", "--steps", "3"];
    let text = scratch.run(&[&resume[..], &lambda].concat());
    assert!(
        text.starts_with("exit code: 3")
            && text.contains("training.lambda: 5.0 -> 2.0")
            && text.contains("--allow-changes"),
        "{text}"
    );
    assert_eq!(config(), before);
    scratch.succeed(&[&resume[..], &["--steps", "3"]].concat());
    assert!(config().contains("steps = 3"));
    let allowed = [
        "--allow-changes",
        "--set",
        "training.lambda=2",
        "--steps",
        "4",
    ];
    scratch.succeed(&[&resume[..], &allowed].concat());
    assert!(config().contains("lambda = 2.0"));
    let text = scratch.run(&["train", "--out", "run"]);
    assert!(text.starts_with("exit code: 2"), "{text}");
}

#[test]
fn fewer_steps_than_are_done_change_nothing() {
    let scratch = images();
    scratch.succeed(&with(&TRAIN, &small(3)));
    let config = || std::fs::read(scratch.path("run/config.toml")).unwrap();
    let before = config();
    let text = scratch.run(&["train", "--out", "run", "--resume", "--steps", "2"]);
    assert!(
        text.starts_with("exit code: 0") && text.contains("run is already at 3 iterations"),
        "{text}"
    );
    assert_eq!(config(), before);
    let again = scratch.run(&["train", "--out", "run", "--resume"]);
    assert!(
        again.contains("already at 3 iterations") && !again.contains("losses"),
        "{again}"
    );
    let more = scratch.run(&["train", "--out", "run", "--resume", "--steps", "4"]);
    assert!(
        more.starts_with("exit code: 0") && !more.contains("already"),
        "{more}"
    );
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_next_older_used() {
    let scratch = images();
    let often = ["--set", "training.checkpoint_every=1"];
    scratch.succeed(&[with(&TRAIN, &small(2)), often.to_vec()].concat());
    let file = scratch.path("run/checkpoints/step_00000002/refiner.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let text = scratch.run(&REFINE);
    assert!(
        text.starts_with("exit code: 0")
            && text.contains("step_00000002/refiner.safetensors")
            && text.contains("the checkpoint of step 1 is used instead"),
        "{text}"
    );
    let asked = [&REFINE[..6], &["other", "--checkpoint", "2"]].concat();
    let text = scratch.run(&asked);
    assert!(text.starts_with("exit code: 5"), "{text}");
    let text = scratch.run(&["inspect", "run"]);
    assert!(
        text.starts_with("exit code: 5") && text.contains("SHA-256"),
        "{text}"
    );
}

#[test]
fn the_best_checkpoint_is_kept_and_used() {
    let scratch = images();
    scratch.succeed(&with(&TRAIN, &small(2)));
    let best = [&REFINE[..], &["--checkpoint", "best"]].concat();
    let text = scratch.run(&best);
    assert!(
        text.starts_with("exit code: 5") && text.contains("training.keep_best=true"),
        "{text}"
    );
    let keep = ["--set", "training.keep_best=true", "--steps", "4"];
    scratch.succeed(&[&["train", "--out", "run", "--resume"][..], &keep].concat());
    scratch.succeed(&best);
    let found: serde_json::Value =
        serde_json::from_str(&scratch.succeed(&["inspect", "run", "--json"])).unwrap();
    let manifest = std::fs::read_to_string(scratch.path("refined/simgan-refined.json")).unwrap();
    let step = format!("\"step\": {}", found["facts"]["best_checkpoint"]);
    assert!(manifest.contains(&step), "{step} in {manifest}");
}

#[cfg(unix)]
mod signals {
    use super::*;
    use crate::support::plain;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// More steps than a test waits for.
    const ENDLESS: usize = 1_000_000;
    /// How long a first checkpoint is waited for.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A training at work: its log has lines of Algorithm 1.
    fn at_work(scratch: &Scratch) -> Child {
        at_work_with(scratch, &small(ENDLESS))
    }

    fn at_work_with(scratch: &Scratch, args: &[String]) -> Child {
        let command = scratch.command(&with(&TRAIN, args));
        let mut command: Command = plain(&command);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = scratch.path("run/events.jsonl");
        let begun = Instant::now();
        while !std::fs::read_to_string(&log).is_ok_and(|text| text.contains("adversarial")) {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    fn send(child: &Child, signal: &str) {
        let (id, signal) = (child.id().to_string(), format!("-{signal}"));
        let kill = Command::new("kill").args([&signal, &id]).status();
        assert!(kill.unwrap().success());
    }

    /// Steps of the checkpoints; none before there is a run.
    fn steps(run: &Path) -> Vec<usize> {
        let Ok(entries) = std::fs::read_dir(run.join("checkpoints")) else {
            return vec![];
        };
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut steps: Vec<usize> = names
            .filter_map(|name| name.strip_prefix("step_")?.parse().ok())
            .collect();
        steps.sort_unstable();
        steps
    }

    fn stops_with(signal: &str, code: i32) {
        let scratch = images();
        let child = at_work(&scratch);
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(
            stderr.contains(&format!("stopped by SIG{signal}")),
            "{stderr}"
        );
        let done = *steps(&scratch.path("run")).last().unwrap();
        assert!(done > 0);
        let (out, more) = (
            ["train", "--out", "run", "--resume", "--json"],
            (done + 2).to_string(),
        );
        let summary = scratch.succeed(&[&out[..], &["--steps", &more]].concat());
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        assert_eq!(summary["steps"], done + 2);
    }

    #[test]
    fn an_interrupt_saves_and_leaves_with_130() {
        stops_with("INT", 130);
    }

    #[test]
    fn a_termination_saves_and_leaves_with_143() {
        stops_with("TERM", 143);
    }

    #[test]
    fn user_signal_saves_and_goes_on_and_a_lock_keeps_others_out() {
        let scratch = images();
        let mut child = at_work(&scratch);
        let run = scratch.path("run");
        let before = steps(&run);
        send(&child, "USR1");
        let begun = Instant::now();
        while steps(&run) == before {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "nothing was saved"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(child.try_wait().unwrap().is_none(), "it has to go on");
        let text = scratch.run(&["train", "--out", "run", "--resume"]);
        assert!(
            text.starts_with("exit code: 5") && text.contains("another training is at work"),
            "{text}"
        );
        // A killed process holds no lock, and the checkpoint is good.
        child.kill().unwrap();
        child.wait().unwrap();
        let more = (steps(&run).last().unwrap() + 1).to_string();
        scratch.succeed(&["train", "--out", "run", "--resume", "--steps", &more]);
    }

    /// A network whose checkpoints take so long to write that a second signal comes in the middle.
    fn large() -> Vec<String> {
        let keys = [
            "training.batch_size=2",
            "training.steps=1000000",
            "training.refiner_warmup=1",
            "training.discriminator_warmup=1",
            "training.log_every=1",
            "training.checkpoint_every=0",
            "training.images_every=0",
            "history.size=4",
            "refiner.feature_maps=256",
            "refiner.blocks=6",
            "preprocessing.width=16",
            "preprocessing.height=16",
            "preprocessing.crop.kind=aspect",
            "preprocessing.allow_mixed_sizes=true",
        ];
        keys.iter()
            .flat_map(|key| ["--set".to_owned(), (*key).to_owned()])
            .collect()
    }

    fn is_saving(run: &Path) -> bool {
        let entries = std::fs::read_dir(run.join("checkpoints")).unwrap();
        let mut names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        names.any(|name| name.ends_with(".partial"))
    }

    #[test]
    fn a_second_interrupt_leaves_at_once_and_the_last_checkpoint_is_good() {
        for _ in 0..10 {
            let scratch = images();
            let run = scratch.path("run");
            let child = at_work_with(&scratch, &large());
            let before = steps(&run);
            send(&child, "INT");
            let begun = Instant::now();
            while !is_saving(&run) && begun.elapsed() < Duration::from_secs(30) {
                std::thread::sleep(Duration::from_millis(1));
            }
            send(&child, "INT");
            let signalled = Instant::now();
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(130), "{stderr}");
            // The first save was too quick.
            if stderr.contains("is saved") {
                continue;
            }
            assert!(signalled.elapsed() < Duration::from_secs(2));
            assert_eq!(steps(&run), before);
            let found = scratch.succeed(&["inspect", "run", "--json"]);
            assert!(found.contains("\"sound\": true"), "{found}");
            let more = (before.last().unwrap() + 1).to_string();
            scratch.succeed(&["train", "--out", "run", "--resume", "--steps", &more]);
            assert!(!is_saving(&run), "what was begun is removed");
            return;
        }
        panic!("no second signal came while the first was saving");
    }

    /// Last iteration in the log, and steps of the checkpoints.
    fn progress(run: &Path) -> (usize, Vec<usize>) {
        let log = std::fs::read_to_string(run.join("events.jsonl")).unwrap_or_default();
        let logged = log
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|event: &serde_json::Value| event["phase"] == "adversarial")
            .filter_map(|event| event["step"].as_u64());
        (logged.max().unwrap_or(0) as usize, steps(run))
    }

    /// Real kills at random moments of a training that is nearly always writing a checkpoint. `SIMGAN_KILLS` says how
    /// many.
    #[test]
    fn kills_at_random_moments_leave_a_usable_run() {
        let kills = std::env::var("SIMGAN_KILLS").map_or(8, |n| n.parse().unwrap());
        let scratch = images();
        let run = scratch.path("run");
        let often = ["--set", "training.checkpoint_every=1"].map(str::to_owned);
        let begin = [small(ENDLESS), often.to_vec()].concat();
        let (mut random, mut usable) = (1u64, 0);
        for kill in 1..=kills {
            let args = match run.join("config.toml").is_file() {
                true => vec!["train", "--out", "run", "--resume"],
                false => with(&TRAIN, &begin),
            };
            let mut child = plain(&scratch.command(&args));
            let mut child = child.stderr(Stdio::null()).spawn().unwrap();
            // The first two may end a training that has not begun; a slow machine shall not do so to all.
            let begun = Instant::now();
            while kill > 2 && progress(&run).1.is_empty() && begun.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(20));
            }
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            std::thread::sleep(Duration::from_millis(300 + (random >> 33) % 700));
            child.kill().unwrap();
            child.wait().unwrap();
            let (logged, steps) = progress(&run);
            if let Some(&newest) = steps.last() {
                assert!(
                    newest + 1 >= logged,
                    "kill {kill}: {newest} of {logged} is left"
                );
                let found = scratch.succeed(&["inspect", "run", "--json"]);
                assert!(found.contains("\"sound\": true"), "kill {kill}: {found}");
                usable += 1;
            }
        }
        let (_, steps) = progress(&run);
        println!(
            "{kills} kills, {usable} of them after the first checkpoint, newest {:?}",
            steps.last()
        );
        let more = (steps.last().unwrap() + 1).to_string();
        scratch.succeed(&["train", "--out", "run", "--resume", "--steps", &more]);
    }
}
