//! What every format of data set offers to the loader.

use image::DynamicImage;
use serde::{Deserialize, Serialize};

use crate::{Labels, Quarantine};
use simgan_base::Result;

/// One image before preprocessing.
pub(crate) struct Item {
    /// Unique name, a path with `/`.
    pub(crate) name: String,
    /// The decoded image, or why there is none (a sentence about "it").
    pub(crate) image: Result<DynamicImage>,
    /// Its labels.
    pub(crate) row: Row,
}

/// Where the labels of an image come from.
pub(crate) enum Row {
    /// There are none.
    None,
    /// A row of the table in [`Table::Existing`].
    Existing(usize),
    /// Fields of a CSV row below the header of [`Table::Generated`], without line end.
    New(String),
}

/// Label table of a whole data set.
pub(crate) enum Table {
    /// There is none.
    None,
    /// A `labels.csv`, whose rows the images refer to.
    Existing(Labels),
    /// A table that the images' own rows make up; the header has no line end.
    Generated(String),
}

/// How many tars a data set has, and what in them is neither image nor labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardCounts {
    /// Number of tars.
    pub shards: usize,
    /// Entries of other endings, which were passed over.
    pub ignored_entries: usize,
}

/// A format's images. A unit is what is read at once: a file that holds one image or many.
pub(crate) trait Reader: Sync {
    /// Number of units.
    fn units(&self) -> usize;

    /// About how many images a unit holds.
    fn images_per_unit(&self) -> usize {
        1
    }

    /// Reads one unit; called from several threads.
    fn read(&self, unit: usize) -> Vec<Item>;

    /// The label table.
    fn table(&self) -> Table {
        Table::None
    }

    /// What is left out before any image is read.
    fn left_out(&self) -> Quarantine {
        Quarantine::default()
    }

    /// Sentences to warn of what the labels say.
    fn warnings(&self) -> Vec<String> {
        vec![]
    }

    /// Counts of tar shards.
    fn shards(&self) -> Option<ShardCounts> {
        None
    }
}
