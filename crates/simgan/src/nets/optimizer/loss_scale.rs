//! A factor on losses whose gradients are computed in `f16`, which has no room for numbers below 6e-8 (Micikevicius et al.,
//! *Mixed Precision Training*, ICLR 2018, section 3.2). Other precisions need none.

use burn::tensor::{Device, Tensor};
use simgan_kernels::ops::{Precision, precision_on};

/// The factor at the start; a run that goes on starts from it again.
const FIRST: f32 = 1024.0;
/// The largest one.
const LARGEST: f32 = 65536.0;
/// Updates without an overflow after which the factor doubles.
const PATIENCE: u32 = 1000;

/// The factor: a power of two, so that it rounds nothing.
#[derive(Clone, Debug)]
pub(super) struct LossScale {
    factor: f32,
    /// Updates since it was changed.
    unchanged: u32,
}

impl Default for LossScale {
    fn default() -> Self {
        Self {
            factor: FIRST,
            unchanged: 0,
        }
    }
}

impl LossScale {
    /// The factor on losses of `device`: 1 unless it computes in `f16`.
    pub(super) fn on(&self, device: &Device) -> f32 {
        match precision_on(device) {
            Precision::F16 => self.factor,
            Precision::F32 | Precision::Bf16 => 1.0,
        }
    }

    /// After an update whose gradient is finite.
    pub(super) fn went_well(&mut self) {
        self.unchanged += 1;
        if self.unchanged >= PATIENCE && self.factor < LARGEST {
            self.change(2.0);
        }
    }

    /// After a gradient that is not finite, perhaps because of the factor.
    pub(super) fn overflowed(&mut self) {
        self.change(0.5);
    }

    fn change(&mut self, by: f32) {
        self.factor *= by;
        self.unchanged = 0;
    }
}

/// `loss`, `factor` times as large.
pub(super) fn scaled(loss: &Tensor<1>, factor: f32) -> Tensor<1> {
    match factor == 1.0 {
        true => loss.clone(),
        false => loss.clone() * factor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_at_an_overflow_and_doubles_after_a_while() {
        let mut scale = LossScale::default();
        scale.overflowed();
        assert_eq!(scale.factor, FIRST / 2.0);
        for _ in 0..PATIENCE - 1 {
            scale.went_well();
        }
        assert_eq!(scale.factor, FIRST / 2.0);
        scale.went_well();
        assert_eq!(scale.factor, FIRST);
    }

    #[test]
    fn it_stays_within_what_f16_can_hold() {
        let mut scale = LossScale::default();
        for _ in 0..20 * PATIENCE {
            scale.went_well();
        }
        assert_eq!(scale.factor, LARGEST);
    }

    #[test]
    fn the_cpu_needs_none() {
        assert_eq!(LossScale::default().on(&Device::flex()), 1.0);
    }
}
