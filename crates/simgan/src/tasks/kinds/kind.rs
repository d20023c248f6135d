//! What a line of the table of tasks says.

use crate::tasks::target::Target;
use simgan_base::{Error, Result};
use simgan_data::Labels;

/// A kind of task.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The name as users write it: `column` in `--task column:NAME`.
    pub name: &'static str,
    /// What stands behind the colon, if anything does.
    pub argument: Option<&'static str>,
    /// The target that a user means by what stands behind the colon, if anything does, with these labels.
    ///
    /// # Errors
    /// Nothing stands there, or labels that are none of this task.
    pub read: fn(Option<&str>, &Labels) -> Result<Target>,
    /// Tasks of this kind that labels allow, as users write them.
    pub found: fn(&Labels) -> Vec<String>,
}

/// What has to stand behind the colon.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): nothing does.
pub(super) fn argument<'a>(kind: &str, text: Option<&'a str>) -> Result<&'a str> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| {
        Error::config(format!("--task {kind} names no column"))
            .with_hint(format!("write --task {kind}:COLUMN"))
    })
}
