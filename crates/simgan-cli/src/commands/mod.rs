//! The commands, one file each: options, and what happens.

pub mod advise;
pub mod compare;
pub mod completions;
pub mod config;
pub mod demo;
pub mod evaluate;
pub mod export;
pub mod fit;
pub mod follower;
pub mod frame;
pub mod init;
pub mod inspect;
pub mod judge;
pub mod man;
pub mod predict;
pub mod refine;
pub mod report;
pub mod simulate;
pub mod train;
pub mod turing;
pub mod verify;
