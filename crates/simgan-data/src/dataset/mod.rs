//! A data set: images as `u8` in a memory-mapped cache or from a simulator, their names and their labels.

mod carrying;
mod opening;
mod parts;

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::carried::LabelFiles;
use crate::listing::hash_text;
use crate::masks::Masks;
use crate::names::Names;
use crate::pixel_cache::Cached;
use crate::pixel_kind::PixelKind;
use crate::points::MovedPoints;
use crate::random_parts::Parts;
use crate::reader::ShardCounts;
use crate::simulation::generated::Generated;
use crate::{AngleUnit, Framing, Labels, OnBadImage, Preprocessing, Quarantine};
use simgan_base::Result;
use simgan_base::files::limits;
use simgan_base::files::sha256::Hashing;
use simgan_base::files::sha256::hex;
use simgan_base::imaging::levels;

/// How to open a data set.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// What to do with an image that cannot be used.
    pub on_bad_image: OnBadImage,
    /// Where the pixel cache lies; `None` is the user's cache folder
    /// (see [`PixelCache::default_folder`](super::pixel_cache::PixelCache::default_folder)).
    pub cache_dir: Option<PathBuf>,
    /// Words for the format of a folder, besides those in the name of the data set (see [`Source`](crate::Source)): `evaluation`.
    pub words: Vec<String>,
}

/// A data set, preprocessed and ready to be drawn from.
///
/// Cloning and [`subset`](Self::subset) share pixels, names and labels. All methods may be called from many threads.
///
/// Images of a simulator (`sim:eyes`) are rendered each time they are looked at: opening takes no time, and memory
/// does not grow with the number of images. Their labels are made when they are first asked for.
#[derive(Clone, Debug)]
pub struct Dataset {
    images: Arc<Images>,
    /// Which images these are, in order; `None` is all.
    chosen: Option<Arc<[u32]>>,
    /// What it was opened as.
    source: Arc<str>,
    /// Unit of the columns of gaze angles.
    angle_unit: AngleUnit,
    labels: LabelRows,
}

/// One row of labels a chosen image.
#[derive(Clone, Debug)]
enum LabelRows {
    /// Known since the set was opened, or none.
    Known(Option<Labels>),
    /// Made by the simulator when they are first asked for.
    Lazy(Arc<OnceLock<Labels>>),
}

/// What all parts of a data set share.
#[derive(Debug)]
struct Images {
    root: Option<PathBuf>,
    format: &'static str,
    pixels: Pixels,
    sizes: Vec<(u32, u32, usize)>,
    kinds: Vec<(PixelKind, usize)>,
    levels: Option<[u16; 3]>,
    framing: Framing,
    quarantine: Quarantine,
    unread: Vec<String>,
    masks: Masks,
    shards: Option<ShardCounts>,
    points: Option<MovedPoints>,
    label_files: Option<Arc<dyn LabelFiles>>,
    /// What moves the pixels of images on disk; `None` where they have been through it already.
    chain: Option<Preprocessing>,
}

#[derive(Debug)]
enum Pixels {
    Memory {
        names: Names,
        image_shape: [usize; 3],
        bytes: Vec<u8>,
    },
    Cached(Box<Cached>),
    Generated(Box<Generated>),
    Parts(Box<Parts>),
}

