//! The machine that is measured.

use burn::tensor::Device;
use serde::Serialize;
use serde_json::Value;
use simgan_cli::device;
use simgan_kernels::{peak, simd};

use super::plan::Plan;

/// What a figure depends on besides the program.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Model of the processor, where it is known.
    pub cpu: Option<String>,
    /// Cores that this process may use.
    pub cores: usize,
    /// Threads that every competitor computes with.
    pub threads: usize,
    /// Device of this program's workers.
    pub device: String,
    /// What that device calls itself, if it is no CPU.
    pub card: Option<String>,
    /// Numbers that this program's workers compute in.
    pub precision: String,
    /// Instruction set of this program's kernels.
    pub isa: &'static str,
    /// Version of this program.
    pub simgan: &'static str,
    /// Versions and instruction set of PyTorch, if it was measured.
    pub pytorch: Option<Value>,
    /// Measured peak of the threads together, in 10^9 f32 operations a second.
    pub peak_gflops: f64,
}

impl Machine {
    /// This machine, as `plan` uses it with `device`.
    pub fn here(plan: &Plan, device: &Device) -> Self {
        Self {
            cpu: cpu_model(),
            cores: cores(),
            threads: plan.threads,
            device: plan.device.to_string(),
            card: device::card(device),
            precision: plan.precision.to_string(),
            isa: simd::path().name(),
            simgan: env!("CARGO_PKG_VERSION"),
            pytorch: plan.pytorch.as_ref().map(|pytorch| pytorch.facts.clone()),
            peak_gflops: peak::measure() / 1e9,
        }
    }

    /// One line for below the table.
    pub fn line(&self) -> String {
        let cpu = self.cpu.as_deref().unwrap_or("unknown processor");
        let mut line = format!(
            "{cpu}, {} threads, {}, measured peak {:.0} GFLOP/s",
            self.threads, self.isa, self.peak_gflops
        );
        if let Some(card) = &self.card {
            line += &format!("; {} ({card}) in {}", self.device, self.precision);
        }
        if let Some(pytorch) = &self.pytorch {
            let text = |key: &str| pytorch[key].as_str().unwrap_or("?").to_owned();
            let on = pytorch["card"]
                .as_str()
                .map_or_else(|| text("isa"), str::to_owned);
            line += &format!("; PyTorch {} ({on})", text("torch"));
        }
        line
    }
}

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn cpu_model() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The largest resident size of this process so far, in MB (10^6 bytes); `None` where the system does not tell.
pub fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_some_memory() {
        assert!(peak_rss_mb().is_some_and(|mb| mb > 1.0 && mb < 1e5));
    }
}
