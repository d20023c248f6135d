//! MPIIGaze's normalised images: `Data/Normalized/pNN/dayNN.mat`.
//!
//! Each file holds `data.left` and `data.right`, with `image` (N x 36 x 60, `uint8`), `gaze` (N x 3: a vector in the
//! camera frame x right, y down, z forward) and `pose` (N x 3: a rotation vector), and `filenames` (N).
//!
//! Right eyes are mirrored and their gaze x negated, so that all look like left ones. Angles are
//! `gaze_pitch = asin(-y)`, `gaze_yaw = atan2(-x, -z)`, and from the third column Z of the head's rotation matrix
//! `head_pitch = asin(Z_y)`, `head_yaw = atan2(Z_x, Z_z)`, after MPIIGaze's own description (all in radians).

pub(crate) mod evaluation_lists;
#[cfg(any(test, feature = "testing"))]
mod fuzzing;

use std::path::{Path, PathBuf};

use image::{DynamicImage, GrayImage};

use crate::formats::mpiigaze::evaluation_lists::{EvaluationLists, Side};
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::listing::Listing;
use crate::reader::{Item, Reader, Row, Table};
use simgan_base::files::limits;
use simgan_base::formats::mat5;
use simgan_base::formats::mat5::{Array, Data};
use simgan_base::metrics::gaze_angle;
use simgan_base::{Error, Result};

/// Columns of the labels.
const HEADER: &str = "file,gaze_pitch,gaze_yaw,head_pitch,head_yaw,person,day,side,photo";
/// Most images of one eye in a file.
const MAX_IMAGES: usize = 10_000;
/// About how many images a file holds, to bound what is decoded at once.
const IMAGES_PER_FILE: usize = 1024;

/// The word behind `?` that chooses the images of the evaluation lists.
const EVALUATION: &str = "evaluation";

pub(super) const FORMAT: Format = Format {
    name: "MPIIGaze",
    options: &[EVALUATION],
    detect: |candidate, _| Ok(normalized_folder(candidate.path()).is_some()),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[
        ("mat", |bytes| read_bytes(bytes).map(|_| ()), fuzzing::days),
        ("evaluation_list", fuzzing::list, fuzzing::lists),
    ],
};

fn open(candidate: Candidate, request: &Request) -> Result<Files> {
    let root = normalized_folder(candidate.path()).unwrap_or(candidate.path().to_owned());
    let listing = Candidate::new(&root)?.into_listing(is_wanted, |_| false)?;
    let wanted = request.options.iter().any(|option| option == EVALUATION);
    let lists = wanted.then(|| EvaluationLists::find(&root)).transpose()?;
    let fingerprint = lists.as_ref().map(|lists| lists.fingerprint().to_owned());
    Ok(Files {
        variant: fingerprint.unwrap_or_default(),
        ..Files::new(FORMAT.name, root, listing, DaysPlan { lists })
    })
}

/// Reads all images, or those that the evaluation lists name.
struct DaysPlan {
    lists: Option<EvaluationLists>,
}

impl Plan for DaysPlan {
    fn reader(self: Box<Self>, listing: Listing, _: &Planning) -> Result<Box<dyn Reader>> {
        let lists = self.lists;
        Ok(Box::new(MpiiGaze { listing, lists }))
    }
}

/// The folder that holds `pNN/dayNN.mat`, given it, `Data` or the folder above.
fn normalized_folder(path: &Path) -> Option<PathBuf> {
    let candidates = [
        path.join("Data").join("Normalized"),
        path.join("Normalized"),
        path.to_owned(),
    ];
    candidates.into_iter().find(|folder| holds_people(folder))
}

fn holds_people(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    let is_person = |name: &str| is_numbered(name, "p", "");
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        name.to_str().is_some_and(is_person)
            && std::fs::read_dir(entry.path()).is_ok_and(|mut files| {
                files.any(|file| {
                    file.is_ok_and(|file| file.file_name().to_str().is_some_and(is_day))
                })
            })
    })
}

fn is_day(name: &str) -> bool {
    is_numbered(name, "day", ".mat")
}

/// Whether `name` is digits between two texts.
fn is_numbered(name: &str, before: &str, after: &str) -> bool {
    let number = name
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit()))
}

/// Whether a file is `pNN/dayNN.mat`.
fn is_wanted(name: &str) -> bool {
    let Some((person, day)) = name.split_once('/') else {
        return false;
    };
    is_numbered(person, "p", "") && is_day(day)
}

/// All images, or those that the evaluation lists name.
struct MpiiGaze {
    listing: Listing,
    lists: Option<EvaluationLists>,
}