impl Dataset {
    /// Number of usable images.
    pub fn len(&self) -> usize {
        match &self.chosen {
            Some(chosen) => chosen.len(),
            None => self.images.len(),
        }
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[channels, height, width]` of every image.
    pub fn image_shape(&self) -> [usize; 3] {
        match &self.images.pixels {
            Pixels::Memory { image_shape, .. } => *image_shape,
            Pixels::Cached(cached) => cached.image_shape,
            Pixels::Generated(generated) => generated.image_shape(),
            Pixels::Parts(parts) => parts.shape(),
        }
    }

    /// Folder or tar this set was read from; `None` in memory and for simulators.
    pub fn root(&self) -> Option<&Path> {
        self.images.root.as_deref()
    }

    /// Folder or simulator and slice as given to [`open`](Self::open), `embedded` in memory.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What people call its format: `image folder`, `refined images`, `UnityEyes`, `MPIIGaze`, `tar shards`, `simulator`
    /// or `in memory`.
    pub fn format(&self) -> &'static str {
        self.images.format
    }

    /// Name of an image: its path below [`root`](Self::root) with `/`, unique (`p00/day01/left/00003` inside `.mat` files).
    pub fn name(&self, index: usize) -> String {
        self.images.name(self.place(index)).into_owned()
    }

    /// Preprocessed pixels, `[channels, height, width]`, 0..=255. A simulator renders them anew each time:
    /// [`gather`](Self::gather) does so in parallel.
    pub fn pixels(&self, index: usize) -> Cow<'_, [u8]> {
        let place = self.place(index);
        match &self.images.pixels {
            Pixels::Cached(cached) => cached.image(place).into(),
            Pixels::Memory {
                image_shape, bytes, ..
            } => {
                let length: usize = image_shape.iter().product();
                bytes[place * length..(place + 1) * length].into()
            }
            Pixels::Generated(generated) => generated.pixels(place).into(),
            Pixels::Parts(parts) => parts.pixels(place).into(),
        }
    }

    /// Preprocessed pixels of the images at `indices`, `[indices.len(), channels, height, width]`, 0..=255.
    pub fn gather(&self, indices: &[usize]) -> Vec<u8> {
        let length: usize = self.image_shape().iter().product();
        let mut pixels = vec![0; indices.len() * length];
        let copy =
            |(image, &index): (&mut [u8], &usize)| image.copy_from_slice(&self.pixels(index));
        match self.images.pixels {
            Pixels::Generated(_) => pixels
                .par_chunks_exact_mut(length)
                .zip(indices)
                .for_each(copy),
            _ => pixels
                .chunks_exact_mut(length.max(1))
                .zip(indices)
                .for_each(copy),
        }
        pixels
    }

    /// Images at `indices` as `[indices.len(), channels, height, width]`, values in [-1, 1].
    pub fn batch(&self, indices: &[usize]) -> Vec<f32> {
        let scaled = levels::from_u8;
        self.gather(indices).into_iter().map(scaled).collect()
    }

    /// Labels, one row an image, in the order of the images.
    pub fn labels(&self) -> Option<&Labels> {
        match (&self.labels, &self.images.pixels) {
            (LabelRows::Lazy(rows), Pixels::Generated(generated)) => {
                Some(rows.get_or_init(|| generated.labels(&self.places())))
            }
            (LabelRows::Known(labels), _) => labels.as_ref(),
            (LabelRows::Lazy(_), _) => None,
        }
    }

    /// Whether there are labels; makes none.
    pub fn has_labels(&self) -> bool {
        !matches!(self.labels, LabelRows::Known(None))
    }

    /// Writes [`labels`](Self::labels) byte for byte, if there are any; a simulator makes `at_a_time` rows at once.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_labels(&self, mut writer: impl Write, at_a_time: usize) -> io::Result<()> {
        let (LabelRows::Lazy(_), Pixels::Generated(generated)) =
            (&self.labels, &self.images.pixels)
        else {
            let labels = self.labels();
            return labels.map_or(Ok(()), |labels| labels.write_to(writer));
        };
        let at_a_time = at_a_time.max(1);
        for start in (0..self.len()).step_by(at_a_time) {
            let chunk = start..(start + at_a_time).min(self.len());
            let places: Vec<usize> = chunk.map(|index| self.place(index)).collect();
            let labels = generated.labels(&places);
            if start == 0 {
                writer.write_all(labels.raw_header())?;
            }
            (0..labels.len()).try_for_each(|row| writer.write_all(labels.raw_row(row)))?;
        }
        Ok(())
    }

    /// SHA-256 of the label table, or of the files that it is made of, as hexadecimal; `None` without one, and for a
    /// simulator, whose [`fingerprint`](Self::fingerprint) decides its labels as well.
    ///
    /// # Errors
    /// Those of [`label_files`](Self::label_files) and [`files_beside`](Self::files_beside).
    pub fn label_fingerprint(&self) -> Result<Option<String>> {
        if self.has_label_files() {
            return self.label_files_fingerprint().map(Some);
        }
        let LabelRows::Known(Some(labels)) = &self.labels else {
            return Ok(None);
        };
        let mut hashing = Hashing::new(io::sink());
        labels.write_to(&mut hashing)?;
        Ok(Some(hashing.finish().1.sha256))
    }

    /// The images at `indices`, in that order, sharing this set's pixels.
    #[must_use]
    pub fn subset(&self, indices: &[usize]) -> Self {
        let chosen = indices
            .iter()
            .map(|&index| self.place(index) as u32)
            .collect();
        Self {
            images: Arc::clone(&self.images),
            chosen: Some(chosen),
            source: Arc::clone(&self.source),
            angle_unit: self.angle_unit,
            labels: self.labels.subset(indices),
        }
    }

    /// The same images with other pixels (`[n, channels, height, width]`), in memory, without labels.
    ///
    /// # Errors
    /// Another number of pixels.
    pub fn with_pixels(&self, pixels: Vec<u8>) -> Result<Self> {
        let names = (0..self.len()).map(|index| self.name(index)).collect();
        Self::from_memory(names, self.image_shape(), pixels, None)
    }

    /// As [`with_pixels`](Self::with_pixels), with the labels and the unit of their angles: labels that refining keeps.
    ///
    /// # Errors
    /// Another number of pixels.
    pub fn with_pixels_and_labels(&self, pixels: Vec<u8>) -> Result<Self> {
        let labels = LabelRows::Known(self.labels().cloned());
        let repainted = self.with_pixels(pixels)?.with_angle_unit(self.angle_unit);
        Ok(Self {
            labels,
            ..repainted
        })
    }

    /// This set, with pixels that would be rendered anew each time kept in memory where they take at most `limit` bytes
    /// (labels are left out). For images that are looked at many times.
    ///
    /// # Errors
    /// None where names and pixels agree, as they do.
    pub fn rendered_once(&self, limit: usize) -> Result<Self> {
        let bytes = self.image_shape().iter().product::<usize>();
        let bytes = bytes.saturating_mul(self.len());
        if !matches!(self.images.pixels, Pixels::Generated(_)) || bytes > limit {
            return Ok(self.clone());
        }
        let indices: Vec<usize> = (0..self.len()).collect();
        self.with_pixels(self.gather(&indices))
    }

    /// Indices of `count` images, all where there are fewer, spread evenly over the set.
    pub fn spread(&self, count: usize) -> Vec<usize> {
        let count = count.min(self.len());
        (0..count).map(|i| i * self.len() / count).collect()
    }

    /// What was left out, and why.
    pub fn quarantine(&self) -> &Quarantine {
        &self.images.quarantine
    }

    /// Sentences about what lies in the folder and is not read, one a kind: `2 images of other formats are not read: a.gif
    /// and 1 more`.
    pub fn unread(&self) -> &[String] {
        &self.images.unread
    }

    /// Names of the masks of an image (see [`Masks`]), paths below [`root`](Self::root).
    pub fn masks(&self, index: usize) -> &[String] {
        match self.images.masks.is_empty() {
            true => &[],
            false => self.images.masks.of(&self.name(index)),
        }
    }

    /// The bytes of a mask, as they lie on the disk.
    ///
    /// # Errors
    /// The file cannot be read, or has more bytes than an image may have.
    pub fn read_mask(&self, name: &str) -> Result<Vec<u8>> {
        let root = self.root().unwrap_or(Path::new(""));
        limits::read(&root.join(name), limits::IMAGE)
    }

    /// Counts of tar shards; `None` for any other format.
    pub fn shards(&self) -> Option<ShardCounts> {
        self.images.shards
    }

    /// How points in the labels were moved with the pixels; `None` where no pixel moved, or nothing is labelled.
    pub fn moved_points(&self) -> Option<&MovedPoints> {
        self.images.points.as_ref()
    }

    /// SHA-256 as hexadecimal: the identity of the data in manifests. Of names and pixels; for a simulator, of
    /// everything that decides them (its name, seed, number of images and configuration, the preprocessing, the images
    /// chosen, the version of this crate).
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let identity = match &self.images.pixels {
            Pixels::Generated(generated) => Some(generated.identity().to_owned()),
            Pixels::Parts(parts) => Some(parts.identity()),
            Pixels::Memory { .. } | Pixels::Cached(_) => None,
        };
        if let Some(identity) = identity {
            hash_text(&mut hash, &identity);
            (0..self.len()).for_each(|index| hash.update((self.place(index) as u64).to_le_bytes()));
            return hex(&hash.finalize());
        }
        self.image_shape()
            .iter()
            .for_each(|&n| hash.update((n as u64).to_le_bytes()));
        for index in 0..self.len() {
            hash_text(&mut hash, &self.images.name(self.place(index)));
            hash.update(self.pixels(index));
        }
        hex(&hash.finalize())
    }

