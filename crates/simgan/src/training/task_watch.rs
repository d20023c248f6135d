//! Watches, while training, whether refining moves what an estimator of raw images answers.

use crate::measures::TaskShift;
use crate::measures::label_shift::disturbed;
use crate::measures::task_shift::{AnswerShift, Answers};
use crate::tasks::Estimator;
use simgan_base::Result;
use simgan_data::Dataset;

/// Images looked at, the same every time: enough that the mean of a few degrees is known to a fraction of one.
const EXAMPLES: usize = 256;

/// The answers to some synthetic images.
#[derive(Debug)]
pub(super) struct TaskWatch {
    estimator: Estimator,
    pub(super) examples: Dataset,
    before: Answers,
    floor: AnswerShift,
    pub(super) said: bool,
}

impl TaskWatch {
    pub(super) fn new(estimator: &Estimator, synthetic: &Dataset) -> Result<Self> {
        let examples = synthetic.subset(&synthetic.spread(EXAMPLES));
        let before = Answers::of(estimator, &examples)?;
        Ok(Self {
            floor: before.shift(estimator, &disturbed(&examples)?)?,
            estimator: estimator.clone(),
            examples,
            before,
            said: false,
        })
    }

    /// How far the answers to `refined` versions of the examples lie from those to the examples.
    pub(super) fn look(&self, refined: &Dataset) -> Result<TaskShift> {
        Ok(TaskShift {
            unit: self.estimator.target().task().unit(),
            images: self.examples.len(),
            refined: self.before.shift(&self.estimator, refined)?,
            floor: self.floor.clone(),
        })
    }

    /// What to say about a shift, once.
    pub(super) fn warning(&mut self, shift: &TaskShift) -> Option<String> {
        let warning = shift.warning().filter(|_| !self.said);
        self.said |= warning.is_some();
        warning
    }
}
