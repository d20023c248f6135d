//! Where the iris is, by gradients alone: a judge that has learned nothing.
//!
//! Voting of gradients, after Timm and Barth, *Accurate eye centre localisation by means of gradients* (VISAPP 2011):
//! an iris and its pupil are dark discs, so that the gradients on their edges point away from one common centre, and
//! only their directions count. Here every edge pixel votes along its gradient for the centres at each distance that
//! an iris or a pupil may have; the votes of one distance are blurred by more the farther they were cast. A place is as
//! good as the geometric mean of all its votes (the paper's objective) and of those at its best distances (which favours
//! circles, as a Hough transform does), times its darkness squared, as in the paper, times a wide prior on the image's middle.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use simgan_base::imaging::plane::{Gaussian, Plane};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Width, in pixels, that images are looked at.
pub const WIDTH: usize = 55;
/// Distances of an edge from its centre, pixels; the least ones are those of pupils.
const RADII: RangeInclusive<usize> = 2..=11;
/// Least radius of an iris.
const IRIS: usize = 5;
/// What a pupil's edge counts beside the iris'.
const PUPIL: f32 = 0.5;
/// Part of the mean gradient below which there is no edge.
const EDGE: f32 = 0.2;
/// How much less a horizontal edge counts than a vertical one: many are those of lids.
const LIDS: f32 = 0.4;
/// Standard deviation of the prior, widths of the image across and down.
const PRIOR: [f32; 2] = [0.22, 0.16];
/// Farthest, in pixels of an image 55 wide, that [`IrisFinder::centre_near`] looks.
pub const REACH: f32 = 6.0;

/// A point of an image in pixels, x to the right and y down; the middle of the first pixel is (0.5, 0.5).
pub type Point = [f32; 2];

/// Finds iris centres in eye images of one shape.
#[derive(Clone, Debug)]
pub struct IrisFinder {
    image_shape: [usize; 3],
    edges: Gaussian,
    darkness: Gaussian,
    /// One a distance of [`RADII`].
    votes: Vec<Gaussian>,
}

impl IrisFinder {
    /// A finder for images of `[channels, height, width]`, any size from 16x10 on, that show one eye across.
    ///
    /// # Errors
    /// An image that is too small.
    pub fn new(image_shape: [usize; 3]) -> Result<Self> {
        let [channels, height, width] = image_shape;
        if channels == 0 || width < 16 || height < 10 {
            return Err(Error::data(format!(
                "no iris can be found in images of {width}x{height}: 16x10 is the least"
            )));
        }
        Ok(Self {
            image_shape,
            edges: Gaussian::new(0.5),
            darkness: Gaussian::new(1.0),
            votes: RADII
                .map(|radius| Gaussian::new(0.5 + 0.1 * radius as f32))
                .collect(),
        })
    }

    /// The most iris-like place of an image of `[channels, height, width]` bytes; its middle where nothing has edges.
    pub fn centre(&self, pixels: &[u8]) -> Point {
        self.best(pixels, |_| true)
    }

    /// The most iris-like place within [`REACH`] of `near`: for an image that is known to show the same eye.
    pub fn centre_near(&self, pixels: &[u8], near: Point) -> Point {
        let scale = self.scale();
        self.best(pixels, |place| {
            let [x, y] = [0, 1].map(|axis| place[axis] - near[axis] / scale);
            x * x + y * y <= REACH * REACH
        })
    }

    /// [`centre`](Self::centre) of every image.
    ///
    /// # Errors
    /// Images that are too small.
    pub fn centres(data: &Dataset) -> Result<Vec<Point>> {
        let finder = Self::new(data.image_shape())?;
        let centre = |index| finder.centre(&data.pixels(index));
        Ok((0..data.len()).into_par_iter().map(centre).collect())
    }

    /// [`centre_near`](Self::centre_near) of every image, each near its own point.
    ///
    /// # Errors
    /// Images that are too small.
    pub fn centres_near(data: &Dataset, near: &[Point]) -> Result<Vec<Point>> {
        let finder = Self::new(data.image_shape())?;
        let centre =
            |(index, &near): (usize, &Point)| finder.centre_near(&data.pixels(index), near);
        Ok(near.par_iter().enumerate().map(centre).collect())
    }

    /// Pixels of the image in a pixel of one that is 55 wide.
    fn scale(&self) -> f32 {
        self.image_shape[2] as f32 / WIDTH as f32
    }

