//! The levels that the images of a set use before preprocessing, and what is to be said of them.

use image::DynamicImage;
use sha2::{Digest, Sha256};

use crate::Preprocessing;
use crate::eight_bits::{extremes, is_wholly_transparent};

/// Share of all levels that a set is expected to use.
const LEAST_SHARE: f64 = 1.0 / 8.0;

/// Range of levels of images, in the unit of their files.
#[derive(Debug)]
pub(crate) struct SourceLevels {
    images: usize,
    /// Images that are wholly transparent.
    transparent: usize,
    /// Largest level that the files could hold: 255 or 65535.
    most: u16,
    low: u16,
    high: u16,
    /// Hash of the first image behind the chain, as long as all are alike.
    alike: Option<[u8; 32]>,
}

impl Default for SourceLevels {
    /// Those of no image.
    fn default() -> Self {
        Self {
            images: 0,
            transparent: 0,
            most: 0,
            low: u16::MAX,
            high: 0,
            alike: None,
        }
    }
}

impl SourceLevels {
    /// Those of one image.
    pub(crate) fn of(image: &DynamicImage) -> Self {
        let [low, high, most] = extremes(image);
        Self {
            images: 1,
            transparent: usize::from(is_wholly_transparent(image)),
            most,
            low,
            high,
            alike: None,
        }
    }

    /// Adds those of an image, which behind the chain is `pixels`.
    pub(crate) fn add(&mut self, image: &Self, pixels: &[u8]) {
        if self.images == 0 || self.alike.is_some() {
            let hash: [u8; 32] = Sha256::digest(pixels).into();
            self.alike = (self.images == 0 || self.alike == Some(hash)).then_some(hash);
        }
        self.images += image.images;
        self.transparent += image.transparent;
        self.most = self.most.max(image.most);
        self.low = self.low.min(image.low);
        self.high = self.high.max(image.high);
    }

    /// Lowest and highest level, and the highest that the files could hold; `None` of no image.
    pub(crate) fn range(&self) -> Option<[u16; 3]> {
        (self.low <= self.high).then_some([self.low, self.high, self.most])
    }

    /// What a user should know of these images before they are used.
    pub(crate) fn warnings(&self, preprocessing: &Preprocessing) -> Vec<String> {
        let mut warnings = vec![];
        if self.transparent > 0 {
            warnings.push(format!(
                "{} of {} images are wholly transparent: their alpha is ignored",
                self.transparent, self.images
            ));
        }
        if self.images > 1 && self.alike.is_some() {
            warnings.push(format!("all {} images are alike", self.images));
        }
        let (low, high, most) = (self.low, self.high, self.most);
        let share = f64::from(high.saturating_sub(low)) / f64::from(most.max(1));
        if preprocessing.range.is_none() && low < high && share < LEAST_SHARE {
            let kept = (share * 255.0).ceil() as u32 + 1;
            warnings.push(format!(
                "the images use the levels {low} to {high} of 0 to {most}, which become about {kept} of 256 grey levels: \
                 set preprocessing.range = [{low}, {high}] to keep them apart"
            ));
        }
        if let Some([from, to]) = preprocessing.range
            && (high <= from || low >= to)
        {
            warnings.push(format!(
                "the images use the levels {low} to {high}, all outside of preprocessing.range = [{from}, {to}]"
            ));
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Luma};

    fn of(images: &[DynamicImage], preprocessing: &Preprocessing) -> String {
        let mut levels = SourceLevels::default();
        for image in images {
            levels.add(&SourceLevels::of(image), image.as_bytes());
        }
        levels.warnings(preprocessing).join("; ")
    }

    fn depths(low: u16) -> DynamicImage {
        let buffer = ImageBuffer::from_fn(4, 3, |x, y| Luma([low + 100 * (x + 4 * y) as u16]));
        DynamicImage::ImageLuma16(buffer)
    }

    #[test]
    fn a_small_part_of_the_levels_is_told_with_the_range_that_helps() {
        let plain = Preprocessing::default();
        let text = of(&[depths(400), depths(500)], &plain);
        assert!(text.contains("400 to 1600 of 0 to 65535"), "{text}");
        assert!(text.contains("preprocessing.range = [400, 1600]"), "{text}");
        let ranged = |range| Preprocessing {
            range: Some(range),
            ..plain.clone()
        };
        assert_eq!(of(&[depths(400), depths(500)], &ranged([400, 1600])), "");
        let text = of(&[depths(400), depths(500)], &ranged([2000, 3000]));
        assert!(text.contains("all outside"), "{text}");
    }

    #[test]
    fn images_that_are_all_alike_or_transparent_are_told() {
        let ramp = image::GrayImage::from_fn(256, 1, |x, _| Luma([x as u8]));
        let other = image::GrayImage::from_fn(256, 1, |x, _| Luma([255 - x as u8]));
        let plain = Preprocessing::default();
        let [ramp, other] = [ramp, other].map(DynamicImage::from);
        assert_eq!(
            of(&[ramp.clone(), ramp.clone()], &plain),
            "all 2 images are alike"
        );
        assert_eq!(of(&[ramp.clone(), other, ramp.clone()], &plain), "");
        assert_eq!(of(&[ramp], &plain), "");
        let clear = image::GrayAlphaImage::from_fn(256, 1, |x, _| image::LumaA([x as u8, 0]));
        let text = of(&[clear.into()], &plain);
        assert_eq!(
            text,
            "1 of 1 images are wholly transparent: their alpha is ignored"
        );
    }
}
