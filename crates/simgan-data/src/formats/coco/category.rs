//! The categories of a table, and their key points.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use simgan_base::{Error, Result};

/// Most names of key points.
const MAX_POINTS: usize = 1000;

/// What a kind of objects is called.
#[derive(Debug)]
pub(super) struct Category {
    pub(super) name: String,
    /// Index of each key point among those of all categories.
    pub(super) points: Vec<usize>,
    /// Names of its key points.
    pub(super) point_names: Vec<String>,
}

#[derive(Deserialize)]
struct RawCategory<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    name: String,
    #[serde(default)]
    keypoints: Vec<String>,
}

/// Categories by id, and the names of all key points.
pub(super) fn categories(raw: &[&RawValue]) -> Result<(HashMap<String, Category>, Vec<String>)> {
    let (mut categories, mut points) = (HashMap::new(), Vec::<String>::new());
    for (at, json) in raw.iter().enumerate() {
        let malformed = |e| Error::data(format!("categories[{at}]: {e}"));
        let raw: RawCategory = serde_json::from_str(json.get()).map_err(malformed)?;
        let mut own = vec![];
        for name in &raw.keypoints {
            let known = points.iter().position(|known| known == name);
            own.push(known.unwrap_or(points.len()));
            if known.is_none() {
                points.push(name.clone());
            }
            if points.len() > MAX_POINTS {
                let what = format!("it has more than {MAX_POINTS} names of key points");
                return Err(Error::data(what));
            }
        }
        let id = raw.id.get();
        let category = Category {
            name: raw.name,
            points: own,
            point_names: raw.keypoints,
        };
        if categories.insert(id.to_owned(), category).is_some() {
            return Err(Error::data(format!(
                "categories[{at}]: its id {id} comes twice"
            )));
        }
    }
    match points.iter().any(|name| name == "box") {
        true => Err(
            Error::data("a key point is called `box`, as the box of an object is")
                .with_hint("call it something else"),
        ),
        false => Ok((categories, points)),
    }
}
