//! Weights of a network as a safetensors file, one tensor a parameter, named by its path.

use std::collections::HashMap;
use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::{Error, Result};

/// Serializes the weights of `module` (f32, little-endian) with `metadata`.
pub fn to_bytes<M: Module>(module: &M, metadata: HashMap<String, String>) -> Result<Vec<u8>> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    let views: Vec<(String, TensorView)> = collector
        .tensors
        .iter()
        .map(|(name, shape, bytes)| {
            TensorView::new(Dtype::F32, shape.clone(), bytes)
                .map(|view| (name.clone(), view))
                .map_err(|e| Error::model(format!("weights cannot be written: {e}")))
        })
        .collect::<Result<_>>()?;
    safetensors::serialize(views, Some(metadata))
        .map_err(|e| Error::model(format!("weights cannot be written: {e}")))
}

/// Writes the weights of `module` to `path`.
pub fn save<M: Module>(module: &M, path: &Path, metadata: HashMap<String, String>) -> Result<()> {
    fs_err::write(path, to_bytes(module, metadata)?)?;
    Ok(())
}

/// Replaces the weights of `module` by those of the file at `path`.
///
/// # Errors
/// A file that is not safetensors, lacks a parameter, has one too many, one of another shape,
/// or values that are not finite.
pub fn load<M: Module>(module: M, path: &Path) -> Result<M> {
    let bytes = fs_err::read(path)?;
    let damaged = |e: safetensors::SafeTensorError| {
        Error::model(format!(
            "{} is not a valid safetensors file: {e}",
            path.display()
        ))
        .with_hint("the file is damaged or of another kind; use an older checkpoint")
    };
    let file = SafeTensors::deserialize(&bytes).map_err(damaged)?;
    let mut loader = Loader {
        file: &file,
        origin: path.display().to_string(),
        path: Vec::new(),
        loaded: 0,
        error: None,
    };
    let module = module.map(&mut loader);
    if let Some(error) = loader.error {
        return Err(error);
    }
    if loader.loaded != file.len() {
        return Err(Error::model(format!(
            "{} holds {} tensors, this network has {}",
            path.display(),
            file.len(),
            loader.loaded
        ))
        .with_hint("the configuration differs from the one that made the file"));
    }
    Ok(module)
}

/// Little-endian f32 values of one tensor of a safetensors file.
pub fn tensor_values(
    file: &SafeTensors,
    name: &str,
    origin: &str,
) -> Result<(Vec<usize>, Vec<f32>)> {
    let view = file
        .tensor(name)
        .map_err(|_| Error::model(format!("{origin}: no tensor named `{name}`")))?;
    if view.dtype() != Dtype::F32 {
        return Err(Error::model(format!(
            "{origin}: tensor `{name}` is {:?}, expected F32",
            view.dtype()
        )));
    }
    let values: Vec<f32> = view
        .data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    if values.iter().any(|v| !v.is_finite()) {
        return Err(Error::model(format!(
            "{origin}: tensor `{name}` holds values that are not finite"
        )));
    }
    Ok((view.shape().to_vec(), values))
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    tensors: Vec<(String, Vec<usize>, Vec<u8>)>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let data = tensor.into_data().convert_dtype(DType::F32);
        let bytes = data.iter::<f32>().flat_map(f32::to_le_bytes).collect();
        self.tensors.push((self.path.join("."), shape, bytes));
    }
}

struct Loader<'a> {
    file: &'a SafeTensors<'a>,
    origin: String,
    path: Vec<String>,
    loaded: usize,
    error: Option<Error>,
}

impl Loader<'_> {
    fn values(&self, expected: &[usize]) -> Result<Vec<f32>> {
        let name = self.path.join(".");
        let (shape, values) = tensor_values(self.file, &name, &self.origin)?;
        if shape != expected {
            return Err(Error::model(format!(
                "{}: tensor `{name}` has shape {shape:?}, this network expects {expected:?}",
                self.origin
            ))
            .with_hint("the configuration differs from the one that made the file"));
        }
        Ok(values)
    }
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.error.is_some() {
            return param;
        }
        let shape = param.val().dims();
        match self.values(&shape) {
            Ok(values) => {
                self.loaded += 1;
                param.map(|old| {
                    let trained = old.is_require_grad();
                    Tensor::from_data(TensorData::new(values, shape), &old.device())
                        .set_require_grad(trained)
                })
            }
            Err(error) => {
                self.error = Some(error);
                param
            }
        }
    }
}