    fn best(&self, pixels: &[u8], allowed: impl Fn(Point) -> bool) -> Point {
        let image = Plane::grey(pixels, self.image_shape).resized(WIDTH);
        let objective = self.objective(&image);
        let peak = peak(&objective, allowed);
        peak.unwrap_or([WIDTH as f32, image.height() as f32].map(|side| side / 2.0))
            .map(|coordinate| coordinate * self.scale())
    }

    /// How much like an iris' centre every pixel is.
    fn objective(&self, image: &Plane) -> Plane {
        let mut maps = vec![vec![0.0; image.values.len()]; self.votes.len()];
        vote(&self.edges.blur(image), &mut maps);
        let blurred: Vec<Plane> = maps
            .into_iter()
            .zip(&self.votes)
            .map(|(values, gaussian)| {
                gaussian.blur(&Plane {
                    width: WIDTH,
                    values,
                })
            })
            .collect();
        let dark = self.darkness.blur(image);
        let value = |i: usize| {
            let all: f32 = blurred.iter().map(|map| map.values[i]).sum();
            let darkness = 1.0 - dark.values[i] / 255.0;
            (all * circles(&blurred, i)).sqrt() * darkness * darkness * prior(i, image.height())
        };
        Plane {
            width: WIDTH,
            values: (0..image.values.len()).map(value).collect(),
        }
    }
}

/// Votes at the best distance of an iris and at that of a pupil, each with half those of the distances beside it.
fn circles(maps: &[Plane], i: usize) -> f32 {
    let votes = |d: usize| maps.get(d).map_or(0.0, |map| map.values[i]);
    let first_iris = IRIS - RADII.start();
    let mut best = [0.0f32; 2];
    for d in 0..maps.len() {
        let here = votes(d) + 0.5 * (votes(d.wrapping_sub(1)) + votes(d + 1));
        let kind = usize::from(d >= first_iris);
        best[kind] = best[kind].max(here);
    }
    best[1] + PUPIL * best[0]
}

fn prior(i: usize, height: usize) -> f32 {
    let width = WIDTH as f32;
    let x = ((i % WIDTH) as f32 + 0.5 - width / 2.0) / (PRIOR[0] * width);
    let y = ((i / WIDTH) as f32 + 0.5 - height as f32 / 2.0) / (PRIOR[1] * width);
    (-0.5 * (x * x + y * y)).exp()
}

/// Every edge pixel votes, against its gradient (towards the dark), at each distance.
fn vote(image: &Plane, maps: &mut [Vec<f32>]) {
    let (width, height) = (image.width, image.height());
    let inner = (1..height - 1).flat_map(|y| (1..width - 1).map(move |x| (x, y)));
    let gradient = |(x, y): (usize, usize)| {
        let at = |i: usize| image.values[i];
        let i = y * width + x;
        (x, y, at(i + 1) - at(i - 1), at(i + width) - at(i - width))
    };
    let gradients: Vec<_> = inner.map(gradient).collect();
    let lengths = || gradients.iter().map(|&(_, _, gx, gy)| gx.hypot(gy));
    let edge = (EDGE * lengths().sum::<f32>() / gradients.len() as f32).max(1e-3);
    for (&(x, y, gx, gy), length) in gradients.iter().zip(lengths()) {
        if length < edge {
            continue;
        }
        let (ux, uy) = (gx / length, gy / length);
        let weight = 1.0 - LIDS * uy * uy;
        for (map, distance) in maps.iter_mut().zip(RADII) {
            let far = distance as f32;
            splat(
                map,
                width,
                [x as f32 - far * ux, y as f32 - far * uy],
                weight,
            );
        }
    }
}

/// Adds `weight` to the four pixels around a point in indices, by bilinear shares; outside nothing happens.
fn splat(map: &mut [f32], width: usize, [x, y]: [f32; 2], weight: f32) {
    let height = map.len() / width;
    if x < 0.0 || y < 0.0 || x >= (width - 1) as f32 || y >= (height - 1) as f32 {
        return;
    }
    let (fx, fy) = (x.fract(), y.fract());
    let i = y as usize * width + x as usize;
    map[i] += weight * (1.0 - fx) * (1.0 - fy);
    map[i + 1] += weight * fx * (1.0 - fy);
    map[i + width] += weight * (1.0 - fx) * fy;
    map[i + width + 1] += weight * fx * fy;
}

