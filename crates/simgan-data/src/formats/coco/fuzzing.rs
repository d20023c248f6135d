//! Tables as bytes, for hostile input.

use crate::carried::Move;
use crate::formats::coco::document::Document;
use crate::pixel_map::PixelMap;
use simgan_base::{Error, Result};

const TABLE: &str = r#"{"info": {"year": 2026}, "images": [
 {"id": 7, "file_name": "a/1.png", "width": 4, "height": 3, "license": null}, {"id": 8, "file_name": "2.png"}],
 "annotations": [
 {"id": 1, "image_id": 7, "category_id": 2, "bbox": [1, 1, 2, 2.0], "area": 4.0, "iscrowd": 0, "new": {"a": [1]},
  "keypoints": [1, 1, 2, 0, 0, 0], "num_keypoints": 1, "segmentation": [[1, 1, 3, 1, 3, 2.5]]},
 {"id": 2, "image_id": 7, "category_id": 2, "bbox": [1,0,2,3], "segmentation": {"counts": "41211", "size": [3, 4]}},
 {"id": 3, "image_id": 7, "category_id": 2, "iscrowd": 1, "segmentation": {"counts": [4, 1, 2, 2, 3], "size": [3, 4]}}],
 "categories": [{"id": 2, "name": "hand", "keypoints": ["tip", "root"], "skeleton": [[1, 2]]}]}"#;

pub(super) fn table(bytes: &[u8]) -> Result<()> {
    let text = str::from_utf8(bytes).map_err(|_| Error::data("it is not UTF-8 text"))?;
    let document = Document::parse(text.to_owned())?;
    let mirror = Move::of(PixelMap::mirrored([4, 3]));
    for image in 0..document.images.len() {
        document.objects(image)?;
    }
    document.moved(&vec![Some(&mirror); document.images.len()])?;
    document
        .moved(&vec![None; document.images.len()])
        .map(|_| ())
}

pub(super) fn tables() -> Vec<Vec<u8>> {
    vec![TABLE.into()]
}
