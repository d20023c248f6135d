//! Where labelled points lie in preprocessed images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Dataset;
use crate::points::columns_of_point;
use simgan_base::{Error, Result};

/// Fractions may lead out of the image by so many widths or heights.
const BEYOND: f32 = 1.0;
/// Share of the images that must show a point.
const SHOWN: f64 = 0.5;

/// The label columns of a box: its upper left corner, width and height.
pub const BOX_COLUMNS: [&str; 4] = ["box_x", "box_y", "box_w", "box_h"];

/// Unit of the columns of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PointUnit {
    /// Fractions where no value of a point is below -1 or above 2, otherwise pixels.
    #[default]
    Auto,
    /// Pixels of the preprocessed image, the middle of whose first pixel is 0.5, 0.5.
    Pixels,
    /// Fractions of its width and height, as `iris_x` and `iris_y` of UnityEyes folders.
    Fraction,
}

impl PointUnit {
    /// The unit of these values: what `Auto` stands for.
    fn resolved<'a>(self, mut values: impl Iterator<Item = &'a f32>) -> Self {
        let is_fraction = |value: &f32| (-BEYOND..=1.0 + BEYOND).contains(value);
        match self {
            Self::Auto if values.all(is_fraction) => Self::Fraction,
            Self::Auto => Self::Pixels,
            known => known,
        }
    }
}

/// The places of one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    /// Unit that its columns were read in: pixels or fractions.
    pub unit: PointUnit,
    /// `[x, y]` for every image, in pixels from the upper left corner of the preprocessed image, the middle of whose
    /// first pixel is 0.5, 0.5. May lie outside.
    pub places: Vec<[f32; 2]>,
}

impl Places {
    /// The number of images of `[width, height]` that show the point, where these are less than half: it was probably read
    /// in the wrong unit.
    pub fn shown_too_seldom(&self, size: [usize; 2]) -> Option<usize> {
        let inside =
            |place: &[f32; 2], axis: usize| (0.0..size[axis] as f32).contains(&place[axis]);
        let shown = self.places.iter().filter(|p| inside(p, 0) && inside(p, 1));
        let shown = shown.count();
        ((shown as f64) < SHOWN * self.places.len() as f64).then_some(shown)
    }
}

impl Dataset {
    /// The places of the point `name` in its images. Its columns are `NAME_x` and `NAME_y`, or `NAME_u` and `NAME_v`;
    /// `A,B` names two columns themselves.
    ///
    /// # Errors
    /// No labels, columns that are missing or no numbers, and columns that stayed as they were when crop or size moved the
    /// pixels.
    pub fn point_places(&self, name: &str, unit: PointUnit) -> Result<Places> {
        let labels = self.labels().ok_or_else(|| {
            Error::data(format!(
                "{} has no labels, no point `{name}`",
                self.source()
            ))
            .with_hint("labels lie in labels.csv in the data set's folder, one row an image")
        })?;
        self.require_moved(name)?;
        let [x, y] = columns_of_point(name, labels)?.map(|column| labels.numbers(&column));
        let [x, y] = [x?, y?];
        let unit = unit.resolved(x.iter().chain(&y));
        let [across, down] = self.pixels_of_one(unit);
        let places = x.iter().zip(&y).map(|(x, y)| [x * across, y * down]);
        let places = places.collect();
        Ok(Places { unit, places })
    }

    /// The box of the object in every image, `[left, top, width, height]` in pixels of the preprocessed image, from the
    /// columns `box_x`, `box_y`, `box_w` and `box_h`.
    ///
    /// # Errors
    /// As [`point_places`](Self::point_places), and a box without width or height.
    pub fn boxes(&self) -> Result<Vec<[f32; 4]>> {
        self.require_moved("box")?;
        let columns = BOX_COLUMNS.map(|column| self.column(column));
        let columns = columns.into_iter().collect::<Result<Vec<_>>>()?;
        let unit = PointUnit::Auto.resolved(columns.iter().flatten());
        let [across, down] = self.pixels_of_one(unit);
        let row = |image: usize| {
            let of = |column: usize, factor: f32| columns[column][image] * factor;
            let sides = [of(2, across), of(3, down)];
            match sides.iter().all(|side| *side > 0.0) {
                true => Ok([of(0, across), of(1, down), sides[0], sides[1]]),
                false => Err(Error::data(format!(
                    "the box of {} is {} by {}",
                    self.name(image),
                    columns[2][image],
                    columns[3][image]
                ))
                .with_hint("a box has a width and a height above 0")),
            }
        };
        (0..self.len()).map(row).collect()
    }

