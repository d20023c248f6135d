//! The configuration's JSON Schema, made from the doc comments of its structs: editors complete and check TOML by it, and the
//! reference of all keys is written from it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::training::Config;

/// The schema of [`Config`] (draft 2020-12), nothing referred to, with descriptions as plain text.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<Config>()
        .to_value();
    schema["title"] = "simgan configuration".into();
    make_plain(&mut schema);
    schema
}

/// Descriptions are written for rustdoc: links become what they show.
fn make_plain(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => *text = plain(text),
                    other => make_plain(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_plain),
        _ => {}
    }
}

/// The text without line breaks and targets of links.
fn plain(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = joined.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((shown, rest)) => {
                let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
                match target {
                    Some((_, rest)) => plain += &format!("{shown}{rest}"),
                    None if shown.starts_with('`') => plain += &format!("{shown}{rest}"),
                    // No link: an interval or a section of the file.
                    None => plain += &format!("[{shown}]{rest}"),
                }
            }
            None => plain += &format!("[{part}"),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_what_they_show() {
        assert_eq!(
            plain("as [`a`] and\n [`b`](c::d) say"),
            "as `a` and `b` say"
        );
        assert_eq!(
            plain("a [word](x::y), [0, 1] and [open"),
            "a word, [0, 1] and [open"
        );
    }

    /// Sections with their keys, as TOML has them.
    fn assert_described(schema: &Value, values: &toml::Table, path: &str) {
        for (key, value) in values {
            let path = format!("{path}{key}");
            let property = &schema["properties"][key];
            assert!(
                property["description"].is_string(),
                "{path} has no description"
            );
            match value {
                toml::Value::Table(inner) => assert_described(property, inner, &format!("{path}.")),
                _ => assert!(!property["default"].is_null(), "{path} has no default"),
            }
        }
    }

    #[test]
    fn every_key_has_a_description_and_a_default() {
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        assert_described(&schema(), &defaults, "");
    }

    #[test]
    fn no_target_of_a_link_is_left() {
        let text = schema().to_string();
        assert!(!text.contains("crate::") && !text.contains("]("), "{text}");
    }
}
