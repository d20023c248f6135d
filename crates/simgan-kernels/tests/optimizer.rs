//! The fused updates against plain loops in double precision, on every instruction set of this processor.
//! In a file of its own because [`set_path`] is for the whole process.

#![allow(clippy::unwrap_used)]

use std::sync::{Mutex, PoisonError};

use simgan_kernels::optimizer::{Adam, Gradient, Sgd, Weights, adam, sgd, sum_of_squares};
use simgan_kernels::simd::{Path, set_path};

/// Around vectors of all widths and around chunks of 2^14.
const LENGTHS: [usize; 14] = [
    0, 1, 3, 4, 5, 8, 15, 16, 17, 1000, 16_383, 16_384, 16_385, 50_003,
];
const GRADIENT: Gradient = Gradient {
    factor: 0.3,
    decay: 0.01,
};

static PATH: Mutex<()> = Mutex::new(());

/// Runs `test` on every available path, one at a time.
fn on_every_path(test: impl Fn()) {
    let _guard = PATH.lock().unwrap_or_else(PoisonError::into_inner);
    for path in Path::ALL.into_iter().filter(|path| path.is_available()) {
        set_path(Some(path)).unwrap();
        test();
    }
    set_path(None).unwrap();
}

/// Numbers of both signs and several magnitudes, different for each `seed`.
fn numbers(length: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let unit = f64::from(state) / f64::from(u32::MAX) - 0.5;
            (unit * 10f64.powi((state % 5) as i32 - 3)) as f32
        })
        .collect()
}

fn positive(length: usize, seed: u32) -> Vec<f32> {
    numbers(length, seed).into_iter().map(f32::abs).collect()
}

/// `size`: of the terms that a result is the sum of, which may cancel.
fn assert_close(what: &str, ours: &[f32], exact: &[f64], size: f64) {
    assert_eq!(ours.len(), exact.len(), "{what}: length");
    for (i, (&a, &b)) in ours.iter().zip(exact).enumerate() {
        let bound = 5e-7 * (size + b.abs()) + 1e-30;
        let error = (f64::from(a) - b).abs();
        assert!(error <= bound, "{what}[{i}] of {}: {a} for {b}", ours.len());
    }
}

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// The definition, in double precision; returns the new weights.
fn naive_adam(
    step: u64,
    weights: &[f64],
    gradient: &[f64],
    m: &mut [f64],
    v: &mut [f64],
) -> Vec<f64> {
    let (rate, b1, b2, epsilon) = (0.002, 0.9f64, 0.999f64, 1e-8);
    (0..weights.len())
        .map(|i| {
            let g =
                gradient[i] * f64::from(GRADIENT.factor) + weights[i] * f64::from(GRADIENT.decay);
            m[i] = b1 * m[i] + (1.0 - b1) * g;
            v[i] = b2 * v[i] + (1.0 - b2) * g * g;
            let m_hat = m[i] / (1.0 - b1.powi(step as i32));
            let v_hat = v[i] / (1.0 - b2.powi(step as i32));
            weights[i] - rate * m_hat / (v_hat.sqrt() + epsilon)
        })
        .collect()
}

fn adam_step(step: u64) -> Adam {
    Adam {
        gradient: GRADIENT,
        ..Adam::new(0.002, [0.9, 0.999], 1e-8, step)
    }
}

#[test]
fn adam_agrees_with_its_definition() {
    on_every_path(|| {
        for length in LENGTHS {
            let mut weights = numbers(length, 1);
            let (mut m, mut v) = (numbers(length, 3), positive(length, 4));
            let (mut exact_m, mut exact_v) = (doubles(&m), doubles(&v));
            let mut exact = doubles(&weights);
            for step in 1..=3 {
                let gradient = numbers(length, 10 + step as u32);
                exact = naive_adam(
                    step,
                    &exact,
                    &doubles(&gradient),
                    &mut exact_m,
                    &mut exact_v,
                );
                let place = Weights::InPlace(&mut weights);
                adam(adam_step(step), place, &gradient, [&mut m, &mut v]);
            }
            assert_close("m", &m, &exact_m, 1.0);
            assert_close("v", &v, &exact_v, 0.0);
            assert_close("weights", &weights, &exact, 1.0);
        }
    });
}

