//! Values over the steps of a training.

/// What the curves of Algorithm 1 run over.
pub const ITERATION: &str = "iteration of Algorithm 1";

/// Values by step. A resumed run repeats the steps after its checkpoint: the repetition counts.
pub fn points(values: impl Iterator<Item = (usize, f32)>) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (step, value) in values {
        let x = step as f64;
        while points.last().is_some_and(|last| last.0 >= x) {
            points.pop();
        }
        points.push((x, value.into()));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_replaces_what_it_repeats() {
        let values = [(10, 1.0), (20, 2.0), (30, 3.0), (20, 4.0), (30, 5.0)];
        let points = points(values.into_iter());
        assert_eq!(points, [(10.0, 1.0), (20.0, 4.0), (30.0, 5.0)]);
    }
}
