//! Updates of weights in one pass over memory: gradient descent with momentum, and Adam.
//!
//! Every element is computed by itself, in chunks of a fixed length, so results do not depend on the number of
//! threads. Gradient clipping and weight decay are part of the same pass.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::epilogue::{load, store};
use crate::simd::{Isa, Kernel, Simd};

/// Elements of a piece of work: 64 KiB of each array.
const CHUNK: usize = 1 << 14;
/// Partial sums of a sum of squares.
const SUMS: usize = 16;

/// Where the weights lie and where the new ones go.
#[derive(Debug)]
pub enum Weights<'a> {
    /// Nobody else looks at them: they are overwritten.
    InPlace(&'a mut [f32]),
    /// Others do: `from` stays as it is, the new weights replace what is in `to`.
    Copied {
        /// The weights.
        from: &'a [f32],
        /// Takes the new weights.
        to: &'a mut Vec<f32>,
    },
}

/// What both optimizers do to a gradient first: `gradient * factor + weights * decay`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient {
    /// Factor on the gradient, below 1 where it is clipped.
    pub factor: f32,
    /// L2 penalty added to the gradient.
    pub decay: f32,
}

impl Default for Gradient {
    /// The gradient as it is.
    fn default() -> Self {
        Self {
            factor: 1.0,
            decay: 0.0,
        }
    }
}

/// One step of gradient descent: `v = momentum * v + g`, `w = w - rate * v`. Without a velocity `v = g`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// Learning rate.
    pub rate: f32,
    /// Part of the velocity that stays.
    pub momentum: f32,
    /// What is done to the gradient first.
    pub gradient: Gradient,
}

/// One step of Adam (Kingma and Ba, 2015): `m = beta_1 m + (1 - beta_1) g`, `v = beta_2 v + (1 - beta_2) g^2`,
/// `w = w - rate m / (sqrt(v) + epsilon)`, with the corrections for the bias of young moments within `rate` and `epsilon`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Learning rate, corrected.
    pub rate: f32,
    /// Decay of both moments.
    pub betas: [f32; 2],
    /// What a new gradient weighs in both moments: `1 - beta`.
    pub news: [f32; 2],
    /// Keeps the quotient finite, corrected.
    pub epsilon: f32,
    /// What is done to the gradient first.
    pub gradient: Gradient,
}

impl Adam {
    /// The update number `step`, counted from 1, with the learning rate `rate`.
    pub fn new(rate: f64, betas: [f64; 2], epsilon: f64, step: u64) -> Self {
        let age = i32::try_from(step).unwrap_or(i32::MAX);
        let [first, second] = betas.map(|beta| 1.0 - beta.powi(age));
        Self {
            rate: (rate * second.sqrt() / first) as f32,
            betas: betas.map(|beta| beta as f32),
            news: betas.map(|beta| (1.0 - beta) as f32),
            epsilon: (epsilon * second.sqrt()) as f32,
            gradient: Gradient::default(),
        }
    }
}

/// One step of gradient descent; `velocity` is updated in place.
///
/// # Panics
/// Slices of different lengths.
pub fn sgd(step: Sgd, weights: Weights, gradient: &[f32], velocity: Option<&mut [f32]>) {
    match velocity {
        Some(velocity) => update(Momentum(step), weights, gradient, [velocity]),
        None => update(Descent(step), weights, gradient, []),
    }
}

/// One step of Adam; both moments are updated in place.
///
/// # Panics
/// Slices of different lengths.
pub fn adam(step: Adam, weights: Weights, gradient: &[f32], moments: [&mut [f32]; 2]) {
    update(step, weights, gradient, moments);
}

/// The sum of squares, in double precision: the same on every processor and for any number of threads.
pub fn sum_of_squares(values: &[f32]) -> f64 {
    let isa = Isa::current();
    let sums: Vec<f64> = values
        .par_chunks(CHUNK)
        .map(|chunk| isa.run(Squares(chunk)))
        .collect();
    sums.iter().sum()
}

/// Squares of a chunk. The compiler makes vectors of the lanes, whatever `S` is.
struct Squares<'a>(&'a [f32]);

impl Kernel for Squares<'_> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> f64 {
        let mut sums = [0.0f64; SUMS];
        let (groups, rest) = self.0.as_chunks::<SUMS>();
        for group in groups {
            for lane in 0..SUMS {
                sums[lane] += f64::from(group[lane]) * f64::from(group[lane]);
            }
        }
        for lane in 0..rest.len() {
            sums[lane] += f64::from(rest[lane]) * f64::from(rest[lane]);
        }
        sums.iter().sum()
    }
}

/// Arithmetic of one vector of weights with `N` arrays of state.
trait Rule<const N: usize>: Copy + Sync {
    /// What is done to the gradient before [`apply`](Self::apply).
    fn gradient(&self) -> Gradient;

    /// The new weights; changes `state`.
    ///
    /// # Safety
    /// That of [`Simd`].
    unsafe fn apply<S: Simd>(&self, weights: S::V, gradient: S::V, state: &mut [S::V; N]) -> S::V;
}

/// `w - rate * g`, in this order of rounding everywhere.
///
/// # Safety
/// That of [`Simd`].
#[inline(always)]
unsafe fn descend<S: Simd>(weights: S::V, rate: f32, direction: S::V) -> S::V {
    // SAFETY: the caller vouches for the instruction set.
    unsafe { S::mul_add(S::splat(-rate), direction, weights) }
}

/// [`Sgd`] without state.
#[derive(Clone, Copy)]
struct Descent(Sgd);

