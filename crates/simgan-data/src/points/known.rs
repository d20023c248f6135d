//! What a format knows of the points in its labels.

/// What a format says of the points in its labels.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownPoints {
    /// Whether points that every data set knows are in widths and heights of the image.
    pub(crate) in_fractions: bool,
    /// Names of points and boxes that are in pixels.
    pub(crate) in_pixels: Vec<String>,
}
