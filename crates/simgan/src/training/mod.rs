//! Training.
pub mod event_log;
