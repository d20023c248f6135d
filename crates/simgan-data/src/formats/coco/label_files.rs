//! COCO's table in a refined set.

use std::collections::HashMap;
use std::sync::Arc;

use crate::carried::{CarriedFile, LabelFiles, Move};
use crate::formats::coco::document::Document;
use crate::objects::ObjectMask;
use simgan_base::{Error, Result};

/// The table of a set.
#[derive(Debug)]
pub(super) struct CocoFiles {
    /// Its path below the set.
    pub(super) table: String,
    /// What errors call it.
    pub(super) place: String,
    /// Index in the table of each image, by name.
    pub(super) images: HashMap<String, u32>,
    pub(super) document: Arc<Document>,
}

impl LabelFiles for CocoFiles {
    fn has_own_file(&self, _: &str) -> bool {
        false
    }

    fn own_file(&self, _: &str, _: &Move) -> Result<Option<CarriedFile>> {
        Ok(None)
    }

    fn shared_files(&self, images: &[(String, Move)]) -> Result<Vec<CarriedFile>> {
        let mut moves = vec![None; self.document.images.len()];
        for (name, moving) in images {
            if let Some(&image) = self.images.get(name) {
                moves[image as usize] = Some(moving);
            }
        }
        let text = self.document.moved(&moves).map_err(|e| self.at(e))?;
        Ok(vec![CarriedFile {
            name: self.table.clone(),
            bytes: text.into_bytes(),
        }])
    }

    fn members(&self, image: &str, moving: &Move) -> Result<Vec<(String, String)>> {
        let Some(&image) = self.images.get(image) else {
            return Ok(vec![]);
        };
        let image = image as usize;
        let described = self.document.moved_image(image, moving);
        let annotations = self.document.moved_annotations(image, moving);
        let annotations = annotations.map_err(|e| self.at(e))?.join(", ");
        Ok(vec![
            ("image".to_owned(), described.map_err(|e| self.at(e))?),
            ("annotations".to_owned(), format!("[{annotations}]")),
        ])
    }

    fn mask(&self, image: &str, moving: &Move, class: u16) -> Result<ObjectMask> {
        match self.images.get(image) {
            Some(&image) => {
                let mask = self.document.mask(image as usize, moving, class);
                mask.map_err(|e| self.at(e))
            }
            None => Ok(ObjectMask::empty(moving.map.behind())),
        }
    }
}

impl CocoFiles {
    fn at(&self, error: Error) -> Error {
        error.at(&self.place)
    }
}
