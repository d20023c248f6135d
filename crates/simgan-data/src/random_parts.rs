//! Random parts of images, unscaled: what a refiner is trained on at full resolution.
//!
//! A part is a pure function of its index, as an image of a simulator is: a sampler that draws indices draws parts, and a
//! training resumes as from files. So many parts are there that a training seldom sees one twice. They have no labels, for
//! what is said of an image need not hold of a part.

use std::borrow::Cow;
use std::fmt::Debug;

use rand::RngExt;
use sha2::{Digest, Sha256};

use crate::listing::hash_text;
use simgan_base::files::sha256::hex;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};

/// Images that parts are taken of, all of one shape.
pub(crate) trait WholeImages: Debug + Send + Sync {
    /// Number of images.
    fn len(&self) -> usize;
    /// `[channels, height, width]` of every image.
    fn image_shape(&self) -> [usize; 3];
    /// Name of an image.
    fn name(&self, index: usize) -> String;
    /// Its pixels.
    fn pixels(&self, index: usize) -> Cow<'_, [u8]>;
    /// Where they come from, as errors name it.
    fn source(&self) -> &str;
    /// Identity of names and pixels.
    fn fingerprint(&self) -> String;
}

/// Parts of all images together, between those of an image at the least and at the most.
const ALL: usize = 200_000;
const AN_IMAGE: std::ops::RangeInclusive<usize> = 16..=1000;

/// Parts of images.
#[derive(Debug)]
pub(crate) struct Parts {
    whole: Box<dyn WholeImages>,
    /// Height and width of a part.
    size: [usize; 2],
    /// Parts of an image.
    an_image: usize,
}

impl Parts {
    pub(crate) fn of(whole: Box<dyn WholeImages>, size: [usize; 2]) -> Result<Self> {
        let [_, height, width] = whole.image_shape();
        if size[0] > height || size[1] > width {
            return Err(Error::data(format!(
                "{}: images of {width}x{height} have no parts of {}x{} (preprocessing.crop.kind is random)",
                whole.source(),
                size[1],
                size[0]
            ))
            .with_hint("lower preprocessing.width and preprocessing.height"));
        }
        let an_image = (ALL / whole.len().max(1)).clamp(*AN_IMAGE.start(), *AN_IMAGE.end());
        Ok(Self {
            whole,
            size,
            an_image,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.whole.len() * self.an_image
    }

    /// `[channels, height, width]` of a part.
    pub(crate) fn shape(&self) -> [usize; 3] {
        let [channels, ..] = self.whole.image_shape();
        [channels, self.size[0], self.size[1]]
    }

    /// Upper left corner, row and column.
    fn corner(&self, place: usize) -> [usize; 2] {
        let [_, height, width] = self.whole.image_shape();
        let mut rng = generator(place as u64, Stream::RandomParts);
        let room = [height - self.size[0], width - self.size[1]];
        room.map(|room| rng.random_range(0..=room))
    }

    /// `images/3.png@120,40`: column and row of the corner.
    pub(crate) fn name(&self, place: usize) -> String {
        let [row, column] = self.corner(place);
        format!("{}@{column},{row}", self.whole.name(place / self.an_image))
    }

    pub(crate) fn pixels(&self, place: usize) -> Vec<u8> {
        let [channels, height, width] = self.whole.image_shape();
        let [row, column] = self.corner(place);
        let image = self.whole.pixels(place / self.an_image);
        let lines =
            (0..channels).flat_map(|c| (0..self.size[0]).map(move |y| c * height + row + y));
        lines
            .flat_map(|line| &image[line * width + column..][..self.size[1]])
            .copied()
            .collect()
    }

    /// Of everything that decides the parts.
    pub(crate) fn identity(&self) -> String {
        let mut hash = Sha256::new();
        hash_text(&mut hash, &self.whole.fingerprint());
        hash_text(&mut hash, &format!("{:?} {}", self.size, self.an_image));
        hex(&hash.finalize())
    }
}
