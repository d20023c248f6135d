//! One subject's answers: a file to which every answer is added as it comes.
//!
//! ```text
//! {"subject":"Ann","form":3}
//! {"round":"refined","trial":0,"choice":"real","milliseconds":2140}
//! ```

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use simgan_base::files::{durable, limits};
use simgan_base::{Error, Result};

use crate::choice::{Choice, RoundName};
use crate::form::{Form, Shown};

/// Longest name of a subject, in characters.
pub const LONGEST_NAME: usize = 100;

/// First line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    subject: String,
    form: usize,
}

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The round.
    pub round: RoundName,
    /// Place of the image in its round.
    pub trial: usize,
    /// What the subject takes it for.
    pub choice: Choice,
    /// Time from showing to answering; 0 where it is not known.
    #[serde(default)]
    pub milliseconds: u64,
}

/// One subject's answers so far.
#[derive(Clone, Debug)]
pub struct Session {
    path: PathBuf,
    /// What the subject calls itself; may be empty.
    pub subject: String,
    /// Number of the form.
    pub number: usize,
    /// What is shown.
    pub form: Form,
    /// Answers in the order of the form.
    pub answers: Vec<Answer>,
}

impl Session {
    /// Begins the file `path` with the `answers` that are given already, whole or not at all.
    ///
    /// # Errors
    /// A name of more than one short line, answers that are not the form's first ones, or a
    /// file that cannot be written.
    pub fn begin(
        path: PathBuf,
        subject: &str,
        (number, form): (usize, Form),
        answers: &[Answer],
    ) -> Result<Self> {
        check_subject(subject)?;
        let mut session = Self {
            path,
            subject: subject.to_owned(),
            number,
            form,
            answers: Vec::new(),
        };
        let mut text = line(&Header {
            subject: subject.to_owned(),
            form: number,
        })?;
        for answer in answers {
            session.accept(*answer)?;
            text += &line(answer)?;
        }
        durable::write(&session.path, text)?;
        Ok(session)
    }

    /// Reads the file `path`. A last line that a crash cut off is removed.
    ///
    /// # Errors
    /// The file is missing or damaged; `form` fails.
    pub fn read(path: PathBuf, form: impl FnOnce(usize) -> Result<Form>) -> Result<Self> {
        let text = limits::read_text(&path, limits::RESULT)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let damaged = |line: usize, why: &dyn std::fmt::Display| {
            let message = format!("{}, line {line}: {why}", path.display());
            Error::data(message).with_hint("move the file away to go on without this subject")
        };
        let mut lines = text[..whole].lines().enumerate();
        let header = lines.next().map_or("", |(_, line)| line);
        let header: Header = serde_json::from_str(header).map_err(|e| damaged(1, &e))?;
        let mut session = Self {
            subject: header.subject,
            number: header.form,
            form: form(header.form)?,
            answers: Vec::new(),
            path: path.clone(),
        };
        for (index, line) in lines {
            let answer = serde_json::from_str(line).map_err(|e| damaged(index + 1, &e))?;
            let accepted = session.accept(answer);
            accepted.map_err(|e| damaged(index + 1, &e))?;
        }
        if whole < text.len() {
            durable::write(&path, &text[..whole])?;
        }
        Ok(session)
    }

    /// Round and trial that are asked next; `None` at the end.
    pub fn asked(&self) -> Option<(RoundName, usize)> {
        self.form.asked(self.answers.len())
    }

    /// Whether every image was decided on.
    pub fn is_finished(&self) -> bool {
        self.asked().is_none()
    }

    /// Keeps an answer: it is on the disk when this returns.
    ///
    /// # Errors
    /// It is not the answer that comes next, or cannot be written; nothing is kept then.
    pub fn answer(&mut self, answer: Answer) -> Result<()> {
        self.accept(answer)?;
        let kept = self.append(&line(&answer)?);
        if kept.is_err() {
            self.answers.pop();
        }
        kept
    }

    /// Answers, each with its image.
    pub fn decisions(&self) -> impl Iterator<Item = (Answer, Shown)> {
        let rounds = self.form.rounds.iter();
        let shown = rounds.flat_map(|round| round.trials.iter().copied());
        self.answers.iter().copied().zip(shown)
    }

