//! Tensors of the CPU backend as plain slices, so that kernels can work on their storage.

use burn::backend::flex::FlexTensor;
use burn::backend::{BackendTensor, DispatchTensor, DispatchTensorKind, Flex};
use burn::tensor::{DType, Tensor, TensorData};
use simgan_kernels::optimizer::Weights;

/// The storage of an f32 tensor on the CPU, without gaps; any other tensor comes back as it was.
#[expect(clippy::result_large_err, reason = "the other case, not an error")]
pub(super) fn storage<const D: usize>(tensor: Tensor<D>) -> Result<FlexTensor, Tensor<D>> {
    let DispatchTensor { kind, autodiff } = tensor.into_dispatch();
    match kind {
        DispatchTensorKind::Flex(BackendTensor::Float(flex)) if flex.dtype() == DType::F32 => {
            Ok(without_gaps(flex))
        }
        kind => Err(Tensor::from_dispatch(DispatchTensor { kind, autodiff })),
    }
}

/// The tensor with this storage.
pub(super) fn tensor<const D: usize>(storage: FlexTensor) -> Tensor<D> {
    Tensor::from_primitive::<Flex>(storage)
}

/// Updates `weights` in place where nobody shares them, else into new storage.
pub(super) fn updated(weights: FlexTensor, update: impl FnOnce(Weights)) -> FlexTensor {
    let mut weights = weights;
    if weights.is_unique() {
        update(Weights::InPlace(weights.storage_mut()));
        return weights;
    }
    let mut values = Vec::new();
    update(Weights::Copied {
        from: weights.storage(),
        to: &mut values,
    });
    let shape = weights.layout().shape().clone();
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// A tensor whose storage is its values in order: a transposed view, say, is copied.
fn without_gaps(tensor: FlexTensor) -> FlexTensor {
    let layout = tensor.layout();
    let whole = tensor.storage::<f32>().len() == layout.num_elements();
    match whole && layout.is_contiguous() {
        true => tensor,
        false => tensor.to_contiguous(),
    }
}
