//! Runs exported ONNX models in tract, in batches of several sizes, and compares with the samples
//! beside them: `simgan-tract FOLDER...`. Fails where a result differs by more than 1e-5 (of the
//! largest number, where that is above 1).

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use safetensors::SafeTensors;
use tract_onnx::prelude::*;

/// Most that a result may differ.
const LIMIT: f32 = 1e-5;
/// Images at a time.
const BATCHES: [usize; 3] = [1, 7, 100];

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A tensor of a file.
struct Table {
    shape: Vec<usize>,
    values: Vec<f32>,
}

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if folders.is_empty() {
        eprintln!("usage: simgan-tract FOLDER...");
        return ExitCode::from(2);
    }
    for folder in folders {
        match largest_difference(&folder) {
            Ok(difference) if difference <= LIMIT => {
                println!("{}: largest difference {difference:.1e}", folder.display());
            }
            Ok(difference) => {
                eprintln!("{}: results differ by {difference}", folder.display());
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("{}: {error}", folder.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// Between what tract gives and the samples of a folder, over all batch sizes.
fn largest_difference(folder: &Path) -> Result<f32> {
    let [images, expected] = samples(&folder.join("samples.safetensors"))?;
    let model = ["refiner.onnx", "estimator.onnx"].map(|name| folder.join(name));
    let model = model.iter().find(|path| path.is_file()).ok_or("it has no .onnx file")?;
    let scale = expected.values.iter().fold(1.0, |a: f32, b| a.max(b.abs()));
    let mut largest: f32 = 0.0;
    for batch in BATCHES.map(|batch| batch.min(images.shape[0])) {
        let shape = [&[batch], &images.shape[1..]].concat();
        let plan = tract_onnx::onnx()
            .model_for_path(model)?
            .with_input_fact(0, f32::fact(&shape).into())?
            .into_optimized()?
            .into_runnable()?;
        let parts = images.values.chunks_exact(batch * size_of_one(&images));
        let answers = expected.values.chunks(batch * size_of_one(&expected));
        for (part, answer) in parts.zip(answers) {
            let results = plan.run(tvec!(Tensor::from_shape(&shape, part)?.into()))?;
            let results = results[0].to_plain_array_view::<f32>()?;
            for (result, expected) in results.iter().zip(answer) {
                let difference = (result - expected).abs() / scale;
                // What is no number differs from everything.
                largest = if difference <= largest { largest } else { difference };
            }
        }
    }
    Ok(largest)
}

fn size_of_one(table: &Table) -> usize {
    table.shape[1..].iter().product()
}

/// The images of a file of samples, and the one other tensor.
fn samples(path: &Path) -> Result<[Table; 2]> {
    let bytes = std::fs::read(path)?;
    let file = SafeTensors::deserialize(&bytes)?;
    let table = |name: &str| -> Result<Table> {
        let view = file.tensor(name)?;
        let values = view.data().as_chunks().0.iter().map(|v| f32::from_le_bytes(*v));
        Ok(Table {
            shape: view.shape().to_vec(),
            values: values.collect(),
        })
    };
    let names = file.names();
    let other = names.iter().find(|name| **name != "image").ok_or("it has no results")?;
    Ok([table("image")?, table(other)?])
}
