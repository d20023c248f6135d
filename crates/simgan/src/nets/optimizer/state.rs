//! What an optimizer keeps from step to step, and its file.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use crate::nets::finite::not_finite;
use crate::nets::optimizer::rule::Rule;
use crate::nets::optimizer::squares::Squares;
use crate::nets::parameter_path::ParameterPath;
use crate::nets::weights;
use crate::nets::weights::NamedTensor;
use simgan_base::files::disk;
use simgan_base::formats::tensors;
use simgan_base::{Error, Result};

/// Key of [`Header`] in a file's metadata.
const HEADER: &str = "optimizer";

/// Moments of every parameter, by its name, and their age.
#[derive(Clone, Debug, Default)]
pub(super) struct OptimizerState {
    /// Steps done.
    pub(super) steps: u64,
    /// Moments of each parameter.
    pub(super) moments: BTreeMap<String, Moments>,
}

/// Moments of one parameter, in the order of [`Rule::moments`].
#[derive(Clone, Debug)]
pub(super) struct Moments {
    /// The parameter's shape.
    shape: Vec<usize>,
    /// Values, flat.
    pub(super) values: Vec<Tensor<1>>,
}

/// What a file says besides the moments. One entry, because a file's bytes shall not depend on the order of several.
#[derive(Serialize, Deserialize)]
struct Header {
    kind: String,
    steps: u64,
}

impl Moments {
    /// Zeros for `weights`.
    pub(super) fn new<const D: usize>(rule: Rule, weights: &Tensor<D>) -> Self {
        let shape = weights.dims().to_vec();
        let length: usize = shape.iter().product();
        let zeros = |_: &&str| Tensor::zeros([length], &weights.device());
        Self {
            values: rule.moments().iter().map(zeros).collect(),
            shape,
        }
    }
}

impl OptimizerState {
    /// Adds the squares of all moments to `sum`.
    pub(super) fn add_squares(&self, sum: &mut Squares) {
        for values in self.moments.values().flat_map(|moments| &moments.values) {
            sum.add(values.clone());
        }
    }

    /// Checks every moment; `what` the network is in errors.
    pub(super) fn require_finite(&self, rule: Rule, what: &str) -> Result<()> {
        let mut sum = Squares::default();
        self.add_squares(&mut sum);
        if sum.total().is_finite() {
            return Ok(());
        }
        for (parameter, moments) in &self.moments {
            for (name, values) in rule.moments().iter().zip(&moments.values) {
                let values = values.clone().into_data();
                if let Some(value) = values.iter::<f32>().find(|v| !v.is_finite()) {
                    let name = format!("moment `{parameter}.{name}` of the {what}");
                    return Err(not_finite(&name, value));
                }
            }
        }
        Ok(())
    }

    /// Writes a safetensors file with one tensor a moment, `PARAMETER.MOMENT`.
    pub(super) fn save(&self, rule: Rule, path: &Path) -> Result<()> {
        let header = Header {
            kind: rule.name().to_owned(),
            steps: self.steps,
        };
        let header = serde_json::to_string(&header)
            .map_err(|e| Error::model(format!("optimizer state cannot be written: {e}")))?;
        let metadata = HashMap::from([(HEADER.to_owned(), header)]);
        let mut tensors: Vec<NamedTensor> = Vec::new();
        for (parameter, moments) in &self.moments {
            for (name, values) in rule.moments().iter().zip(&moments.values) {
                let bytes = weights::little_endian(values.clone());
                tensors.push((format!("{parameter}.{name}"), moments.shape.clone(), bytes));
            }
        }
        disk::write(path, weights::serialize(&tensors, metadata)?)
    }

    /// Reads the file at `path`, which must fit `rule` and every parameter of `network`.
    pub(super) fn load<M: Module>(rule: Rule, network: &M, path: &Path) -> Result<Self> {
        let bytes = tensors::read(path)?;
        let file = tensors::parse(&bytes, path)?;
        let header = header(&bytes, path)?;
        if header.kind != rule.name() {
            return Err(unfit(
                path,
                &format!("{}, not of {}", header.kind, rule.name()),
            ));
        }
        let mut loader = Loader {
            rule,
            file: &file,
            origin: path.display().to_string(),
            path: ParameterPath::default(),
            moments: BTreeMap::new(),
            error: None,
        };
        if header.steps > 0 {
            network.visit(&mut loader);
        }
        if let Some(error) = loader.error {
            return Err(error);
        }
        let loaded = loader.moments.len() * rule.moments().len();
        if loaded != file.len() {
            let what = format!("{} moments, this network has {loaded}", file.len());
            return Err(unfit(path, &what));
        }
        Ok(Self {
            steps: header.steps,
            moments: loader.moments,
        })
    }
}

fn unfit(path: &Path, what: &str) -> Error {
    Error::model(format!("{} holds the state of {what}", path.display()))
        .with_hint("resume with the run's own configuration")
}

fn header(bytes: &[u8], path: &Path) -> Result<Header> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| tensors::damaged(path, e))?;
    let text = metadata
        .metadata()
        .as_ref()
        .and_then(|entries| entries.get(HEADER));
    text.and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| {
            Error::model(format!(
                "{} is not the state of an optimizer",
                path.display()
            ))
            .with_hint("the file is damaged or of another kind; use an older checkpoint")
        })
}

/// Reads what a file says besides its moments.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn check_header(bytes: &[u8], path: &Path) -> Result<()> {
    header(bytes, path).map(|_| ())
}

/// Takes every parameter's moments out of a file.
struct Loader<'a> {
    rule: Rule,
    file: &'a SafeTensors<'a>,
    origin: String,
    path: ParameterPath,
    moments: BTreeMap<String, Moments>,
    error: Option<Error>,
}

impl Loader<'_> {
    fn moments(&self, shape: &[usize], device: &Device) -> Result<Moments> {
        let read = |moment: &&str| {
            let name = format!("{}.{moment}", self.path.name());
            let values = weights::values_of_shape(self.file, &name, &self.origin, shape)?;
            let length = [values.len()];
            Ok(Tensor::from_data(TensorData::new(values, length), device))
        };
        Ok(Moments {
            shape: shape.to_vec(),
            values: self
                .rule
                .moments()
                .iter()
                .map(read)
                .collect::<Result<_>>()?,
        })
    }
}

impl ModuleVisitor for Loader<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weights = param.val();
        // What is not trained (the vectors of spectral normalization) has no moments.
        if !weights.is_require_grad() {
            return;
        }
        match self.moments(&weights.dims(), &weights.device().inner()) {
            Ok(moments) => {
                self.moments.insert(self.path.name(), moments);
            }
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }
}
