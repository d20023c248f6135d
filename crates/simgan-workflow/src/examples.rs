//! A few images of a comparison, kept with the run for its report: `RUN/examples/NAME.json`.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, ImageResult, RgbImage, RgbaImage, imageops};
use simgan::keypoints::{KeypointConfig, Places};
use simgan::tasks::comparison::examples::{
    BINS, Choice, Examples, Levels, Marks, Pair, ScoredImage,
};
use simgan::tasks::{Answers, CompareData};
use simgan::training::RunDir;
use simgan_base::files::{disk, durable};
use simgan_base::metrics::gaze_angle;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

use crate::listener::Listener;

/// Images that are shown as they come, spread over the data set.
const SPREAD: usize = 6;
/// Most and least changed, worst and best answered images: so many of each.
const EXTREMES: usize = 4;
/// Images whose change is measured at most.
const MEASURED: usize = 2000;
/// Images of each side whose grey levels are counted at most.
const COUNTED: usize = 200;
/// Longest side of an image that is kept; larger ones are made smaller.
const LONGEST: u32 = 256;
/// Colours of a mask's values, in turn.
const MASK_COLOURS: [[u8; 3]; 6] = [
    [230, 159, 0],
    [86, 180, 233],
    [0, 158, 115],
    [240, 228, 66],
    [0, 114, 178],
    [213, 94, 0],
];
/// Points of an image that are drawn at most.
const POINTS: usize = 24;

/// Keeps examples of the comparison `name` with the run; where that fails, it warns: the result itself is safe.
pub fn keep(
    run: &RunDir,
    name: &str,
    images: &CompareData<'_>,
    answers: Option<&Answers>,
    listener: &dyn Listener,
) {
    let kept = collect(images, answers).and_then(|examples| {
        let text = Examples::SHAPE.text(&examples)?;
        disk::create_dir_all(&run.examples())?;
        let path = run.examples().join(format!("{name}.json"));
        durable::write(&path, text)
    });
    if let Err(error) = kept {
        listener.warn(&format!(
            "the report will show no examples of this comparison: {error}"
        ));
    }
}

/// Examples of all sides.
///
/// # Errors
/// An image that cannot be encoded.
fn collect(images: &CompareData<'_>, answers: Option<&Answers>) -> Result<Examples> {
    Ok(Examples {
        levels: Levels {
            synthetic: levels(images.raw),
            refined: levels(images.refined),
            real: levels(images.test),
        },
        pairs: pairs(images.raw, images.refined)?,
        scored: match answers {
            Some(answers) => scored(images.test, answers)?,
            None => Vec::new(),
        },
    })
}

fn levels(data: &Dataset) -> Vec<u64> {
    let mut counts = vec![0; BINS];
    for value in data.gather(&data.spread(COUNTED)) {
        counts[usize::from(value) * BINS / 256] += 1;
    }
    counts
}

fn pairs(raw: &Dataset, refined: &Dataset) -> Result<Vec<Pair>> {
    let mut changes: Vec<(usize, f32)> = raw
        .spread(MEASURED)
        .into_iter()
        .map(|index| (index, change(raw, refined, index)))
        .collect();
    changes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let spread = raw.spread(SPREAD).into_iter();
    let spread = spread.map(|index| (index, change(raw, refined, index), Choice::Spread));
    let as_choice = |choice| move |&(index, change): &(usize, f32)| (index, change, choice);
    let most = changes.iter().take(EXTREMES);
    let least = changes.iter().rev().take(EXTREMES);
    let marks = MarksOf::new(raw);
    spread
        .chain(most.map(as_choice(Choice::MostChanged)))
        .chain(least.map(as_choice(Choice::LeastChanged)))
        .map(|(index, change, choice)| {
            Ok(Pair {
                name: raw.name(index),
                choice,
                change,
                synthetic: png(raw, index)?,
                refined: png(refined, index)?,
                marks: marks.of(index),
            })
        })
        .collect()
}

/// Mean absolute difference of both versions, grey levels.
fn change(raw: &Dataset, refined: &Dataset, index: usize) -> f32 {
    let (before, after) = (raw.pixels(index), refined.pixels(index));
    let pixels = before.iter().zip(after.iter());
    let sum: f64 = pixels.map(|(&a, &b)| f64::from(a.abs_diff(b))).sum();
    (sum / before.len().max(1) as f64) as f32
}

/// Those with the largest error of the estimators of refined images, worst first, then those with the smallest, best first.
fn scored(test: &Dataset, answers: &Answers) -> Result<Vec<ScoredImage>> {
    let errors = &answers.refined.errors;
    let mut order: Vec<usize> = (0..errors.len()).collect();
    order.sort_by(|&a, &b| errors[b].total_cmp(&errors[a]));
    let worst = order.iter().take(EXTREMES);
    // Of few images none is shown twice.
    let best = order.iter().skip(EXTREMES).rev().take(EXTREMES);
    let image = |&place: &usize| {
        let index = answers.images[place];
        let arms = [&answers.synthetic, &answers.refined];
        Ok(ScoredImage {
            name: test.name(index),
            image: png(test, index)?,
            label: answers.labels[place].clone(),
            answers: arms.map(|arm| arm.answers[place].clone()),
            errors: arms.map(|arm| arm.errors[place]),
        })
    };
    worst.chain(best).map(image).collect()
}

