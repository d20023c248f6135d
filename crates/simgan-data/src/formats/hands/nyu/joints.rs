//! Joints of NYU's frames.

use crate::formats::hands::joints::{Hand, checked};
use simgan_base::formats::mat5;
use simgan_base::{Error, Result};
use simgan_simulator::hand::{EVALUATION, JOINTS};

/// Which of the 36 joints are evaluated, in the order of the names.
const EVALUATED: [usize; EVALUATION] = [0, 3, 6, 9, 12, 15, 18, 21, 24, 25, 27, 30, 31, 32];
/// Joints of a frame.
const ALL: usize = 36;
/// The variable that holds them.
const VARIABLE: &str = "joint_uvd";
/// Most bytes that it may take: NYU's training part takes 377 MB, inflated and converted.
const MOST_BYTES: u64 = 1 << 30;

/// The joints of all frames.
pub(super) struct Joints {
    views: usize,
    frames: usize,
    /// The first index, the camera, runs fastest; then frame, joint and axis.
    values: Vec<f64>,
}

impl Joints {
    /// Reads a `joint_data.mat`.
    ///
    /// # Errors
    /// It is no MATLAB file of version 5, or has no such variable. The sentence starts with "it".
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let found = mat5::read_variable(bytes, VARIABLE, MOST_BYTES)?;
        let array = found.ok_or_else(|| Error::data(format!("it has no variable `{VARIABLE}`")))?;
        let &[views, frames, ALL, 3] = &array.shape[..] else {
            return Err(Error::data(format!(
                "its `{VARIABLE}` is {:?}, not cameras x frames x {ALL} x 3",
                array.shape
            )));
        };
        let values = array
            .numbers()
            .filter(|v| v.len() == views * frames * ALL * 3);
        let values =
            values.ok_or_else(|| Error::data(format!("its `{VARIABLE}` holds no numbers")))?;
        Ok(Self {
            views,
            frames,
            values,
        })
    }

    /// Those that are evaluated, of a frame before a camera, both counted from 1. The middle of a frame's first pixel is (0.5, 0.5).
    ///
    /// # Errors
    /// They are not there, or behind the camera. The sentence starts with "it".
    pub(super) fn of(&self, view: usize, frame: usize) -> Result<Hand> {
        if view > self.views || frame > self.frames {
            return Err(Error::data(format!(
                "it has no joints: there are {} frames of {} cameras",
                self.frames, self.views
            )));
        }
        let value = |joint: usize, axis: usize| {
            let place = frame - 1 + self.frames * (joint + ALL * axis);
            self.values[view - 1 + self.views * place]
        };
        // NYU counts pixels from the middle of the first one.
        let hand = EVALUATED.map(|joint| {
            let at = |axis| value(joint, axis);
            [at(0) + 0.5, at(1) + 0.5, at(2)]
        });
        checked(hand.to_vec())
    }
}

/// Names of the joints.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    JOINTS[..EVALUATION].iter().map(|joint| joint.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_base::formats::mat5::fixture::nyu_joints;

    #[test]
    fn the_joints_of_a_frame_are_found_whatever_the_camera() {
        let value = |view, frame, joint, axis| (1 + view + 10 * frame + 100 * joint + axis) as f64;
        let joints = Joints::read(&nyu_joints([3, 2], true, value)).unwrap();
        let hand = joints.of(2, 1).unwrap();
        // Joint 32 is the last of those that are evaluated.
        assert_eq!(hand[13], [3202.5, 3203.5, 3204.0]);
        assert_eq!(joints.of(3, 2).unwrap()[0], [13.5, 14.5, 15.0]);
        for (view, frame) in [(4, 1), (1, 3)] {
            let error = joints.of(view, frame).unwrap_err().to_string();
            assert_eq!(error, "it has no joints: there are 2 frames of 3 cameras");
        }
    }

    #[test]
    fn joints_behind_the_camera_are_refused() {
        let joints = Joints::read(&nyu_joints([1, 1], false, |_, _, _, axis| -(axis as f64)));
        let error = joints.unwrap().of(1, 1).unwrap_err().to_string();
        assert!(error.contains("behind the camera"), "{error}");
    }
}
