//! The samples in tar shards: where each one's image and labels lie.
//!
//! A sample is the entries of one key, side by side. A key is WebDataset's: the path up to the first dot of its last part.
//! Only headers are read, once.

use rayon::prelude::*;

use crate::Quarantine;
use crate::decode::is_image_name;
use crate::formats::tar::files as tar_files;
use crate::formats::tar::files::TarFile;
use crate::formats::tar::labels::Kind;
use crate::listing::Listing;
use crate::masks::{ALONE, Masks};
use crate::names::Names;
use simgan_base::{Error, Result};

/// Where the bytes of an entry lie in its tar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

/// An image with its labels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// The tar, in the listing.
    pub(crate) shard: u32,
    pub(crate) image: Span,
    pub(crate) labels: Option<(Kind, Span)>,
}

/// All samples of a list of tars, in order.
#[derive(Debug, Default)]
pub(crate) struct TarIndex {
    /// Path of each sample's image.
    pub(crate) names: Names,
    pub(crate) samples: Vec<Sample>,
    /// Keys that have labels but no image, or several.
    pub(crate) left_out: Quarantine,
    /// Entries that are neither image nor labels.
    pub(crate) ignored: usize,
}

impl TarIndex {
    /// Reads the headers of all tars of `listing`.
    ///
    /// # Errors
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): a tar that cannot be read to its end, a key that comes twice (names the
    /// tar).
    pub(crate) fn scan(listing: &Listing) -> Result<Self> {
        let shards: Vec<Result<Shard>> = (0..listing.len())
            .into_par_iter()
            .map(|tar| scan_shard(listing, tar))
            .collect();
        let (mut index, mut keys, mut shard_of) = (Self::default(), Names::default(), vec![]);
        for (tar, shard) in shards.into_iter().enumerate() {
            for sample in shard?.0 {
                keys.push(&sample.key);
                shard_of.push(tar as u32);
                index.add(tar as u32, sample);
            }
        }
        refuse_repeated(listing, &keys, &shard_of)?;
        index.pass_over_masks();
        Ok(index)
    }

    /// Takes the masks out of the samples.
    fn pass_over_masks(&mut self) {
        let masks = Masks::among(self.names.iter());
        if masks.is_empty() {
            return;
        }
        self.ignored += masks.len();
        let alone = masks.alone();
        alone
            .iter()
            .for_each(|name| self.left_out.push(name, ALONE));
        let is_image = |name| !masks.contains(name) && !alone.contains(name);
        let kept: Vec<bool> = self.names.iter().map(is_image).collect();
        let names = self.names.iter().zip(&kept).filter(|(_, kept)| **kept);
        self.names = names.map(|(name, _)| name).collect();
        let mut kept = kept.into_iter();
        self.samples.retain(|_| kept.next().unwrap_or(true));
    }

    fn add(&mut self, shard: u32, entries: Entries) {
        self.ignored += entries.ignored;
        match (&entries.images[..], entries.labels) {
            ([], _) if !entries.dotted.is_empty() => {
                let reason = dotted(&entries.key, &entries.dotted);
                self.left_out.push(entries.key, reason);
            }
            ([], None) => {}
            ([], Some(_)) => self
                .left_out
                .push(entries.key, "it has labels, but no image"),
            ([(name, image)], labels) => {
                self.names.push(name);
                self.samples.push(Sample {
                    shard,
                    image: *image,
                    labels,
                });
            }
            ([(first, _), (second, _), ..], _) => {
                let reason = format!("it has two images, {first} and {second}");
                self.left_out.push(entries.key, reason);
            }
        }
    }
}

/// The entries of one key.
#[derive(Default)]
struct Entries {
    key: String,
    images: Vec<(String, Span)>,
    /// Images whose ending has a dot in it.
    dotted: Vec<String>,
    labels: Option<(Kind, Span)>,
    ignored: usize,
}

impl Entries {
    fn add(&mut self, ending: &str, file: TarFile) -> Result<()> {
        let span = Span {
            offset: file.offset,
            bytes: file.bytes,
        };
        let kind = match ending.to_ascii_lowercase().as_str() {
            "json" => Kind::Json,
            "cls" => Kind::Class,
            _ if !ending.contains('.') && is_image_name(&file.name) => {
                self.images.push((file.name, span));
                return Ok(());
            }
            _ => {
                self.ignored += 1;
                if is_image_name(&file.name) {
                    self.dotted.push(file.name);
                }
                return Ok(());
            }
        };
        match self.labels {
            Some((known, _)) if known == kind => return Err(repeated(&self.key)),
            // An object says more than a number.
            Some((Kind::Json, _)) => self.ignored += 1,
            Some((Kind::Class, _)) => {
                self.ignored += 1;
                self.labels = Some((kind, span));
            }
            None => self.labels = Some((kind, span)),
        }
        Ok(())
    }
}