impl MpiiGaze {
    fn read_day(&self, unit: usize) -> Result<Vec<Item>> {
        let name = self.listing.names.get(unit);
        let day = name.strip_suffix(".mat").unwrap_or(name);
        let file = Day::read(&self.listing.read(unit, limits::MATLAB)?)?;
        let lists = self.lists.as_ref();
        file.items(day, |photo, side| {
            lists.is_none_or(|lists| lists.names(day, photo, side))
        })
    }
}

/// All images of a file.
#[cfg(any(test, feature = "testing"))]
fn read_bytes(bytes: &[u8]) -> Result<Vec<Item>> {
    Day::read(bytes)?.items("p00/day01", |_, _| true)
}

impl Reader for MpiiGaze {
    fn units(&self) -> usize {
        self.listing.len()
    }

    fn images_per_unit(&self) -> usize {
        IMAGES_PER_FILE
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        self.read_day(unit).unwrap_or_else(|error| {
            vec![Item {
                name: self.listing.names.get(unit).to_owned(),
                image: Err(error),
                row: Row::None,
            }]
        })
    }

    fn table(&self) -> Table {
        Table::Generated(HEADER.into())
    }
}

/// A `.mat` file.
struct Day {
    data: Array,
    photos: Vec<String>,
}

impl Day {
    fn read(bytes: &[u8]) -> Result<Self> {
        let (mut data, mut photos) = (None, vec![]);
        for (name, array) in mat5::read(bytes)? {
            match name.as_str() {
                "data" => data = Some(array),
                "filenames" => photos = texts(&array),
                _ => {}
            }
        }
        let data = data.ok_or_else(|| Error::data("it has no variable `data`"))?;
        Ok(Self { data, photos })
    }

    /// The images whose photo and side are `wanted`.
    fn items(&self, day: &str, wanted: impl Fn(&str, Side) -> bool) -> Result<Vec<Item>> {
        let mut items = vec![];
        for side in Side::BOTH {
            let eye = self.eye(side)?;
            for index in 0..eye.count {
                let photo = self.photos.get(index).map_or("", String::as_str);
                if wanted(photo, side) {
                    items.push(eye.item(day, index, photo));
                }
            }
        }
        Ok(items)
    }

    fn eye(&self, side: Side) -> Result<Eye<'_>> {
        let part = |field: &str| {
            let found = self
                .data
                .field(side.name())
                .and_then(|eye| eye.field(field));
            found.ok_or_else(|| Error::data(format!("it has no data.{}.{field}", side.name())))
        };
        let image = part("image")?;
        let (Data::U8(pixels), &[count, height, width]) = (&image.data, &three(&image.shape))
        else {
            return Err(Error::data(format!(
                "data.{}.image is no N x height x width array of uint8",
                side.name()
            )));
        };
        if count > MAX_IMAGES {
            return Err(Error::data(format!(
                "data.{}.image has {count} images; at most {MAX_IMAGES} are read",
                side.name()
            )));
        }
        let vectors = |field: &str| {
            let array = part(field)?;
            let numbers = array.numbers().filter(|_| array.shape == [count, 3]);
            numbers.ok_or_else(|| {
                Error::data(format!(
                    "data.{}.{field} is no {count} x 3 array of numbers",
                    side.name()
                ))
            })
        };
        Ok(Eye {
            side,
            count,
            height,
            width,
            pixels,
            gaze: vectors("gaze")?,
            pose: vectors("pose")?,
        })
    }
}

/// A shape of three dimensions: MATLAB leaves out trailing ones of length 1.
fn three(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [a, b] => [a, b, 1],
        [a, b, c] => [a, b, c],
        _ => [0, 0, 0],
    }
}

/// A cell array of texts, or a char array with one text a row (column-major).
fn texts(array: &Array) -> Vec<String> {
    match &array.data {
        Data::Cell(cells) => cells
            .iter()
            .map(|cell| cell.text().unwrap_or_default().trim().to_owned())
            .collect(),
        Data::Text(text) => {
            let rows = array.shape[0];
            let characters: Vec<char> = text.chars().collect();
            let row = |r: usize| {
                characters
                    .iter()
                    .skip(r)
                    .step_by(rows.max(1))
                    .collect::<String>()
                    .trim()
                    .to_owned()
            };
            (0..rows.min(characters.len())).map(row).collect()
        }
        _ => vec![],
    }
}

