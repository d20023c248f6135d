//! Images made here, for demonstrations and tests.

pub mod drawn_eyes;
