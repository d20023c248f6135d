//! What comes out depends on nothing but input, refiner and format.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::*;
use crate::refiner::RefinerConfig;
use simgan_base::ErrorKind;
use simgan_base::files::file_lock::FileLock;
use simgan_data::{HoldConfig, Labels};

const COUNT: usize = 47;
const PART: usize = 5;
const SHAPE: [usize; 3] = [1, 6, 8];

pub(super) fn refiner(seed: u64) -> TrainedRefiner {
    let device = Device::flex();
    let config = RefinerConfig {
        feature_maps: 2,
        blocks: 1,
        ..RefinerConfig::eyes()
    };
    let refiner = config.init(1, &mut generator(seed, Stream::RefinerWeights), &device);
    let mut config = Config::default();
    [_, config.preprocessing.height, config.preprocessing.width] = SHAPE;
    TrainedRefiner {
        refiner: HeldRefiner {
            refiner: refiner.valid(),
            hold: None,
            areas: HoldConfig::default(),
        },
        config,
        step: 1,
        sha256: sha256::of_bytes(&seed.to_le_bytes()),
        device,
    }
}

fn images() -> Dataset {
    let names = (0..COUNT).map(|i| format!("images/{i:03}.png")).collect();
    let pixel = |i: usize| (i * i % 251) as u8;
    let pixels = (0..COUNT * SHAPE.iter().product::<usize>()).map(pixel);
    let rows = (0..COUNT).map(|i| format!("images/{i:03}.png,{i}.50,\"a \"\"{i}\"\"\"\r\n"));
    let csv = format!("file,x,note\r\n{}", rows.collect::<String>());
    let labels = Labels::parse(csv.into_bytes(), "labels.csv").unwrap();
    Dataset::from_memory(names, SHAPE, pixels.collect(), Some(labels)).unwrap()
}

/// A scratch folder to refine into.
pub(super) struct Scratch(pub(super) tempfile::TempDir);

impl Scratch {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn output(&self) -> PathBuf {
        self.0.path().join("out")
    }

    fn partial(&self) -> PathBuf {
        self.0.path().join(".out.partial")
    }

    fn refine(&self, refiner: &TrainedRefiner, options: &RefineOptions) -> Result<RefineSummary> {
        refiner.refine_with(options, &images(), &self.output(), &mut |_, _| {})
    }

    /// Paths and contents of the output's files.
    pub(super) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut folders, mut files) = (vec![self.output()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => {
                        let below = path.strip_prefix(self.output()).unwrap().to_owned();
                        files.insert(below, fs_err::read(&path).unwrap());
                    }
                }
            }
        }
        files
    }
}

pub(super) fn options(shard: &str) -> RefineOptions {
    RefineOptions {
        batch_size: 3,
        images_per_part: PART,
        shard: shard.parse().unwrap(),
        ..RefineOptions::default()
    }
}

pub(super) fn tar(shard: &str) -> RefineOptions {
    RefineOptions {
        format: OutputFormat::Webdataset,
        ..options(shard)
    }
}

/// What one undisturbed process makes.
fn reference(options: &RefineOptions) -> BTreeMap<PathBuf, Vec<u8>> {
    let scratch = Scratch::new();
    let summary = scratch.refine(&refiner(0), options).unwrap();
    assert!(summary.complete && (summary.images, summary.found) == (COUNT, 0));
    assert!(!scratch.partial().exists());
    assert_eq!(verify(&scratch.output()).unwrap(), [""; 0]);
    scratch.files()
}

#[test]
fn shards_in_any_order_give_the_bytes_of_one_process() {
    for options in [options, tar] {
        let expected = reference(&options("1/1"));
        for (count, batch_size) in [(2, 1), (3, 64), (12, 4)] {
            let scratch = Scratch::new();
            for index in (1..=count).rev() {
                let options = RefineOptions {
                    batch_size,
                    ..options(&format!("{index}/{count}"))
                };
                let summary = scratch.refine(&refiner(0), &options).unwrap();
                assert_eq!(summary.complete, index == 1);
                // Ten parts: the last two of twelve shards have none.
                let missing: Vec<usize> = (1..index.min(11)).collect();
                assert_eq!(summary.missing_shards, missing);
            }
            assert_eq!(scratch.files(), expected, "{count} shards");
            assert!(!scratch.partial().exists());
        }
    }
}

