//! Pixels as 8-bit levels and as the values that networks see.

/// 0..=255 to [-1, 1].
pub fn from_u8(level: u8) -> f32 {
    f32::from(level) / 127.5 - 1.0
}

/// [-1, 1] to 0..=255, rounded; values outside are clamped.
pub fn to_u8(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_round_trip_through_u8() {
        for v in 0..=255u8 {
            assert_eq!(to_u8(from_u8(v)), v);
        }
        assert_eq!(to_u8(3.0), 255);
    }
}
