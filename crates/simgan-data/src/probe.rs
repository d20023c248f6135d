//! What the images of a source are like, by a look at a few of them: before any preprocessing is chosen.

use std::collections::BTreeMap;
use std::path::Path;

use crate::formats;
use crate::formats::{Planning, Request};
use crate::pixel_kind::PixelKind;
use crate::source::Place;
use crate::{OnBadImage, OpenOptions, Preprocessing, RefinedManifest, Source};
use simgan_base::Result;

/// Images looked at, spread over the set.
const EXAMPLES: usize = 16;

/// What the images of a source are like.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    /// Rendered at whatever size is asked for.
    AnySize,
    /// Preprocessed already, so.
    Refined(Box<Preprocessing>),
    /// Files of this size (width, height; the most frequent) and of so many channels.
    Files {
        /// Width and height in pixels.
        size: [u32; 2],
        /// 1 where all are grey, else 3.
        channels: usize,
    },
    /// No image could be read; opening the set tells why.
    Unknown,
}

impl Probe {
    /// Looks at `source`.
    ///
    /// # Errors
    /// A source that is none; a folder that is missing, empty or without images.
    pub fn of(source: &str, options: &OpenOptions) -> Result<Self> {
        let source = Source::parse(source)?;
        match source.place() {
            Place::Simulator(_) => Ok(Self::AnySize),
            Place::Folder(path) => {
                let words = [source.options(), &options.words].concat();
                Self::of_folder(path, &words)
            }
        }
    }

    fn of_folder(path: &Path, words: &[String]) -> Result<Self> {
        if let Some(manifest) = RefinedManifest::find(path)? {
            return Ok(Self::Refined(Box::new(manifest.preprocessing)));
        }
        // Bad images and odd sizes are told of when the set is opened.
        let lenient = Preprocessing {
            allow_mixed_sizes: true,
            ..Preprocessing::default()
        };
        let request = Request {
            options: words,
            preprocessing: &lenient,
        };
        let mut files = formats::open(path, &request)?.1;
        files.plan.check(&files.listing)?;
        let planning = Planning {
            dimensions: &[],
            preprocessing: &lenient,
            preprocessed: false,
            on_bad_image: OnBadImage::Skip,
        };
        let reader = files.plan.reader(files.listing, &planning)?;
        let looked_at = EXAMPLES
            .div_ceil(reader.images_per_unit())
            .min(reader.units());
        let (mut sizes, mut channels) = (BTreeMap::<[u32; 2], usize>::new(), 1);
        for example in 0..looked_at {
            let items = reader.read(example * reader.units() / looked_at);
            for image in items.into_iter().filter_map(|item| item.image.ok()) {
                *sizes.entry([image.width(), image.height()]).or_default() += 1;
                channels = channels.max(PixelKind::of(&image).channels());
            }
        }
        let most = sizes.into_iter().max_by_key(|&(_, count)| count);
        Ok(most.map_or(Self::Unknown, |(size, _)| Self::Files { size, channels }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_channels_are_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().display().to_string();
        let probe = || Probe::of(&path, &OpenOptions::default()).unwrap();
        let save = |name: &str, pixel: [u8; 3]| {
            let image = image::RgbImage::from_pixel(6, 4, image::Rgb(pixel));
            image.save(dir.path().join(name)).unwrap();
        };
        save("0.png", [7, 7, 7]);
        fs_err::write(dir.path().join("1.png"), "no image").unwrap();
        let found = |channels| Probe::Files {
            size: [6, 4],
            channels,
        };
        assert_eq!(probe(), found(1));
        save("2.png", [7, 8, 7]);
        assert_eq!(probe(), found(3));
        let simulator = Probe::of("sim:eyes[:3]", &OpenOptions::default()).unwrap();
        assert_eq!(simulator, Probe::AnySize);
        assert!(Probe::of("no such folder", &OpenOptions::default()).is_err());
    }
}