/// An image as PNG in Base64, at most [`LONGEST`] pixels wide and high.
fn png(data: &Dataset, index: usize) -> Result<String> {
    let image = shrunk(rgb(&data.pixels(index), data.image_shape()));
    encoded(image).map_err(|e| Error::data(format!("{} cannot be encoded: {e}", data.name(index))))
}

/// A PNG file in Base64.
fn encoded(image: impl Into<DynamicImage>) -> ImageResult<String> {
    let mut png = Cursor::new(Vec::new());
    image.into().write_to(&mut png, ImageFormat::Png)?;
    Ok(STANDARD.encode(png.into_inner()))
}

fn rgb(pixels: &[u8], [channels, height, width]: [usize; 3]) -> RgbImage {
    RgbImage::from_fn(width as u32, height as u32, |x, y| {
        let value = |channel: usize| {
            let plane = channel.min(channels - 1);
            pixels[(plane * height + y as usize) * width + x as usize]
        };
        image::Rgb([0, 1, 2].map(value))
    })
}

fn shrunk(image: RgbImage) -> RgbImage {
    let longest = image.width().max(image.height());
    if longest <= LONGEST {
        return image;
    }
    let side = |side: u32| (side * LONGEST / longest).max(1);
    imageops::thumbnail(&image, side(image.width()), side(image.height()))
}

/// What can be drawn of the labels of a data set.
struct MarksOf<'a> {
    data: &'a Dataset,
    boxes: Vec<String>,
    gaze: Option<Vec<[f32; 3]>>,
    places: Places,
    size: [f32; 2],
}

impl<'a> MarksOf<'a> {
    fn new(data: &'a Dataset) -> Self {
        let [_, height, width] = data.image_shape();
        let points = data.labels().map(|labels| point_names(labels.columns()));
        let config = KeypointConfig {
            points: points.unwrap_or_default(),
            optional: true,
            ..KeypointConfig::default()
        };
        let boxes = data.labels().map(|labels| box_names(labels.columns()));
        Self {
            data,
            boxes: boxes.unwrap_or_default(),
            gaze: data.gaze().ok(),
            // Points are optional, so that there is no error.
            places: Places::of(data, &config).unwrap_or_default(),
            size: [width as f32, height as f32],
        }
    }

    /// Boxes of an image that has one of each name; cells of others are empty.
    fn boxes_of(&self, index: usize) -> Vec<(String, [f32; 4])> {
        let Some(labels) = self.data.labels() else {
            return Vec::new();
        };
        let [width, height] = self.size;
        let side = |name: &str, end: &str, whole: f32| {
            let cell = labels.get(index, &format!("{name}_{end}"))?;
            cell.parse::<f32>().ok().map(|pixels| pixels / whole)
        };
        let sides = |name: &String| {
            Some([
                side(name, "x", width)?,
                side(name, "y", height)?,
                side(name, "w", width)?,
                side(name, "h", height)?,
            ])
        };
        let named = self.boxes.iter();
        named
            .filter_map(|name| Some((name.clone(), sides(name)?)))
            .collect()
    }

    fn of(&self, index: usize) -> Marks {
        let gaze = self.gaze.as_ref().map(|gaze| {
            let angles = gaze_angle::pitch_yaw(gaze[index].map(f64::from));
            angles.map(|angle| angle as f32)
        });
        let points = self.places.points.iter().zip(&self.places.places);
        let fraction = |[x, y]: [f32; 2]| [(x + 0.5) / self.size[0], (y + 0.5) / self.size[1]];
        Marks {
            gaze,
            points: points
                .map(|(name, places)| (name.clone(), fraction(places[index])))
                .collect(),
            boxes: self.boxes_of(index),
            mask: mask(self.data, index),
        }
    }
}

/// The first mask of an image, moved with its pixels: every value but 0 in a colour. What is no mask is left out.
fn mask(data: &Dataset, index: usize) -> Option<String> {
    let name = data.masks(index).first()?;
    let files = data.files_beside(index).ok()?;
    let file = files.iter().find(|file| file.name == *name)?;
    let values = image::load_from_memory(&file.bytes).ok()?.to_luma16();
    // The alpha of a pixel: its class is seen, and so is the image below.
    let colour = |value: u16| match value {
        0 => [0; 4],
        _ => {
            let [r, g, b] = MASK_COLOURS[usize::from(value) % MASK_COLOURS.len()];
            [r, g, b, 110]
        }
    };
    let coloured = RgbaImage::from_fn(values.width(), values.height(), |x, y| {
        image::Rgba(colour(values.get_pixel(x, y).0[0]))
    });
    encoded(coloured).ok()
}

