//! Data sets of a simulator, as a user opens them: `sim:eyes`.

#![allow(clippy::unwrap_used)]

use image::{Rgb, RgbImage};
use simgan_base::settings::Layers;
use simgan_base::{ErrorKind, Result};
use simgan_data::gaps::Gaps;
use simgan_data::sides::swap_doubt;
use simgan_data::{Dataset, OpenOptions, Preprocessing};
use simgan_simulator::export::{self, Images};
use simgan_simulator::{Description, SimulatedImage, Simulator, eye, stand_in};

fn open_with(source: &str, preprocessing: &Preprocessing) -> Result<Dataset> {
    let nowhere = OpenOptions {
        cache_dir: Some("/no/such/folder".into()),
        ..Default::default()
    };
    Dataset::open(source, preprocessing, &nowhere)
}

fn open(source: &str) -> Dataset {
    open_with(source, &Preprocessing::default()).unwrap()
}

#[test]
fn a_simulator_is_a_data_set() {
    let eyes = open("sim:eyes?seed=2&count=12");
    assert_eq!(
        (eyes.len(), eyes.image_shape(), eyes.format()),
        (12, [1, 35, 55], "simulator")
    );
    assert_eq!(
        (eyes.root(), eyes.source()),
        (None, "sim:eyes?seed=2&count=12")
    );
    assert_eq!(eyes.name(3), "images/000003.png");
    assert_eq!(eyes.original_sizes(), [(55, 35, 12)]);
    assert_eq!(eyes.gaze().unwrap().len(), 12);
    assert_eq!(eyes.labels().unwrap().file(3), eyes.name(3));
    assert_eq!(eyes.summary().images, 12);
}

#[test]
fn pixels_follow_from_options_and_index() {
    let (first, again) = (open("sim:eyes?seed=2"), open("sim:eyes?seed=2&count=7"));
    assert_eq!(first.len(), 100_000);
    assert_eq!(first.pixels(5), again.pixels(5));
    assert_ne!(first.pixels(5), first.pixels(6));
    assert_ne!(first.pixels(5), open("sim:eyes?seed=3").pixels(5));
    let gathered = again.gather(&[5, 1]);
    let expected = [again.pixels(5), again.pixels(1)].concat();
    assert_eq!(gathered, expected);
    assert!((again.batch(&[5])[9] - (f32::from(expected[9]) / 127.5 - 1.0)).abs() < 1e-6);
}

#[test]
fn a_part_has_the_images_and_labels_of_the_whole() {
    let whole = open("sim:eyes?count=20");
    let before = whole.subset(&[4, 9]);
    assert_eq!(whole.labels().unwrap().len(), 20);
    let after = whole.subset(&[4, 9]);
    let sliced = open("sim:eyes?count=20[4:10:5]");
    for part in [before, after, sliced] {
        assert_eq!((part.len(), part.name(1)), (2, whole.name(9)));
        assert_eq!(part.pixels(1), whole.pixels(9));
        let (rows, all) = (part.labels().unwrap(), whole.labels().unwrap());
        assert_eq!(rows.raw_row(1), all.raw_row(9));
        let again = part.subset(&[1]);
        assert_eq!(again.labels().unwrap().raw_row(0), all.raw_row(9));
    }
}

#[test]
fn images_of_a_simulator_are_chosen_by_their_labels() {
    let whole = open("sim:eyes?count=40&persons=3");
    let persons = whole.column("person").unwrap();
    let of_one: Vec<usize> = (0..40).filter(|&i| persons[i] == 1.0).collect();
    let kept = open("sim:eyes?count=40&persons=3@only=person:1");
    assert_eq!(kept.fingerprint(), whole.subset(&of_one).fingerprint());
    assert!(
        kept.column("person")
            .unwrap()
            .iter()
            .all(|&person| person == 1.0)
    );
    let last = open("sim:eyes?count=40&persons=3@only=person:1[-1:]");
    assert_eq!(last.name(0), whole.name(of_one[of_one.len() - 1]));
    let error = open_with(
        "sim:eyes?count=40&persons=3@only=person:3",
        &Preprocessing::default(),
    );
    let error = error.unwrap_err().to_string();
    assert_eq!(error, "sim:eyes: no image has `3` in the column `person`");
}

