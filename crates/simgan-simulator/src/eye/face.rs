//! The skin round the eye: a height field in the head's frame with its light baked in.

use glam::Vec3A;

use crate::eye::lids::{Edges, Lids};
use crate::eye::light::Lighting;
use crate::eye::parameters::EyeParameters;
use crate::eye::person::Person;
use crate::noise::{bump, fractal, length, mix, smooth_step, value};

/// Thickness of the lids in millimetres.
const LID: f32 = 1.3;
/// Width over which the lid's edge is rounded.
const ROUNDING: f32 = 1.1;

/// Shape of the skin: how far it stands before the plane through the eyeball's middle.
#[derive(Debug)]
pub(super) struct Face<'a> {
    person: &'a Person,
    lids: &'a Lids,
    /// Where the cornea's tip lifts the lids.
    cornea: [f32; 2],
    /// Half the width of the groove in millimetres: no finer than the image can show.
    groove: f32,
}

/// Half the width of the groove above the lid in millimetres.
const GROOVE: f32 = 1.3;

impl<'a> Face<'a> {
    /// `cornea` is the tip of the cornea in the head's frame (x, y), `scale` the number of pixels a millimetre.
    pub(super) fn new(person: &'a Person, lids: &'a Lids, cornea: [f32; 2], scale: f32) -> Self {
        Self {
            person,
            lids,
            cornea,
            groove: GROOVE.max(4.0 / scale),
        }
    }

    /// Height in millimetres at a point of the front plane.
    pub(super) fn height(&self, x: f32, y: f32) -> f32 {
        self.height_at(&self.column(x), y)
    }

    /// What depends on `x` alone.
    fn column(&self, x: f32) -> Column {
        let along = self.lids.along(x);
        let face = &self.person.face;
        Column {
            x,
            edges: self.lids.edges(x),
            crease: self.lids.crease(x),
            along,
            crease_share: smooth_step(-0.2, 0.25, along) * smooth_step(1.3, 0.75, along),
            furrow_share: smooth_step(-0.3, 0.3, along) * smooth_step(1.3, 0.7, along),
            bones: face.depth - face.temple * smooth_step(8.0, 34.0, x),
        }
    }

    fn height_at(&self, column: &Column, y: f32) -> f32 {
        let x = column.x;
        let distance = self.lids.distance(x, y, &column.edges);
        let bones = column.bones + self.bones(x, y);
        let skin = smooth_max(bones, self.over_eyeball(x, y), 3.0) + self.crease(column, y)
            - self.furrow(column, y);
        // The edge of a lid is round and ends on the eyeball.
        let t = 1.0 - (distance / ROUNDING).clamp(0.0, 1.0);
        skin - LID * (1.0 - (1.0 - t * t).max(0.0).sqrt())
    }

    /// Brow, nose and cheek.
    fn bones(&self, x: f32, y: f32) -> f32 {
        let face = &self.person.face;
        let brow = bump((y + face.brow_height + 0.06 * (x - 4.0) * (x - 4.0) / 4.0) / 15.0);
        let nose = smooth_step(-12.0, -30.0, x - 0.25 * (y + 8.0).min(10.0));
        let cheek = smooth_step(6.0, 30.0, y);
        face.brow * brow + face.nose * nose + face.cheek * cheek
    }

    /// The lids wrap eyeball and cornea.
    fn over_eyeball(&self, x: f32, y: f32) -> f32 {
        let radius = self.person.eyeball_radius + LID;
        let aside = x * x + y * y;
        let cornea = (x - self.cornea[0]).powi(2) + (y - self.cornea[1]).powi(2);
        (radius * radius - aside).max(0.0).sqrt() + 0.9 * bump(cornea.sqrt() / 8.0)
    }

    /// The groove above the upper lid and the fold that hangs over it.
    fn crease(&self, column: &Column, y: f32) -> f32 {
        let face = &self.person.face;
        let above = column.crease - y;
        // Where crease and edge meet there is no room for a groove.
        let room = smooth_step(0.0, 2.5, column.edges.upper - column.crease);
        let groove = bump((above + 0.3) / self.groove) * (GROOVE / self.groove);
        let fold = smooth_step(-0.2, 1.4 * self.groove, above) * smooth_step(13.0, 5.0, above);
        column.crease_share * (face.fold * fold - room * face.crease_depth * groove)
    }

    /// Shallow furrows below the lower lid.
    fn furrow(&self, column: &Column, y: f32) -> f32 {
        let below = y - column.edges.lower;
        let lines = bump((below - 2.6 - 0.8 * column.along) / 1.1)
            + 1.3 * bump((below - 7.5 + 2.5 * column.along) / 1.8);
        self.person.face.furrow * column.furrow_share * lines
    }
}

