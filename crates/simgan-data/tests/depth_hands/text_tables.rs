//! ICVL's and MSRA's layouts, made up.

use image::{ImageBuffer, Luma};
use simgan_data::{Dataset, OnBadImage, OpenOptions, PointUnit};

use crate::sandbox;
use crate::support::Sandbox;

impl Sandbox {
    fn open(&self, bad: OnBadImage) -> simgan_base::Result<Dataset> {
        let source = self.dir.path().join("data").display().to_string();
        let options = OpenOptions {
            on_bad_image: bad,
            ..self.options.clone()
        };
        Dataset::open(&source, &self.chain, &options)
    }
}

/// A hand of 20x20 pixels round the middle of a frame, 400 mm away, before a wall.
fn depth(x: u32, y: u32) -> u16 {
    let is_hand = (150..170).contains(&x) && (110..130).contains(&y);
    if is_hand { 400 } else { 900 }
}

/// Pixels of the image that a pixel of the frame covers.
const SCALE: f64 = 224.0 / (241.42 * 300.0 / 400.0);

/// The hand lies where its joints are, and has its size.
fn assert_hand(hands: &Dataset, tip: &str, palm: &str) {
    assert_eq!(hands.image_shape(), [1, 224, 224]);
    let is_hand = |level: &&u8| **level == 200;
    let shown = hands.pixels(0).iter().filter(is_hand).count() as f64;
    assert!((shown - (20.0 * SCALE).powi(2)).abs() < 300.0, "{shown}");
    let of = |name: &str| {
        let points = hands.point_places(name, PointUnit::Pixels).unwrap();
        points.places[0]
    };
    // The tip is 4 pixels right of the other joints and 2 above.
    let (tip, palm) = (of(tip), of(palm));
    assert!(
        (f64::from(tip[0] - palm[0]) - 4.0 * SCALE).abs() < 1e-2,
        "{tip:?} {palm:?}"
    );
    assert!(
        (f64::from(palm[1] - tip[1]) - 2.0 * SCALE).abs() < 1e-2,
        "{tip:?} {palm:?}"
    );
    let labels = hands.labels().unwrap();
    assert!((labels.numbers("thumb_tip_d").unwrap()[0] - 400.0).abs() < 0.01);
}

#[test]
fn icvl_is_read_with_its_joints() {
    let sandbox = sandbox([200, 455]);
    let frame = ImageBuffer::from_fn(320, 240, |x, y| Luma([depth(x, y)]));
    frame
        .save(sandbox.path("Depth/test_seq_1/image_0000.png"))
        .unwrap();
    let joints: String = (0..16)
        .map(|joint| match joint {
            6 => " 163.5 117.5 400".to_owned(),
            _ => " 159.5 119.5 400".to_owned(),
        })
        .collect();
    let line = format!("test_seq_1/image_0000.png{joints}\n");
    std::fs::write(sandbox.path("test_seq_1.txt"), &line).unwrap();
    let hands = sandbox.open(OnBadImage::Fail).unwrap();
    assert_eq!((hands.format(), hands.len()), ("ICVL hands", 1));
    assert_eq!(hands.name(0), "Depth/test_seq_1/image_0000.png");
    assert_hand(&hands, "index_tip", "palm");

    let more = line.replace("0000", "0001");
    std::fs::write(sandbox.path("test_seq_2.txt"), more).unwrap();
    let error = sandbox.open(OnBadImage::Fail).unwrap_err().to_string();
    assert!(
        error.contains("image_0001.png") && error.contains("it is not there"),
        "{error}"
    );
    frame
        .save(sandbox.path("Depth/test_seq_1/image_0002.png"))
        .unwrap();
    assert_eq!(sandbox.open(OnBadImage::Skip).unwrap().len(), 1);
    std::fs::write(sandbox.path("labels.txt"), line).unwrap();
    let error = sandbox.open(OnBadImage::Skip).unwrap_err().to_string();
    assert!(error.contains("joints already"), "{error}");
}

#[test]
fn msra_is_read_with_its_joints() {
    let sandbox = sandbox([200, 455]);
    let head = [320_u32, 240, 140, 100, 180, 140].into_iter();
    let mut frame: Vec<u8> = head.flat_map(u32::to_le_bytes).collect();
    for y in 100..140 {
        for x in 140..180 {
            frame.extend(f32::from(depth(x, y)).to_le_bytes());
        }
    }
    for name in ["000000", "000001"] {
        std::fs::write(sandbox.path(&format!("P0/TIP/{name}_depth.bin")), &frame).unwrap();
    }
    // The last joint is the thumb's tip. The middle of the frame is the corner of a pixel.
    let mm = |pixels: f64| pixels * 400.0 / 241.42;
    let joints: String = (0..21)
        .map(|joint| match joint {
            20 => format!("{} {} -400 ", mm(3.5), mm(2.5)),
            _ => format!("{} {} -400 ", mm(-0.5), mm(0.5)),
        })
        .collect();
    let table = sandbox.path("P0/TIP/joint.txt");
    std::fs::write(&table, format!("2\n{joints}\n{joints}\n")).unwrap();
    let hands = sandbox.open(OnBadImage::Fail).unwrap();
    assert_eq!((hands.format(), hands.len()), ("MSRA hands", 2));
    assert_eq!(hands.name(1), "P0/TIP/000001_depth");
    assert_hand(&hands, "thumb_tip", "wrist");

    std::fs::write(&table, format!("1\n{joints}\n")).unwrap();
    let error = sandbox.open(OnBadImage::Fail).unwrap_err().to_string();
    assert!(
        error.contains("P0/TIP/000001_depth") && error.contains("joints are not there"),
        "{error}"
    );
    std::fs::write(&table, "2\n").unwrap();
    let error = sandbox.open(OnBadImage::Skip).unwrap_err().to_string();
    assert!(
        error.contains("joint.txt") && error.contains("promises 2 frames"),
        "{error}"
    );
}
