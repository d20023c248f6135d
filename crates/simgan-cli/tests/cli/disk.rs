//! Disks that are full, and folders that cannot be written to: on small file systems in memory, where the system lets us mount
//! them.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{REFINE, Scratch, TRAIN};

/// Says that this process is in a name space of its own, in which it may mount.
const INSIDE: &str = "SIMGAN_TEST_MAY_MOUNT";

/// A file system of `size` bytes in `small`, gone when this is dropped.
struct Small(PathBuf);

impl Small {
    /// `None` where the system refuses.
    fn mount(scratch: &Scratch, size: usize) -> Option<Self> {
        let path = scratch.path("small");
        std::fs::create_dir(&path).unwrap();
        let options = format!("size={size}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&path)
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(path)),
            _ => None,
        }
    }

    /// A file that leaves `free` bytes.
    fn fill(&self, free: usize) {
        let filler = self.0.join("filler");
        // As much as there is.
        let _ = std::fs::write(&filler, vec![1; 64 << 20]);
        let size = std::fs::metadata(&filler).unwrap().len() as usize;
        std::fs::write(&filler, vec![1; size - free]).unwrap();
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }

    fn forbid_writing(&self) {
        let mut mount = Command::new("mount");
        mount.args(["-o", "remount,ro"]).arg(&self.0);
        assert!(mount.status().unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Runs `test`, which is called `name`, with a small file system: here, or as root of a name space.
fn on_a_small_disk(name: &str, size: usize, test: impl FnOnce(&Scratch, &Small)) {
    let scratch = Scratch::new();
    if let Some(small) = Small::mount(&scratch, size) {
        return test(&scratch, &small);
    }
    if std::env::var_os(INSIDE).is_some() {
        eprintln!("skipped: nothing can be mounted here");
        return;
    }
    let inside = Command::new("unshare")
        .args(["-rm", "--"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("disk::{name}"), "--nocapture"])
        .env(INSIDE, "1")
        .output();
    match inside {
        Ok(output) if output.stdout.is_empty() => {
            eprintln!("skipped: no name space can be made here")
        }
        Ok(output) => assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(_) => eprintln!("skipped: there is no `unshare`"),
    }
}

/// Exit code 7, one sentence that names `path` and bytes, and what to do.
fn assert_full(told: &str, path: &str) {
    assert!(told.starts_with("exit code: 7\n"), "{told}");
    let error = told
        .lines()
        .find(|line| line.starts_with("error: "))
        .unwrap();
    assert!(
        error.contains(path) && error.contains(" bytes) cannot be written"),
        "{told}"
    );
    assert!(error.contains("No space left on device"), "{told}");
    assert!(told.contains("hint: free space there"), "{told}");
}

fn tiny(keys: &[&str]) -> Vec<String> {
    let keys = [
        &[
            "training.batch_size=2",
            "training.refiner_warmup=1",
            "training.discriminator_warmup=1",
            "training.log_every=1",
            "history.size=4",
            "refiner.feature_maps=2",
            "refiner.blocks=1",
        ],
        keys,
    ];
    let keys = keys.concat();
    keys.iter()
        .flat_map(|key| ["--set".to_owned(), (*key).to_owned()])
        .collect()
}

fn command<'a>(first: &[&'a str], rest: &'a [String]) -> Vec<&'a str> {
    first
        .iter()
        .copied()
        .chain(rest.iter().map(String::as_str))
        .collect()
}

fn images(scratch: &Scratch) {
    scratch.labelled("synthetic", 60);
    scratch.images("real", 4);
}

/// Whether something of `folder`, `.NAME.partial` say, is left beside it.
fn leftovers(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

#[test]
fn a_training_on_a_full_disk_keeps_its_last_state_and_goes_on_later() {
    let name = "a_training_on_a_full_disk_keeps_its_last_state_and_goes_on_later";
    on_a_small_disk(name, 16 << 20, |scratch, small| {
        images(scratch);
        let out = [
            "train",
            "--synthetic",
            "synthetic",
            "--real",
            "real",
            "--out",
            "small/run",
        ];
        let often = [
            "training.steps=60",
            "training.checkpoint_every=1",
            "training.checkpoints_kept=0",
        ];
        let args = tiny(&often);
        small.fill(4 << 20);
        let told = scratch.run(&command(&out, &args));
        assert_full(&told, "small/run/");
        let found = scratch.succeed(&["inspect", "small/run", "--json"]);
        assert!(found.contains("\"sound\": true"), "{found}");
        small.make_room();
        let less = ["--set", "training.checkpoints_kept=2"];
        let resume = ["train", "--out", "small/run", "--resume", "--json"];
        let summary = scratch.succeed(&[&resume[..], &less].concat());
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        assert_eq!(summary["steps"], 60);
        assert!(leftovers(&scratch.path("small/run/checkpoints")).is_empty());
        small.forbid_writing();
        let told = scratch.run(&[&resume[..], &["--steps", "61"]].concat());
        assert!(
            told.starts_with("exit code: 7") && told.contains("hint: change the permissions there"),
            "{told}"
        );
    });
}

#[test]
fn what_is_written_whole_or_not_at_all_is_not_there_on_a_full_disk() {
    let name = "what_is_written_whole_or_not_at_all_is_not_there_on_a_full_disk";
    on_a_small_disk(name, 8 << 20, |scratch, small| {
        images(scratch);
        scratch.succeed(&command(&TRAIN, &tiny(&["training.steps=1"])));
        let refine = [&REFINE[..6], &["small/out"]].concat();
        let fit = [
            "fit",
            "gaze",
            "--run",
            "run",
            "--data",
            "synthetic",
            "--out",
            "small/out",
            "--set",
            "estimator.steps=2",
            "--set",
            "estimator.hidden=64",
        ];
        let simulate = ["simulate", "eyes", "--count", "40", "--out", "small/out"];
        for args in [&refine[..], &fit, &simulate] {
            small.fill(40 << 10);
            let told = scratch.run(args);
            assert_full(&told, "small/");
            assert!(!scratch.path("small/out").exists(), "{told}");
            small.make_room();
            scratch.succeed(args);
            assert!(leftovers(&scratch.path("small")).is_empty());
            std::fs::remove_dir_all(scratch.path("small/out")).unwrap();
        }
    });
}

#[test]
fn an_old_report_stays_where_there_is_no_room_for_a_new_one() {
    let name = "an_old_report_stays_where_there_is_no_room_for_a_new_one";
    on_a_small_disk(name, 8 << 20, |scratch, small| {
        images(scratch);
        scratch.succeed(&command(&TRAIN, &tiny(&["training.steps=1"])));
        let path = scratch.path("small/report.html");
        std::fs::write(&path, "the old one").unwrap();
        let report = ["report", "run", "--out", "small/report.html"];
        small.fill(8 << 10);
        assert_full(&scratch.run(&report), "small/report.html");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the old one");
        small.make_room();
        scratch.succeed(&report);
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .ends_with("</html>\n")
        );
        assert!(leftovers(&scratch.path("small")).is_empty());
    });
}
