//! Every kernel against a naive double-precision reference, over random shapes, on every path.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use simgan_kernels::convolution::{self, After};
use simgan_kernels::geometry::Geometry;
use simgan_kernels::linear::{self, Linear};
use simgan_kernels::pool::{self, Pool};
use simgan_kernels::simd::{Path, set_path};

/// Largest error allowed, relative to the largest element.
const DIRECT: f64 = 2e-5;
const WINOGRAD: f64 = 1e-4;

/// Runs `test` on every path of this processor. Results do not depend on which path another test sets
/// meanwhile: every path has to be right.
fn on_every_path(test: impl Fn()) {
    for path in Path::ALL.into_iter().filter(|path| path.is_available()) {
        set_path(Some(path)).unwrap();
        test();
    }
    set_path(None).unwrap();
}

fn random(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

fn error(actual: &[f32], expected: &[f64]) -> f64 {
    error_among(actual, expected, expected)
}

/// Largest error relative to the largest element of `sums`: what is left after masks and ReLU may be small beside the sums
/// that it was rounded with.
fn error_among(actual: &[f32], expected: &[f64], sums: &[f64]) -> f64 {
    assert_eq!(actual.len(), expected.len());
    let largest = sums.iter().fold(1e-3f64, |m, x| m.max(x.abs()));
    let error = |(a, e): (&f32, &f64)| (f64::from(*a) - e).abs();
    actual.iter().zip(expected).map(error).fold(0.0, f64::max) / largest
}

/// Calls `visit(output, input, weight)` for the positions of every product of a convolution.
fn products(g: &Geometry, mut visit: impl FnMut(usize, usize, usize)) {
    for n in 0..g.batch {
        for oy in 0..g.out_height() {
            for ox in 0..g.out_width() {
                for k in 0..g.kernel * g.kernel {
                    let y = (oy * g.stride + k / g.kernel).wrapping_sub(g.padding);
                    let x = (ox * g.stride + k % g.kernel).wrapping_sub(g.padding);
                    if y >= g.height || x >= g.width {
                        continue;
                    }
                    let input = ((n * g.height + y) * g.width + x) * g.inputs;
                    let output = ((n * g.out_height() + oy) * g.out_width() + ox) * g.outputs;
                    for o in 0..g.outputs {
                        for i in 0..g.inputs {
                            let weight = (o * g.inputs + i) * g.kernel * g.kernel + k;
                            visit(output + o, input + i, weight);
                        }
                    }
                }
            }
        }
    }
}

fn relu_after(values: &mut [f64], channels: usize, bias: &[f32], residual: &[f32], mask: &[f32]) {
    for (i, value) in values.iter_mut().enumerate() {
        *value += f64::from(bias[i % channels]) + f64::from(residual[i]);
        *value = if mask[i] > 0.0 { value.max(0.0) } else { 0.0 };
    }
}

fn check_convolution(g: &Geometry, seed: u64) {
    let winograd = g.stride == 1 && g.inputs >= 16 && g.outputs >= 16;
    let limit = if winograd { WINOGRAD } else { DIRECT };
    let (x, w) = (
        random(g.input_len(), seed),
        random(g.weight_len(), seed + 1),
    );
    let dy = random(g.output_len(), seed + 2);
    let mut y = vec![0.0; g.output_len()];
    let mut dx = vec![0.0; g.input_len()];
    let mut dw = vec![0.0; g.weight_len()];
    products(g, |output, input, weight| {
        y[output] += f64::from(x[input]) * f64::from(w[weight]);
        dx[input] += f64::from(dy[output]) * f64::from(w[weight]);
        dw[weight] += f64::from(dy[output]) * f64::from(x[input]);
    });
    let mut db = vec![0.0; g.outputs];
    for (i, dy) in dy.iter().enumerate() {
        db[i % g.outputs] += f64::from(*dy);
    }
    // The epilogue, forwards and backwards.
    let (bias, back_bias) = (random(g.outputs, seed + 3), random(g.inputs, seed + 4));
    let (residual, mask) = (random(y.len(), seed + 5), random(y.len(), seed + 6));
    let (back_residual, back_mask) = (random(dx.len(), seed + 7), random(dx.len(), seed + 8));
    let (mut y_after, mut dx_after) = (y.clone(), dx.clone());
    relu_after(&mut y_after, g.outputs, &bias, &residual, &mask);
    relu_after(
        &mut dx_after,
        g.inputs,
        &back_bias,
        &back_residual,
        &back_mask,
    );

    on_every_path(|| {
        let plain = After::default();
        let close_among = |name: &str, actual: &[f32], expected: &[f64], sums: &[f64]| {
            let error = error_among(actual, expected, sums);
            assert!(error <= limit, "{name}: {error:e} for {g:?}");
        };
        let close = |name: &str, actual: &[f32], expected: &[f64]| {
            close_among(name, actual, expected, expected);
        };
        close("output", &convolution::forward(g, &x, &w, plain), &y);
        close(
            "data gradient",
            &convolution::data_gradient(g, &dy, &w, plain),
            &dx,
        );
        let gradient = convolution::weight_gradient(g, &x, &dy);
        close("weight gradient", &gradient.weights, &dw);
        close("bias gradient", &gradient.bias, &db);
        let after = |bias, residual, mask| After {
            bias: Some(bias),
            residual: Some(residual),
            relu: true,
            mask: Some(mask),
        };
        let fused = convolution::forward(g, &x, &w, after(&bias, &residual, &mask));
        close_among("fused output", &fused, &y_after, &y);
        let after = after(&back_bias, &back_residual, &back_mask);
        let fused = convolution::data_gradient(g, &dy, &w, after);
        close_among("fused data gradient", &fused, &dx_after, &dx);
    });
}

prop_compose! {
    fn geometry()(
        kernel in prop::sample::select(vec![1usize, 2, 3, 3, 3, 5, 7]),
        stride in prop::sample::select(vec![1usize, 1, 2, 3, 4]),
        same in any::<bool>(),
        batch in 1usize..4,
        height in 1usize..24,
        width in 1usize..24,
        inputs in prop_oneof![1usize..8, 15usize..40, Just(16usize), Just(64)],
        outputs in prop_oneof![1usize..8, 15usize..40, Just(16usize), Just(96)],
    ) -> Geometry {
        let padding = if same { kernel / 2 } else { 0 };
        let least = kernel - 2 * padding.min((kernel - 1) / 2);
        Geometry {
            batch,
            height: height.max(least),
            width: width.max(least),
            inputs,
            outputs,
            kernel,
            stride,
            padding: padding.min(kernel - 1),
        }
    }
}

/// Of its twelve sums the mask and ReLU leave few, all of them small.
#[test]
fn a_convolution_that_is_masked_nearly_whole() {
    let g = Geometry {
        batch: 1,
        height: 5,
        width: 14,
        inputs: 64,
        outputs: 3,
        kernel: 5,
        stride: 3,
        padding: 0,
    };
    check_convolution(&g, 1_098_048_405);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn convolutions(g in geometry(), seed in any::<u32>()) {
        check_convolution(&g, u64::from(seed));
    }

    #[test]
    fn fully_connected(batch in 1usize..70, inputs in 1usize..200, outputs in 1usize..200, seed in any::<u32>()) {
        check_linear(&Linear { batch, inputs, outputs }, u64::from(seed));
    }

    #[test]
    fn max_pools(
        batch in 1usize..3, height in 1usize..12, width in 1usize..12, channels in 1usize..40,
        kernel in 1usize..4, stride in 1usize..4, padded in any::<bool>(), seed in any::<u32>(),
    ) {
        let padding = if padded { kernel / 2 } else { 0 };
        let (height, width) = (height.max(kernel), width.max(kernel));
        check_pool(&Pool { batch, height, width, channels, kernel, stride, padding }, u64::from(seed));
    }
}

/// The layers of the paper's nets, small batches.
#[test]
fn layers_of_the_paper() {
    let layer = |height, width, inputs, outputs, kernel, stride, padding| Geometry {
        batch: 2,
        height,
        width,
        inputs,
        outputs,
        kernel,
        stride,
        padding,
    };
    for g in [
        layer(35, 55, 1, 64, 3, 1, 1),
        layer(35, 55, 64, 64, 3, 1, 1),
        layer(35, 55, 64, 1, 1, 1, 0),
        layer(35, 55, 1, 96, 3, 2, 1),
        layer(18, 28, 96, 64, 3, 2, 1),
        layer(9, 14, 64, 32, 3, 1, 1),
        layer(9, 14, 32, 32, 1, 1, 0),
        layer(9, 14, 32, 2, 1, 1, 0),
        layer(24, 26, 64, 80, 3, 1, 0),
        layer(20, 21, 16, 64, 7, 1, 3),
        layer(29, 30, 1, 96, 7, 4, 3),
        layer(13, 12, 96, 64, 5, 2, 2),
    ] {
        check_convolution(&g, 1);
    }
}

fn check_linear(l: &Linear, seed: u64) {
    let (x, w) = (
        random(l.batch * l.inputs, seed),
        random(l.inputs * l.outputs, seed + 1),
    );
    let (b, dy) = (
        random(l.outputs, seed + 2),
        random(l.batch * l.outputs, seed + 3),
    );
    let mut y = vec![0.0; dy.len()];
    let mut dx = vec![0.0; x.len()];
    let mut dw = vec![0.0; w.len()];
    let mut db = vec![0.0; b.len()];
    for m in 0..l.batch {
        for n in 0..l.outputs {
            let out = m * l.outputs + n;
            db[n] += f64::from(dy[out]);
            for k in 0..l.inputs {
                let (input, weight) = (m * l.inputs + k, k * l.outputs + n);
                y[out] += f64::from(x[input]) * f64::from(w[weight]);
                dx[input] += f64::from(dy[out]) * f64::from(w[weight]);
                dw[weight] += f64::from(dy[out]) * f64::from(x[input]);
            }
            y[out] = (y[out] + f64::from(b[n])).max(0.0);
        }
    }
    on_every_path(|| {
        let gradient = linear::weight_gradient(l, &x, &dy);
        for (actual, expected) in [
            (&linear::forward(l, &x, &w, Some(&b), true)[..], &y),
            (&linear::data_gradient(l, &dy, &w), &dx),
            (&gradient.weights, &dw),
            (&gradient.bias, &db),
        ] {
            let error = error(actual, expected);
            assert!(error <= DIRECT, "{error:e} for {l:?}");
        }
    });
}

fn check_pool(p: &Pool, seed: u64) {
    // Few different values, so that equal ones meet.
    let x: Vec<f32> = random(p.batch * p.height * p.width * p.channels, seed)
        .into_iter()
        .map(|v| (v * 3.0).round())
        .collect();
    let outputs = p.batch * p.out_height() * p.out_width() * p.channels;
    let dy = random(outputs, seed + 1);
    let mut y = vec![f64::NEG_INFINITY; outputs];
    let mut winners = vec![0; outputs];
    for n in 0..p.batch {
        for (oy, ox) in (0..p.out_height()).flat_map(|y| (0..p.out_width()).map(move |x| (y, x))) {
            for k in 0..p.kernel * p.kernel {
                let iy = (oy * p.stride + k / p.kernel).wrapping_sub(p.padding);
                let ix = (ox * p.stride + k % p.kernel).wrapping_sub(p.padding);
                if iy >= p.height || ix >= p.width {
                    continue;
                }
                for c in 0..p.channels {
                    let input = ((n * p.height + iy) * p.width + ix) * p.channels + c;
                    let output = ((n * p.out_height() + oy) * p.out_width() + ox) * p.channels + c;
                    if f64::from(x[input]) > y[output] {
                        y[output] = f64::from(x[input]);
                        winners[output] = input;
                    }
                }
            }
        }
    }
    let mut dx = vec![0.0; x.len()];
    for (winner, dy) in winners.into_iter().zip(&dy) {
        dx[winner] += f64::from(*dy);
    }
    on_every_path(|| {
        let (max, positions) = pool::forward(p, &x);
        assert!(error(&max, &y) == 0.0, "{p:?}");
        assert!(
            error(&pool::backward(p, &dy, &positions), &dx) < 1e-6,
            "{p:?}"
        );
    });
}
