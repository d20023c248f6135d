//! A set that is being refined: `.NAME.partial/` beside the output, shared by all processes that work on it.
//!
//! ```text
//! plan.json      what is refined, and how it is divided
//! data/          becomes the output
//! parts/000017   files of a part that is done, as lines of SHA256SUMS
//! lock-2         held by the process that does shard 2
//! lock           held by who begins or ends
//! ```

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::refine::plan;
use crate::refine::plan::Plan;
use crate::refine::shard::Shard;
use simgan_base::files::file_lock::FileLock;
use simgan_base::files::limits;
use simgan_base::files::sha256;
use simgan_base::files::sha256::Hashing;
use simgan_base::files::sha256_sums as sums;
use simgan_base::files::{disk, durable, output_folder};
use simgan_base::{Error, ErrorKind, Result};
use simgan_data::{Dataset, refined_manifest};

/// File whose holder begins or ends the work; those of the shards are called `lock-1`, `lock-2`, ...
const LOCK: &str = "lock";
/// What is done about an output that is taken.
const OUTPUT_HINT: &str = "give --out another folder";

/// The folder of a set that is being refined, and this process's shard of it.
pub(super) struct Workspace {
    output: PathBuf,
    folder: PathBuf,
    plan: Plan,
    shard: Shard,
    /// Held until the shard is done.
    own: FileLock,
}

impl Workspace {
    /// Begins to refine into `output`, or goes on with it; `None` where that is what `plan` leads to already.
    ///
    /// # Errors
    /// Of kind [`Io`](ErrorKind::Io): the output holds something else; another process does this shard, or others refine
    /// something else into it; the folder cannot be written to.
    pub(super) fn open(output: &Path, plan: Plan, shard: Shard) -> Result<Option<Self>> {
        let folder = output_folder::partial(output);
        let lock = loop {
            if plan.is_complete_in(output) {
                remove_left_over(&folder);
                return Ok(None);
            }
            output_folder::require_place(output, OUTPUT_HINT)?;
            disk::create_dir_all(&folder)?;
            match FileLock::take(&folder.join(LOCK)) {
                // Whoever had it may have ended the work.
                Ok(lock) if lock.is_current() && output_folder::is_free(output)? => break lock,
                Err(error) if folder.exists() => return Err(error),
                _ => {}
            }
        };
        settle(&folder, &plan)?;
        let own = FileLock::try_take(&folder.join(lock_of(shard.index())))?;
        let own = own.ok_or_else(|| {
            let message = format!(
                "another process refines shard {shard} of {}",
                output.display()
            );
            Error::new(ErrorKind::Io, message).with_hint("wait for it to end, or stop it")
        })?;
        drop(lock);
        Ok(Some(Self {
            output: output.to_owned(),
            folder,
            plan,
            shard,
            own,
        }))
    }

    /// How the work is divided.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where images are written.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Parts of this shard that are to be done, in order: those without a record, and those whose files are not what
    /// it says. `files` are those of a range of images.
    pub(super) fn to_do(
        &self,
        files: &(dyn Fn(Range<usize>) -> usize + Sync),
    ) -> Result<Vec<usize>> {
        let own: Vec<usize> = (0..self.plan.parts())
            .filter(|&part| self.shard.does(part))
            .collect();
        let done: Vec<bool> = own
            .par_iter()
            .map(|&part| self.is_done(part, files(self.plan.images(part))))
            .collect::<Result<_>>()?;
        let own = own.into_iter().zip(done);
        Ok(own
            .filter(|(_, done)| !done)
            .map(|(part, _)| part)
            .collect())
    }

