//! NYU's joints as bytes, for hostile input.

use crate::formats::hands::nyu::joints::Joints;
use simgan_base::Result;
use simgan_base::formats::mat5::fixture::nyu_joints;

pub(super) fn joints(bytes: &[u8]) -> Result<()> {
    Joints::read(bytes).map(drop)
}

pub(super) fn tables() -> Vec<Vec<u8>> {
    let value = |_, frame, joint, axis| (frame + joint + axis) as f64;
    [false, true]
        .map(|compress| nyu_joints([1, 2], compress, value))
        .to_vec()
}
