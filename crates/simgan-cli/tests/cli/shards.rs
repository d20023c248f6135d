//! Refining by several processes, killed and repeated.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{REFINE, Scratch, TRAIN, plain, small, with};

/// `images` labelled images and a run with a tiny refiner.
fn trained(images: usize) -> Scratch {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", images);
    scratch.images("real", 4);
    let few = TRAIN.map(|arg| {
        if arg == "synthetic" {
            "synthetic[:6]"
        } else {
            arg
        }
    });
    scratch.succeed(&with(&few, &small(1)));
    scratch
}

/// Refines into `output`.
fn refine<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&REFINE[..6], &[output], more].concat()
}

fn json(scratch: &Scratch, args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&scratch.succeed(&[args, &["--json"]].concat())).unwrap()
}

/// What GNU coreutils think of the folder; `None` where they are not installed.
fn sha256sum(folder: &Path) -> Option<bool> {
    let mut command = Command::new("sha256sum");
    command.args(["--check", "--quiet", "--strict", "SHA256SUMS"]);
    let status = command.current_dir(folder).stdout(Stdio::null()).status();
    status.ok().map(|status| status.success())
}

fn sums(scratch: &Scratch, output: &str) -> String {
    std::fs::read_to_string(scratch.path(output).join("SHA256SUMS")).unwrap()
}

#[test]
fn shards_that_there_are_not() {
    let refine = |shard| Scratch::new().run(&refine("refined", &["--shard", shard]));
    insta::assert_snapshot!("shard_beyond_the_last", refine("5/4"));
    insta::assert_snapshot!("shard_without_a_number", refine("5"));
}

#[test]
fn shards_end_one_by_one_and_the_last_publishes() {
    let scratch = trained(30);
    let shard = |shard| refine("refined", &["--images-per-part", "4", "--shard", shard]);
    let text = scratch.run(&shard("2/3"));
    let said = "shard 2 of 3 is done; shards 1, 3 are not";
    assert!(
        text.starts_with("exit code: 0") && text.contains(said),
        "{text}"
    );
    let summary = json(&scratch, &shard("1/3"));
    assert_eq!(summary["complete"], false);
    assert_eq!(summary["missing_shards"], serde_json::json!([3]));
    assert!(!scratch.path("refined").exists());
    assert_eq!(json(&scratch, &shard("3/3"))["complete"], true);
    assert_ne!(sha256sum(&scratch.path("refined")), Some(false));
    let labels = |folder: &str| std::fs::read(scratch.path(folder).join("labels.csv")).unwrap();
    assert_eq!(labels("refined"), labels("synthetic"));

    let summary = json(&scratch, &shard("3/3"));
    assert_eq!(
        (&summary["complete"], &summary["images"]),
        (&true.into(), &0.into())
    );
    insta::assert_snapshot!("refined_already", scratch.run(&REFINE));
    let other = refine("refined", &["--format", "webdataset"]);
    insta::assert_snapshot!("refined_otherwise", scratch.run(&other));
}

#[test]
fn parts_of_other_kernels_are_refused() {
    let scratch = trained(8);
    let shard = refine("refined", &["--images-per-part", "2", "--shard", "1/2"]);
    let with_kernels = |kernels: &str| {
        let output = scratch
            .command(&shard)
            .env("SIMGAN_KERNELS", kernels)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert_eq!(with_kernels("portable").0, Some(0));
    let (code, stderr) = with_kernels("burn");
    assert_eq!(code, Some(7), "{stderr}");
    assert!(stderr.contains("set SIMGAN_KERNELS=portable"), "{stderr}");
    assert_eq!(with_kernels("portable").0, Some(0));
}

#[test]
fn tar_files_are_the_same_from_any_shards() {
    let scratch = trained(30);
    let tar = ["--format", "webdataset", "--images-per-part", "7"];
    scratch.succeed(&refine("whole", &tar));
    for shard in ["2/2", "1/2"] {
        scratch.succeed(&refine("shards", &[&tar[..], &["--shard", shard]].concat()));
    }
    assert_eq!(sums(&scratch, "whole"), sums(&scratch, "shards"));
    assert!(scratch.path("whole/refined-000004.tar").is_file());
    assert_ne!(sha256sum(&scratch.path("shards")), Some(false));
}

/// Numbers that are the same in every run of the test.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % end
    }
}

