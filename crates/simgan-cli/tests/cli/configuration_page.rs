//! The reference of all configuration keys, docs/configuration-keys.md, is what the schema says.

use std::path::Path;

use serde_json::Value;
use simgan::training::schema::schema;

/// Set, it makes the test below write the page.
const UPDATE: &str = "UPDATE_DOCS";

const HEAD: &str = "\
# Every key of the configuration

[Configuration](configuration.md) tells what to choose and what the paper has. This page lists every
key with its default, from the program's own descriptions. `simgan config --schema` prints the same
as a JSON Schema: with `#:schema simgan.schema.json` as the first line of a TOML file, editors that
know Taplo complete its keys and check its values.

The page is made from the program: `UPDATE_DOCS=1 cargo test --release --locked --workspace --test
cli -- reference` writes it anew.
";

/// Rows of a section's own keys, then the sections in it.
fn section(name: &str, schema: &Value, page: &mut String) {
    let properties = schema["properties"].as_object().unwrap();
    let (tables, keys): (Vec<_>, Vec<_>) = properties
        .iter()
        .partition(|(_, property)| property["properties"].is_object());
    if !keys.is_empty() {
        let description = schema["description"].as_str().unwrap_or_default();
        *page += &format!(
            "\n## `[{name}]`\n\n{description}\n\n| key | values | default | meaning |\n|---|---|---|---|\n"
        );
    }
    for (key, property) in keys {
        *page += &format!(
            "| `{key}` | {} | `{}` | {} |\n",
            values(property),
            toml(&property["default"]),
            cell(property["description"].as_str().unwrap_or_default()),
        );
    }
    for (key, table) in tables {
        let name = match name {
            "" => key.clone(),
            outer => format!("{outer}.{key}"),
        };
        section(&name, table, page);
    }
}

/// What a key may be: its kind, or its words.
fn values(property: &Value) -> String {
    let words: Vec<&str> = property["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(
            property["oneOf"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| &one["const"]),
        )
        .filter_map(Value::as_str)
        .collect();
    let kind = match property["type"].as_str() {
        _ if !words.is_empty() => return format!("`{}`", words.join("`, `")),
        Some("integer") => "whole number",
        Some("boolean") => "`true`, `false`",
        Some("string") => "text",
        Some("array") => "list",
        _ => "number",
    };
    kind.to_owned()
}

/// A default as TOML writes it.
fn toml(value: &Value) -> String {
    match value {
        Value::Number(number) => number.as_f64().map_or_else(
            || number.to_string(),
            |n| {
                // A number of single precision as it was written.
                if number.is_f64() {
                    (n as f32).to_string()
                } else {
                    number.to_string()
                }
            },
        ),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{key} = {}", toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// Text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_reference_of_keys_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration-keys.md");
    if !path.parent().unwrap().exists() {
        return;
    }
    let mut page = HEAD.to_owned();
    section("", &schema(), &mut page);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/configuration-keys.md is out of date: {UPDATE}=1 writes it"
    );
}
