//! Opening data sets whole, and random parts of them.

use std::borrow::Cow;

use crate::masks::Masks;
use crate::preprocessing::Crop;
use crate::random_parts::{Parts, WholeImages};
use crate::{Dataset, Framing, OpenOptions, Preprocessing, Probe, Quarantine, Source};
use simgan_base::Result;

use super::{Images, LabelRows, Pixels};

impl WholeImages for Dataset {
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn image_shape(&self) -> [usize; 3] {
        Self::image_shape(self)
    }

    fn name(&self, index: usize) -> String {
        Self::name(self, index)
    }

    fn pixels(&self, index: usize) -> Cow<'_, [u8]> {
        Self::pixels(self, index)
    }

    fn source(&self) -> &str {
        Self::source(self)
    }

    fn fingerprint(&self) -> String {
        Self::fingerprint(self)
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
        let whole = Self::open_whole(name, preprocessing, options, progress)?;
        match source.folder() {
            None => Ok(whole),
            Some(_) => Self::parts(whole, [preprocessing.height, preprocessing.width]),
        }
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
            pixels: Pixels::Parts(Box::new(Parts::of(Box::new(whole.clone()), size)?)),
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