    fn accept(&mut self, answer: Answer) -> Result<()> {
        if self.asked() != Some((answer.round, answer.trial)) {
            let message = format!(
                "image {} of round {} is not the one that is asked",
                answer.trial,
                answer.round.name()
            );
            return Err(Error::data(message));
        }
        self.answers.push(answer);
        Ok(())
    }

    fn append(&self, line: &str) -> Result<()> {
        let mut file = fs_err::OpenOptions::new().append(true).open(&self.path)?;
        let whole = file.metadata()?.len();
        let written = file
            .write_all(line.as_bytes())
            .and_then(|()| file.sync_data());
        if written.is_err() {
            // A part of a line would damage the next one.
            let _ = file.set_len(whole);
        }
        Ok(written?)
    }
}

/// Checks what a subject calls itself.
///
/// # Errors
/// It is too long, or holds control characters.
pub fn check_subject(subject: &str) -> Result<()> {
    let long = subject.chars().count() > LONGEST_NAME;
    match long || subject.chars().any(char::is_control) {
        true => Err(Error::data(format!(
            "the name of a subject is one line of at most {LONGEST_NAME} characters"
        ))),
        false => Ok(()),
    }
}

fn line(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(value);
    let text = text.map_err(|e| Error::data(format!("cannot be written as JSON: {e}")))?;
    Ok(text + "\n")
}

/// Files of sessions in `folder`, in order; none where there is no folder.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::TestOptions;

    fn form(number: usize) -> Result<Form> {
        let options = TestOptions {
            trials: 2,
            examples: 2,
            control: 2,
            seed: 5,
        };
        Form::draw([10, 10], &options, number)
    }

    fn answer(round: RoundName, trial: usize) -> Answer {
        Answer {
            round,
            trial,
            choice: Choice::Real,
            milliseconds: 12,
        }
    }

    #[test]
    fn answers_survive_and_a_cut_line_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        let mut session = Session::begin(path.clone(), "Ann", (4, form(4).unwrap()), &[]).unwrap();
        session.answer(answer(RoundName::Refined, 0)).unwrap();
        session.answer(answer(RoundName::Refined, 1)).unwrap();
        let text = fs_err::read_to_string(&path).unwrap();
        fs_err::write(&path, text.clone() + "{\"round\":\"contr").unwrap();
        let mut again = Session::read(path.clone(), form).unwrap();
        assert_eq!(again.answers, session.answers);
        assert_eq!((again.number, again.subject.as_str()), (4, "Ann"));
        assert_eq!(fs_err::read_to_string(&path).unwrap(), text);
        again.answer(answer(RoundName::Control, 0)).unwrap();
        assert!(!again.is_finished());
        again.answer(answer(RoundName::Control, 1)).unwrap();
        assert!(Session::read(path, form).unwrap().is_finished());
    }

    #[test]
    fn only_the_next_answer_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        let mut session = Session::begin(path.clone(), "", (0, form(0).unwrap()), &[]).unwrap();
        for wrong in [answer(RoundName::Refined, 1), answer(RoundName::Control, 0)] {
            assert!(session.answer(wrong).is_err());
        }
        session.answer(answer(RoundName::Refined, 0)).unwrap();
        assert!(session.answer(answer(RoundName::Refined, 0)).is_err());
        assert_eq!(session.answers.len(), 1);
        assert_eq!(fs_err::read_to_string(path).unwrap().lines().count(), 2);
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0001.jsonl");
        for text in [
            "",
            "{}\n",
            "{\"subject\":\"\",\"form\":0}\nnonsense\n",
            "{\"subject\":\"\",\"form\":0}\n{\"round\":\"control\",\"trial\":0,\"choice\":\"real\"}\n",
        ] {
            fs_err::write(&path, text).unwrap();
            let error = Session::read(path.clone(), form).unwrap_err();
            assert!(error.to_string().contains(", line ") && error.hint().is_some());
        }
    }

    #[test]
    fn names_are_one_short_line() {
        assert!(check_subject("Zoë, 3rd floor").is_ok());
        assert!(check_subject(&"x".repeat(101)).is_err());
        assert!(check_subject("a\nb").is_err());
    }
}