    /// Whether a part of so many files has a record that holds; one that does not is removed.
    fn is_done(&self, part: usize, files: usize) -> Result<bool> {
        let record = self.record_of(part);
        if !record.is_file() {
            return Ok(false);
        }
        let text = String::from_utf8(limits::read(&record, limits::SUMS)?).unwrap_or_default();
        let data = self.data();
        let problem = match text.lines().count() == files {
            true => text.lines().find_map(|line| sums::problem(&data, line)),
            false => Some("its record is damaged".to_owned()),
        };
        let Some(problem) = problem else {
            return Ok(true);
        };
        tracing::warn!(
            "part {part} of {} is done again: {problem}",
            self.folder.display()
        );
        disk::remove_file(&record)?;
        Ok(false)
    }

    /// Says that a part is done: `sums` are its files, which are on the disk.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub(super) fn record(&self, part: usize, sums: &str) -> Result<()> {
        durable::write(&self.record_of(part), sums)
    }

    /// Ends this shard, and the whole work with the last one. Returns the shards that are not done.
    ///
    /// # Errors
    /// The folder cannot be written to, or has been removed.
    pub(super) fn finish(self, images: &Dataset, label_table: Option<&str>) -> Result<Vec<usize>> {
        let Self {
            output,
            folder,
            plan,
            own,
            ..
        } = self;
        // Given up first: of shards that end together, the last one to look sees no other.
        drop(own);
        let lock = match FileLock::take(&folder.join(LOCK)) {
            Ok(lock) if lock.is_current() => lock,
            Err(error) if folder.exists() => return Err(error),
            // Another shard came first.
            _ if plan.is_complete_in(&output) => return Ok(Vec::new()),
            _ => return Err(removed(&folder)),
        };
        let missing = missing(&folder, &plan)?;
        if missing.is_empty() {
            complete(&folder, &plan, images, label_table)?;
            output_folder::publish(&folder.join("data"), &output)?;
            remove(&folder);
        }
        drop(lock);
        Ok(missing)
    }

    fn record_of(&self, part: usize) -> PathBuf {
        record_of(&self.folder, part)
    }
}

fn record_of(folder: &Path, part: usize) -> PathBuf {
    folder.join(format!("parts/{part:06}"))
}

fn lock_of(shard: usize) -> String {
    format!("{LOCK}-{shard}")
}

fn removed(folder: &Path) -> Error {
    let message = format!("{} was removed while it was worked on", folder.display());
    Error::new(ErrorKind::Io, message).with_hint("begin again")
}

/// Makes `folder` one of `plan`: as it is, or emptied of another one's work. Only who holds the lock may.
fn settle(folder: &Path, plan: &Plan) -> Result<()> {
    let found = Plan::read(folder);
    if found.as_ref() == Some(plan) {
        return Ok(());
    }
    let differences = found.as_ref().map(|found| found.differences(plan));
    if let (Some(found), Some(["kernels"])) = (&found, differences.as_deref()) {
        return Err(other_kernels(folder, found, plan));
    }
    require_idle(folder)?;
    // Another number of shards alone: its parts are good for this one.
    if differences.as_ref().is_none_or(|list| !list.is_empty()) {
        if let Some(differences) = differences {
            tracing::warn!(
                "{} was begun with another {}: it is begun again",
                folder.display(),
                differences.join(", ")
            );
        }
        clear(folder)?;
    }
    disk::create_dir_all(&folder.join("data"))?;
    disk::create_dir_all(&folder.join("parts"))?;
    plan.write(folder)
}

/// Last bits of images depend on the instruction set, so that parts of two would not be those of one.
fn other_kernels(folder: &Path, found: &Plan, plan: &Plan) -> Error {
    let name = |plan: &Plan| plan.result.kernels.clone().unwrap_or_default();
    let (theirs, ours) = (name(found), name(plan));
    let folder = folder.display();
    let message = format!("{folder} was begun with other kernels: {theirs}, here {ours}");
    let hint = format!(
        "set SIMGAN_KERNELS={theirs} if this machine can; or remove that folder and set it to what all machines can"
    );
    Error::new(ErrorKind::Io, message).with_hint(hint)
}

