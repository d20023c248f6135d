//! Frames of a depth camera, and the lines of text that have their joints.

use std::collections::BTreeMap;

use crate::depth_cube::{DepthCube, Depths};
use crate::formats::hands;
use crate::formats::hands::joints::{Hand, checked, header};
use crate::formats::{Candidate, Files, Plan, Planning};
use crate::listing::Listing;
use crate::reader::{Item, Reader, Table};
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// Focal length of the camera of both, in pixels of the frame.
pub(super) const FOCAL: f64 = 241.42;

/// Joints by the name of their frame in the listing.
pub(super) type HandsByName = BTreeMap<String, Hand>;

/// What differs between data sets of frames whose joints are text.
pub(super) struct Layout {
    pub(super) format: &'static str,
    pub(super) joints: &'static [&'static str],
    pub(super) is_frame: fn(&str) -> bool,
    pub(super) is_table: fn(&str) -> bool,
    /// Adds the joints of the table of this name.
    pub(super) read: fn(&str, &[u8], &mut HandsByName) -> Result<()>,
    /// Ending of the frames' names that names of images lack.
    pub(super) ending: &'static str,
    /// Reads a file of the listing.
    pub(super) decode: fn(&Listing, usize) -> Result<Depths>,
}

/// Lists the files of such a data set.
pub(super) fn open(candidate: Candidate, layout: &'static Layout) -> Result<Files> {
    let root = candidate.path().to_owned();
    let listing = candidate.into_listing(layout.is_frame, layout.is_table)?;
    Ok(Files {
        points: hands::points(layout.joints.iter().copied()),
        ..Files::new(layout.format, root, listing, FramesPlan(layout))
    })
}

struct FramesPlan(&'static Layout);

impl Plan for FramesPlan {
    fn reader(self: Box<Self>, listing: Listing, _: &Planning) -> Result<Box<dyn Reader>> {
        let layout = self.0;
        let mut hands = HandsByName::new();
        let tables = listing.names.iter().enumerate();
        for (file, name) in tables.filter(|(_, name)| (layout.is_table)(name)) {
            let bytes = listing.read(file, limits::LABELS);
            let read = bytes.and_then(|bytes| (layout.read)(name, &bytes, &mut hands));
            let place = listing.root.join(name);
            read.map_err(|e| e.at(&place.display().to_string()))?;
        }
        Ok(Box::new(Frames::join(listing, hands, layout)))
    }
}

/// A data set of frames with their joints.
struct Frames {
    listing: Listing,
    frames: Vec<Frame>,
    layout: &'static Layout,
}

/// A frame, or joints of one that is not there.
struct Frame {
    name: String,
    file: Option<usize>,
    hand: Option<Hand>,
}

impl Frames {
    /// Joins the listed frames with their joints. What lacks its partner is a bad image.
    fn join(listing: Listing, mut hands: HandsByName, layout: &'static Layout) -> Self {
        let files = listing.names.iter().enumerate();
        let mut frames: Vec<Frame> = files
            .filter(|(_, name)| (layout.is_frame)(name))
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
        let short = name
            .strip_suffix(self.layout.ending)
            .unwrap_or(name)
            .to_owned();
        let hand = match (file, hand) {
            (None, _) => Err(Error::data("it is not there, but its joints are")),
            (_, None) => Err(Error::data("its joints are not there")),
            (_, Some(hand)) => checked(hand.clone()),
        };
        let cut = |cube: &DepthCube| {
            let depths = (self.layout.decode)(&self.listing, file.unwrap_or_default())?;
            Ok(cube.cut(&depths, |_, _| true))
        };
        vec![hands::item(short, hand, [FOCAL; 2], cut)]
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
