//! Images made here, with exact labels: for demonstrations, tests, and where no other simulator is at hand.

pub mod camera;
pub mod drawn_eyes;
pub mod eye;
pub mod picture;
