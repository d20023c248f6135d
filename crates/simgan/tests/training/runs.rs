//! What a run leaves behind, and how it goes on.

use burn::tensor::Device;
use simgan::refine::TrainedRefiner;
use simgan::training::event_log;
use simgan::training::event_log::{Event, Phase};
use simgan::training::{RunDir, Stage, train};

use crate::support::*;

#[test]
fn run_leaves_everything_behind() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    let (synthetic, real) = (images(false), images(true));
    let mut steps = Vec::new();
    let summary = train(
        &config,
        &synthetic,
        &real,
        &folder,
        &Device::default(),
        &mut |_, progress| steps.push((progress.stage, progress.done)),
    )
    .unwrap();
    assert_eq!(summary.steps, 6);
    let expected: Vec<_> = (1..=3)
        .map(|i| (Stage::Phase(Phase::RefinerWarmup), i))
        .chain((1..=2).map(|i| (Stage::Phase(Phase::DiscriminatorWarmup), i)))
        .chain((1..=6).map(|i| (Stage::Phase(Phase::Adversarial), i)))
        .collect();
    assert_eq!(steps, expected);
    let checkpoints: Vec<usize> = folder.checkpoints().unwrap().iter().map(|c| c.0).collect();
    assert_eq!(checkpoints, [0, 2, 4, 6]);
    for step in [0, 3, 6] {
        assert!(
            folder
                .images()
                .join(format!("step_{step:08}.png"))
                .is_file()
        );
    }
    let events = event_log::read(&folder.events_file()).unwrap();
    assert!(matches!(
        events.last(),
        Some(Event::Finished { step: 6, .. })
    ));
    assert_eq!(folder.manifest().unwrap().real.images, IMAGES);
}

#[test]
fn seeds_fix_a_run_and_resuming_does_not_change_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.average_decay = 0.9;
    let whole = assert_resumes(dir.path(), &config);
    config.training.seed = 1;
    let other = start(&dir.path().join("other"), &config);
    run(&config, &other);
    let refiner = |run: &RunDir| {
        fs_err::read(run.checkpoint(None).unwrap().1.join("refiner.safetensors")).unwrap()
    };
    assert_ne!(refiner(&whole), refiner(&other));
}

#[test]
fn other_data_are_refused_on_resume() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    let (swapped, real) = (images(true), images(true));
    let error = train(
        &config,
        &swapped,
        &real,
        &folder,
        &Device::default(),
        &mut |_, _| {},
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("synthetic images differ")
    );
}

#[test]
fn checkpoints_of_another_format_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    for (_, checkpoint) in folder.checkpoints().unwrap() {
        let manifest = checkpoint.join("manifest.json");
        let text = fs_err::read_to_string(&manifest).unwrap();
        assert!(text.contains("\"format\": 4,"));
        fs_err::write(&manifest, text.replace("\"format\": 4,", "\"format\": 3,")).unwrap();
    }
    let (synthetic, real) = (images(false), images(true));
    let device = Device::default();
    let error = train(&config, &synthetic, &real, &folder, &device, &mut |_, _| {}).unwrap_err();
    assert_eq!(error.kind(), simgan_base::ErrorKind::Model);
    assert!(
        error.to_string().contains("is of format 3, not 4"),
        "{error}"
    );
}

#[test]
fn checkpoints_without_a_manifest_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    for (_, checkpoint) in folder.checkpoints().unwrap() {
        fs_err::remove_file(checkpoint.join("manifest.json")).unwrap();
        let state = checkpoint.join("state.json");
        let text = fs_err::read_to_string(&state).unwrap();
        fs_err::write(&state, text.replace("\"format\": 4,", "\"format\": 3,")).unwrap();
    }
    let loaded = TrainedRefiner::load(&folder, None, true, &Device::default());
    let error = loaded.err().unwrap().to_string();
    assert!(error.contains("manifest.json is missing"), "{error}");
}

#[test]
fn exploding_training_stops_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.learning_rate_discriminator = 1e38;
    let folder = start(&dir.path().join("run"), &config);
    let (synthetic, real) = (images(false), images(true));
    let error = train(
        &config,
        &synthetic,
        &real,
        &folder,
        &Device::default(),
        &mut |_, _| {},
    )
    .unwrap_err();
    assert_eq!(error.kind(), simgan_base::ErrorKind::Training);
    assert!(error.to_string().contains("step"), "{error}");
}

#[test]
fn the_nearest_checkpoint_is_kept_besides_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.checkpoint_every = 1;
    config.training.checkpoints_kept = 1;
    config.training.keep_best = true;
    let folder = start(dir.path(), &config);
    run(&config, &folder);
    let distances: Vec<(usize, f32)> = event_log::read(&folder.events_file())
        .unwrap()
        .into_iter()
        .filter_map(|event| match event {
            Event::Checkpoint {
                step,
                kernel_distance,
                ..
            } => Some((step, kernel_distance.unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(distances.len(), 7);
    let best = distances
        .iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap()
        .0;
    assert_eq!(folder.best_checkpoint().unwrap(), best);
    let kept: Vec<usize> = folder.checkpoints().unwrap().iter().map(|c| c.0).collect();
    let mut expected = vec![best, 6];
    expected.dedup();
    assert_eq!(kept, expected);
}
