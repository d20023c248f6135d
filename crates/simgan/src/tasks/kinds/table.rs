//! The kinds of tasks.

use crate::tasks::kinds::kind::Kind;
use crate::tasks::kinds::{classes, columns, gaze};

/// All kinds, in the order of lists.
pub const KINDS: &[Kind] = &[gaze::KIND, columns::KIND, classes::KIND];
