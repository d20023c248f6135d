//! The Burn operations: results and gradients against Burn's own operations and finite differences.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, Gradients, Tensor, TensorData, activation};
use simgan_kernels::ops::{
    Conv2dOptions, MaxPool2dOptions, ResidualParameters, are_used_on, conv2d, linear, max_pool2d,
    residual_block, upsample_add,
};

fn device() -> Device {
    Device::flex().autodiff()
}

/// Values in [-1, 1], none of them near 0, so that a ReLU's input does not change sign by rounding.
fn tensor<const D: usize>(shape: [usize; D], seed: u32) -> Tensor<D> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect();
    Tensor::from_data(TensorData::new(values, shape), &device()).require_grad()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn assert_close<const D: usize>(name: &str, actual: Tensor<D>, expected: Tensor<D>) {
    assert_eq!(actual.dims(), expected.dims(), "{name}");
    let (actual, expected) = (values(actual), values(expected));
    let largest = expected.iter().fold(1e-3f32, |m, x| m.max(x.abs()));
    for (a, e) in actual.iter().zip(&expected) {
        assert!(
            (a - e).abs() <= 1e-4 * largest,
            "{name}: {a} instead of {e}"
        );
    }
}

/// A scalar that depends on every element in another way.
fn loss<const D: usize>(y: Tensor<D>) -> Tensor<1> {
    let weights = tensor(y.dims(), 99).inner();
    (y * Tensor::from_inner(weights)).sum()
}

fn gradient<const D: usize>(gradients: &Gradients, x: &Tensor<D>) -> Tensor<D> {
    x.grad(gradients).unwrap()
}

fn burn_conv2d(x: Tensor<4>, w: Tensor<4>, b: Tensor<1>, options: Conv2dOptions) -> Tensor<4> {
    let convolution =
        burn::tensor::ops::ConvOptions::new([options.stride; 2], [options.padding; 2], [1, 1], 1);
    let y = burn::tensor::module::conv2d(x, w, Some(b), convolution);
    if options.relu { activation::relu(y) } else { y }
}

#[test]
fn the_kernels_are_used_on_the_cpu() {
    assert!(are_used_on(&device()));
    assert!(are_used_on(&Device::flex()));
}

#[test]
fn conv2d_is_burns() {
    for (inputs, outputs, kernel, stride, padding, relu) in [
        (16, 16, 3, 1, 1, false),
        (17, 20, 3, 1, 0, false),
        (3, 8, 3, 2, 1, false),
        (16, 24, 7, 1, 3, false),
        (4, 5, 5, 2, 2, false),
        (6, 2, 1, 1, 0, false),
        (16, 16, 3, 1, 1, true),
        (1, 8, 3, 2, 1, true),
    ] {
        let options = Conv2dOptions {
            stride,
            padding,
            relu,
        };
        let x = tensor([2, inputs, 9, 12], 1);
        let w = tensor([outputs, inputs, kernel, kernel], 2);
        let b = tensor([outputs], 3);
        let y = conv2d(x.clone(), w.clone(), b.clone(), options);
        let expected = burn_conv2d(x.clone(), w.clone(), b.clone(), options);
        assert_close("output", y.clone(), expected.clone());
        let (actual, expected) = (loss(y).backward(), loss(expected).backward());
        assert_close("dx", gradient(&actual, &x), gradient(&expected, &x));
        assert_close("dw", gradient(&actual, &w), gradient(&expected, &w));
        assert_close("db", gradient(&actual, &b), gradient(&expected, &b));
    }
}

fn parameters(maps: usize, kernel: usize) -> [(Tensor<4>, Tensor<1>); 2] {
    [4, 6].map(|seed| {
        let w = tensor([maps, maps, kernel, kernel], seed) * 0.1;
        let b = tensor([maps], seed + 1);
        (w.detach().require_grad(), b)
    })
}

