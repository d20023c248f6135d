//! Frames of a depth camera, and the lines of text that have their joints.

use std::collections::BTreeMap;

use crate::depth_cube::{DepthCube, Depths};
use crate::formats::hands;
use crate::formats::hands::joints::{Hand, checked, header};
use crate::listing::Listing;
use crate::reader::{Item, Reader, Table};
use simgan_base::{Error, Result};

/// Joints by the name of their frame in the listing.
pub(super) type HandsByName = BTreeMap<String, Hand>;

/// A data set of frames with their joints.
pub(super) struct Frames {
    listing: Listing,
    frames: Vec<Frame>,
    layout: Layout,
}

/// What differs between data sets.
pub(super) struct Layout {
    pub(super) joints: &'static [&'static str],
    pub(super) focal: [f64; 2],
    /// Ending of the frames' names that names of images lack.
    pub(super) ending: &'static str,
    /// Reads a file of the listing.
    pub(super) decode: fn(&Listing, usize) -> Result<Depths>,
}

/// A frame, or joints of one that is not there.
struct Frame {
    name: String,
    file: Option<usize>,
    hand: Option<Hand>,
}

impl Frames {
    /// Joins the listed files that `is_frame` names with their joints. What lacks its partner is a bad image.
    pub(super) fn join(
        listing: Listing,
        is_frame: impl Fn(&str) -> bool,
        mut hands: HandsByName,
        layout: Layout,
    ) -> Self {
        let files = listing.names.iter().enumerate();
        let mut frames: Vec<Frame> = files
            .filter(|(_, name)| is_frame(name))
            .map(|(file, name)| Frame {
                name: name.to_owned(),
                file: Some(file),
                hand: hands.remove(name),
            })
            .collect();
        frames.extend(hands.into_iter().map(|(name, hand)| Frame {
            name,
            file: None,
            hand: Some(hand),
        }));
        Self {
            listing,
            frames,
            layout,
        }
    }
}

impl Reader for Frames {
    fn units(&self) -> usize {
        self.frames.len()
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        let Frame { name, file, hand } = &self.frames[unit];
        let Layout {
            focal,
            ending,
            decode,
            ..
        } = self.layout;
        let short = name.strip_suffix(ending).unwrap_or(name).to_owned();
        let hand = match (file, hand) {
            (None, _) => Err(Error::data("it is not there, but its joints are")),
            (_, None) => Err(Error::data("its joints are not there")),
            (_, Some(hand)) => checked(hand.clone()),
        };
        let cut = |cube: &DepthCube| {
            let depths = decode(&self.listing, file.unwrap_or_default())?;
            Ok(cube.cut(&depths, |_, _| true))
        };
        vec![hands::item(short, hand, focal, cut)]
    }

    fn table(&self) -> Table {
        Table::Generated(header(self.layout.joints.iter().copied()))
    }
}

/// Numbers of a line, three a joint.
///
/// # Errors
/// They are not `joints` times three numbers. The sentence starts with "it".
pub(super) fn triples<'a>(
    words: impl Iterator<Item = &'a str>,
    joints: usize,
) -> Result<Vec<[f64; 3]>> {
    let wrong = || Error::data(format!("it has not {} numbers", 3 * joints));
    let values = words.map(|word| word.parse().map_err(|_| wrong()));
    let values: Vec<f64> = values.collect::<Result<_>>()?;
    if values.len() != 3 * joints {
        return Err(wrong());
    }
    let triples = values.as_chunks::<3>().0;
    Ok(triples.to_vec())
}
