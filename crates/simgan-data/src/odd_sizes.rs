//! Images of another size than the rest of their data set.

use std::collections::BTreeMap;
use std::path::Path;

use crate::OnBadImage;
use simgan_base::{Error, Result};

/// For each image (a name and its size; (0, 0) where it is damaged) the reason why it is odd, if it is.
///
/// # Errors
/// There is an odd one, and it is not to be skipped, or no size that most images have.
pub(crate) fn reasons<'a>(
    root: &Path,
    images: impl Iterator<Item = (&'a str, (u32, u32))> + Clone,
    on_bad_image: OnBadImage,
) -> Result<Vec<Option<String>>> {
    let mut counts = BTreeMap::new();
    // Decoding a damaged file says more than its size.
    let known = images.clone().filter(|&(_, size)| size != (0, 0));
    known.for_each(|(_, size)| *counts.entry(size).or_insert(0usize) += 1);
    let total: usize = counts.values().sum();
    let Some((&usual, &count)) = counts.iter().max_by_key(|(_, count)| **count) else {
        return Ok(vec![None; images.count()]);
    };
    let most = format!("{count} of {total} images are {}x{}", usual.0, usual.1);
    let reason = |(width, height): (u32, u32)| {
        let odd = (width, height) != usual && (width, height) != (0, 0);
        odd.then(|| format!("it is {width}x{height}, but {most}"))
    };
    // Without a usual size there is no saying which are the odd ones.
    let unclear = count * 2 <= total;
    let first = images
        .clone()
        .find_map(|(name, size)| Some((name, reason(size)?)));
    match first {
        Some((name, reason)) if on_bad_image == OnBadImage::Fail || unclear => Err(Error::data(
            format!("{} mixes image sizes: {name}: {reason}", root.display()),
        )
        .with_hint(
            "preprocessing.allow_mixed_sizes = true resizes them all alike; \
             --on-bad-image skip leaves the odd ones out where most agree",
        )),
        _ => Ok(images.map(|(_, size)| reason(size)).collect()),
    }
}
