//! Rays against flesh: the distance field of all capsules, traced by tiles of pixels.
//!
//! A tile knows which capsules are near its rays, so that each step asks a few of all; its rays take
//! their steps together, which processors do several at a time.

use glam::Vec3A;

use crate::hand::flesh::{Flesh, PALM_PARTS};
use crate::hand::round_cone::{Prepared, RoundCone};
use crate::hand::view::View;

/// Pixels along each side of a tile, and in all of it.
const SIDE: usize = 4;
const TILE: usize = SIDE * SIDE;
/// Tiles of a block, whose rays find their beginnings together: right and down from its first one.
const BLOCK: [[usize; 2]; 4] = [[0, 0], [1, 0], [0, 1], [1, 1]];
/// How far a blend reaches, in millimetres: within the palm, and between the palm and the fingers that
/// grow out of it. Our choice: webs and hollows of about the size of real ones.
const PALM_BLEND: f32 = 14.0;
const ROOT_BLEND: f32 = 8.0;
/// How far beyond its surface a capsule is asked for, in reaches of its blend: what it would change from
/// further away, where others have raised the surface already, is less than half a millimetre.
const REACH: f32 = 1.0;
/// How far blending raises a surface at most, as a share of the blend's reach: five equal distances blend
/// to 0.55 of it less.
const RAISED: f32 = 0.6;
/// A ray has arrived this near the surface, in millimetres, and takes the last step unasked; it takes at
/// most so many steps.
const NEAR: f32 = 0.3;
const STEPS: usize = 32;
/// Nearer than this, in millimetres, steps may pass the surface, by as many times the distance as the
/// slowest approach allows: less than a finger is thick.
const THIN: f32 = 6.0;
const SLOWEST: f32 = 0.35;
/// Distance where nothing is.
const FAR: f32 = 1e9;

/// Capsules of the palm, first phalanges that grow out of it, and all others.
const PALM: usize = PALM_PARTS + 1;
const ROOTS: usize = 4;
const PARTS: usize = PALM + ROOTS + 10;

/// What is traced.
#[derive(Clone, Debug)]
pub(super) struct Surface {
    parts: [Part; PARTS],
}

/// A capsule with what bounds it.
#[derive(Clone, Copy, Debug)]
struct Part {
    cone: RoundCone,
    prepared: Prepared,
    /// Larger radius, with how far blending raises the surface, and with how far the capsule bears on the
    /// surface beside it.
    raised: f32,
    reach: f32,
}

impl Surface {
    pub(super) fn new(flesh: &Flesh) -> Self {
        let [thumb, fingers @ ..] = &flesh.fingers;
        let palm = flesh.palm.iter().chain([&thumb[0]]);
        let roots = fingers.iter().map(|finger| &finger[0]);
        let free = flesh.fingers.iter().flat_map(|finger| &finger[1..]);
        let mut cones = palm.chain(roots).chain(free);
        let parts = std::array::from_fn(|number| {
            // There are as many as counted above; a test sees to it.
            let cone = *cones.next().unwrap_or(&thumb[0]);
            let radius = cone.radii[0].max(cone.radii[1]);
            Part {
                cone,
                prepared: cone.prepared(),
                raised: radius + RAISED * blend(number),
                reach: radius + REACH * blend(number),
            }
        });
        Self { parts }
    }

    /// Depth (z) in millimetres where the ray of each pixel of the view meets the surface, row by row;
    /// infinite where it does not.
    pub(super) fn depths(&self, view: &View) -> Vec<f32> {
        let [width, height] = view.size;
        let [columns, rows] = view.size.map(|side| side.div_ceil(SIDE));
        let mut near = vec![Near::default(); columns * rows];
        for (number, part) in self.parts.iter().enumerate() {
            part.mark(view, number, columns, &mut near);
        }
        let mut depths = vec![f32::INFINITY; width * height];
        for block in 0..columns.div_ceil(2) * rows.div_ceil(2) {
            let first = [block % columns.div_ceil(2), block / columns.div_ceil(2)].map(|v| 2 * v);
            let tiles = BLOCK.map(|[right, down]| [first[0] + right, first[1] + down]);
            let near = tiles.map(|[column, row]| match column < columns && row < rows {
                true => near[row * columns + column],
                false => Near::default(),
            });
            if near.iter().any(|near| near.is_met) {
                let starts = self.starts(view, &tiles, &near);
                for ((tile, near), start) in tiles.into_iter().zip(near).zip(starts) {
                    if near.is_met && start <= near.end {
                        self.trace(view, tile, &Near { start, ..near }, &mut depths);
                    }
                }
            }
        }
        depths
    }

