//! What was measured, as text.

use super::machine::Machine;
use super::result::{Measured, StageResult};

/// A cell that has no value.
const NONE: &str = "-";

/// The table, and the machine below it.
pub fn text(results: &[StageResult], machine: &Machine) -> String {
    let mut rows = vec![header()];
    rows.extend(
        results
            .iter()
            .map(|result| row(result, machine.peak_gflops)),
    );
    let used: Vec<usize> = (0..rows[0].len())
        .filter(|&column| rows.iter().skip(1).any(|row| row[column] != NONE))
        .collect();
    let mut lines: Vec<String> = aligned(&rows, &used);
    lines.push(String::new());
    lines.push(
        "Seconds a step (median) and peak memory, that of the device if it is no CPU; a ratio above 1 means that simgan needs less. Of peak: \
         operations as done, of the measured peak."
            .into(),
    );
    lines.push(machine.line());
    lines.join("\n")
}

fn header() -> Vec<String> {
    [
        "stage",
        "simgan",
        "images/s",
        "of peak",
        "burn-flex",
        "PyTorch",
        "ratio",
        "variant",
        "MB",
        "PyTorch MB",
        "MB ratio",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn row(result: &StageResult, peak: f64) -> Vec<String> {
    let ours = &result.ours;
    let best = result.best_pytorch();
    let peer = best.map(|(_, found)| found);
    let images = result.images_per_second();
    vec![
        result.stage.name().to_owned(),
        seconds(Some(ours)),
        format!("{images:.0}"),
        format!("{:.0} %", 100.0 * result.gflops().done / peak),
        seconds(result.burn()),
        seconds(peer),
        ratio(peer.map(|found| result.time_ratio(found))),
        best.map_or(NONE, |(variant, _)| variant).to_owned(),
        megabytes(Some(ours)),
        megabytes(peer),
        ratio(peer.and_then(|found| result.memory_ratio(found))),
    ]
}

fn seconds(found: Option<&Measured>) -> String {
    found.map_or(NONE.to_owned(), |found| {
        format!("{:.4}", found.times.median)
    })
}

fn megabytes(found: Option<&Measured>) -> String {
    let peak = found.and_then(|found| found.device_memory_mb.or(found.peak_rss_mb));
    peak.map_or(NONE.to_owned(), |mb| format!("{mb:.0}"))
}

fn ratio(value: Option<f64>) -> String {
    value.map_or(NONE.to_owned(), |value| format!("{value:.2}"))
}

/// The columns in `used`, the first one and the variant's to the left, numbers to the right.
fn aligned(rows: &[Vec<String>], used: &[usize]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let cell = |row: &[String], column: usize| {
        let (text, width) = (&row[column], width(column));
        match rows[0][column].as_str() {
            "stage" | "variant" => format!("{text:width$}"),
            _ => format!("{text:>width$}"),
        }
    };
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = used.iter().map(|&column| cell(row, column)).collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::result::tests::example;
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let rows = [header(), row(&example(), 100.0)];
        let used: Vec<usize> = (0..rows[0].len()).collect();
        let lines = aligned(&rows, &used);
        assert_eq!(lines[0].len(), lines[1].len());
        assert!(lines[1].starts_with("refine  0.1000"), "{}", lines[1]);
        assert!(lines[1].contains("2.00  channels_last"), "{}", lines[1]);
        let alone = StageResult {
            others: Vec::new(),
            ..example()
        };
        assert!(row(&alone, 100.0).iter().any(|cell| cell == NONE));
    }
}
