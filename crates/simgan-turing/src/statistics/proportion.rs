//! The interval of a proportion.

use simgan_base::metrics::proportion;

/// Wilson's 95 % interval of `right` right answers of `all`; the whole range where nothing was asked.
pub fn wilson(right: usize, all: usize) -> [f64; 2] {
    match all {
        0 => [0.0, 1.0],
        all => proportion::wilson(right as f64 / all as f64, all),
    }
}
