//! Where the edges of a side's images lie on average, and how much its images are alike in that.

use rayon::prelude::*;

use crate::{Dataset, Framing};
use simgan_base::metrics::correlation::pearson;
use simgan_base::metrics::summary::{mean, moments};

/// Images of a side that are looked at, spread over all of it.
const IMAGES: usize = 600;
/// Longest side of an edge map in pixels.
const LONGEST: usize = 96;
/// Added to an image's standard deviation (values -1 to 1), so that plain ones do not become noise.
const LEAST_CONTRAST: f64 = 0.02;

/// The strength of edges at every place, image by image.
pub(crate) struct EdgeMaps {
    size: [usize; 2],
    maps: Vec<Vec<f64>>,
}

impl EdgeMaps {
    pub(crate) fn of(data: &Dataset) -> Self {
        let [_, height, width] = data.image_shape();
        let shrunk = width.max(height).div_ceil(LONGEST);
        let size = [(width / shrunk).max(1), (height / shrunk).max(1)];
        let map = |&index: &usize| edges(&normalized(shrunk_grey(data, index, shrunk, size)), size);
        Self {
            size,
            maps: data.spread(IMAGES).par_iter().map(map).collect(),
        }
    }

    /// Number of images.
    pub(crate) fn len(&self) -> usize {
        self.maps.len()
    }

    /// The sum of all maps, as good as their mean.
    pub(crate) fn sum(&self) -> EdgeMap {
        self.sum_of(&self.maps)
    }

    /// The sum of one of `parts` parts, images that follow each other.
    pub(crate) fn part(&self, part: usize, parts: usize) -> EdgeMap {
        let bound = |part: usize| part * self.maps.len() / parts;
        self.sum_of(&self.maps[bound(part)..bound(part + 1)])
    }

    fn sum_of(&self, maps: &[Vec<f64>]) -> EdgeMap {
        let [width, height] = self.size;
        let mut values = vec![0.0; width * height];
        for map in maps {
            values
                .iter_mut()
                .zip(map)
                .for_each(|(sum, value)| *sum += value);
        }
        EdgeMap {
            width,
            height,
            values,
        }
    }

    /// Mean correlation of a map with the sum of all others: 1 where all images are alike, about 0 where they share nothing.
    pub(crate) fn alignment(&self) -> f64 {
        let sum = self.sum().values;
        let with_others = |map: &Vec<f64>| {
            let others: Vec<f64> = sum.iter().zip(map).map(|(sum, own)| sum - own).collect();
            pearson(map, &others)
        };
        let each: Vec<f64> = self.maps.par_iter().map(with_others).collect();
        mean(&each)
    }
}

/// The strength of edges at every place, of many images together.
pub(crate) struct EdgeMap {
    width: usize,
    height: usize,
    /// Row by row.
    pub(crate) values: Vec<f64>,
}

impl EdgeMap {
    /// The map as it would be of framed images: sampled bilinearly, without edges beyond.
    pub(crate) fn framed(&self, framing: &Framing) -> Self {
        let along = |length: usize, shift: f64| -> Vec<f64> {
            let place = |pixel: usize| {
                let from_middle = (pixel as f64 + 0.5) / length as f64 - 0.5;
                (0.5 + (from_middle + shift) / framing.zoom) * length as f64 - 0.5
            };
            (0..length).map(place).collect()
        };
        let columns = along(self.width, framing.x);
        let rows = along(self.height, framing.y);
        let values = rows
            .iter()
            .flat_map(|&y| columns.iter().map(move |&x| self.at(x, y)))
            .collect();
        Self { values, ..*self }
    }

    fn at(&self, x: f64, y: f64) -> f64 {
        let (left, top) = (x.floor(), y.floor());
        let pixel = |dx: f64, dy: f64| {
            let (column, row) = (left + dx, top + dy);
            let inside = (0.0..self.width as f64).contains(&column)
                && (0.0..self.height as f64).contains(&row);
            match inside {
                true => self.values[row as usize * self.width + column as usize],
                false => 0.0,
            }
        };
        let (right, below) = (x - left, y - top);
        (1.0 - below) * ((1.0 - right) * pixel(0.0, 0.0) + right * pixel(1.0, 0.0))
            + below * ((1.0 - right) * pixel(0.0, 1.0) + right * pixel(1.0, 1.0))
    }
}

/// Mean of the channels and of squares of `shrunk` pixels, row by row, in -1..=1.
fn shrunk_grey(
    data: &Dataset,
    index: usize,
    shrunk: usize,
    [width, height]: [usize; 2],
) -> Vec<f64> {
    let [channels, full_height, full_width] = data.image_shape();
    let pixels = data.pixels(index);
    let count = (channels * shrunk * shrunk) as f64;
    let square = |x: usize, y: usize| {
        let rows = (0..channels)
            .flat_map(|channel| (0..shrunk).map(move |dy| channel * full_height + y * shrunk + dy));
        let sum: f64 = rows
            .flat_map(|row| (0..shrunk).map(move |dx| row * full_width + x * shrunk + dx))
            .map(|place| f64::from(pixels[place]))
            .sum();
        sum / count / 127.5 - 1.0
    };
    let square = &square;
    (0..height)
        .flat_map(|y| (0..width).map(move |x| square(x, y)))
        .collect()
}

/// Mean 0 and standard deviation 1, but for plain images.
fn normalized(mut grey: Vec<f64>) -> Vec<f64> {
    let [mean, sd] = moments(grey.iter().copied());
    let contrast = sd + LEAST_CONTRAST;
    grey.iter_mut().for_each(|v| *v = (*v - mean) / contrast);
    grey
}

/// Length of the gradient: central differences, one-sided at the rim.
fn edges(grey: &[f64], [width, height]: [usize; 2]) -> Vec<f64> {
    let at = |x: usize, y: usize| grey[y * width + x];
    let slope = |place: usize, length: usize, value: &dyn Fn(usize) -> f64| {
        let (before, after) = (place.saturating_sub(1), (place + 1).min(length - 1));
        (value(after) - value(before)) / (after - before).max(1) as f64
    };
    let edge =
        |x: usize, y: usize| slope(x, width, &|x| at(x, y)).hypot(slope(y, height, &|y| at(x, y)));
    let edge = &edge;
    (0..height)
        .flat_map(|y| (0..width).map(move |x| edge(x, y)))
        .collect()
}
