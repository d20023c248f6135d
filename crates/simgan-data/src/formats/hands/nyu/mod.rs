//! NYU's hands: `depth_V_NNNNNNN.png`, `synthdepth_V_NNNNNNN.png` and `joint_data.mat` in a folder, `train` or `test`.
//!
//! Tompson et al., *Real-Time Continuous Pose Recovery of Human Hands Using Convolutional Networks*, ACM Transactions on
//! Graphics 2014. V is one of three cameras, the first before the hand; NNNNNNN a frame, counted from 1. A pixel's depth in
//! millimetres is 256 times its green and its blue; 0 is nothing. `joint_uvd` is V x N x 36 x 3: column, row, millimetres.
//! The labels are the 14 joints that are evaluated.

#[cfg(any(test, feature = "testing"))]
mod fuzzing;
mod joints;

use image::{DynamicImage, Luma};

use crate::decode;
use crate::depth_cube::{DepthCube, Depths};
use crate::formats::hands;
use crate::formats::hands::nyu::joints::Joints;
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::listing::Listing;
use crate::reader::{Item, Reader, Table};
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// Focal lengths of the cameras, in pixels of the frame.
const FOCAL: [f64; 2] = [588.03, 587.07];
/// Where the joints are.
const TABLE: &str = "joint_data.mat";

/// The rendered images in place of the measured ones.
const SYNTHETIC: &str = "synthetic";
/// Of the measured images, what the rendered one of the frame shows: the paper's way to cut hands out.
const MASKED: &str = "masked";
/// All three cameras: the paper's "3x".
const VIEWS: &str = "views";

pub(crate) const FORMAT: Format = Format {
    name: "NYU hands",
    options: &[SYNTHETIC, MASKED, VIEWS],
    detect: |candidate, _| Ok(is_hands(candidate)),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[("nyu_joints", fuzzing::joints, fuzzing::tables)],
};

fn is_hands(candidate: &Candidate) -> bool {
    let folder = candidate.path();
    folder.join(TABLE).is_file()
        && ["depth_1_0000001.png", "synthdepth_1_0000001.png"]
            .iter()
            .any(|name| folder.join(name).is_file())
}

fn open(candidate: Candidate, request: &Request) -> Result<Files> {
    let root = candidate.path().to_owned();
    let synthetic = request.has(SYNTHETIC);
    let masked = request.has(MASKED);
    if synthetic && masked {
        let both = format!("{}?{SYNTHETIC} and ?{MASKED}", root.display());
        return Err(
            Error::data(format!("{both}: rendered images are cut out already"))
                .with_hint(format!("leave ?{MASKED} out")),
        );
    }
    let views = if request.has(VIEWS) { 3 } else { 1 };
    let kind = if synthetic {
        Kind::Rendered
    } else {
        Kind::Measured
    };
    let is_wanted = |name: &str| Frame::parse(name, kind).is_some_and(|frame| frame.view <= views);
    let is_beside =
        |name: &str| name == TABLE || masked && Frame::parse(name, Kind::Rendered).is_some();
    let listing = candidate.into_listing(is_wanted, is_beside)?;
    let words = [
        (SYNTHETIC, synthetic),
        (MASKED, masked),
        (VIEWS, views == 3),
    ];
    let words = words.into_iter().filter(|(_, given)| *given);
    let variant: Vec<&str> = words.map(|(word, _)| word).collect();
    Ok(Files {
        variant: variant.join(" "),
        points: hands::points(joints::names()),
        ..Files::new(
            FORMAT.name,
            root,
            listing,
            HandsPlan {
                kind,
                views,
                masked,
            },
        )
    })
}

/// Measured by a camera, or rendered from a model that follows the hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Measured,
    Rendered,
}

impl Kind {
    /// The first part of a name.
    fn prefix(self) -> &'static str {
        match self {
            Self::Measured => "depth_",
            Self::Rendered => "synthdepth_",
        }
    }
}

/// Camera and number of an image, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    view: usize,
    number: usize,
}

impl Frame {
    /// What a name says; `None` for other files.
    fn parse(name: &str, kind: Kind) -> Option<Self> {
        let rest = name.strip_prefix(kind.prefix())?.strip_suffix(".png")?;
        let (view, number) = rest.split_once('_')?;
        let is_number = number.len() == 7 && number.bytes().all(|c| c.is_ascii_digit());
        let frame = Self {
            view: view.parse().ok().filter(|view| (1..=3).contains(view))?,
            number: number.parse().ok().filter(|number| *number > 0)?,
        };
        (is_number && view.len() == 1).then_some(frame)
    }

    /// The name of its image.
    fn name(self, kind: Kind) -> String {
        format!("{}{}_{:07}.png", kind.prefix(), self.view, self.number)
    }
}

