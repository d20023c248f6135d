//! `plan.json`: what is being refined, and how it is divided.

use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::refine::shard::Shard;
use simgan_base::files::durable;
use simgan_base::files::limits;
use simgan_base::{Error, Result};
use simgan_data::RefinedManifest;

/// Name of the file in the folder of what is not finished.
pub(super) const FILE_NAME: &str = "plan.json";

/// What is being refined, and how it is divided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// What the finished folder says of itself, but for the hash of its sums.
    pub(super) result: RefinedManifest,
    /// Images of a part; the last one's may be fewer.
    pub(super) images_per_part: usize,
    /// Processes that share the parts.
    pub(super) shards: usize,
}

impl Plan {
    /// Number of parts.
    pub(super) fn parts(&self) -> usize {
        self.result.images.div_ceil(self.images_per_part)
    }

    /// Images of a part.
    pub(super) fn images(&self, part: usize) -> Range<usize> {
        let start = part * self.images_per_part;
        start..(start + self.images_per_part).min(self.result.images)
    }

    /// Number of images of a shard.
    pub(super) fn images_of(&self, shard: Shard) -> usize {
        let own = (0..self.parts()).filter(|&part| shard.does(part));
        own.map(|part| self.images(part).len()).sum()
    }

    /// The part that has an image.
    pub(super) fn part_of(&self, image: usize) -> usize {
        image / self.images_per_part
    }

    /// What `other` has another value of, the number of shards left out: parts are the same whoever does them.
    pub(super) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let (a, b) = (&self.result, &other.result);
        let checks = [
            ("version", a.version == b.version),
            (
                "refiner",
                (&a.refiner_sha256, a.step) == (&b.refiner_sha256, b.step),
            ),
            ("keypoints.radius", a.keypoint_radius == b.keypoint_radius),
            ("hold", a.hold == b.hold),
            ("preprocessing", a.preprocessing == b.preprocessing),
            (
                "images",
                (a.images, &a.input_fingerprint) == (b.images, &b.input_fingerprint),
            ),
            (
                "labels",
                (&a.label_fingerprint, &a.points) == (&b.label_fingerprint, &b.points),
            ),
            ("format", a.format == b.format),
            (
                "number of images in a part",
                self.images_per_part == other.images_per_part,
            ),
            ("kernels", a.kernels == b.kernels),
        ];
        let differ = checks.into_iter().filter(|(_, equal)| !equal);
        differ.map(|(what, _)| what).collect()
    }

    /// Whether the folder `output` is what this plan leads to.
    pub(super) fn is_complete_in(&self, output: &Path) -> bool {
        let Ok(Some(manifest)) = RefinedManifest::find(output) else {
            return false;
        };
        let whole = manifest.sums_sha256.is_some();
        let without_sums = RefinedManifest {
            sums_sha256: None,
            ..manifest
        };
        whole && without_sums == self.result
    }

    /// Reads the plan in `folder`; `None` where there is none that can be used.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let text = limits::read(&folder.join(FILE_NAME), limits::DATA_MANIFEST).ok()?;
        let plan: Self = serde_json::from_slice(&text).ok()?;
        (plan.images_per_part > 0).then_some(plan)
    }

    /// Writes it into `folder`.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| Error::data(format!("the plan cannot be written as JSON: {e}")))?;
        durable::write(&folder.join(FILE_NAME), text + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let result = RefinedManifest {
            images: 25,
            ..Default::default()
        };
        Plan {
            result,
            images_per_part: 10,
            shards: 2,
        }
    }

    #[test]
    fn parts_cover_every_image_once() {
        let plan = plan();
        let ranges: Vec<_> = (0..plan.parts()).map(|part| plan.images(part)).collect();
        assert_eq!(ranges, [0..10, 10..20, 20..25]);
        assert!((0..25).all(|image| plan.images(plan.part_of(image)).contains(&image)));
    }

    #[test]
    fn plans_survive_the_disk_and_differences_are_named() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Plan::read(dir.path()), None);
        plan().write(dir.path()).unwrap();
        let mut other = Plan::read(dir.path()).unwrap();
        assert_eq!(other, plan());
        other.shards = 3;
        assert!(other.differences(&plan()).is_empty());
        other.result.kernels = Some("avx2".into());
        other.images_per_part = 7;
        assert_eq!(
            other.differences(&plan()),
            ["number of images in a part", "kernels"]
        );
    }

    #[test]
    fn only_a_whole_folder_of_the_same_plan_is_complete() {
        let dir = tempfile::tempdir().unwrap();
        let plan = plan();
        assert!(!plan.is_complete_in(dir.path()));
        let mut manifest = plan.result.clone();
        manifest.write(dir.path()).unwrap();
        assert!(!plan.is_complete_in(dir.path()));
        manifest.sums_sha256 = Some("ab".into());
        manifest.write(dir.path()).unwrap();
        assert!(plan.is_complete_in(dir.path()));
        manifest.step += 1;
        manifest.write(dir.path()).unwrap();
        assert!(!plan.is_complete_in(dir.path()));
    }
}
