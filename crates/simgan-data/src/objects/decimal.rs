//! Numbers as text.

/// A number of a label file: at most six digits behind the point, and none that says nothing.
pub(crate) fn decimal(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_say_nothing_are_left_out() {
        for (value, text) in [
            (10.0, "10"),
            (0.5, "0.5"),
            (-1e-9, "0"),
            (100.25, "100.25"),
            (1.0 / 3.0, "0.333333"),
            (0.0, "0"),
        ] {
            assert_eq!(decimal(value), text);
        }
    }
}
