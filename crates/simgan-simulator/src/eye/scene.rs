//! One eye set up in space, and what rays and labels find there.

use glam::{Mat3A, Vec3A};

use crate::eye::config::EyeConfig;
use crate::eye::eyeball::{Eyeball, Globe, Material};
use crate::eye::face::{Face, Region, SkinMap};
use crate::eye::hairs;
use crate::eye::labels::Point;
use crate::eye::lids::{CORNERS, Lids};
use crate::eye::light::Lighting;
use crate::eye::parameters::EyeParameters;
use crate::eye::view::{Rays, View};
use crate::picture::Picture;
use crate::raycast::{angles, direction, rotation};

/// Steps of the search for the skin along a ray. The error shrinks to less than a third with each, and the search
/// starts at the height that the pixel above found.
const STEPS: usize = 2;
/// Where it starts in the first row of the image, in millimetres before the eyeball's middle, and its steps there.
const GUESS: f32 = 11.0;
const FIRST_STEPS: usize = 5;
/// Between these heights in millimetres lies nearly all skin; the rest repeats the grid's border.
const HEIGHTS: [f32; 2] = [5.0, 15.0];
/// How far the opening of the lids lies before the eyeball's middle, in millimetres.
const OPENING_HEIGHT: f32 = 9.5;
/// Grid points of the skin a pixel and axis.
const GRID: f32 = 0.65;
/// Grid points a millimetre at most; the skin shows nothing finer.
const FINEST: f32 = 24.0;
/// Further rays of a pixel at an edge, from its middle in pixels; they are as far apart as those of its neighbours.
const SUBPIXELS: [[f32; 2]; 3] = [[-0.33, -0.2], [0.0, 0.4], [0.33, -0.2]];
/// Relative difference of brightness between neighbours that is worth more rays.
const EDGE: f32 = 0.22;

/// Geometry that labels and images share. The scene is always a left eye; a right one is its mirror image.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) parameters: EyeParameters,
    pub(super) lids: Lids,
    pub(super) view: View,
    /// Columns are the head's axes in the camera frame.
    pub(super) head: Mat3A,
    /// Columns are the eyeball's axes in the head's frame.
    pub(super) eyeball: Mat3A,
    pub(super) globe: Globe,
    /// Width and height of the image in pixels.
    pub(super) size: [usize; 2],
    /// Whether the image shows the mirror image of this scene.
    pub(super) right_eye: bool,
}

impl Scene {
    pub(super) fn new(config: &EyeConfig, parameters: &EyeParameters) -> Self {
        let right_eye = parameters.right_eye;
        let parameters = match right_eye {
            true => parameters.mirrored(),
            false => parameters.clone(),
        };
        let [pitch, yaw, roll] = parameters.head;
        let head = rotation(pitch, yaw, roll);
        let gaze = head.transpose() * direction(parameters.gaze[0], parameters.gaze[1]);
        let globe = Globe::new(&parameters.anatomy);
        let lids = Lids::new(&parameters, gaze.y * globe.iris_depth);
        let [gaze_pitch, gaze_yaw] = angles(gaze);
        let view = view(config, &parameters, head);
        Self {
            eyeball: rotation(gaze_pitch, gaze_yaw, 0.0),
            lids,
            view,
            head,
            globe,
            size: [config.width, config.height],
            right_eye,
            parameters,
        }
    }

    /// Direction of gaze in the head's frame.
    pub(super) fn gaze(&self) -> Vec3A {
        self.eyeball * Vec3A::NEG_Z
    }

    pub(super) fn face(&self) -> Face<'_> {
        let tip = self.gaze() * self.globe.tip();
        let scale = self.view.scale();
        Face::new(&self.parameters.anatomy, &self.lids, [tip.x, tip.y], scale)
    }

    /// Renders the image, without blur and exposure.
    pub(super) fn render(&self) -> Picture {
        let lighting = self.parameters.lighting.turned(self.head);
        let rays = self.view.rays(self.head);
        let skin = self.skin(&lighting, self.region(&rays));
        let mut picture = self.tracer(rays, &skin, &lighting).picture(self.size);
        self.add_hair(&mut picture, &lighting);
        if self.right_eye {
            picture.flip();
        }
        picture
    }

    fn skin(&self, lighting: &Lighting, region: Region) -> SkinMap {
        SkinMap::bake(
            &self.face(),
            &self.parameters,
            lighting,
            self.head.transpose() * self.view.towards_camera(),
            region,
            (GRID * self.view.scale()).min(FINEST),
        )
    }

    fn tracer<'a>(&'a self, rays: Rays, skin: &'a SkinMap, lighting: &'a Lighting) -> Tracer<'a> {
        Tracer {
            rays,
            skin,
            lids: &self.lids,
            eyeball: Eyeball::new(
                &self.parameters,
                lighting,
                &self.lids,
                self.eyeball,
                self.view.scale(),
            ),
        }
    }

    /// What the middle of every pixel shows below the hair.
    #[cfg(test)]
    pub(super) fn materials(&self) -> Vec<Material> {
        let lighting = self.parameters.lighting.turned(self.head);
        let rays = self.view.rays(self.head);
        let skin = self.skin(&lighting, self.region(&rays));
        let middles = self.tracer(rays, &skin, &lighting).middles(self.size);
        middles.iter().map(|&(_, material, _)| material).collect()
    }

    /// Part of the head's front plane that rays can meet.
    fn region(&self, rays: &Rays) -> Region {
        let [width, height] = self.size.map(|n| n as f32);
        let mut region = Region {
            left: f32::INFINITY,
            right: f32::NEG_INFINITY,
            top: f32::INFINITY,
            bottom: f32::NEG_INFINITY,
        };
        for (x, y) in [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)] {
            let [start, way] = rays.by_height(x, y);
            for height in HEIGHTS {
                let point = [start[0] + height * way[0], start[1] + height * way[1]];
                region.left = region.left.min(point[0]);
                region.right = region.right.max(point[0]);
                region.top = region.top.min(point[1]);
                region.bottom = region.bottom.max(point[1]);
            }
        }
        region
    }

    fn add_hair(&self, picture: &mut Picture, lighting: &Lighting) {
        let hair = hairs::coverage(
            &self.parameters,
            &self.lids,
            &self.face(),
            self.head,
            &self.view,
            self.size,
        );
        let light = lighting.irradiance(Vec3A::new(0.0, -0.5, -0.85).normalize(), 0.6, 0.5);
        let colour = self.parameters.anatomy.lashes.colour * light;
        for (index, pixel) in picture.pixels.iter_mut().enumerate() {
            let open = hair.open(index);
            if open < 1.0 {
                *pixel = (Vec3A::from_array(*pixel) * open + colour * (1.0 - open)).to_array();
            }
        }
    }
}

