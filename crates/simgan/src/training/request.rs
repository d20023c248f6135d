//! What can be asked of a training from outside while it is at work.

/// Asked for after every step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Request {
    /// Nothing: go on.
    #[default]
    Continue,
    /// Write a checkpoint and go on.
    Save,
    /// Write a checkpoint and return.
    Stop,
}

/// Says what is asked of a training.
pub type Requests<'a> = dyn FnMut() -> Request + 'a;
