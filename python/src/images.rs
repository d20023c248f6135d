//! Images of NumPy: `(N, H, W)` or `(N, H, W, C)`, levels (`uint8`) or fractions (`float32`).

use image::{DynamicImage, GrayImage, RgbImage};
use numpy::ndarray::{ArrayViewD, Axis, Slice};
use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use rayon::prelude::*;
use simgan_base::{Error, ErrorKind, Result};
use simgan_data::Preprocessing;

use crate::errors;

/// An array of images.
pub(crate) enum Images<'py> {
    /// `uint8`, 0..=255.
    Levels(PyReadonlyArrayDyn<'py, u8>),
    /// `float32`, 0..=1.
    Fractions(PyReadonlyArrayDyn<'py, f32>),
}

/// Shape of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Number of images.
    pub(crate) images: usize,
    height: usize,
    width: usize,
    channels: usize,
    /// Whether the array has an axis of channels.
    axis: bool,
}

impl<'py> Images<'py> {
    /// The images in `array`.
    ///
    /// # Errors
    /// `DataError`: it has another type or shape.
    pub(crate) fn of(array: &Bound<'py, PyAny>) -> PyResult<(Self, Shape)> {
        if let Ok(levels) = array.extract::<PyReadonlyArrayDyn<'_, u8>>() {
            let shape = Shape::of(levels.shape())?;
            return Ok((Self::Levels(levels), shape));
        }
        if let Ok(fractions) = array.extract::<PyReadonlyArrayDyn<'_, f32>>() {
            let shape = Shape::of(fractions.shape())?;
            return Ok((Self::Fractions(fractions), shape));
        }
        let found = array.getattr("dtype").map_or_else(
            |_| {
                format!(
                    "a {}",
                    array
                        .get_type()
                        .name()
                        .map_or_else(|_| "value".into(), |name| name.to_string())
                )
            },
            |dtype| format!("an array of {dtype}"),
        );
        Err(errors::of_kind(
            ErrorKind::Data,
            &format!("images are {found}, but must be an array of uint8 or float32"),
            "uint8 are levels from 0 to 255, float32 fractions from 0 to 1",
        ))
    }
}

impl Shape {
    fn of(shape: &[usize]) -> PyResult<Self> {
        let (images, height, width, channels, axis) = match *shape {
            // Its width would be that of a sliver: rather one image with channels.
            [_, _, 0..=4] => return Err(wrong(shape, ONE_IMAGE)),
            [images, height, width] => (images, height, width, 1, false),
            [images, height, width, channels @ (1 | 3)] => (images, height, width, channels, true),
            [_, 1 | 3, _, _] => return Err(wrong(shape, CHANNELS_FIRST)),
            [_, _] => return Err(wrong(shape, ONE_IMAGE)),
            _ => return Err(wrong(shape, "C is 1 (grey) or 3 (RGB)")),
        };
        if height == 0 || width == 0 {
            return Err(wrong(shape, "an image has at least one pixel"));
        }
        Ok(Self {
            images,
            height,
            width,
            channels,
            axis,
        })
    }

    /// Shape of what the refiner of `preprocessing` makes of these images: an axis of channels is kept, and made where
    /// grey images become colour.
    pub(crate) fn refined(self, preprocessing: &Preprocessing) -> Vec<usize> {
        let mut shape = vec![self.images, preprocessing.height, preprocessing.width];
        if self.axis || preprocessing.channels > 1 {
            shape.push(preprocessing.channels);
        }
        shape
    }

    /// The same of another number of images.
    pub(crate) fn of_images(self, images: usize) -> Self {
        Self { images, ..self }
    }

    /// Bytes of an image whose values are of a type.
    pub(crate) fn image_bytes<T>(self) -> usize {
        self.height * self.width * self.channels * size_of::<T>()
    }

    /// Refuses images of another size than those that have been through `preprocessing`.
    fn require_size(self, preprocessing: &Preprocessing) -> Result<()> {
        let Preprocessing {
            width,
            height,
            channels,
            ..
        } = *preprocessing;
        if (self.width, self.height, self.channels) == (width, height, channels) {
            return Ok(());
        }
        Err(Error::data(format!(
            "images are {}x{} with {} channels, but preprocessed ones are {width}x{height} with {channels}",
            self.width, self.height, self.channels
        ))
        .with_hint("give uint8 images without preprocessed=True: they are cropped and resized as the command does"))
    }
}

const ONE_IMAGE: &str = "one image becomes an array of one by image[None]";
const CHANNELS_FIRST: &str = "channels come last: images.transpose(0, 2, 3, 1) brings them there";

