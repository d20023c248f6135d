//! A small sound file for every parser.

use std::collections::HashMap;

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
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_base::settings;
use simgan_data::{Preprocessing, RefinedManifest, fuzzing};

/// Sound files for the parser called `name`.
pub(super) fn of(name: &str) -> Vec<Vec<u8>> {
    match name {
        "config" => vec![settings::to_toml(&Config::default()).unwrap().into_bytes()],
        "estimator" => vec![settings::to_toml(&estimator()).unwrap().into_bytes()],
        "tensors" => vec![tensors()],
        "checkpoint" => vec![json(&state()), CHECKPOINT_MANIFEST.into()],
        "manifest" => vec![json(&run()), json(&refined())],
        "events" => vec![events()],
        "result" => vec![json(&comparison(Unit::Deg)), json(&judgement(0.5))],
        _ => {
            let parser = fuzzing::parsers()
                .into_iter()
                .find(|(known, ..)| *known == name);
            parser.map_or(vec![], |(_, _, seeds)| seeds())
        }
    }
}

const CHECKPOINT_MANIFEST: &str =
    r#"{"format": 4, "step": 7, "files": [{"name": "state.json", "bytes": 13, "sha256": "ab"}]}"#;

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
            said: [false, true, false],
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
