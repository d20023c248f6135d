//! Results as JSON: objects whose first member, `shape`, says what they are and in which version.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What a result is: `"shape": "comparison/1"`.
///
/// The number grows where a member changes its meaning or goes; new members leave it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    name: &'static str,
    version: u32,
}

#[derive(Serialize)]
struct Document<'a, T> {
    shape: String,
    #[serde(flatten)]
    content: &'a T,
}

/// The one member that is read before all others.
#[derive(Deserialize)]
struct Head {
    shape: Option<String>,
}

impl Shape {
    /// Version `version` of what is called `name`.
    pub const fn new(name: &'static str, version: u32) -> Self {
        Self { name, version }
    }

    /// What it is called, without its version.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// `content`, a struct or map, as indented JSON that ends with a line end.
    ///
    /// # Errors
    /// Of kind [`Data`](crate::ErrorKind::Data): JSON has no such value.
    pub fn text(self, content: &impl Serialize) -> Result<String> {
        let document = Document {
            shape: self.to_string(),
            content,
        };
        serde_json::to_string_pretty(&document)
            .map(|text| text + "\n")
            .map_err(|e| Error::data(format!("the {} cannot be written as JSON: {e}", self.name)))
    }

    /// Reads what [`text`](Self::text) wrote. A file without `shape` is of a version before there were shapes.
    ///
    /// # Errors
    /// What is wrong, to stand after the name of the file: it has another shape, or is none at all.
    pub fn read<T: DeserializeOwned>(self, text: &str) -> Result<T, String> {
        let malformed = |e| format!("is not a {}: {e}", self.name);
        let head: Head = serde_json::from_str(text).map_err(malformed)?;
        match head.shape {
            Some(shape) if shape != self.to_string() => Err(format!(
                "has the shape `{shape}`, and `{self}` is read here"
            )),
            _ => serde_json::from_str(text).map_err(malformed),
        }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape::new("score", 2);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Score {
        mean: f64,
        narrow: f32,
        each: Vec<u64>,
    }

    #[test]
    fn what_is_written_can_be_read() {
        let score = Score {
            mean: 0.1,
            narrow: 0.1,
            each: vec![1, u64::MAX],
        };
        let text = SHAPE.text(&score).unwrap();
        assert!(text.starts_with("{\n  \"shape\": \"score/2\",\n  \"mean\": 0.1,"));
        assert!(text.contains("\"narrow\": 0.1,") && text.ends_with("}\n"));
        assert_eq!(SHAPE.read(&text), Ok(score));
    }

    #[test]
    fn files_of_before_are_read_and_other_shapes_refused() {
        let old = r#"{"mean": 1, "narrow": 2, "each": []}"#;
        assert!(SHAPE.read::<Score>(old).is_ok());
        let newer = old.replacen('{', r#"{"shape": "score/3","#, 1);
        let refused = SHAPE.read::<Score>(&newer).unwrap_err();
        assert_eq!(
            refused,
            "has the shape `score/3`, and `score/2` is read here"
        );
        let other = SHAPE.read::<Score>("[]").unwrap_err();
        assert!(other.starts_with("is not a score: "), "{other}");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(SHAPE.text(&[1, 2]).is_err());
    }
}
