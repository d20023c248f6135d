//! Files: changes of the disk that never leave anything half written, locks, hashes, limits of what is read.

pub mod disk;
pub mod durable;
pub mod file_lock;
pub mod limits;
pub mod mapped;
pub mod output_folder;
pub mod output_place;
pub mod paths;
pub mod scratch_file;
pub mod section;
pub mod sha256;
pub mod sha256_sums;
