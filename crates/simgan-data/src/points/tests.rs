use super::*;
use crate::preprocessing::{Crop, CropKind, CropUnit};
use image::{DynamicImage, GrayImage, Luma};

const SIZE: (u32, u32) = (120, 80);

/// A box of 90x60 pixels at (20, 10), to 45x20: half and a third as large.
fn chain() -> Preprocessing {
    Preprocessing {
        width: 45,
        height: 20,
        equalize: false,
        crop: Crop {
            kind: CropKind::Box,
            unit: CropUnit::Pixels,
            left: 20.0,
            top: 10.0,
            width: 90.0,
            height: 60.0,
        },
        ..Default::default()
    }
}

fn table(text: &str) -> Labels {
    Labels::parse(text.into(), "labels.csv").unwrap()
}

fn moved_by(text: &str, chain: &Preprocessing) -> Moved {
    let labels = table(text);
    let sizes = vec![SIZE; labels.len()];
    moved(labels, chain, &KnownPoints::default(), &sizes).unwrap()
}

fn written(moved: &Moved) -> String {
    let mut bytes = vec![];
    moved.labels.write_to(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn points_move_with_crop_and_size_and_other_bytes_stay() {
    let text = "file;iris_x;note;iris_y;nose_x;nose_y\r\n\"a.png\";60;\"x;\"\"y\";40;;\r\n";
    let moved = moved_by(text, &chain());
    assert_eq!(
        written(&moved),
        "file;iris_x;note;iris_y;nose_x;nose_y\r\n\"a.png\";20.000000;\"x;\"\"y\";10.000000;;\r\n"
    );
    let record = moved.record.unwrap();
    assert_eq!(record.points, ["iris"]);
    assert_eq!(record.part, Some([20, 10, 90, 60]));
}

#[test]
fn boxes_move_and_stretch_in_either_unit() {
    let text = "file,class,box_x,box_y,box_w,box_h\na.png,x,40,25,60,30\n";
    let moved = moved_by(text, &chain());
    // Half as long across, a third as long down.
    let said = "a.png,x,10.000000,5.000000,30.000000,10.000000\n";
    assert!(written(&moved).ends_with(said), "{}", written(&moved));
    assert_eq!(moved.record.unwrap().points, ["box"]);
    let moved = moved_by(
        "file,box_x,box_y,box_w,box_h\na.png,0.5,0.5,0.25,0.3\n",
        &chain(),
    );
    // Of 120x80 pixels 30x24 at (60, 40); of the part, 90x60 at (20, 10).
    let said = "a.png,0.444444,0.500000,0.333333,0.400000\n";
    assert!(written(&moved).ends_with(said), "{}", written(&moved));
}

#[test]
fn what_a_format_knows_to_be_pixels_is_no_fraction() {
    let text = "file,tip_x,tip_y\na.png,1,0.5\n";
    let known = KnownPoints {
        in_pixels: vec!["tip".into()],
        ..Default::default()
    };
    let moved = moved(table(text), &chain(), &known, &[SIZE]).unwrap();
    assert!(written(&moved).ends_with("a.png,-9.500000,-3.166667\n"));
}

#[test]
fn fractions_are_of_the_part_that_is_kept() {
    let moved = moved_by("file,iris_x,iris_y\na.png,0.5,0.5\n", &chain());
    assert!(
        written(&moved).ends_with("a.png,0.444444,0.500000\n"),
        "{}",
        written(&moved)
    );
}

#[test]
fn nothing_changes_where_no_pixel_moves() {
    let chain = Preprocessing {
        width: SIZE.0 as usize,
        height: SIZE.1 as usize,
        ..Default::default()
    };
    let text = "file,iris_x,iris_y,nose_x,nose_y\na.png,60.0,40,70,50";
    let moved = moved_by(text, &chain);
    assert_eq!(written(&moved), text);
    assert!(moved.record.is_none() && moved.warning.is_none());
}

#[test]
fn named_points_move_and_unnamed_ones_are_told() {
    let text = "file,nose_x,nose_y,a,b,gaze_x,gaze_y,screen_x,screen_y\nx.png,60,40,80,70,0.1,0.2,100,90\n";
    let moved = moved_by(text, &chain());
    assert_eq!(written(&moved), text);
    let warning = moved.warning.unwrap();
    assert!(
        warning.contains("the columns nose_x, nose_y look like pixels"),
        "{warning}"
    );
    let named = Preprocessing {
        point_columns: vec!["nose".into(), "a,b".into()],
        ..chain()
    };
    let moved = moved_by(text, &named);
    assert!(
        written(&moved).contains("x.png,20.000000,10.000000,30.000000,20.000000,0.1,0.2,100,90")
    );
    assert!(moved.warning.is_none());
}

#[test]
fn cells_that_are_no_numbers_and_halves_of_points_are_named() {
    let refused = |text: &str, point: &str| {
        let chain = Preprocessing {
            point_columns: vec![point.into()],
            ..chain()
        };
        let moved = moved(table(text), &chain, &KnownPoints::default(), &[SIZE]);
        moved.err().unwrap().to_string()
    };
    assert_eq!(
        refused("file,iris_x,iris_y\na.png,left,60\n", "nose"),
        "labels.csv, line 2: the point `iris` is `left`, not a number"
    );
    let text = refused("file,nose_x\na.png,60\n", "nose");
    assert!(
        text.contains("only one of the columns nose_x and nose_y"),
        "{text}"
    );
}

#[test]
fn outlines_of_the_simulator_scale_with_their_centre() {
    let text = "file,iris_x,iris_y,iris_major,iris_minor,iris_angle\na.png,60,40,12,9,0\n";
    let moved = moved_by(text, &chain());
    // Half as long across, a third as long down.
    assert!(written(&moved).ends_with("20.000000,10.000000,6.000000,3.000000,0.000000\n"));
}

/// The label of a dot and the centroid of its pixels, both with the first pixel's middle at 0.5.
#[test]
fn a_label_stays_on_the_dot_that_it_marks() {
    let ([x, y], deviation) = ([60.3f64, 38.7f64], 6.0);
    let level = |column: u32, row: u32| {
        let [dx, dy] = [f64::from(column) + 0.5 - x, f64::from(row) + 0.5 - y];
        (240.0 * (-(dx * dx + dy * dy) / (2.0 * deviation * deviation)).exp()).round() as u8
    };
    let image = GrayImage::from_fn(SIZE.0, SIZE.1, |c, r| Luma([level(c, r)]));
    for chain in [
        chain(),
        chain().framed(crate::Framing {
            zoom: 0.8,
            x: 0.1,
            y: -0.05,
        }),
    ] {
        let pixels = chain.apply(DynamicImage::from(image.clone())).unwrap();
        let mut sums = [0.0; 3];
        for (at, &level) in pixels.iter().enumerate() {
            let middle = [at % chain.width, at / chain.width].map(|i| i as f64 + 0.5);
            let weight = f64::from(level);
            sums[0] += weight;
            (0..2).for_each(|axis| sums[axis + 1] += weight * middle[axis]);
        }
        let moved = moved_by(&format!("file,iris_x,iris_y\na.png,{x},{y}\n"), &chain);
        for (axis, column) in ["iris_x", "iris_y"].into_iter().enumerate() {
            let label = f64::from(moved.labels.numbers(column).unwrap()[0]);
            let centroid = sums[axis + 1] / sums[0];
            assert!(
                (label - centroid).abs() < 0.05,
                "{column}: {label}, {centroid}"
            );
        }
    }
}
