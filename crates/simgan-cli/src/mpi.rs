//! Processes that MPI connects.

use std::thread;
use std::time::Duration;

use mpi::Threading;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, CommunicatorCollectives};
use simgan::parallel::{Communicator, ProcessGroup};
use simgan_base::Result;
use tracing::subscriber::{NoSubscriber, with_default};

use crate::console::Console;
use crate::errors::Interrupted;
use crate::processes::require_connected;
use crate::{error_report, errors};

/// How long the other processes leave it to the first one to tell of an error, which mostly is the same.
const FIRST_WORD: Duration = Duration::from_secs(2);

/// All processes of a program. MPI ends the program where one of them has gone: its functions do not return then.
struct World(SimpleCommunicator);

impl Communicator for World {
    fn rank(&self) -> usize {
        self.0.rank() as usize
    }

    fn size(&self) -> usize {
        self.0.size() as usize
    }

    fn all_gather(&self, own: &[f32], all: &mut [f32]) -> Result<()> {
        self.0.all_gather_into(own, all);
        Ok(())
    }

    fn all_to_all(&self, own: &[f32], received: &mut [f32]) -> Result<()> {
        self.0.all_to_all_into(own, received);
        Ok(())
    }
}

/// Runs `work` as one of the processes that a launcher has started. The first one speaks; an error of any of them ends all.
///
/// # Errors
/// Those of `work` where there is one process; of several, only that a signal has stopped all.
pub fn together(
    console: &Console,
    work: impl FnOnce(ProcessGroup, &Console) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        anyhow::bail!("MPI was set up twice");
    };
    let world = universe.world();
    let processes = world.size() as usize;
    let hint = "the launcher has to speak to the MPI that this program was built with: with SLURM, `srun --mpi=pmix`, or mpirun in \
                a batch script";
    require_connected(processes, "MPI does not connect them", hint)?;
    if processes == 1 {
        return work(ProcessGroup::alone(), console);
    }
    let group = ProcessGroup::of(World(universe.world()));
    match group.is_first() {
        true => ended(
            errors::without_panic(|| work(group, console)),
            &world,
            console,
        ),
        false => {
            let silent = Console::silent();
            let work = || errors::without_panic(|| work(group, &silent));
            ended(with_default(NoSubscriber::default(), work), &world, console)
        }
    }
}

/// The end of one of several processes.
fn ended(
    outcome: anyhow::Result<()>,
    world: &SimpleCommunicator,
    console: &Console,
) -> anyhow::Result<()> {
    let (rank, processes) = (world.rank(), world.size());
    let Err(error) = outcome else { return Ok(()) };
    let interrupted = error.is::<Interrupted>();
    match (interrupted, rank) {
        // All were, and one says so.
        (true, 0) => return Err(error),
        (true, _) => return Ok(()),
        (false, 0) => {}
        (false, _) => {
            thread::sleep(FIRST_WORD);
            console.always(&format!("process {rank} of {processes}, counted from 0:"));
        }
    }
    let code = error_report::report(&error, console);
    world.abort(code as i32)
}
