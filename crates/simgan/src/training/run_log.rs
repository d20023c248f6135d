//! What a training tells about itself: the event log, TensorBoard and image grids.

use std::path::Path;

use crate::Result;
use crate::formats::tensorboard::TensorBoardWriter;
use crate::training::RunDir;
use crate::training::event_log::{self, Event, EventLog, Findings, Phase};
use crate::training::image_grid::Grid;
use crate::training::monitor::Look;

/// Writes the log of a run in all its forms.
pub struct RunLog {
    events: EventLog,
    tensorboard: TensorBoardWriter,
}

impl RunLog {
    /// Opens the log of `run` for appending.
    pub fn open(run: &RunDir) -> Result<Self> {
        Ok(Self {
            events: EventLog::append(&run.events_file())?,
            tensorboard: TensorBoardWriter::create(&run.tensorboard())?,
        })
    }

    /// Writes one event; its values become TensorBoard scalars named `phase/value`.
    pub fn write(&mut self, event: &Event) -> Result<()> {
        if let Event::Step {
            phase,
            step,
            scalars,
            ..
        } = event
        {
            let group = match phase {
                Phase::RefinerWarmup => "refiner_warmup",
                Phase::DiscriminatorWarmup => "discriminator_warmup",
                Phase::Adversarial => "training",
            };
            for (name, value) in scalars.named() {
                if let Some(value) = value {
                    self.tensorboard
                        .scalar(&format!("{group}/{name}"), *step as u64, value)?;
                }
            }
            self.tensorboard.flush()?;
        }
        self.events.write(event)
    }

    /// Drops what was logged after iteration `step`, or everything: a run that starts there does it again.
    pub fn forget_after(&mut self, run: &RunDir, step: Option<usize>) -> Result<()> {
        let path = run.events_file();
        let kept: Vec<Event> = event_log::read(&path)?
            .into_iter()
            .filter(|event| step.is_some_and(|step| event.iteration() <= step))
            .collect();
        let partial = path.with_extension("jsonl.partial");
        fs_err::write(&partial, "")?;
        let mut log = EventLog::append(&partial)?;
        for event in &kept {
            log.write(event)?;
        }
        fs_err::rename(&partial, &path)?;
        self.events = EventLog::append(&path)?;
        Ok(())
    }

    /// Notes a look at refined images.
    pub fn look(&mut self, step: usize, look: &Look) -> Result<()> {
        let findings = Findings {
            diversity: look.diversity.spread as f32,
            diversity_nearest: Some(look.diversity.nearest as f32),
            label_shift: look.shift.map(|shift| shift.mean as f32),
            label_shift_floor: look.shift.map(|shift| shift.floor as f32),
        };
        for (name, value) in [
            ("diversity", Some(findings.diversity)),
            ("diversity_nearest", findings.diversity_nearest),
            ("label_shift", findings.label_shift),
        ] {
            if let Some(value) = value {
                self.tensorboard
                    .scalar(&format!("training/{name}"), step as u64, value)?;
            }
        }
        self.tensorboard.flush()?;
        self.events.write(&Event::Look { step, findings })
    }

    /// Notes a checkpoint.
    pub fn checkpoint(&mut self, run: &RunDir, step: usize, path: &Path) -> Result<()> {
        self.events.write(&Event::Checkpoint {
            step,
            path: below(run, path),
        })
    }

    /// Writes an image grid and notes it.
    pub fn images(&mut self, run: &RunDir, step: usize, grid: &Grid) -> Result<()> {
        let path = run.images().join(format!("step_{step:08}.png"));
        let png = grid.to_png()?;
        fs_err::write(&path, &png)?;
        let (width, height) = (grid.width as u32, grid.height as u32);
        self.tensorboard.image_png(
            "synthetic_refined_real",
            step as u64,
            width,
            height,
            3,
            &png,
        )?;
        self.tensorboard.flush()?;
        self.events.write(&Event::Images {
            step,
            path: below(run, &path),
        })
    }
}

/// `path` below the run folder, with `/`.
fn below(run: &RunDir, path: &Path) -> String {
    let path = path.strip_prefix(run.path()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}
