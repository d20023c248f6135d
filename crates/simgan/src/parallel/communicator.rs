//! How processes send numbers to each other.

use simgan_base::Result;

/// Connects the processes of a group. All of them call the same functions in the same order, with slices of the same lengths.
///
/// # Errors
/// Of every function: another process has gone.
pub trait Communicator {
    /// Number of this process, below [`size`](Self::size).
    fn rank(&self) -> usize;

    /// Processes in the group, at least 1.
    fn size(&self) -> usize;

    /// Sends `own` to everybody: `all` becomes the slices of all processes by rank. Its length is `size` times that of `own`.
    fn all_gather(&self, own: &[f32], all: &mut [f32]) -> Result<()>;

    /// Sends the block number `r` of `own` to process `r`, for every `r`: `received` becomes the blocks for this process, by the rank
    /// of the sender. Both slices consist of `size` blocks of one length.
    fn all_to_all(&self, own: &[f32], received: &mut [f32]) -> Result<()>;
}
