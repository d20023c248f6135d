//! The eyeball: sclera, cornea, and iris and pupil seen through it.

use glam::{Mat3A, Vec3A};

use crate::eye::lids::Lids;
use crate::eye::light::Lighting;
use crate::eye::parameters::EyeParameters;
use crate::eye::person::Person;
use crate::noise::{length, mix, smooth_step, value};
use crate::raycast::{Ray, reflect, refract};

/// Refractive index of air over that of cornea and aqueous humour taken as one.
pub(super) const RATIO: f32 = 1.0 / 1.336;
/// Share of light that a wet surface mirrors at right angles.
const MIRRORED: f32 = 0.025;

/// The pocket of the conjunctiva beside the eyeball: its radius over the eyeball's, and how much narrower it would
/// have to be to be round.
const POCKET: f32 = 0.8;
const POCKET_STRETCH: f32 = 0.62;
/// Radius of the caruncle, and how far it stands before the eyeball's middle, in millimetres.
const CARUNCLE: f32 = 2.0;
const CARUNCLE_HEIGHT: f32 = 8.0;

/// Pixels a millimetre above which veins and fine fibres are more than noise.
const DETAIL: f32 = 3.0;
/// What pixels larger than veins see of them.
const MEAN_VEINS: f32 = 0.35;
/// Share of what keeps light from the eyeball that keeps it from mirror images too.
const MIRROR_HIDDEN: f32 = 0.6;

/// What a ray meets; pixels whose rays meet different things get more rays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Material {
    Skin,
    Sclera,
    Iris,
    Pupil,
    Flesh,
}

/// Sizes of an eyeball that follow from each other. The optical axis is -z in the eyeball's own frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Globe {
    pub(super) radius: f32,
    pub(super) cornea_radius: f32,
    pub(super) iris_radius: f32,
    /// Distance of the iris' plane from the middle.
    pub(super) iris_depth: f32,
    /// Distance of the cornea's centre of curvature from the middle.
    cornea_centre: f32,
}

impl Globe {
    pub(super) fn new(person: &Person) -> Self {
        let half = |radius: f32| (radius * radius - person.iris_radius.powi(2)).sqrt();
        let iris_depth = half(person.eyeball_radius);
        Self {
            radius: person.eyeball_radius,
            cornea_radius: person.cornea_radius,
            iris_radius: person.iris_radius,
            iris_depth,
            cornea_centre: iris_depth - half(person.cornea_radius),
        }
    }

    /// Radius of the pupil: an iris never opens further than three quarters.
    pub(super) fn pupil(&self, parameters: &EyeParameters) -> f32 {
        parameters.pupil_radius.min(0.75 * self.iris_radius)
    }

    /// Distance of the cornea's tip from the middle.
    pub(super) fn tip(&self) -> f32 {
        self.cornea_centre + self.cornea_radius
    }

    /// Centre of the cornea's curvature for an eyeball that looks along `gaze`.
    pub(super) fn cornea(&self, gaze: Vec3A) -> Vec3A {
        gaze * self.cornea_centre
    }
}

/// An eyeball in the head's frame, ready to be seen.
#[derive(Debug)]
pub(super) struct Eyeball<'a> {
    pub(super) globe: Globe,
    parameters: &'a EyeParameters,
    lighting: &'a Lighting,
    lids: &'a Lids,
    /// Columns are the eyeball's axes in the head's frame.
    axes: Mat3A,
    pub(super) gaze: Vec3A,
    /// Per millimetre across: how the key light's shadow of a lid is displaced.
    shadow: [f32; 2],
    /// Middle of the caruncle.
    caruncle: Vec3A,
    /// Whether pixels are small enough for veins and fine fibres to be seen.
    detailed: bool,
}

