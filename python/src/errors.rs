//! Errors of the library as exceptions of the package, of the same sentences and hints.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use simgan_base::{Error, ErrorKind};
use simgan_workflow::UsageError;

/// Why a piece of work did not end well.
pub(crate) enum Failure {
    /// An error of the library.
    Library(Error),
    /// Wrong use.
    Usage(UsageError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Library(error) => {
                exception(class(error.kind()), &error.to_string(), error.hint())
            }
            Failure::Usage(error) => exception("UsageError", &error.message, Some(&error.hint)),
        }
    }
}

/// An error of kind `kind`.
pub(crate) fn of_kind(kind: ErrorKind, message: &str, hint: &str) -> PyErr {
    exception(class(kind), message, Some(hint))
}

/// A fault of this library.
pub(crate) fn internal(message: &str) -> PyErr {
    let message = format!("simgan stopped on a fault of its own: {message}");
    exception(
        "InternalError",
        &message,
        Some("this is a bug: please report it"),
    )
}

/// Names of `simgan.errors`.
fn class(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Config => "ConfigError",
        ErrorKind::Data => "DataError",
        ErrorKind::Model => "ModelError",
        ErrorKind::Training => "TrainingError",
        ErrorKind::Io => "InputOutputError",
    }
}

fn exception(class: &str, message: &str, hint: Option<&str>) -> PyErr {
    Python::attach(|py| {
        let made = py
            .import("simgan.errors")
            .and_then(|errors| errors.getattr(class)?.call1((message, hint)));
        match made {
            Ok(exception) => PyErr::from_value(exception),
            Err(_) => PyRuntimeError::new_err(message.to_owned()),
        }
    })
}
