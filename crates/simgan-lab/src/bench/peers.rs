//! PyTorch as a peer: where its Python is, and how its workers are started.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum;
use serde_json::Value;
use simgan_base::{Error, ErrorKind};
use simgan_data::pixel_cache::PixelCache;

use super::stage::Stage;

/// PyTorch's worker, also in the repository's `benches/peers`.
const SCRIPT: &str = include_str!("../../../../benches/peers/pytorch.py");
/// Variable that names a Python with PyTorch.
const VARIABLE: &str = "SIMGAN_PYTHON";
const HINT: &str = "run benches/peers/setup.sh of the repository, which makes a virtual environment with PyTorch, \
    or name a Python that has torch and numpy with --python PATH or SIMGAN_PYTHON";

/// The largest instruction set that the peer may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PeerIsa {
    // No AVX-512.
    Avx2,
}

/// What PyTorch may use.
#[derive(Clone, Debug, Default)]
pub struct Speed {
    /// Instruction set, if it is kept to one.
    pub isa: Option<PeerIsa>,
    /// Its own name of a device; `None`: the CPU.
    pub device: Option<String>,
    /// TF32 in products of f32.
    pub tf32: bool,
}

/// A Python that is known to have PyTorch.
pub struct PyTorch {
    python: PathBuf,
    script: tempfile::TempPath,
    speed: Speed,
    /// Versions and instruction set, as PyTorch tells them.
    pub facts: Value,
}

impl PyTorch {
    /// Finds the interpreter: `python`, else `$SIMGAN_PYTHON`, else the environment that `setup.sh` makes.
    ///
    /// # Errors
    /// There is none, or it lacks PyTorch.
    pub fn find(python: Option<&Path>, speed: Speed) -> simgan_base::Result<Self> {
        let mut pytorch = Self {
            python: interpreter(python, std::env::var_os(VARIABLE))?,
            script: script()?,
            speed,
            facts: Value::Null,
        };
        pytorch.facts = pytorch.check()?;
        Ok(pytorch)
    }

    /// The command of a worker.
    pub fn command(&self, stage: Stage, variant: &str, threads: usize) -> Command {
        let mut command = self.bare();
        command.args(["--stage", stage.name(), "--variant", variant]);
        command.args(["--threads", &threads.to_string()]);
        command
    }

    fn bare(&self) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(&self.script);
        if let Some(device) = &self.speed.device {
            command.args(["--device", device]);
        }
        command.args(self.speed.tf32.then_some("--tf32"));
        if self.speed.isa == Some(PeerIsa::Avx2) {
            command.env("ATEN_CPU_CAPABILITY", "avx2");
            command.env("ONEDNN_MAX_CPU_ISA", "AVX2");
            command.env("MKL_ENABLE_INSTRUCTIONS", "AVX2");
        }
        command
    }

    /// What PyTorch says of itself.
    fn check(&self) -> simgan_base::Result<Value> {
        let python = self.python.display();
        let fail = |what: String| Error::new(ErrorKind::Io, what).with_hint(HINT);
        let output = self
            .bare()
            .arg("--check")
            .stdin(Stdio::null())
            .output()
            .map_err(|e| fail(format!("{python} cannot be run: {e}")))?;
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if answer["torch"].is_string() {
            return Ok(answer);
        }
        Err(
            match (answer["missing"].as_str(), answer["error"].as_str()) {
                (Some(module), _) => fail(format!("{python} has no {module}")),
                (None, Some(error)) => fail(format!("{python} cannot run PyTorch: {error}")),
                (None, None) => fail(format!("{python} cannot run PyTorch ({})", output.status)),
            },
        )
    }
}

/// The interpreter to use; only a given one is not looked for.
fn interpreter(given: Option<&Path>, variable: Option<OsString>) -> simgan_base::Result<PathBuf> {
    let variable = variable.filter(|value| !value.is_empty());
    if let Some(path) = given.map(Path::to_owned).or(variable.map(PathBuf::from)) {
        return Ok(path);
    }
    let path = default_interpreter();
    if path.exists() {
        return Ok(path);
    }
    let message = format!("there is no PyTorch in {}", environment().display());
    Err(Error::new(ErrorKind::Io, message).with_hint(HINT))
}

/// The folder that `setup.sh` makes by default.
fn environment() -> PathBuf {
    PixelCache::default_folder().join("peers").join("pytorch")
}

fn default_interpreter() -> PathBuf {
    let inside = if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    };
    environment().join(inside)
}

/// The worker as a file for the time of the measurement.
fn script() -> simgan_base::Result<tempfile::TempPath> {
    let mut file = tempfile::Builder::new()
        .prefix("simgan-pytorch-")
        .suffix(".py")
        .tempfile()?;
    file.write_all(SCRIPT.as_bytes())?;
    Ok(file.into_temp_path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_interpreter_comes_first() {
        let given = Path::new("a");
        let found = |given, variable: &str| interpreter(given, Some(variable.into())).ok();
        assert_eq!(found(Some(given), "b"), Some(given.to_owned()));
        assert_eq!(found(None, "b"), Some(PathBuf::from("b")));
    }

    #[test]
    fn a_python_that_is_not_there_is_told_with_a_hint() {
        let error = PyTorch::find(Some(Path::new("no/python")), Speed::default())
            .err()
            .unwrap();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().starts_with("no/python cannot be run"));
        assert!(error.hint().is_some_and(|hint| hint.contains("setup.sh")));
    }
}