impl<'a> Eyeball<'a> {
    /// `scale` is the number of pixels a millimetre.
    pub(super) fn new(
        parameters: &'a EyeParameters,
        lighting: &'a Lighting,
        lids: &'a Lids,
        axes: Mat3A,
        scale: f32,
    ) -> Self {
        let key = lighting.key;
        let ahead = (-key.z).max(0.25);
        Self {
            globe: Globe::new(&parameters.anatomy),
            parameters,
            lighting,
            lids,
            axes,
            gaze: axes * Vec3A::NEG_Z,
            shadow: [key.x / ahead, key.y / ahead],
            caruncle: Vec3A::new(
                lids.inner[0] + 2.3,
                lids.inner[1] - 0.1,
                CARUNCLE - CARUNCLE_HEIGHT,
            ),
            detailed: scale > DETAIL,
        }
    }

    /// Light along a ray that passes between the lids.
    pub(super) fn seen(&self, ray: &Ray) -> (Vec3A, Material) {
        if let Some(seen) = self.through_cornea(ray) {
            return seen;
        }
        let globe = ray.enter_sphere(Vec3A::ZERO, self.globe.radius);
        let conjunctiva = self.enter_conjunctiva(ray);
        let caruncle = ray.enter_sphere(self.caruncle, CARUNCLE);
        let nearest = |distance: Option<f32>| distance.unwrap_or(f32::INFINITY);
        let (globe, conjunctiva, caruncle) =
            (nearest(globe), nearest(conjunctiva), nearest(caruncle));
        if caruncle < globe.min(conjunctiva) {
            let point = ray.at(caruncle);
            return self.wet(ray, point, (point - self.caruncle) / CARUNCLE, FLESH);
        }
        if globe < conjunctiva {
            return self.sclera(ray, ray.at(globe));
        }
        if conjunctiva.is_finite() {
            let point = ray.at(conjunctiva);
            let stretched = point * Vec3A::new(POCKET_STRETCH * POCKET_STRETCH, 1.0, 1.0);
            let white = self.parameters.anatomy.sclera.colour * AGED;
            let colour = white.lerp(FLESH, self.pinkness(point));
            return self.wet(ray, point, stretched.normalize(), colour);
        }
        let point = ray.at((-2.0 - ray.origin.z) / ray.direction.z);
        self.wet(ray, point, Vec3A::NEG_Z, FLESH)
    }

    /// Distance to the pocket between lids and eyeball: an ellipsoid that comes out where the eyeball turns away.
    fn enter_conjunctiva(&self, ray: &Ray) -> Option<f32> {
        let squeeze = Vec3A::new(POCKET_STRETCH, 1.0, 1.0);
        let direction = ray.direction * squeeze;
        let length = direction.length();
        let squeezed = Ray {
            origin: ray.origin * squeeze,
            direction: direction / length,
        };
        let distance = squeezed.enter_sphere(Vec3A::ZERO, POCKET * self.globe.radius)?;
        Some(distance / length)
    }

    fn through_cornea(&self, ray: &Ray) -> Option<(Vec3A, Material)> {
        let centre = self.globe.cornea(self.gaze);
        let point = ray.at(ray.enter_sphere(centre, self.globe.cornea_radius)?);
        if point.dot(self.gaze) < self.globe.iris_depth {
            return None;
        }
        let normal = (point - centre) / self.globe.cornea_radius;
        let inside = refract(ray.direction, normal, RATIO);
        let descent = (self.globe.iris_depth - point.dot(self.gaze)) / inside.dot(self.gaze);
        let local = self.axes.transpose() * (point + inside * descent);
        let (colour, material) = self.iris(local.x, local.y);
        let share = self.share(point);
        let light = self
            .lighting
            .irradiance(self.lit_normal(local, normal), share, 0.4);
        let mirror = self.lighting.radiance(reflect(ray.direction, normal));
        let hidden = self.hidden(point);
        let mirrored = fresnel(-ray.direction.dot(normal)) * (1.0 - MIRROR_HIDDEN * hidden);
        Some((
            colour * light * (1.0 - hidden) + mirror * mirrored,
            material,
        ))
    }