#[test]
fn the_fingerprint_tells_what_decides_the_pixels() {
    let print = |source: &str| open(source).fingerprint();
    let first = print("sim:eyes?seed=1&count=50");
    assert_eq!(first, print("sim:eyes?count=50&seed=1"));
    assert_eq!(first, print("sim:eyes?seed=1&count=50[:]"));
    for other in [
        "sim:eyes?seed=2&count=50",
        "sim:eyes?seed=1&count=51",
        "sim:eyes?seed=1&count=50&persons=3",
        "sim:eyes?seed=1&count=50[1:]",
        "sim:eyes?seed=1&count=50[::-1]",
    ] {
        assert_ne!(first, print(other), "{other}");
    }
    let equalized = Preprocessing {
        equalize: false,
        ..Default::default()
    };
    let other = open_with("sim:eyes?seed=1&count=50", &equalized).unwrap();
    assert_ne!(first, other.fingerprint());
}

#[test]
fn preprocessing_decides_size_and_channels() {
    let colour = Preprocessing {
        width: 64,
        height: 40,
        channels: 3,
        equalize: false,
        ..Default::default()
    };
    let eyes = open_with("sim:eyes", &colour).unwrap();
    assert_eq!(eyes.pixels(0).len(), 3 * 40 * 64);
}

#[test]
fn signs_are_coloured_and_taken_for_no_eyes() {
    let colour = Preprocessing {
        width: 40,
        height: 40,
        channels: 3,
        equalize: false,
        ..Default::default()
    };
    let signs = open_with("sim:signs?count=60", &colour).unwrap();
    assert_eq!(signs.image_shape(), [3, 40, 40]);
    let columns = ["sign_x", "sign_y", "sign_width"];
    for name in columns {
        let values = signs.column(name).unwrap();
        assert!(
            values.iter().all(|value| (0.0..40.0).contains(value)),
            "{name}"
        );
    }
    assert!(signs.gaze().is_err());
    assert_eq!(signs.angle_doubt(), None);
    assert_eq!(signs.labels().unwrap().gaps(), Gaps::default());
    assert!(signs.column_doubts(&columns.map(str::to_owned)).is_empty());
    let doubt = swap_doubt(&open("sim:camera?count=2"), &signs).unwrap();
    assert!(doubt.contains("those of a simulator"), "{doubt}");
    let stop = open_with("sim:signs?count=60@only=class:14", &colour).unwrap();
    assert!(
        !stop.is_empty()
            && stop
                .column("class")
                .unwrap()
                .iter()
                .all(|&class| class == 14.0)
    );
    // Red channel over green: a stop sign is mostly red.
    let mean = |channel: usize| {
        let planes = (0..stop.len()).map(|i| stop.pixels(i)[channel * 1600..][..1600].to_vec());
        planes.flatten().map(f64::from).sum::<f64>()
    };
    assert!(mean(0) > 1.2 * mean(1), "{} {}", mean(0), mean(1));
}

#[test]
fn what_is_looked_at_often_can_be_kept() {
    let eyes = open("sim:eyes?count=4");
    let kept = eyes.rendered_once(1 << 20).unwrap();
    assert_eq!((kept.format(), kept.len()), ("in memory", 4));
    assert_eq!(
        (kept.pixels(2), kept.name(2)),
        (eyes.pixels(2), eyes.name(2))
    );
    let large = eyes.rendered_once(100).unwrap();
    assert_eq!(large.format(), "simulator");
}

#[test]
fn what_a_simulator_cannot_do_is_refused() {
    let error = open_with("sim:eyes?evaluation", &Preprocessing::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let error = open_with("sim:eyes?count=5[9:]", &Preprocessing::default()).unwrap_err();
    assert!(error.to_string().contains("chooses none of the 5 images"));
}

fn eyes(overrides: &[&str], seed: u64) -> Box<dyn Simulator> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let layers = Layers {
        file: None,
        overrides: &overrides,
        origin: "test",
    };
    (eye::KIND.load)(&layers, seed).unwrap()
}

fn export(
    simulator: &dyn Simulator,
    [start, count]: [u64; 2],
    format: &str,
    out: &std::path::Path,
) {
    let images = Images {
        simulator,
        start,
        count,
    };
    let mut told = vec![];
    let format = export::find(format).unwrap();
    let summary = export::write(&images, format, out, &mut |done, total| {
        told.push((done, total))
    })
    .unwrap();
    assert_eq!(summary.images, count);
    assert_eq!(told.last(), Some(&(count, count)));
}

fn open_folder(folder: &std::path::Path, cache: &std::path::Path) -> Dataset {
    let options = OpenOptions {
        cache_dir: Some(cache.to_owned()),
        ..Default::default()
    };
    let source = folder.display().to_string();
    Dataset::open(&source, &Preprocessing::default(), &options).unwrap()
}

