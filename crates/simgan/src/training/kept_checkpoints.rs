//! The checkpoints of a run: which there are, which can be trusted, which go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::training::checkpoint_manifest::verify;
use crate::training::config::TrainingConfig;
use crate::training::event_log;
use crate::training::event_log::Event;
use crate::training::run_dir::{CONFIG, EVENTS, MANIFEST, RunDir};
use simgan_base::files::{disk, durable, output_folder};
use simgan_base::{Error, Result};

impl RunDir {
    /// Checkpoints by iteration, oldest first, good or not. Folders still being written do not count; one that is
    /// being replaced does.
    pub fn checkpoints(&self) -> Result<Vec<(usize, PathBuf)>> {
        let mut found = BTreeMap::new();
        for entry in fs_err::read_dir(self.checkpoints_folder())? {
            let path = entry?.path();
            let Some((step, aside)) = step_of(&path) else {
                continue;
            };
            match aside {
                true => drop(found.entry(step).or_insert(path)),
                false => drop(found.insert(step, path)),
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Iterations of the checkpoints before the newest good one, oldest first.
    ///
    /// # Errors
    /// Those of [`checkpoint`](Self::checkpoint).
    pub fn earlier_checkpoints(&self) -> Result<Vec<usize>> {
        let (newest, _) = self.checkpoint(None)?;
        let steps = self.checkpoints()?.into_iter().map(|(step, _)| step);
        Ok(steps.filter(|step| *step < newest).collect())
    }

    /// The checkpoint of iteration `step`, or the newest that [verifies](verify); damaged ones that are newer are
    /// named in a warning.
    ///
    /// # Errors
    /// There is none, the one asked for is damaged, or all are.
    pub fn checkpoint(&self, step: Option<usize>) -> Result<(usize, PathBuf)> {
        let all = self.checkpoints()?;
        if all.is_empty() {
            let message = format!("{} has no checkpoint yet", self.path().display());
            return Err(Error::model(message).with_hint("train for at least one step"));
        }
        match step {
            Some(step) => self.asked_for(all, step),
            None => self.newest_good(all),
        }
    }

    fn asked_for(&self, all: Vec<(usize, PathBuf)>, step: usize) -> Result<(usize, PathBuf)> {
        let steps: Vec<String> = all.iter().map(|(s, _)| s.to_string()).collect();
        let found = all.into_iter().find(|(s, _)| *s == step).ok_or_else(|| {
            let message = format!("{} has no checkpoint of step {step}", self.path().display());
            Error::model(message).with_hint(format!("it has those of steps {}", steps.join(", ")))
        })?;
        verify(&found.1, step).map_err(|e| {
            e.with_hint("the checkpoint is damaged; leave the step out to use the newest good one")
        })?;
        Ok(found)
    }

    fn newest_good(&self, all: Vec<(usize, PathBuf)>) -> Result<(usize, PathBuf)> {
        let mut damages = Vec::new();
        for (step, path) in all.into_iter().rev() {
            match verify(&path, step) {
                Ok(()) => {
                    for damage in damages {
                        tracing::warn!("{damage}; the checkpoint of step {step} is used instead");
                    }
                    return Ok((step, path));
                }
                Err(damage) => damages.push(damage.to_string()),
            }
        }
        Err(Error::model(format!(
            "{} has no checkpoint that is whole: {}",
            self.path().display(),
            damages.join("; ")
        ))
        .with_hint("bring the files back from a copy, or train again"))
    }

    /// The checkpoint whose refined images were nearest to real ones of those that are left, the older of two as near.
    ///
    /// # Errors
    /// None has a distance in the log: the run was trained without `training.keep_best`. The log cannot be read.
    pub fn best_checkpoint(&self) -> Result<usize> {
        let there: BTreeSet<usize> = self.checkpoints()?.into_iter().map(|(s, _)| s).collect();
        let distances = event_log::read(&self.events_file())?
            .into_iter()
            .filter_map(|event| match event {
                Event::Checkpoint {
                    step,
                    kernel_distance: Some(distance),
                    ..
                } if there.contains(&step) => Some((step, distance)),
                _ => None,
            });
        let best = distances.min_by(|a, b| a.1.total_cmp(&b.1));
        best.map(|(step, _)| step).ok_or_else(|| {
            let message = format!(
                "{} does not say which checkpoint is best",
                self.path().display()
            );
            Error::model(message).with_hint("train with --set training.keep_best=true")
        })
    }

    /// Removes the checkpoints that `training` does not keep.
    pub(super) fn prune_as(&self, training: &TrainingConfig) -> Result<()> {
        let best = match training.keep_best {
            true => self.best_checkpoint().ok(),
            false => None,
        };
        self.prune(training.checkpoints_kept, best)
    }

    /// Removes the oldest checkpoints until `kept` are left (0 keeps all) besides that of step `best`, unless none of
    /// them verifies.
    ///
    /// # Errors
    /// A folder cannot be removed.
    pub fn prune(&self, kept: usize, best: Option<usize>) -> Result<()> {
        let mut old = self.checkpoints()?;
        if kept == 0 || old.len() <= kept {
            return Ok(());
        }
        let new = old.split_off(old.len() - kept);
        if new
            .iter()
            .rev()
            .any(|(step, path)| verify(path, *step).is_ok())
        {
            for (_, path) in old.iter().filter(|(step, _)| Some(*step) != best) {
                output_folder::remove(path)?;
            }
        }
        Ok(())
    }

    /// Removes what a training left that died while it wrote. To be called by who [locked](RunDir::lock) the run.
    ///
    /// # Errors
    /// Something cannot be listed, renamed or removed.
    pub fn tidy(&self) -> Result<()> {
        remove_partials(self.path(), &[CONFIG, MANIFEST, EVENTS])?;
        remove_partials(&self.images(), &["step_"])?;
        remove_partials(&self.checkpoints_folder(), &["step_"])?;
        for entry in fs_err::read_dir(self.checkpoints_folder())? {
            let path = entry?.path();
            if let Some((step, true)) = step_of(&path) {
                self.settle(step, &path)?;
            }
        }
        Ok(())
    }

    /// Ends a replacement: the new checkpoint stays if it is whole, else the old one comes back.
    fn settle(&self, step: usize, old: &Path) -> Result<()> {
        let place = self.checkpoint_folder(step);
        if verify(&place, step).is_ok() {
            return disk::remove_dir_all(old);
        }
        if place.exists() {
            disk::remove_dir_all(&place)?;
        }
        durable::rename(old, &place)
    }

    /// `RUN/checkpoints/step_N`.
    pub fn checkpoint_folder(&self, step: usize) -> PathBuf {
        self.checkpoints_folder().join(format!("step_{step:08}"))
    }
}

/// The step in a checkpoint's name, and whether it was put aside.
fn step_of(path: &Path) -> Option<(usize, bool)> {
    let name = path.file_name()?.to_str()?;
    let aside = name.strip_prefix('.').and_then(|n| n.strip_suffix(".old"));
    let step = aside.unwrap_or(name).strip_prefix("step_")?.parse().ok()?;
    Some((step, aside.is_some()))
}

/// Removes what is not finished of files whose names begin so; others may belong to a command that is at work.
fn remove_partials(folder: &Path, begins: &[&str]) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let partial = name
            .strip_prefix('.')
            .filter(|n| n.ends_with(durable::PARTIAL));
        if partial.is_some_and(|name| begins.iter().any(|begin| name.starts_with(begin))) {
            match entry.file_type()?.is_dir() {
                true => disk::remove_dir_all(&entry.path())?,
                false => disk::remove_file(&entry.path())?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{Config, checkpoint_manifest};

    fn run(steps: &[usize]) -> (tempfile::TempDir, RunDir) {
        let dir = tempfile::tempdir().unwrap();
        let run = RunDir::create(&dir.path().join("run"), &Config::default()).unwrap();
        for &step in steps {
            add(&run.checkpoint_folder(step), step);
        }
        (dir, run)
    }

    fn add(folder: &Path, step: usize) {
        fs_err::create_dir(folder).unwrap();
        fs_err::write(folder.join("weights"), [step as u8; 9]).unwrap();
        checkpoint_manifest::write(folder, step).unwrap();
    }

    fn damage(run: &RunDir, step: usize) {
        fs_err::write(run.checkpoint_folder(step).join("weights"), "other").unwrap();
    }

    fn steps(run: &RunDir) -> Vec<usize> {
        run.checkpoints().unwrap().iter().map(|c| c.0).collect()
    }

    #[test]
    fn checkpoints_are_found_by_step() {
        let (_dir, run) = run(&[]);
        assert!(run.checkpoint(None).is_err());
        add(&run.checkpoint_folder(10), 10);
        add(&run.checkpoint_folder(2), 2);
        fs_err::create_dir(run.checkpoints_folder().join(".step_00000030.partial")).unwrap();
        assert_eq!(run.checkpoint(None).unwrap().0, 10);
        assert_eq!(run.checkpoint(Some(2)).unwrap().0, 2);
        assert_eq!(
            run.checkpoint(Some(30)).unwrap_err().hint(),
            Some("it has those of steps 2, 10")
        );
    }

    #[test]
    fn the_newest_good_one_is_used_and_a_damaged_one_is_an_error_where_asked_for() {
        let (_dir, run) = run(&[1, 2, 3]);
        damage(&run, 3);
        assert_eq!(run.checkpoint(None).unwrap().0, 2);
        assert_eq!(run.earlier_checkpoints().unwrap(), [1]);
        let error = run.checkpoint(Some(3)).unwrap_err();
        assert!(error.to_string().contains("step_00000003") && error.hint().is_some());
        damage(&run, 1);
        damage(&run, 2);
        let error = run.checkpoint(None).unwrap_err().to_string();
        assert!(
            (1..=3).all(|step| error.contains(&format!("step_0000000{step}"))),
            "{error}"
        );
    }

    #[test]
    fn the_last_good_one_is_never_removed() {
        let (_dir, run) = run(&[1, 2, 3, 4]);
        damage(&run, 3);
        damage(&run, 4);
        run.prune(2, None).unwrap();
        assert_eq!(steps(&run), [1, 2, 3, 4]);
        run.prune(0, None).unwrap();
        run.prune(3, None).unwrap();
        assert_eq!(steps(&run), [2, 3, 4]);
    }

    #[test]
    fn the_best_one_is_kept_besides_the_newest() {
        let (_dir, run) = run(&[1, 2, 3, 4]);
        fs_err::write(run.events_file(), "").unwrap();
        assert!(run.best_checkpoint().unwrap_err().hint().is_some());
        let mut log = event_log::EventLog::append(&run.events_file()).unwrap();
        for (step, kernel_distance) in [
            (0, Some(0.1)),
            (1, None),
            (2, Some(0.3)),
            (3, Some(0.3)),
            (4, Some(0.4)),
        ] {
            let path = String::new();
            log.write(&Event::Checkpoint {
                step,
                path,
                kernel_distance,
            })
            .unwrap();
        }
        // The nearest of those that are there.
        assert_eq!(run.best_checkpoint().unwrap(), 2);
        run.prune(1, Some(2)).unwrap();
        assert_eq!(steps(&run), [2, 4]);
    }

    #[test]
    fn leftovers_of_a_crash_are_removed_and_an_old_checkpoint_comes_back() {
        let (_dir, run) = run(&[1, 2, 3]);
        let place = |step| run.checkpoint_folder(step);
        let old = |step| output_folder::aside(&place(step));
        // Killed between both renames of a replacement, after both, and with a new one that is damaged.
        fs_err::rename(place(1), old(1)).unwrap();
        add(&old(2), 2);
        add(&old(3), 3);
        damage(&run, 3);
        fs_err::create_dir(run.checkpoints_folder().join(".step_00000009.partial")).unwrap();
        fs_err::write(run.path().join(".run.json.abc.partial"), "{").unwrap();
        assert_eq!(steps(&run), [1, 2, 3], "before anything is tidied");
        run.checkpoint(Some(1)).unwrap();
        let report = run.path().join(".report.html.abc.partial");
        fs_err::write(&report, "<").unwrap();
        run.tidy().unwrap();
        assert!(report.exists(), "another command may be at work on it");
        assert_eq!(
            fs_err::read_dir(run.checkpoints_folder()).unwrap().count(),
            3
        );
        assert!(!run.path().join(".run.json.abc.partial").exists());
        for step in 1..=3 {
            verify(&place(step), step).unwrap();
        }
    }
}
