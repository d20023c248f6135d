//! Images of the Flex backend as NHWC slices, and back.

use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{DType, Shape};
use rayon::prelude::*;

use crate::memory::Values;
use crate::simd::{Isa, Kernel, Simd};

/// An image tensor whose memory is dense NHWC.
#[derive(Clone, Debug)]
pub struct Nhwc {
    tensor: FlexTensor,
    /// Shape `[batch, height, width, channels]`.
    pub dims: [usize; 4],
}

/// Strides of a dense NHWC buffer for the dimensions `[batch, channels, height, width]`.
fn strides([_, height, width, channels]: [usize; 4]) -> [isize; 4] {
    [
        (height * width * channels) as isize,
        1,
        (width * channels) as isize,
        channels as isize,
    ]
}

impl Nhwc {
    /// Views a tensor `[batch, channels, height, width]` of `f32`; copies unless it is dense NHWC already.
    pub fn new(tensor: FlexTensor) -> Self {
        assert_eq!(tensor.dtype(), DType::F32, "the kernels compute in f32");
        let shape = tensor.layout().shape();
        let dims = [shape[0], shape[2], shape[3], shape[1]];
        let expected = strides(dims);
        let is_nhwc =
            (0..4).all(|dim| shape[dim] == 1 || tensor.layout().strides()[dim] == expected[dim]);
        if is_nhwc {
            return Self { tensor, dims };
        }
        Self::from_values(Values::copied(&copied(&tensor, dims)), dims)
    }

    /// Wraps NHWC values.
    pub fn from_values(values: Values, dims: [usize; 4]) -> Self {
        let [batch, height, width, channels] = dims;
        debug_assert_eq!(values.len(), batch * height * width * channels);
        let shape = Shape::new([batch, channels, height, width]);
        let layout = Layout::new(shape, strides(dims).to_vec(), 0);
        Self {
            tensor: FlexTensor::new(values.into_bytes(), layout, DType::F32),
            dims,
        }
    }

    /// The tensor.
    pub fn into_tensor(self) -> FlexTensor {
        self.tensor
    }

    /// The values.
    pub fn values(&self) -> &[f32] {
        let start = self.tensor.layout().start_offset();
        &self.tensor.storage()[start..start + self.dims.iter().product::<usize>()]
    }

    /// Sets to 0 what belongs to an `output` that is not positive: the gradient of a ReLU. In place if
    /// nobody else uses the memory.
    pub fn masked(mut self, output: &Self) -> Self {
        let (start, len) = (self.tensor.layout().start_offset(), output.values().len());
        if let Some(storage) = self.tensor.try_storage_mut::<f32>() {
            mask(&mut storage[start..start + len], output.values());
            return self;
        }
        let mut values = Values::copied(self.values());
        mask(&mut values, output.values());
        Self::from_values(values, self.dims)
    }
}

/// Elements of a parallel task of a pass over memory.
const TASK: usize = 1 << 16;

fn mask(gradient: &mut [f32], output: &[f32]) {
    let isa = Isa::current();
    gradient
        .par_chunks_mut(TASK)
        .zip(output.par_chunks(TASK))
        .for_each(|(gradient, output)| {
            isa.run(Mask { gradient, output });
        });
}

struct Mask<'a> {
    gradient: &'a mut [f32],
    output: &'a [f32],
}

impl Kernel for Mask<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for (gradient, &output) in self.gradient.iter_mut().zip(self.output) {
            *gradient = if output > 0.0 { *gradient } else { 0.0 };
        }
    }
}

/// The values of a tensor of any strides, in NHWC order.
fn copied(tensor: &FlexTensor, [batch, height, width, channels]: [usize; 4]) -> Vec<f32> {
    let storage: &[f32] = tensor.storage();
    let start = tensor.layout().start_offset() as isize;
    let s = tensor.layout().strides();
    let mut values = Vec::with_capacity(batch * height * width * channels);
    for n in 0..batch as isize {
        for y in 0..height as isize {
            for x in 0..width as isize {
                let pixel = start + n * s[0] + y * s[2] + x * s[3];
                let channel = |c: isize| storage[(pixel + c * s[1]) as usize];
                values.extend((0..channels as isize).map(channel));
            }
        }
    }
    values
}

/// The values of a dense row-major tensor; copies if it is not one.
pub fn row_major(tensor: FlexTensor) -> FlexTensor {
    assert_eq!(tensor.dtype(), DType::F32, "the kernels compute in f32");
    match tensor.layout().contiguous_offsets() {
        Some(_) => tensor,
        None => tensor.to_contiguous(),
    }
}

/// The values of a tensor that [`row_major`] returned.
pub fn values(tensor: &FlexTensor) -> &[f32] {
    let (start, end) = tensor
        .layout()
        .contiguous_offsets()
        .expect("only called with row-major tensors");
    &tensor.storage()[start..end]
}

/// A row-major tensor.
pub fn tensor<const D: usize>(values: Values, dims: [usize; D]) -> FlexTensor {
    let layout = Layout::contiguous(Shape::new(dims));
    FlexTensor::new(values.into_bytes(), layout, DType::F32)
}