#[test]
fn parts_of_any_size_give_the_same_folder() {
    let expected = reference(&options("1/1"));
    for images_per_part in [1, 7, 1000] {
        let options = RefineOptions {
            images_per_part,
            ..options("1/1")
        };
        assert_eq!(reference(&options), expected);
    }
}

#[test]
fn work_that_ended_early_goes_on() {
    for options in [options("1/1"), tar("1/1")] {
        let expected = reference(&options);
        let scratch = Scratch::new();
        for _ in 0..3 {
            let died = catch_unwind(AssertUnwindSafe(|| {
                let mut progress = |done, _| assert!(done < COUNT / 3, "ends here, on purpose");
                refiner(0).refine_with(&options, &images(), &scratch.output(), &mut progress)
            }));
            assert!(died.is_err() && !scratch.output().exists());
        }
        let mut told = Vec::new();
        let mut progress = |done, total| told.push((done, total));
        let summary = refiner(0)
            .refine_with(&options, &images(), &scratch.output(), &mut progress)
            .unwrap();
        assert!(summary.complete && summary.found >= PART && summary.found.is_multiple_of(PART));
        assert_eq!(summary.images + summary.found, COUNT);
        assert!(told[0].0 >= summary.found && told.last() == Some(&(COUNT, COUNT)));
        assert_eq!(scratch.files(), expected);
    }
}

#[test]
fn damaged_files_of_parts_that_are_done_are_made_again() {
    type Damage = fn(&Path);
    let remove: Damage = |path| fs_err::remove_file(path).unwrap();
    let empty: Damage = |path| fs_err::write(path, "").unwrap();
    let flip: Damage = |path| {
        let mut bytes = fs_err::read(path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs_err::write(path, bytes).unwrap();
    };
    let image = "data/images/011.png";
    for (options, file, damage) in [
        (options as fn(&str) -> _, image, remove),
        (options, image, empty),
        (options, image, flip),
        (options, "parts/000002", empty),
        (options, "parts/000002", flip),
        (tar, "data/refined-000002.tar", flip),
    ] {
        let scratch = Scratch::new();
        scratch.refine(&refiner(0), &options("1/2")).unwrap();
        damage(&scratch.partial().join(file));
        let summary = scratch.refine(&refiner(0), &options("1/2")).unwrap();
        assert_eq!((summary.images, summary.found), (PART, 4 * PART), "{file}");
        let last = scratch.refine(&refiner(0), &options("2/2")).unwrap();
        assert!(last.complete);
        assert_eq!(verify(&scratch.output()).unwrap(), [""; 0]);
    }
}

#[test]
fn another_number_of_shards_keeps_what_is_done() {
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &options("2/3")).unwrap();
    let summary = scratch.refine(&refiner(0), &options("1/1")).unwrap();
    assert!(summary.complete && summary.found == 3 * PART);
    assert_eq!(scratch.files(), reference(&options("1/1")));
}

#[test]
fn another_plan_begins_again() {
    let expected = reference(&options("1/1"));
    let other_part = RefineOptions {
        images_per_part: 4,
        ..options("1/2")
    };
    for (seed, other) in [(1, options("1/2")), (0, tar("1/2")), (0, other_part)] {
        let scratch = Scratch::new();
        scratch.refine(&refiner(seed), &other).unwrap();
        let summary = scratch.refine(&refiner(0), &options("1/1")).unwrap();
        assert!(summary.complete && summary.found == 0);
        assert_eq!(scratch.files(), expected);
    }
}

