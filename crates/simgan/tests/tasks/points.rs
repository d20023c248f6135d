//! Key points and boxes.

use simgan::tasks::{
    EstimatorConfig, EstimatorKind, EvaluateOptions, HourglassConfig, Unit, evaluate,
};
use simgan_data::{Dataset, Labels};

use super::{eyes, fitted, small};

/// [`eyes`] whose labels are the place of the disc, `disc_x, disc_y`, and a box around it.
fn discs(count: usize) -> Dataset {
    let eyes = eyes(count, 200, true);
    let places = eyes.point_places("u,v", simgan_data::PointUnit::Pixels);
    let mut csv = String::from("file,disc_x,disc_y,box_x,box_y,box_w,box_h\n");
    for (image, [u, v]) in places.unwrap().places.into_iter().enumerate() {
        // The disc is drawn about the middle of a pixel.
        let (x, y) = (u + 0.5, v + 0.5);
        let name = eyes.name(image);
        csv += &format!("{name},{x},{y},{},{},8,8\n", x - 4.0, y - 4.0);
    }
    let labels = Labels::parse(csv.into_bytes(), "labels in memory").unwrap();
    let pixels = (0..count).flat_map(|image| eyes.pixels(image).to_vec());
    let names = (0..count).map(|image| eyes.name(image)).collect();
    Dataset::from_memory(names, eyes.image_shape(), pixels.collect(), Some(labels)).unwrap()
}

fn points(kind: EstimatorKind) -> EstimatorConfig {
    EstimatorConfig {
        kind,
        points: vec!["disc".into()],
        hourglass: HourglassConfig {
            stacks: 2,
            feature_maps: 8,
            levels: 2,
            ..HourglassConfig::default()
        },
        ..small()
    }
}

#[test]
fn both_networks_find_points_and_every_point_is_scored() {
    let (training, test) = (discs(200), discs(60));
    for kind in [EstimatorKind::Hourglass, EstimatorKind::Cnn] {
        let (estimator, _) = fitted(&training, &points(kind), 1);
        let evaluation = evaluate(&estimator, &test, &EvaluateOptions::default()).unwrap();
        assert_eq!(evaluation.unit, Unit::ImagePx);
        assert!(
            evaluation.mean < 0.3 * evaluation.baseline,
            "{kind:?} {evaluation:?}"
        );
        let disc = &evaluation.parts[0];
        assert_eq!((disc.name.as_str(), evaluation.parts.len()), ("disc", 1));
        assert!((disc.mean - evaluation.mean).abs() < 1e-9);
        assert_eq!(disc.percent_within, evaluation.percent_within);
        let share = evaluation.mean_of_width.unwrap();
        assert!((24.0 * share - evaluation.mean).abs() < 1e-9);
    }
}

#[test]
fn points_follow_moved_content() {
    let mut config = points(EstimatorKind::Cnn);
    config.augmentation.shift = 3.0;
    config.augmentation.zoom = 0.1;
    let (estimator, _) = fitted(&discs(200), &config, 1);
    let test = discs(60);
    let evaluation = evaluate(&estimator, &test, &EvaluateOptions::default()).unwrap();
    // Labels that stayed behind would cost 1.5 pixels on either axis.
    assert!(evaluation.mean < 1.3, "{evaluation:?}");
    let bias = |axis: usize| evaluation.axes[axis].bias.unwrap().abs();
    assert!(bias(0) < 0.7 && bias(1) < 0.7, "{evaluation:?}");
}

#[test]
fn boxes_are_scored_by_what_they_share() {
    let config = EstimatorConfig {
        targets: simgan_data::BOX_COLUMNS.map(str::to_owned).to_vec(),
        ..small()
    };
    let (estimator, _) = fitted(&discs(200), &config, 1);
    let evaluation = evaluate(&estimator, &discs(60), &EvaluateOptions::default()).unwrap();
    assert_eq!(evaluation.unit, Unit::IouLoss);
    assert!(
        evaluation.mean < 0.5 * evaluation.baseline && evaluation.mean < 40.0,
        "{evaluation:?}"
    );
    assert_eq!(evaluation.percent_within.last().unwrap().0, 50.0);
    assert!(evaluation.axes.iter().all(|axis| axis.bias.is_some()));
}