#[test]
fn residual_block_is_burns() {
    for (maps, kernel) in [(16, 3), (20, 3), (16, 7), (4, 5)] {
        let [(w1, b1), (w2, b2)] = parameters(maps, kernel);
        let x = tensor([2, maps, 10, 11], 1);
        let y = residual_block(
            x.clone(),
            ResidualParameters {
                weight_1: w1.clone(),
                bias_1: b1.clone(),
                weight_2: w2.clone(),
                bias_2: b2.clone(),
            },
        );
        let options = Conv2dOptions {
            stride: 1,
            padding: kernel / 2,
            relu: false,
        };
        let hidden = activation::relu(burn_conv2d(x.clone(), w1.clone(), b1.clone(), options));
        let sum = burn_conv2d(hidden, w2.clone(), b2.clone(), options) + x.clone();
        let expected = activation::relu(sum);
        assert_close("output", y.clone(), expected.clone());
        let (actual, expected) = (loss(y).backward(), loss(expected).backward());
        assert_close("dx", gradient(&actual, &x), gradient(&expected, &x));
        for (w, b) in [(w1, b1), (w2, b2)] {
            assert_close("dw", gradient(&actual, &w), gradient(&expected, &w));
            assert_close("db", gradient(&actual, &b), gradient(&expected, &b));
        }
    }
}

#[test]
fn max_pool2d_is_burns() {
    for (kernel, stride, padding) in [(3, 1, 1), (3, 2, 0), (2, 2, 0), (3, 2, 1)] {
        let x = tensor([2, 5, 9, 12], 1);
        let options = MaxPool2dOptions {
            kernel,
            stride,
            padding,
        };
        let window = burn::tensor::ops::MaxPoolOptions::new([kernel; 2])
            .with_stride([stride; 2])
            .with_padding_pairs([(padding, padding); 2]);
        let expected = burn::tensor::module::max_pool2d(x.clone(), window);
        let y = max_pool2d(x.clone(), options);
        assert_close("output", y.clone(), expected.clone());
        let (actual, expected) = (loss(y).backward(), loss(expected).backward());
        assert_close("dx", gradient(&actual, &x), gradient(&expected, &x));
    }
}

#[test]
fn upsample_add_is_burns() {
    use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
    for (height, width) in [(8, 6), (7, 5), (1, 2)] {
        let skip = tensor([2, 5, height, width], 1);
        let [rows, columns] = [height, width].map(|side: usize| side.div_ceil(2));
        let low = tensor([2, 5, rows, columns], 2);
        let nearest = InterpolateOptions::new(InterpolateMode::Nearest)
            .with_output_size([2 * rows, 2 * columns]);
        let doubled = burn::tensor::module::interpolate(low.clone(), nearest);
        let cut = doubled.slice_dim(2, 0..height).slice_dim(3, 0..width);
        let expected = cut + skip.clone();
        let y = upsample_add(low.clone(), skip.clone());
        assert_close("output", y.clone(), expected.clone());
        let (actual, expected) = (loss(y).backward(), loss(expected).backward());
        assert_close("dlow", gradient(&actual, &low), gradient(&expected, &low));
        assert_close(
            "dskip",
            gradient(&actual, &skip),
            gradient(&expected, &skip),
        );
    }
}

#[test]
fn linear_is_burns() {
    for (batch, inputs, outputs) in [(1, 3, 2), (33, 70, 65), (8, 64, 100)] {
        let (x, w) = (tensor([batch, inputs], 1), tensor([inputs, outputs], 2));
        let b = tensor([outputs], 3);
        let expected = activation::relu(x.clone().matmul(w.clone()) + b.clone().unsqueeze());
        let y = linear(x.clone(), w.clone(), b.clone(), true);
        assert_close("output", y.clone(), expected.clone());
        let (actual, expected) = (loss(y).backward(), loss(expected).backward());
        assert_close("dx", gradient(&actual, &x), gradient(&expected, &x));
        assert_close("dw", gradient(&actual, &w), gradient(&expected, &w));
        assert_close("db", gradient(&actual, &b), gradient(&expected, &b));
    }
}

/// An input that Burn has transposed or sliced is read through its strides.
#[test]
fn strided_inputs_are_understood() {
    let options = Conv2dOptions {
        stride: 1,
        padding: 1,
        relu: false,
    };
    let x = tensor([3, 16, 8, 7], 1);
    let (w, b) = (tensor([16, 16, 3, 3], 2), tensor([16], 3));
    let views = [
        x.clone().swap_dims(2, 3),
        x.clone().slice([1..3, 0..16, 2..8, 1..6]),
        conv2d(x.clone(), w.clone(), b.clone(), options).slice([1..2, 0..16, 0..8, 0..7]),
    ];
    for view in views {
        let expected = burn_conv2d(view.clone(), w.clone(), b.clone(), options);
        assert_close(
            "output",
            conv2d(view, w.clone(), b.clone(), options),
            expected,
        );
    }
}

