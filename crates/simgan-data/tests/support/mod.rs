//! What tests of data sets on disk have in common.

use simgan_data::{OpenOptions, Preprocessing};

/// A folder with its own cache, and `data` in it.
pub struct Sandbox {
    pub dir: tempfile::TempDir,
    pub options: OpenOptions,
    pub chain: Preprocessing,
}

impl Sandbox {
    /// An empty `data`, whose images become 4x2 pixels.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("data")).unwrap();
        Self {
            options: OpenOptions {
                cache_dir: Some(dir.path().join("cache")),
                ..Default::default()
            },
            chain: Preprocessing {
                width: 4,
                height: 2,
                equalize: false,
                ..Default::default()
            },
            dir,
        }
    }
}