#[test]
fn a_folder_holds_what_the_stream_gives() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("eyes");
    export(&*eyes(&["persons=5"], 4), [10, 100], "folder", &out);
    let folder = open_folder(&out, &dir.path().join("cache"));
    let stream = open("sim:eyes?seed=4&persons=5[10:110]");
    assert_eq!(folder.len(), 100);
    for index in [0, 57, 99] {
        assert_eq!(folder.name(index), stream.name(index));
        assert_eq!(folder.pixels(index), stream.pixels(index));
    }
    let bytes = |dataset: &Dataset| {
        let mut written = vec![];
        dataset.labels().unwrap().write_to(&mut written).unwrap();
        written
    };
    assert_eq!(bytes(&folder), bytes(&stream));
    let text = fs_err::read_to_string(out.join("simulation.json")).unwrap();
    for part in [
        "\"kind\": \"eyes\"",
        "\"seed\": 4",
        "\"start\": 10",
        "\"count\": 100",
        "\"persons\": 5",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn an_export_of_unity_eyes_is_read_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("eyes");
    let eyes = eyes(&["width=640", "height=480"], 4);
    export(&*eyes, [0, 3], "unityeyes", &out);
    let dataset = open_folder(&out, &dir.path().join("cache"));
    assert_eq!((dataset.format(), dataset.len()), ("UnityEyes", 3));
    for (index, pitch) in dataset
        .column("gaze_pitch")
        .unwrap()
        .into_iter()
        .enumerate()
    {
        let expected: f32 = eyes.row(index as u64)[0].parse().unwrap();
        assert!((pitch - expected).abs() < 1e-3);
    }
}

#[test]
fn a_taken_or_empty_export_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs_err::write(dir.path().join("file"), "").unwrap();
    let eyes = eyes(&[], 0);
    for (count, kind) in [(1, ErrorKind::Io), (0, ErrorKind::Config)] {
        let error = write(&*eyes, count, "folder", dir.path()).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.hint().is_some());
    }
    assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
}

/// Writes the first `count` images.
fn write(simulator: &dyn Simulator, count: u64, format: &str, out: &std::path::Path) -> Result<()> {
    let images = Images {
        simulator,
        start: 0,
        count,
    };
    export::write(&images, export::find(format)?, out, &mut |_, _| {}).map(|_| ())
}

/// A simulator of something else than eyes, as a user of the library may have one.
#[derive(Debug)]
struct Stripes;

impl Simulator for Stripes {
    fn description(&self) -> Description<'_> {
        Description::new("stripes", 3, &["vertical"])
    }

    fn columns(&self) -> Vec<String> {
        vec!["period".into(), "kind".into()]
    }

    fn row(&self, index: u64) -> Vec<String> {
        vec![(index + 2).to_string(), "thin, dark".into()]
    }

    fn render(&self, index: u64) -> SimulatedImage {
        RgbImage::from_fn(55, 35, |x, _| {
            let dark = u64::from(x).is_multiple_of(index + 2);
            Rgb([if dark { 0 } else { 255 }; 3])
        })
        .into()
    }
}

#[test]
fn a_simulator_of_other_things_is_written_with_its_own_columns() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("stripes");
    write(&Stripes, 4, "folder", &out).unwrap();
    let folder = open_folder(&out, &dir.path().join("cache"));
    assert_eq!(folder.column("period").unwrap(), [2.0, 3.0, 4.0, 5.0]);
    assert_eq!(folder.pixels(1)[..4], [0, 255, 255, 0]);
    let text = fs_err::read_to_string(out.join("simulation.json")).unwrap();
    assert!(text.contains("\"kind\": \"stripes\""), "{text}");
}

#[test]
fn what_a_simulator_cannot_export_is_refused_before_a_file_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let layers = Layers {
        file: None,
        overrides: &[],
        origin: "test",
    };
    let camera = (stand_in::KIND.load)(&layers, 0).unwrap();
    for (simulator, name) in [
        (&Stripes as &dyn Simulator, "stripes"),
        (&*camera, "camera"),
    ] {
        let error = write(simulator, 1, "unityeyes", &out).unwrap_err();
        let expected =
            format!("images of the simulator `{name}` cannot be written as UnityEyes' export");
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Config, expected)
        );
        assert!(error.hint().is_some_and(|hint| hint.contains("folder")));
    }
    assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 0);
    let error = export::find("video").unwrap_err();
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("folder, unityeyes"))
    );
}
