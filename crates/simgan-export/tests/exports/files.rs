//! What lies in an export's folder, and what is refused.

use std::path::Path;

use burn::tensor::Device;
use serde_json::Value;
use simgan::nets::weights;
use simgan::refine::TrainedRefiner;
use simgan::tasks::EstimatorKind;
use simgan_base::ErrorKind;
use simgan_base::files::sha256_sums;
use simgan_base::formats::tensors;
use simgan_export::{ExportOptions, FORMATS, named};

use crate::support;

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

/// A folder that looks like the npm package.
fn package(folder: &Path) -> ExportOptions {
    let package = folder.join("onnxruntime-web");
    std::fs::create_dir_all(package.join("dist")).unwrap();
    std::fs::write(package.join("dist/ort.wasm.bundle.min.mjs"), "export {}").unwrap();
    std::fs::write(
        package.join("dist/ort-wasm-simd-threaded.wasm"),
        [0, 97, 115, 109],
    )
    .unwrap();
    ExportOptions {
        onnxruntime_web: Some(package),
    }
}

/// The value that a script of a page gives a name.
fn value(script: &Path) -> Value {
    let text = std::fs::read_to_string(script).unwrap();
    let json = text.split_once(" = ").unwrap().1;
    serde_json::from_str(json.trim_end().trim_end_matches(';')).unwrap()
}

#[test]
fn every_format_is_a_whole_folder_with_hashes_and_a_card() {
    let dir = tempfile::tempdir().unwrap();
    let exported = support::refiner(&support::run(dir.path(), &[]));
    let options = package(dir.path());
    for format in FORMATS {
        let out = dir.path().join(format.name);
        let files = exported.write(format, &options, &out).unwrap();
        let mut sorted = files.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, names(&out));
        assert!(files.contains(&"MODEL_CARD.md".to_owned()));
        let listed: Vec<&str> = files.iter().map(String::as_str).collect();
        let hashed = &listed[..listed.len() - 1];
        assert!(sha256_sums::problems(&out, hashed).unwrap().is_empty());
        let error = exported.write(format, &options, &out).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "a full folder is refused");
    }
}

#[test]
fn the_files_of_pytorch_have_every_parameter_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let run = support::run(dir.path(), support::HELD);
    let out = support::written(&support::refiner(&run), "pytorch", dir.path());
    let path = out.join("refiner.safetensors");
    let bytes = tensors::read(&path).unwrap();
    let file = tensors::parse(&bytes, &path).unwrap();
    let trained = TrainedRefiner::load(&run, None, true, &Device::default()).unwrap();
    let held = trained.held();
    let own = weights::named(&held.refiner);
    let finder = weights::named(held.hold.as_ref().unwrap().network());
    assert_eq!(file.len(), own.len() + finder.len());
    let prefixed = finder
        .into_iter()
        .map(|(name, shape, bytes)| (format!("hold.{name}"), shape, bytes));
    for (name, shape, bytes) in own.into_iter().chain(prefixed) {
        let tensor = file.tensor(&name).unwrap();
        assert_eq!(
            (tensor.shape(), tensor.data()),
            (&shape[..], &bytes[..]),
            "{name}"
        );
    }
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("refiner.json")).unwrap()).unwrap();
    assert_eq!(json["architecture"]["refiner"]["output"], "residual");
    assert_eq!(json["architecture"]["exposure"]["knots"], 33);
    let layers = json["architecture"]["hold"]["layers"].as_array().unwrap();
    assert_eq!(
        (layers.len(), &layers[0]),
        (5, &serde_json::json!([1, 24, 5, 2]))
    );
    let samples = tensors::read(&out.join("samples.safetensors")).unwrap();
    let samples = tensors::parse(&samples, &path).unwrap();
    assert_eq!(samples.tensor("refined").unwrap().shape(), [2, 1, 35, 55]);
}

#[test]
fn a_page_holds_its_model_its_samples_and_its_runtime() {
    let dir = tempfile::tempdir().unwrap();
    let exported = support::refiner(&support::run(dir.path(), &[]));
    let out = dir.path().join("page");
    exported
        .write(named("web").unwrap(), &package(dir.path()), &out)
        .unwrap();
    let model = value(&out.join("model.js"));
    assert_eq!(model["samples"]["count"], 2);
    assert_eq!(
        model["description"]["input"]["shape"],
        serde_json::json!([1, 35, 55])
    );
    assert!(model["onnx"].as_str().unwrap().len() > 100);
    // "export {}", in base64.
    assert_eq!(value(&out.join("runtime.js"))["module"], "ZXhwb3J0IHt9");
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    let parts = page.split("src=\"").chain(page.split("href=\"")).skip(1);
    for part in parts.filter_map(|part| part.split_once('"')) {
        let is_file =
            part.0.ends_with(".js") || part.0.ends_with(".css") || part.0.ends_with(".md");
        assert!(!is_file || out.join(part.0).is_file(), "{}", part.0);
    }
    assert!(!page.contains("http"), "nothing is fetched from elsewhere");
}

#[test]
fn what_cannot_be_exported_is_refused_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let (path, knn) = support::estimator(&dir.path().join("knn"), EstimatorKind::Knn);
    let error = support::exported(&path, &knn).unwrap_err();
    assert!(error.to_string().contains("no network"), "{error}");
    assert!(error.hint().unwrap().contains("estimator.kind=cnn"));
    let (path, cnn) = support::estimator(dir.path(), EstimatorKind::Cnn);
    let exported = support::exported(&path, &cnn).unwrap();
    let (web, out) = (named("web").unwrap(), dir.path().join("out"));
    let error = exported.write(web, &package(dir.path()), &out).unwrap_err();
    assert!(error.hint().unwrap().contains("onnx or pytorch"), "{error}");
    let refiner = support::refiner(&support::run(dir.path(), &[]));
    for package in [None, Some(dir.path().to_owned())] {
        let options = ExportOptions {
            onnxruntime_web: package,
        };
        let error = refiner.write(web, &options, &out).unwrap_err();
        assert!(error.hint().unwrap().contains("npm install"), "{error}");
    }
    assert!(!out.exists(), "nothing is left of what was refused");
}
