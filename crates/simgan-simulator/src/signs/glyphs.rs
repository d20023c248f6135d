//! Digits and letters of signs: skeletons of lines and arcs in the manner of DIN 1451, drawn with a
//! round pen.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use crate::noise::length;

/// Height of every skeleton, in widths of the pen.
const HEIGHT: f32 = 6.0;
/// Half the width of the pen.
const PEN: f32 = 0.5;
/// Between the outer edges of neighbours, in widths of the pen.
const GAP: f32 = 0.6;

/// A movement of the pen, in its widths; x to the right, y down from the upper edge of the
/// skeleton.
#[derive(Clone, Copy, Debug)]
enum Stroke {
    Line([f32; 2], [f32; 2]),
    /// Centre, radius, the angle of its beginning and how far it turns: radians, positive clockwise
    /// from the x axis.
    Arc([f32; 2], f32, f32, f32),
}

use Stroke::{Arc, Line};

/// A skeleton, and its width in widths of the pen.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    letter: char,
    width: f32,
    strokes: &'static [Stroke],
}

/// A line of text about the point (0, 0).
#[derive(Clone, Copy, Debug)]
pub(super) struct Lettering {
    text: &'static str,
    /// Width of the pen where it draws a horizontal stroke.
    pen: f32,
    /// How much narrower than high letters are drawn; 1 is their own shape.
    narrowing: f32,
}

impl Lettering {
    /// `text`, of letters `height` high with the pen, their widths times `narrowing`.
    pub(super) fn new(text: &'static str, height: f32, narrowing: f32) -> Self {
        Self {
            text,
            pen: height / (HEIGHT + 2.0 * PEN),
            narrowing,
        }
    }

    /// Whether the pen has been at a point.
    pub(super) fn covers(&self, [x, y]: [f32; 2]) -> bool {
        let glyphs = || self.text.chars().filter_map(find);
        let advance = |glyph: &Glyph| glyph.width + 2.0 * PEN + GAP;
        let whole = glyphs().map(advance).sum::<f32>() - GAP;
        let mut x = x / (self.pen * self.narrowing) + whole / 2.0 - PEN;
        let y = y / self.pen + HEIGHT / 2.0;
        glyphs().any(|glyph| {
            let covered = glyph.covers([x, y]);
            x -= advance(glyph);
            covered
        })
    }
}

impl Glyph {
    fn covers(&self, [x, y]: [f32; 2]) -> bool {
        let is_near = (-PEN..=self.width + PEN).contains(&x) && (-PEN..=HEIGHT + PEN).contains(&y);
        is_near
            && self
                .strokes
                .iter()
                .any(|stroke| stroke.distance([x, y]) <= PEN)
    }
}

impl Stroke {
    /// Of a point from where the middle of the pen has been.
    fn distance(&self, point: [f32; 2]) -> f32 {
        match *self {
            Line(from, to) => {
                let [along, beside] = [difference(to, from), difference(point, from)];
                let share = dot(along, beside) / dot(along, along);
                let share = share.clamp(0.0, 1.0);
                length(beside[0] - share * along[0], beside[1] - share * along[1])
            }
            Arc(centre, radius, from, turn) => {
                let [x, y] = difference(point, centre);
                let angle = y.atan2(x) - if turn < 0.0 { from + turn } else { from };
                if angle.rem_euclid(TAU) <= turn.abs() {
                    return (length(x, y) - radius).abs();
                }
                let to_end = |angle: f32| {
                    let (sin, cos) = angle.sin_cos();
                    length(x - radius * cos, y - radius * sin)
                };
                to_end(from).min(to_end(from + turn))
            }
        }
    }
}

