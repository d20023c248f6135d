//! The one error of the library: a sentence, what to do about it, and its kind.

use std::io;
use std::path::Path;

/// What went wrong, as a caller distinguishes it. The command line maps each kind to an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A configuration key or value is wrong.
    Config,
    /// A data set is missing, empty, malformed or lacks labels.
    Data,
    /// A run, checkpoint or model cannot be used.
    Model,
    /// Training cannot go on (a loss that is not a number, say).
    Training,
    /// The operating system refused: a path is missing, a disk is full.
    Io,
}

/// Error of every fallible function of this library.
///
/// [`Display`](std::fmt::Display) is one sentence that says what is wrong and names the file or key;
/// [`hint`](Self::hint) says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Result of every fallible function of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// A wrong configuration key or value.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// An unusable data set, image or label.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    /// An unusable run, checkpoint or model.
    pub fn model(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Model, message)
    }

    /// A training that cannot go on.
    pub fn training(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Training, message)
    }

    /// The operating system refused: `what`, and the `cause` that it gave.
    pub fn io(what: impl std::fmt::Display, cause: io::Error) -> Self {
        Self {
            message: format!("{what}: {cause}"),
            ..Self::from(cause)
        }
    }

    /// `path` does not exist; `what` names what was expected there ("data set", "run").
    pub fn not_found(what: &str, path: &Path) -> Self {
        Self::new(
            ErrorKind::Io,
            format!("{what} not found: {}", path.display()),
        )
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the underlying cause.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says where it happened: `place: message`.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the operating system is behind it (no permission, too many open files, a failing disk), and not what a
    /// file holds: the same call may succeed later.
    pub fn is_of_system(&self) -> bool {
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let io = error.downcast_ref::<io::Error>();
            if io.is_some_and(|error| !is_of_content(error.kind())) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// What to do about it, if something is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// I/O errors come from `fs_err`, whose text already names the path.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self {
            hint: remedy(error.kind()).map(str::to_owned),
            ..Self::new(ErrorKind::Io, error.to_string()).with_source(error)
        }
    }
}

/// Whether readers report by it what a file holds. (`fs_err` keeps of the system's error its kind alone.)
fn is_of_content(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    matches!(kind, InvalidData | InvalidInput | Other | UnexpectedEof)
}

/// What to do when the system refuses.
fn remedy(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(
            "free space there (a training keeps fewer checkpoints with training.checkpoints_kept) or give another folder \
             (--out), then run the same command again (a training: with --resume)",
        ),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Some("change the permissions there, or give another folder (--out)")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_are_told_from_those_of_contents() {
        let dir = tempfile::tempdir().unwrap();
        let missing = fs_err::File::open(dir.path().join("none")).unwrap_err();
        let wrapped = Error::data("it cannot be read").with_source(missing);
        assert!(wrapped.is_of_system());
        assert!(Error::data("outer").with_source(wrapped).is_of_system());
        let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "cut off");
        assert!(!Error::data("it is damaged").with_source(cut).is_of_system());
        assert!(!Error::data("it is damaged").is_of_system());
    }

    #[test]
    fn a_full_disk_has_a_remedy() {
        for kind in [
            io::ErrorKind::StorageFull,
            io::ErrorKind::QuotaExceeded,
            io::ErrorKind::PermissionDenied,
        ] {
            let error = Error::io("a.json cannot be written", kind.into());
            assert!(error.hint().is_some() && error.kind() == ErrorKind::Io);
            assert!(error.to_string().starts_with("a.json cannot be written: "));
        }
        assert_eq!(Error::from(io::Error::other("")).hint(), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_linux_calls_a_full_disk_is_one() {
        // ENOSPC and EDQUOT.
        for code in [28, 122] {
            let error = Error::from(io::Error::from_raw_os_error(code));
            assert!(error.hint().unwrap().contains("free space"));
        }
    }
}
