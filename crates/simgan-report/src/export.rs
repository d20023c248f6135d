//! Every chart as SVG and CSV, every table of scores as Markdown and LaTeX: for papers and slides.

use std::path::Path;

use simgan_base::files::{durable, output_folder};
use simgan_base::formats::{csv_text, markdown};
use simgan_base::{Error, Result};

use super::chart::{Chart, Line, SIZE};
use super::comparison::{self, scores_table};
use super::html::escape;
use super::run_data::RunData;
use super::unit::unit_name;
use super::{curves, levels};

/// The six colours on white, as in `style.css`.
const COLORS: [&str; 6] = [
    "#2166ac", "#c0442f", "#17784e", "#8a5fb5", "#a07d00", "#5f646d",
];
/// Room above the drawing for title and legend, pixels.
const HEAD: u32 = 46;
/// Width of a letter of the legend, pixels: a guess that is wide enough.
const LETTER: usize = 8;

/// Writes the files into `folder`, new or empty: whole or not at all.
///
/// # Errors
/// The folder holds something, or cannot be written; a chart that cannot be drawn.
pub fn write(run: &RunData, folder: &Path) -> Result<()> {
    output_folder::require_place(folder, "give --export another folder")?;
    let partial = output_folder::begin(folder)?;
    for (name, text) in files(run)? {
        durable::write(&partial.join(name), text)?;
    }
    output_folder::publish(&partial, folder)
}

/// Names and contents.
fn files(run: &RunData) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for (number, chart) in charts(run).iter().enumerate() {
        let name = format!("{:02}-{}", number + 1, slug(&chart.title));
        files.push((format!("{name}.svg"), svg(chart)?));
        files.push((format!("{name}.csv"), csv(chart)));
    }
    for (name, comparison) in &run.comparisons {
        let (head, rows) = scores_table(comparison, unit_name(comparison));
        let name = format!("scores-{}", slug(name));
        files.push((format!("{name}.md"), markdown::table(&head, &rows)));
        files.push((format!("{name}.tex"), latex(&head, &rows)));
    }
    Ok(files)
}

/// Every chart of the report that has something to draw.
fn charts(run: &RunData) -> Vec<Chart> {
    let mut charts = vec![levels::chart(run)];
    for (name, comparison) in &run.comparisons {
        let named = |mut chart: Chart| {
            chart.title = format!("{name}: {}", chart.title);
            chart
        };
        charts.extend(comparison::charts(comparison).into_iter().map(named));
    }
    charts.extend(curves::charts(run));
    charts.retain(|chart| !chart.drawn().is_empty());
    charts
}

/// A drawing of its own: real colours, white ground, title and legend.
fn svg(chart: &Chart) -> Result<String> {
    let lines = chart.drawn();
    let drawing = chart
        .draw(&lines)
        .map_err(|e| Error::data(format!("chart `{}` cannot be drawn: {e}", chart.title)))?;
    let mut drawing = drawing
        .replace("#010101", "#1d1f23")
        .replace("#020202", "#5f646d")
        .replace("#030303", "#e0e2e6");
    for line in &lines {
        let (red, color) = (
            line.series(),
            COLORS[line.color.unwrap_or(0) % COLORS.len()],
        );
        drawing = drawing.replace(&format!("#{red:02X}0101"), color).replace(
            &format!("stroke=\"#{red:02X}0201\""),
            &format!("stroke=\"{color}\" stroke-dasharray=\"7 5\""),
        );
    }
    let head = head(chart, &lines);
    // The drawing moves down by the head.
    let Some((opening, body)) = drawing.split_once('>') else {
        return Err(Error::data(format!("chart `{}` is no SVG", chart.title)));
    };
    let opening = opening
        .replace("height=\"300\"", &format!("height=\"{}\"", 300 + HEAD))
        .replace(
            "viewBox=\"0 0 640 300\"",
            &format!("viewBox=\"0 -{HEAD} 640 {}\"", 300 + HEAD),
        );
    Ok(format!(
        "{opening} font-family=\"sans-serif\">\n<rect x=\"0\" y=\"-{HEAD}\" width=\"640\" height=\"{}\" fill=\"#ffffff\"/>\n{head}{body}",
        300 + HEAD
    ))
}

