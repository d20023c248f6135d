//! Processes that work on one training together, started by MPI's `mpirun` or SLURM's `srun`.

use crate::errors::UsageError;

/// What launchers call the number of processes that they start: Open MPI's, MPICH's and Intel's, SLURM's.
const LAUNCHERS: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

#[cfg(feature = "mpi")]
pub use crate::mpi::together;

/// Runs `work` as the only process.
///
/// # Errors
/// Those of `work`, and a launcher that has started several.
#[cfg(not(feature = "mpi"))]
pub fn together(
    console: &crate::console::Console,
    work: impl FnOnce(simgan::parallel::ProcessGroup, &crate::console::Console) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let hint =
        "build it with `cargo build --release --features mpi` (docs/mpi.md), or start one process";
    require_connected(1, "this program was built without mpi", hint)?;
    work(simgan::parallel::ProcessGroup::alone(), console)
}

/// Refuses to be one of several processes of which MPI connects only `connected`: each would train a run of its own.
pub(crate) fn require_connected(
    connected: usize,
    reason: &str,
    hint: &str,
) -> Result<(), UsageError> {
    let started = started(|name| std::env::var(name).ok());
    if started <= connected {
        return Ok(());
    }
    Err(UsageError {
        message: format!("{started} processes were started to train together, but {reason}"),
        hint: hint.to_owned(),
    })
}

/// How many processes a launcher has started, by its variables.
fn started(variable: impl Fn(&str) -> Option<String>) -> usize {
    let numbers = LAUNCHERS
        .iter()
        .filter_map(|name| variable(name)?.parse().ok());
    numbers.max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn launchers_tell_how_many_processes_they_start() {
        let set = |name: &'static str, value: &'static str| {
            started(|asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(set("OMPI_COMM_WORLD_SIZE", "4"), 4);
        assert_eq!(set("SLURM_STEP_NUM_TASKS", "2"), 2);
        assert_eq!(set("PMI_SIZE", "many"), 1);
        assert_eq!(set("HOME", "7"), 1);
    }
}
