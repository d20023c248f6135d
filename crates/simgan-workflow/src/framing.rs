//! Real images in the framing that shows them in the size of synthetic ones.

use simgan_base::Result;
use simgan_data::framing_search::Match;
use simgan_data::{Dataset, Source};

/// What to do about a framing that was found.
///
/// # Errors
/// Those of [`Source::parse`], which read the same text before.
pub fn advice(real: &Dataset, found: &Match) -> Result<String> {
    if Source::parse(real.source())?.folder().is_none() {
        return Ok("render one side at the size of the other (`eye_width`)".to_owned());
    }
    let framed = framed(real, found)?;
    Ok(format!(
        "use --real '{framed}', here and wherever these images are read"
    ))
}

/// The real images with the framing found on top of theirs.
///
/// # Errors
/// A simulator has no framing.
pub fn framed(real: &Dataset, found: &Match) -> Result<Source> {
    let source = Source::parse(real.source())?;
    let framing = source.framing().then(found.framing);
    Source::parse(&source.framed(framing).to_string())
}
