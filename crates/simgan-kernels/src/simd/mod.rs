//! One vector type, three instruction sets, chosen when the program runs.
//!
//! A kernel is written once, generic over [`Simd`], as a type that implements [`Kernel`]; [`Isa::run`] compiles
//! it for every instruction set and calls the one of [`path`]. Everything inside a kernel is
//! `#[inline(always)]`, because only code inlined into the function that enables an instruction set may use it.

mod path;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use path::{Path, VARIABLE, from_environment, path, set_path};
pub use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

/// Vectors of `f32` of one instruction set.
///
/// # Safety
/// The methods may only be called where the processor has the instruction set: within [`Kernel::run`].
/// Pointers must be valid for as many elements as the method reads or writes; none has to be aligned.
#[allow(
    clippy::missing_safety_doc,
    reason = "stated once, for the whole trait"
)]
pub unsafe trait Simd: Copy + Send + Sync + 'static {
    /// Elements of a vector.
    const LANES: usize;
    /// Vectors across a register tile of a matrix product, at most.
    const TILE_VECTORS: usize;
    /// A vector.
    type V: Copy;

    /// All elements `x`.
    unsafe fn splat(x: f32) -> Self::V;
    /// Reads [`LANES`](Self::LANES) elements.
    unsafe fn load(from: *const f32) -> Self::V;
    /// Reads the first `count < LANES` elements, the others are 0.
    unsafe fn load_first(from: *const f32, count: usize) -> Self::V;
    /// Writes [`LANES`](Self::LANES) elements.
    unsafe fn store(to: *mut f32, v: Self::V);
    /// Writes the first `count < LANES` elements.
    unsafe fn store_first(to: *mut f32, v: Self::V, count: usize);
    /// `a + b`.
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// `a - b`.
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    /// `a * b`.
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once where the instruction set can.
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `a / b`.
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V;
    /// Square root.
    unsafe fn sqrt(a: Self::V) -> Self::V;
    /// The larger one of each pair; `b` where one is not a number.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// `value` where `condition > 0`, else 0.
    unsafe fn where_positive(condition: Self::V, value: Self::V) -> Self::V;
}

/// Code that is compiled for every instruction set.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// Runs with the vectors of `S`. Must be `#[inline(always)]`.
    ///
    /// # Safety
    /// The processor must have the instruction set of `S`.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}

/// An instruction set that this processor has; one for the whole of an operation, whatever [`set_path`] does meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Isa(Path);

impl Isa {
    /// The one of [`path`].
    pub fn current() -> Self {
        Self(path())
    }

    /// Runs `kernel` with it.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: `path` is never an instruction set that the processor lacks.
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => unsafe { x86::run_avx512(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => unsafe { x86::run_avx2(kernel) },
            // SAFETY: the portable path needs nothing.
            _ => unsafe { kernel.run::<Portable>() },
        }
    }

    /// [`Simd::LANES`].
    pub fn lanes(self) -> usize {
        self.run(Sizes).0
    }

    /// [`Simd::TILE_VECTORS`].
    pub fn tile_vectors(self) -> usize {
        self.run(Sizes).1
    }
}

/// Lanes and vectors of a tile.
struct Sizes;

impl Kernel for Sizes {
    type Output = (usize, usize);

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> (usize, usize) {
        (S::LANES, S::TILE_VECTORS)
    }
}
