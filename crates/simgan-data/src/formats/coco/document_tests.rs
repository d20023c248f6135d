use super::*;
use crate::Preprocessing;
use crate::objects::Swaps;
use crate::pixel_map::PixelMap;
use crate::pixel_map::tests::maps;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Two images of 64x48 and one of another size; `new` keys are none of COCO's.
const TABLE: &str = r#"{
  "info": {"year": 2026, "new": [1.50]},
  "images": [
    {"id": 30, "file_name": "b.png", "width": 64, "height": 48, "new": {"x": 1}},
    {"id": 20, "file_name": "a.png", "width": 64, "height": 48},
    {"id": 10, "file_name": "c.png", "height": 8, "width": 16}
  ],
  "categories": [{"id": 1, "name": "hand", "keypoints": ["left", "right"]}, {"id": 5, "name": "disc"}],
  "annotations": [
    {"id": 3, "image_id": 20, "category_id": 5, "bbox": [16, 6, 29, 29], "area": 697, "iscrowd": 0, "new": "é",
     "segmentation": {"size": [48, 64], "counts": "_h0;S14M2M4M2O0O2N2O0O2O00000000000000000001N101N2N101N3L3N3LSl0"}},
    {"id": 1, "image_id": 30, "category_id": 1, "bbox": [10.5, 8, 20, 16.0], "score": 1e-1, "area": 320.0,
     "keypoints": [12, 10, 2, 0, 0, 0], "segmentation": [[10.5, 8, 30.5, 8,   30.5, 24]]},
    {"id": 2, "image_id": 10, "category_id": 5, "bbox": [0, 0, 2, 2]}
  ]
}
"#;

fn document() -> Document {
    Document::parse(TABLE.into()).unwrap()
}

fn halving() -> Move {
    let chain = Preprocessing {
        width: 32,
        height: 24,
        ..Default::default()
    };
    Move::of(PixelMap::of(&chain, [64, 48]).unwrap())
}

fn moved(moving: &Move) -> String {
    document()
        .moved(&[Some(moving), Some(moving), None])
        .unwrap()
}

#[test]
fn objects_have_boxes_and_points_in_pixels() {
    let document = document();
    assert_eq!(document.points, ["left", "right"]);
    let [hand] = &document.objects(0).unwrap()[..] else {
        panic!("one hand")
    };
    assert_eq!(hand.class, "hand");
    assert_eq!(hand.rectangle, Some([10.5, 8.0, 20.0, 16.0]));
    // The middle of the pixel with these numbers.
    let places: Vec<_> = hand.points.iter().map(|point| point.place).collect();
    assert_eq!(places, [Some([12.5, 10.5]), None]);
    assert_eq!(
        document.objects(1).unwrap()[0].points[0].visibility,
        Some(0)
    );
}

#[test]
fn what_does_not_move_keeps_every_byte() {
    let stays = Move::of(PixelMap::identity([64, 48]));
    let other = Move::of(PixelMap::identity([16, 8]));
    let moves = [Some(&stays), Some(&stays), Some(&other)];
    assert_eq!(document().moved(&moves).unwrap(), TABLE);
}

#[test]
fn images_and_annotations_that_are_left_out_take_their_commas() {
    let stays = Move::of(PixelMap::identity([64, 48]));
    for kept in 0..8 {
        let moves: Vec<_> = (0..3)
            .map(|at| (kept >> at & 1 == 1).then_some(&stays))
            .collect();
        let text = document().moved(&moves).unwrap();
        let found: Value = serde_json::from_str(&text).unwrap();
        let all: Value = serde_json::from_str(TABLE).unwrap();
        let only = |key: &str, id: &str| {
            let ids = [30, 20, 10];
            let is_kept = |element: &&Value| {
                ids.iter()
                    .zip(&moves)
                    .any(|(known, moving)| element[id] == *known && moving.is_some())
            };
            let all = all[key].as_array().unwrap();
            Value::from(all.iter().filter(is_kept).cloned().collect::<Vec<_>>())
        };
        assert_eq!(found["images"], only("images", "id"));
        assert_eq!(found["annotations"], only("annotations", "image_id"));
        assert_eq!(found["info"], all["info"]);
    }
}