#[test]
fn no_two_processes_do_one_shard_or_two_plans() {
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &options("1/2")).unwrap();
    let lock = FileLock::take(&scratch.partial().join("lock-1")).unwrap();
    let refused = |seed, shard: &str| {
        let error = scratch.refine(&refiner(seed), &options(shard)).unwrap_err();
        assert!(error.kind() == ErrorKind::Io && error.hint().is_some());
        error.to_string()
    };
    assert!(refused(0, "1/2").contains("another process refines shard 1/2"));
    assert!(refused(1, "2/2").contains("refines something else"));
    assert!(refused(0, "3/3").contains("refines something else"));
    // A shard at work may be doing a part again, and ends the work itself.
    let summary = scratch.refine(&refiner(0), &options("2/2")).unwrap();
    assert_eq!((summary.complete, summary.missing_shards), (false, vec![1]));
    drop(lock);
    assert!(
        scratch
            .refine(&refiner(0), &options("1/2"))
            .unwrap()
            .complete
    );
    assert_eq!(scratch.files(), reference(&options("1/1")));
}

#[test]
fn an_end_that_was_killed_is_made_again() {
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &options("1/2")).unwrap();
    let lock = FileLock::take(&scratch.partial().join("lock-1")).unwrap();
    scratch.refine(&refiner(0), &options("2/2")).unwrap();
    for name in ["labels.csv", "SHA256SUMS", "simgan-refined.json"] {
        fs_err::write(scratch.partial().join("data").join(name), "half").unwrap();
    }
    fs_err::write(scratch.partial().join(".simgan-refined.json.x.partial"), "").unwrap();
    drop(lock);
    let summary = scratch.refine(&refiner(0), &options("2/2")).unwrap();
    assert!(summary.complete && summary.images == 0);
    assert_eq!(scratch.files(), reference(&options("1/1")));
}

#[test]
fn work_that_is_taken_away_is_told() {
    let scratch = Scratch::new();
    let mut progress = |_, _| drop(fs_err::remove_dir_all(scratch.partial()));
    let refined =
        refiner(0).refine_with(&options("1/1"), &images(), &scratch.output(), &mut progress);
    assert_eq!(refined.unwrap_err().kind(), ErrorKind::Io);
    assert!(!scratch.output().exists());
}

#[test]
fn parts_of_other_kernels_are_not_mixed() {
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &options("1/2")).unwrap();
    let plan = scratch.partial().join("plan.json");
    let text = fs_err::read_to_string(&plan).unwrap();
    let ours = kernels(&Device::flex());
    let text = text.replace(&format!("\"{ours}\""), "\"sse9\"");
    fs_err::write(&plan, &text).unwrap();
    let error = scratch.refine(&refiner(0), &options("2/2")).unwrap_err();
    let said = format!("other kernels: sse9, here {ours}");
    assert!(error.to_string().contains(&said), "{error}");
    assert!(error.hint().unwrap().contains("SIMGAN_KERNELS=sse9"));
    assert_eq!(fs_err::read_to_string(&plan).unwrap(), text);
}

#[test]
fn what_is_complete_stays_as_it_is() {
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &options("1/1")).unwrap();
    let (files, time) = (
        scratch.files(),
        fs_err::metadata(scratch.output()).unwrap().modified(),
    );
    // A process may have been killed between publishing and tidying up.
    fs_err::create_dir_all(scratch.partial().join("parts")).unwrap();
    for shard in ["1/1", "2/3"] {
        let summary = scratch.refine(&refiner(0), &options(shard)).unwrap();
        assert!(summary.complete && summary.images == 0 && summary.found > 0);
    }
    assert!(!scratch.partial().exists());
    let error = scratch.refine(&refiner(1), &options("1/1")).unwrap_err();
    assert!(error.to_string().contains("not an empty folder"), "{error}");
    assert!(scratch.refine(&refiner(0), &tar("1/1")).is_err());
    assert_eq!(scratch.files(), files);
    let now = fs_err::metadata(scratch.output()).unwrap().modified();
    assert_eq!(now.unwrap(), time.unwrap());
}

#[test]
fn other_labels_are_another_input() {
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &options("1/1")).unwrap();
    let images = images()
        .with_pixels(images().gather(&Vec::from_iter(0..COUNT)))
        .unwrap();
    let refined = refiner(0).refine(&images, &scratch.output(), 4, &mut |_, _| {});
    assert!(
        refined
            .unwrap_err()
            .to_string()
            .contains("not an empty folder")
    );
}

