//! `refine` of a run that holds boxes and classes of masks.

use std::path::Path;

use image::GrayImage;

use crate::support::{Scratch, small, with, write_image};

const SIZE: [u32; 2] = [55, 35];

/// Four rendered images with boxes, and masks of the classes 1 (left) and 2 (the rest of the upper half); five photographs.
fn sides(scratch: &Scratch) {
    scratch.images("real", 5);
    for folder in ["rendered/images", "rendered/masks"] {
        std::fs::create_dir_all(scratch.path(folder)).unwrap();
    }
    let class = |x, y| match (x, y) {
        (0..20, _) => 1,
        (_, 0..17) => 2,
        _ => 0,
    };
    let mut labels = "file,box_x,box_y,box_w,box_h\n".to_owned();
    for index in 0..4 {
        let image = scratch.path(&format!("rendered/images/{index}.png"));
        write_image(&image, SIZE[0], SIZE[1], index);
        let mask = GrayImage::from_fn(SIZE[0], SIZE[1], |x, y| image::Luma([class(x, y)]));
        let path = scratch.path(&format!("rendered/masks/{index}.png"));
        mask.save(path).unwrap();
        labels += &format!("images/{index}.png,30,20,10,8\n");
    }
    std::fs::write(scratch.path("rendered/labels.csv"), labels).unwrap();
}

fn train(scratch: &Scratch, sets: &[&str]) -> String {
    let mut args = small(1);
    let sets = sets.iter().flat_map(|set| ["--set", set]);
    args.extend(sets.map(str::to_owned));
    let sides = ["train", "--synthetic", "rendered", "--real", "real"];
    scratch.run(&with(&[&sides[..], &["--out", "run"]].concat(), &args))
}

fn open(path: &Path) -> GrayImage {
    image::open(path).unwrap().into_luma8()
}

/// Every pixel's place with its level before and after.
fn pixels(scratch: &Scratch, out: &str) -> Vec<([u32; 2], u8, u8)> {
    let mut all = Vec::new();
    for index in 0..4 {
        let name = format!("images/{index}.png");
        let before = open(&scratch.path("rendered").join(&name));
        let after = open(&scratch.path(out).join(&name));
        let pairs = before.enumerate_pixels().zip(after.pixels());
        all.extend(pairs.map(|((x, y, before), after)| ([x, y], before.0[0], after.0[0])));
    }
    all
}

#[test]
fn in_classes_and_boxes_refining_changes_what_it_may() {
    let scratch = Scratch::new();
    sides(&scratch);
    let sets = [
        "hold.masks.nothing=[1]",
        "hold.masks.light=[2]",
        "hold.boxes=nothing",
        "preprocessing.equalize=false",
        "training.learning_rate_refiner=0.1",
    ];
    let text = train(&scratch, &sets);
    assert!(text.contains("exit code: 0"), "{text}");
    let refine = ["refine", "--run", "run", "--input", "rendered", "--out"];
    scratch.succeed(&[&refine[..], &["refined"]].concat());
    let is_boxed = |[x, y]: [u32; 2]| (30..40).contains(&x) && (20..28).contains(&y);
    let all = pixels(&scratch, "refined");
    let (held, free): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|&([x, y], _, _)| x < 20 || is_boxed([x, y]));
    assert!(held.iter().all(|(_, before, after)| before == after));
    assert!(free.iter().any(|(_, before, after)| before != after));
    // Light alone: of each image, every level becomes one level, in order.
    let of_image = free.len() / 4;
    for image in free.chunks(of_image) {
        let light = image.iter().filter(|([x, y], ..)| *x >= 20 && *y < 17);
        let mut levels: Vec<_> = light.map(|&(_, before, after)| (before, after)).collect();
        levels.sort_unstable();
        assert!(levels.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        assert!(
            levels
                .windows(2)
                .all(|pair| pair[0].0 != pair[1].0 || pair[0].1 == pair[1].1)
        );
    }
    // A set whose images have no masks is refused before anything is written.
    std::fs::rename(scratch.path("rendered/masks"), scratch.path("masks")).unwrap();
    let text = scratch.run(&[&refine[..], &["other"]].concat());
    assert!(
        text.contains("exit code: 4") && text.contains("has no mask"),
        "{text}"
    );
    assert!(!scratch.path("other").exists());
}

#[test]
fn what_cannot_be_held_is_told_before_a_training() {
    let scratch = Scratch::new();
    sides(&scratch);
    for (sets, told) in [
        (
            &["hold.masks.nothing=[1]", "hold.masks.light=[1]"][..],
            "the class 1 is named twice",
        ),
        (
            &["hold.boxes=light", "preprocessing.crop.kind=random"],
            "they do not follow random parts",
        ),
        (&["hold.boxes=dark"], "hold.boxes"),
    ] {
        let text = train(&scratch, sets);
        assert!(
            text.contains("exit code: 3") && text.contains(told),
            "{text}"
        );
    }
    std::fs::remove_file(scratch.path("rendered/labels.csv")).unwrap();
    let text = train(&scratch, &["hold.boxes=light"]);
    assert!(
        text.contains("exit code: 4") && text.contains("hold.boxes"),
        "{text}"
    );
    assert!(!scratch.path("run").exists());
}
