//! Reading configuration: TOML, then `key=value` overrides, into a checked type.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

pub use crate::document::{Document, Given};
use crate::{Error, Result};

/// Where settings come from: defaults, then a file, then overrides.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a> {
    /// A TOML file.
    pub file: Option<&'a Path>,
    /// `section.key=value` with TOML values; bare words are taken as strings.
    pub overrides: &'a [String],
    /// What errors call the overrides: the option that they were given with.
    pub origin: &'a str,
}

impl Layers<'_> {
    /// Reads `T`.
    ///
    /// # Errors
    /// A file that is not TOML, an unknown key or a value of the wrong type names the file (or the overrides) and the key.
    pub fn load<T: DeserializeOwned + Serialize + Default>(&self) -> Result<T> {
        let document = self.file.map(Document::read).transpose()?;
        layered(document.as_ref(), self.overrides, self.origin).map(|(settings, _)| settings)
    }
}

/// Reads `T` from an optional document, then applies the `overrides` of `--set`, and tells which keys were set.
///
/// # Errors
/// Those of [`Layers::load`].
pub fn load_document<T: DeserializeOwned + Serialize + Default>(
    document: Option<&Document>,
    overrides: &[String],
) -> Result<(T, Given)> {
    layered(document, overrides, "--set")
}

/// As [`load_document`], of `overrides` that errors call `overrides_origin`.
///
/// # Errors
/// Those of [`Layers::load`].
pub fn layered<T: DeserializeOwned + Serialize + Default>(
    document: Option<&Document>,
    overrides: &[String],
    overrides_origin: &str,
) -> Result<(T, Given)> {
    let (mut table, origin) = match document {
        Some(document) => (table_of(document)?, document.origin.as_str()),
        None => (Table::new(), overrides_origin),
    };
    let defaults = Table::try_from(T::default())
        .map_err(|e| Error::config(format!("default configuration cannot be written: {e}")))?;
    let known = Known {
        defaults: &defaults,
        has_optional: &has_key::<T>,
    };
    check_keys(&table, known, "", origin)?;
    for text in overrides {
        apply_override(&mut table, known, text, overrides_origin)?;
    }
    let given = Given(table.clone());
    // The whole default, not each section's own, stands for what is left out.
    let settings = merged(defaults, table)
        .try_into()
        .map_err(|e: toml::de::Error| {
            Error::config(format!("{origin}: {}", one_line(&e)))
                .with_hint("docs/configuration.md lists keys, types and ranges")
        })?;
    Ok((settings, given))
}

/// Reads `T` from an optional TOML file, then applies the `overrides` of `--set`: see [`Layers`].
///
/// # Errors
/// Those of [`Layers::load`].
pub fn load<T: DeserializeOwned + Serialize + Default>(
    path: Option<&Path>,
    overrides: &[String],
) -> Result<T> {
    Layers {
        file: path,
        overrides,
        origin: "--set",
    }
    .load()
}

/// Reads `T` from TOML text, as stored with a run; `origin` names the text in errors.
pub fn parse<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T> {
    toml::from_str(text).map_err(|e| Error::config(format!("{origin}: {}", e.message())))
}

/// The error with the key it names, on one line.
fn one_line(error: &toml::de::Error) -> String {
    error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Writes a configuration as TOML.
pub fn to_toml<T: Serialize>(settings: &T) -> Result<String> {
    toml::to_string_pretty(settings)
        .map_err(|e| Error::config(format!("configuration cannot be written as TOML: {e}")))
}

fn table_of(document: &Document) -> Result<Table> {
    document.text.parse::<Table>().map_err(|e| {
        let message = format!("{} is not valid TOML: {e}", document.origin);
        Error::config(message.trim_end())
    })
}

/// `table` with what it lacks from `defaults`, section by section.
fn merged(mut defaults: Table, table: Table) -> Table {
    for (key, value) in table {
        match (defaults.remove(&key), value) {
            (Some(Value::Table(default)), Value::Table(value)) => {
                defaults.insert(key, Value::Table(merged(default, value)));
            }
            (_, value) => {
                defaults.insert(key, value);
            }
        }
    }
    defaults
}

/// The keys that there are.
#[derive(Clone, Copy)]
struct Known<'a> {
    /// Those of the default configuration, or of one of its sections.
    defaults: &'a Table,
    /// Whether there is a key that the default leaves out: one that may be absent has no default.
    has_optional: &'a dyn Fn(&str) -> bool,
}

/// Whether `T`, which denies unknown fields, has a field at `path`.
fn has_key<T: DeserializeOwned>(path: &str) -> bool {
    let read = nested(path, Value::Boolean(true)).try_into::<T>();
    read.map_or_else(|e| !e.message().contains("unknown field"), |_| true)
}

/// `a.b.c` as a table in a table in a table.
fn nested(path: &str, value: Value) -> Table {
    let (sections, key) = match path.rsplit_once('.') {
        Some((sections, key)) => (Some(sections), key),
        None => (None, path),
    };
    let innermost = Table::from_iter([(key.to_owned(), value)]);
    let sections = sections
        .into_iter()
        .flat_map(|sections| sections.rsplit('.'));
    sections.fold(innermost, |table, section| {
        Table::from_iter([(section.to_owned(), Value::Table(table))])
    })
}