fn difference(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn dot(a: [f32; 2], b: [f32; 2]) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

/// Right, bottom, left and top of an arc, as angles.
const RIGHT: f32 = 0.0;
const BOTTOM: f32 = FRAC_PI_2;
const LEFT: f32 = PI;
const TOP: f32 = -FRAC_PI_2;
/// Half a turn, clockwise.
const HALF: f32 = PI;

/// The oval of 0 and O.
const OVAL: &[Stroke] = &[
    Arc([1.75, 1.75], 1.75, LEFT, HALF),
    Line([3.5, 1.75], [3.5, 4.25]),
    Arc([1.75, 4.25], 1.75, RIGHT, HALF),
    Line([0.0, 4.25], [0.0, 1.75]),
];

/// The digits and letters of the signs.
static GLYPHS: [Glyph; 12] = [
    glyph('0', 3.5, OVAL),
    glyph(
        '1',
        1.4,
        &[Line([0.0, 1.4], [1.4, 0.0]), Line([1.4, 0.0], [1.4, 6.0])],
    ),
    glyph(
        '2',
        3.5,
        &[
            Arc([1.75, 1.75], 1.75, LEFT, HALF + 0.62),
            Line([3.17, 2.77], [0.0, 6.0]),
            Line([0.0, 6.0], [3.5, 6.0]),
        ],
    ),
    glyph(
        '3',
        2.9,
        &[
            Arc([1.3, 1.45], 1.45, -2.6, 2.6 + BOTTOM),
            Arc([1.35, 4.45], 1.55, TOP, BOTTOM + 2.6),
        ],
    ),
    glyph(
        '5',
        3.4,
        &[
            Line([3.2, 0.0], [0.5, 0.0]),
            Line([0.5, 0.0], [0.33, 2.93]),
            Arc([1.6, 4.2], 1.8, -2.36, 2.36 + 2.62),
        ],
    ),
    glyph(
        '6',
        3.5,
        &[
            Line([2.5, 0.0], [0.3, 3.27]),
            Arc([1.75, 4.25], 1.75, RIGHT, TAU),
        ],
    ),
    glyph(
        '7',
        3.5,
        &[Line([0.0, 0.0], [3.5, 0.0]), Line([3.5, 0.0], [1.2, 6.0])],
    ),
    glyph(
        '8',
        3.3,
        &[
            Arc([1.65, 1.4], 1.4, RIGHT, TAU),
            Arc([1.65, 4.4], 1.6, RIGHT, TAU),
        ],
    ),
    glyph(
        'S',
        3.2,
        &[
            Arc([1.6, 1.5], 1.5, -0.35, 0.35 - HALF - BOTTOM),
            Arc([1.6, 4.5], 1.5, TOP, HALF + BOTTOM - 0.35),
        ],
    ),
    glyph(
        'T',
        3.5,
        &[Line([0.0, 0.0], [3.5, 0.0]), Line([1.75, 0.0], [1.75, 6.0])],
    ),
    glyph('O', 3.5, OVAL),
    glyph(
        'P',
        3.5,
        &[
            Line([0.0, 6.0], [0.0, 0.0]),
            Line([0.0, 0.0], [1.8, 0.0]),
            Arc([1.8, 1.7], 1.7, TOP, HALF),
            Line([1.8, 3.4], [0.0, 3.4]),
        ],
    ),
];

const fn glyph(letter: char, width: f32, strokes: &'static [Stroke]) -> Glyph {
    Glyph {
        letter,
        width,
        strokes,
    }
}

/// The skeleton of a letter; `None` of one that no sign has.
fn find(letter: char) -> Option<&'static Glyph> {
    GLYPHS.iter().find(|glyph| glyph.letter == letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTERS: [&str; 11] = ["0", "1", "2", "3", "5", "6", "7", "8", "S", "T", "P"];

    /// Rows of `#` and spaces, 7 high, one a width of the pen.
    fn drawn(text: &'static str) -> Vec<String> {
        let lettering = Lettering::new(text, 7.0, 1.0);
        let row = |y: i32| {
            let cell = |x: i32| match lettering.covers([x as f32 / 2.0, y as f32]) {
                true => '#',
                false => ' ',
            };
            (-12..=12).map(cell).collect()
        };
        (-3..=3).map(row).collect()
    }

    /// Ends of the ink along an axis, to a hundredth.
    fn extent(lettering: Lettering, axis: usize) -> [f32; 2] {
        let line = (-1000..=1000).map(|i| i as f32 / 100.0);
        let is_inked = |&at: &f32| {
            (-80..=80).any(|i| {
                let mut point = [i as f32 / 10.0; 2];
                point[axis] = at;
                lettering.covers(point)
            })
        };
        let inked: Vec<f32> = line.filter(is_inked).collect();
        [inked[0], inked[inked.len() - 1]]
    }

    #[test]
    fn every_letter_is_as_high_as_asked_for_and_in_the_middle() {
        for text in LETTERS {
            for (axis, tolerance) in [(1, 0.08), (0, 0.2)] {
                let [low, high] = extent(Lettering::new(text, 7.0, 1.0), axis);
                assert!(
                    (low + high).abs() < tolerance,
                    "{text} {axis}: {low} to {high}"
                );
                assert!(
                    axis == 0 || (high - low - 7.0).abs() < 0.1,
                    "{text}: {low} to {high}"
                );
            }
        }
    }

    #[test]
    fn every_letter_is_another_one() {
        for (i, a) in LETTERS.iter().enumerate() {
            assert!(drawn(a).concat().contains('#'), "{a}");
            assert!(LETTERS[..i].iter().all(|b| drawn(a) != drawn(b)), "{a}");
        }
    }

    #[test]
    fn a_seven_looks_like_a_seven() {
        let rows: Vec<String> = drawn("7").iter().map(|row| row.trim().to_owned()).collect();
        assert_eq!(rows[0], "#########");
        assert!(
            rows[1..].iter().all(|row| (1..=3).contains(&row.len())),
            "{rows:?}"
        );
    }

    #[test]
    fn narrow_text_is_as_high_and_less_wide() {
        let [wide, narrow] = [1.0, 0.7].map(|narrowing| Lettering::new("50", 7.0, narrowing));
        for (a, b) in extent(wide, 1).into_iter().zip(extent(narrow, 1)) {
            assert!((a - b).abs() < 0.05, "{a} {b}");
        }
        let width = |lettering| extent(lettering, 0)[1] - extent(lettering, 0)[0];
        assert!((width(narrow) - 0.7 * width(wide)).abs() < 0.1);
    }
}
