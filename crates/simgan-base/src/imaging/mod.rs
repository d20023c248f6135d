//! Operations on pixels: blur, equalization, other sizes.

pub mod equalize;
pub mod gaussian;
pub mod levels;
pub mod plane;
pub mod resample;
pub mod resize;
