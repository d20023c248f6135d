//! Exports as their readers see them: files, cards, hashes, refusals. That results are equal in
//! other programs is tested by `scripts/test_exports.sh`.

#![allow(clippy::unwrap_used)]

mod cards;
mod files;
mod onnx_file;
mod onnx_models;
mod support;
