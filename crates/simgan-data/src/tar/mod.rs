//! WebDataset tar shards: headers, samples, labels, images read where they lie.

pub(crate) mod files;
pub(crate) mod index;
pub(crate) mod labels;
pub(crate) mod shards;
