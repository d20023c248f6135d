//! How long the messages of a data-parallel training take, for a model of more machines:
//!
//! ```sh
//! mpirun -n 2 target/release/examples/mpi_messages
//! ```

use std::time::Instant;

use simgan::parallel::ProcessGroup;
use simgan_cli::args::GlobalOptions;
use simgan_cli::console::Console;
use simgan_cli::processes;

use clap::Parser;

/// What is sent, and how many numbers: for the paper's eyes, mini-batches of 32 and 512.
const MESSAGES: [(&str, usize); 5] = [
    ("request", 1),
    ("gradients of D", 75_906),
    ("gradients of R", 296_129),
    ("refined images, b = 32", 16 * 1925),
    ("refined images, b = 512", 256 * 1925),
];
/// Times that each is sent.
const REPEATS: usize = 200;

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    global: GlobalOptions,
}

fn main() -> anyhow::Result<()> {
    let console = Console::new(&Options::parse().global);
    processes::together(&console, |group, _| {
        for (what, length) in MESSAGES {
            let mut seconds = Vec::new();
            for _ in 0..REPEATS {
                group.largest(0)?;
                let begun = Instant::now();
                send(&group, what, length)?;
                seconds.push(begun.elapsed().as_secs_f64());
            }
            seconds.sort_by(f64::total_cmp);
            let [low, median] = [REPEATS / 10, REPEATS / 2].map(|i| 1e6 * seconds[i]);
            if group.is_first() {
                println!(
                    "{what:<26} {length:>7} numbers: median {median:>7.0} us, tenth {low:>7.0} us"
                );
            }
        }
        Ok(())
    })
}

fn send(group: &ProcessGroup, what: &str, length: usize) -> anyhow::Result<()> {
    match what.starts_with("refined") {
        // A process sends its share.
        true => drop(group.gather(vec![0.5; length / group.size()])?),
        false => group.average(&mut vec![0.5; length])?,
    }
    Ok(())
}
