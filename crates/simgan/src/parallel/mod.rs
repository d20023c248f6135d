//! Data-parallel training: several processes train one run, each on its share of every mini-batch.
//!
//! Every process holds the whole state (networks, optimizers, history, random streams) and draws the same whole mini-batch, of
//! which it computes its [`Share`]. Gradients and logged values are averaged over all processes, so that every process takes the
//! same step. The course is that of one process, whatever the number of processes, but for the rounding of sums.
//!
//! ```
//! use std::thread;
//! use simgan::parallel::{ProcessGroup, Threads};
//!
//! let members = Threads::group(2).into_iter();
//! let workers = members.map(|member| thread::spawn(move || {
//!     let group = ProcessGroup::of(member);
//!     let mut gradient = [group.rank() as f32, 5.0];
//!     group.average(&mut gradient).unwrap();
//!     gradient
//! }));
//! for worker in workers.collect::<Vec<_>>() {
//!     assert_eq!(worker.join().unwrap(), [0.5, 5.0]);
//! }
//! ```

mod communicator;
mod group;
mod member;
mod share;
mod threads;

pub use communicator::Communicator;
pub use group::ProcessGroup;
pub use member::Member;
pub use share::Share;
pub use threads::Threads;
