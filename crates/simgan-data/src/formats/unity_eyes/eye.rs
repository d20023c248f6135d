//! The eye in an image of UnityEyes: where it is cut out, and its labels.

use image::{DynamicImage, GenericImageView, RgbImage};

use simgan_base::{Error, Result};

/// Width of the crop in eye widths.
const EYE_WIDTHS: f64 = 1.75;
/// Width of the crop over its height.
const ASPECT: f64 = 4.0 / 2.5;
/// Most pixels of a crop: more than those of an eye that fills an image of 3840x2160.
const MAX_CROP: f64 = 1e7;
/// Columns of the labels; iris and eye centre are in crop widths and heights from its upper left corner.
pub(super) const HEADER: &str =
    "file,gaze_pitch,gaze_yaw,head_pitch,head_yaw,head_roll,pupil_size,iris_x,iris_y";

/// What a description says of the eye: pixels from the image's upper left corner, radians.
#[derive(Debug)]
pub(super) struct Eye {
    pub(super) centre: [f64; 2],
    pub(super) width: f64,
    pub(super) iris: [f64; 2],
    pub(super) gaze: [f64; 2],
    pub(super) head: [f64; 3],
    pub(super) pupil_size: f64,
}

impl Eye {
    fn crop_size(&self) -> (f64, f64) {
        let width = EYE_WIDTHS * self.width;
        (width, width / ASPECT)
    }

    /// The box round the eye; pixels outside the image repeat its edge.
    pub(super) fn crop(&self, image: &DynamicImage) -> Result<DynamicImage> {
        let (width, height) = self.crop_size();
        let left = (self.centre[0] - width / 2.0).round() as i64;
        let top = (self.centre[1] - height / 2.0).round() as i64;
        // An eye cannot be wider than a few images; a damaged description can.
        let fits = |length: f64, image: u32| length <= 4.0 * f64::from(image);
        if !fits(width, image.width()) || !fits(height, image.height()) || width * height > MAX_CROP
        {
            return Err(Error::data(format!(
                "its eye is too wide for it: {width:e}x{height:e} pixels would be cut out"
            )));
        }
        let side = |length: f64| (length.round() as u32).max(1);
        let (columns, rows) = (side(width), side(height));
        let inside = |at: i64, length: u32| at.clamp(0, i64::from(length) - 1) as u32;
        let crop = RgbImage::from_fn(columns, rows, |x, y| {
            let x = inside(left.saturating_add(i64::from(x)), image.width());
            let y = inside(top.saturating_add(i64::from(y)), image.height());
            let [red, green, blue, _] = image.get_pixel(x, y).0;
            image::Rgb([red, green, blue])
        });
        Ok(DynamicImage::ImageRgb8(crop))
    }

    /// The fields below [`HEADER`], without the file.
    pub(super) fn labels(&self) -> String {
        let (width, height) = self.crop_size();
        let iris_x = 0.5 + (self.iris[0] - self.centre[0]) / width;
        let iris_y = 0.5 + (self.iris[1] - self.centre[1]) / height;
        let ([pitch, yaw], [head_pitch, head_yaw, head_roll]) = (self.gaze, self.head);
        format!(
            "{pitch:.6},{yaw:.6},{head_pitch:.6},{head_yaw:.6},{head_roll:.6},{:.6},{iris_x:.6},{iris_y:.6}",
            self.pupil_size
        )
    }
}
