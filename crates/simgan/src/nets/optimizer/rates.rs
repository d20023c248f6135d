//! Learning rates over the steps of a fit.

/// The rate of `step` (from 0) of `steps`: it rises to `peak` in the share `rise` of them, and falls along half a cosine.
pub fn rise_and_fall(peak: f64, rise: f64, step: usize, steps: usize) -> f64 {
    let done = step as f64 / steps as f64;
    let risen = ((step + 1) as f64 / (rise * steps as f64)).min(1.0);
    risen * peak * (1.0 + (std::f64::consts::PI * done).cos()) / 2.0
}
