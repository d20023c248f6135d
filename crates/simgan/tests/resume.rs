//! A training that is stopped and goes on ends as if it had never stopped, wherever that is; what a crash or a bad disk
//! leaves is found and dealt with.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use burn::tensor::Device;
use simgan::discriminator::{DiscriminatorConfig, Layer};
use simgan::nets::activation::Activation;
use simgan::refine::TrainedRefiner;
use simgan::refiner::RefinerConfig;
use simgan::stabilizers::augmentation::AugmentationKind;
use simgan::training::event_log;
use simgan::training::event_log::Event;
use simgan::training::schedule::ScheduleKind;
use simgan::training::{Config, Request, RunDir, Summary, train_until};
use simgan_base::{ErrorKind, Result};
use simgan_data::{Dataset, Labels};

const SHAPE: [usize; 3] = [1, 14, 18];
/// Steps of all three phases.
const STEPS: usize = 40;

/// Images in a number that no mini-batch divides, so that epochs end within them.
fn images(count: usize, slope: usize) -> Dataset {
    let [_, height, width] = SHAPE;
    let place = |i: usize| (i / (width * height), i / width % height, i % width);
    let pixel = |(image, y, x): (usize, usize, usize)| (40 + 5 * image + slope * x + 3 * y) as u8;
    let pixels = (0..count * width * height)
        .map(|i| pixel(place(i)))
        .collect();
    let names = (0..count).map(|i| format!("{i:03}.png"));
    let rows = (0..count).map(|i| format!("{i:03}.png,{},{}\n", 3 + i % 11, 2 + i % 9));
    let labels = format!("file,dot_x,dot_y\n{}", rows.collect::<String>());
    let labels = Labels::parse(labels.into(), "labels.csv").unwrap();
    Dataset::from_memory(names.collect(), SHAPE, pixels, Some(labels)).unwrap()
}

/// Log lines, image grids and checkpoints at different intervals, so that stops fall between them.
fn config() -> Config {
    let mut config = Config {
        refiner: RefinerConfig {
            feature_maps: 2,
            blocks: 1,
            ..RefinerConfig::eyes()
        },
        discriminator: DiscriminatorConfig {
            activation: Activation::LeakyRelu,
            layers: vec![Layer::Convolution {
                feature_maps: 3,
                kernel_size: 3,
                stride: 2,
            }],
            ..DiscriminatorConfig::eyes()
        },
        ..Config::default()
    };
    let training = &mut config.training;
    training.refiner_warmup = 6;
    training.discriminator_warmup = 4;
    training.steps = STEPS - 10;
    training.batch_size = 4;
    training.checkpoint_every = 7;
    training.checkpoints_kept = 2;
    training.log_every = 3;
    training.images_every = 11;
    config.history.size = 16;
    [config.preprocessing.height, config.preprocessing.width] = [SHAPE[1], SHAPE[2]];
    config
}

/// As [`config`], with everything on that has a state or changes with time.
fn everything() -> Config {
    let mut config = config();
    config.discriminator.spectral_norm = true;
    config.refiner.match_exposure = true;
    config.schedule.kind = ScheduleKind::Cosine;
    config.training.average_decay = 0.9;
    config.training.keep_best = true;
    config.training.instance_noise = 0.1;
    config.training.augmentation = vec![AugmentationKind::Translation];
    config.training.gradient_penalty = 1.0;
    config.training.gradient_penalty_every = 2;
    config
}

/// Trains until `asked` says so, which is given the number of the call.
fn train(config: &Config, run: &RunDir, asked: impl Fn(usize) -> Request) -> Result<Summary> {
    let (synthetic, real) = (images(21, 2), images(17, 7));
    let mut calls = 0;
    let mut requests = || {
        calls += 1;
        asked(calls)
    };
    let device = Device::default();
    let mut observer = |_: Option<&Event>, _| {};
    train_until(
        config,
        &synthetic,
        &real,
        run,
        &device,
        &mut observer,
        &mut requests,
    )
}

fn whole(config: &Config, run: &RunDir) -> Summary {
    train(config, run, |_| Request::Continue).unwrap()
}

fn stopped_after(config: &Config, run: &RunDir, steps: usize) -> Summary {
    let stop = |call| match call == steps {
        true => Request::Stop,
        false => Request::Continue,
    };
    train(config, run, stop).unwrap()
}

/// Names and bytes of the newest checkpoint, and the log but for times and starts.
fn outcome(run: &RunDir) -> (Vec<(String, Vec<u8>)>, Vec<Event>) {
    let mut files: Vec<_> = fs_err::read_dir(run.checkpoint(None).unwrap().1)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs_err::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    let mut events = event_log::read(&run.events_file()).unwrap();
    events.retain(|event| !matches!(event, Event::Started { .. }));
    for event in &mut events {
        if let Event::Step { seconds, .. } | Event::Finished { seconds, .. } = event {
            *seconds = 0.0;
        }
    }
    (files, events)
}

fn assert_same(run: &RunDir, expected: &RunDir, what: &str) {
    let (found, expected) = (outcome(run), outcome(expected));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found.0), names(&expected.0), "{what}");
    for (found, expected) in found.0.iter().zip(&expected.0) {
        assert!(found == expected, "{what}: {} differs", found.0);
    }
    assert_eq!(found.1, expected.1, "{what}");
}

fn create(folder: &Path, config: &Config) -> RunDir {
    RunDir::create(folder, config).unwrap()
}

