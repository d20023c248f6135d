//! The kinds of tasks.

use crate::tasks::kinds::kind::Kind;
use crate::tasks::kinds::{boxes, classes, columns, gaze, points};

/// All kinds, in the order of lists.
pub const KINDS: &[Kind] = &[
    gaze::KIND,
    points::KIND,
    boxes::KIND,
    columns::KIND,
    classes::KIND,
];
