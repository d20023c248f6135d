//! Tests of drawn signs: that each is another one, and that labels are where the sign is.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::picture::Picture;
use crate::signs::classes::{CLASSES, Class};
use crate::signs::config::SignConfig;
use crate::signs::face::{Face, Paint};
use crate::signs::parameters::SignParameters;
use crate::signs::placement::Placement;
use crate::signs::simulator::SignSimulator;
use crate::simulator::Simulator;

fn simulator() -> SignSimulator {
    SignSimulator::new(SignConfig::default(), 3).unwrap()
}

/// Frontal signs, `size` of the image, in its middle.
fn frontal(size: f32) -> SignConfig {
    SignConfig {
        size: [size; 2],
        shift: [0.0; 2],
        roll: [0.0; 2],
        pitch: [0.0; 2],
        yaw: [0.0; 2],
        ..SignConfig::default()
    }
}

/// The picture of a sign whose every point is 1 before a background of 0.
fn silhouette(simulator: &SignSimulator, parameters: &SignParameters) -> Picture {
    simulator.picture(&SignParameters {
        background: [0.0; 3],
        light: 1.0,
        light_gradient: [0.0; 2],
        paints: [[1.0; 3]; 4],
        ..parameters.clone()
    })
}

fn classes_of(parameters: &SignParameters) -> impl Iterator<Item = SignParameters> {
    let with = |class: &'static Class| SignParameters {
        class,
        ..parameters.clone()
    };
    CLASSES.iter().map(with)
}

#[test]
fn every_class_is_drawn_differently() {
    let simulator = simulator();
    let parameters = simulator.parameters(7);
    let images: Vec<_> = classes_of(&parameters)
        .map(|parameters| simulator.picture(&parameters).to_srgb())
        .collect();
    for (i, image) in images.iter().enumerate() {
        for (j, other) in images[..i].iter().enumerate() {
            let pairs = image.pixels().zip(other.pixels());
            let differ = |(a, b): &(&image::Rgb<u8>, &image::Rgb<u8>)| a[1].abs_diff(b[1]) > 40;
            let different = pairs.filter(differ).count();
            let names = [CLASSES[i].name, CLASSES[j].name];
            assert!(different >= 20, "{names:?} differ in {different} pixels");
        }
    }
}

#[test]
fn labels_are_the_box_of_the_coloured_pixels() {
    let simulator = simulator();
    for index in 0..4 {
        for parameters in classes_of(&simulator.parameters(index)) {
            let picture = silhouette(&simulator, &parameters);
            let labels = simulator.labels(&parameters);
            let places = (0..1600).filter(|&place| picture.pixels[place][0] > 0.0);
            let pixels: Vec<[usize; 2]> = places.map(|place| [place % 40, place / 40]).collect();
            for axis in [0, 1] {
                let along = || pixels.iter().map(|pixel| pixel[axis]);
                let (low, high) = (along().min().unwrap(), along().max().unwrap() + 1);
                let (half, centre) = (labels.size[axis] / 2.0, labels.centre[axis]);
                let ends = [centre - half, centre + half];
                let name = parameters.class.name;
                // A pixel whose least part is covered may count or not.
                assert!(
                    (low as f32 - ends[0]).abs() <= 1.3,
                    "{name}: {low}, {ends:?}"
                );
                assert!(
                    (high as f32 - ends[1]).abs() <= 1.3,
                    "{name}: {high}, {ends:?}"
                );
            }
        }
    }
}

#[test]
fn labels_are_the_centroid_of_the_coloured_pixels() {
    let simulator = simulator();
    for index in 0..10 {
        for parameters in classes_of(&simulator.parameters(index)) {
            let picture = silhouette(&simulator, &parameters);
            let labels = simulator.labels(&parameters);
            let mass: f32 = picture.pixels.iter().map(|pixel| pixel[0]).sum();
            let centroid = |along: fn(usize) -> usize| {
                let parts = picture.pixels.iter().enumerate();
                let moment = parts.map(|(place, pixel)| pixel[0] * (along(place) as f32 + 0.5));
                moment.sum::<f32>() / mass
            };
            let name = parameters.class.name;
            let off = centroid(|place| place % 40) - labels.centre[0];
            // A leaning triangle has more of itself on one side of its box.
            let tolerance = if name == "yield" { 0.1 } else { 0.03 } * labels.size[0];
            assert!(off.abs() < tolerance, "{name} {index}: {off} to the right");
            let off = centroid(|place| place / 40) - labels.centre[1];
            match name {
                "yield" => assert!((-6.0..-1.5).contains(&off), "{index}: {off} below"),
                _ => assert!(off.abs() < tolerance, "{name} {index}: {off} below"),
            }
        }
    }
}

#[test]
fn a_frontal_sign_has_the_size_and_place_asked_for() {
    let config = SignConfig {
        width: 60,
        shift: [0.05; 2],
        ..frontal(0.8)
    };
    let simulator = SignSimulator::new(config, 0).unwrap();
    for parameters in classes_of(&simulator.parameters(0)) {
        let labels = simulator.labels(&parameters);
        assert!((labels.size[0] - 32.0).abs() < 0.1, "{labels:?}");
        assert!((labels.centre[0] - 32.0).abs() < 0.05, "{labels:?}");
        assert!((labels.centre[1] - 22.0).abs() < 0.05, "{labels:?}");
        assert_eq!(labels.class, parameters.class.number);
    }
}

