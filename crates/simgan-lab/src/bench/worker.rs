//! `simgan bench-worker`: one stage of this program, stepped by lines on stdin. For `simgan-lab bench` alone.

use std::io::{self, BufRead};
use std::time::Instant;

use anyhow::anyhow;
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
    /// Images of a mini-batch
    #[arg(long, value_name = "N")]
    batch: usize,
}

/// Builds the stage, warms it up, says so, and serves `step N` until `quit` or the end of stdin.
pub fn run(args: &WorkerArgs, device: &Device) -> anyhow::Result<()> {
    let mut step = steps::build(args.stage, args.batch, device)?;
    let mut warmup_seconds = 0.0;
    for _ in 0..args.stage.warmups() {
        warmup_seconds = timed(&mut step, device)?;
    }
    output::line(&json!({ "ready": true, "warmup_seconds": warmup_seconds }).to_string())?;
    serve(&mut step, device)?;
    let end = json!({
        "peak_rss_mb": machine::peak_rss_mb(),
        "device_memory_mb": device.memory_pool_usage().map(|used| used.bytes_reserved as f64 / 1e6),
    });
    output::line(&end.to_string())
}

fn serve(step: &mut Step, device: &Device) -> anyhow::Result<()> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let Some(count) = line.strip_prefix("step ") else {
            break;
        };
        let count: usize = count.trim().parse()?;
        let seconds: Vec<f64> = (0..count)
            .map(|_| timed(step, device))
            .collect::<anyhow::Result<_>>()?;
        output::line(&json!({ "seconds": seconds }).to_string())?;
    }
    Ok(())
}

/// Seconds until everything of a step is done on the device, too.
fn timed(step: &mut Step, device: &Device) -> anyhow::Result<f64> {
    let begun = Instant::now();
    step()?;
    device
        .sync()
        .map_err(|e| anyhow!("the device failed: {e:?}"))?;
    Ok(begun.elapsed().as_secs_f64())
}
