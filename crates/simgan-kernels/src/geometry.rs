//! Shape of a convolution.

/// A two-dimensional convolution of square kernel, stride and padding, one group, no dilation.
///
/// Images are `[batch, height, width, channels]` in memory (NHWC), weights `[out, in, kernel, kernel]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Images.
    pub batch: usize,
    /// Height of the input.
    pub height: usize,
    /// Width of the input.
    pub width: usize,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Stride, at least 1.
    pub stride: usize,
    /// Zeros around the input, less than `kernel`.
    pub padding: usize,
}

impl Geometry {
    /// Height of the output.
    pub fn out_height(&self) -> usize {
        self.out_side(self.height)
    }

    /// Width of the output.
    pub fn out_width(&self) -> usize {
        self.out_side(self.width)
    }

    fn out_side(&self, side: usize) -> usize {
        (side + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// Elements of the input.
    pub fn input_len(&self) -> usize {
        self.batch * self.height * self.width * self.inputs
    }

    /// Elements of the output.
    pub fn output_len(&self) -> usize {
        self.batch * self.out_height() * self.out_width() * self.outputs
    }

    /// Elements of the weights.
    pub fn weight_len(&self) -> usize {
        self.outputs * self.inputs * self.kernel * self.kernel
    }

    /// Multiplications and additions of one direct pass over the data (forward, data gradient or weight gradient).
    pub fn operations(&self) -> f64 {
        2.0 * self.output_len() as f64 * (self.inputs * self.kernel * self.kernel) as f64
    }

    /// Whether there is anything to compute and the padding is less than the kernel.
    pub fn is_valid(&self) -> bool {
        let sides = [
            self.batch,
            self.inputs,
            self.outputs,
            self.kernel,
            self.stride,
        ];
        !sides.contains(&0)
            && self.padding < self.kernel
            && self.height.min(self.width) >= 1
            && self.height.min(self.width) + 2 * self.padding >= self.kernel
    }

    /// The convolution that computes the data gradient of one of stride 1: it maps the output's
    /// gradient to the input's.
    pub fn transposed(&self) -> Self {
        Self {
            height: self.out_height(),
            width: self.out_width(),
            inputs: self.outputs,
            outputs: self.inputs,
            padding: self.kernel - 1 - self.padding,
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_swaps_input_and_output() {
        for (kernel, padding) in [(3, 1), (3, 0), (7, 3), (5, 0), (1, 0)] {
            let conv = Geometry {
                batch: 2,
                height: 9,
                width: 11,
                inputs: 3,
                outputs: 4,
                kernel,
                stride: 1,
                padding,
            };
            let back = conv.transposed();
            assert_eq!((back.out_height(), back.out_width()), (9, 11));
            assert_eq!(back.transposed(), conv);
        }
    }
}