fn head(chart: &Chart, lines: &[Line]) -> String {
    let mut text = format!(
        "<text x=\"8\" y=\"-{}\" font-size=\"{:.1}\" font-weight=\"bold\" fill=\"#1d1f23\">{}</text>\n",
        HEAD - 18,
        title_size(&chart.title),
        escape(&chart.title)
    );
    let mut x = 8;
    for line in lines {
        let color = COLORS[line.color.unwrap_or(0) % COLORS.len()];
        text += &format!(
            "<rect x=\"{x}\" y=\"-12\" width=\"16\" height=\"4\" fill=\"{color}\"/>\
             <text x=\"{}\" y=\"-6\" font-size=\"13\" fill=\"#1d1f23\">{}</text>\n",
            x + 20,
            escape(&line.name)
        );
        x += 34 + LETTER * line.name.chars().count();
    }
    text
}

/// Size of the title's letters: smaller where it would not fit the chart's width. A bold letter is 0.6 of
/// its size wide on average.
fn title_size(title: &str) -> f64 {
    let room = f64::from(SIZE.0) - 16.0;
    (room / (0.6 * title.chars().count().max(1) as f64)).min(15.0)
}

/// One row a point: `line,x,y,low,high`; the last two are empty where a line has no band.
fn csv(chart: &Chart) -> String {
    let quoted = |text: &str| csv_text::quoted(text).into_owned();
    let mut text = format!(
        "line,{},{},low,high\n",
        quoted(&chart.x_label),
        quoted(&chart.y_label)
    );
    for line in &chart.lines {
        for (place, (x, y)) in line.points.iter().enumerate() {
            let band = line
                .band
                .get(place)
                .map(|(_, low, high)| format!("{low},{high}"));
            let band = band.unwrap_or_else(|| ",".to_owned());
            text += &format!("{},{x},{y},{band}\n", quoted(&line.name));
        }
    }
    text
}

/// A `tabular` that needs no package.
fn latex(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| latex_text(cell)).collect();
        format!("{} \\\\\n", cells.join(" & "))
    };
    let columns = "r".repeat(head.len().saturating_sub(1));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!(
        "\\begin{{tabular}}{{l{columns}}}\n\\hline\n{}\\hline\n{rows}\\hline\n\\end{{tabular}}\n",
        line(head)
    )
}

fn latex_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '±' => escaped.push_str("$\\pm$"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Letters and digits of a title, joined by hyphens, for the name of a file.
fn slug(title: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            ' '
        }
    };
    let words: String = title.chars().map(letter).collect();
    let mut slug = words.split_whitespace().collect::<Vec<_>>().join("-");
    slug.truncate(60);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_data::tests::empty;
    use crate::verdict::tests::comparison;

    #[test]
    fn every_chart_is_an_svg_and_a_csv_and_every_comparison_two_tables() {
        let mut run = empty();
        run.comparisons = vec![("a_b".into(), comparison(&[10.0, 12.0], &[8.0, 8.5]))];
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("export");
        write(&run, &folder).unwrap();
        let mut names: Vec<String> = fs_err::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let chart = "01-a-b-images-within-an-error-mean-over-seeds-band-lowest-and-h";
        assert_eq!(
            names,
            [
                format!("{chart}.csv"),
                format!("{chart}.svg"),
                "scores-a-b.md".to_owned(),
                "scores-a-b.tex".to_owned()
            ]
        );
        let svg = fs_err::read_to_string(folder.join(&names[1])).unwrap();
        assert!(
            svg.contains("#2166ac") && svg.contains("#c0442f") && svg.contains(">refined</text>")
        );
        // No marker colour is left, and the file is one element.
        assert!(
            !svg.contains("0101\"") && svg.trim_end().ends_with("</svg>"),
            "{svg}"
        );
        let csv = fs_err::read_to_string(folder.join(&names[0])).unwrap();
        assert!(
            csv.starts_with(
                "line,\"error, degrees\",\"images, percent\",low,high\nsynthetic,0,0,0,0\n"
            ),
            "{csv}"
        );
        assert!(write(&run, &folder).is_err(), "what is there stays");
    }

    #[test]
    fn tables_are_latex() {
        let head = ["".to_owned(), "a_b".to_owned()];
        let rows = [vec!["10 %".to_owned(), "1.0 ± 0.5".to_owned()]];
        assert_eq!(
            latex(&head, &rows),
            "\\begin{tabular}{lr}\n\\hline\n & a\\_b \\\\\n\\hline\n10 \\% & 1.0 $\\pm$ 0.5 \\\\\n\\hline\n\\end{tabular}\n"
        );
    }
}
