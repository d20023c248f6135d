//! The walk through a folder: every real folder once, whatever links lead to it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use fs_err::DirEntry;

use crate::file_state::FileState;
use crate::listing::unread::Reason;
use crate::names::{Names, natural_order};
use crate::refined_manifest;
use simgan_base::{Error, Result};

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 16;
/// Most folders that are looked into.
const MAX_FOLDERS: usize = 1 << 16;

/// A folder that is to be looked into.
struct Folder {
    path: PathBuf,
    /// The same without links.
    real: PathBuf,
    /// What names of its files begin with.
    prefix: String,
    depth: usize,
}

/// What a walk has found so far.
pub(super) struct Walk {
    root: PathBuf,
    real_root: PathBuf,
    /// Paths below the root, with `/`.
    pub(super) names: Names,
    /// What the system says of every file.
    pub(super) states: Vec<FileState>,
    /// What is no file that can be read.
    pub(super) skipped: Vec<(Reason, String)>,
    seen: HashSet<PathBuf>,
    /// Links to folders: looked into when all real folders are known, lest a folder be known by the name of a link.
    links: Vec<Folder>,
}

impl Walk {
    /// Finds all files below `root`. Names that start with a dot are left out.
    ///
    /// # Errors
    /// A folder that cannot be read; more than 65,536 folders.
    pub(super) fn through(root: &Path) -> Result<Self> {
        let real = fs_err::canonicalize(root)?;
        let mut walk = Self {
            root: root.into(),
            real_root: real.clone(),
            names: Names::default(),
            states: vec![],
            skipped: vec![],
            seen: HashSet::new(),
            links: vec![],
        };
        walk.folder(Folder {
            path: root.into(),
            real,
            prefix: String::new(),
            depth: 0,
        })?;
        while let Some(link) = walk.next_link() {
            walk.folder(link)?;
        }
        Ok(walk)
    }

    /// The first of the links in natural order, so that the order of the disk decides nothing.
    fn next_link(&mut self) -> Option<Folder> {
        let by_name =
            |a: &(usize, &Folder), b: &(usize, &Folder)| natural_order(&a.1.prefix, &b.1.prefix);
        let (first, _) = self.links.iter().enumerate().min_by(by_name)?;
        Some(self.links.swap_remove(first))
    }

    fn folder(&mut self, folder: Folder) -> Result<()> {
        let name = folder.prefix.trim_end_matches('/');
        if folder.depth > MAX_DEPTH {
            self.skipped.push((Reason::TooDeep, name.to_owned()));
            return Ok(());
        }
        if folder.depth > 0 && is_own_output(&folder.path) {
            self.skipped.push((Reason::OwnOutput, name.to_owned()));
            return Ok(());
        }
        let leads_back = folder.depth > 0 && self.real_root.starts_with(&folder.real);
        if leads_back || !self.seen.insert(folder.real.clone()) {
            self.skipped.push((Reason::Again, name.to_owned()));
            return Ok(());
        }
        if self.seen.len() > MAX_FOLDERS {
            let root = self.root.display();
            let what = format!("{root} holds more than {MAX_FOLDERS} folders");
            return Err(Error::data(what)
                .with_hint("is it the right folder? give one that holds images alone"));
        }
        for entry in fs_err::read_dir(&folder.path)? {
            self.entry(&entry?, &folder)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, folder: &Folder) -> Result<()> {
        let file_name = entry.file_name();
        let Some(file_name) = file_name.to_str() else {
            let name = format!("{}{}", folder.prefix, file_name.to_string_lossy());
            self.skipped.push((Reason::NotUtf8, name));
            return Ok(());
        };
        if file_name.starts_with('.') {
            return Ok(());
        }
        let name = format!("{}{file_name}", folder.prefix);
        let path = entry.path();
        let is_link = entry.file_type()?.is_symlink();
        match fs_err::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                let below = Folder {
                    real: match is_link {
                        true => fs_err::canonicalize(&path)?,
                        false => folder.real.join(file_name),
                    },
                    path,
                    prefix: format!("{name}/"),
                    depth: folder.depth + 1,
                };
                match is_link {
                    true => self.links.push(below),
                    false => self.folder(below)?,
                }
            }
            Ok(metadata) if metadata.is_file() => {
                self.names.push(&name);
                self.states.push(FileState::of(&metadata));
            }
            Ok(_) => self.skipped.push((Reason::NoFile, name)),
            Err(_) if is_link => self.skipped.push((Reason::Dangling, name)),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Whether `simgan` has written a folder that is no data of the folder above: its images would be taken for more of
/// them.
fn is_own_output(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).exists();
    has(refined_manifest::FILE_NAME) || has("config.toml") && has("checkpoints")
}
