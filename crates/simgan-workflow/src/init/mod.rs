//! A first configuration that fits two sets of images, with the reason for every choice in its comments.
//!
//! Nothing here decides anew: sizes, equalization, framing, tasks and points are found by what `train`, `frame` and `fit`
//! find and warn of.

mod choice;
mod document;
mod look;
mod request;

use simgan::training::Config;
use simgan_base::files::durable;
use simgan_base::settings::{self, Document};
use simgan_base::{Error, ErrorKind, Result};

use crate::listener::Listener;
use crate::warnings;
use look::Look;
pub use request::InitRequest;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The configuration: TOML with comments.
    pub text: String,
    /// The argument `--real`, in the framing that fits.
    pub real: String,
    /// What was chosen, and why: `(key, value, reason)`.
    pub choices: Vec<[String; 3]>,
}

/// Looks at both sides, and writes a configuration that fits them to `request.out`.
///
/// # Errors
/// The file exists; a side cannot be opened; the file cannot be written.
pub fn init(request: &InitRequest, listener: &dyn Listener) -> Result<Proposal> {
    refuse_existing(request)?;
    let proposal = propose(request, listener)?;
    refuse_existing(request)?;
    durable::write(&request.out, &proposal.text)?;
    Ok(proposal)
}

fn refuse_existing(request: &InitRequest) -> Result<()> {
    if !request.out.exists() {
        return Ok(());
    }
    let message = format!("{} exists already", request.out.display());
    let hint = "give --out another name, or remove the file: it is not overwritten";
    Err(Error::new(ErrorKind::Io, message).with_hint(hint))
}

/// The configuration that fits both sides.
///
/// # Errors
/// A side cannot be opened.
pub fn propose(request: &InitRequest, listener: &dyn Listener) -> Result<Proposal> {
    let look = Look::at(request, listener)?;
    warnings::of_swapped(&look.synthetic, &look.real, listener);
    let text = document::write(&look, request);
    let document = Document {
        text,
        origin: request.out.display().to_string(),
    };
    let (config, _) = settings::load_document::<Config>(Some(&document), &[])?;
    config.validate()?;
    let told = look.choices().map(|choice| {
        let key = format!("{}.{}", choice.section.name(), choice.key);
        [key, choice.value.clone(), choice.why.clone()]
    });
    Ok(Proposal {
        choices: told.collect(),
        text: document.text,
        real: look.real_argument,
    })
}
