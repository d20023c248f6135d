//! Spectral normalization (Miyato et al., ICLR 2018, [arXiv 1802.05957](https://arxiv.org/abs/1802.05957)): every
//! layer of D works with `W / sigma(W)`, its weights divided by their largest singular value, so that no layer
//! stretches a difference of its inputs (seen as `[outputs, inputs * kernel * kernel]`) by more than 1.
//!
//! `sigma = u' W v` with unit vectors u and v found by power iteration. Only u is state: one iteration before each
//! update of D follows the weights, and `v = W'u / |W'u|` is computed when it is needed. Gradients flow
//! through W in both places, u and v are constants.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use rand::{Rng, RngExt};

/// Power iterations at the start; from then on one each update.
const FIRST_ITERATIONS: usize = 20;
/// Against a division by 0.
const TINY: f32 = 1e-12;

/// The left singular vectors of all layers of a network, part of its weights file.
#[derive(Module, Debug)]
pub struct SpectralNorm {
    u: Vec<Param<Tensor<1>>>,
}

impl SpectralNorm {
    /// Vectors for the weights `matrices` (see [`matrix`]), drawn from `rng` and iterated until they fit.
    pub fn new(matrices: &[Tensor<2>], rng: &mut impl Rng) -> Self {
        let u = matrices.iter().enumerate().map(|(layer, matrix)| {
            let values: Vec<f32> = (0..matrix.dims()[0])
                .map(|_| rng.random_range(-1.0..1.0f32))
                .collect();
            let length = [values.len()];
            let u = Tensor::from_data(TensorData::new(values, length), &matrix.device());
            // Counted down, so that they meet no id of a trained parameter.
            Param::initialized(ParamId::from(u64::MAX - layer as u64), u)
        });
        let mut norm = Self { u: u.collect() };
        for _ in 0..FIRST_ITERATIONS {
            norm.iterate(matrices);
        }
        norm
    }

    /// One power iteration for the present weights.
    pub fn iterate(&mut self, matrices: &[Tensor<2>]) {
        for (u, matrix) in self.u.iter_mut().zip(matrices) {
            let matrix = constant(matrix.clone());
            *u = u.clone().map(|u| {
                let v = right_vector(&matrix, u);
                unit(matrix.matmul(v)).squeeze_dim::<1>(1)
            });
        }
    }

    /// u of every layer, in their order.
    pub fn vectors(&self) -> impl Iterator<Item = Tensor<1>> {
        self.u.iter().map(Param::val)
    }
}

/// Weights as a matrix: the first dimension against all others.
pub fn matrix<const D: usize>(weight: Tensor<D>) -> Tensor<2> {
    weight.flatten(1, D - 1)
}

/// `W / sigma(W)` with the left singular vector `u`; gradients flow to `weight` only.
///
/// # Shapes
/// - `weight`: any; `u`: `[first dimension of weight]`
pub fn normalized<const D: usize>(weight: Tensor<D>, u: Tensor<1>) -> Tensor<D> {
    let matrix = matrix(weight.clone());
    let u = constant(u);
    let v = right_vector(&constant(matrix.clone()), u.clone());
    let row = u.unsqueeze_dim::<2>(0);
    let sigma = row.matmul(matrix).matmul(v).clamp_min(TINY);
    weight / sigma.reshape([1; D])
}

/// v = W'u / |W'u| as a column.
fn right_vector(matrix: &Tensor<2>, u: Tensor<1>) -> Tensor<2> {
    unit(matrix.clone().transpose().matmul(u.unsqueeze_dim::<2>(1)))
}

fn unit(column: Tensor<2>) -> Tensor<2> {
    let length = column.clone().square().sum().sqrt().clamp_min(TINY);
    column / length.unsqueeze::<2>()
}

