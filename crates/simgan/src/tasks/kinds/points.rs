//! Key points: places in the image.

use crate::tasks::displacement::Displacement;
use crate::tasks::kinds::kind::{Kind, argument};
use crate::tasks::rows::Rows;
use crate::tasks::standardization::Standardization;
use crate::tasks::target::Target;
use crate::tasks::task::{Task, euclidean};
use crate::tasks::unit::Unit;
use simgan_base::metrics::summary::mean;
use simgan_base::{Error, Result};
use simgan_data::points::spelled;
use simgan_data::{Dataset, PointUnit};

/// `--task points:NAME`, or several names with commas between them.
pub(super) const KIND: Kind = Kind {
    name: "points",
    argument: Some("NAME"),
    read: |text, _| {
        let names = argument(KIND.name, text)?.split(',');
        Ok(Target::Points(
            names.map(|name| name.trim().to_owned()).collect(),
        ))
    },
    found: |labels| {
        let points = spelled(labels).into_iter().filter(|name| name != "box");
        points.map(|name| format!("{}:{name}", KIND.name)).collect()
    },
};

/// Places of points in pixels of the preprocessed image; the error of an image is the mean distance of its points.
#[derive(Clone, Debug)]
pub(super) struct Points(pub(super) Vec<String>);

impl Task for Points {
    fn dimension(&self) -> usize {
        2 * self.0.len()
    }

    fn names(&self) -> Vec<String> {
        let pair = |name: &String| ["x", "y"].map(|axis| format!("{name}_{axis}"));
        self.0.iter().flat_map(pair).collect()
    }

    /// Every point is named, and once.
    fn validate(&self) -> Result<()> {
        let names = &self.0;
        let is_wrong =
            |&(index, name): &(usize, &String)| name.is_empty() || names[..index].contains(name);
        match names.iter().enumerate().find(is_wrong) {
            None => Ok(()),
            Some((_, name)) => Err(Error::config(format!(
                "`estimator.points` names the point `{name}` twice or not at all"
            ))),
        }
    }

    /// None: `estimator.points` names them.
    fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    fn points(&self) -> &[String] {
        &self.0
    }

    fn rows(&self, data: &Dataset) -> Result<Rows> {
        let points = self.0.iter().map(|name| places(name, data));
        let points = points.collect::<Result<Vec<_>>>()?;
        let axis = |axis: usize| move |place: &[f32; 2]| place[axis];
        let columns = points
            .iter()
            .flat_map(|places| [0, 1].map(|a| places.iter().map(axis(a)).collect::<Vec<f32>>()));
        Ok(Rows::of_columns(&columns.collect::<Vec<_>>()))
    }

    /// Places differ in their spread.
    fn standardization(&self, rows: &Rows) -> Standardization {
        Standardization::of(rows)
    }

    fn allows_moves(&self) -> bool {
        true
    }

    fn is_displaced(&self) -> bool {
        true
    }

    fn displace(&self, row: &mut [f32], by: &Displacement, size: [usize; 2]) {
        for place in row.chunks_exact_mut(2) {
            place.copy_from_slice(&by.of_point([place[0], place[1]], size));
        }
    }

    fn unit(&self) -> Unit {
        Unit::ImagePx
    }

    fn axes(&self) -> Vec<String> {
        self.names()
    }

    fn decode(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        predictions.widened()
    }

    fn answer_columns(&self) -> Vec<String> {
        self.names()
    }

    fn parts(&self) -> Vec<String> {
        self.0.clone()
    }

    fn part_errors(&self, _unit: Unit, prediction: &[f64], label: &[f64]) -> Vec<f64> {
        let points = prediction.chunks_exact(2).zip(label.chunks_exact(2));
        points.map(|(a, b)| euclidean(a, b)).collect()
    }

    fn error(&self, unit: Unit, prediction: &[f64], label: &[f64]) -> f64 {
        mean(&self.part_errors(unit, prediction, label))
    }
}

/// Where a point lies in every image.
fn places(name: &str, data: &Dataset) -> Result<Vec<[f32; 2]>> {
    let found = data.point_places(name, PointUnit::Auto)?;
    let [_, height, width] = data.image_shape();
    match found.shown_too_seldom([width, height]) {
        None => Ok(found.places),
        Some(shown) => Err(Error::data(format!(
            "the point `{name}` lies inside {shown} of {} images of {} only",
            data.len(),
            data.source()
        ))
        .with_hint(
            "its columns have to be pixels of the image, or fractions of its width and height",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_data::Labels;

    fn data(labels: &str) -> Dataset {
        let labels = Labels::parse(labels.as_bytes().to_vec(), "labels.csv").unwrap();
        let names: Vec<String> = (0..labels.len()).map(|row| labels.file(row)).collect();
        let pixels = vec![0; names.len() * 8 * 10];
        Dataset::from_memory(names, [1, 8, 10], pixels, Some(labels)).unwrap()
    }

    fn points(names: &[&str]) -> Points {
        Points(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn points_are_pixels_of_the_image_whatever_their_columns_have() {
        let data = data("file,tip_u,tip_v,eye_x,eye_y\na,0.5,0.25,3,4\nb,1,1,5,6\n");
        let rows = points(&["eye", "tip"]).rows(&data).unwrap();
        assert_eq!(rows.row(0), [3.0, 4.0, 5.0, 2.0]);
        assert_eq!(rows.row(1), [5.0, 6.0, 10.0, 8.0]);
        let labelled = points(&["tip"]).labelled(&data).unwrap();
        assert_eq!((labelled.unit, labelled.width), (Unit::ImagePx, Some(10)));
    }

    #[test]
    fn points_beside_the_images_are_refused() {
        let data = data("file,tip_x,tip_y\na,300,4\nb,5,600\n");
        let error = points(&["tip"]).rows(&data).unwrap_err();
        assert!(
            error.to_string().contains("inside 0 of 2 images"),
            "{error}"
        );
    }

    #[test]
    fn the_error_is_the_mean_distance_and_every_point_has_its_own() {
        let task = points(&["a", "b"]);
        let (answer, label) = ([3.0, 4.0, 1.0, 1.0], [0.0, 0.0, 1.0, 2.0]);
        assert_eq!(task.part_errors(Unit::ImagePx, &answer, &label), [5.0, 1.0]);
        assert_eq!(task.error(Unit::ImagePx, &answer, &label), 3.0);
    }

    #[test]
    fn names_are_checked() {
        assert!(points(&["a", "b"]).validate().is_ok());
        for names in [["a", "a"], ["a", ""]] {
            assert!(points(&names).validate().is_err());
        }
    }
}