/// What of the face depends on x alone.
struct Column {
    x: f32,
    edges: Edges,
    /// y of the crease.
    crease: f32,
    /// Position between the corners.
    along: f32,
    /// How much of crease and furrows there is.
    crease_share: f32,
    furrow_share: f32,
    /// Height of the face where nothing else stands out.
    bones: f32,
}

/// Larger of both, rounded within `k` of equality.
fn smooth_max(a: f32, b: f32, k: f32) -> f32 {
    let near = (k - (a - b).abs()).max(0.0);
    a.max(b) + near * near / (4.0 * k)
}

/// Heights and colours of the skin on a grid, with the light on it.
#[derive(Debug)]
pub(super) struct SkinMap {
    columns: usize,
    rows: usize,
    left: f32,
    top: f32,
    per_millimetre: f32,
    /// Just below the last column and the last row.
    last: [f32; 2],
    heights: Vec<f32>,
    colours: Vec<Vec3A>,
}

/// Part of the front plane, in millimetres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
}

impl SkinMap {
    /// Bakes `region` with `per_millimetre` grid points a millimetre; `view` points to the camera.
    pub(super) fn bake(
        face: &Face<'_>,
        parameters: &EyeParameters,
        lighting: &Lighting,
        view: Vec3A,
        region: Region,
        per_millimetre: f32,
    ) -> Self {
        let count = |length: f32| ((length * per_millimetre).ceil() as usize + 1).max(2);
        let (columns, rows) = (
            count(region.right - region.left),
            count(region.bottom - region.top),
        );
        let mut map = Self {
            columns,
            rows,
            left: region.left,
            top: region.top,
            per_millimetre,
            last: [columns, rows].map(|count| count as f32 - 1.001),
            heights: vec![0.0; columns * rows],
            colours: vec![],
        };
        let across: Vec<Column> = (0..columns)
            .map(|i| face.column(region.left + i as f32 / per_millimetre))
            .collect();
        for row in 0..rows {
            let y = region.top + row as f32 / per_millimetre;
            let heights = &mut map.heights[row * columns..][..columns];
            for (height, column) in heights.iter_mut().zip(&across) {
                *height = face.height_at(column, y);
            }
        }
        let shade = Shade::of(&map, lighting.key);
        let mut colours = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            let y = region.top + row as f32 / per_millimetre;
            for (i, (normal, column)) in map.normals(row).zip(&across).enumerate() {
                let (share, openness) = shade.at(i, row);
                let gloss = lighting.gloss(normal, view) * (parameters.anatomy.skin.gloss * share);
                let light = lighting.irradiance(normal, share, 0.25) * openness;
                colours.push(albedo(face, parameters, column, y) * light + gloss);
            }
        }
        map.colours = colours;
        map
    }

    #[inline]
    fn height_near(&self, column: i32, row: i32) -> f32 {
        let column = column.clamp(0, self.columns as i32 - 1) as usize;
        let row = row.clamp(0, self.rows as i32 - 1) as usize;
        self.heights[row * self.columns + column]
    }

    /// Directions of the surface along a row of the grid.
    fn normals(&self, row: usize) -> impl Iterator<Item = Vec3A> + '_ {
        let line = |row: usize| &self.heights[row * self.columns..][..self.columns];
        let (above, here) = (line(row.saturating_sub(1)), line(row));
        let below = line((row + 1).min(self.rows - 1));
        let per_step = self.per_millimetre / 2.0;
        (0..self.columns).map(move |i| {
            let dx = here[(i + 1).min(self.columns - 1)] - here[i.saturating_sub(1)];
            let dy = below[i] - above[i];
            // The surface is z = -height.
            Vec3A::new(-dx * per_step, -dy * per_step, -1.0).normalize()
        })
    }

    /// How much of the surroundings a point sees: less in grooves.
    fn openness(&self, column: i32, row: i32) -> f32 {
        let step = (1.8 * self.per_millimetre + 0.5).max(1.0) as i32;
        let around = self.height_near(column - step, row)
            + self.height_near(column + step, row)
            + self.height_near(column, row - step)
            + self.height_near(column, row + step);
        let sunk = around / 4.0 - self.height_near(column, row);
        (1.0 - 0.55 * sunk).clamp(0.25, 1.15)
    }

    /// Part of the key light that reaches a point past brow, nose and lids.
    fn key_share(&self, column: i32, row: i32, key: Vec3A) -> f32 {
        let aside = length(key.x, key.y);
        if aside < 0.05 {
            return 1.0;
        }
        let climb = -key.z / aside;
        let (across, down) = (key.x / aside, key.y / aside);
        let start = self.height_near(column, row);
        let mut share = 1.0f32;
        for distance in [1.0f32, 2.0, 3.5, 6.0, 9.5, 14.0] {
            let cells = distance * self.per_millimetre;
            let ground = self.height_near(
                (column as f32 + across * cells + 0.5) as i32,
                (row as f32 + down * cells + 0.5) as i32,
            );
            let clear = start + climb * distance - ground;
            share = share.min(0.6 + clear / (0.5 + 0.3 * distance));
        }
        share.clamp(0.0, 1.0)
    }

    /// Cell and weights of a point of the front plane.
    #[inline]
    fn cell(&self, x: f32, y: f32) -> (usize, f32, f32) {
        let split = |at: f32, last: f32| {
            let at = (at * self.per_millimetre).max(0.0).min(last);
            let whole = at as i32;
            (whole as usize, at - whole as f32)
        };
        let (column, fx) = split(x - self.left, self.last[0]);
        let (row, fy) = split(y - self.top, self.last[1]);
        (row * self.columns + column, fx, fy)
    }

    /// Height at a point.
    #[inline]
    pub(super) fn height(&self, x: f32, y: f32) -> f32 {
        let (i, fx, fy) = self.cell(x, y);
        let (upper, lower) = (
            &self.heights[i..i + 2],
            &self.heights[i + self.columns..][..2],
        );
        mix(mix(upper[0], upper[1], fx), mix(lower[0], lower[1], fx), fy)
    }

    /// Light from a point.
    #[inline]
    pub(super) fn colour(&self, x: f32, y: f32) -> Vec3A {
        let (i, fx, fy) = self.cell(x, y);
        let (upper, lower) = (
            &self.colours[i..i + 2],
            &self.colours[i + self.columns..][..2],
        );
        upper[0]
            .lerp(upper[1], fx)
            .lerp(lower[0].lerp(lower[1], fx), fy)
    }
}

