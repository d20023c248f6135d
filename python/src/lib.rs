//! The extension module `simgan._simgan`: what the Python package `simgan` is made of. Its functions take dictionaries of
//! arguments, which the package's functions of the same names make; those have the documentation.

mod arguments;
mod errors;
mod images;
mod json;
mod listener;
mod logging;
mod pool;
mod refiner;
mod simulate;
mod work;
mod workflows;

use pyo3::prelude::*;

/// The extension module.
#[pymodule]
mod _simgan {
    use super::{logging, pool};
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::refiner::Refiner;
    #[pymodule_export]
    use super::simulate::simulate;
    #[pymodule_export]
    use super::workflows::{compare, evaluate, fit, judge, train};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        logging::start();
        pool::imported();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
