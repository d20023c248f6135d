//! Objects as a label table with one row an image: what is one object an image becomes columns.

use std::fmt::Write;

use crate::Labels;
use crate::labels::OBJECTS;
use crate::objects::{Object, decimal};
use crate::pixel_map::PixelMap;
use crate::points::KnownPoints;
use simgan_base::Result;
use simgan_base::formats::csv_text::quoted;

/// Columns of the box, behind `box`.
const SIDES: [&str; 4] = ["x", "y", "w", "h"];

/// A label table that is being made.
pub(crate) struct ObjectTable {
    /// Names of key points.
    points: Vec<String>,
    /// Whether the format says which of them are visible.
    visibility: bool,
    text: String,
    beyond: BeyondEdge,
}

impl ObjectTable {
    /// A table without rows.
    pub(crate) fn new(points: Vec<String>, visibility: bool) -> Self {
        let mut columns = vec!["file".to_owned(), OBJECTS.to_owned(), "class".to_owned()];
        columns.extend(SIDES.map(|side| format!("box_{side}")));
        for name in &points {
            let endings: &[&str] = match visibility {
                true => &["x", "y", "visibility"],
                false => &["x", "y"],
            };
            columns.extend(endings.iter().map(|ending| format!("{name}_{ending}")));
        }
        let columns: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
        Self {
            text: columns.join(",") + "\n",
            points,
            visibility,
            beyond: BeyondEdge::default(),
        }
    }

    /// Adds the row of an image: of its only object, or of the number of its objects alone. Its pixels will go where `map`
    /// says, if it says anything.
    pub(crate) fn push(&mut self, file: &str, objects: &[Object], map: Option<PixelMap>) {
        if let Some(map) = map {
            self.beyond.count(file, objects, &map);
        }
        let nothing = Object::default();
        let object = match objects {
            [one] => one,
            _ => &nothing,
        };
        let mut cells = vec![quoted(file).into_owned(), objects.len().to_string()];
        cells.push(quoted(&object.class).into_owned());
        match object.rectangle {
            Some(sides) => cells.extend(sides.map(decimal)),
            None => cells.extend(SIDES.map(|_| String::new())),
        }
        for index in 0..self.points.len() {
            let point = object.points.get(index);
            match point.and_then(|point| point.place) {
                Some(place) => cells.extend(place.map(decimal)),
                None => cells.extend([String::new(), String::new()]),
            }
            if self.visibility {
                let visibility = point.and_then(|point| point.visibility);
                cells.push(visibility.map_or(String::new(), |value| value.to_string()));
            }
        }
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{}", cells.join(","));
    }

    /// A sentence about boxes that preprocessing cuts.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.beyond.warning().into_iter().collect()
    }

    /// The table; errors call it `origin`.
    ///
    /// # Errors
    /// Too many columns or rows.
    pub(crate) fn finish(self, origin: &str) -> Result<Labels> {
        Labels::parse(self.text.into_bytes(), origin)
    }
}

/// Boxes that reach beyond their image once its pixels have moved.
#[derive(Default)]
struct BeyondEdge {
    boxes: usize,
    /// The image of the first of them.
    first: String,
}

impl BeyondEdge {
    fn count(&mut self, file: &str, objects: &[Object], map: &PixelMap) {
        /// Part of a pixel that rounding may add.
        const ROUNDING: f64 = 0.01;
        let [width, height] = map.behind().map(f64::from);
        let leaves = |object: &&Object| {
            let [x, y, w, h] = map.rectangle(object.rectangle.unwrap_or_default());
            let beyond = [-x, -y, x + w - width, y + h - height];
            object.rectangle.is_some() && beyond.into_iter().any(|part| part > ROUNDING)
        };
        let boxes = objects.iter().filter(leaves).count();
        if self.boxes == 0 && boxes > 0 {
            file.clone_into(&mut self.first);
        }
        self.boxes += boxes;
    }

    fn warning(&self) -> Option<String> {
        let (boxes, first) = (self.boxes, &self.first);
        let what = match boxes {
            0 => return None,
            1 => format!("1 box reaches beyond its preprocessed image: {first}"),
            _ => format!(
                "{boxes} boxes reach beyond their preprocessed images, the first in {first}"
            ),
        };
        Some(format!(
            "{what}; boxes are moved, and never cut: preprocessing.crop.kind = \"none\" or \"pad\" keeps whole images"
        ))
    }
}

/// What is known of the columns of a table with these key points.
pub(crate) fn known_points(points: &[String]) -> KnownPoints {
    let in_pixels = std::iter::once("box".to_owned()).chain(points.iter().cloned());
    KnownPoints {
        in_pixels: in_pixels.collect(),
        ..KnownPoints::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::KeyPoint;

    #[test]
    fn one_object_has_cells_and_several_have_a_sentence() {
        let mut table = ObjectTable::new(vec!["tip".into()], true);
        let object = Object {
            class: "a, b".into(),
            rectangle: Some([1.0, 2.5, 3.0, 4.0]),
            points: vec![KeyPoint {
                place: Some([7.5, 8.0]),
                visibility: Some(2),
            }],
        };
        let map = PixelMap::identity([4, 6]);
        table.push("1.png", std::slice::from_ref(&object), Some(map));
        table.push("2.png", &[object.clone(), object], None);
        table.push("3.png", &[], Some(map));
        let said = "1 box reaches beyond its preprocessed image: 1.png; ";
        assert!(table.warnings()[0].starts_with(said));
        let labels = table.finish("set.json").unwrap();
        let mut text = vec![];
        labels.write_to(&mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "file,objects,class,box_x,box_y,box_w,box_h,tip_x,tip_y,tip_visibility\n\
             1.png,1,\"a, b\",1,2.5,3,4,7.5,8,2\n2.png,2,,,,,,,,\n3.png,0,,,,,,,,\n"
        );
        assert_eq!(labels.subset(&[0]).numbers("tip_y").unwrap(), [8.0]);
        let error = labels.numbers("box_w").unwrap_err();
        let said = "set.json: 2.png has 2 objects, and so no one value of `box_w`";
        assert_eq!(error.to_string(), said);
        assert!(error.hint().unwrap().contains("@only=objects:1"));
        assert_eq!(labels.gaps().count, 0);
    }
}
