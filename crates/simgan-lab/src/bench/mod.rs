//! `simgan-lab bench`: how long the parts of a training take on this machine, beside PyTorch.
//!
//! Every competitor of a stage is a process of its own that speaks one line protocol ([`process`]): this program
//! (`bench-worker`), the same with Burn's own operators, and PyTorch in each of its variants. They take turns,
//! so that a busy machine hits all alike.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::{Args, ValueEnum};

use simgan_base::formats::shape::Shape;
use simgan_cli::args::GlobalOptions;
use simgan_cli::console::Console;
use simgan_cli::output;

mod competitor;
mod machine;
mod measure;
mod peers;
mod plan;
mod process;
mod result;
mod stage;
mod statistics;
mod steps;
mod table;
mod work;
pub mod worker;

use peers::{PeerIsa, PyTorch};
use plan::Plan;
use stage::Stage;

/// Options of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Stage to measure, may be repeated [default: all but hands, which takes minutes]
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    stage: Vec<Stage>,
    /// Rounds in which the competitors take turns [default: 10, of hands 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Measure beside another framework
    #[arg(long, value_name = "NAME")]
    peer: Option<Peer>,
    /// Python that has PyTorch [default: $SIMGAN_PYTHON, else what benches/peers/setup.sh made]
    #[arg(long, value_name = "PATH", requires = "peer")]
    python: Option<PathBuf>,
    /// Keep the peer to an instruction set
    #[arg(long, value_name = "ISA", requires = "peer")]
    peer_isa: Option<PeerIsa>,
    /// Measure this program with Burn's own operators, too
    #[arg(long)]
    burn: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Another framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    // PyTorch 2.13 on the CPU: contiguous and channels last, eager and compiled.
    #[value(name = "pytorch")]
    PyTorch,
}

impl BenchArgs {
    fn stages(&self) -> Vec<Stage> {
        let mut stages = Vec::new();
        for &stage in &self.stage {
            if !stages.contains(&stage) {
                stages.push(stage);
            }
        }
        if stages.is_empty() {
            stages.extend(Stage::DEFAULT);
        }
        stages
    }

    fn plan(&self, global: &GlobalOptions) -> anyhow::Result<Plan> {
        Ok(Plan {
            stages: self.stages(),
            rounds: self.rounds,
            threads: global.threads.map_or_else(machine::cores, usize::from),
            device: global.device,
            program: std::env::current_exe()?,
            pytorch: self.pytorch()?,
            burn: self.burn,
        })
    }

    /// The peer, once it is known to start.
    fn pytorch(&self) -> anyhow::Result<Option<PyTorch>> {
        match self.peer {
            None => Ok(None),
            Some(Peer::PyTorch) => Ok(Some(PyTorch::find(self.python.as_deref(), self.peer_isa)?)),
        }
    }
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("bench", 1);

/// Measures and prints a table, or JSON.
pub fn run(
    args: &BenchArgs,
    global: &GlobalOptions,
    device: &Device,
    console: &Console,
) -> anyhow::Result<()> {
    // A device that cannot be opened is told here, not by a worker.
    let _ = device;
    let plan = args.plan(global)?;
    let results = plan.measure(console)?;
    let machine = machine::Machine::here(&plan);
    if args.json {
        return output::json(SHAPE, &result::json(&results, &machine));
    }
    output::line(&table::text(&results, &machine))
}
