//! Smooth random fields: skin, veins, iris fibres.

use std::sync::LazyLock;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Side of the table; fields repeat after that many cells.
const SIDE: usize = 256;

/// Values in -1..=1, the same in every program.
static TABLE: LazyLock<Box<[f32; SIDE * SIDE]>> = LazyLock::new(|| {
    let mut rng = ChaCha8Rng::seed_from_u64(0x5eed);
    let mut table = Box::new([0.0; SIDE * SIDE]);
    table.fill_with(|| rng.random_range(-1.0..1.0));
    table
});

/// Added to coordinates, so that truncation rounds all that are in use down.
const POSITIVE: f32 = 1024.0;

/// A field with features of size 1, in -1..=1, at coordinates above -1024.
#[inline]
pub(super) fn value(x: f32, y: f32) -> f32 {
    let (x, y) = (x + POSITIVE, y + POSITIVE);
    let (column, row) = (x as i32, y as i32);
    let (fx, fy) = (ease(x - column as f32), ease(y - row as f32));
    let wrapped = |i: i32| i as usize & (SIDE - 1);
    let (left, right) = (wrapped(column), wrapped(column + 1));
    let (upper, lower) = (wrapped(row) * SIDE, wrapped(row + 1) * SIDE);
    let table: &[f32; SIDE * SIDE] = &TABLE;
    let top = mix(table[upper + left], table[upper + right], fx);
    let bottom = mix(table[lower + left], table[lower + right], fx);
    mix(top, bottom, fy)
}

/// Sum of `octaves` fields, each of half the size and half the strength of the one before; about -1..=1.
pub(super) fn fractal(mut x: f32, mut y: f32, octaves: u32) -> f32 {
    let (mut sum, mut strength) = (0.0, 0.5);
    for _ in 0..octaves {
        sum += strength * value(x, y);
        strength *= 0.5;
        // The offset keeps the lattices of the octaves apart.
        (x, y) = (2.0 * x + 17.3, 2.0 * y + 41.7);
    }
    sum
}

/// Smooth step of 0..=1 with flat ends.
#[inline]
pub(super) fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// `a` at 0, `b` at 1.
#[inline]
pub(super) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 below `low`, 1 above `high`, smooth between; `low` may be the greater one.
#[inline]
pub(super) fn smooth_step(low: f32, high: f32, x: f32) -> f32 {
    ease(((x - low) / (high - low)).clamp(0.0, 1.0))
}

/// Length of (x, y): quick, for numbers whose squares are numbers.
#[inline]
pub(super) fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

/// A bump of height 1 at 0 that ends at -1 and 1.
#[inline]
pub(super) fn bump(t: f32) -> f32 {
    let inside = (1.0 - t * t).max(0.0);
    inside * inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_smooth_and_within_bounds() {
        for i in 0..2000 {
            let (x, y) = (i as f32 * 0.37 - 300.0, i as f32 * 0.11 - 70.0);
            assert!(value(x, y).abs() <= 1.0 && fractal(x, y, 4).abs() <= 1.0);
            assert!((value(x, y) - value(x + 1e-3, y)).abs() < 0.02);
        }
    }

    #[test]
    fn steps_and_bumps_have_their_ends() {
        assert_eq!(
            (smooth_step(1.0, 3.0, 0.0), smooth_step(1.0, 3.0, 4.0)),
            (0.0, 1.0)
        );
        assert_eq!(smooth_step(3.0, 1.0, 0.0), 1.0);
        assert_eq!((bump(0.0), bump(1.0), bump(-2.0)), (1.0, 0.0, 0.0));
    }
}