#[test]
fn gradient_descent_agrees_with_its_definition() {
    let step = Sgd {
        rate: 0.1,
        momentum: 0.9,
        gradient: GRADIENT,
    };
    on_every_path(|| {
        for length in LENGTHS {
            let (weights, gradient) = (numbers(length, 1), numbers(length, 2));
            let velocity = numbers(length, 3);
            let exact = |i: usize, momentum: f64| {
                let g = f64::from(gradient[i]) * f64::from(GRADIENT.factor)
                    + f64::from(weights[i]) * f64::from(GRADIENT.decay);
                momentum * f64::from(velocity[i]) + g
            };
            let descended = |momentum: f64| -> Vec<f64> {
                (0..length)
                    .map(|i| f64::from(weights[i]) - f64::from(step.rate) * exact(i, momentum))
                    .collect()
            };
            let (mut with, mut moving) = (weights.clone(), velocity.clone());
            sgd(
                step,
                Weights::InPlace(&mut with),
                &gradient,
                Some(&mut moving),
            );
            assert_close(
                "with momentum",
                &with,
                &descended(f64::from(step.momentum)),
                1.0,
            );
            let velocities: Vec<f64> = (0..length)
                .map(|i| exact(i, f64::from(step.momentum)))
                .collect();
            assert_close("velocity", &moving, &velocities, 1.0);
            let mut without = weights.clone();
            sgd(step, Weights::InPlace(&mut without), &gradient, None);
            assert_close("without momentum", &without, &descended(0.0), 1.0);
        }
    });
}

#[test]
fn copies_leave_the_weights_alone_and_get_the_same_bits() {
    on_every_path(|| {
        for length in LENGTHS {
            let (weights, gradient) = (numbers(length, 1), numbers(length, 2));
            let moments = || (numbers(length, 3), positive(length, 4));
            let (mut m, mut v) = moments();
            let mut in_place = weights.clone();
            let place = Weights::InPlace(&mut in_place);
            adam(adam_step(5), place, &gradient, [&mut m, &mut v]);
            let (mut m, mut v) = moments();
            let mut to = vec![f32::NAN; 7];
            let copied = Weights::Copied {
                from: &weights,
                to: &mut to,
            };
            adam(adam_step(5), copied, &gradient, [&mut m, &mut v]);
            assert_eq!(to, in_place);
            assert_eq!(weights, numbers(length, 1));
        }
    });
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let results = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let length = 100_003;
            let (mut weights, gradient) = (numbers(length, 1), numbers(length, 2));
            let (mut m, mut v) = (numbers(length, 3), positive(length, 4));
            let place = Weights::InPlace(&mut weights);
            adam(adam_step(2), place, &gradient, [&mut m, &mut v]);
            (weights, m, v, sum_of_squares(&gradient).to_bits())
        })
    };
    on_every_path(|| assert!(results(1) == results(3)));
}

#[test]
fn squares_are_summed_in_double_precision_and_alike_everywhere() {
    for length in LENGTHS {
        let values = numbers(length, 5);
        let exact: f64 = values.iter().map(|&v| f64::from(v).powi(2)).sum();
        let sums = Mutex::new(Vec::new());
        on_every_path(|| sums.lock().unwrap().push(sum_of_squares(&values)));
        let sums = sums.into_inner().unwrap();
        for sum in &sums {
            assert!((sum - exact).abs() <= 1e-12 * exact, "{sum} for {exact}");
            assert_eq!(sum.to_bits(), sums[0].to_bits());
        }
    }
    assert!(sum_of_squares(&[1e30, 1e30]).is_finite());
    assert!(sum_of_squares(&[f32::INFINITY]).is_infinite());
    assert!(sum_of_squares(&[f32::NAN, 1.0]).is_nan());
}

#[test]
#[should_panic(expected = "length")]
fn different_lengths_are_refused() {
    let step = adam_step(1);
    let place = Weights::InPlace(&mut [0.0; 3]);
    adam(step, place, &[0.0; 4], [&mut [0.0; 4], &mut [0.0; 4]]);
}
