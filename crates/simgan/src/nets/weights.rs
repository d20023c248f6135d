//! Weights of a network as a safetensors file, one tensor a parameter, named by its path.

use std::collections::HashMap;
use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::nets::finite::not_finite;
use crate::nets::parameter_path::ParameterPath;
use simgan_base::files::disk;
use simgan_base::formats::tensors;
use simgan_base::{Error, Result};

/// Serializes the weights of `module` (f32, little-endian) with `metadata`.
pub fn to_bytes<M: Module>(module: &M, metadata: HashMap<String, String>) -> Result<Vec<u8>> {
    serialize(&named(module), metadata)
}

/// The weights of `module` by name, in the order of its fields: layer after layer, the bias behind the weight.
pub fn named<M: Module>(module: &M) -> Vec<NamedTensor> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.tensors
}

/// A tensor for a file: name, shape, little-endian f32 values.
pub type NamedTensor = (String, Vec<usize>, Vec<u8>);

/// The bytes of a safetensors file of `tensors`, with `metadata`.
///
/// # Errors
/// A value is not finite, which could not be read again.
pub fn serialize(tensors: &[NamedTensor], metadata: HashMap<String, String>) -> Result<Vec<u8>> {
    let cannot = |e| Error::model(format!("weights cannot be written: {e}"));
    let views: Vec<(&str, TensorView)> = tensors
        .iter()
        .map(|(name, shape, bytes)| {
            require_finite(name, bytes)?;
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(cannot)?;
            Ok((name.as_str(), view))
        })
        .collect::<Result<_>>()?;
    safetensors::serialize(views, Some(metadata)).map_err(cannot)
}

/// What could not be read again is not written.
fn require_finite(name: &str, bytes: &[u8]) -> Result<()> {
    let mut values = bytes.as_chunks().0.iter().map(|v| f32::from_le_bytes(*v));
    match values.find(|v| !v.is_finite()) {
        None => Ok(()),
        Some(value) => Err(not_finite(&format!("`{name}`"), value)),
    }
}

/// Little-endian f32 values of a tensor.
pub(crate) fn little_endian<const D: usize>(tensor: Tensor<D>) -> Vec<u8> {
    let data = tensor.into_data().convert_dtype(DType::F32);
    data.iter::<f32>().flat_map(f32::to_le_bytes).collect()
}

/// Writes the weights of `module` to `path`.
pub fn save<M: Module>(module: &M, path: &Path, metadata: HashMap<String, String>) -> Result<()> {
    disk::write(path, to_bytes(module, metadata)?)?;
    Ok(())
}

/// Checks, before a network is built, that the file at `path` has room for its `parameters`: a configuration may ask for
/// more memory than there is.
///
/// # Errors
/// The file is missing or too small.
pub(crate) fn require_room(path: &Path, parameters: u64) -> Result<()> {
    let bytes = fs_err::metadata(path)?.len();
    if bytes / 4 >= parameters {
        return Ok(());
    }
    Err(Error::model(format!(
        "{} has {bytes} bytes, too few for the {parameters} parameters of this network",
        path.display()
    ))
    .with_hint("the configuration differs from the one that made the file, or the file is cut off"))
}

/// Replaces the weights of `module` by those of the file at `path`.
///
/// # Errors
/// A file that is not safetensors, lacks a parameter, has one too many, one of another shape,
/// or values that are not finite.
pub fn load<M: Module>(module: M, path: &Path) -> Result<M> {
    let bytes = tensors::read(path)?;
    let file = tensors::parse(&bytes, path)?;
    let mut loader = Loader {
        file: &file,
        origin: path.display().to_string(),
        path: ParameterPath::default(),
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
    path: ParameterPath,
    tensors: Vec<NamedTensor>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let bytes = little_endian(tensor);
        self.tensors.push((self.path.name(), shape, bytes));
    }
}

struct Loader<'a> {
    file: &'a SafeTensors<'a>,
    origin: String,
    path: ParameterPath,
    loaded: usize,
    error: Option<Error>,
}

impl Loader<'_> {
    fn values(&self, expected: &[usize]) -> Result<Vec<f32>> {
        values_of_shape(self.file, &self.path.name(), &self.origin, expected)
    }
}

/// As [`tensor_values`], of a tensor that must have the shape `expected`.
pub(crate) fn values_of_shape(
    file: &SafeTensors,
    name: &str,
    origin: &str,
    expected: &[usize],
) -> Result<Vec<f32>> {
    let (shape, values) = tensor_values(file, name, origin)?;
    if shape != expected {
        return Err(Error::model(format!(
            "{origin}: tensor `{name}` has shape {shape:?}, this network expects {expected:?}"
        ))
        .with_hint("the configuration differs from the one that made the file"));
    }
    Ok(values)
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
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
