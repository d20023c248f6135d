//! The numbers in which layers multiply on devices other than the CPU (Micikevicius et al., *Mixed Precision Training*,
//! ICLR 2018): weights, their updates, losses and what lies between layers stay `f32`.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use burn::tensor::{Device, FloatDType, Tensor};

use super::device::is_cpu;

/// Numbers that convolutions and fully connected layers are computed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Precision {
    /// 24 bits, everywhere.
    #[default]
    F32,
    /// 11 bits from 6e-8 to 65,504: gradients have to be scaled into this range.
    F16,
    /// 8 bits in the range of `f32`.
    Bf16,
}

impl Precision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::F32, Self::F16, Self::Bf16];

    /// As Burn calls it.
    pub fn dtype(self) -> FloatDType {
        match self {
            Self::F32 => FloatDType::F32,
            Self::F16 => FloatDType::F16,
            Self::Bf16 => FloatDType::BF16,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        })
    }
}

/// The choice, one for the process: a [`Precision`] as a number.
static CHOSEN: AtomicU8 = AtomicU8::new(Precision::F32 as u8);

/// Lets all layers on devices other than the CPU compute in `precision` from now on.
pub fn compute_in(precision: Precision) {
    CHOSEN.store(precision as u8, Ordering::Relaxed);
}

/// What layers on `device` compute in; on the CPU `f32`.
pub fn precision_on(device: &Device) -> Precision {
    let chosen = CHOSEN.load(Ordering::Relaxed);
    let known = Precision::ALL.into_iter().find(|p| *p as u8 == chosen);
    known.filter(|_| !is_cpu(device)).unwrap_or_default()
}

/// `x` in `precision`.
pub(super) fn lowered<const D: usize>(x: Tensor<D>, precision: Precision) -> Tensor<D> {
    match precision {
        Precision::F32 => x,
        Precision::F16 | Precision::Bf16 => x.cast(precision.dtype()),
    }
}

/// What was computed in `precision`, as `f32`.
pub(super) fn raised<const D: usize>(y: Tensor<D>, precision: Precision) -> Tensor<D> {
    match precision {
        Precision::F32 => y,
        Precision::F16 | Precision::Bf16 => y.cast(FloatDType::F32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_computes_in_f32_whatever_is_asked_for() {
        compute_in(Precision::F16);
        let found = precision_on(&Device::flex());
        compute_in(Precision::F32);
        assert_eq!(found, Precision::F32);
    }
}
