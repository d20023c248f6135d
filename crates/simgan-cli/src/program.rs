//! What every program of this project does around its commands.

use std::process;

use burn::tensor::Device;
use simgan_workflow::kernels;

use crate::args::{self, GlobalOptions};
use crate::console::Console;
use crate::device::DeviceChoice;
use crate::{error_report, errors};

/// Runs `command` with the device and the voice that the global options ask for; an error is told on stderr and becomes
/// the exit code.
pub fn run(
    global: &GlobalOptions,
    command: impl FnOnce(&Device, &Console) -> anyhow::Result<()>,
) -> process::ExitCode {
    let console = Console::new(global);
    let outcome = errors::without_panic(|| {
        kernels::check_environment()?;
        args::start_threads(global.threads)?;
        let open = global.device.open(global.precision.precision())?;
        if global.device == DeviceChoice::Auto {
            console.say(&format!("computing on {}", open.name));
        }
        command(&open.device, &console)
    });
    match outcome {
        Ok(()) => errors::ExitCode::Success.into(),
        Err(error) => error_report::report(&error, &console).into(),
    }
}
