//! Dots: which are found, what is measured at them, and how it is spread.

use rand::{Rng, RngExt};

use super::shot::Shot;
use crate::depths::Depths;
use simgan_base::random::standard_normal;

/// Pixels from the middle of the window in which a dot is matched to its edges: it is 9x9.
const HALF_WINDOW: usize = 4;
/// Distance in millimetres at which `lost_dots` is the share of dots that are lost.
const METRE: f32 = 1000.0;

/// A dot whose disparity is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(super) column: usize,
    pub(super) row: usize,
    pub(super) disparity: f32,
}

/// The dots that are found, row by row.
pub(super) fn found(
    disparities: &Depths,
    lit: &[bool],
    shot: &Shot,
    rng: &mut impl Rng,
) -> Vec<Dot> {
    let pattern: Vec<bool> = lit
        .iter()
        .map(|_| rng.random::<f32>() < shot.dots)
        .collect();
    let seen: Vec<bool> = (0..lit.len())
        .map(|i| pattern[i] && lit[i] && returns(disparities, i, shot, rng.random()))
        .collect();
    let width = disparities.width;
    let matched: Vec<usize> = (0..lit.len())
        .filter(|&i| seen[i] && is_matched(disparities, &pattern, &seen, i, shot))
        .collect();
    let mut normal = standard_normal(rng);
    let measured = matched.into_iter().filter_map(|i| {
        let (column, row) = (i % width, i / width);
        let moved = |place: usize, size: usize, by: f32| {
            let moved = (place as f32 + shot.lateral_noise * by).round();
            (0.0..size as f32)
                .contains(&moved)
                .then_some(moved as usize)
        };
        let (across, down, along) = (normal(), normal(), normal());
        let x = moved(column, width, across)?;
        let y = moved(row, disparities.height, down)?;
        let disparity = disparities.at(x, y);
        (disparity > 0.0).then(|| Dot {
            column,
            row,
            disparity: stepped(
                disparity + shot.disparity_noise * along,
                shot.disparity_step,
            ),
        })
    });
    measured.filter(|dot| dot.disparity > 0.0).collect()
}

/// The nearest whole multiple of a step.
fn stepped(disparity: f32, step: f32) -> f32 {
    match step > 0.0 {
        true => (disparity / step).round() * step,
        false => disparity,
    }
}

/// Whether enough light of a dot returns; `chance` is 0..1.
fn returns(disparities: &Depths, place: usize, shot: &Shot, chance: f32) -> bool {
    let depth = shot.depth(disparities.values[place]);
    let lost = shot.lost_dots * (depth / METRE).powi(2);
    chance >= lost && cosine(disparities, place, shot) >= shot.grazing
}

/// Cosine of the angle at which the ray of a pixel meets the surface, as the depths of its neighbours to
/// the right and below tell it; 1 where there is none.
fn cosine(disparities: &Depths, place: usize, shot: &Shot) -> f32 {
    let (x, y) = (place % disparities.width, place / disparities.width);
    let depth = shot.depth(disparities.values[place]);
    // A millimetre is focal / depth pixels.
    let rise = |other: f32| match other > 0.0 {
        true => (shot.depth(other) - depth) * shot.focal / depth,
        false => 0.0,
    };
    let inside = |x: usize, y: usize| x < disparities.width && y < disparities.height;
    let towards = |x: usize, y: usize| {
        if inside(x, y) {
            rise(disparities.at(x, y))
        } else {
            0.0
        }
    };
    let (across, down) = (towards(x + 1, y), towards(x, y + 1));
    1.0 / (1.0 + across * across + down * down).sqrt()
}

/// Whether enough of the dots round one are seen on its surface.
fn is_matched(
    disparities: &Depths,
    pattern: &[bool],
    seen: &[bool],
    place: usize,
    shot: &Shot,
) -> bool {
    let (width, height) = (disparities.width, disparities.height);
    let (x, y) = (place % width, place / width);
    let own = disparities.values[place];
    let [mut all, mut same] = [0u32; 2];
    for row in y.saturating_sub(HALF_WINDOW)..(y + HALF_WINDOW + 1).min(height) {
        for at in row * width + x.saturating_sub(HALF_WINDOW)
            ..row * width + (x + HALF_WINDOW + 1).min(width)
        {
            let near = (disparities.values[at] - own).abs() <= shot.same_surface;
            all += u32::from(pattern[at]);
            same += u32::from(seen[at] && near);
        }
    }
    same as f32 >= shot.window * all as f32
}

/// Gives every pixel within `reach` of a dot the disparity of the nearest one, and 0 to all others.
pub(super) fn spread(dots: &[Dot], [width, height]: [usize; 2], reach: f32) -> Depths {
    let mut values = vec![0.0; width * height];
    let mut apart = vec![f32::INFINITY; width * height];
    let steps = reach as usize;
    for dot in dots {
        let (x, y) = (dot.column, dot.row);
        for row in y.saturating_sub(steps)..(y + steps + 1).min(height) {
            for column in x.saturating_sub(steps)..(x + steps + 1).min(width) {
                let (across, down) = (column.abs_diff(x), row.abs_diff(y));
                let distance = (across * across + down * down) as f32;
                let place = row * width + column;
                if distance <= reach * reach && distance < apart[place] {
                    (apart[place], values[place]) = (distance, dot.disparity);
                }
            }
        }
    }
    Depths {
        width,
        height,
        values,
    }
}
