//! WebDataset tar shards: images and their labels in tars, read where they lie.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use image::DynamicImage;
use rayon::prelude::*;

use crate::decode::{decode, dimensions};
use crate::formats::Planning;
use crate::formats::tar::index::{Sample, Span, TarIndex};
use crate::formats::tar::labels as tar_labels;
use crate::formats::tar::labels::Kind;
use crate::listing::Listing;
use crate::reader::{Item, Reader, Row, ShardCounts, Table};
use crate::{OnBadImage, Quarantine, odd_sizes};
use simgan_base::files::limits;
use simgan_base::files::section::Section;
use simgan_base::formats::csv_text::quoted;
use simgan_base::{Error, Result};

/// Ending of a shard.
const ENDING: &str = "tar";
/// Endings of compressed ones, which are not read.
const COMPRESSED: [&str; 10] = [
    "tar.gz", "tgz", "tar.bz2", "tbz", "tbz2", "tar.xz", "txz", "tar.zst", "tzst", "tar.lz4",
];

/// Whether a file is a shard.
pub(crate) fn is_tar_name(name: &str) -> bool {
    ends_with(name, ENDING)
}

/// Whether a file is a compressed tar.
pub(crate) fn is_compressed_name(name: &str) -> bool {
    COMPRESSED.iter().any(|ending| ends_with(name, ending))
}

fn ends_with(name: &str, ending: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_suffix(ending)
        .is_some_and(|rest| rest.ends_with('.'))
}

/// The samples of all shards, in order.
pub(crate) struct TarShards {
    listing: Listing,
    index: TarIndex,
    /// Samples that are used.
    chosen: Vec<u32>,
    /// Label columns, those of the first sample that has labels.
    columns: Option<Vec<String>>,
    left_out: Quarantine,
}

impl TarShards {
    /// Checks sizes, and finds the label columns.
    ///
    /// # Errors
    /// Mixed sizes, as of an image folder.
    pub(crate) fn plan(listing: Listing, index: TarIndex, planning: &Planning) -> Result<Self> {
        let mut shards = Self {
            chosen: (0..index.samples.len() as u32).collect(),
            left_out: index.left_out.clone(),
            listing,
            index,
            columns: None,
        };
        if !planning.preprocessing.allow_mixed_sizes {
            shards.leave_odd_sizes_out(planning.on_bad_image)?;
        }
        let first = shards.index.samples.iter().find_map(|sample| {
            let cells = shards.cells(sample)?.ok()?;
            Some(cells.into_iter().map(|(column, _)| column).collect())
        });
        shards.columns = first;
        Ok(shards)
    }

    fn leave_odd_sizes_out(&mut self, on_bad_image: OnBadImage) -> Result<()> {
        let size = |sample: &Sample| {
            let image = self.open(sample.shard, sample.image).ok();
            image.and_then(|image| dimensions(image).ok())
        };
        let samples = self.index.samples.par_iter();
        let sizes: Vec<(u32, u32)> = samples.map(|s| size(s).unwrap_or_default()).collect();
        let image = |at: usize| (self.index.names.get(at), sizes[at]);
        let images = (0..sizes.len()).map(image);
        let odd = odd_sizes::reasons(&self.listing.root, images, on_bad_image)?;
        for (at, reason) in odd.iter().enumerate() {
            if let Some(reason) = reason {
                let name = self.index.names.get(at);
                self.left_out.push(name, reason);
            }
        }
        self.chosen.retain(|&at| odd[at as usize].is_none());
        Ok(())
    }

    fn open(&self, shard: u32, span: Span) -> Result<BufReader<Section>> {
        let file = self.listing.open(shard as usize)?;
        Ok(BufReader::new(Section::new(file, span.offset, span.bytes)?))
    }

    /// The labels of a sample, if it has any.
    fn cells(&self, sample: &Sample) -> Option<Result<Vec<(String, String)>>> {
        let (kind, span) = sample.labels?;
        Some(self.read_cells(sample.shard, kind, span))
    }

