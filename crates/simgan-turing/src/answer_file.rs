//! What a subject of a page in a folder sends back.

use std::path::Path;

use serde::{Deserialize, Serialize};
use simgan_base::files::limits;
use simgan_base::{Error, Result};

use crate::plan::Plan;
use crate::session::Answer;

/// All answers of one subject, as the page saves them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerFile {
    /// [`Plan::id`] of the test.
    pub test: String,
    /// What the subject calls itself; may be empty.
    pub subject: String,
    /// Number of the form.
    pub form: usize,
    /// Answers in the order of the form.
    pub answers: Vec<Answer>,
}

impl AnswerFile {
    /// Reads the file `path`.
    ///
    /// # Errors
    /// It is missing or no such file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = limits::read_text(path, limits::RESULT)?;
        serde_json::from_str(&text).map_err(|e| {
            let message = format!("{} holds no answers: {e}", path.display());
            Error::data(message).with_hint("give the file that the page saved at its end")
        })
    }

    /// Checks that these answer all of a form of `plan`.
    ///
    /// # Errors
    /// They are of another test, or are not all answers in their order.
    pub(crate) fn check(&self, plan: &Plan) -> Result<()> {
        if self.test != plan.id() {
            return Err(Error::data("the answers are of another test")
                .with_hint("--run and --name tell the test that the page was made from"));
        }
        let form = plan.form(self.form)?;
        if self.answers.len() != form.trials() {
            let (given, asked) = (self.answers.len(), form.trials());
            return Err(Error::data(format!(
                "{given} answers, but {asked} images were asked for"
            )));
        }
        let in_order = self
            .answers
            .iter()
            .enumerate()
            .all(|(index, answer)| form.asked(index) == Some((answer.round, answer.trial)));
        match in_order {
            true => Ok(()),
            false => Err(Error::data("the answers are not in the order of the form")),
        }
    }
}
