//! What a training tells about itself: the event log, TensorBoard and image grids.

use std::path::Path;

use crate::training::event_log;
use crate::training::event_log::{Event, EventLog, Findings, Phase};
use crate::training::image_grid::Grid;
use crate::training::monitor::Look;
use crate::training::{Config, RunDir};
use simgan_base::files::durable;
use simgan_base::formats::tensorboard::TensorBoardWriter;
use simgan_base::formats::tensorboard::hyper_parameters::{self, Status};
use simgan_base::{Error, Result};

/// Curves that runs are compared by on TensorBoard's page of hyper-parameters. Those of `compare` and `judge` come later.
const METRICS: &[&str] = &[
    "training/kernel_distance",
    "training/label_shift",
    "training/pixel_change",
    "compare/error_synthetic",
    "compare/error_refined",
    "compare/gap_closed",
    "judge/told_apart_refined",
    "judge/kernel_distance_refined",
];

/// Writes the log of a run in all its forms.
pub struct RunLog {
    events: EventLog,
    tensorboard: TensorBoardWriter,
    /// Events in the log but for starts, of which every process writes one.
    logged: usize,
}

impl RunLog {
    /// Opens the log of `run` to go on after its first `kept` events (starts not counted), or anew. What comes after
    /// them was logged after the checkpoint that the run starts from: it will be logged again.
    ///
    /// # Errors
    /// The log is damaged, or cannot be written.
    pub fn open(run: &RunDir, kept: Option<usize>) -> Result<Self> {
        let path = run.events_file();
        let text = match kept {
            Some(kept) => beginning(&path, kept)?,
            None => String::new(),
        };
        durable::write(&path, text)?;
        Ok(Self {
            events: EventLog::append(&path)?,
            tensorboard: TensorBoardWriter::create(&run.tensorboard())?,
            logged: kept.unwrap_or(0),
        })
    }

    /// Describes the run to TensorBoard's page of hyper-parameters.
    ///
    /// # Errors
    /// The event file cannot be written.
    pub fn describe(&mut self, config: &Config) -> Result<()> {
        let table = toml::Table::try_from(config)
            .map_err(|e| Error::config(format!("the configuration cannot be logged: {e}")))?;
        let parameters = hyper_parameters::flattened(&table);
        self.tensorboard.hyper_parameters(&parameters, METRICS)?;
        self.tensorboard.flush()
    }

    /// Events in the log but for starts.
    pub fn logged(&self) -> usize {
        self.logged
    }

    /// Forces the log to the disk.
    pub fn sync(&mut self) -> Result<()> {
        self.events.sync()
    }

    fn append(&mut self, event: &Event) -> Result<()> {
        self.logged += usize::from(!is_start(event));
        self.events.write(event)
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
        if let Event::Finished { .. } = event {
            self.tensorboard.end(Status::Success)?;
            self.tensorboard.flush()?;
        }
        self.append(event)
    }

    /// Notes a look at refined images.
    pub fn look(&mut self, step: usize, look: &Look) -> Result<()> {
        let findings = Findings {
            diversity: look.diversity.spread as f32,
            diversity_nearest: look.diversity.nearest as f32,
            label_shift: look.shift.map(|shift| shift.mean as f32),
            label_shift_floor: look.shift.map(|shift| shift.floor as f32),
            task_shift: look.task.clone(),
        };
        for (name, value) in [
            ("diversity", Some(findings.diversity)),
            ("diversity_nearest", Some(findings.diversity_nearest)),
            ("label_shift", findings.label_shift),
        ] {
            if let Some(value) = value {
                self.tensorboard
                    .scalar(&format!("training/{name}"), step as u64, value)?;
            }
        }
        for axis in findings.task_shift.iter().flat_map(|t| &t.refined.axes) {
            let name = format!("training/task_bias_{}", axis.name);
            self.tensorboard
                .scalar(&name, step as u64, axis.bias as f32)?;
        }
        self.tensorboard.flush()?;
        self.append(&Event::Look { step, findings })
    }

    /// Notes a checkpoint, and the kernel distance of its images if it was taken.
    pub fn checkpoint(&mut self, run: &RunDir, step: usize, distance: Option<f32>) -> Result<()> {
        if let Some(distance) = distance {
            self.tensorboard
                .scalar("training/kernel_distance", step as u64, distance)?;
            self.tensorboard.flush()?;
        }
        self.append(&Event::Checkpoint {
            step,
            path: below(run, &run.checkpoint_folder(step)),
            kernel_distance: distance,
        })
    }

    /// Writes an image grid and notes it.
    pub fn images(&mut self, run: &RunDir, step: usize, grid: &Grid) -> Result<()> {
        let path = run.images().join(format!("step_{step:08}.png"));
        let png = grid.to_png()?;
        durable::write(&path, &png)?;
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
        self.append(&Event::Images {
            step,
            path: below(run, &path),
        })
    }
}

/// Lines of the log's first `count` events, and the starts between them, as they are.
fn beginning(path: &Path, count: usize) -> Result<String> {
    let mut left = count;
    let mut text = String::new();
    let lines = match path.is_file() {
        true => event_log::read_lines(path)?,
        false => Vec::new(),
    };
    for (line, event) in lines {
        if !is_start(&event) {
            if left == 0 {
                break;
            }
            left -= 1;
        }
        text += &line;
        text.push('\n');
    }
    if left > 0 {
        tracing::warn!("{} lacks its last {left} events", path.display());
    }
    Ok(text)
}

fn is_start(event: &Event) -> bool {
    matches!(event, Event::Started { .. })
}

/// `path` below the run folder, with `/`.
fn below(run: &RunDir, path: &Path) -> String {
    let path = path.strip_prefix(run.path()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}
