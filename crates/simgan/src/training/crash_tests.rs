//! A training that dies, or whose disk fails, at any single change of the disk: the run can be used and goes on as if nothing
//! had happened.
//!
//! `SIMGAN_CRASHES` says at every how many changes, 1: at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;

use crate::discriminator::{DiscriminatorConfig, Layer};
use crate::nets::activation::Activation;
use crate::refiner::RefinerConfig;
use crate::training::event_log;
use crate::training::event_log::{Event, Phase};
use crate::training::{Config, RunDir, checkpoint, train};
use simgan_base::Result;
use simgan_base::files::disk::faults;
use simgan_base::files::disk::faults::Fault;
use simgan_data::Dataset;

const SHAPE: [usize; 3] = [1, 14, 18];
/// Steps of the warm-ups and of Algorithm 1.
const PHASES: [usize; 3] = [4, 2, 5];
/// Steps from checkpoint to checkpoint.
const INTERVAL: usize = 2;
const CHILD: &str = "training::crash_tests::a_training_to_be_disturbed";

/// Files below a folder, by their names.
type Files = BTreeMap<PathBuf, Vec<u8>>;

fn images(count: usize, slope: usize) -> Dataset {
    let len = SHAPE.iter().product::<usize>();
    let pixels = (0..count * len).map(|i| (40 + i / len + slope * (i % 18)) as u8);
    let names = (0..count).map(|i| format!("{i}.png")).collect();
    Dataset::from_memory(names, SHAPE, pixels.collect(), None).unwrap()
}

/// Two checkpoints are kept, images and a log line come with every step.
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
                feature_maps: 2,
                kernel_size: 3,
                stride: 2,
            }],
            ..DiscriminatorConfig::eyes()
        },
        ..Config::default()
    };
    let training = &mut config.training;
    [
        training.refiner_warmup,
        training.discriminator_warmup,
        training.steps,
    ] = PHASES;
    training.batch_size = 2;
    training.checkpoint_every = INTERVAL;
    training.checkpoints_kept = 2;
    training.log_every = 1;
    training.images_every = 3;
    training.average_decay = 0.9;
    config.history.size = 4;
    [config.preprocessing.height, config.preprocessing.width] = [SHAPE[1], SHAPE[2]];
    config
}

/// What `simgan train` does, and does again with `--resume`.
fn begin_or_go_on(folder: &Path) -> Result<RunDir> {
    let run = match RunDir::is_at(folder) {
        true => RunDir::open(folder)?,
        false => RunDir::create(folder, &config())?,
    };
    let (synthetic, real) = (images(5, 2), images(7, 7));
    let device = Device::default();
    train(
        &run.config()?,
        &synthetic,
        &real,
        &run,
        &device,
        &mut |_, _| (),
    )?;
    Ok(run)
}

/// Run by the others in another process.
#[test]
fn a_training_to_be_disturbed() {
    if let Some(folder) = faults::folder()
        && let Err(error) = begin_or_go_on(&folder)
    {
        println!("kind: {:?}", error.kind());
        println!("message: {error}");
        println!("hint: {}", error.hint().unwrap_or_default());
    }
}

/// Every file of a run but for TensorBoard's and the lock, without times and starts.
fn contents(run: &RunDir) -> Files {
    let mut files = BTreeMap::new();
    let mut folders = vec![run.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(run.path()).unwrap().to_owned();
            match path.is_dir() {
                _ if name.starts_with("tensorboard") || name.starts_with("lock") => {}
                true => folders.push(path),
                false => drop(files.insert(name, fs_err::read(path).unwrap())),
            }
        }
    }
    let mut manifest = run.manifest().unwrap();
    manifest.created_unix = 0;
    files.insert("run.json".into(), format!("{manifest:?}").into());
    files.insert("events.jsonl".into(), format!("{:?}", events(run)).into());
    files
}

fn events(run: &RunDir) -> Vec<Event> {
    let mut events = event_log::read(&run.events_file()).unwrap();
    events.retain(|event| !matches!(event, Event::Started { .. }));
    for event in &mut events {
        if let Event::Step { seconds, .. } | Event::Finished { seconds, .. } = event {
            *seconds = 0.0;
        }
    }
    events
}

fn assert_same(run: &RunDir, expected: &Files, what: &str) {
    let found = contents(run);
    assert!(
        found.keys().eq(expected.keys()),
        "{what}: {:?}",
        found.keys()
    );
    for (name, bytes) in &found {
        assert!(
            bytes == &expected[name],
            "{what}: {} differs",
            name.display()
        );
    }
}

