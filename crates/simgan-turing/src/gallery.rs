//! The images of a test.

use simgan_base::files::sha256;

use crate::choice::Kind;
use crate::form::Shown;

/// One image.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its name in its data set.
    pub name: String,
    /// An uncompressed BMP file: two images of one size are equally long, so that no length gives
    /// an image away.
    pub bmp: Vec<u8>,
}

/// The images that subjects may be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gallery {
    /// Real images.
    pub real: Vec<Picture>,
    /// Synthetic images.
    pub synthetic: Vec<Picture>,
    /// Their refined versions, one to one.
    pub refined: Vec<Picture>,
}

impl Gallery {
    /// Images of `kind`.
    pub fn of(&self, kind: Kind) -> &[Picture] {
        match kind {
            Kind::Real => &self.real,
            Kind::Synthetic => &self.synthetic,
            Kind::Refined => &self.refined,
        }
    }

    /// The image that is shown; `None` where the form is one of another gallery.
    pub fn picture(&self, shown: Shown) -> Option<&Picture> {
        self.of(shown.kind).get(shown.image)
    }

    /// A hash of all images and their order.
    pub fn fingerprint(&self) -> String {
        let all = [&self.real, &self.synthetic, &self.refined];
        let hashes = all.into_iter().flatten().map(|p| sha256::of_bytes(&p.bmp));
        sha256::of_bytes(hashes.collect::<String>().as_bytes())
    }
}
