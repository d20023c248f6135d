//! What to do with images that cannot be used, and the list of them.

/// What to do with an image that cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBadImage {
    /// Leave it out and say so.
    Skip,
    /// Stop with an error that names it.
    #[default]
    Fail,
}

/// The images left out, each with its reason.
#[derive(Clone, Debug, Default)]
pub struct Quarantine {}
impl Quarantine {
    /// stub
    pub fn len(&self) -> usize {
        todo!()
    }
}