/// Why a key has no image, though images lie under it.
fn dotted(key: &str, names: &[String]) -> String {
    match names {
        [one] => format!(
            "the name of its image {one} has more than one dot; a sample's image is {key}.png"
        ),
        [first, .., last] => format!(
            "its {} images, {first} to {last}, have more than one dot in their names; a sample has one image, {key}.png",
            names.len()
        ),
        [] => String::new(),
    }
}

/// The keys of one tar, in order.
#[derive(Default)]
struct Shard(Vec<Entries>);

impl Shard {
    fn add(&mut self, file: TarFile) -> Result<()> {
        let (key, ending) = match split(&file.name) {
            Some((key, ending)) => (key.to_owned(), ending.to_owned()),
            // Without a key: counted with what is before it.
            None => (String::new(), String::new()),
        };
        if self
            .0
            .last()
            .is_none_or(|last| last.key != key && !key.is_empty())
        {
            self.0.push(Entries {
                key: key.clone(),
                ..Entries::default()
            });
        }
        match self.0.last_mut() {
            Some(last) if !key.is_empty() => last.add(&ending, file),
            Some(last) => {
                last.ignored += 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn scan_shard(listing: &Listing, tar: usize) -> Result<Shard> {
    let place = |e: Error| {
        let path = listing.root.join(listing.names.get(tar));
        let hint = e.hint().map(str::to_owned);
        let error = Error::data(format!("{} cannot be used: {e}", path.display()));
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error.with_hint("make the tar again, or take it out of the data set"),
        }
    };
    let file = listing.open(tar)?;
    let length = file.metadata()?.len();
    let mut shard = Shard::default();
    tar_files::for_each(file, length, &mut |file| shard.add(file)).map_err(place)?;
    Ok(shard)
}

#[cfg(any(test, feature = "testing"))]
pub(crate) fn scan_bytes(bytes: &[u8]) -> Result<()> {
    let (mut shard, mut index) = (Shard::default(), TarIndex::default());
    let source = std::io::Cursor::new(bytes);
    tar_files::for_each(source, bytes.len() as u64, &mut |file| shard.add(file))?;
    shard
        .0
        .into_iter()
        .for_each(|entries| index.add(0, entries));
    Ok(())
}

/// Key and ending of an entry: `a/b.left.png` is `a/b` and `left.png`. Hidden files and those without an ending have none.
fn split(name: &str) -> Option<(&str, &str)> {
    let base = name.rfind('/').map_or(0, |slash| slash + 1);
    let dot = base + name[base..].find('.')?;
    (dot > base).then(|| (&name[..dot], &name[dot + 1..]))
}

fn refuse_repeated(listing: &Listing, keys: &Names, shard_of: &[u32]) -> Result<()> {
    let sorted = keys.sorted();
    let key = |&at: &u32| keys.get(at as usize);
    let pair = sorted
        .windows(2)
        .find(|pair| key(&pair[0]) == key(&pair[1]) && !key(&pair[0]).is_empty());
    let Some(&[one, other]) = pair else {
        return Ok(());
    };
    let shard = |at: u32| listing.names.get(shard_of[at as usize] as usize);
    let (first, second) = (one.min(other), one.max(other));
    let error = repeated(key(&first));
    let places = match shard(first) == shard(second) {
        true => shard(first).to_owned(),
        false => format!("{} and {}", shard(first), shard(second)),
    };
    Err(
        Error::data(format!("{}: {places}: {error}", listing.root.display()))
            .with_hint("the entries of a sample lie side by side, and no other sample has its key"),
    )
}

fn repeated(key: &str) -> Error {
    Error::data(format!("the key `{key}` comes twice"))
        .with_hint("the entries of a sample lie side by side, and no other sample has its key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_at_the_first_dot_of_the_last_part() {
        assert_eq!(split("a/b.c/d.left.png"), Some(("a/b.c/d", "left.png")));
        assert_eq!(split("1.png"), Some(("1", "png")));
        for name in [".hidden.png", "a/.png", "a/b"] {
            assert_eq!(split(name), None);
        }
    }
}