fn wrong(shape: &[usize], hint: &str) -> PyErr {
    let message =
        format!("images have the shape {shape:?}, but must have (N, H, W) or (N, H, W, C)");
    errors::of_kind(ErrorKind::Data, &message, hint)
}

/// A copy of images `from..to`, pixel by pixel: what the caller does to the array meanwhile changes nothing.
pub(crate) fn copied<T: Element + Copy>(
    array: &PyReadonlyArrayDyn<'_, T>,
    [from, to]: [usize; 2],
) -> Vec<T> {
    let images: ArrayViewD<'_, T> = array.as_array();
    let part = images.slice_axis(Axis(0), Slice::from(from..to));
    match part.to_slice() {
        Some(values) => values.to_vec(),
        None => part.iter().copied().collect(),
    }
}

/// What the refiner sees of `levels`, `[n, channels, height, width]` in 0..=255: they go through the `preprocessing`, or
/// have been through it.
///
/// # Errors
/// Those of [`Preprocessing::apply`]; preprocessed images of another size.
pub(crate) fn preprocessed(
    levels: &[u8],
    shape: Shape,
    preprocessing: &Preprocessing,
    is_done: bool,
) -> Result<Vec<u8>> {
    if is_done {
        shape.require_size(preprocessing)?;
        return Ok(channels_first(
            levels,
            shape.channels,
            shape.height * shape.width,
        ));
    }
    let image_len = shape.height * shape.width * shape.channels;
    let images = levels.par_chunks_exact(image_len);
    let images = images.map(|pixels| preprocessing.apply(image_of(pixels, shape)?));
    Ok(images.collect::<Result<Vec<_>>>()?.concat())
}

fn image_of(pixels: &[u8], shape: Shape) -> Result<DynamicImage> {
    let (width, height) = (shape.width as u32, shape.height as u32);
    let image = match shape.channels {
        1 => GrayImage::from_raw(width, height, pixels.to_vec()).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, pixels.to_vec()).map(DynamicImage::from),
    };
    image.ok_or_else(|| Error::data("an image has other sizes than its array"))
}

/// What the refiner sees of `fractions`, `[n, channels, height, width]` in [-1, 1]. Nothing is rounded to levels.
///
/// # Errors
/// Images of another size than preprocessed ones, or values outside of 0..=1: names the first such image, from `first` on.
pub(crate) fn scaled(
    fractions: &[f32],
    shape: Shape,
    preprocessing: &Preprocessing,
    first: usize,
) -> Result<Vec<f32>> {
    shape.require_size(preprocessing)?;
    let image_len = shape.height * shape.width * shape.channels;
    if let Some(place) = fractions
        .iter()
        .position(|value| !(0.0..=1.0).contains(value))
    {
        let (image, value) = (first + place / image_len, fractions[place]);
        return Err(Error::data(format!(
            "image {image} has the value {value}, outside of 0 to 1"
        ))
        .with_hint("levels from 0 to 255 are given as uint8, or divided by 255"));
    }
    let planes = channels_first(fractions, shape.channels, shape.height * shape.width);
    // By way of levels, so that fractions of 255 come to the very values that levels do.
    Ok(planes
        .into_iter()
        .map(|value| value * 255.0 / 127.5 - 1.0)
        .collect())
}

/// [-1, 1] to 0..=1.
pub(crate) fn fraction(value: f32) -> f32 {
    ((value + 1.0) * 127.5 / 255.0).clamp(0.0, 1.0)
}

/// From pixel by pixel to channel by channel, images of `plane` pixels.
fn channels_first<T: Copy>(values: &[T], channels: usize, plane: usize) -> Vec<T> {
    regrouped(values, channels, plane)
}

/// From channel by channel to pixel by pixel, images of `plane` pixels.
pub(crate) fn channels_last<T: Copy>(values: &[T], channels: usize, plane: usize) -> Vec<T> {
    regrouped(values, plane, channels)
}

/// Images of `columns` columns and `rows` rows, turned about: every column becomes a row.
fn regrouped<T: Copy>(values: &[T], columns: usize, rows: usize) -> Vec<T> {
    if columns == 1 || rows == 1 {
        return values.to_vec();
    }
    let images = values.chunks_exact(columns * rows);
    images
        .flat_map(|image| {
            (0..columns).flat_map(move |column| image.iter().skip(column).step_by(columns).copied())
        })
        .collect()
}

/// An array of `shape` that takes over `values`.
///
/// # Errors
/// They are not as many.
pub(crate) fn array<'py, T: Element>(
    py: Python<'py>,
    values: Vec<T>,
    shape: Vec<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyArray1::from_vec(py, values).reshape(shape)?.into_any())
}
