//! JSON as Python's own values.

use pyo3::prelude::*;

/// What `json.loads` makes of `text`: to the last bit what a reader of the command's output gets.
pub(crate) fn loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}
