//! Tests of `preprocessing`.

use super::*;
use image::{GrayImage, Luma};

fn ramp(width: u32, height: u32) -> DynamicImage {
    GrayImage::from_fn(width, height, |x, y| Luma([(10 * y + x) as u8])).into()
}

fn plain(width: usize, height: usize) -> Preprocessing {
    Preprocessing {
        width,
        height,
        equalize: false,
        ..Default::default()
    }
}

#[test]
fn the_right_size_passes_unchanged() {
    assert_eq!(
        plain(3, 2).apply(ramp(3, 2)).unwrap(),
        [0, 1, 2, 10, 11, 12]
    );
}

#[test]
fn crops_count_in_pixels_and_fractions() {
    let mut chain = plain(2, 1);
    chain.crop = Crop {
        kind: CropKind::Box,
        unit: CropUnit::Pixels,
        left: 1.0,
        top: 2.0,
        width: 2.0,
        height: 1.0,
    };
    assert_eq!(chain.apply(ramp(4, 4)).unwrap(), [21, 22]);
    chain.height = 2;
    chain.crop = Crop {
        kind: CropKind::Centre,
        width: 0.5,
        height: 0.5,
        ..Default::default()
    };
    assert_eq!(chain.apply(ramp(4, 4)).unwrap(), [11, 12, 21, 22]);
}

#[test]
fn aspect_crops_keep_proportions() {
    let mut chain = plain(2, 1);
    chain.crop.kind = CropKind::Aspect;
    chain.validate().unwrap();
    // 4x6 pixels: the middle 4x2 (rows 2 and 3), halved; 6x1: the middle 2x1.
    let halved = chain.apply(ramp(4, 6)).unwrap();
    assert!(
        (25..=26).contains(&halved[0]) && (27..=28).contains(&halved[1]),
        "{halved:?}"
    );
    assert_eq!(chain.apply(ramp(6, 1)).unwrap(), [2, 3]);
}

#[test]
fn padding_repeats_the_outermost_pixels() {
    let mut chain = plain(4, 4);
    chain.crop.kind = CropKind::Pad;
    chain.validate().unwrap();
    let rows = [
        [0, 1, 2, 3],
        [0, 1, 2, 3],
        [10, 11, 12, 13],
        [10, 11, 12, 13],
    ];
    assert_eq!(chain.apply(ramp(4, 2)).unwrap(), rows.concat());
    assert_eq!(
        chain.apply(ramp(4, 4)).unwrap(),
        plain(4, 4).apply(ramp(4, 4)).unwrap()
    );
}

#[test]
fn framings_show_more_or_less() {
    let framed = |zoom: f64, x: f64| plain(4, 2).framed(Framing { zoom, x, y: 0.0 });
    assert_eq!(
        framed(2.0, 0.0).kept_part([8, 4]).unwrap().start,
        [2.0, 1.0]
    );
    assert_eq!(
        framed(2.0, 0.0).apply(ramp(8, 4)).unwrap(),
        [12, 13, 14, 15, 22, 23, 24, 25]
    );
    // Half as large: the window is 8x4 around 4x2.
    let part = framed(0.5, 0.0).kept_part([4, 2]).unwrap();
    assert_eq!((part.start, part.size), ([-2.0, -1.0], [8.0, 4.0]));
    // A window that has left the image shows its edge.
    assert_eq!(
        framed(1.0, 1.0).apply(ramp(4, 2)).unwrap(),
        [3, 3, 3, 3, 13, 13, 13, 13]
    );
    assert_eq!(
        framed(1.0, -1.0).apply(ramp(4, 2)).unwrap(),
        [0, 0, 0, 0, 10, 10, 10, 10]
    );
    let tiny = framed(0.1, 0.0);
    assert!(
        tiny.kept_part([2000, 1000])
            .unwrap_err()
            .to_string()
            .contains("too large")
    );
}

#[test]
fn a_crop_outside_the_image_is_an_error() {
    let mut chain = plain(2, 1);
    chain.crop = Crop {
        kind: CropKind::Box,
        left: 0.8,
        width: 0.5,
        ..Default::default()
    };
    chain.validate().unwrap();
    assert!(
        chain
            .apply(ramp(10, 10))
            .unwrap_err()
            .to_string()
            .contains("leaves the image")
    );
}

#[test]
fn colours_become_planes() {
    let image = image::RgbImage::from_fn(2, 1, |x, _| {
        image::Rgb([x as u8, 10 + x as u8, 20 + x as u8])
    });
    let chain = Preprocessing {
        channels: 3,
        ..plain(2, 1)
    };
    assert_eq!(chain.apply(image.into()).unwrap(), [0, 1, 10, 11, 20, 21]);
}

#[test]
fn wrong_values_name_their_key() {
    let crop = |crop: Crop| Preprocessing {
        crop,
        ..Default::default()
    };
    let centre = Crop {
        kind: CropKind::Centre,
        ..Default::default()
    };
    for (chain, key) in [
        (plain(0, 35), "preprocessing.width"),
        (plain(55, 5000), "preprocessing.height"),
        (
            Preprocessing {
                channels: 2,
                ..Default::default()
            },
            "preprocessing.channels",
        ),
        (
            crop(Crop {
                width: 1.5,
                ..centre.clone()
            }),
            "preprocessing.crop.width",
        ),
        (
            crop(Crop {
                height: f64::NAN,
                ..centre.clone()
            }),
            "preprocessing.crop.height",
        ),
        (
            crop(Crop {
                left: -1.0,
                ..centre
            }),
            "preprocessing.crop.left",
        ),
    ] {
        let error = chain.validate().unwrap_err();
        assert_eq!(error.kind(), simgan_base::ErrorKind::Config);
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn chains_survive_toml() {
    let mut chain = plain(60, 36);
    chain.crop.kind = CropKind::Centre;
    let text = toml::to_string(&chain).unwrap();
    assert_eq!(toml::from_str::<Preprocessing>(&text).unwrap(), chain);
}

#[test]
fn differences_name_the_keys() {
    let other = Preprocessing {
        equalize: false,
        ..Default::default()
    };
    assert_eq!(
        Preprocessing::default().differences(&other),
        ["equalize: true / false"]
    );
}
