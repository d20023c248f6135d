//! Joints of a hand, and the labels that they become.

use std::fmt::Write;

use crate::depth_cube::DepthCube;
use simgan_base::{Error, Result};

/// Column, row and millimetres of joints in a frame. The middle of the first pixel is (0.5, 0.5).
pub(super) type Hand = Vec<[f64; 3]>;

/// The hand, unless a joint is no number or not before the camera.
///
/// # Errors
/// The sentence starts with "its".
pub(super) fn checked(hand: Hand) -> Result<Hand> {
    let is_sound = |joint: &[f64; 3]| joint.iter().all(|v| v.is_finite()) && joint[2] > 0.0;
    match hand.iter().all(is_sound) {
        true => Ok(hand),
        false => Err(Error::data(
            "its joints are no numbers, or behind the camera",
        )),
    }
}

/// Mean of the joints.
pub(super) fn mean(hand: &Hand) -> [f64; 3] {
    [0, 1, 2].map(|axis| {
        let sum: f64 = hand.iter().map(|joint| joint[axis]).sum();
        sum / hand.len() as f64
    })
}

/// Columns of the labels of joints with these names, as `sim:hands` has them.
pub(super) fn header(names: impl Iterator<Item = &'static str>) -> String {
    let mut header = "file".to_owned();
    for name in names {
        header += &format!(",{name}_u,{name}_v,{name}_d");
    }
    header + ",centre_u,centre_v,centre_d"
}

/// The cells of a hand behind its file: places in the image of `cube`, depths, and the middle of the cube in the frame.
pub(super) fn cells(hand: &Hand, cube: &DepthCube) -> String {
    let mut cells = String::new();
    for [u, v, d] in hand {
        let [u, v] = cube.place([*u, *v]);
        // Writing to a string cannot fail.
        let _ = write!(cells, "{u:.3},{v:.3},{d:.2},");
    }
    let [u, v, d] = cube.centre;
    let _ = write!(cells, "{u:.3},{v:.3},{d:.2}");
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_has_a_cell_for_every_column() {
        let hand = vec![[10.0, 20.0, 500.0], [20.0, 20.0, 510.0]];
        let cube = DepthCube {
            centre: mean(&hand),
            focal: [505.0; 2],
            edge: 10.0,
            side: 8,
        };
        assert_eq!(
            header(["tip", "palm"].into_iter()),
            "file,tip_u,tip_v,tip_d,palm_u,palm_v,palm_d,centre_u,centre_v,centre_d"
        );
        assert_eq!(
            cells(&hand, &cube),
            "0.000,4.000,500.00,8.000,4.000,510.00,15.000,20.000,505.00"
        );
    }

    #[test]
    fn joints_behind_the_camera_are_refused() {
        for joint in [[0.0, 0.0, 0.0], [1.0, f64::NAN, 4.0]] {
            let error = checked(vec![joint]).unwrap_err().to_string();
            assert!(error.contains("behind the camera"), "{error}");
        }
    }
}