/// Refuses keys that there are not, naming the closest that there is.
fn check_keys(table: &Table, known: Known, prefix: &str, origin: &str) -> Result<()> {
    for (key, value) in table {
        let path = join(prefix, key);
        match (known.defaults.get(key), value) {
            (None, _) if (known.has_optional)(&path) => {}
            (None, _) => return Err(unknown_key(&path, key, known.defaults, prefix, origin)),
            (Some(Value::Table(defaults)), Value::Table(table)) => {
                check_keys(table, Known { defaults, ..known }, &path, origin)?;
            }
            (Some(Value::Table(_)), _) => {
                return Err(Error::config(format!(
                    "{origin}: `{path}` is a section, not a value"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

fn unknown_key(path: &str, key: &str, known: &Table, prefix: &str, origin: &str) -> Error {
    let error = Error::config(format!("{origin}: unknown key `{path}`"));
    let closest = known.keys().min_by_key(|k| edit_distance(k, key));
    match closest {
        Some(name) if edit_distance(name, key) <= 3 => {
            error.with_hint(format!("did you mean `{}`?", join(prefix, name)))
        }
        _ => error.with_hint(format!(
            "known keys: {}",
            known
                .keys()
                .map(|k| join(prefix, k))
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

fn apply_override(table: &mut Table, known: Known, text: &str, origin: &str) -> Result<()> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(
            Error::config(format!("{origin} {text}: expected key=value"))
                .with_hint("for example --set training.lambda=0.5"),
        );
    };
    let overlay = nested(key.trim(), parse_value(value.trim()));
    check_keys(&overlay, known, "", origin)?;
    merge(table, overlay);
    Ok(())
}

/// A TOML value, or the text itself where it is none (`scope=global`).
fn parse_value(text: &str) -> Value {
    format!("v = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn merge(table: &mut Table, overlay: Table) {
    for (key, value) in overlay {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() {
        key.to_owned()
    } else {
        format!("{prefix}.{key}")
    }
}

/// Levenshtein distance, for "did you mean".
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.chars().enumerate() {
            let substitute = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Example {
        training: Training,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Training {
        lambda: f64,
        scope: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        range: Option<[u16; 2]>,
    }

    impl Default for Training {
        fn default() -> Self {
            Self {
                lambda: 0.5,
                scope: "local".into(),
                range: None,
            }
        }
    }

    #[test]
    fn a_key_without_a_default_can_be_set() {
        let range = |text: &str| set(&[text]).map(|example| example.training.range);
        assert_eq!(
            range("training.range=[400, 1500]").unwrap(),
            Some([400, 1500])
        );
        assert!(
            range("training.range=[400]")
                .unwrap_err()
                .to_string()
                .contains("--set")
        );
        let error = range("training.rang=1").unwrap_err();
        assert!(
            error.to_string().contains("unknown key `training.rang`"),
            "{error}"
        );
        assert!(set(&["training.lambda.range=1"]).is_err());
    }

    fn set(overrides: &[&str]) -> Result<Example> {
        let overrides: Vec<String> = overrides.iter().map(|&s| s.to_owned()).collect();
        load(None, &overrides)
    }

    #[test]
    fn overrides_take_toml_values_and_bare_words() {
        let example = set(&["training.lambda=2.5", "training.scope=global"]).unwrap();
        assert_eq!(example.training.lambda, 2.5);
        assert_eq!(example.training.scope, "global");
    }

    #[test]
    fn integers_are_accepted_where_numbers_are_expected() {
        assert_eq!(set(&["training.lambda=1"]).unwrap().training.lambda, 1.0);
    }

    #[test]
    fn unknown_keys_name_the_closest() {
        let error = set(&["training.lamda=1"]).unwrap_err();
        assert_eq!(error.to_string(), "--set: unknown key `training.lamda`");
        assert_eq!(error.hint(), Some("did you mean `training.lambda`?"));
    }

    #[test]
    fn wrong_types_and_missing_equals_are_refused() {
        let error = set(&["training.lambda=abc"]).unwrap_err().to_string();
        assert!(error.contains("training.lambda"), "{error}");
        assert!(set(&["training.lambda"]).is_err());
        assert!(set(&["training=1"]).is_err());
    }

    #[test]
    fn keys_that_are_set_are_known_whatever_their_values() {
        let document = Document {
            text: "[training]\nlambda = 0.5\n".into(),
            origin: "test".into(),
        };
        let (_, given) = load_document::<Example>(Some(&document), &[]).unwrap();
        assert!(given.has("training.lambda") && !given.has("training.scope"));
        let set = ["training.scope=local".to_owned()];
        let (_, given) = load_document::<Example>(None, &set).unwrap();
        assert!(given.has("training.scope") && !given.has("training.lambda"));
        assert!(!given.has("history.size") && !given.has("training.scope.more"));
    }

    #[test]
    fn toml_round_trip() {
        let example = set(&["training.lambda=2.5"]).unwrap();
        let text = to_toml(&example).unwrap();
        assert_eq!(parse::<Example>(&text, "test").unwrap(), example);
    }
}
