use super::*;
use crate::names::Names;

fn json(members: serde_json::Value) -> Vec<u8> {
    members.to_string().into_bytes()
}

fn view() -> serde_json::Value {
    serde_json::json!({
        "interior_margin_2d": ["(20, 30, 9)", "(60, 30, 9)", "(40, 40, 9)", "(40, 20, 9)"],
        "head_pose": "(350.0, 170.0, 0.0)",
    })
}

#[test]
fn a_camera_of_unity_eyes_2_has_a_gaze_of_its_own() {
    let mut other = view();
    other["ground_truth"] = serde_json::json!({
        // 0.01 (c + d) with y turned, d = (0.6, 0.0, -0.8) with y up.
        "iris_center": "(0.002, 0.003, 0.051)", "gaze_vector": "(0.006020, -0.000030, -0.007490)",
    });
    let details = serde_json::json!({"look_vec": "(0.0, 0.5, -0.866, 0.0)", "pupil_size": "0.05"});
    let text = json(serde_json::json!({
        "eye_details": details, "cameras": {"cam0": view(), "cam1": other},
    }));
    let gaze = |camera| {
        let eye = describe(&text, "2.json", Some(camera), 80.0);
        eye.map(|eye| eye.labels()).map_err(|e| e.to_string())
    };
    let labels = gaze("cam1").unwrap();
    let yaw: f64 = labels.split(',').nth(1).unwrap().parse().unwrap();
    assert!((yaw - (-0.6f64).atan2(0.8)).abs() < 1e-3, "{labels}");
    assert_eq!(
        gaze("cam0").unwrap_err(),
        "its 2.json has no gaze direction of the camera `cam0`"
    );
    assert_eq!(gaze("cam7").unwrap_err(), "its 2.json has no camera `cam7`");
    let alone = json(serde_json::json!({"eye_details": details, "cameras": {"cam0": view()}}));
    let eye = describe(&alone, "2.json", Some("cam0"), 80.0).unwrap();
    assert!(eye.labels().starts_with("0.5236"), "{}", eye.labels());
}

#[test]
fn a_gaze_that_is_no_unit_vector_is_refused() {
    let mut wrong = view();
    wrong["ground_truth"] = serde_json::json!({
        "iris_center": "(0.002, 0.003, 0.051)", "gaze_vector": "(0.6, 0.0, -0.8)",
    });
    let text = json(serde_json::json!({
        "eye_details": {"look_vec": "(0, 0, -1, 0)"}, "cameras": {"a": wrong},
    }));
    let error = describe(&text, "1.json", Some("a"), 80.0)
        .unwrap_err()
        .to_string();
    assert!(error.contains("is no gaze from the iris_center"), "{error}");
}

#[test]
fn images_find_their_descriptions_by_name() {
    let names: Names = [
        "1.JPG",
        "1.json",
        "p/img_2.png",
        "p/img_2.JSON",
        "3_cam_1.jpg",
        "3_cam_2.jpg",
        "3.json",
        "q/3.png",
        "4.json",
        "5.png",
        "5.bmp",
        "5.json",
    ]
    .iter()
    .collect();
    let pairs = Pairs::of(&names);
    let found: Vec<(u32, u32)> = pairs
        .images
        .iter()
        .map(|p| (p.image, p.description))
        .collect();
    assert_eq!(found, [(0, 1), (2, 3), (4, 6), (5, 6)]);
    let left_out = pairs.left_out(&names);
    assert_eq!(
        left_out.iter().collect::<Vec<_>>(),
        [
            ("q/3.png", "there is no 3.json beside it"),
            ("4.json", "there is no 4.JPG beside it"),
            (
                "5.png",
                "5.json may describe it or another image of its name"
            ),
            (
                "5.bmp",
                "5.json may describe it or another image of its name"
            ),
        ]
    );
}

#[test]
fn the_camera_is_the_rest_of_the_name() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a/img_3_cam_1.png", "a/img_3.json"] {
        let path = dir.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, name).unwrap();
    }
    let listing = Listing::scan(dir.path()).unwrap();
    let pairs = Pairs::of(&listing.names);
    assert_eq!(pairs.images[0].camera(&listing), Some("cam_1"));
}

#[test]
fn json_of_other_programs_is_told_apart() {
    for (text, foreign) in [
        (r#"{"eye_details": {}}"#, false),
        (r#"{"eye_details": {"#, false),
        ("", false),
        (r#"{"shapes": []}"#, true),
        ("[1, 2]", true),
    ] {
        assert_eq!(is_foreign(text.as_bytes()), foreign, "{text}");
    }
}
