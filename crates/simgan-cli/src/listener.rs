//! Work of the library tells of itself on stderr.

use simgan_workflow::Listener;

use crate::console::Console;
use crate::progress::Progress;

impl Listener for Console {
    fn say(&self, text: &str) {
        Self::say(self, text);
    }

    fn warn(&self, text: &str) {
        Self::warn(self, text);
    }

    fn begin(&self, label: &'static str) -> Box<dyn simgan_workflow::Progress + '_> {
        Box::new(Progress::new(self, label))
    }
}

impl simgan_workflow::Progress for Progress<'_> {
    fn update(&self, done: usize, total: usize, message: &str) {
        Self::update(self, done, total, message);
    }
}
