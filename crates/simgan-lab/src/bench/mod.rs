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

use peers::{PeerIsa, PyTorch, Speed};
use plan::Plan;
use stage::Stage;

/// Options of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Stage to measure, may be repeated [default: all but hands, which takes minutes]
    #[arg(long, value_name = "STAGE", value_delimiter = ',')]
    stage: Vec<Stage>,
    /// Images of a mini-batch [default: 32; 128 of refine_128, 4 of hands]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..))]
    batch: Option<u16>,
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
    /// Let the peer compute on a GPU, as PyTorch names it (`cuda`)
    #[arg(long, value_name = "GPU", requires = "peer")]
    peer_gpu: Option<String>,
    /// Let the peer's GPU round products of f32 to TF32
    #[arg(long, requires = "peer_gpu")]
    peer_tf32: bool,
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
    // PyTorch 2.13: contiguous and channels last, eager and compiled.
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
            batch: self.batch.map(usize::from),
            rounds: self.rounds,
            threads: global.threads.map_or_else(machine::cores, usize::from),
            device: global.device,
            precision: global.precision.precision(),
            program: std::env::current_exe()?,
            pytorch: self.pytorch()?,
            burn: self.burn,
        })
    }

    fn speed(&self) -> Speed {
        Speed {
            isa: self.peer_isa,
            device: self.peer_gpu.clone(),
            tf32: self.peer_tf32,
        }
    }

    /// The peer, once it is known to start.
    fn pytorch(&self) -> anyhow::Result<Option<PyTorch>> {
        match self.peer {
            None => Ok(None),
            Some(Peer::PyTorch) => Ok(Some(PyTorch::find(self.python.as_deref(), self.speed())?)),
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
    let plan = args.plan(global)?;
    let results = plan.measure(console)?;
    let machine = machine::Machine::here(&plan, device);
    if args.json {
        return output::json(SHAPE, &result::json(&results, &machine));
    }
    output::line(&table::text(&results, &machine))
}