#[test]
fn tar_files_hold_images_and_labels_in_order() {
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &tar("1/1")).unwrap();
    let folder = {
        let scratch = Scratch::new();
        scratch.refine(&refiner(0), &options("1/1")).unwrap();
        scratch.files()
    };
    let mut index = 0;
    for part in 0..COUNT.div_ceil(PART) {
        let path = scratch.output().join(format!("refined-{part:06}.tar"));
        let mut archive = ::tar::Archive::new(fs_err::File::open(path).unwrap());
        let mut members = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let header = entry.header();
            assert_eq!(
                (header.mtime().unwrap(), header.mode().unwrap()),
                (0, 0o644)
            );
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
            (entry.path().unwrap().into_owned(), bytes)
        });
        while let Some((path, image)) = members.next() {
            assert_eq!(path, PathBuf::from(format!("images/{index:03}.png")));
            assert_eq!(image, folder[&path]);
            let json = format!("{{\"x\": {index}.50, \"note\": \"a \\\"{index}\\\"\"}}\n");
            let labels = (path.with_extension("json"), json.into_bytes());
            assert_eq!(members.next(), Some(labels));
            index += 1;
        }
    }
    assert_eq!(index, COUNT);
    assert_eq!(
        scratch.files().len(),
        COUNT.div_ceil(PART) + 2,
        "no labels.csv"
    );
}

#[test]
fn names_that_clash_are_found_before_any_work() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["a.b.png", "a_b.png"].map(str::to_owned).to_vec();
    let images = Dataset::from_memory(names, SHAPE, vec![0; 2 * 48], None).unwrap();
    let output = dir.path().join("out");
    let error = refiner(0).refine_with(&tar("1/1"), &images, &output, &mut |_, _| {});
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("a.b.png and a_b.png")
    );
    assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn labels_of_simulators_are_written_as_they_are_made() {
    let scratch = Scratch::new();
    let mut refiner = refiner(0);
    refiner.config.preprocessing = Preprocessing::default();
    let open = || refiner.open("sim:eyes?count=11", &OpenOptions::default(), &|_, _| {});
    let output = scratch.output();
    let summary = refiner.refine_with(&options("1/1"), &open().unwrap(), &output, &mut |_, _| {});
    assert!(summary.unwrap().complete);
    let mut expected = Vec::new();
    open()
        .unwrap()
        .labels()
        .unwrap()
        .write_to(&mut expected)
        .unwrap();
    assert!(fs_err::read(output.join("labels.csv")).unwrap() == expected);
    assert_eq!(verify(&output).unwrap(), [""; 0]);
}

#[test]
fn what_is_wrong_with_a_refined_set_is_told() {
    type Damage = fn(&Path);
    let cases: [(Damage, &[&str]); 6] = [
        (
            |out| fs_err::remove_file(out.join("images/007.png")).unwrap(),
            &["images/007.png is missing"],
        ),
        (
            |out| fs_err::write(out.join("images/007.png"), "x").unwrap(),
            &["images/007.png is changed: its SHA-256 differs"],
        ),
        (
            |out| fs_err::write(out.join("images/new.png"), "x").unwrap(),
            &["images/new.png was not there when the set was written"],
        ),
        (
            |out| fs_err::remove_file(out.join("labels.csv")).unwrap(),
            &["labels.csv is missing"],
        ),
        (
            |out| {
                let labels = fs_err::read_to_string(out.join("labels.csv")).unwrap();
                let labels = labels
                    .replace("images/003", "images/X")
                    .replace("images/046.png", "images/045.png");
                fs_err::write(out.join("labels.csv"), labels).unwrap();
            },
            &[
                "labels.csv is changed: its SHA-256 differs",
                "labels.csv, line 5: the row of images/X.png stands where that of images/003.png was",
            ],
        ),
        (
            |out| {
                let sums = fs_err::read_to_string(out.join("SHA256SUMS")).unwrap();
                let without = sums.lines().skip(1).map(|line| format!("{line}\n"));
                fs_err::write(out.join("SHA256SUMS"), without.collect::<String>()).unwrap();
            },
            &[
                "SHA256SUMS is changed: its SHA-256 differs",
                "images/000.png was not there when the set was written",
                "it has 46 images, but 47 were refined",
                "labels.csv has 47 rows for 46 images",
                "labels.csv, line 2: the row of images/000.png stands where that of images/001.png was",
            ],
        ),
    ];
    for (damage, problems) in cases {
        let scratch = Scratch::new();
        scratch.refine(&refiner(0), &options("1/1")).unwrap();
        damage(&scratch.output());
        assert_eq!(verify(&scratch.output()).unwrap(), problems);
    }
    let scratch = Scratch::new();
    scratch.refine(&refiner(0), &tar("1/1")).unwrap();
    let mut manifest = RefinedManifest::read(&scratch.output()).unwrap();
    manifest.images = 48;
    manifest.write(&scratch.output()).unwrap();
    assert_eq!(
        verify(&scratch.output()).unwrap(),
        ["it has 47 images, but 48 were refined"]
    );
    manifest.sums_sha256 = None;
    manifest.write(&scratch.output()).unwrap();
    assert!(verify(&scratch.output()).unwrap()[0].contains("no hash of SHA256SUMS"));
}

