//! What is computed on both, and how close it has to be.

use std::sync::{Mutex, PoisonError};

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use simgan_base::random::{Stream, generator};
use simgan_kernels::ops::{Precision, compute_in, is_cpu};

/// Bound of the difference of one tensor, as part of its largest magnitude: sums of some thousand `f32` products, taken in
/// another order.
pub const F32: f32 = 1e-4;
/// The same where layers compute in `f16`: its rounding is 5e-4, and a net is a few layers deep.
const F16: f32 = 2e-2;
/// The same in `bf16`, whose rounding is 4e-3.
const BF16: f32 = 1e-1;
/// The precisions below `f32`, with their bounds.
pub const LOWER: [(Precision, f32); 2] = [(Precision::F16, F16), (Precision::Bf16, BF16)];

/// Tensors by their names.
pub type Found = Vec<(&'static str, Vec<f32>)>;

/// The device beside the CPU; `None`, with a message, if there is none.
pub fn device() -> Option<Device> {
    let device = Device::default();
    if is_cpu(&device) {
        println!("skipped: this build has no device but the CPU (cargo features, BURN_DEVICE)");
        return None;
    }
    Some(device)
}

/// Runs `compute` with autodiff on the CPU and on the device, and compares what it returns, tensor by tensor.
pub fn compare(tolerance: f32, compute: impl Fn(&Device) -> Found) {
    compare_in(Precision::F32, tolerance, compute);
}

/// As [`compare`], where layers of the device compute in `precision`; skipped, with a message, if it has none of it.
pub fn compare_in(precision: Precision, tolerance: f32, compute: impl Fn(&Device) -> Found) {
    let Some(device) = device() else { return };
    if !device.supports_dtype(precision.dtype()) {
        println!("skipped: {device:?} does not compute in {precision}");
        return;
    }
    let expected = compute(&Device::flex().autodiff());
    let found = {
        // The precision is the process's, and tests run side by side.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        compute_in(precision);
        compute(&device.autodiff())
    };
    assert_eq!(expected.len(), found.len());
    for ((name, expected), (_, found)) in expected.iter().zip(&found) {
        assert_close(name, found, expected, tolerance);
    }
}

fn assert_close(name: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{name}: sizes");
    let scale = expected.iter().fold(1e-6f32, |most, v| most.max(v.abs()));
    let pairs = found.iter().zip(expected);
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let all_numbers = found.iter().all(|v| v.is_finite());
    assert!(
        all_numbers && worst <= tolerance * scale,
        "{name}: off by {worst:e} of {scale:e}"
    );
    println!("{name}: off by {:.1e} of its largest value", worst / scale);
}

/// A tensor of numbers in [-1, 1), the same ones everywhere.
pub fn random<const D: usize>(seed: u64, shape: [usize; D], device: &Device) -> Tensor<D> {
    let mut rng = generator(seed, Stream::RefinerWeights);
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| rng.random_range(-1.0..1.0))
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// As [`random`], with a gradient.
pub fn leaf<const D: usize>(seed: u64, shape: [usize; D], device: &Device) -> Tensor<D> {
    random(seed, shape, device).require_grad()
}

/// The values of a tensor in order.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// A sum of `y` with weights that differ, so that every value has its own gradient.
pub fn weighed<const D: usize>(y: Tensor<D>) -> Tensor<1> {
    let weights = random(99, y.dims(), &y.device());
    (y * weights).mean()
}
