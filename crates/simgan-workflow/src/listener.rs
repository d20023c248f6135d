//! Who hears of the work while it goes on.

/// Hears what is said, and how far the work is.
pub trait Listener {
    /// Something worth knowing.
    fn say(&self, text: &str);

    /// Something that does not stop the work, and may well be a mistake.
    fn warn(&self, text: &str);

    /// A piece of work begins; `label` is a gerund ("refining"). It ends when the result is dropped.
    fn begin(&self, label: &'static str) -> Box<dyn Progress + '_>;
}

/// Hears how far one piece of work is, from any thread.
pub trait Progress: Sync {
    /// `done` of `total` are done; `message` says how it goes (losses) and may be empty.
    fn update(&self, done: usize, total: usize, message: &str);
}