/// All images of one side of a day; arrays are column-major, with the image's number running fastest.
struct Eye<'a> {
    side: Side,
    count: usize,
    height: usize,
    width: usize,
    pixels: &'a [u8],
    gaze: Vec<f64>,
    pose: Vec<f64>,
}

impl Eye<'_> {
    fn item(&self, day: &str, index: usize, photo: &str) -> Item {
        let name = format!("{day}/{}/{index:05}", self.side.name());
        let image = self.image(index);
        let row = Row::New(format!("{name},{}", self.labels(day, index, photo)));
        Item { name, image, row }
    }

    fn image(&self, index: usize) -> Result<DynamicImage> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::data("it has no pixels"));
        }
        let pixel = |x: u32, y: u32| {
            let x = match self.side {
                Side::Left => x as usize,
                Side::Right => self.width - 1 - x as usize,
            };
            image::Luma([self.pixels[index + self.count * (y as usize + self.height * x)]])
        };
        Ok(GrayImage::from_fn(self.width as u32, self.height as u32, pixel).into())
    }

    fn labels(&self, day: &str, index: usize, photo: &str) -> String {
        let row = |values: &[f64]| [0, 1, 2].map(|axis| values[index + axis * self.count]);
        let mirror = match self.side {
            Side::Left => 1.0,
            Side::Right => -1.0,
        };
        let [x, y, z] = row(&self.gaze);
        let [pitch, yaw] = gaze_angle::pitch_yaw([mirror * x, y, z]);
        let [head_pitch, head_yaw] = head_angles(row(&self.pose));
        let (person, day) = day.split_once('/').unwrap_or(("", day));
        format!(
            "{pitch:.6},{yaw:.6},{head_pitch:.6},{:.6},{person},{day},{},{photo}",
            mirror * head_yaw,
            self.side.name()
        )
    }
}

/// Pitch and yaw of the third column of a rotation vector's matrix (Rodrigues' formula).
fn head_angles(rotation: [f64; 3]) -> [f64; 2] {
    let angle = rotation.iter().map(|v| v * v).sum::<f64>().sqrt();
    let [x, y, z] = if angle > 0.0 {
        rotation.map(|v| v / angle)
    } else {
        [0.0; 3]
    };
    let (sin, cos) = angle.sin_cos();
    let column = [
        x * z * (1.0 - cos) + y * sin,
        y * z * (1.0 - cos) - x * sin,
        cos + z * z * (1.0 - cos),
    ];
    [
        column[1].clamp(-1.0, 1.0).asin(),
        column[0].atan2(column[2]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_layout() {
        assert!(is_wanted("p00/day01.mat") && is_wanted("p14/day120.mat"));
        assert!(
            !is_wanted("p00/day01.txt") && !is_wanted("day01.mat") && !is_wanted("px/day01.mat")
        );
    }

    #[test]
    fn head_angles_follow_the_rotation() {
        assert_eq!(head_angles([0.0; 3]), [0.0, 0.0]);
        let [pitch, yaw] = head_angles([0.0, 0.3, 0.0]);
        assert!(pitch.abs() < 1e-12 && (yaw - 0.3).abs() < 1e-12);
        let [pitch, yaw] = head_angles([-0.2, 0.0, 0.0]);
        assert!((pitch - 0.2).abs() < 1e-12 && yaw.abs() < 1e-12);
    }

    #[test]
    fn right_eyes_are_mirrored() {
        let eye = |side| Eye {
            side,
            count: 2,
            height: 1,
            width: 2,
            // Column-major: both images' left pixel, then their right one.
            pixels: &[1, 11, 2, 12],
            gaze: vec![0.0, 0.5, 0.0, 0.0, -1.0, -0.866_025_403_784],
            pose: vec![0.0, 0.0, 0.0, 0.1, 0.0, 0.0],
        };
        let left = eye(Side::Left).item("p00/day01", 1, "0002.jpg");
        let right = eye(Side::Right).item("p00/day01", 1, "0002.jpg");
        assert_eq!(left.image.unwrap().into_luma8().into_raw(), [11, 12]);
        assert_eq!(right.image.unwrap().into_luma8().into_raw(), [12, 11]);
        let (Row::New(left), Row::New(right)) = (left.row, right.row) else {
            panic!("no labels")
        };
        assert_eq!(
            left,
            "p00/day01/left/00001,0.000000,-0.523599,0.000000,0.100000,p00,day01,left,0002.jpg"
                .replacen("0.000000", "-0.000000", 1)
        );
        assert!(
            right.contains(",0.523599,")
                && right.contains(",-0.100000,")
                && right.contains(",right,"),
            "{right}"
        );
    }
}
