//! Several processes train one run: as one process would, to the rounding of sums. The processes are threads here.

use std::path::Path;
use std::thread;

use burn::tensor::Device;
use simgan::nets::activation::Activation;
use simgan::nets::optimizer::OptimizerKind;
use simgan::parallel::{Member, ProcessGroup, Threads};
use simgan::stabilizers::augmentation::AugmentationKind;
use simgan::training::{Config, Request, RunDir, Summary, train_together};
use simgan_base::formats::tensors;
use simgan_base::{ErrorKind, Result};
use simgan_data::{Dataset, Labels};

use crate::support;

const SIDE: usize = 20;
const BATCH: usize = 12;

/// Smooth images with two labels; real ones are darker, and in a number that no mini-batch divides.
fn images(count: usize, dark: usize) -> Dataset {
    let mut table = "file,level,dot_x,dot_y\n".to_owned();
    let (mut names, mut pixels) = (Vec::new(), Vec::new());
    for index in 0..count {
        let level = 60 + 7 * index - dark;
        let (x, y) = (3 + index % 13, 4 + index % 11);
        let name = format!("{index}.png");
        table += &format!("{name},{level},{x},{y}\n");
        names.push(name);
        let spot = |i: usize| 40 * usize::from(i % SIDE == x) + 30 * usize::from(i / SIDE == y);
        pixels.extend((0..SIDE * SIDE).map(|i| (level + i % 7 + spot(i)) as u8));
    }
    let labels = Labels::parse(table.into_bytes(), "labels.csv").unwrap();
    Dataset::from_memory(names, [1, SIDE, SIDE], pixels, Some(labels)).unwrap()
}

/// Everything on that draws, remembers, or is no plain mean over images. Smooth nets, whose gradients do not jump.
fn everything(steps: usize) -> Config {
    let mut config = support::config();
    [config.preprocessing.width, config.preprocessing.height] = [SIDE; 2];
    config.refiner.activation = Activation::Silu;
    config.refiner.match_exposure = true;
    config.discriminator.activation = Activation::Silu;
    config.discriminator.spectral_norm = true;
    let training = &mut config.training;
    training.steps = steps;
    training.batch_size = BATCH;
    training.checkpoint_every = 40;
    training.images_every = 50;
    training.log_every = 10;
    training.average_decay = 0.9;
    training.gradient_clip = 1.0;
    training.instance_noise = 0.1;
    training.augmentation = vec![
        AugmentationKind::Brightness,
        AugmentationKind::Translation,
        AugmentationKind::Cutout,
    ];
    training.gradient_penalty = 0.1;
    training.gradient_penalty_every = 3;
    training.keep_best = true;
    config.history.size = 30;
    config.keypoints.points = vec!["dot".into()];
    config.keypoints.steps = 5;
    config.estimator.targets = vec!["level".into()];
    config.estimator.steps = 10;
    config.estimator.batch_size = 8;
    config.estimator.feature_maps = [2, 2, 2, 2, 4];
    config.estimator.hidden = 8;
    config.task_consistency.bias = 1.0;
    config.task_consistency.each = 0.1;
    config.task_consistency.match_content = true;
    config
}

/// Trains in `folder` on so many processes. `asked` is given the rank and the number of the call.
fn train(
    processes: usize,
    config: &Config,
    folder: &Path,
    asked: impl Fn(usize, usize) -> Request + Sync,
) -> Vec<Result<Summary>> {
    if !RunDir::is_at(folder) {
        support::start(folder, config);
    }
    let work = |member: Threads| {
        let group = ProcessGroup::of(member);
        let (rank, mut calls) = (group.rank(), 0);
        let mut requests = || {
            calls += 1;
            asked(rank, calls)
        };
        let device = Device::default();
        let member = Member { device, group };
        let (synthetic, real) = (images(21, 0), images(17, 40));
        let run = RunDir::at(folder);
        let mut told = |_: Option<&_>, _| assert_eq!(rank, 0, "the first one speaks");
        train_together(
            config,
            &synthetic,
            &real,
            &run,
            &member,
            &mut told,
            &mut requests,
        )
    };
    thread::scope(|scope| {
        let members = Threads::group(processes).into_iter();
        let workers: Vec<_> = members.map(|m| scope.spawn(|| work(m))).collect();
        workers.into_iter().map(|w| w.join().unwrap()).collect()
    })
}

fn whole(processes: usize, config: &Config, folder: &Path) -> RunDir {
    for summary in train(processes, config, folder, |_, _| Request::Continue) {
        assert!(!summary.unwrap().stopped);
    }
    RunDir::open(folder).unwrap()
}

/// All numbers of a file of the newest checkpoint.
fn numbers(run: &RunDir, file: &str) -> Vec<f32> {
    let path = run.checkpoint(None).unwrap().1.join(file);
    let bytes = tensors::read(&path).unwrap();
    let tensors = tensors::parse(&bytes, &path).unwrap();
    let mut tensors: Vec<_> = tensors.tensors();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let bytes = tensors
        .iter()
        .flat_map(|(_, tensor)| tensor.data().to_vec());
    let bytes: Vec<u8> = bytes.collect();
    let number = |four: &[u8]| f32::from_le_bytes(four.try_into().unwrap());
    bytes.chunks_exact(4).map(number).collect()
}