/// `x` outside of every graph.
fn constant<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.set_require_grad(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use simgan_base::random::{Stream, generator};

    /// Weights of the singular values 3 and 1: a rotation, a stretch, another rotation.
    fn stretch(device: &Device) -> Tensor<2> {
        let rotation = |angle: f32| {
            let (sin, cos) = angle.sin_cos();
            Tensor::<2>::from_floats([[cos, -sin], [sin, cos]], device)
        };
        let singular = Tensor::from_floats([[3.0, 0.0], [0.0, 1.0]], device);
        rotation(0.4).matmul(singular).matmul(rotation(1.1))
    }

    fn fitted(matrix: &Tensor<2>) -> SpectralNorm {
        let mut rng = generator(2, Stream::DiscriminatorWeights);
        SpectralNorm::new(std::slice::from_ref(matrix), &mut rng)
    }

    fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
        x.into_data().iter::<f32>().collect()
    }

    #[test]
    fn weights_are_divided_by_their_largest_singular_value() {
        let weight = stretch(&Device::default());
        let u = fitted(&weight).vectors().next().unwrap();
        let norm: f32 = u.clone().square().sum().into_scalar();
        assert!((norm - 1.0).abs() < 1e-5);
        let (before, after) = (values(weight.clone()), values(normalized(weight, u)));
        for (before, after) in before.iter().zip(after) {
            assert!((before / 3.0 - after).abs() < 1e-5);
        }
    }

    /// A random convolution: nothing comes out longer than it went in, and something almost as long.
    #[test]
    fn normalized_convolutions_do_not_stretch() {
        let mut rng = generator(7, Stream::DiscriminatorWeights);
        let drawn: Vec<f32> = (0..4 * 3 * 9)
            .map(|_| rng.random_range(-1.0..1.0))
            .collect();
        let weight =
            Tensor::<4>::from_data(TensorData::new(drawn, [4, 3, 3, 3]), &Device::default());
        let mut norm = fitted(&matrix(weight.clone()));
        for _ in 0..200 {
            norm.iterate(&[matrix(weight.clone())]);
        }
        let w = matrix(normalized(weight, norm.vectors().next().unwrap()));
        // The largest eigenvalue of W W' by repeated squaring of it.
        let mut gram = w.clone().matmul(w.transpose());
        for _ in 0..10 {
            gram = gram.clone().matmul(gram);
        }
        let trace: f32 = (0..4).map(|i| values(gram.clone())[5 * i]).sum();
        let sigma = trace.powf(1.0 / 2048.0);
        assert!((sigma - 1.0).abs() < 1e-3, "{sigma}");
    }

    /// For the sum of `c * W / sigma`, beside central differences with u and v held.
    #[test]
    fn gradient_flows_through_both_places_of_the_weights() {
        let device = Device::default().autodiff();
        let weight = stretch(&device).detach().require_grad();
        let u = fitted(&weight).vectors().next().unwrap();
        let c = Tensor::<2>::from_floats([[0.3, -0.8], [1.2, 0.5]], &device);
        let loss = (normalized(weight.clone(), u.clone()) * c.clone()).sum();
        let gradient = values(weight.grad(&loss.backward()).unwrap());
        let v = right_vector(&constant(weight.clone()), u.clone());
        let held = |w: Tensor<2>| -> f32 {
            let sigma = u
                .clone()
                .unsqueeze_dim::<2>(0)
                .matmul(w.clone())
                .matmul(v.clone());
            (w * c.clone()).sum().into_scalar::<f32>() / sigma.sum().into_scalar::<f32>()
        };
        for (i, gradient) in gradient.into_iter().enumerate() {
            let mut step = [0.0f32; 4];
            step[i] = 1e-2;
            let step = Tensor::<1>::from_floats(step, &device).reshape([2, 2]);
            let weight = constant(weight.clone());
            let slope = (held(weight.clone() + step.clone()) - held(weight - step)) / 2e-2;
            assert!((slope - gradient).abs() < 1e-3, "{i}: {slope} {gradient}");
        }
    }
}