impl Rule<0> for Descent {
    #[inline(always)]
    fn gradient(&self) -> Gradient {
        self.0.gradient
    }

    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, weights: S::V, gradient: S::V, _: &mut [S::V; 0]) -> S::V {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { descend::<S>(weights, self.0.rate, gradient) }
    }
}

/// [`Sgd`] with a velocity.
#[derive(Clone, Copy)]
struct Momentum(Sgd);

impl Rule<1> for Momentum {
    #[inline(always)]
    fn gradient(&self) -> Gradient {
        self.0.gradient
    }

    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, weights: S::V, gradient: S::V, state: &mut [S::V; 1]) -> S::V {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            state[0] = S::mul_add(S::splat(self.0.momentum), state[0], gradient);
            descend::<S>(weights, self.0.rate, state[0])
        }
    }
}

impl Rule<2> for Adam {
    #[inline(always)]
    fn gradient(&self) -> Gradient {
        self.gradient
    }

    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, weights: S::V, gradient: S::V, state: &mut [S::V; 2]) -> S::V {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let first = S::mul(S::splat(self.news[0]), gradient);
            state[0] = S::mul_add(S::splat(self.betas[0]), state[0], first);
            let second = S::mul(S::mul(S::splat(self.news[1]), gradient), gradient);
            state[1] = S::mul_add(S::splat(self.betas[1]), state[1], second);
            let scale = S::add(S::sqrt(state[1]), S::splat(self.epsilon));
            descend::<S>(weights, self.rate, S::div(state[0], scale))
        }
    }
}

/// Arrays of equal length, to be walked in chunks by several threads.
struct Arrays<R, const N: usize> {
    rule: R,
    length: usize,
    from: *const f32,
    to: *mut f32,
    gradient: *const f32,
    state: [*mut f32; N],
}

// SAFETY: the pointers come from slices that are borrowed until all threads are done, and chunks do not overlap.
unsafe impl<R: Sync, const N: usize> Sync for Arrays<R, N> {}

/// One chunk of [`Arrays`].
struct Chunk<'a, R, const N: usize> {
    arrays: &'a Arrays<R, N>,
    start: usize,
    end: usize,
}

impl<R: Rule<N>, const N: usize> Kernel for Chunk<'_, R, N> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let mut at = self.start;
        while at + S::LANES <= self.end {
            // SAFETY: `LANES` elements follow `at` in every array, and no other chunk has them.
            unsafe { self.arrays.update::<S>(at, S::LANES) };
            at += S::LANES;
        }
        if at < self.end {
            // SAFETY: fewer than `LANES` elements follow.
            unsafe { self.arrays.update::<S>(at, self.end - at) };
        }
    }
}

impl<R: Rule<N>, const N: usize> Arrays<R, N> {
    /// Updates the `count <= LANES` elements from `at`.
    ///
    /// # Safety
    /// All arrays have them, and that of [`Simd`].
    #[inline(always)]
    unsafe fn update<S: Simd>(&self, at: usize, count: usize) {
        // SAFETY: the caller vouches for elements and instruction set.
        unsafe {
            let weights = load::<S>(self.from.add(at), count);
            let mut gradient = load::<S>(self.gradient.add(at), count);
            let before = self.rule.gradient();
            gradient = S::mul(gradient, S::splat(before.factor));
            gradient = S::mul_add(weights, S::splat(before.decay), gradient);
            let mut state = [S::splat(0.0); N];
            for (vector, array) in state.iter_mut().zip(self.state) {
                *vector = load::<S>(array.add(at), count);
            }
            let weights = self.rule.apply::<S>(weights, gradient, &mut state);
            for (vector, array) in state.into_iter().zip(self.state) {
                store::<S>(array.add(at), vector, count);
            }
            store::<S>(self.to.add(at), weights, count);
        }
    }

    /// Updates everything.
    fn run(&self) {
        let isa = Isa::current();
        let chunk = |index: usize| {
            let start = index * CHUNK;
            isa.run(Chunk {
                arrays: self,
                start,
                end: (start + CHUNK).min(self.length),
            });
        };
        match self.length.div_ceil(CHUNK) {
            0 => {}
            1 => chunk(0),
            chunks => (0..chunks).into_par_iter().for_each(chunk),
        }
    }
}

/// Checks the lengths and updates the weights where [`Weights`] says.
fn update<R: Rule<N>, const N: usize>(
    rule: R,
    weights: Weights,
    gradient: &[f32],
    mut state: [&mut [f32]; N],
) {
    let length = gradient.len();
    for array in &state {
        assert_eq!(array.len(), length, "the state's length");
    }
    let mut arrays = |from: *const f32, to: *mut f32| Arrays {
        rule,
        length,
        from,
        to,
        gradient: gradient.as_ptr(),
        state: state.each_mut().map(|array| array.as_mut_ptr()),
    };
    match weights {
        Weights::InPlace(weights) => {
            assert_eq!(weights.len(), length, "the weights' length");
            let to = weights.as_mut_ptr();
            arrays(to, to).run();
        }
        Weights::Copied { from, to } => {
            assert_eq!(from.len(), length, "the weights' length");
            to.clear();
            to.reserve_exact(length);
            let space: &mut [MaybeUninit<f32>] = to.spare_capacity_mut();
            arrays(from.as_ptr(), space.as_mut_ptr().cast()).run();
            // SAFETY: all `length` elements have been written.
            unsafe { to.set_len(length) };
        }
    }
}