/// The highest allowed place, between pixels by the parabola through each axis' neighbours; `None` if all are 0.
fn peak(objective: &Plane, allowed: impl Fn(Point) -> bool) -> Option<Point> {
    let (width, height) = (objective.width, objective.height());
    let at = |x: usize, y: usize| objective.values[y * width + x];
    let inner = (1..height - 1).flat_map(|y| (1..width - 1).map(move |x| (x, y)));
    let (x, y) = inner
        .filter(|&(x, y)| allowed([x as f32 + 0.5, y as f32 + 0.5]))
        .max_by(|&(x, y), &(u, v)| at(x, y).total_cmp(&at(u, v)))
        .filter(|&(x, y)| at(x, y) > 0.0)?;
    let here = at(x, y);
    Some([
        x as f32 + 0.5 + vertex(at(x - 1, y), here, at(x + 1, y)),
        y as f32 + 0.5 + vertex(at(x, y - 1), here, at(x, y + 1)),
    ])
}

/// Where the parabola through three values at -1, 0 and 1 is highest, -0.5..=0.5.
fn vertex(before: f32, here: f32, after: f32) -> f32 {
    let bend = before - 2.0 * here + after;
    if bend >= 0.0 {
        return 0.0;
    }
    (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_data::{OpenOptions, Preprocessing};

    /// Distances in pixels from the truth, in order, over eyes of the simulator that look ahead.
    fn errors(count: usize) -> Vec<f32> {
        let source =
            format!("sim:eyes?seed=11&count={count}&gaze_pitch=[-10,10]&gaze_yaw=[-10,10]");
        let data =
            Dataset::open(&source, &Preprocessing::default(), &OpenOptions::default()).unwrap();
        let truth = ["iris_x", "iris_y"].map(|name| data.column(name).unwrap());
        let centres = IrisFinder::centres(&data).unwrap();
        let mut errors: Vec<f32> = centres
            .iter()
            .enumerate()
            .map(|(i, [x, y])| (x - truth[0][i]).hypot(y - truth[1][i]))
            .collect();
        errors.sort_by(f32::total_cmp);
        errors
    }

    /// Measured over 1,000: mean 1.02, median 0.46, nine in ten below 2.2 pixels of 55.
    #[test]
    fn simulated_irises_are_found() {
        let errors = errors(300);
        let mean = errors.iter().sum::<f32>() / 300.0;
        assert!(mean < 1.5, "mean error {mean}");
        assert!(errors[150] < 0.7, "median error {}", errors[150]);
    }

    /// A bright picture with a dark disc, edges one pixel wide.
    fn disc(width: usize, height: usize, centre: Point, radius: f32) -> Vec<u8> {
        let pixel = |i: usize| {
            let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
            let outside = ((x - centre[0]).hypot(y - centre[1]) - radius + 0.5).clamp(0.0, 1.0);
            (40.0 + 160.0 * outside).round() as u8
        };
        (0..width * height).map(pixel).collect()
    }

    #[test]
    fn a_disc_is_found_between_pixels_and_in_any_size() {
        let small = IrisFinder::new([1, 35, 55]).unwrap();
        for centre in [[27.5, 17.5], [22.2, 15.9], [33.7, 20.3]] {
            let [x, y] = small.centre(&disc(55, 35, centre, 7.0));
            assert!((x - centre[0]).hypot(y - centre[1]) < 0.25, "{x}, {y}");
        }
        let large = IrisFinder::new([1, 140, 220]).unwrap();
        let [x, y] = large.centre(&disc(220, 140, [100.0, 66.0], 28.0));
        assert!((x - 100.0).hypot(y - 66.0) < 1.0, "{x}, {y}");
    }

    #[test]
    fn a_shifted_image_has_a_shifted_answer() {
        let source = "sim:eyes?seed=4&count=40&gaze_pitch=[-10,10]&gaze_yaw=[-10,10]";
        let data =
            Dataset::open(source, &Preprocessing::default(), &OpenOptions::default()).unwrap();
        let finder = IrisFinder::new(data.image_shape()).unwrap();
        let mut errors: Vec<f32> = (0..40)
            .map(|index| {
                let image = data.pixels(index);
                let moved: Vec<u8> = (0..image.len())
                    .map(|i| image[i / 55 * 55 + (i % 55).saturating_sub(2)])
                    .collect();
                let before = finder.centre(&image);
                let after = finder.centre_near(&moved, before);
                (after[0] - before[0] - 2.0).hypot(after[1] - before[1])
            })
            .collect();
        errors.sort_by(f32::total_cmp);
        assert!(errors[20] < 0.1 && errors[35] < 1.0, "{errors:?}");
    }

    #[test]
    fn nothing_to_see_is_the_middle_and_tiny_images_are_refused() {
        let finder = IrisFinder::new([3, 35, 55]).unwrap();
        assert_eq!(finder.centre(&[90; 3 * 35 * 55]), [27.5, 17.5]);
        assert!(IrisFinder::new([1, 8, 55]).is_err());
    }
}