/// What the skin's shape keeps from it: found at every other grid point, for shade is soft.
struct Shade {
    columns: usize,
    /// Part of the key light, part of the surroundings.
    parts: Vec<(f32, f32)>,
}

impl Shade {
    fn of(map: &SkinMap, key: Vec3A) -> Self {
        let (columns, rows) = (map.columns / 2 + 1, map.rows / 2 + 1);
        let part = |i: usize| {
            let (column, row) = (2 * (i % columns) as i32, 2 * (i / columns) as i32);
            (map.key_share(column, row, key), map.openness(column, row))
        };
        Self {
            columns,
            parts: (0..columns * rows).map(part).collect(),
        }
    }

    /// Both parts at a point of the full grid, the mean of those beside it.
    fn at(&self, column: usize, row: usize) -> (f32, f32) {
        let (left, right) = (column / 2, column.div_ceil(2));
        let (upper, lower) = (row / 2 * self.columns, row.div_ceil(2) * self.columns);
        let corners = [upper + left, upper + right, lower + left, lower + right];
        let sum = corners.iter().fold((0.0, 0.0), |sum, &i| {
            (sum.0 + self.parts[i].0, sum.1 + self.parts[i].1)
        });
        (sum.0 / 4.0, sum.1 / 4.0)
    }
}

/// Share of light that the skin throws back.
fn albedo(face: &Face<'_>, parameters: &EyeParameters, column: &Column, y: f32) -> Vec3A {
    let (x, edges) = (column.x, &column.edges);
    let skin = &parameters.anatomy.skin;
    let lashes = &parameters.anatomy.lashes;
    let distance = face.lids.distance(x, y, edges);
    if distance < -1.0 {
        // Never seen: the eyeball lies there.
        return skin.colour;
    }
    let (u, v) = (x + skin.place[0], y + skin.place[1]);
    let spots = 0.10 * fractal(0.22 * u, 0.22 * v, 2) + 0.07 * value(2.3 * u, 2.6 * v);
    let mut colour = skin.colour * (1.0 + skin.mottling * spots);
    // Thin skin near the edge and below the eye is darker and redder.
    let near = bump((distance / 12.0).min(1.0)) * if y > edges.lower { 1.0 } else { 0.7 };
    colour *= Vec3A::ONE - Vec3A::new(0.75, 1.0, 0.95) * (skin.rings * near);
    let rim = 1.0 - smooth_step(0.2, 1.5, distance);
    colour = colour.lerp(colour * Vec3A::new(1.05, 0.87, 0.85), rim);
    let upper = edges.upper - y > -0.3;
    let line = if upper {
        lashes.line
    } else {
        0.25 * lashes.line
    } * parameters.lashes.min(1.3);
    colour * (1.0 - 0.75 * line.min(1.0) * (1.0 - smooth_step(0.3, 1.3, distance)))
}