/// Stops after every one of `steps`, warm-ups included, and goes on.
fn resumes(config: &Config, steps: impl Iterator<Item = usize>) {
    let dir = tempfile::tempdir().unwrap();
    let undisturbed = create(&dir.path().join("undisturbed"), config);
    assert!(!whole(config, &undisturbed).stopped);
    assert_eq!(outcome(&undisturbed).0.last().unwrap().0, "state.json");
    for step in steps {
        let run = create(&dir.path().join(step.to_string()), config);
        assert!(stopped_after(config, &run, step).stopped);
        assert!(!whole(config, &run).stopped);
        assert_same(&run, &undisturbed, &format!("stopped after step {step}"));
        println!("stopped after step {step} of {STEPS}: equal");
    }
}

#[test]
fn resuming_at_every_step_changes_nothing() {
    resumes(&config(), 1..=STEPS);
}

#[test]
fn resuming_changes_nothing_with_every_switch_on() {
    resumes(&everything(), (1..=STEPS).step_by(4));
}

#[test]
fn resuming_changes_nothing_where_points_are_kept() {
    let mut config = config();
    config.keypoints.points = vec!["dot".to_owned()];
    config.keypoints.steps = 5;
    config.keypoints.radius = 2.0;
    // While they are learned, in the warm-ups, later.
    resumes(&config, [2, 5 + 3, 5 + 9, 5 + 25].into_iter());
}

#[test]
fn stopping_at_every_single_step_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = everything();
    let undisturbed = create(&dir.path().join("undisturbed"), &config);
    whole(&config, &undisturbed);
    let run = create(&dir.path().join("run"), &config);
    let mut processes = 1;
    while stopped_after(&config, &run, 1).stopped {
        processes += 1;
    }
    // The stop after the last step finds the run at its end.
    assert_eq!(processes, STEPS + 1);
    assert_same(&run, &undisturbed, "stopped after every step");
}

#[test]
fn saving_when_asked_to_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let undisturbed = create(&dir.path().join("undisturbed"), &config);
    whole(&config, &undisturbed);
    let run = create(&dir.path().join("run"), &config);
    train(&config, &run, |_| Request::Save).unwrap();
    assert_same(&run, &undisturbed, "saved after every step");
}

/// A kill leaves the state of the last checkpoint and a log that is further.
#[test]
fn a_kill_costs_at_most_one_interval() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let undisturbed = create(&dir.path().join("undisturbed"), &config);
    whole(&config, &undisturbed);
    for step in (1..=STEPS).step_by(3) {
        let run = create(&dir.path().join(step.to_string()), &config);
        let killed = std::panic::catch_unwind(|| {
            train(&config, &run, |call| match call == step {
                true => panic!("killed"),
                false => Request::Continue,
            })
        });
        assert!(killed.is_err());
        fs_err::create_dir(run.checkpoints_folder().join(".step_00000099.partial")).unwrap();
        let log = run.events_file();
        let mut text = fs_err::read(&log).unwrap();
        text.extend_from_slice(b"{\"event\":\"st");
        fs_err::write(&log, text).unwrap();
        whole(&config, &run);
        assert_same(&run, &undisturbed, &format!("killed after step {step}"));
        let names = fs_err::read_dir(run.checkpoints_folder()).unwrap();
        assert_eq!(names.count(), 2, "leftovers are removed");
    }
}

#[test]
fn a_damaged_checkpoint_is_passed_over_by_all_and_training_repairs_it() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let undisturbed = create(&dir.path().join("undisturbed"), &config);
    whole(&config, &undisturbed);
    let run = create(&dir.path().join("run"), &config);
    whole(&config, &run);
    let file = run.checkpoint(None).unwrap().1.join("history.safetensors");
    let mut bytes = fs_err::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs_err::write(&file, bytes).unwrap();
    assert_eq!(run.checkpoint(None).unwrap().0, 28);
    let device = Device::default();
    TrainedRefiner::load(&run, None, true, &device).unwrap();
    let error = TrainedRefiner::load(&run, Some(30), true, &device)
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.to_string().contains("history.safetensors"), "{error}");
    whole(&config, &run);
    assert_same(&run, &undisturbed, "a repaired run");
}

#[test]
fn a_run_without_a_good_checkpoint_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let run = create(&dir.path().join("run"), &config);
    whole(&config, &run);
    for (_, checkpoint) in run.checkpoints().unwrap() {
        fs_err::remove_file(checkpoint.join("state.json")).unwrap();
    }
    let log = fs_err::read(run.events_file()).unwrap();
    let mut longer = config.clone();
    longer.training.steps += 1;
    let error = train(&longer, &run, |_| Request::Continue).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    let text = error.to_string();
    assert!(
        text.contains("step_00000028") && text.contains("step_00000030"),
        "{text}"
    );
    assert!(error.hint().is_some());
    assert_eq!(
        run.config().unwrap(),
        config,
        "the stored configuration stays"
    );
    assert_eq!(fs_err::read(run.events_file()).unwrap(), log);
}

#[test]
fn a_run_in_use_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let run = create(&dir.path().join("run"), &config);
    let _lock = run.lock().unwrap();
    let error = train(&config, &run, |_| Request::Continue).unwrap_err();
    assert!(error.to_string().contains("another training"), "{error}");
    assert_eq!(run.checkpoints().unwrap().len(), 0);
}

#[test]
fn a_finished_run_is_left_as_it_is_and_can_be_lengthened() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let run = create(&dir.path().join("run"), &config);
    whole(&config, &run);
    let log = fs_err::read(run.events_file()).unwrap();
    assert_eq!(whole(&config, &run).steps, 30);
    assert_eq!(fs_err::read(run.events_file()).unwrap(), log);
    let mut longer = config.clone();
    longer.training.steps = 33;
    assert_eq!(whole(&longer, &run).steps, 33);
    assert_eq!(run.config().unwrap(), longer);
    let finished = event_log::read(&run.events_file()).unwrap();
    let finished = finished
        .iter()
        .filter(|e| matches!(e, Event::Finished { .. }));
    assert_eq!(finished.count(), 1);
}
