//! Writing an export: the files of a format, the model card, hashes of all.

use std::path::Path;

use simgan_base::files::{disk, output_folder, sha256_sums};
use simgan_base::{Error, Result};

use crate::exported::Exported;
use crate::format::{ExportOptions, Format};
use crate::model_card;

impl Exported {
    /// Writes it into the folder `out`, which is new or empty, whole or not at all: the files of
    /// `format`, `MODEL_CARD.md`, and `SHA256SUMS` of them all. Returns their names.
    ///
    /// # Errors
    /// `out` is taken, the format is not one for this network, or a file cannot be written.
    pub fn write(
        &self,
        format: &Format,
        options: &ExportOptions,
        out: &Path,
    ) -> Result<Vec<String>> {
        output_folder::require_place(out, "give --out another folder")?;
        output_folder::fill(out, |folder| {
            (format.write)(self, options, folder)?;
            let usage = (format.usage)(&self.description);
            let usage = model_card::usage(&self.description, &usage);
            let card = format!("{}{usage}", self.card);
            disk::write(&folder.join(model_card::FILE_NAME), card)?;
            let mut names = names(folder)?;
            let listed: Vec<&str> = names.iter().map(String::as_str).collect();
            sha256_sums::write(folder, &listed)?;
            names.push(sha256_sums::FILE_NAME.to_owned());
            Ok(names)
        })
    }
}

/// Names of the files in `folder`, sorted.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let name = entry?.file_name().into_string();
        names.push(name.map_err(|_| Error::model("a name of a file is not text"))?);
    }
    names.sort_unstable();
    Ok(names)
}