struct HandsPlan {
    kind: Kind,
    views: usize,
    masked: bool,
}

impl Plan for HandsPlan {
    fn reader(self: Box<Self>, listing: Listing, _: &Planning) -> Result<Box<dyn Reader>> {
        let sorted = listing.names.sorted();
        let table = listing.names.find(&sorted, TABLE);
        let place = listing.root.join(TABLE);
        let bytes = table.map(|file| listing.read(file, limits::JOINTS));
        let bytes = bytes.unwrap_or_else(|| Err(Error::data("it is not there")));
        let joints = bytes.and_then(|bytes| Joints::read(&bytes));
        let joints = joints.map_err(|e| e.at(&place.display().to_string()))?;
        let shown =
            |name: &str| Frame::parse(name, self.kind).filter(|frame| frame.view <= self.views);
        let frames: Vec<(usize, Frame)> = listing
            .names
            .iter()
            .enumerate()
            .filter_map(|(file, name)| Some((file, shown(name)?)))
            .collect();
        let mask = |frame: Frame| listing.names.find(&sorted, &frame.name(Kind::Rendered));
        let masks = frames
            .iter()
            .map(|(_, frame)| self.masked.then(|| mask(*frame)).flatten())
            .collect();
        Ok(Box::new(Hands {
            masked: self.masked,
            listing,
            joints,
            frames,
            masks,
        }))
    }
}

struct Hands {
    listing: Listing,
    joints: Joints,
    /// Place in the listing, and frame, of every image.
    frames: Vec<(usize, Frame)>,
    masked: bool,
    /// Place of the rendered image of the same frame, where images are masked.
    masks: Vec<Option<usize>>,
}

impl Hands {
    fn image(&self, unit: usize, cube: &DepthCube) -> Result<Depths> {
        let (file, frame) = self.frames[unit];
        let depths = depths(decode::decode(self.listing.image(file)?)?)?;
        if !self.masked {
            return Ok(cube.cut(&depths, |_, _| true));
        }
        let name = frame.name(Kind::Rendered);
        let mask = self.masks[unit];
        let mask =
            mask.ok_or_else(|| Error::data(format!("there is no {name} to cut it out by")))?;
        let about = |e: Error| Error::data(format!("its {name}: {e}"));
        let mask = decode::decode(self.listing.image(mask)?).and_then(self::depths);
        let mask = mask.map_err(about)?;
        if mask.dimensions() != depths.dimensions() {
            return Err(Error::data(format!("its {name} has another size")));
        }
        let is_hand = |x, y| mask.get_pixel(x, y).0[0] > 0;
        Ok(cube.cut(&depths, is_hand))
    }
}

impl Reader for Hands {
    fn units(&self) -> usize {
        self.frames.len()
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        let (file, frame) = self.frames[unit];
        let name = self.listing.names.get(file).to_owned();
        let hand = self.joints.of(frame.view, frame.number);
        vec![hands::item(name, hand, FOCAL, |cube| {
            self.image(unit, cube)
        })]
    }

    fn table(&self) -> Table {
        Table::Generated(hands::joints::header(joints::names()))
    }
}

/// Millimetres of NYU's pixels.
fn depths(image: DynamicImage) -> Result<Depths> {
    match image {
        DynamicImage::ImageRgb8(image) => {
            Ok(Depths::from_fn(image.width(), image.height(), |x, y| {
                let [_, green, blue] = image.get_pixel(x, y).0;
                Luma([u16::from_be_bytes([green, blue])])
            }))
        }
        _ => Err(Error::data(
            "it is not in colours of 8 bits, of which green and blue are the depth",
        )
        .with_hint("NYU's own files are: converted ones are read as a folder of images")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_camera_and_frame() {
        let frame = Frame::parse("depth_3_0000120.png", Kind::Measured).unwrap();
        assert_eq!((frame.view, frame.number), (3, 120));
        assert_eq!(frame.name(Kind::Rendered), "synthdepth_3_0000120.png");
        for name in [
            "rgb_1_0000001.png",
            "synthdepth_1_0000001.png",
            "depth_4_0000001.png",
            "depth_1_0000000.png",
            "depth_1_001.png",
            "depth_+1_0000001.png",
        ] {
            assert_eq!(Frame::parse(name, Kind::Measured), None, "{name}");
        }
    }

    #[test]
    fn green_and_blue_are_the_depth() {
        let pixel = image::RgbImage::from_pixel(1, 1, image::Rgb([9, 2, 244]));
        assert_eq!(depths(pixel.into()).unwrap().get_pixel(0, 0).0, [756]);
        let grey = image::GrayImage::from_pixel(1, 1, Luma([9]));
        assert!(depths(grey.into()).is_err());
    }
}