#[test]
fn half_the_size_is_half_of_everything_and_all_else_stays() {
    let text = moved(&halving());
    let found: Value = serde_json::from_str(&text).unwrap();
    let first = json!({"id": 30, "file_name": "b.png", "width": 32, "height": 24, "new": {"x": 1}});
    assert_eq!(found["images"][0], first);
    let hand = &found["annotations"][1];
    assert_eq!(hand["bbox"], json!([5.25, 4, 10, 8]));
    assert_eq!(hand["area"], json!(80));
    // Pixel 12 has its middle at 12.5, which is 6.25 and 5.75 as a number of pixels.
    assert_eq!(hand["keypoints"], json!([5.75, 4.75, 2, 0, 0, 0]));
    assert_eq!(
        hand["segmentation"],
        json!([[5.25, 4, 15.25, 4, 15.25, 12]])
    );
    let disc = &found["annotations"][0];
    assert_eq!(disc["segmentation"]["size"], json!([24, 32]));
    let area = disc["area"].as_u64().unwrap();
    assert!(
        (165..=185).contains(&area),
        "{area} is not a quarter of 697"
    );
    // Text that nothing changes.
    for kept in [
        "\"score\": 1e-1",
        "[1.50]",
        "\"new\": \"é\"",
        "[[5.25, 4, 15.25, 4,   15.25, 12]]",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

#[test]
fn in_a_mirror_left_is_right() {
    let mirror = Move::of(PixelMap::mirrored([64, 48]));
    let moving = mirror.swapping(Swaps::parse("left:right").unwrap());
    let found: Value = serde_json::from_str(&moved(&moving)).unwrap();
    let hand = &found["annotations"][1];
    assert_eq!(hand["keypoints"], json!([0, 0, 0, 51, 10, 2]));
    assert_eq!(hand["bbox"], json!([33.5, 8, 20, 16.0]));
}

#[test]
fn tables_that_contradict_themselves_name_the_place() {
    let images = r#""images": [{"id": 1, "file_name": "a.png"}]"#;
    for (text, said) in [
        ("[]", "it is no table of COCO's"),
        (
            r#"{"images": [{"id": 1}], "annotations": []}"#,
            "images[0]: missing field `file_name`",
        ),
        (
            r#"{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "annotations": []}"#,
            "images[1]: its id 1 comes twice",
        ),
        (
            &format!("{{{images}, \"annotations\": [{{\"image_id\": 2}}]}}"),
            "annotations[0]: there is no image with the id 2",
        ),
        (
            &format!("{{{images}, \"annotations\": [{{\"image_id\": 1, \"category_id\": 4}}]}}"),
            "annotations[0]: there is no category with the id 4",
        ),
        (
            &format!("{{{images}, \"annotations\": [{{\"image_id\": 1, \"segments_info\": []}}]}}"),
            "annotations[0]: it has `segments_info`",
        ),
    ] {
        let error = Document::parse(text.to_owned()).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
    for (annotation, said) in [
        (r#""bbox": [1, 2, 3]"#, "its `bbox` is not"),
        (r#""bbox": [1, 2, -3, 1]"#, "its `bbox` has a negative"),
        (
            r#""keypoints": [1, 2, 3], "category_id": 1"#,
            "it has 3 numbers of key points",
        ),
        (
            r#""keypoints": [1, 2, 3, 0, 0, 0], "category_id": 1"#,
            "it has a key point of visibility 3",
        ),
        (r#""iscrowd": 7"#, "its `iscrowd` is 7"),
        (
            r#""segmentation": [[1, 2, 3]]"#,
            "its `segmentation` has a polygon of 3",
        ),
        (
            r#""segmentation": {"size": [2, 2], "counts": [3]}"#,
            "its mask is 2x2",
        ),
        (
            r#""segmentation": {"size": [48, 64], "counts": [3]}"#,
            "its run lengths cover 3 pixels",
        ),
        (
            r#""segmentation": {"size": [-1, 64], "counts": [3]}"#,
            "the size of its mask is",
        ),
    ] {
        let text = format!(
            "{{{images}, \"annotations\": [{{\"image_id\": 1, {annotation}}}],
             \"categories\": [{{\"id\": 1, \"name\": \"x\", \"keypoints\": [\"a\", \"b\"]}}]}}"
        );
        let document = Document::parse(text).unwrap();
        let error = document
            .objects(0)
            .err()
            .or(document.moved(&[Some(&halving())]).err());
        let error = error.unwrap().to_string();
        assert!(
            error.starts_with(&format!("annotations[0]: {said}")),
            "{error}"
        );
    }
}

proptest! {
    #[test]
    fn tables_come_back(map in maps()) {
        prop_assume!(map.before() == [64, 48]);
        let there = moved(&Move::of(map));
        let there = Document::parse(there).unwrap();
        let back = Move::of(map.inverse());
        let back = there.moved(&[Some(&back), Some(&back)]).unwrap();
        let back = Document::parse(back).unwrap();
        let before = document();
        for image in 0..2 {
            let [a, b] = [&back, &before].map(|document| document.objects(image).unwrap());
            prop_assert_eq!(a.len(), b.len());
            for (a, b) in a.iter().zip(&b) {
                let near = |a: f64, b: f64| (a - b).abs() < 1e-4;
                let (left, right) = (a.rectangle.unwrap(), b.rectangle.unwrap());
                prop_assert!((0..4).all(|side| near(left[side], right[side])));
                for (a, b) in a.points.iter().zip(&b.points) {
                    prop_assert_eq!(a.visibility, b.visibility);
                    let places = a.place.unwrap_or_default().into_iter().zip(b.place.unwrap_or_default());
                    prop_assert!(places.into_iter().all(|(a, b)| near(a, b)));
                }
            }
        }
    }
}