    /// Writes the depths of a tile that is so many tiles right and down.
    fn trace(&self, view: &View, tile: [usize; 2], near: &Near, depths: &mut [f32]) {
        let corner = tile.map(|v| v * SIDE);
        let slope = |axis: usize, step: usize| view.slope(axis, (corner[axis] + step) as f32 + 0.5);
        let slopes = [
            std::array::from_fn(|i| slope(0, i % SIDE)),
            std::array::from_fn(|i| slope(1, i / SIDE)),
        ];
        let found: [f32; TILE] = self.march(&slopes, near);
        let [width, height] = view.size;
        let within = SIDE.min(width - corner[0]);
        for (y, row) in (corner[1]..height).zip(found.chunks_exact(SIDE)) {
            depths[y * width + corner[0]..][..within].copy_from_slice(&row[..within]);
        }
    }

    /// Depths before which no ray of each tile meets the surface: a ball round its middle ray that holds
    /// all of them goes forward as far as it is free.
    fn starts(&self, view: &View, tiles: &[[usize; 2]; 4], near: &[Near; 4]) -> [f32; 4] {
        let parts = near.iter().fold(0, |parts, near| parts | near.parts);
        let start = near
            .iter()
            .map(|near| near.start)
            .fold(f32::INFINITY, f32::min);
        let end = near.iter().map(|near| near.end).fold(0.0, f32::max);
        let [across, down] = [0, 1]
            .map(|axis| tiles.map(|tile| view.slope(axis, (tile[axis] * SIDE + SIDE / 2) as f32)));
        let spread = spread(view);
        let mut depths = [start; 4];
        for _ in 0..STEPS {
            let points = [
                std::array::from_fn(|i| across[i] * depths[i]),
                std::array::from_fn(|i| down[i] * depths[i]),
                depths,
            ];
            let distances = self.distances(parts, &points);
            let mut moving = false;
            for i in 0..4 {
                let free = distances[i] - spread * depths[i];
                let goes = free > NEAR && depths[i] <= end;
                let forward = 1.0 / (1.0 + across[i] * across[i] + down[i] * down[i]).sqrt();
                depths[i] += if goes { free * forward } else { 0.0 };
                moving |= goes;
            }
            if !moving {
                break;
            }
        }
        depths
    }

    /// Depths where rays through the origin and `points` meet the surface.
    pub(super) fn depths_towards<const N: usize>(&self, points: &[Vec3A; N]) -> [f32; N] {
        let ends = self.parts.iter().flat_map(|part| {
            let ends = [part.cone.start.z, part.cone.end.z];
            [
                ends[0].min(ends[1]) - part.reach,
                ends[0].max(ends[1]) + part.reach,
            ]
        });
        let near = Near {
            parts: (1 << PARTS) - 1,
            is_met: true,
            start: ends.clone().fold(f32::INFINITY, f32::min).max(1.0),
            end: ends.fold(0.0, f32::max),
        };
        let slopes = [0, 1].map(|axis| points.map(|point| point[axis] / point.z));
        self.march(&slopes, &near)
    }

    /// Depths where rays meet the surface; `slopes` say how far each goes right and down for every
    /// millimetre forward.
    ///
    /// A step as long as the distance never passes the surface. Near it, steps are longer where the one
    /// before came less nearer than it was long, so that slanted surfaces are reached as fast as others;
    /// what passes the surface, by less than a finger is thick, goes back.
    fn march<const N: usize>(&self, [across, down]: &[[f32; N]; 2], near: &Near) -> [f32; N] {
        // A step of the distance d along the ray is one of d * forward in depth.
        let forward: [f32; N] =
            std::array::from_fn(|i| 1.0 / (1.0 + across[i] * across[i] + down[i] * down[i]).sqrt());
        let mut depths = [near.start; N];
        let mut distances = [0.0; N];
        // The step before along each ray, and the distance from which it was taken.
        let (mut steps, mut before) = ([1.0; N], [FAR; N]);
        for _ in 0..STEPS {
            let points = [
                std::array::from_fn(|i| across[i] * depths[i]),
                std::array::from_fn(|i| down[i] * depths[i]),
                depths,
            ];
            distances = self.distances(near.parts, &points);
            let mut moving = false;
            for i in 0..N {
                let goes = distances[i].abs() > NEAR && depths[i] < near.end;
                let closing = ((before[i] - distances[i]) / steps[i]).clamp(SLOWEST, 1.0);
                let closing = if distances[i] < THIN { closing } else { 1.0 };
                let step = if goes { distances[i] / closing } else { 0.0 };
                depths[i] += step * forward[i];
                (steps[i], before[i]) = if goes {
                    (step, distances[i])
                } else {
                    (1.0, FAR)
                };
                moving |= goes;
            }
            if !moving {
                break;
            }
        }
        std::array::from_fn(|i| match distances[i].abs() <= NEAR {
            true => depths[i] + distances[i] * forward[i],
            false => f32::INFINITY,
        })
    }

