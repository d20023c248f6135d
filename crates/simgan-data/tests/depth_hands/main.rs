//! Depth images of hands by others: layouts made up, and the one real frame whose joints are at hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nyu;
#[path = "../support/mod.rs"]
mod support;
mod text_tables;

use std::path::PathBuf;

use simgan_data::Preprocessing;

use support::Sandbox;

/// A sandbox for the whole cube, in which these millimetres become levels.
fn sandbox(range: [u16; 2]) -> Sandbox {
    Sandbox {
        chain: Preprocessing {
            width: 224,
            height: 224,
            equalize: false,
            range: Some(range),
            ..Default::default()
        },
        ..Sandbox::new()
    }
}

impl Sandbox {
    /// A file of the data set, whose folder is there.
    fn path(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join("data").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }
}