    /// The cornea gathers light on the iris' far side: as if the iris were hollow.
    fn lit_normal(&self, local: Vec3A, normal: Vec3A) -> Vec3A {
        let hollow = self.axes * Vec3A::new(-local.x, -local.y, 0.0) * 0.06;
        (0.35 * normal + 0.65 * self.gaze + hollow).normalize()
    }

    /// Colour of the iris' plane at a point in millimetres from the axis.
    fn iris(&self, x: f32, y: f32) -> (Vec3A, Material) {
        let iris = &self.parameters.anatomy.iris;
        let pupil = self.globe.pupil(self.parameters);
        let radius = length(x, y);
        if radius < pupil {
            return (Vec3A::splat(0.004), Material::Pupil);
        }
        let r = radius / self.globe.iris_radius;
        // On a circle in the field there is no seam; the small shift by r bends the fibres.
        let (cos, sin) = (x / radius, y / radius);
        let ring_field = |cells: f32, shift: f32| {
            value(
                cells * cos + shift * r + iris.place,
                cells * sin - 0.7 * shift * r + iris.place,
            )
        };
        let fine = match self.detailed {
            true => ring_field(13.0, 1.5),
            false => 0.0,
        };
        let coarse = ring_field(4.5, 2.2);
        let collarette = 0.36 + 0.05 * ring_field(6.0, 0.0);
        let ruff = 1.0 - smooth_step(0.0, 0.09, (r - collarette).abs());
        let t = smooth_step(collarette - 0.05, collarette + 0.3, r);
        let mut colour = iris.inner.lerp(iris.outer, t);
        colour *= (1.0 + iris.fibres * (0.75 * fine + 0.5 * coarse + 0.25 * ruff)).max(0.15);
        let ring = smooth_step(0.8, 0.99, r);
        colour *= 1.0 - iris.ring * ring;
        // The pupil's own dark frill.
        colour *= mix(
            0.35,
            1.0,
            smooth_step(0.0, 0.12, r - pupil / self.globe.iris_radius),
        );
        (colour, Material::Iris)
    }

    fn sclera(&self, ray: &Ray, point: Vec3A) -> (Vec3A, Material) {
        let sclera = &self.parameters.anatomy.sclera;
        let normal = point / self.globe.radius;
        let local = self.axes.transpose() * normal;
        let (u, v) = (
            8.0 * local.x + sclera.place[0],
            8.0 * local.y + sclera.place[1],
        );
        // Away from the iris there are more veins, and the white yellows.
        let away = smooth_step(0.45, 0.95, length(local.x, local.y));
        let mut colour = sclera.colour;
        let red = (sclera.veins * (0.15 + 0.85 * away) * self.veins(u, v)).min(1.0);
        colour = colour.lerp(colour * Vec3A::new(0.9, 0.45, 0.4), 0.65 * red);
        colour = colour.lerp(colour * AGED, away);
        let pink = self.pinkness(point);
        colour = colour.lerp(FLESH, pink);
        // The white turns grey where the cornea begins.
        let limbus = self.gaze.dot(point) - self.globe.iris_depth;
        let edge = smooth_step(-0.55, -0.02, limbus);
        let iris = self.parameters.anatomy.iris.outer;
        colour = colour.lerp(iris + Vec3A::splat(0.06), 0.7 * edge);
        let light = self.lighting.irradiance(normal, self.share(point), 0.3) * self.around(point);
        let wet = normal + self.ripple(u, v);
        let mirror = self
            .lighting
            .radiance(reflect(ray.direction, wet.normalize()));
        let hidden = self.hidden(point);
        let mirrored = 0.35 * fresnel(-ray.direction.dot(normal)) * (1.0 - MIRROR_HIDDEN * hidden);
        let kind = match pink > 0.6 {
            true => Material::Flesh,
            false => Material::Sclera,
        };
        (colour * light * (1.0 - hidden) + mirror * mirrored, kind)
    }

