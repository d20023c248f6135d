//! `simgan bench-worker`: one stage of this program, stepped by lines on stdin. For `simgan-lab bench` alone.

use std::io::{self, BufRead};
use std::time::Instant;

use burn::tensor::Device;
use clap::Args;
use serde_json::json;

use super::machine;
use super::stage::Stage;
use super::steps::{self, Step};
use simgan_cli::output;

/// Options of `bench-worker`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Stage to build
    #[arg(long, value_name = "STAGE")]
    stage: Stage,
}

/// Builds the stage, warms it up, says so, and serves `step N` until `quit` or the end of stdin.
pub fn run(args: &WorkerArgs, device: &Device) -> anyhow::Result<()> {
    let mut step = steps::build(args.stage, device)?;
    let mut warmup_seconds = 0.0;
    for _ in 0..args.stage.warmups() {
        warmup_seconds = timed(&mut step)?;
    }
    output::line(&json!({ "ready": true, "warmup_seconds": warmup_seconds }).to_string())?;
    serve(&mut step)?;
    output::line(&json!({ "peak_rss_mb": machine::peak_rss_mb() }).to_string())
}

fn serve(step: &mut Step) -> anyhow::Result<()> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let Some(count) = line.strip_prefix("step ") else {
            break;
        };
        let count: usize = count.trim().parse()?;
        let seconds: Vec<f64> = (0..count)
            .map(|_| timed(step))
            .collect::<simgan_base::Result<_>>()?;
        output::line(&json!({ "seconds": seconds }).to_string())?;
    }
    Ok(())
}

fn timed(step: &mut Step) -> simgan_base::Result<f64> {
    let begun = Instant::now();
    step()?;
    Ok(begun.elapsed().as_secs_f64())
}
