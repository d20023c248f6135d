//! NYU's layout: made-up frames of it, and the one real frame whose joints are at hand.

use std::path::Path;

use image::{Rgb, RgbImage};
use simgan_base::formats::mat5::fixture::nyu_joints;
use simgan_data::{Dataset, OpenOptions, PointUnit};

use crate::sandbox;
use crate::support::Sandbox;

/// NYU's numbers of the joints that are evaluated.
const EVALUATED: [usize; 14] = [0, 3, 6, 9, 12, 15, 18, 21, 24, 25, 27, 30, 31, 32];

impl Sandbox {
    /// A frame whose hand is 200 + `view` mm away, and all else 900 mm.
    fn frame(&self, name: &str, view: u16) {
        let pixel = |x: u32, y: u32| {
            let is_hand = (300..340).contains(&x) && (220..260).contains(&y);
            let [high, low] = (if is_hand { 200 + view } else { 900 }).to_be_bytes();
            Rgb([77, high, low])
        };
        RgbImage::from_fn(640, 480, pixel)
            .save(self.path(name))
            .unwrap();
    }

    fn open_words(&self, words: &str) -> simgan_base::Result<Dataset> {
        let source = format!("{}{words}", self.dir.path().join("data").display());
        Dataset::open(&source, &self.chain, &self.options)
    }
}

/// Joints round the middle of the frame, a pixel apart, at 200 mm plus the camera's number.
fn made_up() -> Sandbox {
    let sandbox = sandbox([0, 255]);
    let joint = |view, frame, joint, axis| match axis {
        0 => 319.5 + (joint % 3) as f64 - frame as f64,
        1 => 239.5,
        _ => 201.0 + view as f64,
    };
    std::fs::write(
        sandbox.path("joint_data.mat"),
        nyu_joints([3, 2], true, joint),
    )
    .unwrap();
    for frame in 1..=2 {
        for view in 1..=3 {
            sandbox.frame(&format!("depth_{view}_{frame:07}.png"), view);
        }
        // Rendered images of the first camera alone; of the second frame there is none.
        if frame == 1 {
            sandbox.frame("synthdepth_1_0000001.png", 1);
        }
    }
    sandbox.frame("rgb_1_0000001.png", 1);
    sandbox
}

#[test]
fn frames_become_cubes_with_their_joints() {
    let sandbox = made_up();
    let hands = sandbox.open_words("").unwrap();
    assert_eq!((hands.format(), hands.len()), ("NYU hands", 2));
    assert_eq!(hands.image_shape(), [1, 224, 224]);
    // 900 mm is beyond the cube: what is left is the hand, where the frame had it.
    let (width, scale) = (588.03 * 300.0 / 201.0, 224.0);
    let edge = |pixels: f64| scale / 2.0 + pixels / width * scale;
    let image = hands.pixels(0);
    let row: Vec<u8> = image[112 * 224..113 * 224].to_vec();
    let first = row.iter().position(|&level| level > 0).unwrap() as f64;
    let hand = row.iter().filter(|&&level| level == 201).count() as f64;
    assert!((hand - 40.0 / width * scale).abs() <= 1.0, "{hand}");
    let centre = hands.labels().unwrap().numbers("centre_u").unwrap()[0];
    assert!(
        (first - edge(300.0 - f64::from(centre))).abs() <= 1.0,
        "{first}"
    );
    // The palm is joint 32, two pixels right of the first one.
    let palm = hands
        .point_places("palm", PointUnit::Pixels)
        .unwrap()
        .places[0];
    let tip = hands
        .point_places("little_tip", PointUnit::Pixels)
        .unwrap()
        .places[0];
    assert!((f64::from(palm[0] - tip[0]) - 2.0 / width * scale).abs() < 1e-3);
    assert_eq!(palm[1], 112.0);
    let labels = hands.labels().unwrap();
    assert_eq!(labels.numbers("palm_d").unwrap(), [201.0, 201.0]);
    assert_eq!(labels.columns().len(), 1 + 3 * 14 + 3);
}

#[test]
fn words_choose_cameras_and_kinds() {
    let sandbox = made_up();
    assert_eq!(sandbox.open_words("?views").unwrap().len(), 6);
    let rendered = sandbox.open_words("?synthetic").unwrap();
    assert_eq!(
        (rendered.len(), rendered.name(0).as_str()),
        (1, "synthdepth_1_0000001.png")
    );
    let error = sandbox.open_words("?masked").unwrap_err().to_string();
    assert!(error.contains("synthdepth_1_0000002.png"), "{error}");
    std::fs::copy(
        sandbox.path("synthdepth_1_0000001.png"),
        sandbox.path("synthdepth_1_0000002.png"),
    )
    .unwrap();
    assert_eq!(sandbox.open_words("?masked").unwrap().len(), 2);
    let source = format!("{}?synthetic", sandbox.dir.path().join("data").display());
    let words = OpenOptions {
        words: vec!["masked".into()],
        ..sandbox.options.clone()
    };
    let error = Dataset::open(&source, &sandbox.chain, &words).unwrap_err();
    assert!(error.to_string().contains("cut out already"), "{error}");
}

#[test]
fn what_is_wrong_with_joints_is_told() {
    let sandbox = made_up();
    let table = sandbox.path("joint_data.mat");
    std::fs::write(&table, nyu_joints([3, 1], false, |_, _, _, _| 400.0)).unwrap();
    let error = sandbox.open_words("").unwrap_err().to_string();
    assert!(
        error.contains("it has no joints: there are 1 frames"),
        "{error}"
    );
    std::fs::write(&table, "nonsense").unwrap();
    let error = sandbox.open_words("").unwrap_err().to_string();
    assert!(
        error.contains("joint_data.mat") && error.contains("no MATLAB file"),
        "{error}"
    );
}

/// The joints of NYU's first test frame fall on its hand.
#[test]
fn joints_lie_within_the_flesh_of_the_real_frame() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let frame = shared.join("formats/nyu-layout/depth_1_0000001.png");
    let joints = shared.join("hand-joint-labels/nyu_test_14joints_uvd.txt");
    let Ok(text) = std::fs::read_to_string(joints) else {
        eprintln!("skipped: {} is not there", shared.display());
        return;
    };
    let line = text.lines().next().unwrap();
    let values: Vec<f64> = line
        .split_whitespace()
        .map(|v| v.parse().unwrap())
        .collect();
    let mut sandbox = sandbox([0, 255]);
    std::fs::copy(frame, sandbox.path("depth_1_0000001.png")).unwrap();
    let joint = |_, _, joint: usize, axis: usize| {
        let place = EVALUATED.iter().position(|&number| number == joint);
        values[3 * place.unwrap_or(0) + axis]
    };
    std::fs::write(
        sandbox.path("joint_data.mat"),
        nyu_joints([1, 1], false, joint),
    )
    .unwrap();
    sandbox.chain.range = Some([600, 855]);
    let hand = sandbox.open_words("").unwrap();
    let labels = hand.labels().unwrap();
    let image = hand.pixels(0);
    let mut before = Vec::new();
    for column in labels.columns().iter().filter_map(|c| c.strip_suffix("_d")) {
        if column == "centre" {
            continue;
        }
        let [x, y] = hand.point_places(column, PointUnit::Pixels).unwrap().places[0];
        let level = image[y as usize * 224 + x as usize];
        let depth = labels.numbers(&format!("{column}_d")).unwrap()[0];
        before.push(depth - 600.0 - f32::from(level));
    }
    assert_eq!(before.len(), 14);
    assert!(
        before.iter().all(|mm| (-2.0..40.0).contains(mm)),
        "{before:?}"
    );
}
