//! Which framing shows real images as the synthetic ones are shown, found without any label.
//!
//! Crops of real eyes come from another face detector, at another size, than a simulator's. An estimator that has
//! learned from eyes of one size errs on those of another, and no refiner of small reach changes sizes. Where the edges
//! lie on average (lids, corners, iris) tells the size whatever the light: the framing looked for is the one under which
//! the mean edge maps of both sides agree best (Pearson's correlation).
//!
//! A mean edge map shows the size of what is seen only where all images are crops alike, with the same thing at the same
//! place. Elsewhere it shows where things lie, and a zoom found by it means nothing. So two things are asked for as
//! well: that single images are like the mean of the others, and that quarters of both sides find much the same zoom.

use rayon::prelude::*;

use crate::edge_maps::{EdgeMap, EdgeMaps};
use crate::{Dataset, Framing};
use simgan_base::metrics::correlation::pearson;

/// Zooms from 0.3 to 3.3, in steps of 6 %.
const ZOOMS: std::ops::RangeInclusive<i32> = -20..=20;
const ZOOM_STEP: f64 = 0.06;
/// Shifts of up to 0.2 widths and heights.
const SHIFTS: std::ops::RangeInclusive<i32> = -4..=4;
const SHIFT_STEP: f64 = 0.05;

/// Framings from this zoom on, or below its inverse, are worth a word.
const NOTABLE_ZOOM: f64 = 1.15;
/// So is only an agreement that rises so much, to so much.
const NOTABLE_GAIN: f64 = 0.03;
const NOTABLE_AGREEMENT: f64 = 0.8;
/// Parts of both sides that must each find a zoom of the same direction, and the fewest images of one.
const PARTS: usize = 4;
const LEAST_IMAGES: usize = 5;
/// Mean correlation of an image's edges with those of all others of its side, from which on they are crops alike.
const ALIGNED: f64 = 0.25;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Framing of the real images, on top of the one they have; rounded to hundredths.
    pub framing: Framing,
    /// Correlation of the mean edge maps without it, -1..=1.
    pub before: f64,
    /// The same with it.
    pub after: f64,
    /// Mean correlation of an image's edges with the mean of all others, of the side where it is less, -1..=1.
    pub alignment: f64,
    /// Whether each quarter of both sides finds a zoom of the same direction, and no small one.
    pub repeatable: bool,
}

impl Match {
    /// Whether the sides differ in size so much, and so clearly, that it is likely to matter.
    pub fn is_notable(&self) -> bool {
        let zoom = self.framing.zoom.max(1.0 / self.framing.zoom);
        zoom >= NOTABLE_ZOOM
            && self.after - self.before >= NOTABLE_GAIN
            && self.after >= NOTABLE_AGREEMENT
            && self.alignment >= ALIGNED
            && self.repeatable
    }
}

/// Looks for the framing of `real` that fits `synthetic`, both preprocessed alike.
///
/// Shifts help estimators less reliably than the size; they are looked for only `with_shifts`.
pub fn search(synthetic: &Dataset, real: &Dataset, with_shifts: bool) -> Match {
    let sides = [synthetic, real].map(EdgeMaps::of);
    let [synthetic, real] = sides.each_ref().map(EdgeMaps::sum);
    let before = pearson(&synthetic.values, &real.values);
    let (after, framing) = best(&synthetic, &real, with_shifts);
    let alignments = sides.each_ref().map(EdgeMaps::alignment);
    Match {
        framing: rounded(framing),
        before,
        after,
        alignment: alignments[0].min(alignments[1]),
        repeatable: is_repeatable(&sides, framing.zoom),
    }
}

/// Whether each part of both sides finds a zoom in the direction of `zoom`, at least half as notable a one.
fn is_repeatable(sides: &[EdgeMaps; 2], zoom: f64) -> bool {
    let least = NOTABLE_ZOOM.ln() / 2.0;
    let agrees = |part: usize| {
        let [synthetic, real] = sides.each_ref().map(|side| side.part(part, PARTS));
        let found = best(&synthetic, &real, false).1.zoom;
        found.ln() * zoom.ln().signum() >= least
    };
    sides.iter().all(|side| side.len() >= PARTS * LEAST_IMAGES) && (0..PARTS).all(agrees)
}

/// The framing of `real` under which it agrees best with `synthetic`, and how much they agree then.
fn best(synthetic: &EdgeMap, real: &EdgeMap, with_shifts: bool) -> (f64, Framing) {
    let agreement = |framing: &Framing| pearson(&synthetic.values, &real.framed(framing).values);
    let neutral = Framing::default();
    let before = agreement(&neutral);
    let shifts = || match with_shifts {
        true => SHIFTS,
        false => 0..=0,
    };
    let candidates: Vec<Framing> = ZOOMS
        .flat_map(|zoom| shifts().map(move |x| (zoom, x)))
        .flat_map(|(zoom, x)| shifts().map(move |y| (zoom, x, y)))
        .map(|(zoom, x, y)| Framing {
            zoom: (f64::from(zoom) * ZOOM_STEP).exp(),
            x: f64::from(x) * SHIFT_STEP,
            y: f64::from(y) * SHIFT_STEP,
        })
        .collect();
    candidates
        .into_par_iter()
        .map(|framing| (agreement(&framing), framing))
        .reduce(|| (before, neutral), |a, b| if b.0 > a.0 { b } else { a })
}

