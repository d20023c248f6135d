//! ONNX models, read back: sound graphs with the very weights, and all that is said of them.

use std::collections::BTreeSet;
use std::path::Path;

use burn::tensor::Device;
use simgan::nets::weights;
use simgan::refine::TrainedRefiner;
use simgan::tasks::EstimatorKind;

use crate::onnx_file::OnnxFile;
use crate::support;

fn read(folder: &Path, name: &str) -> OnnxFile {
    let file = OnnxFile::read(&std::fs::read(folder.join(name)).unwrap());
    assert_sound(&file);
    file
}

/// Every value is made once, before it is used; the output is one of them.
fn assert_sound(file: &OnnxFile) {
    let mut known: BTreeSet<&str> = file.constants.keys().map(String::as_str).collect();
    known.insert(&file.ports[0].0);
    for node in &file.nodes {
        for input in &node.inputs {
            assert!(known.contains(input.as_str()), "{node:?}");
        }
        for output in &node.outputs {
            assert!(known.insert(output), "{node:?}");
        }
    }
    assert!(known.contains(file.ports[1].0.as_str()));
}

fn sides(port: &(String, Vec<String>)) -> (&str, Vec<&str>) {
    (&port.0, port.1.iter().map(String::as_str).collect())
}

#[test]
fn a_plain_refiner_is_its_layers_and_its_weights() {
    let dir = tempfile::tempdir().unwrap();
    let run = support::run(dir.path(), &[]);
    let folder = support::written(&support::refiner(&run), "onnx", dir.path());
    let file = read(&folder, "refiner.onnx");
    assert_eq!(file.opset, 17);
    let free = vec!["batch", "1", "height", "width"];
    assert_eq!(sides(&file.ports[0]), ("image", free.clone()));
    assert_eq!(sides(&file.ports[1]), ("refined", free));
    let operators: Vec<&str> = file
        .nodes
        .iter()
        .map(|node| node.operator.as_str())
        .collect();
    let expected = "Conv Relu Conv Relu Conv Add Relu Conv Tanh Identity";
    assert_eq!(operators.join(" "), expected);
    let trained = TrainedRefiner::load(&run, None, true, &Device::default()).unwrap();
    let tensors = weights::named(&trained.held().refiner);
    assert_eq!(file.constants.len(), tensors.len());
    for (name, shape, bytes) in &tensors {
        let shape: Vec<u64> = shape.iter().map(|&side| side as u64).collect();
        assert_eq!(file.constants[name], (shape, bytes.clone()), "{name}");
    }
    assert_eq!(file.metadata["weights_sha256"], trained.sha256());
    assert_eq!(file.metadata["name"], "run");
    assert_eq!(file.metadata["step"], "1");
    assert!(file.metadata["preparation"].contains("resize to 55 x 35 pixels"));
    // The skip connection of the block goes around two convolutions.
    let add = file
        .nodes
        .iter()
        .find(|node| node.operator == "Add")
        .unwrap();
    assert_eq!(add.inputs[1], file.nodes[1].outputs[0]);
}

#[test]
fn exposure_residual_and_held_points_are_in_the_graph() {
    let dir = tempfile::tempdir().unwrap();
    let run = support::run(dir.path(), support::HELD);
    let folder = support::written(&support::refiner(&run), "onnx", dir.path());
    let file = read(&folder, "refiner.onnx");
    for operator in ["ReduceMean", "Clip", "Abs", "Sigmoid", "Cos", "ReduceMax"] {
        assert!(file.operators().contains(operator), "{operator}");
    }
    assert!(file.constants.contains_key("keypoints.output.weight"));
    // Nothing but the image goes in.
    assert_eq!(file.ports.len(), 2);
    assert!(file.metadata["architecture"].contains("\"radius\":6.0"));
}

#[test]
fn an_estimator_answers_in_the_units_of_labels() {
    let dir = tempfile::tempdir().unwrap();
    let (path, estimator) = support::estimator(dir.path(), EstimatorKind::Cnn);
    let exported = support::exported(&path, &estimator).unwrap();
    let file = read(
        &support::written(&exported, "onnx", dir.path()),
        "estimator.onnx",
    );
    assert_eq!(
        sides(&file.ports[0]),
        ("image", vec!["batch", "1", "35", "55"])
    );
    assert_eq!(sides(&file.ports[1]), ("gaze", vec!["batch", "3"]));
    let operators: Vec<&str> = file
        .nodes
        .iter()
        .map(|node| node.operator.as_str())
        .collect();
    assert!(operators.ends_with(&["Flatten", "Gemm", "Relu", "Gemm", "Mul", "Add", "Identity"]));
    assert!(
        file.metadata["output"].contains("gaze_x"),
        "{:?}",
        file.metadata
    );
}
