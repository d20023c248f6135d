//! A line of YOLO's text: `class cx cy w h` and key points, or `class x y x y ...`, in fractions of the image.

use std::ops::Range;

use crate::carried::Move;
use crate::objects::mask::no_outline;
use crate::objects::{KeyPoint, Object, ObjectMask, decimal};
use simgan_base::{Error, Result};

/// Numbers of a box with its class.
const BOX: usize = 5;
/// Fewest numbers of an outline of three corners with its class.
const OUTLINE: usize = 7;
/// Places may leave the image by so many widths or heights: a zoom shows at most ten.
const BEYOND: f64 = 16.0;
/// Largest number of a class.
const MAX_CLASS: usize = 1_000_000;

/// Number of key points, and numbers of each: x and y, and visibility if it is 3.
pub(super) type PointShape = [usize; 2];

/// Where labels lie in a line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Box,
    BoxAndPoints(PointShape),
    Outline,
}

/// A line with its numbers, and where they stand in it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    text: &'a str,
    pub(super) class: usize,
    kind: Kind,
    /// All but the class.
    values: Vec<f64>,
    places: Vec<Range<usize>>,
}

impl<'a> Line<'a> {
    /// Reads a line that has something in it; with key points if their `shape` is known.
    ///
    /// # Errors
    /// What is no number, or another number of them; pixels in place of fractions. The sentence starts with "it".
    pub(super) fn parse(text: &'a str, shape: Option<PointShape>) -> Result<Self> {
        let mut places = words(text);
        let class = places.first().map(|place| &text[place.clone()]);
        let class = class.and_then(class_of).ok_or_else(|| {
            Error::data(format!(
                "it begins with `{}`, not with the number of a class",
                class.unwrap_or_default()
            ))
        })?;
        let kind = kind(places.len(), shape)?;
        places.remove(0);
        let number = |place: &Range<usize>| number(&text[place.clone()]);
        let values: Vec<f64> = places.iter().map(number).collect::<Result<_>>()?;
        let line = Self {
            text,
            class,
            kind,
            values,
            places,
        };
        line.check()?;
        Ok(line)
    }

    fn check(&self) -> Result<()> {
        let is_visibility = |at: usize| matches!(self.kind, Kind::BoxAndPoints([_, 3]) if at >= 4 && at.is_multiple_of(3));
        let wrong = self
            .values
            .iter()
            .enumerate()
            .find(|&(at, value)| match is_visibility(at) {
                true => ![0.0, 1.0, 2.0].contains(value),
                false => !(-BEYOND..=1.0 + BEYOND).contains(value),
            });
        match wrong {
            Some((at, value)) if is_visibility(at) => Err(Error::data(format!(
                "it has a visibility of {value}, but there are 0, 1 and 2 alone"
            ))),
            Some((_, value)) => Err(Error::data(format!(
                "it has {value}, which is no fraction of the image"
            ))
            .with_hint("places are divided by the image's width and height")),
            None => Ok(()),
        }
    }

    /// The object in an image of `size`, width and height; `class` is what it is called.
    pub(super) fn object(&self, class: String, size: [u32; 2]) -> Object {
        let size = size.map(f64::from);
        let rectangle = match self.kind {
            Kind::Outline => around(&self.values),
            _ => self.rectangle(),
        };
        let pixels = |at: usize, value: f64| value * size[at % 2];
        Object {
            class,
            rectangle: Some(std::array::from_fn(|at| pixels(at, rectangle[at]))),
            points: self.points(size),
        }
    }

    /// Adds the pixels of the object, moved, to `mask`.
    ///
    /// # Errors
    /// The line is a box. The sentence starts with "it".
    pub(super) fn fill(&self, mask: &mut ObjectMask, moving: &Move) -> Result<()> {
        if self.kind != Kind::Outline {
            return Err(no_outline("is a box without outline"));
        }
        let size = moving.map.behind().map(f64::from);
        let (corners, _) = self.values.as_chunks();
        let in_pixels = |&corner: &[f64; 2]| {
            let [x, y] = moving.map.fraction(corner);
            [x * size[0], y * size[1]]
        };
        mask.fill(&corners.iter().map(in_pixels).collect::<Vec<_>>());
        Ok(())
    }

    /// Left, top, width and height of the box.
    fn rectangle(&self) -> [f64; 4] {
        let [x, y, width, height] = std::array::from_fn(|at| self.values[at]);
        [x - width / 2.0, y - height / 2.0, width, height]
    }