/// A camera on the eye's middle, as the configuration frames it.
fn view(config: &EyeConfig, parameters: &EyeParameters, head: Mat3A) -> View {
    let fissure = &parameters.anatomy.fissure;
    let middle = Vec3A::new(fissure.offset, CORNERS, -OPENING_HEIGHT);
    let width = config.width as f32;
    let scale = parameters.eye_width * width / fissure.width;
    let at = [
        width * (0.5 + parameters.shift[0]),
        config.height as f32 / 2.0 + width * parameters.shift[1],
    ];
    View::new(head * middle, parameters.camera_distance, scale, at)
}

/// Follows rays in the head's frame.
struct Tracer<'a> {
    rays: Rays,
    skin: &'a SkinMap,
    lids: &'a Lids,
    eyeball: Eyeball<'a>,
}

impl Tracer<'_> {
    /// Light through a point of the image; `height` of the skin is known about and found out better.
    fn trace(&self, x: f32, y: f32, height: &mut f32, steps: usize) -> (Vec3A, Material) {
        let [x_skin, y_skin] = self.skin_point(x, y, height, steps);
        if self.lids.may_hold(x_skin, y_skin) {
            let edges = self.lids.edges(x_skin);
            if self.lids.distance(x_skin, y_skin, &edges) < 0.0 {
                return self.eyeball.seen(&self.rays.through(x, y));
            }
        }
        (self.skin.colour(x_skin, y_skin), Material::Skin)
    }

    /// Where a ray meets the skin, if the lids were closed: from a guess of the height to the point at that height,
    /// to the height there, and so on. Rays are steeper than the skin, so that this converges.
    fn skin_point(&self, x: f32, y: f32, height: &mut f32, steps: usize) -> Point {
        let [start, way] = self.rays.by_height(x, y);
        for _ in 0..steps {
            *height = self
                .skin
                .height(start[0] + *height * way[0], start[1] + *height * way[1]);
        }
        [start[0] + *height * way[0], start[1] + *height * way[1]]
    }

    /// The image: a ray a pixel, and more where neighbours differ.
    fn picture(&self, [width, height]: [usize; 2]) -> Picture {
        let middles = self.middles([width, height]);
        let mut picture = Picture::new(width, height);
        for (index, pixel) in picture.pixels.iter_mut().enumerate() {
            let colour = match is_edge(&middles, width, index) {
                true => self.average(index % width, index / width, &middles[index]),
                false => middles[index].0,
            };
            *pixel = colour.to_array();
        }
        picture
    }

    /// What the middle of every pixel shows.
    fn middles(&self, [width, height]: [usize; 2]) -> Vec<Seen> {
        let mut middles: Vec<Seen> = Vec::with_capacity(width * height);
        for row in 0..height {
            for column in 0..width {
                let (x, y) = (column as f32 + 0.5, row as f32 + 0.5);
                // From the row above, not the pixel before: rays of a row then do not wait for each other.
                let (mut found, steps) = match middles.len().checked_sub(width) {
                    Some(above) => (middles[above].2, STEPS),
                    None => (GUESS, FIRST_STEPS),
                };
                let (colour, material) = self.trace(x, y, &mut found, steps);
                middles.push((colour, material, found));
            }
        }
        middles
    }

    fn average(&self, column: usize, row: usize, &(middle, _, height): &Seen) -> Vec3A {
        let mut sum = middle.min(BRIGHTEST);
        for [across, down] in SUBPIXELS {
            let (x, y) = (column as f32 + 0.5 + across, row as f32 + 0.5 + down);
            let (colour, _) = self.trace(x, y, &mut height.clone(), 1);
            sum += colour.min(BRIGHTEST);
        }
        sum / (1 + SUBPIXELS.len()) as f32
    }
}

/// Colour and material that a pixel's middle shows, and the height of the skin there.
type Seen = (Vec3A, Material, f32);

/// A lamp's mirror image is brighter than any sensor counts.
const BRIGHTEST: Vec3A = Vec3A::splat(4.0);

/// Whether a pixel differs from one beside it.
fn is_edge(middles: &[Seen], width: usize, index: usize) -> bool {
    let (colour, material, _) = middles[index];
    let column = index % width;
    let differs = |other: usize| {
        let (there, kind, _) = middles[other];
        // Skin is baked no finer than pixels.
        kind != material
            || kind != Material::Skin && (there.y - colour.y).abs() > EDGE * (there.y + colour.y)
    };
    (column > 0 && differs(index - 1))
        || (column + 1 < width && differs(index + 1))
        || (index >= width && differs(index - width))
        || (index + width < middles.len() && differs(index + width))
}