/// Writes an image of 8x6 pixels from grey level `level` on, and returns the file.
pub(super) fn draw(path: &Path, level: u8) -> Vec<u8> {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    let image = image::GrayImage::from_fn(8, 6, |x, y| image::Luma([level + (x * y) as u8]));
    image.save(path).unwrap();
    fs_err::read(path).unwrap()
}

#[test]
fn masks_are_copied_beside_their_images() {
    let scratch = Scratch::new();
    let root = scratch.0.path().join("in");
    let draw = |name: &str, level| draw(&root.join(name), level);
    for i in 0..7 {
        draw(&format!("images/{i}.png"), 20 * i);
    }
    // The last two images have none.
    let masks: Vec<Vec<u8>> = (0..5).map(|i| draw(&format!("masks/{i}.png"), i)).collect();
    let refiner = refiner(0);
    let open = OpenOptions {
        cache_dir: Some(scratch.0.path().join("cache")),
        ..OpenOptions::default()
    };
    let images = refiner.open(&root.display().to_string(), &open, &|_, _| {});
    let images = images.unwrap();
    assert_eq!(images.len(), 7);
    let refine = |options: &RefineOptions| {
        let done = refiner.refine_with(options, &images, &scratch.output(), &mut |_, _| {});
        assert!(done.unwrap().complete);
        assert_eq!(verify(&scratch.output()).unwrap(), [""; 0]);
        let output = scratch.output().display().to_string();
        let again = refiner.open(&output, &open, &|_, _| {}).unwrap();
        assert_eq!((again.len(), again.format()), (7, "refined images"));
        scratch.files()
    };
    // Half of it by one process, the rest by another that finds the first half done.
    let half = refiner.refine_with(&options("1/2"), &images, &scratch.output(), &mut |_, _| {});
    assert!(!half.unwrap().complete);
    let files = refine(&options("2/2"));
    for (i, mask) in masks.iter().enumerate() {
        assert_eq!(files[&PathBuf::from(format!("masks/{i}.png"))], *mask);
    }
    fs_err::write(scratch.output().join("masks/3.png"), "changed").unwrap();
    assert_eq!(verify(&scratch.output()).unwrap().len(), 1);
    fs_err::remove_dir_all(scratch.output()).unwrap();
    let tars = refine(&tar("1/1"));
    let whole = [
        &tars[&PathBuf::from("refined-000000.tar")][..],
        &tars[&PathBuf::from("refined-000001.tar")],
    ];
    let mut found = vec![];
    for bytes in whole {
        let mut archive = ::tar::Archive::new(bytes);
        for entry in archive.entries().unwrap() {
            use std::io::Read;
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            let mut bytes = vec![];
            entry.read_to_end(&mut bytes).unwrap();
            if name.ends_with(".mask.png") {
                found.push((name, bytes));
            }
        }
    }
    let expected = masks.into_iter().enumerate();
    let expected: Vec<_> = expected
        .map(|(i, mask)| (format!("images/{i}.mask.png"), mask))
        .collect();
    assert_eq!(found, expected);
}