    fn read_cells(&self, shard: u32, kind: Kind, span: Span) -> Result<Vec<(String, String)>> {
        let about = |e| Error::data(format!("its labels cannot be read: {e}"));
        limits::DESCRIPTION.check(span.bytes).map_err(about)?;
        let mut bytes = vec![];
        self.open(shard, span)?.read_to_end(&mut bytes)?;
        tar_labels::cells(kind, &bytes)
    }

    fn read_sample(&self, name: &str, sample: &Sample) -> Result<(DynamicImage, Row)> {
        let image = decode(self.open(sample.shard, sample.image)?)?;
        let row = match (&self.columns, self.cells(sample)) {
            (None, None) => Row::None,
            (Some(_), None) => return Err(Error::data("it has no labels, but others have")),
            (columns, Some(cells)) => row(name, columns.as_deref().unwrap_or_default(), cells?)?,
        };
        Ok((image, row))
    }
}

/// The CSV row of a sample whose labels must have these columns, in any order.
fn row(name: &str, columns: &[String], cells: Vec<(String, String)>) -> Result<Row> {
    let values: HashMap<&str, &str> = cells.iter().map(|(c, v)| (&**c, &**v)).collect();
    let ordered: Option<Vec<&str>> = columns.iter().map(|c| values.get(&**c).copied()).collect();
    match ordered.filter(|ordered| ordered.len() == cells.len()) {
        Some(ordered) => Ok(Row::New(line(name, ordered.into_iter()))),
        None => {
            let found: Vec<&str> = cells.iter().map(|(column, _)| &**column).collect();
            Err(Error::data(format!(
                "its labels are {}, those of the first sample {}",
                found.join(", "),
                columns.join(", ")
            )))
        }
    }
}

fn line<'a>(file: &'a str, cells: impl Iterator<Item = &'a str>) -> String {
    let fields: Vec<_> = std::iter::once(file).chain(cells).map(quoted).collect();
    fields.join(",")
}

impl Reader for TarShards {
    fn units(&self) -> usize {
        self.chosen.len()
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        let at = self.chosen[unit] as usize;
        let (name, sample) = (self.index.names.get(at), &self.index.samples[at]);
        let (image, row) = match self.read_sample(name, sample) {
            Ok((image, row)) => (Ok(image), row),
            Err(e) if self.listing.len() == 1 => (Err(e), Row::None),
            Err(e) => {
                let shard = self.listing.names.get(sample.shard as usize);
                (
                    Err(Error::data(format!("{e} (in {shard})")).with_source(e)),
                    Row::None,
                )
            }
        };
        let name = name.to_owned();
        vec![Item { name, image, row }]
    }

    fn table(&self) -> Table {
        let columns = self.columns.as_ref();
        columns.map_or(Table::None, |columns| {
            let columns = columns.iter().map(String::as_str);
            Table::Generated(line("file", columns))
        })
    }

    fn left_out(&self) -> Quarantine {
        self.left_out.clone()
    }

    fn shards(&self) -> Option<ShardCounts> {
        Some(ShardCounts {
            shards: self.listing.len(),
            ignored_entries: self.index.ignored,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_shards() {
        assert!(is_tar_name("a.tar") && is_tar_name("b/A.TAR"));
        assert!(!is_tar_name("tar") && !is_tar_name("a.tar.gz") && !is_tar_name("xtar"));
        assert!(is_compressed_name("a.tar.gz") && is_compressed_name("A.TGZ"));
        assert!(!is_compressed_name("a.gz") && !is_compressed_name("a.tar"));
    }

    #[test]
    fn rows_are_in_the_order_of_the_first_and_quoted() {
        let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        let columns = ["a".to_owned(), "b".to_owned()];
        let Row::New(text) = row(
            "x,1.png",
            &columns,
            vec![pair("b", "q\"\n"), pair("a", "1")],
        )
        .unwrap() else {
            panic!("no row")
        };
        assert_eq!(text, "\"x,1.png\",1,\"q\"\"\n\"");
        for cells in [vec![pair("a", "1")], vec![pair("a", "1"), pair("c", "2")]] {
            let error = row("x.png", &columns, cells).err().unwrap().to_string();
            assert!(error.ends_with("those of the first sample a, b"), "{error}");
        }
    }
}
