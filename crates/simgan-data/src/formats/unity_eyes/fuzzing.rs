//! Sound descriptions, for hostile input.

const UNITY_EYES: &str = r#"{
    "interior_margin_2d": ["(20.5, 30.0, 9.1)", "(44.0, 26.0, 9.0)"],
    "caruncle_2d": ["(20.0, 28.0, 9.0)"],
    "iris_2d": ["(30.0, 28.0, 9.0)", "(36,5, 30,0, 9,0)"],
    "eye_details": {"look_vec": "(0.1, -0.2, -0.9, 0.0)", "pupil_size": "0.5"},
    "head_pose": "(350.0, 170.0, 0.0)"
}"#;

const UNITY_EYES_2: &str = r#"{
    "eye_details": {"look_vec": "(0.1, -0.2, -0.9, 0.0)", "pupil_size": "0.5"},
    "cameras": {"cam0": {
        "interior_margin_2d": ["(20.5, 30.0, 9.1)", "(44.0, 26.0, 9.0)"],
        "head_pose": "(350.0, 170.0, 0.0)",
        "ground_truth": {"iris_center": "(0.0, 0.0, 0.06)", "gaze_vector": "(0.006, 0.0, -0.0074)"}
    }}
}"#;

pub(super) fn seeds() -> Vec<Vec<u8>> {
    vec![UNITY_EYES.into(), UNITY_EYES_2.into()]
}
