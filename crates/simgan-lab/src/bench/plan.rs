//! What is measured, and by which processes.

use std::path::PathBuf;
use std::process::Command;

use super::competitor::{Competitor, VARIANTS};
use super::peers::PyTorch;
use super::stage::Stage;
use simgan_cli::device::DeviceChoice;
use simgan_kernels::ops::Precision;

/// What is measured, and how.
pub struct Plan {
    /// Stages, in the order of the table.
    pub stages: Vec<Stage>,
    /// Images of every stage's mini-batches, if the user asked for a number.
    pub batch: Option<usize>,
    /// Rounds of every stage, if the user asked for a number.
    pub rounds: Option<u32>,
    /// Threads of every worker.
    pub threads: usize,
    /// Device of this program's workers.
    pub device: DeviceChoice,
    /// Numbers that this program's workers compute in.
    pub precision: Precision,
    /// This program.
    pub program: PathBuf,
    /// The peer, if it is asked for.
    pub pytorch: Option<PyTorch>,
    /// Whether Burn's own operators are measured, too.
    pub burn: bool,
}

impl Plan {
    /// Who takes part.
    pub fn competitors(&self) -> Vec<Competitor> {
        let mut competitors = vec![Competitor::Ours];
        competitors.extend(self.burn.then_some(Competitor::Burn));
        if self.pytorch.is_some() {
            competitors.extend(VARIANTS.map(Competitor::PyTorch));
        }
        competitors
    }

    /// Images of a mini-batch of `stage`.
    pub fn images(&self, stage: Stage) -> usize {
        self.batch.unwrap_or_else(|| stage.images())
    }

    /// The worker of `who` at `stage`, to be started.
    pub fn command(&self, stage: Stage, who: Competitor) -> Command {
        if let (Competitor::PyTorch(variant), Some(pytorch)) = (who, &self.pytorch) {
            let mut command = pytorch.command(stage, variant, self.threads);
            command.args(["--batch", &self.images(stage).to_string()]);
            command.args(["--precision", &self.precision.to_string()]);
            return command;
        }
        let mut command = Command::new(&self.program);
        command.args(["bench-worker", "--color", "never", "--stage", stage.name()]);
        command.args(["--batch", &self.images(stage).to_string()]);
        command.args(["--threads", &self.threads.to_string()]);
        command.args(["--device", &self.device.to_string()]);
        command.args(["--precision", &self.precision.to_string()]);
        if who == Competitor::Burn {
            command.env("SIMGAN_KERNELS", "burn");
        }
        command
    }
}
