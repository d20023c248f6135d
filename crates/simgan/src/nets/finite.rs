//! Numbers that are none are found before anything is updated with them, and named.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::nets::optimizer::squares::Squares;
use crate::nets::parameter_path::ParameterPath;
use simgan_base::{Error, Result};

/// The error for a `value` that is not finite: nothing may be updated with it.
pub(crate) fn not_finite(what: &str, value: f32) -> Error {
    Error::training(format!("{what} is {value}")).with_hint(
        "lower the learning rate or set training.gradient_clip; the last checkpoint is intact",
    )
}

/// Checks pixels, `what` they are in errors.
///
/// # Errors
/// One is not finite.
pub fn pixels(what: &str, values: &[f32]) -> Result<()> {
    match values.iter().find(|v| !v.is_finite()) {
        None => Ok(()),
        Some(&value) => Err(not_finite(&format!("a pixel of the {what}"), value)),
    }
}

/// Checks every weight of `network`, `what` it is in errors. One pass over each tensor.
///
/// # Errors
/// A weight is not finite: names its parameter.
pub fn weights<M: Module>(what: &str, network: &M) -> Result<()> {
    let mut sum = Squares::default();
    add_squares(network, &mut sum);
    if sum.total().is_finite() {
        return Ok(());
    }
    // On a device that sums in f32, large finite weights come here as well.
    match FirstOf::find(network, None) {
        None => Ok(()),
        Some((name, value)) => Err(not_finite(&format!("weight `{name}` of the {what}"), value)),
    }
}

/// The error for `gradients` of `network` whose norm is not finite: names the parameter, if it is that of one.
pub(super) fn gradient_error<M: Module>(
    network: &M,
    gradients: &GradientsParams,
    norm: f32,
) -> Error {
    match FirstOf::find(network, Some(gradients)) {
        None => not_finite("the gradient norm", norm),
        Some((name, value)) => not_finite(&format!("the gradient of `{name}`"), value),
    }
}

/// Adds the squares of all weights of `network` to `sum`.
pub(crate) fn add_squares<M: Module>(network: &M, sum: &mut Squares) {
    network.visit(&mut WeightSquares(sum));
}

struct WeightSquares<'a>(&'a mut Squares);

impl ModuleVisitor for WeightSquares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.add(param.val().inner());
    }
}

/// Looks for the first value that is not finite, of the weights or of their gradients.
struct FirstOf<'a> {
    gradients: Option<&'a GradientsParams>,
    path: ParameterPath,
    found: Option<(String, f32)>,
}

impl<'a> FirstOf<'a> {
    fn find<M: Module>(
        network: &M,
        gradients: Option<&'a GradientsParams>,
    ) -> Option<(String, f32)> {
        let mut visitor = Self {
            gradients,
            path: ParameterPath::default(),
            found: None,
        };
        network.visit(&mut visitor);
        visitor.found
    }
}

impl ModuleVisitor for FirstOf<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = match self.gradients {
            None => Some(param.val().inner()),
            Some(gradients) => gradients.get::<D>(param.id),
        };
        if let (None, Some(tensor)) = (&self.found, tensor) {
            let bad = tensor.into_data().iter::<f32>().find(|v| !v.is_finite());
            self.found = bad.map(|value| (self.path.name(), value));
        }
    }
}