/// Frozen parameters get no gradient, and inputs behind them still do.
#[test]
fn frozen_parameters_pass_gradients_on() {
    let x = tensor([1, 16, 6, 6], 1);
    let (w, b) = (
        tensor([16, 16, 3, 3], 2).set_require_grad(false),
        tensor([16], 3).set_require_grad(false),
    );
    let options = Conv2dOptions {
        stride: 1,
        padding: 1,
        relu: true,
    };
    let gradients = loss(conv2d(x.clone(), w.clone(), b, options)).backward();
    assert!(x.grad(&gradients).is_some());
    assert!(w.grad(&gradients).is_none());
}

/// Central differences of a loss of every operation in a row.
#[test]
fn gradients_are_finite_differences() {
    let x = tensor([2, 16, 9, 8], 1);
    let [(w1, b1), (w2, b2)] = parameters(16, 3);
    let (w3, b3) = (tensor([8, 16, 3, 3], 20), tensor([8], 21));
    let (w4, b4) = (tensor([8 * 4 * 3, 5], 22), tensor([5], 23));
    // The square makes the loss curved; without ReLU kinks only where signs change, which small steps avoid.
    let forward = |x: Tensor<4>, w1: Tensor<4>, w3: Tensor<4>, w4: Tensor<2>| {
        let block = ResidualParameters {
            weight_1: w1,
            bias_1: b1.clone(),
            weight_2: w2.clone(),
            bias_2: b2.clone(),
        };
        let options = Conv2dOptions {
            stride: 2,
            padding: 1,
            relu: false,
        };
        let y = conv2d(residual_block(x, block), w3, b3.clone(), options);
        let pool = MaxPool2dOptions {
            kernel: 2,
            stride: 1,
            padding: 0,
        };
        let y: Tensor<2> = max_pool2d(y, pool).flatten(1, 3);
        linear(y, w4, b4.clone(), false).square()
    };
    let gradients = loss(forward(x.clone(), w1.clone(), w3.clone(), w4.clone())).backward();
    let value = |x: Tensor<4>, w1: Tensor<4>, w3: Tensor<4>, w4: Tensor<2>| {
        // Summed in double precision: the differences are small.
        let y = forward(x, w1, w3, w4);
        let weights = values(tensor(y.dims(), 99));
        let terms = values(y).into_iter().zip(weights);
        terms.map(|(y, w)| f64::from(y) * f64::from(w)).sum::<f64>()
    };
    let step = 1e-2;
    let slope = |up: f64, down: f64| (up - down) / (2.0 * f64::from(step));
    let check = |name: &str, numeric: f64, analytic: f32| {
        let difference = (numeric - f64::from(analytic)).abs();
        let bound = 5e-3 * numeric.abs();
        assert!(difference <= bound, "{name}: {numeric} and {analytic}");
    };
    // Along the gradient itself, where the slope is its length and stands out from rounding.
    let (d, length) = direction(gradient(&gradients, &x));
    let at = |s: f32| {
        value(
            x.clone() + d.clone() * s,
            w1.clone(),
            w3.clone(),
            w4.clone(),
        )
    };
    check("x", slope(at(step), at(-step)), length);

    let (d, length) = direction(gradient(&gradients, &w1));
    let at = |s: f32| {
        value(
            x.clone(),
            w1.clone() + d.clone() * s,
            w3.clone(),
            w4.clone(),
        )
    };
    check("w1", slope(at(step), at(-step)), length);

    let (d, length) = direction(gradient(&gradients, &w3));
    let at = |s: f32| {
        value(
            x.clone(),
            w1.clone(),
            w3.clone() + d.clone() * s,
            w4.clone(),
        )
    };
    check("w3", slope(at(step), at(-step)), length);

    let (d, length) = direction(gradient(&gradients, &w4));
    let at = |s: f32| {
        value(
            x.clone(),
            w1.clone(),
            w3.clone(),
            w4.clone() + d.clone() * s,
        )
    };
    check("w4", slope(at(step), at(-step)), length);
}

/// A gradient scaled to length 1, and its length.
fn direction<const D: usize>(gradient: Tensor<D>) -> (Tensor<D>, f32) {
    let length: f32 = gradient.clone().square().sum().sqrt().into_scalar();
    (Tensor::from_inner(gradient / length), length)
}