    /// Sizes of the images of the whole folder before preprocessing: (width, height, number of images),
    /// the most frequent first, at most 8.
    pub fn original_sizes(&self) -> &[(u32, u32, usize)] {
        &self.images.sizes
    }

    /// What the pixels of the whole folder's images are before preprocessing, and of how many images, the most frequent
    /// first; empty in memory.
    pub fn pixel_kinds(&self) -> &[(PixelKind, usize)] {
        &self.images.kinds
    }

    /// Lowest and highest level of the whole folder's files, and the highest that they could hold (255 or 65535), before
    /// any [range](Preprocessing::range); `None` in memory, of a simulator, and where a cache file of an older version
    /// does not say it.
    pub fn source_levels(&self) -> Option<[u16; 3]> {
        self.images.levels
    }

    /// Unit of the columns `gaze_pitch` and `gaze_yaw`: as the source names it, else as a refined set's manifest does,
    /// else radians.
    pub fn angle_unit(&self) -> AngleUnit {
        self.angle_unit
    }

    /// The same set, its gaze angles read in `angle_unit`.
    #[must_use]
    pub fn with_angle_unit(self, angle_unit: AngleUnit) -> Self {
        Self { angle_unit, ..self }
    }

    /// How large and where the content of the images is shown.
    pub fn framing(&self) -> Framing {
        self.images.framing
    }

