//! Size and channels where the configuration names none: those of the data, or a refusal.

use crate::support::{Scratch, TRAIN, small, with};

/// A folder of colour images of this size.
fn colour(scratch: &Scratch, name: &str, width: u32, height: u32) {
    let folder = scratch.path(name);
    std::fs::create_dir_all(&folder).unwrap();
    for index in 0..6u32 {
        let pixel = |x, y| image::Rgb([(x * (index + 1)) as u8, (3 * y) as u8, 90]);
        let image = image::RgbImage::from_fn(width, height, pixel);
        image.save(folder.join(format!("{index}.png"))).unwrap();
    }
}

fn train(scratch: &Scratch, more: &[&str]) -> String {
    scratch.run(&[&with(&TRAIN, &small(1))[..], more].concat())
}

#[test]
fn size_and_channels_are_those_of_the_data() {
    let scratch = Scratch::new();
    colour(&scratch, "synthetic", 64, 64);
    colour(&scratch, "real", 64, 64);
    let text = train(&scratch, &[]);
    assert!(text.starts_with("exit code: 0"), "{text}");
    assert!(
        text.contains("synthetic: 64x64 RGB -> 64x64 RGB, equalized"),
        "{text}"
    );
    let config = std::fs::read_to_string(scratch.path("run/config.toml")).unwrap();
    for line in ["width = 64", "height = 64", "channels = 3"] {
        assert!(config.contains(line), "{config}");
    }
}

#[test]
fn other_proportions_need_a_crop() {
    let scratch = Scratch::new();
    colour(&scratch, "synthetic", 64, 64);
    colour(&scratch, "real", 64, 64);
    let size = [
        "--set",
        "preprocessing.width=55",
        "--set",
        "preprocessing.height=35",
    ];
    insta::assert_snapshot!(train(&scratch, &size));
    assert!(!scratch.path("run").exists());
    let squeezed = train(
        &scratch,
        &[&size[..], &["--set", "preprocessing.crop.kind=none"]].concat(),
    );
    assert!(
        squeezed.contains("images of 64x64 are squeezed to 55x35"),
        "{squeezed}"
    );
}

#[test]
fn sides_of_other_proportions_need_a_crop() {
    let scratch = Scratch::new();
    colour(&scratch, "synthetic", 64, 64);
    scratch.images("real", 4);
    insta::assert_snapshot!(train(&scratch, &[]));
    let cut = train(&scratch, &["--set", "preprocessing.crop.kind=aspect"]);
    assert!(
        cut.contains("synthetic: 64x64 RGB -> 55x35 grey, equalized"),
        "{cut}"
    );
}