#[test]
fn a_sign_has_its_paints_and_no_others() {
    use Paint::{Black, Red, White, Yellow};
    for class in &CLASSES {
        let face = Face::new(class.design);
        let mut paints = BTreeSet::new();
        for place in 0..100 * 100 {
            let point = [place % 100, place / 100].map(|step| step as f32 / 49.5 - 1.0);
            paints.extend(face.paint(point).map(|paint| paint as usize));
        }
        let expected = match class.name {
            "priority road" => vec![White, Yellow, Black],
            "yield" | "stop" | "no entry" => vec![White, Red],
            _ => vec![White, Red, Black],
        };
        let expected: BTreeSet<usize> = expected.into_iter().map(|paint| paint as usize).collect();
        assert_eq!(paints, expected, "{}", class.name);
    }
}

#[test]
fn images_follow_from_seed_and_index() {
    let simulator = simulator();
    assert_eq!(simulator.sample(5), simulator.sample(5));
    assert_ne!(simulator.render(5), simulator.render(6));
    let other = SignSimulator::new(SignConfig::default(), 4).unwrap();
    assert_ne!(simulator.row(5), other.row(5));
    let one_range = SignConfig {
        size: [0.5, 0.6],
        ..SignConfig::default()
    };
    let changed = SignParameters::draw(&one_range, 3, 5);
    let same = SignParameters {
        size: changed.size,
        ..simulator.parameters(5)
    };
    assert_eq!(
        changed, same,
        "changing one range leaves the others' draws alone"
    );
}

#[test]
fn every_class_is_drawn_about_equally_often() {
    let simulator = simulator();
    let mut counts = [0; CLASSES.len()];
    for index in 0..2400 {
        let class = simulator.parameters(index).class;
        counts[CLASSES.iter().position(|one| one == class).unwrap()] += 1;
    }
    assert!(
        counts.iter().all(|count| (140..260).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn a_row_names_class_centre_and_width() {
    let simulator = simulator();
    let (row, labels) = (simulator.row(1), simulator.labels(&simulator.parameters(1)));
    let expected = [
        labels.class as f32,
        labels.centre[0],
        labels.centre[1],
        labels.size[0],
    ];
    assert_eq!(
        simulator.columns(),
        ["class", "sign_x", "sign_y", "sign_width"]
    );
    for (cell, value) in row.iter().zip(expected) {
        assert!(
            (cell.parse::<f32>().unwrap() - value).abs() < 1e-3,
            "{row:?}"
        );
    }
}

/// A value of each range, the ends included.
fn any_config() -> impl Strategy<Value = SignConfig> {
    let of = |least: f32, most: f32| {
        prop_oneof![Just(least), Just(most), least..most].prop_map(|v| [v; 2])
    };
    let geometry = (
        of(0.2, 1.0),
        of(-0.5, 0.5),
        of(-45.0, 45.0),
        of(-60.0, 60.0),
        of(-60.0, 60.0),
        of(1.5, 100.0),
    );
    let light = (
        of(0.0, 1.0),
        of(0.0, 1.0),
        of(0.0, 1.0),
        of(0.01, 2.0),
        of(0.0, 1.0),
        of(-0.5, 0.5),
    );
    (geometry, light).prop_map(
        |((size, shift, roll, pitch, yaw, distance), light)| SignConfig {
            width: 20,
            height: 16,
            size,
            shift,
            roll,
            pitch,
            yaw,
            distance,
            background: light.0,
            background_colour: light.1,
            background_gradient: light.2,
            light: light.3,
            light_gradient: light.4,
            tint: light.5,
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_allowed_can_be_drawn(config in any_config(), index in any::<u64>()) {
        let simulator = SignSimulator::new(config, 1).unwrap();
        let parameters = simulator.parameters(index);
        let picture = simulator.picture(&parameters);
        let is_light = |light: &f32| light.is_finite() && *light >= 0.0;
        prop_assert!(picture.pixels.iter().flatten().all(is_light));
        let labels = simulator.labels(&parameters);
        prop_assert!(labels.centre.iter().chain(&labels.size).all(|value| value.is_finite()));
    }

    #[test]
    fn points_are_found_where_they_appear(
        config in any_config(), x in -1f32..1.0, y in -1f32..1.0,
    ) {
        let placement = Placement::new(&config, &SignParameters::draw(&config, 1, 2));
        let found = placement.point_at(placement.project([x, y])).unwrap();
        prop_assert!((found[0] - x).abs() < 0.01 && (found[1] - y).abs() < 0.01, "{found:?}");
    }
}

#[test]
fn a_positive_roll_is_clockwise_and_a_positive_pitch_looks_up() {
    let project = |config: SignConfig, point| {
        Placement::new(&config, &SignParameters::draw(&config, 1, 2)).project(point)
    };
    let rolled = SignConfig {
        roll: [20.0; 2],
        ..frontal(0.8)
    };
    assert!(project(rolled, [1.0, 0.0])[1] > 25.0);
    // A sign that looks up has its upper edge further away.
    let tilted = SignConfig {
        pitch: [30.0; 2],
        distance: [2.0; 2],
        ..frontal(0.8)
    };
    let [up, down] = [-1.0, 1.0].map(|y| project(tilted.clone(), [1.0, y])[0]);
    assert!(up < down - 1.0, "{up} {down}");
}
