//! Faults, for tests: the change of the disk with a certain number fails, or the process dies there.
//!
//! A test runs itself again in another process ([`child`]); environment variables tell that one what is to happen.

#![allow(clippy::unwrap_used)] // it is a part of tests

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::files::disk::Change;

const FAULT: &str = "SIMGAN_TEST_FAULT";
const FOLDER: &str = "SIMGAN_TEST_FOLDER";
/// What precedes a change in the list that [`Fault::Nothing`] prints.
const TOLD: &str = "disk change: ";

/// What happens at a change, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing; every change is told on stdout.
    Nothing,
    /// The process dies before it.
    Before(usize),
    /// The process dies in the middle of it.
    Half(usize),
    /// The disk is full from there on: what grows is half written and fails.
    Full(usize),
    /// The disk fails once.
    Broken(usize),
}

impl Fault {
    fn text(self) -> String {
        match self {
            Self::Nothing => "nothing 0".to_owned(),
            Self::Before(n) => format!("before {n}"),
            Self::Half(n) => format!("half {n}"),
            Self::Full(n) => format!("full {n}"),
            Self::Broken(n) => format!("broken {n}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, number) = text.split_once(' ')?;
        let number = number.parse().ok()?;
        Some(match name {
            "before" => Self::Before(number),
            "half" => Self::Half(number),
            "full" => Self::Full(number),
            "broken" => Self::Broken(number),
            _ => Self::Nothing,
        })
    }
}

static PLAN: LazyLock<Option<Fault>> =
    LazyLock::new(|| Fault::parse(&std::env::var(FAULT).unwrap_or_default()));
static CHANGES: AtomicUsize = AtomicUsize::new(0);

/// Where the planned fault happens.
pub fn before(change: Change, path: &Path, half: impl FnOnce()) -> io::Result<()> {
    let Some(fault) = *PLAN else {
        return Ok(());
    };
    let number = CHANGES.fetch_add(1, Ordering::SeqCst) + 1;
    let fails = |kind: io::ErrorKind| {
        let text = format!("{}: {}", path.display(), io::Error::from(kind));
        Err(io::Error::new(kind, text))
    };
    match fault {
        Fault::Nothing => println!("{TOLD}{change:?} {}", path.display()),
        Fault::Before(n) if n == number => std::process::abort(),
        Fault::Half(n) if n == number => {
            half();
            std::process::abort();
        }
        Fault::Full(n) if number >= n && change != Change::Remove => {
            if change == Change::Write {
                half();
            }
            return fails(io::ErrorKind::StorageFull);
        }
        Fault::Broken(n) if n == number => return fails(io::ErrorKind::Other),
        _ => {}
    }
    Ok(())
}

/// In a child, the folder to work in.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// How a child ended.
pub struct Ended {
    /// Whether it came to its end.
    pub success: bool,
    /// What it said.
    pub stdout: String,
}

impl Ended {
    /// The changes that were told, as kind and path.
    pub fn changes(&self) -> Vec<(String, String)> {
        let told = self.stdout.lines().filter_map(|line| {
            // The test's own name may stand before the first.
            let (_, told) = line.split_once(TOLD)?;
            told.split_once(' ')
        });
        told.map(|(kind, path)| (kind.to_owned(), path.to_owned()))
            .collect()
    }
}

/// Runs the test `name` of this binary in another process, to work in `folder` until `fault`.
pub fn child(name: &str, folder: &Path, fault: Fault) -> Ended {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(FAULT, fault.text())
        .env(FOLDER, folder)
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        stdout.contains("running 1 test"),
        "no test is called {name}"
    );
    Ended {
        success: output.status.success(),
        stdout,
    }
}

/// Kills at every `every`th of `changes`, before it and, of those that have a middle, in it.
pub fn kills(changes: &[(String, String)], every: usize) -> Vec<Fault> {
    let numbered = changes.iter().enumerate().step_by(every);
    numbered
        .flat_map(|(index, (kind, _))| {
            let middle = matches!(kind.as_str(), "Write" | "Remove");
            let half = middle.then_some(Fault::Half(index + 1));
            std::iter::once(Fault::Before(index + 1)).chain(half)
        })
        .collect()
}

/// How many changes of each kind there are, to be told.
pub fn counted(changes: &[(String, String)]) -> String {
    let kinds = ["Create", "Write", "Sync", "Rename", "Remove"];
    let count = |kind| changes.iter().filter(|c| c.0 == kind).count();
    kinds
        .map(|kind| format!("{} {kind}", count(kind)))
        .join(", ")
}
