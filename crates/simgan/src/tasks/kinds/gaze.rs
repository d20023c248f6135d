//! The direction of gaze (paper, section 3.1).

use crate::tasks::kinds::kind::Kind;
use crate::tasks::rows::Rows;
use crate::tasks::target::Target;
use crate::tasks::task::{Labelled, Task, euclidean};
use crate::tasks::unit::Unit;
use simgan_base::metrics::gaze_angle;
use simgan_base::{Error, Result};
use simgan_data::targets::{GAZE_ANGLES, GAZE_VECTOR, SCREEN_POINT};
use simgan_data::{Dataset, Labels};

/// `--task gaze`.
pub(super) const KIND: Kind = Kind {
    name: "gaze",
    argument: None,
    read: |_, _| Ok(Target::Gaze),
    found: |labels| match is_labelled(labels) {
        true => vec!["gaze".to_owned()],
        false => vec![],
    },
};

/// The unit gaze vector; errors are angles in degrees, or pixels of a screen after calibration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gaze;

impl Task for Gaze {
    fn dimension(&self) -> usize {
        GAZE_VECTOR.len()
    }

    fn names(&self) -> Vec<String> {
        GAZE_VECTOR.map(str::to_owned).to_vec()
    }

    fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    fn doubts(&self, data: &Dataset) -> Vec<String> {
        data.angle_doubt().into_iter().collect()
    }

    fn rows(&self, data: &Dataset) -> Result<Rows> {
        Ok(Rows {
            dimension: self.dimension(),
            values: data.gaze()?.into_iter().flatten().collect(),
        })
    }

    /// A small move of the image leaves the gaze alone.
    fn allows_moves(&self) -> bool {
        true
    }

    fn unit(&self) -> Unit {
        Unit::Deg
    }

    fn axes(&self) -> Vec<String> {
        ["pitch", "yaw"].map(str::to_owned).to_vec()
    }

    /// Pitch and yaw, or else points on a screen.
    fn labelled(&self, data: &Dataset) -> Result<Labelled> {
        if !has_screen_points_alone(data) {
            return Ok(Labelled {
                unit: self.unit(),
                axes: self.axes(),
                coordinates: self.decode(&self.rows(data)?),
                width: None,
            });
        }
        let points = data.screen_points()?;
        Ok(Labelled {
            unit: Unit::Px,
            axes: SCREEN_POINT.map(str::to_owned).to_vec(),
            coordinates: points.iter().map(|p| p.map(f64::from).to_vec()).collect(),
            width: None,
        })
    }

    /// `[pitch, yaw]` of gaze vectors.
    fn decode(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        let vectors = predictions.values.chunks_exact(3);
        vectors
            .map(|v| gaze_angle::pitch_yaw([v[0], v[1], v[2]].map(f64::from)).to_vec())
            .collect()
    }

    fn answer_columns(&self) -> Vec<String> {
        GAZE_ANGLES.map(str::to_owned).to_vec()
    }

    fn error(&self, unit: Unit, prediction: &[f64], label: &[f64]) -> f64 {
        match unit {
            Unit::Deg => gaze_angle::angular_error_degrees(
                gaze_angle::vector(prediction[0], prediction[1]),
                gaze_angle::vector(label[0], label[1]),
            ),
            _ => euclidean(prediction, label),
        }
    }

    /// Pitch and yaw are radians.
    fn axis_factor(&self, unit: Unit) -> f64 {
        match unit {
            Unit::Deg => 1f64.to_degrees(),
            _ => 1.0,
        }
    }

    fn check_calibration(&self, unit: Unit, images: usize) -> Result<()> {
        if unit != Unit::Px || images > 0 {
            return Ok(());
        }
        Err(Error::config(
            "images labelled with a screen point can only be scored after calibration",
        )
        .with_hint("give the number of images to calibrate on, for example --calibrate 100"))
    }

    /// The screen points, where these stand in for gaze on the test images.
    fn columns_on_real(&self, real: &Dataset, test: &Dataset) -> Result<Vec<String>> {
        if has_screen_points_alone(test) {
            real.screen_points()?;
            return Ok(SCREEN_POINT.map(str::to_owned).to_vec());
        }
        self.rows(real)?;
        Ok(self.columns())
    }
}

fn is_labelled(labels: &Labels) -> bool {
    let has_all = |columns: &[&str]| columns.iter().all(|column| labels.has_column(column));
    has_all(&GAZE_ANGLES) || has_all(&GAZE_VECTOR)
}

fn has_screen_points_alone(data: &Dataset) -> bool {
    data.labels().is_some_and(|labels| {
        let has = |column: &str| labels.has_column(column);
        has(SCREEN_POINT[0]) && !has(GAZE_ANGLES[0]) && !has(GAZE_VECTOR[0])
    })
}
