//! Algorithm 1 as a whole, on tiny nets and images: who learns from what, what a run leaves behind,
//! and that a resumed run goes on as if it had never stopped.

#![allow(clippy::unwrap_used)]

mod algorithm;
mod finite;
mod parallel;
mod refining;
mod runs;
mod stabilizers;
mod support;
mod task_consistency;