    /// Index among all images of the folder.
    fn place(&self, index: usize) -> usize {
        match &self.chosen {
            Some(chosen) => chosen[index] as usize,
            None => index,
        }
    }

    /// Indices of all images of this part among all images of the folder.
    fn places(&self) -> Vec<usize> {
        (0..self.len()).map(|index| self.place(index)).collect()
    }
}

impl Images {
    fn len(&self) -> usize {
        match &self.pixels {
            Pixels::Memory { names, .. } => names.len(),
            Pixels::Cached(cached) => cached.names.len(),
            Pixels::Generated(generated) => generated.len(),
            Pixels::Parts(parts) => parts.len(),
        }
    }

    fn name(&self, place: usize) -> Cow<'_, str> {
        match &self.pixels {
            Pixels::Memory { names, .. } => names.get(place).into(),
            Pixels::Cached(cached) => cached.names.get(place).into(),
            Pixels::Generated(generated) => generated.name(place).into(),
            Pixels::Parts(parts) => parts.name(place).into(),
        }
    }
}

impl LabelRows {
    fn subset(&self, indices: &[usize]) -> Self {
        match self {
            Self::Known(labels) => Self::Known(labels.as_ref().map(|rows| rows.subset(indices))),
            Self::Lazy(rows) => {
                let made = rows.get().map(|rows| rows.subset(indices));
                Self::Lazy(Arc::new(made.map_or_else(OnceLock::new, OnceLock::from)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_spread_over_the_whole_set() {
        let images = |count: usize| {
            let names = (0..count).map(|i| format!("{i}.png")).collect();
            Dataset::from_memory(names, [1, 1, 1], vec![0; count], None).unwrap()
        };
        assert_eq!(images(10).spread(4), [0, 2, 5, 7]);
        assert_eq!(images(3).spread(4), [0, 1, 2]);
        assert!(images(0).spread(4).is_empty());
    }
}