    /// How many pixels of the preprocessed image a 1 in `unit` is, along each axis.
    fn pixels_of_one(&self, unit: PointUnit) -> [f32; 2] {
        let [_, height, width] = self.image_shape();
        match unit {
            PointUnit::Fraction => [width as f32, height as f32],
            _ => [1.0; 2],
        }
    }

    /// Refuses a point whose columns stayed as they were when crop or size moved the pixels.
    fn require_moved(&self, name: &str) -> Result<()> {
        let stayed = self.moved_points().filter(|moved| !moved.has(name));
        stayed.map_or(Ok(()), |_| {
            Err(Error::data(format!(
                "the point `{name}` of {} does not move with the pixels",
                self.source()
            ))
            .with_hint(format!(
                "--set 'preprocessing.point_columns=[\"{name}\"]' says that it is a point"
            )))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    fn data(labels: &str) -> Dataset {
        let labels = Labels::parse(labels.as_bytes().to_vec(), "labels.csv").unwrap();
        let names: Vec<String> = (0..labels.len()).map(|row| labels.file(row)).collect();
        let pixels = vec![0; names.len() * 8 * 10];
        Dataset::from_memory(names, [1, 8, 10], pixels, Some(labels)).unwrap()
    }

    #[test]
    fn endings_units_and_free_columns_are_read() {
        let data = data("file,tip_u,tip_v,a,b,eye_x,eye_y\na,5,4,0.5,0.25,9,0\nb,3,7,1,0,1,1\n");
        let tip = data.point_places("tip", PointUnit::Auto).unwrap();
        assert_eq!(tip.unit, PointUnit::Pixels);
        assert_eq!(tip.places, [[5.0, 4.0], [3.0, 7.0]]);
        let free = data.point_places("a,b", PointUnit::Auto).unwrap();
        assert_eq!(free.unit, PointUnit::Fraction);
        assert_eq!(free.places, [[5.0, 2.0], [10.0, 0.0]]);
        let pixels = data.point_places("a, b", PointUnit::Pixels).unwrap();
        assert_eq!(pixels.places[0], [0.5, 0.25]);
        let error = data.point_places("nose", PointUnit::Auto).unwrap_err();
        assert!(error.to_string().contains("nose_x"), "{error}");
    }

    #[test]
    fn boxes_are_read_in_pixels_and_in_fractions() {
        let head = "file,box_x,box_y,box_w,box_h";
        let pixels = data(&format!("{head}\na,1,2,5,4\nb,0,0,10,8\n"));
        assert_eq!(pixels.boxes().unwrap()[0], [1.0, 2.0, 5.0, 4.0]);
        let fractions = data(&format!("{head}\na,0.1,0.25,0.5,0.5\n"));
        assert_eq!(fractions.boxes().unwrap()[0], [1.0, 2.0, 5.0, 4.0]);
        let flat = data(&format!("{head}\na,1,2,0,4\nb,0,0,10,8\n"));
        let error = flat.boxes().unwrap_err().to_string();
        assert!(error.contains("the box of a is 0 by 4"), "{error}");
    }

    #[test]
    fn points_beside_most_images_are_told() {
        let places = |x: f32| Places {
            unit: PointUnit::Pixels,
            places: vec![[x, 1.0], [x, 2.0], [1.0, 1.0]],
        };
        assert_eq!(places(30.0).shown_too_seldom([10, 8]), Some(1));
        assert_eq!(places(9.5).shown_too_seldom([10, 8]), None);
    }
}
