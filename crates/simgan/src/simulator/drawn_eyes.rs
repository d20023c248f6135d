//! Minimal drawn eyes in two styles, the embedded data of `simgan demo`.
//!
//! They are no simulation of anything: an ellipse of white between two lids, an iris and a pupil that
//! move with the gaze. The *plain* style stands in for synthetic images, the *photo* style (shadow,
//! lashes, glint, blur, noise, other brightness) for real ones. Both carry exact labels, so that a gain
//! on the photo style can be measured.

use std::path::Path;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::Result;
use crate::datasets::{Dataset, Labels};

/// Width of the images in pixels, the paper's.
pub const WIDTH: usize = 55;
/// Height of the images in pixels, the paper's.
pub const HEIGHT: usize = 35;

/// How an eye is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Flat areas and clean edges: the stand-in for synthetic images.
    Plain,
    /// Shadow, lashes, glint, blur and noise: the stand-in for real images.
    Photo,
}

/// A drawn eye with its label.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnEye {
    /// Grey levels, `HEIGHT` rows of `WIDTH`.
    pub pixels: Vec<u8>,
    /// Gaze pitch in radians, positive upwards, within +-0.35.
    pub pitch: f32,
    /// Gaze yaw in radians, positive to the image's left, within +-0.5.
    pub yaw: f32,
}

/// Image `index` of `seed`: a pure function of its arguments.
pub fn draw(style: Style, seed: u64, index: u64) -> DrawnEye {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index * 2 + style as u64);
    let eye = Eye::random(style, &mut rng);
    let mut levels: Vec<f32> = (0..WIDTH * HEIGHT)
        .map(|i| eye.pixel(i % WIDTH, i / WIDTH))
        .collect();
    if style == Style::Photo {
        levels = blurred(&blurred(&levels));
        for level in &mut levels {
            *level += rng.random_range(-0.035..0.035);
        }
    }
    DrawnEye {
        pixels: levels
            .iter()
            .map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8)
            .collect(),
        pitch: eye.pitch,
        yaw: eye.yaw,
    }
}

/// Images `0..count` of `seed` with labels `file, gaze_pitch, gaze_yaw`, in memory.
pub fn dataset(style: Style, seed: u64, count: usize) -> Result<Dataset> {
    let mut pixels = Vec::with_capacity(count * WIDTH * HEIGHT);
    let mut names = Vec::with_capacity(count);
    let mut csv = String::from("file,gaze_pitch,gaze_yaw\n");
    for index in 0..count {
        let eye = draw(style, seed, index as u64);
        let name = format!("images/{index:05}.png");
        csv.push_str(&format!("{name},{:.5},{:.5}\n", eye.pitch, eye.yaw));
        pixels.extend(eye.pixels);
        names.push(name);
    }
    let labels = Labels::parse(csv.into_bytes(), "drawn eyes")?;
    Dataset::from_memory(names, [1, HEIGHT, WIDTH], pixels, Some(labels))
}

/// Writes a data set as PNG files and `labels.csv` into `folder`.
pub fn write(dataset: &Dataset, folder: &Path) -> Result<()> {
    for index in 0..dataset.len() {
        let path = folder.join(dataset.name(index));
        crate::refine::write_image(&path, &dataset.pixels(index), dataset.image_shape())?;
    }
    if let Some(labels) = dataset.labels() {
        let file = fs_err::File::create(folder.join("labels.csv"))?;
        labels.write_to(std::io::BufWriter::new(file))?;
    }
    Ok(())
}

/// Everything about one eye; lengths in pixels, brightness in 0..=1.
struct Eye {
    pitch: f32,
    yaw: f32,
    centre: [f32; 2],
    half_width: f32,
    upper: f32,
    lower: f32,
    iris: [f32; 2],
    iris_radius: f32,
    pupil_radius: f32,
    skin: f32,
    white: f32,
    iris_level: f32,
    shading: Option<Shading>,
}

/// What the photo style adds.
struct Shading {
    /// Brightness gained from left to right and from top to bottom of the image.
    slope: [f32; 2],
    lid_shadow: f32,
    glint: [f32; 2],
}

/// Radius of the circle on which the iris moves, in pixels.
const EYEBALL: f32 = 13.0;
/// Samples a pixel and axis.
const SAMPLES: usize = 3;

impl Eye {
    fn random(style: Style, rng: &mut impl Rng) -> Self {
        let photo = style == Style::Photo;
        let pitch = rng.random_range(-0.35..0.35f32);
        let yaw = rng.random_range(-0.5..0.5f32);
        let centre = [
            WIDTH as f32 / 2.0 + rng.random_range(-1.5..1.5),
            HEIGHT as f32 / 2.0 + rng.random_range(-1.0..1.0),
        ];
        // The upper lid follows the gaze.
        let upper = rng.random_range(7.0..9.0) + 5.0 * pitch;
        let iris = [
            centre[0] - EYEBALL * pitch.cos() * yaw.sin(),
            centre[1] - EYEBALL * pitch.sin(),
        ];
        let glint = [
            iris[0] + rng.random_range(-2.5..2.5),
            iris[1] - rng.random_range(1.0..3.0),
        ];
        Self {
            pitch,
            yaw,
            centre,
            half_width: rng.random_range(18.0..21.0),
            upper,
            lower: rng.random_range(5.5..7.0),
            iris,
            iris_radius: rng.random_range(6.2..7.2),
            pupil_radius: rng.random_range(2.2..3.4),
            skin: if photo {
                rng.random_range(0.35..0.6)
            } else {
                rng.random_range(0.6..0.75)
            },
            white: if photo {
                rng.random_range(0.55..0.75)
            } else {
                0.95
            },
            iris_level: if photo {
                rng.random_range(0.15..0.3)
            } else {
                rng.random_range(0.25..0.5)
            },
            shading: photo.then(|| Shading {
                slope: [rng.random_range(-0.2..0.2), rng.random_range(-0.15..0.05)],
                lid_shadow: rng.random_range(0.15..0.35),
                glint,
            }),
        }
    }

