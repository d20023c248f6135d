//! Random parts of images, unscaled: what a refiner is trained on at full resolution.
//!
//! A part is a pure function of its index, as an image of a simulator is: a sampler that draws indices draws parts, and a
//! training resumes as from files. So many parts are there that a training seldom sees one twice. They have no labels, for
//! what is said of an image need not hold of a part.

use rand::RngExt;
use sha2::{Digest, Sha256};

use crate::listing::hash_text;
use crate::masks::Masks;
use crate::preprocessing::Crop;
use crate::{Dataset, Framing, OpenOptions, Preprocessing, Probe, Quarantine, Source};
use simgan_base::files::sha256::hex;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};

use super::{Images, LabelRows, Pixels};

/// Parts of all images together, between those of an image at the least and at the most.
const ALL: usize = 200_000;
const AN_IMAGE: std::ops::RangeInclusive<usize> = 16..=1000;

/// Parts of the images of a data set.
#[derive(Debug)]
pub(super) struct Parts {
    whole: Dataset,
    /// Height and width of a part.
    size: [usize; 2],
    /// Parts of an image.
    an_image: usize,
}

impl Parts {
    fn of(whole: Dataset, size: [usize; 2]) -> Result<Self> {
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

    pub(super) fn len(&self) -> usize {
        self.whole.len() * self.an_image
    }

    /// `[channels, height, width]` of a part.
    pub(super) fn shape(&self) -> [usize; 3] {
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
    pub(super) fn name(&self, place: usize) -> String {
        let [row, column] = self.corner(place);
        format!("{}@{column},{row}", self.whole.name(place / self.an_image))
    }

    pub(super) fn pixels(&self, place: usize) -> Vec<u8> {
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
    pub(super) fn identity(&self) -> String {
        let mut hash = Sha256::new();
        hash_text(&mut hash, &self.whole.fingerprint());
        hash_text(&mut hash, &format!("{:?} {}", self.size, self.an_image));
        hex(&hash.finalize())
    }
}

impl Dataset {
    /// Opens the data set at the size of its images, neither cropped nor resized; the rest of `preprocessing` is done.
    ///
    /// # Errors
    /// Those of [`open`](Self::open); images of more than one size; a simulator, whose images have none of their own, is
    /// opened as `preprocessing` says.
    pub fn open_whole(
        source: &str,
        preprocessing: &Preprocessing,
        options: &OpenOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Self> {
        let whole = match Probe::of(source, options)? {
            Probe::Files { size, .. } => preprocessing.whole(size.map(|side| side as usize)),
            Probe::Refined(chain) => preprocessing.whole([chain.width, chain.height]),
            Probe::AnySize | Probe::Unknown => Preprocessing {
                crop: Crop::default(),
                ..preprocessing.clone()
            },
        };
        Self::open_with_progress(source, &whole, options, progress)
    }

    /// Random parts of the images that `source` names.
    pub(super) fn open_parts(
        source: &Source,
        name: &str,
        preprocessing: &Preprocessing,
        options: &OpenOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Self> {
        if source.folder().is_none() {
            return Self::open_whole(name, preprocessing, options, progress);
        }
        let whole = Self::open_whole(name, preprocessing, options, progress)?;
        Self::parts(whole, [preprocessing.height, preprocessing.width])
    }

    /// Random parts of height and width `size`, without labels, of the images of `whole`.
    fn parts(whole: Self, size: [usize; 2]) -> Result<Self> {
        let images = Images {
            root: whole.images.root.clone(),
            format: whole.images.format,
            sizes: whole.images.sizes.clone(),
            kinds: whole.images.kinds.clone(),
            levels: whole.images.levels,
            framing: Framing::default(),
            quarantine: Quarantine::clone(&whole.images.quarantine),
            unread: whole.images.unread.clone(),
            masks: Masks::default(),
            shards: whole.images.shards,
            points: None,
            label_files: None,
            chain: None,
            pixels: Pixels::Parts(Box::new(Parts::of(whole.clone(), size)?)),
        };
        Ok(Self {
            images: images.into(),
            chosen: None,
            source: whole.source,
            angle_unit: whole.angle_unit,
            labels: LabelRows::Known(None),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    /// Two images of 9x7 whose pixels tell where they are.
    fn whole() -> Dataset {
        let pixels = (0..2 * 63).map(|i| i as u8).collect();
        let labels = Labels::parse(b"file,a\n0.png,1\n1.png,2\n".to_vec(), "labels.csv").unwrap();
        let names = vec!["0.png".to_owned(), "1.png".to_owned()];
        Dataset::from_memory(names, [1, 7, 9], pixels, Some(labels)).unwrap()
    }

    #[test]
    fn parts_lie_within_their_image_and_are_named_for_their_place() {
        let parts = Dataset::parts(whole(), [3, 4]).unwrap();
        assert_eq!((parts.len(), parts.image_shape()), (2000, [1, 3, 4]));
        let mut corners = std::collections::BTreeSet::new();
        for index in 0..parts.len() {
            let (pixels, name) = (parts.pixels(index), parts.name(index));
            let (image, corner) = name.split_once('@').unwrap();
            let (x, y) = corner.split_once(',').unwrap();
            let [x, y] = [x, y].map(|n| n.parse::<u8>().unwrap());
            let first = 63 * (index / 1000) as u8 + 9 * y + x;
            let expected =
                (0..3).flat_map(|row| (0..4).map(move |column| first + 9 * row + column));
            assert!(pixels.iter().copied().eq(expected), "{name}");
            assert_eq!(image, format!("{}.png", index / 1000));
            corners.insert((x, y));
        }
        // Every place there is.
        assert_eq!(corners.len(), 6 * 5);
        assert!(!parts.has_labels() && parts.labels().is_none());
    }

    #[test]
    fn parts_are_the_same_every_time_and_known_by_their_origin() {
        let [a, b] = [3, 3].map(|side| Dataset::parts(whole(), [side, 4]).unwrap());
        assert!((0..a.len()).all(|i| a.pixels(i) == b.pixels(i)));
        assert_eq!(a.fingerprint(), b.fingerprint());
        let other = Dataset::parts(whole(), [4, 4]).unwrap();
        assert_ne!(a.fingerprint(), other.fingerprint());
        assert_ne!(a.fingerprint(), a.subset(&[3, 1]).fingerprint());
    }

    #[test]
    fn parts_larger_than_images_are_refused() {
        let error = Dataset::parts(whole(), [8, 4]).unwrap_err();
        assert!(
            error.to_string().contains("9x7 have no parts of 4x8"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_is_read_whole_and_gives_parts() {
        let dir = tempfile::tempdir().unwrap();
        for i in 0..3u8 {
            let image =
                image::GrayImage::from_fn(20, 12, |x, y| image::Luma([(x * 7 + y) as u8 + i]));
            image.save(dir.path().join(format!("{i}.png"))).unwrap();
        }
        let options = OpenOptions {
            cache_dir: Some(dir.path().join("cache")),
            ..Default::default()
        };
        let mut chain = Preprocessing {
            width: 6,
            height: 5,
            equalize: false,
            ..Default::default()
        };
        let path = dir.path().display().to_string();
        let whole = Dataset::open_whole(&path, &chain, &options, &|_, _| {}).unwrap();
        assert_eq!(whole.image_shape(), [1, 12, 20]);
        chain.crop.kind = crate::preprocessing::CropKind::Random;
        let parts = Dataset::open(&format!("{path}[:2]"), &chain, &options).unwrap();
        assert_eq!((parts.len(), parts.image_shape()), (2000, [1, 5, 6]));
    }
}
