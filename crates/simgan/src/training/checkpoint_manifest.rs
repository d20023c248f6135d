//! What the files of a checkpoint must be: `manifest.json`, written last, with the size and SHA-256 of every other file.

use std::path::Path;

use serde::{Deserialize, Serialize};

use simgan_base::files::disk;
use simgan_base::files::limits;
use simgan_base::files::sha256;
use simgan_base::files::sha256::Digested;
use simgan_base::{Error, Result};

/// Version of a checkpoint's files.
pub(super) const FORMAT: u32 = 4;
/// Name of the file.
const FILE_NAME: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// Version of the files, as in `state.json`.
    format: u32,
    /// Iterations of Algorithm 1 done, as in the folder's name.
    step: usize,
    /// Every other file, by name.
    files: Vec<File>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    bytes: u64,
    sha256: String,
}

/// Writes the manifest of what is in `folder`, the checkpoint of iteration `step`.
///
/// # Errors
/// A file cannot be read, or the manifest not be written.
pub(super) fn write(folder: &Path, step: usize) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    let manifest = Manifest {
        format: FORMAT,
        step,
        files: names
            .into_iter()
            .map(|name| File::of(folder, name))
            .collect::<Result<_>>()?,
    };
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|e| Error::model(format!("the manifest cannot be written as JSON: {e}")))?;
    disk::write(&folder.join(FILE_NAME), text)
}

/// Checks that `folder` holds the checkpoint of iteration `step`, whole and unchanged.
///
/// # Errors
/// Of kind [`Model`](simgan_base::ErrorKind::Model): names the file that is missing or changed.
pub fn verify(folder: &Path, step: usize) -> Result<()> {
    let path = folder.join(FILE_NAME);
    let damaged = |why: String| Error::model(format!("{} {why}", path.display()));
    if !path.is_file() {
        return Err(damaged("is missing".to_owned()));
    }
    let text = limits::read(&path, limits::MODEL_MANIFEST)
        .map_err(|e| damaged(format!("cannot be read: {e}")))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|e| damaged(format!("is damaged: {e}")))?;
    if manifest.format != FORMAT {
        let why = format!("is of format {}, not {FORMAT}", manifest.format);
        return Err(damaged(why));
    }
    if manifest.step != step {
        return Err(damaged(format!("is of step {}, not {step}", manifest.step)));
    }
    manifest
        .files
        .iter()
        .try_for_each(|file| file.check(folder))?;
    manifest.refuse_foreign_weights(folder)
}

impl Manifest {
    /// Weights that were put there later would be taken for the checkpoint's own.
    fn refuse_foreign_weights(&self, folder: &Path) -> Result<()> {
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let known = self.files.iter().any(|file| file.name == name);
            if !known && name.ends_with(".safetensors") {
                let message = format!("{} does not belong to the checkpoint", path.display());
                return Err(Error::model(message));
            }
        }
        Ok(())
    }
}

/// Reads a manifest without looking at files.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn parse(text: &[u8]) -> Result<()> {
    let parsed = serde_json::from_slice::<Manifest>(text);
    parsed.map(|_| ()).map_err(|e| Error::model(e.to_string()))
}

impl File {
    fn of(folder: &Path, name: String) -> Result<Self> {
        let Digested { sha256, bytes } = sha256::of_file(&folder.join(&name))?;
        Ok(Self {
            name,
            bytes,
            sha256,
        })
    }

    fn check(&self, folder: &Path) -> Result<()> {
        let path = folder.join(&self.name);
        let damaged = |why: String| Err(Error::model(format!("{} {why}", path.display())));
        // A name is a name, not a way out of the folder.
        if path.parent() != Some(folder) || !path.is_file() {
            return damaged("is missing".to_owned());
        }
        let bytes = fs_err::metadata(&path)?.len();
        if bytes != self.bytes {
            return damaged(format!("has {bytes} bytes, not {}", self.bytes));
        }
        match Self::of(folder, self.name.clone()) {
            Ok(found) if found == *self => Ok(()),
            Ok(_) => damaged("is not what was written: its SHA-256 differs".to_owned()),
            Err(error) => damaged(format!("cannot be read: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("step_00000007");
        fs_err::create_dir(&folder).unwrap();
        fs_err::write(folder.join("a.safetensors"), [1, 2, 3]).unwrap();
        fs_err::write(folder.join("state.json"), "{\"format\": 3}").unwrap();
        write(&folder, 7).unwrap();
        (dir, folder)
    }

    fn refused(folder: &Path, step: usize) -> String {
        let error = verify(folder, step).unwrap_err();
        assert_eq!(error.kind(), simgan_base::ErrorKind::Model);
        error.to_string()
    }

    #[test]
    fn what_was_written_verifies_and_names_its_step() {
        let (_dir, folder) = checkpoint();
        verify(&folder, 7).unwrap();
        assert!(refused(&folder, 8).contains("is of step 7, not 8"));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let (_dir, folder) = checkpoint();
        for name in ["a.safetensors", "state.json", FILE_NAME] {
            let path = folder.join(name);
            let whole = fs_err::read(&path).unwrap();
            for bit in 0..8 * whole.len() {
                let mut bytes = whole.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                fs_err::write(&path, bytes).unwrap();
                assert!(verify(&folder, 7).is_err(), "{name}, bit {bit}");
            }
            for end in 0..whole.len() {
                fs_err::write(&path, &whole[..end]).unwrap();
                assert!(verify(&folder, 7).is_err(), "{name}, {end} bytes");
            }
            fs_err::write(&path, &whole).unwrap();
        }
        verify(&folder, 7).unwrap();
    }

    #[test]
    fn missing_files_are_named() {
        let (_dir, folder) = checkpoint();
        fs_err::remove_file(folder.join("a.safetensors")).unwrap();
        assert!(refused(&folder, 7).ends_with("a.safetensors is missing"));
        fs_err::remove_file(folder.join(FILE_NAME)).unwrap();
        assert!(refused(&folder, 7).ends_with("manifest.json is missing"));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let (_dir, folder) = checkpoint();
        fs_err::write(folder.join("../outside"), "x").unwrap();
        let path = folder.join(FILE_NAME);
        let text = fs_err::read_to_string(&path).unwrap();
        fs_err::write(&path, text.replace("a.safetensors", "../outside")).unwrap();
        assert!(refused(&folder, 7).ends_with("outside is missing"));
    }
}
