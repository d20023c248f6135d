//! The formats there are.

use crate::format::Format;
use crate::{onnx, pytorch, web};

/// All formats, in the order of help texts.
pub const FORMATS: &[Format] = &[onnx::FORMAT, pytorch::FORMAT, web::FORMAT];

/// The format that users call `name`.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
