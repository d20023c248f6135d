//! Which description belongs to which image.

use std::collections::HashMap;

use crate::Quarantine;
use crate::decode::is_image_name;
use crate::listing::Listing;
use crate::names::Names;

/// An image with its description, as numbers in a listing.
#[derive(Debug, PartialEq)]
pub(super) struct Described {
    pub(super) image: u32,
    pub(super) description: u32,
    /// Where in the image's name the camera's begins.
    camera: Option<u32>,
}

impl Described {
    /// The camera that has taken the image, where the description says what several see.
    pub(super) fn camera<'a>(&self, listing: &'a Listing) -> Option<&'a str> {
        let name = without_ending(listing.names.get(self.image as usize));
        self.camera.map(|start| &name[start as usize..])
    }
}

/// Images and descriptions that belong together, and those that are alone.
#[derive(Default)]
pub(super) struct Pairs {
    pub(super) images: Vec<Described>,
    /// Images without description.
    bare_images: Vec<u32>,
    /// Descriptions without image.
    pub(super) bare_descriptions: Vec<u32>,
    /// Images that lay claim to one description: which is meant cannot be known.
    rivals: Vec<Described>,
}

/// Whether a file may be a description.
pub(super) fn is_description(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"))
}

/// A path without the ending of its file.
fn without_ending(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

impl Pairs {
    /// Pairs the images of `names` with descriptions by name: `a/1.png` with `a/1.json`, `a/2_cam1.jpg` with `a/2.json`.
    pub(super) fn of(names: &Names) -> Self {
        let mut descriptions: HashMap<&str, (u32, bool)> = HashMap::new();
        for (index, name) in (0u32..).zip(names.iter()) {
            if is_description(name) {
                descriptions.insert(without_ending(name), (index, false));
            }
        }
        let mut pairs = Self::default();
        let mut claims: HashMap<(u32, &str), usize> = HashMap::new();
        for (image, name) in (0u32..)
            .zip(names.iter())
            .filter(|(_, name)| is_image_name(name))
        {
            let stem = without_ending(name);
            let Some((description, camera)) = partner(stem, &mut descriptions) else {
                pairs.bare_images.push(image);
                continue;
            };
            *claims.entry((description, stem)).or_default() += 1;
            pairs.images.push(Described {
                image,
                description,
                camera,
            });
        }
        let claimed = |pair: &Described| {
            claims[&(
                pair.description,
                without_ending(names.get(pair.image as usize)),
            )]
        };
        (pairs.images, pairs.rivals) = pairs
            .images
            .into_iter()
            .partition(|pair| claimed(pair) == 1);
        let bare = descriptions.into_values().filter(|(_, used)| !used);
        pairs.bare_descriptions = bare.map(|(index, _)| index).collect();
        pairs
    }

    /// What is left out because it has no partner, or one that others want as well.
    pub(super) fn left_out(&self, names: &Names) -> Quarantine {
        let name = |index: u32| names.get(index as usize);
        let base = |index: u32| name(index).rsplit('/').next().unwrap_or_default();
        let ending = self
            .images
            .first()
            .map(|pair| &name(pair.image)[without_ending(name(pair.image)).len()..]);
        let ending = ending.unwrap_or(".jpg");
        let missing = |index: u32, ending: &str| {
            let reason = format!(
                "there is no {}{ending} beside it",
                without_ending(base(index))
            );
            (index, reason)
        };
        let mut reasons: Vec<(u32, String)> = vec![];
        reasons.extend(
            self.bare_images
                .iter()
                .map(|&image| missing(image, ".json")),
        );
        reasons.extend(
            self.bare_descriptions
                .iter()
                .map(|&text| missing(text, ending)),
        );
        reasons.extend(self.rivals.iter().map(|pair| {
            let reason = format!(
                "{} may describe it or another image of its name",
                base(pair.description)
            );
            (pair.image, reason)
        }));
        reasons.sort_unstable();
        let mut left_out = Quarantine::default();
        reasons
            .into_iter()
            .for_each(|(index, reason)| left_out.push(name(index), reason));
        left_out
    }
}

/// The description of the image called `stem`, which is used now, and where in `stem` the camera's name begins.
fn partner(
    stem: &str,
    descriptions: &mut HashMap<&str, (u32, bool)>,
) -> Option<(u32, Option<u32>)> {
    if let Some((index, used)) = descriptions.get_mut(stem) {
        *used = true;
        return Some((*index, None));
    }
    let base = stem.rfind('/').map_or(0, |slash| slash + 1);
    let underscores = stem[base..].rmatch_indices('_').map(|(at, _)| base + at);
    for at in underscores {
        if let Some((index, used)) = descriptions.get_mut(&stem[..at]) {
            *used = true;
            return Some((*index, Some(at as u32 + 1)));
        }
    }
    None
}