    /// Mean brightness of a pixel.
    fn pixel(&self, x: usize, y: usize) -> f32 {
        let step = 1.0 / SAMPLES as f32;
        let mut sum = 0.0;
        for sy in 0..SAMPLES {
            for sx in 0..SAMPLES {
                let at = |i: usize, s: usize| i as f32 + (s as f32 + 0.5) * step;
                sum += self.level(at(x, sx), at(y, sy));
            }
        }
        sum / (SAMPLES * SAMPLES) as f32
    }

    /// Brightness at a point.
    fn level(&self, x: f32, y: f32) -> f32 {
        let across = (x - self.centre[0]) / self.half_width;
        let opening = 1.0 - across * across;
        let below_upper = y - (self.centre[1] - self.upper * opening);
        let above_lower = self.centre[1] + self.lower * opening - y;
        let inside = opening > 0.0 && below_upper > 0.0 && above_lower > 0.0;
        let level = if inside {
            self.eyeball(x, y)
        } else {
            self.skin
        };
        let Some(shading) = &self.shading else {
            return level;
        };
        let light = shading.slope[0] * (x / WIDTH as f32 - 0.5)
            + shading.slope[1] * (y / HEIGHT as f32 - 0.5);
        let shadow = if inside {
            shading.lid_shadow * (-below_upper / 3.0).exp()
        } else if opening > 0.0 && (-2.0..0.0).contains(&below_upper) {
            // Lashes along the upper lid.
            0.3
        } else {
            0.0
        };
        level + light - shadow
    }

    fn eyeball(&self, x: f32, y: f32) -> f32 {
        if let Some(shading) = &self.shading
            && distance([x, y], shading.glint) < 1.1
        {
            return 1.0;
        }
        match distance([x, y], self.iris) {
            d if d < self.pupil_radius => 0.05,
            d if d < self.iris_radius => self.iris_level,
            _ => self.white,
        }
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// 3x3 mean, the border repeated.
fn blurred(levels: &[f32]) -> Vec<f32> {
    let at = |x: isize, y: isize| {
        let x = x.clamp(0, WIDTH as isize - 1) as usize;
        let y = y.clamp(0, HEIGHT as isize - 1) as usize;
        levels[y * WIDTH + x]
    };
    (0..levels.len())
        .map(|i| {
            let (x, y) = ((i % WIDTH) as isize, (i / WIDTH) as isize);
            let window = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
            window.map(|(dx, dy)| at(x + dx, y + dy)).sum::<f32>() / 9.0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_a_pure_function_of_seed_and_index() {
        assert_eq!(draw(Style::Plain, 1, 5), draw(Style::Plain, 1, 5));
        assert_ne!(draw(Style::Plain, 1, 5), draw(Style::Plain, 1, 6));
        assert_ne!(draw(Style::Plain, 1, 5), draw(Style::Plain, 2, 5));
        assert_ne!(
            draw(Style::Plain, 1, 5).pitch,
            draw(Style::Photo, 1, 5).pitch
        );
    }

    /// The darkest pixels are the pupil; their centre must lie where the label says.
    #[test]
    fn the_pupil_lies_where_the_gaze_points() {
        for index in 0..50 {
            let eye = draw(Style::Plain, 7, index);
            let dark = |i: &usize| eye.pixels[*i] < 30;
            let found: Vec<usize> = (0..eye.pixels.len()).filter(dark).collect();
            let mean = |f: fn(usize) -> usize| {
                found.iter().map(|&i| f(i) as f32 + 0.5).sum::<f32>() / found.len() as f32
            };
            let across = mean(|i| i % WIDTH) - WIDTH as f32 / 2.0;
            let down = mean(|i| i / WIDTH) - HEIGHT as f32 / 2.0;
            // Up to the random position of the eye, and lids that hide part of the pupil.
            assert!((across + EYEBALL * eye.pitch.cos() * eye.yaw.sin()).abs() < 2.5);
            assert!((down + EYEBALL * eye.pitch.sin()).abs() < 3.0);
        }
    }

    #[test]
    fn data_sets_have_labels_and_can_be_written() {
        let set = dataset(Style::Photo, 1, 4).unwrap();
        assert_eq!((set.len(), set.image_shape()), (4, [1, HEIGHT, WIDTH]));
        assert_eq!(set.gaze().unwrap().len(), 4);
        let dir = tempfile::tempdir().unwrap();
        write(&set, dir.path()).unwrap();
        assert!(dir.path().join("images/00003.png").is_file());
        assert!(dir.path().join("labels.csv").is_file());
    }
}