fn rounded(framing: Framing) -> Framing {
    let round = |value: f64| (100.0 * value).round() / 100.0;
    Framing {
        zoom: round(framing.zoom),
        x: round(framing.x),
        y: round(framing.y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dark discs on a bright ground, of a radius around `radius` and a little off the middle, 40 wide and 24 high.
    fn discs(radius: f64, right: f64, brightness: f64) -> Dataset {
        let (width, height, count) = (40, 24, 60);
        let bytes = (0..count)
            .flat_map(|i| {
                let wobble = f64::from(i % 7 - 3) * 0.4;
                (0..height).flat_map(move |y| {
                    (0..width).map(move |x| {
                        let middle = [19.5 + right + wobble, 11.5 - wobble / 2.0];
                        let distance = (f64::from(x) - middle[0]).hypot(f64::from(y) - middle[1]);
                        let share = (distance - radius - wobble / 3.0).clamp(0.0, 1.0);
                        (brightness * (0.2 + 0.6 * share)) as u8
                    })
                })
            })
            .collect();
        let names = (0..count).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, [1, 24, 40], bytes, None).unwrap()
    }

    #[test]
    fn a_known_size_is_found_whatever_the_light() {
        let found = search(&discs(5.0, 0.0, 250.0), &discs(8.0, 0.0, 90.0), false);
        assert!((found.framing.zoom - 5.0 / 8.0).abs() < 0.06, "{found:?}");
        assert!(
            found.after > found.before + 0.2 && found.is_notable(),
            "{found:?}"
        );
        let back = search(&discs(8.0, 0.0, 250.0), &discs(5.0, 0.0, 90.0), false);
        assert!((back.framing.zoom - 8.0 / 5.0).abs() < 0.15, "{back:?}");
    }

    /// Balls of 12 pixels across at places up to `wander` pixels from the middle, on 64x64 pixels.
    fn balls(wander: u32, seed: u32) -> Dataset {
        let (side, count) = (64u32, 60u32);
        let place = move |i: u32, k: u32| {
            let hash = (i + 1)
                .wrapping_mul(2_654_435_761)
                .wrapping_add(seed * 97 + k * 40_503);
            let hash = (hash ^ (hash >> 15)).wrapping_mul(2_246_822_519) >> 8;
            f64::from(side / 2) + f64::from(hash % (2 * wander + 1)) - f64::from(wander)
        };
        let bytes = (0..count)
            .flat_map(|i| {
                let middle = [place(i, 0), place(i, 1)];
                (0..side * side).map(move |p| {
                    let [x, y] = [p % side, p / side].map(f64::from);
                    let outside = ((x - middle[0]).hypot(y - middle[1]) - 6.0).clamp(0.0, 1.0);
                    (40.0 + 160.0 * outside) as u8
                })
            })
            .collect();
        let names = (0..count).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, [1, 64, 64], bytes, None).unwrap()
    }

    #[test]
    fn balls_of_one_size_that_lie_anywhere_have_no_zoom() {
        for (a, b) in [(24, 24), (12, 24), (24, 12), (6, 12), (12, 6), (3, 20)] {
            let found = search(&balls(a, 1), &balls(b, 2), false);
            assert!(!found.is_notable(), "{a}, {b}: {found:?}");
        }
    }

    #[test]
    fn a_zoom_that_a_quarter_does_not_find_is_none() {
        let [small, large] = [discs(5.0, 0.0, 250.0), discs(8.0, 0.0, 250.0)];
        let pixels: Vec<u8> = (0..60)
            .flat_map(|i| if i < 15 { &small } else { &large }.pixels(i).to_vec())
            .collect();
        let mixed = small.with_pixels(pixels).unwrap();
        let found = search(&small, &mixed, false);
        assert!(!found.repeatable && !found.is_notable(), "{found:?}");
        assert!(search(&small, &large, false).is_notable());
    }

    #[test]
    fn a_known_shift_is_found() {
        let found = search(&discs(6.0, 0.0, 200.0), &discs(6.0, 4.0, 200.0), true);
        assert!((found.framing.x - 0.1).abs() < 0.03, "{found:?}");
        assert!(found.framing.y.abs() < 0.03, "{found:?}");
        assert!(!found.is_notable(), "{found:?}");
    }

    #[test]
    fn equal_and_plain_sides_need_nothing() {
        let same = search(&discs(6.0, 0.0, 200.0), &discs(6.0, 0.0, 120.0), false);
        assert!(!same.is_notable() && same.framing.is_neutral(), "{same:?}");
        let plain = Dataset::from_memory(vec!["0.png".into()], [3, 5, 9], vec![7; 135], None);
        let found = search(&discs(6.0, 0.0, 200.0), &discs(6.0, 0.0, 0.0), false);
        assert!(!found.is_notable(), "{found:?}");
        let found = search(&plain.unwrap(), &discs(6.0, 0.0, 0.0), false);
        assert!(!found.is_notable(), "{found:?}");
    }
}
