//! A hand set up before its camera: its depths and its labels.

use glam::{Mat3A, Vec3A};

use crate::depths::Depths;
use crate::hand::config::HandConfig;
use crate::hand::flesh::{self, Flesh};
use crate::hand::joints::{EVALUATION, JOINTS};
use crate::hand::labels::{HandLabels, JointLabel};
use crate::hand::parameters::HandParameters;
use crate::hand::skeleton::Skeleton;
use crate::hand::tracing::Surface;
use crate::hand::view::View;

/// How much nearer than its flesh the surface before a visible joint may be, in millimetres: blends raise
/// it a little.
const RAISED: f32 = 4.0;

/// A right hand before its camera; a left one is its mirror image.
#[derive(Clone, Debug)]
pub(crate) struct Scene<'a> {
    parameters: &'a HandParameters,
    surface: Surface,
    /// Places of [`JOINTS`] in the camera frame.
    joints: [Vec3A; JOINTS.len()],
    centre: Vec3A,
    pub(crate) view: View,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(config: &HandConfig, parameters: &'a HandParameters) -> Self {
        let skeleton = Skeleton::new(&parameters.anatomy, &parameters.pose);
        let in_hand = JOINTS.map(|joint| skeleton.joint(&parameters.anatomy, &joint));
        let turn = turn(parameters.turn);
        let middle = in_hand[..EVALUATION].iter().sum::<Vec3A>() / EVALUATION as f32;
        let place = Vec3A::from_array(parameters.place);
        let shift = place - turn * middle;
        let flesh = Flesh::new(&parameters.anatomy, &skeleton).placed(turn, shift);
        let centre = place + Vec3A::from_array(parameters.centre_error);
        Self {
            parameters,
            surface: Surface::new(&flesh),
            joints: in_hand.map(|joint| turn * joint + shift),
            centre,
            view: View::new(config, centre),
        }
    }

    /// Depths of the surface as `view` shows it; infinite where nothing is.
    pub(crate) fn depths(&self, view: &View) -> Depths {
        let mut depths = Depths {
            width: view.size[0],
            height: view.size[1],
            values: self.surface.depths(view),
        };
        if self.parameters.left {
            depths.flip();
        }
        depths
    }

    /// Depths where single rays through the camera and `points` meet the surface.
    #[cfg(test)]
    pub(super) fn depths_towards<const N: usize>(&self, points: &[Vec3A; N]) -> [f32; N] {
        self.surface.depths_towards(points)
    }

    pub(crate) fn labels(&self) -> HandLabels {
        let parameters = self.parameters;
        let surface = self.surface.depths_towards(&self.joints);
        let joint = |number: usize| {
            let place = self.joints[number];
            let pixel = self.view.project(place);
            let flesh = flesh::thickness(&parameters.anatomy, &JOINTS[number]) + RAISED;
            let within = |axis: usize| (0.0..self.view.size[axis] as f32).contains(&pixel[axis]);
            JointLabel {
                pixel,
                position: place.to_array(),
                visible: surface[number] >= place.z - flesh
                    && within(0)
                    && within(1)
                    && self.view.holds(surface[number]),
            }
        };
        let [u, v] = self.view.in_frame(self.centre);
        let labels = HandLabels {
            joints: std::array::from_fn(joint),
            pose: parameters.pose,
            kind: parameters.kind,
            turn: parameters.turn,
            centre: [u, v, self.centre.z],
            size: parameters.anatomy.size,
            left: parameters.left,
            person: parameters.person,
        };
        match parameters.left {
            true => labels.mirrored(self.view.size[0] as f32, self.view.principal[0]),
            false => labels,
        }
    }
}

/// From the frame of a hand (see [`Person`](crate::hand::Person)) to the camera's, by roll, pitch and
/// spin: at 0 fingers point up and the palm looks at the camera.
fn turn([roll, pitch, spin]: [f32; 3]) -> Mat3A {
    let facing = Mat3A::from_diagonal(Vec3A::new(1.0, -1.0, -1.0).into());
    Mat3A::from_rotation_z(roll)
        * Mat3A::from_rotation_x(pitch)
        * Mat3A::from_rotation_y(spin)
        * facing
}
