//! Layers: results, and gradients of inputs and parameters.

use burn::tensor::{Device, Tensor};
use simgan_kernels::ops::{
    Conv2dOptions, MaxPool2dOptions, Precision, ResidualParameters, conv2d, linear, max_pool2d,
    residual_block,
};

use crate::support::*;

/// `y` and the gradients of a sum over it.
fn with_gradients<const D: usize>(y: Tensor<D>, leaves: [(&'static str, Leaf); 3]) -> Found {
    let gradients = weighed(y.clone()).backward();
    let mut found = vec![("result", values(y))];
    found.extend(leaves.map(|(name, leaf)| match leaf {
        Leaf::Map(leaf) => (name, values(leaf.grad(&gradients).unwrap())),
        Leaf::Matrix(leaf) => (name, values(leaf.grad(&gradients).unwrap())),
        Leaf::Vector(leaf) => (name, values(leaf.grad(&gradients).unwrap())),
    }));
    found
}

/// What a gradient is asked of.
enum Leaf {
    Map(Tensor<4>),
    Matrix(Tensor<2>),
    Vector(Tensor<1>),
}

fn convolution(maps: [usize; 2], kernel: usize, options: Conv2dOptions, device: &Device) -> Found {
    let x = leaf(1, [3, maps[0], 12, 15], device);
    let weight = leaf(2, [maps[1], maps[0], kernel, kernel], device);
    let bias = leaf(3, [maps[1]], device);
    let y = conv2d(x.clone(), weight.clone(), bias.clone(), options);
    let leaves = [
        ("gradient of x", Leaf::Map(x)),
        ("gradient of the weights", Leaf::Map(weight)),
        ("gradient of the bias", Leaf::Vector(bias)),
    ];
    with_gradients(y, leaves)
}

#[test]
fn convolutions() {
    // The paper's: refiners of eyes and hands, strides of the discriminator, patches, and no padding of the gaze network.
    for (maps, kernel, stride, padding) in [
        ([1, 8], 3, 1, 1),
        ([8, 8], 3, 1, 1),
        ([4, 4], 7, 1, 3),
        ([1, 8], 3, 2, 1),
        ([8, 2], 1, 1, 0),
        ([6, 8], 3, 1, 0),
    ] {
        for relu in [false, true] {
            let options = Conv2dOptions {
                stride,
                padding,
                relu,
            };
            println!("{maps:?} {kernel}x{kernel} {options:?}");
            compare(F32, |device| convolution(maps, kernel, options, device));
        }
    }
}

fn block(device: &Device) -> Found {
    let x = leaf(1, [2, 8, 9, 11], device);
    let [weight_1, weight_2] = [2, 3].map(|seed| leaf(seed, [8, 8, 3, 3], device));
    let [bias_1, bias_2] = [4, 5].map(|seed| leaf(seed, [8], device));
    let y = residual_block(
        x.clone(),
        ResidualParameters {
            weight_1: weight_1.clone(),
            bias_1: bias_1.clone(),
            weight_2,
            bias_2,
        },
    );
    let leaves = [
        ("gradient of x", Leaf::Map(x)),
        ("gradient of the first weights", Leaf::Map(weight_1)),
        ("gradient of the first bias", Leaf::Vector(bias_1)),
    ];
    with_gradients(y, leaves)
}

#[test]
fn residual_blocks() {
    compare(F32, block);
}

#[test]
fn half_precision() {
    // A sum near 0 may be rounded to the other side of it, and the gradient of a ReLU then jumps: gradients are compared
    // without one, of blocks the results alone.
    let options = Conv2dOptions {
        stride: 1,
        padding: 1,
        relu: false,
    };
    for (precision, tolerance) in LOWER {
        println!("{precision}");
        compare_in(precision, tolerance, |device| {
            convolution([8, 8], 3, options, device)
        });
        compare_in(precision, tolerance, |device| {
            let mut found = block(device);
            found.truncate(1);
            found
        });
    }
}

#[test]
fn max_pooling() {
    for (kernel, stride, padding) in [(3, 1, 1), (3, 2, 0), (2, 2, 0)] {
        compare(F32, |device| {
            let x = leaf(1, [2, 5, 12, 14], device);
            let options = MaxPool2dOptions {
                kernel,
                stride,
                padding,
            };
            let y = max_pool2d(x.clone(), options);
            let gradients = weighed(y.clone()).backward();
            vec![
                ("result", values(y)),
                ("gradient of x", values(x.grad(&gradients).unwrap())),
            ]
        });
    }
}

#[test]
fn fully_connected_layers() {
    let precisions = [(Precision::F32, F32)].into_iter().chain(LOWER);
    for (precision, tolerance) in precisions {
        compare_in(precision, tolerance, |device| {
            let relu = precision == Precision::F32;
            let x = leaf(1, [7, 96], device);
            let weight = leaf(2, [96, 33], device);
            let bias = leaf(3, [33], device);
            let y = linear(x.clone(), weight.clone(), bias.clone(), relu);
            let leaves = [
                ("gradient of x", Leaf::Matrix(x)),
                ("gradient of the weights", Leaf::Matrix(weight)),
                ("gradient of the bias", Leaf::Vector(bias)),
            ];
            with_gradients(y, leaves)
        });
    }
}