/// Refuses to touch what another process works on.
fn require_idle(folder: &Path) -> Result<()> {
    let Some(shard) = busy(folder)?.first().copied() else {
        return Ok(());
    };
    let message = format!(
        "another process refines something else into {} (its shard {shard})",
        folder.display()
    );
    let hint = "wait for it to end, or give --out another folder; all shards need the same options";
    Err(Error::new(ErrorKind::Io, message).with_hint(hint))
}

/// Shards that a process works on.
fn busy(folder: &Path) -> Result<Vec<usize>> {
    let mut busy = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let name = entry?.file_name();
        let shard = name.to_str().and_then(|name| name.strip_prefix("lock-"));
        let Some(shard) = shard.and_then(|shard| shard.parse().ok()) else {
            continue;
        };
        if FileLock::try_take(&folder.join(&name))?.is_none() {
            busy.push(shard);
        }
    }
    busy.sort_unstable();
    Ok(busy)
}

/// Shards with parts that have no record, and those that are at work: they may be doing a damaged part again.
fn missing(folder: &Path, plan: &Plan) -> Result<Vec<usize>> {
    let without = (0..plan.parts()).filter(|&part| !record_of(folder, part).is_file());
    let mut missing: BTreeSet<usize> = without
        .map(|part| Shard::of_part(part, plan.shards))
        .collect();
    missing.extend(busy(folder)?);
    Ok(missing.into_iter().collect())
}

/// Empties `folder` but for its lock; the plan goes first, so that what is left of the rest is never taken for its.
fn clear(folder: &Path) -> Result<()> {
    let plan = folder.join(plan::FILE_NAME);
    if plan.exists() {
        disk::remove_file(&plan)?;
    }
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => disk::remove_dir_all(&entry.path())?,
            false => disk::remove_file(&entry.path())?,
        }
    }
    Ok(())
}

/// Writes what is about the whole: labels, sums, and last the manifest.
fn complete(folder: &Path, plan: &Plan, images: &Dataset, label_table: Option<&str>) -> Result<()> {
    let data = folder.join("data");
    let create = |name: &str| -> Result<_> {
        let file = disk::File::create(&data.join(name))?;
        Ok(Hashing::new(BufWriter::new(file)))
    };
    let mut sums = create(sums::FILE_NAME)?;
    for part in 0..plan.parts() {
        std::io::copy(&mut fs_err::File::open(record_of(folder, part))?, &mut sums)?;
    }
    for file in images.label_files()? {
        let path = data.join(&file.name);
        path.parent().map_or(Ok(()), disk::create_dir_all)?;
        durable::write(&path, &file.bytes)?;
        let sha256 = sha256::of_bytes(&file.bytes);
        sums.write_all(sums::line(&sha256, &file.name).as_bytes())?;
    }
    let has_table = images.has_labels() && !images.has_label_files();
    if let Some(name) = label_table.filter(|_| has_table) {
        let mut labels = create(name)?;
        images.write_labels(&mut labels, plan.images_per_part)?;
        labels.flush()?;
        let sha256 = labels.finish().1.sha256;
        sums.write_all(sums::line(&sha256, name).as_bytes())?;
    }
    sums.flush()?;
    let mut manifest = plan.result.clone();
    manifest.sums_sha256 = Some(sums.finish().1.sha256);
    // What a kill may leave beside it is not to be published.
    manifest.write(folder)?;
    let name = refined_manifest::FILE_NAME;
    durable::rename(&folder.join(name), &data.join(name))
}

/// Removes a folder whose work is published. What cannot be removed does no harm, and is tried again by the next
/// process that finds the work complete.
fn remove(folder: &Path) {
    if let Err(error) = disk::remove_dir_all(folder) {
        tracing::warn!("{} is left over: {error}", folder.display());
    }
}

/// Removes what a process left that was killed between publishing and removing.
fn remove_left_over(folder: &Path) {
    if folder.is_dir() && matches!(FileLock::try_take(&folder.join(LOCK)), Ok(Some(_))) {
        remove(folder);
    }
}