    fn points(&self, size: [f64; 2]) -> Vec<KeyPoint> {
        let Kind::BoxAndPoints([_, numbers]) = self.kind else {
            return vec![];
        };
        let points = self.values[4..].chunks_exact(numbers);
        points
            .map(|point| KeyPoint {
                place: is_labelled(point).then(|| [point[0] * size[0], point[1] * size[1]]),
                visibility: point.get(2).map(|&value| value as u8),
            })
            .collect()
    }

    /// The line where `moving` takes its object; `order` says from where each key point of a mirrored image comes. Every
    /// other byte stays.
    pub(super) fn moved(&self, moving: &Move, order: &[usize]) -> String {
        let values = match self.kind {
            Kind::Outline => moved_places(&self.values, moving),
            Kind::Box => self.moved_rectangle(moving).to_vec(),
            Kind::BoxAndPoints([_, numbers]) => {
                let mut values = self.moved_rectangle(moving).to_vec();
                for &from in order {
                    let point = &self.values[4 + from * numbers..][..numbers];
                    match is_labelled(point) {
                        true => values.extend(moved_places(&point[..2], moving)),
                        false => values.extend(&point[..2]),
                    }
                    values.extend(&point[2..]);
                }
                values
            }
        };
        let (mut text, mut end) = (String::new(), 0);
        for ((place, before), after) in self.places.iter().zip(&self.values).zip(values) {
            text += &self.text[end..place.start];
            match *before == after {
                true => text += &self.text[place.clone()],
                false => text += &decimal(after),
            }
            end = place.end;
        }
        text + &self.text[end..]
    }

    fn moved_rectangle(&self, moving: &Move) -> [f64; 4] {
        let pixels = |size: [u32; 2], at: usize| f64::from(size[at % 2]);
        let rectangle = self.rectangle();
        let before: [f64; 4] =
            std::array::from_fn(|at| rectangle[at] * pixels(moving.map.before(), at));
        let behind = moving.map.rectangle(before);
        let [left, top, width, height] =
            std::array::from_fn(|at| behind[at] / pixels(moving.map.behind(), at));
        [left + width / 2.0, top + height / 2.0, width, height]
    }
}

/// Where the words of a line stand in it.
fn words(text: &str) -> Vec<Range<usize>> {
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let place = |word: &str| start(word)..start(word) + word.len();
    text.split_ascii_whitespace().map(place).collect()
}

fn class_of(word: &str) -> Option<usize> {
    // Some programs write whole numbers as `3.0`.
    let word = word.strip_suffix(".0").unwrap_or(word);
    let class: usize = word.parse().ok()?;
    (class <= MAX_CLASS).then_some(class)
}

fn number(word: &str) -> Result<f64> {
    let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| Error::data(format!("it has `{word}`, which is no number")))
}

fn kind(count: usize, shape: Option<PointShape>) -> Result<Kind> {
    if let Some([points, numbers]) = shape {
        let expected = BOX + points * numbers;
        return match count == expected {
            true => Ok(Kind::BoxAndPoints([points, numbers])),
            false => Err(Error::data(format!(
                "it has {count} numbers, but a class, a box and {points} key points of {numbers} are {expected}"
            ))),
        };
    }
    match count {
        BOX => Ok(Kind::Box),
        _ if count >= OUTLINE && count % 2 == 1 => Ok(Kind::Outline),
        6 => Err(Error::data(
            "it has 6 numbers: the sixth may be how sure a detector is, and these are no labels",
        )),
        _ => Err(Error::data(format!(
            "it has {count} numbers, which are neither a class and a box nor a class and an outline"
        ))
        .with_hint("key points need `kpt_shape: [POINTS, 2 or 3]` in data.yaml")),
    }
}

/// Whether a key point is labelled: its visibility says so, or that it does not lie left of or above the image.
fn is_labelled(point: &[f64]) -> bool {
    match point.get(2) {
        Some(&visibility) => visibility > 0.0,
        None => point[0] >= 0.0 && point[1] >= 0.0,
    }
}

fn moved_places(values: &[f64], moving: &Move) -> Vec<f64> {
    let places = values.chunks_exact(2);
    places
        .flat_map(|place| moving.map.fraction([place[0], place[1]]))
        .collect()
}