/// Real kills at random moments of random shards, then all of them until the set is complete. `SIMGAN_KILLS` says how
/// many, `SIMGAN_IMAGES` of how many images.
#[cfg(unix)]
#[test]
fn killed_shards_end_as_one_undisturbed_process() {
    let number = |name, short: usize| std::env::var(name).map_or(short, |n| n.parse().unwrap());
    let (kills, images) = (number("SIMGAN_KILLS", 6), number("SIMGAN_IMAGES", 1200));
    let part = (images / 100).clamp(20, 1000).to_string();
    for format in ["folder", "webdataset"] {
        let scratch = trained(images);
        let options = ["--images-per-part", &part, "--format", format];
        let begun = Instant::now();
        scratch.succeed(&refine("whole", &options));
        let undisturbed = begun.elapsed();

        let shards = ["1/3", "2/3", "3/3"];
        let (mut random, mut hit, mut found) = (Random(1), 0, 0);
        let shard = |random: &mut Random| {
            let shard = shards[random.below(3) as usize];
            refine("refined", &[&options[..], &["--shard", shard]].concat())
        };
        while hit < kills && !scratch.path("refined").exists() {
            let mut child = plain(&scratch.command(&shard(&mut random)));
            let mut child = child
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Together they leave some of the work to do.
            let most = undisturbed.as_micros() as u64 * 3 / (2 * kills as u64);
            std::thread::sleep(Duration::from_micros(random.below(most)));
            hit += usize::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(hit > 0, "no kill hit");
        while !scratch.path("refined").exists() {
            found += json(&scratch, &shard(&mut random))["found"]
                .as_u64()
                .unwrap();
        }
        assert!(sums(&scratch, "refined") == sums(&scratch, "whole"));
        assert_ne!(sha256sum(&scratch.path("refined")), Some(false));
        let manifest =
            |output: &str| std::fs::read(scratch.path(output).join("simgan-refined.json")).unwrap();
        assert_eq!(manifest("refined"), manifest("whole"));
        println!(
            "{format}: {images} images in {undisturbed:.1?}, {hit} kills, {found} images found done, {:.1?} in all",
            begun.elapsed()
        );
    }
}

#[test]
fn tar_files_are_the_same_data_set_as_a_folder() {
    let scratch = trained(10);
    scratch.succeed(&refine("folder", &[]));
    let tars = ["--format", "webdataset", "--images-per-part", "4"];
    scratch.succeed(&refine("tars", &tars));
    let facts = |path: &str| {
        let found = json(&scratch, &["inspect", path]);
        assert_eq!(found["kind"], "refined set", "{found}");
        let mut facts = found["facts"].as_object().unwrap().clone();
        let of_tars = ["format", "fingerprint", "tars", "other_entries"];
        facts.retain(|name, _| !of_tars.contains(&name.as_str()));
        facts
    };
    assert_eq!(facts("folder"), facts("tars"));
    assert_eq!(json(&scratch, &["verify", "tars"])["sound"], true);
    // Estimators that see the same pixels and labels are the same.
    let weights = |data: &str| {
        let model = format!("model-{data}");
        let steps = ["--set", "estimator.steps=2"];
        let fit = [
            "fit", "gaze", "--run", "run", "--data", data, "--out", &model,
        ];
        scratch.succeed(&[&fit[..], &steps].concat());
        std::fs::read(scratch.path(&model).join("estimator.safetensors")).unwrap()
    };
    assert!(weights("folder") == weights("tars"));
}
