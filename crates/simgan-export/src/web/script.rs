//! Data as scripts: a page in a folder may load scripts and nothing else.

use serde_json::Value;
use simgan_base::{Error, Result};

/// A script that gives `value` the name `name`.
pub(super) fn of(name: &str, value: &Value) -> Result<String> {
    let json = serde_json::to_string(value)
        .map_err(|e| Error::model(format!("the page's data cannot be written as JSON: {e}")))?;
    Ok(format!("const {name} = {json};\n"))
}
