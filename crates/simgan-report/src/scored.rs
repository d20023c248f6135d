//! Test images that were answered worst and best.

use simgan::tasks::comparison::examples::ScoredImage;

use super::html::{escape, number, paragraph};
use super::picture::{data_uri, decode_text};
use super::run_data::RunData;
use super::unit::unit_name;

/// The images of the last comparison that kept some; nothing without one.
pub fn render(run: &RunData) -> String {
    let Some((name, examples)) = run.examples.last() else {
        return String::new();
    };
    let Some((_, comparison)) = run.comparisons.iter().find(|(other, _)| other == name) else {
        return String::new();
    };
    let unit = unit_name(comparison);
    let axes = comparison.answers.as_ref().map(|answers| &answers.axes[..]);
    let cards: String = examples
        .scored
        .iter()
        .filter_map(|image| card(image, axes.unwrap_or_default(), unit))
        .collect();
    if cards.is_empty() {
        return String::new();
    }
    format!(
        "<h3>Worst and best answered</h3>\n{}<div class=\"cards\">\n{cards}</div>\n",
        paragraph(
            "Real test images, those with the largest error of the estimators of refined images first, then those with the \
             smallest. Answers are those of the first seed, errors are means over seeds."
        )
    )
}

/// `None` of an image that is none: of a damaged file.
fn card(image: &ScoredImage, axes: &[String], unit: &str) -> Option<String> {
    let picture = decode_text(&image.image)?;
    let [raw, refined] = &image.answers;
    let row = |class: &str, name: &str, values: &[f32], error: Option<f32>| {
        let values = values
            .iter()
            .map(|&value| format!("<td>{}</td>", number(value.into())));
        let error = error.map_or_else(String::new, |error| number(error.into()));
        format!(
            "<tr><th scope=\"row\" class=\"{class}\">{name}</th>{}<td>{error}</td></tr>",
            values.collect::<String>()
        )
    };
    let head: String = axes
        .iter()
        .map(|axis| format!("<th scope=\"col\">{}</th>", escape(axis)))
        .collect();
    Some(format!(
        "<figure><img alt=\"test image\" width=\"{}\" height=\"{}\" src=\"{}\"><figcaption>{}</figcaption>\
         <table class=\"numeric\"><thead><tr><th scope=\"col\">{unit}</th>{head}<th scope=\"col\">error</th></tr></thead>\
         <tbody>{}{}{}</tbody></table></figure>\n",
        picture.width(),
        picture.height(),
        data_uri(&picture),
        escape(&image.name),
        row("", "truth", &image.label, None),
        row("s1", "raw", raw, Some(image.errors[0])),
        row("s2", "refined", refined, Some(image.errors[1])),
    ))
}