/// Names of columns that are boxes: `NAME_x`, `NAME_y`, `NAME_w` and `NAME_h`.
fn box_names(columns: &[String]) -> Vec<String> {
    let has = |column: String| columns.contains(&column);
    let names = columns
        .iter()
        .filter_map(|column| column.strip_suffix("_w"));
    names
        .filter(|name| {
            ["x", "y", "h"]
                .iter()
                .all(|end| has(format!("{name}_{end}")))
        })
        .map(str::to_owned)
        .collect()
}

/// Names of pairs of columns `NAME_x` and `NAME_y` that may be points of an image.
fn point_names(columns: &[String]) -> Vec<String> {
    let has = |column: String| columns.contains(&column);
    let names = columns
        .iter()
        .filter_map(|column| column.strip_suffix("_x"));
    names
        .filter(|name| !["gaze", "screen"].contains(name) && has(format!("{name}_y")))
        .filter(|name| !has(format!("{name}_w")))
        .take(POINTS)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan::tasks::ArmAnswers;
    use simgan_data::Labels;

    /// `count` images of 4x2 pixels; image `i` is grey level `level(i)`.
    fn images(count: usize, level: impl Fn(usize) -> u8, labels: Option<&str>) -> Dataset {
        let names = (0..count).map(|i| format!("{i}.png")).collect();
        let pixels = (0..count).flat_map(|i| [level(i); 8]).collect();
        let labels = labels.map(|text| Labels::parse(text.into(), "labels.csv").unwrap());
        Dataset::from_memory(names, [1, 2, 4], pixels, labels).unwrap()
    }

    fn answers(count: usize) -> Answers {
        let rows: Vec<Vec<f32>> = (0..count).map(|i| vec![i as f32]).collect();
        let arm = ArmAnswers {
            answers: rows.clone(),
            errors: (0..count).map(|i| i as f32).collect(),
        };
        Answers {
            axes: vec!["yaw".into()],
            images: (0..count).map(|i| i + 1).collect(),
            labels: rows,
            synthetic: arm.clone(),
            refined: arm,
        }
    }

    #[test]
    fn extremes_are_those_of_change_and_error() {
        let raw = images(20, |_| 100, None);
        let refined = images(20, |i| 100 + i as u8, None);
        let test = images(21, |_| 0, None);
        let data = CompareData {
            raw: &raw,
            refined: &refined,
            versions: &[],
            test: &test,
            real: None,
        };
        let examples = collect(&data, Some(&answers(20))).unwrap();
        let names = |choice| {
            let pairs = examples.pairs.iter().filter(|pair| pair.choice == choice);
            pairs
                .map(|pair| (pair.name.clone(), pair.change))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Choice::Spread).len(), SPREAD);
        assert_eq!(names(Choice::MostChanged)[0], ("19.png".to_owned(), 19.0));
        assert_eq!(names(Choice::LeastChanged)[0], ("0.png".to_owned(), 0.0));
        let scored: Vec<_> = examples
            .scored
            .iter()
            .map(|image| &image.name[..])
            .collect();
        assert_eq!(scored[..2], ["20.png", "19.png"]);
        assert_eq!(scored[EXTREMES..][..2], ["1.png", "2.png"]);
        assert_eq!(examples.levels.synthetic[100 / 4], 20 * 8);
        assert_eq!(examples.levels.real[0], 21 * 8);
    }

    #[test]
    fn few_images_are_shown_once() {
        let test = images(6, |_| 0, None);
        assert_eq!(scored(&test, &answers(5)).unwrap().len(), 5);
    }

    #[test]
    fn labels_become_marks_in_parts_of_the_image() {
        let table =
            "file,gaze_pitch,gaze_yaw,iris_x,iris_y,screen_x,screen_y\n0.png,0.1,0.2,3,1,9,9\n";
        let raw = images(1, |_| 0, Some(table));
        let marks = MarksOf::new(&raw).of(0);
        let [pitch, yaw] = marks.gaze.unwrap();
        assert!((pitch - 0.1).abs() < 1e-5 && (yaw - 0.2).abs() < 1e-5);
        assert_eq!(marks.points, [("iris".to_owned(), [0.75, 0.5])]);
        let bare = MarksOf::new(&images(1, |_| 0, None)).of(0);
        assert_eq!(bare, Marks::default());
    }

    #[test]
    fn boxes_are_no_points() {
        let table = "file,box_x,box_y,box_w,box_h\n0.png,1,0.5,2,1\n1.png,,,,\n";
        let raw = images(2, |_| 0, Some(table));
        let marks = MarksOf::new(&raw);
        let found = marks.of(0);
        assert_eq!(found.boxes, [("box".to_owned(), [0.25, 0.25, 0.5, 0.5])]);
        assert!(found.points.is_empty());
        assert_eq!(marks.of(1), Marks::default());
    }

    #[test]
    fn large_images_are_made_smaller() {
        let image = shrunk(RgbImage::new(1024, 512));
        assert_eq!(image.dimensions(), (256, 128));
        assert_eq!(shrunk(RgbImage::new(256, 10)).dimensions(), (256, 10));
    }
}