    /// Distances of points to the surface that those `parts` (a bit each) make.
    fn distances<const N: usize>(&self, parts: u32, points: &[[f32; N]; 3]) -> [f32; N] {
        let mut palm = [FAR; N];
        for part in bits(parts & PALM_BITS) {
            let own = self.parts[part].prepared.distances(points);
            (0..N).for_each(|i| palm[i] = blended(own[i], palm[i], PALM_BLEND));
        }
        let mut all = palm;
        for part in bits(parts & ROOT_BITS) {
            let own = self.parts[part].prepared.distances(points);
            (0..N).for_each(|i| all[i] = all[i].min(blended(own[i], palm[i], ROOT_BLEND)));
        }
        for part in bits(parts & !(PALM_BITS | ROOT_BITS)) {
            let own = self.parts[part].prepared.distances(points);
            (0..N).for_each(|i| all[i] = all[i].min(own[i]));
        }
        all
    }
}

const PALM_BITS: u32 = (1 << PALM) - 1;
const ROOT_BITS: u32 = ((1 << ROOTS) - 1) << PALM;

/// How far the blend of a part reaches.
fn blend(number: usize) -> f32 {
    match number {
        0..PALM => PALM_BLEND,
        _ if number < PALM + ROOTS => ROOT_BLEND,
        _ => 0.0,
    }
}

/// Places of the bits that are set.
fn bits(mut set: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (set != 0).then(|| set.trailing_zeros() as usize);
        set &= set.wrapping_sub(1);
        place
    })
}

/// Smooth minimum: the smaller of two distances, less where they differ by less than `reach`.
fn blended(a: f32, b: f32, reach: f32) -> f32 {
    let near = (reach - (a - b).abs()).max(0.0);
    a.min(b) - near * near / (4.0 * reach)
}

/// How far the rays of a tile are from its middle one, for every millimetre forward.
fn spread(view: &View) -> f32 {
    let pixel = |axis: usize| view.slope(axis, 1.0) - view.slope(axis, 0.0);
    SIDE as f32 / 2.0 * pixel(0).hypot(pixel(1))
}

/// What is near the rays of a tile.
#[derive(Clone, Copy, Debug)]
struct Near {
    /// A bit for every part that bears on the surface there.
    parts: u32,
    /// Whether one of them is so near that a ray may meet it.
    is_met: bool,
    /// Depths between which the surface is.
    start: f32,
    end: f32,
}

impl Default for Near {
    fn default() -> Self {
        Self {
            parts: 0,
            is_met: false,
            start: f32::INFINITY,
            end: 0.0,
        }
    }
}

impl Part {
    /// Marks the tiles whose rays pass near this part, which has some `number`.
    fn mark(&self, view: &View, number: usize, columns: usize, near: &mut [Near]) {
        let (start, end) = (self.cone.start, self.cone.end);
        let [low, high] = [
            start.z.min(end.z) - self.reach,
            start.z.max(end.z) + self.reach,
        ];
        // A camera within the flesh sees nothing of it.
        if low <= 1.0 {
            return;
        }
        let [across, down] = [0, 1].map(|axis| self.tiles(view, axis));
        let spread = spread(view);
        for row in down[0]..down[1] {
            for column in across[0]..across[1] {
                let middle = |axis: usize, tile: usize| {
                    view.slope(axis, (tile * SIDE) as f32 + SIDE as f32 / 2.0)
                };
                let ray = Vec3A::new(middle(0, column), middle(1, row), 1.0).normalize();
                let aside = self.aside(ray) - spread * high;
                if aside <= self.reach {
                    let tile = &mut near[row * columns + column];
                    tile.parts |= 1 << number;
                    tile.is_met |= aside <= self.raised;
                    tile.start = tile.start.min(low);
                    tile.end = tile.end.max(high);
                }
            }
        }
    }

    /// Distance of the axis from a ray through the origin.
    fn aside(&self, ray: Vec3A) -> f32 {
        let [start, end] = [self.cone.start, self.cone.end].map(|p| p - ray * p.dot(ray));
        let along = end - start;
        let share = -start.dot(along) / along.length_squared().max(1e-6);
        (start + along * share.clamp(0.0, 1.0)).length()
    }

    /// First tile of one axis of the view that the part may touch, and the first one behind it.
    fn tiles(&self, view: &View, axis: usize) -> [usize; 2] {
        let ends = [self.cone.start, self.cone.end].map(|ball| {
            let middle = ball[axis].atan2(ball.z);
            let half = (self.reach / ball[axis].hypot(ball.z)).min(1.0).asin();
            [middle - half, middle + half]
        });
        let tile = |angle: f32| view.pixel(axis, angle.tan()) / SIDE as f32;
        let count = view.size[axis].div_ceil(SIDE);
        let [low, high] = [
            tile(ends[0][0].min(ends[1][0])),
            tile(ends[0][1].max(ends[1][1])),
        ];
        // Casts cut off what is beyond the image on either side.
        [
            (low.floor() as usize).min(count),
            ((high.floor() + 1.0) as usize).min(count),
        ]
    }
}
