//! Damages of a checkpoint of a realistic shape: each is found and named, and the next older checkpoint used.
//!
//! `SIMGAN_DAMAGES` says how many.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use simgan::training::checkpoint_manifest::verify;
use simgan::training::{Config, RunDir, train};
use simgan_data::Dataset;

const SHAPE: [usize; 3] = [1, 35, 55];

fn images(count: usize, slope: usize) -> Dataset {
    let len = SHAPE.iter().product::<usize>();
    let pixels = (0..count * len).map(|i| (9 * (i / len) + slope * (i % 55)) as u8);
    let names = (0..count).map(|i| format!("{i}.png")).collect();
    Dataset::from_memory(names, SHAPE, pixels.collect(), None).unwrap()
}

/// The networks of the default configuration, checkpoints of steps 0, 1 and 2.
fn run(folder: &Path) -> RunDir {
    let mut config = Config::default();
    let training = &mut config.training;
    (training.refiner_warmup, training.discriminator_warmup) = (1, 1);
    (training.steps, training.batch_size) = (2, 4);
    (training.checkpoint_every, training.checkpoints_kept) = (1, 0);
    training.average_decay = 0.9;
    let run = RunDir::create(folder, &config).unwrap();
    let (synthetic, real) = (images(6, 2), images(5, 7));
    let device = Device::default();
    train(&config, &synthetic, &real, &run, &device, &mut |_, _| ()).unwrap();
    run
}

/// What a bad disk, a bad copy or a careless hand does to `file`; `others` are the checkpoint's other files. Whether the file
/// is another one now.
fn damage(kind: usize, file: &Path, others: &[PathBuf], random: &mut ChaCha8Rng) -> bool {
    let before = fs_err::read(file).unwrap();
    let mut bytes = before.clone();
    let at = random.random_range(0..bytes.len());
    match kind {
        0 | 1 => bytes[at] ^= 1 << random.random_range(0..8),
        2 => bytes.truncate(at),
        3 => {
            fs_err::remove_file(file).unwrap();
            return true;
        }
        4 => bytes = fs_err::read(&others[random.random_range(0..others.len())]).unwrap(),
        5 => bytes.extend((0..random.random_range(1..5000)).map(|i| i as u8)),
        _ => {
            let end = (at + random.random_range(1..4097)).min(bytes.len());
            bytes[at..end].fill(0);
        }
    }
    fs_err::write(file, &bytes).unwrap();
    bytes != before
}

#[test]
fn damaged_checkpoints_are_all_found() {
    let damages = std::env::var("SIMGAN_DAMAGES").map_or(60, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let run = run(&dir.path().join("run"));
    let (newest, folder) = run.checkpoint(None).unwrap();
    assert_eq!(newest, 2);
    let entries = fs_err::read_dir(&folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(
        files.len(),
        8,
        "both networks and optimizers, average, history, state, manifest"
    );
    let (mut random, mut found) = (ChaCha8Rng::seed_from_u64(7), 0);
    while found < damages {
        let (index, kind) = (found % files.len(), found / files.len() % 7);
        let file = files[index].clone();
        let whole = fs_err::read(&file).unwrap();
        let others = [&files[..index], &files[index + 1..]].concat();
        // A block that was all zeros is no damage.
        if !damage(kind, &file, &others, &mut random) {
            continue;
        }
        let error = verify(&folder, newest).unwrap_err().to_string();
        let name = file.file_name().unwrap().to_str().unwrap();
        let manifest = name == "manifest.json";
        assert!(
            manifest || error.contains(name),
            "kind {kind} of {name}: {error}"
        );
        assert_eq!(run.checkpoint(None).unwrap().0, 1, "kind {kind} of {name}");
        fs_err::write(&file, whole).unwrap();
        found += 1;
    }
    verify(&folder, newest).unwrap();
    println!(
        "{found} of {damages} damages found in {} files",
        files.len()
    );
}

/// The refiner takes a moving average where there is one: one that was put there is none of this checkpoint.
#[test]
fn weights_that_do_not_belong_to_a_checkpoint_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let run = run(&dir.path().join("run"));
    let (step, folder) = run.checkpoint(None).unwrap();
    fs_err::write(folder.join("notes.txt"), "mine").unwrap();
    verify(&folder, step).unwrap();
    fs_err::write(folder.join("other.safetensors"), "").unwrap();
    let error = verify(&folder, step).unwrap_err().to_string();
    assert!(error.contains("other.safetensors"), "{error}");
}