/// Steps of all phases of which there is a checkpoint; the newest one is to be whole.
fn saved_steps(run: &RunDir, what: &str) -> usize {
    let Some(newest) = run.checkpoints().unwrap().pop() else {
        return 0;
    };
    let good = run.checkpoint(None).unwrap();
    assert_eq!(good, newest, "{what}: the newest checkpoint is damaged");
    let bookmark = checkpoint::load_state(&good.1).unwrap().bookmark;
    let before = match bookmark.phase {
        Phase::RefinerWarmup => 0,
        Phase::DiscriminatorWarmup => PHASES[0],
        Phase::Adversarial => PHASES[0] + PHASES[1],
    };
    before + bookmark.done
}

/// What is left of a run can be used, and at most one interval is lost.
fn assert_usable(folder: &Path, what: &str) {
    if !RunDir::is_at(folder) {
        return;
    }
    let run = RunDir::open(folder).unwrap();
    run.config().unwrap();
    let logged = match run.events_file().is_file() {
        true => events(&run),
        false => Vec::new(),
    };
    let steps = logged.iter().filter(|e| matches!(e, Event::Step { .. }));
    let (steps, saved) = (steps.count(), saved_steps(&run, what));
    assert!(
        saved + INTERVAL >= steps,
        "{what}: {saved} of {steps} steps are left"
    );
}

fn every() -> usize {
    std::env::var("SIMGAN_CRASHES").map_or(9, |n| n.parse().unwrap())
}

/// An undisturbed run, and the changes of the disk that it takes.
fn undisturbed(folder: &Path) -> (Files, Vec<(String, String)>) {
    let ended = faults::child(CHILD, folder, Fault::Nothing);
    assert!(ended.success, "{}", ended.stdout);
    (contents(&RunDir::open(folder).unwrap()), ended.changes())
}

#[test]
fn a_training_killed_at_any_change_of_the_disk_goes_on_as_if_it_had_not_been() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, changes) = undisturbed(&dir.path().join("undisturbed"));
    assert!(changes.len() > 200, "{}", changes.len());
    let kills = faults::kills(&changes, every());
    for (index, &kill) in kills.iter().enumerate() {
        let folder = dir.path().join("run");
        assert!(!faults::child(CHILD, &folder, kill).success, "{kill:?}");
        assert_usable(&folder, &format!("{kill:?}"));
        // What is left is tidied by a second process, which is killed as well while it does.
        let again = Fault::Before(1 + index % 12);
        faults::child(CHILD, &folder, again);
        let what = format!("{kill:?}, then {again:?}");
        assert_usable(&folder, &what);
        assert_same(&begin_or_go_on(&folder).unwrap(), &expected, &what);
        fs_err::remove_dir_all(&folder).unwrap();
    }
    let (all, kinds) = (changes.len(), faults::counted(&changes));
    println!("killed {} times in {all} changes ({kinds})", kills.len());
}

#[test]
fn a_training_whose_disk_fails_at_any_change_says_so_and_goes_on_later() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, changes) = undisturbed(&dir.path().join("undisturbed"));
    let mut failures = 0;
    for index in (0..changes.len()).step_by(every()) {
        for fault in [Fault::Full(index + 1), Fault::Broken(index + 1)] {
            let folder = dir.path().join("run");
            let told = faults::child(CHILD, &folder, fault);
            let what = format!("{fault:?} at {:?}: {}", changes[index], told.stdout);
            assert!(told.success, "{what}");
            let removal = matches!(fault, Fault::Full(_)) && changes[index].0 == "Remove";
            if !removal {
                assert_told(&told.stdout, &changes[index], fault);
            }
            assert_usable(&folder, &what);
            assert_same(&begin_or_go_on(&folder).unwrap(), &expected, &what);
            fs_err::remove_dir_all(&folder).unwrap();
            failures += 1;
        }
    }
    println!("{failures} failures in {} changes", changes.len());
}

/// The error is one of the system, names the file, what is written with its bytes, and what to do about a full disk.
fn assert_told(stdout: &str, (kind, path): &(String, String), fault: Fault) {
    let name = Path::new(path).file_name().unwrap().to_string_lossy();
    // Names of files that are hashed, counted or dated differ between runs.
    let name = name.split(".tfevents").next().unwrap();
    let line = |start: &str| stdout.lines().find_map(|line| line.split_once(start));
    let told = |start: &str| line(start).map(|(_, text)| text).unwrap_or_default();
    assert_eq!(told("kind: "), "Io", "{stdout}");
    let message = told("message: ");
    // Files of a folder are forced to the disk in any order.
    assert!(kind == "Sync" || message.contains(name), "{path}: {stdout}");
    assert!(kind != "Write" || message.contains(" bytes) "), "{stdout}");
    if matches!(fault, Fault::Full(_)) {
        assert!(told("hint: ").contains("free space"), "{stdout}");
    }
}
