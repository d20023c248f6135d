//! Texts and descriptions as bytes, for hostile input.

use crate::carried::Move;
use crate::formats::yolo::description::Description;
use crate::formats::yolo::label_files::moved;
use crate::formats::yolo::text::parsed;
use crate::pixel_map::PixelMap;
use simgan_base::{Error, Result};

pub(super) fn text(bytes: &[u8]) -> Result<()> {
    let mirror = Move::of(PixelMap::mirrored([9, 9]));
    let shapes = [(Some([2, 3]), &[1, 0][..]), (None, &[])];
    let [pose, plain] = shapes.map(|(shape, order)| {
        for line in parsed(bytes, shape)? {
            line.object(line.class.to_string(), [9, 9]);
        }
        moved(bytes, shape, &mirror, order).map(|_| ())
    });
    pose.or(plain)
}

pub(super) fn texts() -> Vec<Vec<u8>> {
    let texts = [
        "0 0.5 0.5 0.25 0.25\n1 0.1 0.2 0.05 0.1\n",
        "0 0.1 0.1 0.5 0.1 0.5 0.75\r\n",
        "3 0.5 0.5 0.25 0.25 0.4 0.5 2 0 0 0\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

pub(super) fn description(bytes: &[u8]) -> Result<()> {
    let text = str::from_utf8(bytes).map_err(|_| Error::data("it is not UTF-8 text"))?;
    let description = Description::of_yaml(text)?;
    description.point_names();
    description.class(0).map(|_| ())
}

pub(super) fn descriptions() -> Vec<Vec<u8>> {
    let texts = [
        "path: set\nnames:\n  0: cat # one\n  1: 'a, b'\nkpt_shape: [2, 3]\nflip_idx: [1, 0]\n",
        "nc: 2\nnames: [cat, \"dog\"]\n",
        "names: {0: cat}\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}
