//! How an error is told: one sentence, what caused it, what to do.

use crate::console::{Console, Style};
use crate::errors::{ExitCode, Interrupted, Panic, UsageError};

/// Tells `error` on stderr and returns the exit code that goes with it.
///
/// A reader of stdout that has gone (`simgan ... | head`) is no error.
pub fn report(error: &anyhow::Error, console: &Console) -> ExitCode {
    if error.chain().any(is_broken_pipe) {
        return ExitCode::Success;
    }
    let mut lines = vec![format!("{} {error}", console.paint("error:", Style::Error))];
    lines.extend(causes(error).map(|cause| format!("  caused by: {cause}")));
    lines.extend(hint(error).map(|hint| format!("{} {hint}", console.paint("hint:", Style::Hint))));
    console.always(&lines.join("\n"));
    exit_code(error)
}

/// The causes that say something the lines above them do not.
fn causes(error: &anyhow::Error) -> impl Iterator<Item = String> {
    let mut told = error.to_string();
    let mut causes = Vec::new();
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        if !told.contains(&text) {
            told.push_str(&text);
            causes.push(text);
        }
    }
    causes.into_iter()
}

fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<simgan_base::Error>() {
            return error.hint().map(str::to_owned);
        }
        if let Some(error) = cause.downcast_ref::<UsageError>() {
            return Some(error.hint.clone());
        }
        if cause.is::<Interrupted>() {
            return Some("the same command goes on from there (`train`: with --resume)".to_owned());
        }
        cause.downcast_ref::<Panic>().map(|_| {
            "this is a bug: please report it with the command line and, if you can, RUST_BACKTRACE=1".to_owned()
        })
    })
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    let code = error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<simgan_base::Error>() {
            return Some(error.kind().into());
        }
        if cause.is::<UsageError>() {
            return Some(ExitCode::Usage);
        }
        if let Some(Interrupted { terminated, .. }) = cause.downcast_ref() {
            return Some(match terminated {
                true => ExitCode::Terminated,
                false => ExitCode::Interrupted,
            });
        }
        cause.is::<std::io::Error>().then_some(ExitCode::Io)
    });
    code.unwrap_or(ExitCode::Internal)
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::{catch_panics, without_panic};
    use simgan_base::ErrorKind;
    use std::panic;

    #[test]
    fn every_kind_has_its_code() {
        let error = |kind| anyhow::Error::from(simgan_base::Error::new(kind, "x"));
        assert_eq!(exit_code(&error(ErrorKind::Config)), ExitCode::Config);
        assert_eq!(exit_code(&error(ErrorKind::Io)), ExitCode::Io);
        assert_eq!(exit_code(&anyhow::anyhow!("x")), ExitCode::Internal);
    }

    #[test]
    fn a_cause_that_repeats_the_sentence_is_left_out() {
        let io = std::io::Error::other("disk on fire");
        let error = anyhow::Error::from(simgan_base::Error::from(io));
        assert_eq!(causes(&error).count(), 0);
        let error = anyhow::anyhow!("inner").context("outer");
        assert_eq!(causes(&error).collect::<Vec<_>>(), ["inner"]);
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_place() {
        catch_panics();
        let error = without_panic(|| panic!("boom")).unwrap_err();
        let _ = panic::take_hook();
        assert!(error.to_string().contains("boom"));
        assert!(error.to_string().contains("error_report.rs"));
        assert_eq!(exit_code(&error), ExitCode::Internal);
    }
}