/// Where samplers and random streams stand.
fn streams(run: &RunDir) -> String {
    let path = run.checkpoint(None).unwrap().1.join("state.json");
    let text = fs_err::read_to_string(path).unwrap();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys = ["positions", "history_rng", "stabilizers", "step"];
    keys.map(|key| state[key].to_string()).concat()
}

fn assert_close(found: &RunDir, expected: &RunDir, tolerance: f32) {
    assert_eq!(streams(found), streams(expected));
    for file in [
        "refiner.safetensors",
        "refiner_average.safetensors",
        "discriminator.safetensors",
        "history.safetensors",
    ] {
        let (a, b) = (numbers(found, file), numbers(expected, file));
        assert_eq!(a.len(), b.len());
        let most = a.iter().zip(&b).map(|(a, b)| (a - b).abs());
        let most = most.fold(0.0, f32::max);
        println!("{file}: {most:e}");
        assert!(most <= tolerance, "{file}: {most}");
    }
}

/// Names below a folder, TensorBoard's file with its time left out.
fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let below = path.is_dir().then(|| self::names(&path));
        let name = name.split(".tfevents").next().unwrap().to_owned();
        names.extend(below.into_iter().flatten().map(|b| format!("{name}/{b}")));
        names.push(name);
    }
    names.sort();
    names
}

/// One process beside `several`, each from the start to the end.
fn assert_train_as_one(config: &Config, several: &[usize], tolerance: f32) {
    let dir = tempfile::tempdir().unwrap();
    let one = whole(1, config, &dir.path().join("one"));
    for &processes in several {
        let folder = dir.path().join(processes.to_string());
        let several = whole(processes, config, &folder);
        assert_close(&several, &one, tolerance);
        assert_eq!(names(several.path()), names(one.path()));
    }
}

/// With the optimizer of the paper. Adam divides small gradients by their size, and so the rounding of sums grows from step to
/// step: with everything on, Adam's weights have moved apart after 100 steps, as those of two kinds of kernels do.
#[test]
fn processes_train_as_one_over_a_hundred_iterations() {
    let mut config = everything(100);
    config.training.optimizer = OptimizerKind::Sgd;
    config.keypoints.points.clear();
    config.task_consistency = Default::default();
    config.discriminator.spectral_norm = false;
    assert_train_as_one(&config, &[2], 1e-5);
}

#[test]
fn processes_train_as_one_with_everything_on() {
    assert_train_as_one(&everything(8), &[2, 3], 3e-4);
}

/// A stop asked of one process stops all after the same step; any number of processes goes on.
#[test]
fn a_run_goes_on_with_any_number_of_processes() {
    let dir = tempfile::tempdir().unwrap();
    let config = everything(12);
    let one = whole(1, &config, &dir.path().join("one"));
    let folder = dir.path().join("changing");
    // Within the preparations, five calls; after them, within both warm-ups; in the first iterations.
    for (processes, steps) in [(2, 2), (2, 7), (3, 2), (1, 3), (2, 1)] {
        let stop = |rank, call| match rank + 1 == processes && call >= steps {
            true => Request::Stop,
            false => Request::Continue,
        };
        let summaries = train(processes, &config, &folder, stop);
        let steps: Vec<_> = summaries
            .into_iter()
            .map(|summary| summary.unwrap())
            .map(|summary| (summary.stopped, summary.steps))
            .collect();
        assert!(steps.iter().all(|s| s.0 && *s == steps[0]), "{steps:?}");
    }
    let changing = whole(3, &config, &folder);
    // Adam makes more of the rounding of sums than SGD: 4e-5 on plain Rust's kernels.
    assert_close(&changing, &one, 3e-4);
    for summary in train(2, &config, &folder, |_, _| Request::Continue) {
        assert!(summary.unwrap().already_done);
    }
}

#[test]
fn what_cannot_be_shared_is_refused_by_all() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = everything(1);
    config.training.batch_size = 10;
    let folder = dir.path().join("run");
    for result in train(2, &config, &folder, |_, _| Request::Continue) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.hint().unwrap().contains("training.batch_size=12"));
    }
    assert_eq!(RunDir::open(&folder).unwrap().checkpoints().unwrap(), []);
}

#[test]
fn processes_with_other_settings_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let config = support::config();
    support::start(&folder, &config);
    let work = |member: Threads| {
        let group = ProcessGroup::of(member);
        let mut config = config.clone();
        config.training.lambda += group.rank() as f64;
        let device = Device::default();
        let member = Member { device, group };
        let (synthetic, real) = (support::images(false), support::images(true));
        train_together(
            &config,
            &synthetic,
            &real,
            &RunDir::at(&folder),
            &member,
            &mut |_, _| {},
            &mut || Request::Continue,
        )
    };
    thread::scope(|scope| {
        let members = Threads::group(2).into_iter();
        let workers: Vec<_> = members.map(|m| scope.spawn(|| work(m))).collect();
        for worker in workers {
            let error = worker.join().unwrap().unwrap_err();
            assert!(error.to_string().contains("the settings of process 1"));
        }
    });
}