    /// How much of a vein there is at a place of the white, 0..=1.6.
    fn veins(&self, u: f32, v: f32) -> f32 {
        if !self.detailed {
            return MEAN_VEINS;
        }
        let warp = value(0.7 * u, 0.7 * v);
        let vein = |n: f32| (1.0 - 7.0 * n.abs()).max(0.0);
        vein(value(0.6 * u + warp, 1.7 * v + warp))
            + 0.6 * vein(value(1.9 * u - warp, 2.7 * v + 2.0 * warp + 55.0))
    }

    /// How the wet surface's normal wavers.
    fn ripple(&self, u: f32, v: f32) -> Vec3A {
        if !self.detailed {
            return Vec3A::ZERO;
        }
        let slope = |shift: f32| 0.06 * value(1.5 * u + shift, 1.5 * v);
        Vec3A::new(slope(0.0), slope(80.0), 0.0)
    }

    /// Part of the surroundings' light that comes down to a point beside the lids.
    fn around(&self, point: Vec3A) -> f32 {
        mix(
            0.5,
            1.0,
            smooth_step(0.15, 0.95, -point.z / self.globe.radius),
        )
    }

    /// How much the flesh in the corners covers a point.
    fn pinkness(&self, point: Vec3A) -> f32 {
        let [x, y] = self.lids.inner;
        let from_inner = length(point.x - x, 0.8 * (point.y - y));
        let caruncle = smooth_step(5.2, 3.0, from_inner);
        // Deep in the folds of the conjunctiva white turns to flesh.
        let sunk = smooth_step(9.0, 2.5, -point.z);
        caruncle.max(sunk)
    }

    /// Wet flesh in the corners.
    fn wet(&self, ray: &Ray, point: Vec3A, normal: Vec3A, colour: Vec3A) -> (Vec3A, Material) {
        let light = self.lighting.irradiance(normal, self.share(point), 0.4) * self.around(point);
        let mirror = self.lighting.radiance(reflect(ray.direction, normal));
        let open = 1.0 - self.hidden(point);
        let colour =
            colour * light * (mix(0.45, 1.0, -normal.z) * open) + mirror * (0.4 * MIRRORED * open);
        (colour, Material::Flesh)
    }

    /// Part of the surroundings that lids and lashes hide.
    fn hidden(&self, point: Vec3A) -> f32 {
        let edges = self.lids.edges(point.x);
        let near = |distance: f32, reach: f32| {
            let t = (1.0 - distance / reach).clamp(0.0, 1.0);
            t * t
        };
        let shade =
            0.75 * near(-edges.above(point.y), 4.0) + 0.35 * near(-edges.below(point.y), 1.6);
        (self.parameters.lid_shadow * shade).min(0.88)
    }

    /// Part of the key light that passes the lids' edges.
    fn share(&self, point: Vec3A) -> f32 {
        // The upper edge and its lashes stand about 2 mm before the eyeball.
        let reach = 2.0 * self.parameters.lid_shadow;
        let (x, y) = (
            point.x + reach * self.shadow[0],
            point.y + reach * self.shadow[1],
        );
        let edges = self.lids.edges(x);
        smooth_step(0.4, -0.9, self.lids.distance(x, y, &edges))
    }
}

/// What the white away from the iris throws back, beside that near it.
const AGED: Vec3A = Vec3A::new(0.97, 0.89, 0.83);

/// Colour of caruncle and conjunctiva.
const FLESH: Vec3A = Vec3A::new(0.5, 0.27, 0.24);

/// Share of mirrored light by the cosine of the angle of view (Schlick).
fn fresnel(cosine: f32) -> f32 {
    let t = 1.0 - cosine.clamp(0.0, 1.0);
    let t2 = t * t;
    MIRRORED + (1.0 - MIRRORED) * t2 * t2 * t
}
