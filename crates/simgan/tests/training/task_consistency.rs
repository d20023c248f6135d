//! Runs whose refiner is held to the answers of an estimator.

use burn::tensor::Device;
use simgan::feature_transform::Kind;
use simgan::tasks::Estimator;
use simgan::training::event_log;
use simgan::training::event_log::Event;
use simgan::training::{Config, Preparation, RunDir, Stage, train};
use simgan_base::ErrorKind;
use simgan_data::{Dataset, Labels};

use crate::support;

const IMAGES: usize = 24;

/// Images of 20x20 whose grey level is their label; real ones are darker.
fn images(labelled: bool) -> Dataset {
    let mut table = "file,level\n".to_owned();
    let (mut names, mut pixels) = (Vec::new(), Vec::new());
    for index in 0..IMAGES {
        let level = 60 + 5 * index - if labelled { 0 } else { 40 };
        let name = format!("{index}.png");
        table += &format!("{name},{level}\n");
        names.push(name);
        pixels.extend((0..400).map(|pixel| (level + pixel % 3) as u8));
    }
    let labels = labelled.then(|| Labels::parse(table.into_bytes(), "labels.csv").unwrap());
    Dataset::from_memory(names, [1, 20, 20], pixels, labels).unwrap()
}

fn config() -> Config {
    let mut config = support::config();
    config.preprocessing.width = 20;
    config.preprocessing.height = 20;
    config.estimator.targets = vec!["level".into()];
    config.estimator.steps = 10;
    config.estimator.batch_size = 8;
    config.estimator.feature_maps = [2, 2, 2, 2, 4];
    config.estimator.hidden = 8;
    config.task_consistency.bias = 10.0;
    config.task_consistency.match_content = true;
    config
}

fn trained(config: &Config, run: &RunDir) -> Vec<Stage> {
    let mut stages = Vec::new();
    let (synthetic, real, device) = (images(true), images(false), Device::default());
    let mut told = |_: Option<&Event>, progress: simgan::training::Progress| {
        stages.push(progress.stage);
    };
    train(config, &synthetic, &real, run, &device, &mut told).unwrap();
    stages
}

fn weights(run: &RunDir) -> Vec<u8> {
    fs_err::read(run.checkpoint(None).unwrap().1.join("refiner.safetensors")).unwrap()
}

#[test]
fn the_estimator_is_kept_and_its_answers_are_watched() {
    let dir = tempfile::tempdir().unwrap();
    let run = support::start(&dir.path().join("run"), &config());
    let stages = trained(&config(), &run);
    assert_eq!(stages[0], Stage::Preparation(Preparation::Estimator));
    let estimator = Estimator::load(&run.estimator(), &Device::default()).unwrap();
    assert_eq!(estimator.target().names(), ["level"]);
    assert!(estimator.manifest().config.augmentation.is_on());
    let events = event_log::read(&run.events_file()).unwrap();
    let shifts: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Look { findings, .. } => findings.task_shift.as_ref(),
            _ => None,
        })
        .collect();
    assert_eq!((shifts.len(), shifts[0].images), (2, IMAGES));
    assert_eq!(shifts[0].refined.axes[0].name, "level");
    let costs = events.iter().any(
        |event| matches!(event, Event::Step { scalars, .. } if scalars.task_consistency.is_some()),
    );
    assert!(costs);
}

#[test]
fn a_resumed_run_holds_to_the_same_estimator() {
    let dir = tempfile::tempdir().unwrap();
    let [whole, cut] =
        ["whole", "cut"].map(|name| support::start(&dir.path().join(name), &config()));
    trained(&config(), &whole);
    let mut short = config();
    short.training.steps = 2;
    trained(&short, &cut);
    let resumed = trained(&config(), &cut);
    assert!(!resumed.contains(&Stage::Preparation(Preparation::Estimator)));
    assert_eq!(weights(&whole), weights(&cut));
    let mut free = config();
    free.task_consistency = Default::default();
    let other = support::start(&dir.path().join("free"), &free);
    trained(&free, &other);
    assert_ne!(weights(&whole), weights(&other));
}

#[test]
fn psi_may_be_what_the_estimator_sees() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.task_consistency = Default::default();
    config.psi.kind = Kind::Estimator;
    let [whole, cut] = ["whole", "cut"].map(|name| support::start(&dir.path().join(name), &config));
    let stages = trained(&config, &whole);
    assert_eq!(stages[0], Stage::Preparation(Preparation::Estimator));
    let mut short = config.clone();
    short.training.steps = 2;
    trained(&short, &cut);
    trained(&config, &cut);
    assert_eq!(weights(&whole), weights(&cut));
    config.psi.kind = Kind::Identity;
    let other = support::start(&dir.path().join("identity"), &config);
    trained(&config, &other);
    assert_ne!(weights(&whole), weights(&other));
}

#[test]
fn labels_are_needed_unless_it_is_optional() {
    let dir = tempfile::tempdir().unwrap();
    let (unlabelled, device) = (images(false), Device::default());
    let mut config = config();
    let run = support::start(&dir.path().join("run"), &config);
    let error = train(
        &config,
        &unlabelled,
        &unlabelled,
        &run,
        &device,
        &mut |_, _| {},
    );
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(error.to_string().contains("task_consistency"), "{error}");
    config.task_consistency.optional = true;
    train(
        &config,
        &unlabelled,
        &unlabelled,
        &run,
        &device,
        &mut |_, _| {},
    )
    .unwrap();
    assert!(!run.estimator().exists());
}
