//! A small sound file for every parser.

use std::collections::HashMap;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;

use crate::algorithm_1::scalars::{ScalarMeans, Scalars};
use crate::judges::judgement_table::tests::judgement;
use crate::stabilizers::Stabilizers;
use crate::tasks::comparison::table::tests::comparison;
use crate::tasks::standardization::Standardization;
use crate::tasks::{EstimatorConfig, EstimatorManifest, Target, Unit};
use crate::training::bookmark::Bookmark;
use crate::training::checkpoint::CheckpointState;
use crate::training::event_log::{Event, Phase};
use crate::training::watch::Watch;
use crate::training::{Config, RunManifest, SideManifest};
use simgan_base::formats::mat5::fixture::mpiigaze_day;
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_base::settings;
use simgan_data::{Preprocessing, RefinedManifest, fuzzing};

/// Sound files for the parser called `name`.
pub(super) fn of(name: &str) -> Vec<Vec<u8>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    match name {
        "image" => images(),
        "mat" => vec![mpiigaze_day(false), mpiigaze_day(true)],
        "unity_eyes" => texts(&[UNITY_EYES]),
        "labels" => texts(&[
            "file,yaw,note\n1.png,0.5,\"a, \"\"b\"\"\"\n2.png,-1e3,\n",
            "\u{feff}id;image\r\n1;a.png\r\n\r\n2;b.png",
        ]),
        "evaluation_list" => texts(&["day01/0005.jpg left\nday02/0001.jpg right\n"]),
        "tar" => vec![tar()],
        "tar_labels" => {
            texts(&["{\"yaw\": -0.50, \"note\": \"a \\\"b\\\"\", \"c\": [1, {\"d\": null}]}"])
        }
        "pixel_cache" => vec![fuzzing::small_cache()],
        "source" => texts(&[
            "data[10%:-3:2:25]",
            "sim:eyes?seed=1&gaze_yaw=[-20,20]&count=30[::2]",
        ]),
        "config" => vec![settings::to_toml(&Config::default()).unwrap().into_bytes()],
        "estimator" => vec![settings::to_toml(&estimator()).unwrap().into_bytes()],
        "tensors" => vec![tensors()],
        "checkpoint" => vec![json(&state()), CHECKPOINT_MANIFEST.into()],
        "manifest" => vec![json(&run()), json(&refined())],
        "events" => vec![events()],
        "result" => vec![json(&comparison(Unit::Deg)), json(&judgement(0.5))],
        _ => vec![],
    }
}

const UNITY_EYES: &str = r#"{
    "interior_margin_2d": ["(20.5, 30.0, 9.1)", "(44.0, 26.0, 9.0)"],
    "caruncle_2d": ["(20.0, 28.0, 9.0)"],
    "iris_2d": ["(30.0, 28.0, 9.0)", "(36,5, 30,0, 9,0)"],
    "eye_details": {"look_vec": "(0.1, -0.2, -0.9, 0.0)", "pupil_size": "0.5"},
    "head_pose": "(350.0, 170.0, 0.0)"
}"#;

const CHECKPOINT_MANIFEST: &str =
    r#"{"format": 3, "step": 7, "files": [{"name": "state.json", "bytes": 13, "sha256": "ab"}]}"#;

fn images() -> Vec<Vec<u8>> {
    let grey = image::GrayImage::from_fn(9, 7, |x, y| image::Luma([(31 * x + 17 * y) as u8]));
    let grey = DynamicImage::from(grey);
    let colour = DynamicImage::from(grey.to_rgb8());
    let write = |image: &DynamicImage, format| {
        let mut bytes = Cursor::new(vec![]);
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    vec![
        write(&grey, ImageFormat::Png),
        write(&DynamicImage::from(grey.to_rgba16()), ImageFormat::Png),
        write(&colour, ImageFormat::Jpeg),
        write(&colour, ImageFormat::Bmp),
        write(&grey, ImageFormat::Pnm),
        b"P2 3 2 255 1 2 3 4 5 6\n".to_vec(),
    ]
}

fn tar() -> Vec<u8> {
    let mut tar = tar::Builder::new(vec![]);
    let long = format!("{}/1.json", "d".repeat(120));
    for (name, bytes) in [("1.png", "image"), ("1.json", "{}"), (long.as_str(), "[]")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_bytes())
            .unwrap();
    }
    tar.append_pax_extensions([("path", b"2.png".as_slice())])
        .unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    tar.append_data(&mut header, "short", &b""[..]).unwrap();
    tar.into_inner().unwrap()
}

fn tensors() -> Vec<u8> {
    let data = [0u8; 16];
    let views = ["0.weight", "0.bias"].map(|name| {
        (
            name,
            TensorView::new(Dtype::F32, vec![2, 2], &data).unwrap(),
        )
    });
    let header = "{\"kind\":\"adam\",\"steps\":3}".to_owned();
    safetensors::serialize(views, Some(HashMap::from([("optimizer".into(), header)]))).unwrap()
}

fn estimator() -> EstimatorManifest {
    EstimatorManifest {
        version: "0.1.0".into(),
        seed: 1,
        image_shape: [1, 35, 55],
        images: 10,
        data_fingerprint: "ab".into(),
        step: 5,
        target: Target::Gaze,
        standardization: Standardization {
            mean: vec![0.0; 3],
            scale: vec![1.0; 3],
        },
        preprocessing: Preprocessing::default(),
        config: EstimatorConfig::default(),
    }
}

fn state() -> CheckpointState {
    CheckpointState {
        format: 3,
        version: "0.1.0".into(),
        step: 7,
        positions: [Position::default(); 2],
        history_rng: generator(1, Stream::History),
        stabilizers: Stabilizers::default().streams(),
        bookmark: Bookmark {
            phase: Phase::Adversarial,
            done: 7,
            events: 2,
            means: ScalarMeans::default(),
            watch: Watch::default(),
            said: [false, true],
        },
    }
}

fn run() -> RunManifest {
    let side = SideManifest {
        source: "data".into(),
        images: 3,
        skipped: 0,
        fingerprint: "ab".into(),
    };
    RunManifest {
        version: "0.1.0".into(),
        created_unix: 1,
        synthetic: side.clone(),
        real: side,
        device: "cpu".into(),
        kernels: "avx2".into(),
        deterministic: true,
        refiner_parameters: 1,
        discriminator_parameters: 2,
    }
}

fn refined() -> RefinedManifest {
    RefinedManifest {
        preprocessing: Preprocessing::default(),
        version: "0.1.0".into(),
        refiner_sha256: "ab".into(),
        step: 7,
        images: 3,
        ..RefinedManifest::default()
    }
}

fn events() -> Vec<u8> {
    let events = [
        Event::Step {
            phase: Phase::Adversarial,
            step: 3,
            seconds: 1.5,
            scalars: Scalars {
                refiner_loss: Some(0.25),
                ..Scalars::default()
            },
        },
        Event::Warning {
            step: 3,
            message: "x".into(),
        },
        Event::Finished {
            step: 4,
            seconds: 2.0,
        },
    ];
    let lines: Vec<Vec<u8>> = events.iter().map(json).collect();
    lines.join(&b'\n')
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec_pretty(value)
        .unwrap()
        .into_iter()
        .filter(|&c| c != b'\n')
        .collect()
}
