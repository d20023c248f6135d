//! The settings of the run and the data it used.

use toml::{Table, Value};

use super::html::{escape, missing, section, table};
use super::run_data::RunData;

/// The sections of data and of settings.
pub fn render(run: &RunData) -> String {
    section("Data", &data(run)) + &section("Settings", &settings(&run.config))
}

fn data(run: &RunData) -> String {
    let mut rows = Vec::new();
    for side in ["synthetic", "real"] {
        if run.info.get(side).is_none() {
            continue;
        }
        let info = |key| run.info(&[side, key]).unwrap_or_else(|| "unknown".into());
        rows.push(vec![
            side.to_owned(),
            info("source"),
            info("images"),
            info("fingerprint"),
        ]);
    }
    if rows.is_empty() {
        return missing("run.json does not say which data were used.");
    }
    table(
        &["", "source", "images", "fingerprint (SHA-256)"],
        &rows,
        false,
    )
}

fn settings(config: &Table) -> String {
    if config.is_empty() {
        return missing("config.toml is empty.");
    }
    let (sections, plain): (Vec<_>, Vec<_>) =
        config.iter().partition(|(_, value)| value.is_table());
    let mut html = String::from("<div class=\"columns\">\n");
    if !plain.is_empty() {
        html.push_str(&group("general", plain.into_iter().map(row).collect()));
    }
    for (name, value) in sections {
        let rows = flatten(value.as_table());
        html.push_str(&group(name, rows));
    }
    html + "</div>\n"
}

fn group(name: &str, rows: Vec<Vec<String>>) -> String {
    format!(
        "<div><h3>{}</h3>\n{}</div>\n",
        escape(name),
        table::<&str>(&[], &rows, false)
    )
}

/// Keys of a section, those of inner tables with their prefix.
pub fn flatten(section: Option<&Table>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (key, value) in section.into_iter().flatten() {
        match value {
            Value::Table(inner) => rows.extend(flatten(Some(inner)).into_iter().map(|mut row| {
                row[0] = format!("{key}.{}", row[0]);
                row
            })),
            _ => rows.push(row((key, value))),
        }
    }
    rows
}

fn row((key, value): (&String, &Value)) -> Vec<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    vec![key.clone(), text]
}