/// The box around the corners of an outline.
fn around(values: &[f64]) -> [f64; 4] {
    let axis = |axis: usize| values.iter().skip(axis).step_by(2).copied();
    let (low, high) = (
        [0, 1].map(|at| axis(at).fold(f64::INFINITY, f64::min)),
        [0, 1].map(|at| axis(at).fold(f64::NEG_INFINITY, f64::max)),
    );
    [low[0], low[1], high[0] - low[0], high[1] - low[1]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel_map::PixelMap;
    use crate::pixel_map::tests::maps;
    use proptest::prelude::*;

    fn object(text: &str, shape: Option<PointShape>) -> Object {
        let line = Line::parse(text, shape).unwrap();
        line.object(line.class.to_string(), [100, 50])
    }

    #[test]
    fn boxes_outlines_and_key_points_are_in_pixels() {
        let boxed = object("3 0.5 0.4 0.2 0.4", None);
        assert_eq!((&*boxed.class, boxed.points.len()), ("3", 0));
        assert_eq!(boxed.rectangle, Some([40.0, 10.0, 20.0, 20.0]));
        let outlined = object("0.0  0.25 0.5\t0.75 0.5 0.5 1", None);
        assert_eq!(outlined.rectangle, Some([25.0, 25.0, 50.0, 25.0]));
        let posed = object("0 0.5 0.5 0.2 0.4 0.5 0.5 2 0 0 0", Some([2, 3]));
        let places: Vec<_> = posed.points.iter().map(|point| point.place).collect();
        assert_eq!(places, [Some([50.0, 25.0]), None]);
        assert_eq!(posed.points[1].visibility, Some(0));
        let plain = object("0 0.5 0.5 0.2 0.4 0.5 0.5 -1 -1", Some([2, 2]));
        assert_eq!(
            (plain.points[0].visibility, plain.points[1].place),
            (None, None)
        );
    }

    #[test]
    fn what_is_no_line_of_labels_is_told() {
        for (text, shape, said) in [
            ("cat 1 2 3 4", None, "it begins with `cat`"),
            ("-1 .1 .1 .1 .1", None, "it begins with `-1`"),
            ("0 .1 .1 .1", None, "it has 4 numbers"),
            ("0 .1 .1 .1 .1 .9", None, "the sixth may be how sure"),
            ("0 .1 .1 .1 x", None, "it has `x`"),
            ("0 .1 .1 .1 nan", None, "it has `nan`"),
            ("0 320 240 64 64", None, "it has 320, which is no fraction"),
            ("0 .1 .1 .1 .1", Some([2, 3]), "2 key points of 3 are 11"),
            ("0 .1 .1 .1 .1 .1 .1 3", Some([1, 3]), "a visibility of 3"),
        ] {
            let error = Line::parse(text, shape).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_mirrored_hand_is_a_hand_of_the_other_side() {
        let line = Line::parse("1 0.3 0.5 0.2 0.4  0.25 0.5 2 0.35 0.5 1", Some([2, 3])).unwrap();
        let moving = Move::of(PixelMap::mirrored([100, 50]));
        assert_eq!(
            line.moved(&moving, &[1, 0]),
            "1 0.7 0.5 0.2 0.4  0.65 0.5 1 0.75 0.5 2"
        );
    }

    proptest! {
        #[test]
        fn lines_come_back(map in maps(), values in prop::collection::vec(0.0f64..1.0, 10), kind in 0usize..3) {
            let (count, shape) = [(4, None), (10, None), (10, Some([3, 2]))][kind];
            let numbers: Vec<String> = values[..count].iter().map(|&value| decimal(value)).collect();
            let text = format!("7\t{} ", numbers.join(" "));
            let line = Line::parse(&text, shape).unwrap();
            let order = [0, 1, 2];
            let there = line.moved(&Move::of(map), &order);
            // What left the image beyond its upper or left edge would be taken for unlabelled.
            prop_assume!(shape.is_none() || Line::parse(&there, shape).unwrap().values.iter().all(|&v| v >= 0.0));
            let back = Line::parse(&there, shape).unwrap().moved(&Move::of(map.inverse()), &order);
            let back = Line::parse(&back, shape).unwrap();
            for (a, b) in back.values.iter().zip(&line.values) {
                prop_assert!((a - b).abs() < 2e-5, "{text} -> {there}");
            }
            prop_assert_eq!(back.class, 7);
        }

        #[test]
        fn any_text_returns(text in "[0-9. a-]{0,40}", points in 0usize..4) {
            for shape in [None, Some([points, 2])] {
                if let Ok(line) = Line::parse(&text, shape) {
                    let same = Move::of(PixelMap::identity([9, 9]));
                    let order: Vec<usize> = (0..points).collect();
                    let _ = (line.object(String::new(), [9, 9]), line.moved(&same, &order));
                }
            }
        }
    }
}
