//! The layouts there are.

use crate::export::folder::Folder;
use crate::export::layout::Layout;
use crate::export::unity_eyes::UnityEyes;
use simgan_base::{Error, Result};

/// All layouts, the default first.
pub const LAYOUTS: &[&dyn Layout] = &[&Folder, &UnityEyes];

/// The layout called `name`.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): there is none (names those there are).
pub fn find(name: &str) -> Result<&'static dyn Layout> {
    let found = LAYOUTS.iter().find(|layout| layout.name() == name);
    found.copied().ok_or_else(|| {
        let names: Vec<_> = LAYOUTS.iter().map(|layout| layout.name()).collect();
        Error::config(format!("there is no layout `{name}` of simulated images"))
            .with_hint(format!("layouts: {}", names.join(", ")))
    })
}
