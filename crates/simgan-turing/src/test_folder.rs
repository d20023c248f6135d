//! The folder of a test: `plan.json`, `subjects/N.jsonl`, `results.json`, `answers.csv`.

use std::path::{Path, PathBuf};

use simgan_base::files::file_lock::FileLock;
use simgan_base::files::{disk, durable};
use simgan_base::{Error, Result};

use crate::answer_file::AnswerFile;
use crate::csv_file::answers_csv;
use crate::plan::Plan;
use crate::results::Results;
use crate::session::{self, Answer, Session};

/// Most subjects of one test.
pub const MOST_SUBJECTS: usize = 1000;

const PLAN: &str = "plan.json";
const SUBJECTS: &str = "subjects";
const LOCK: &str = "lock";

/// A test on the disk, held by this process alone.
#[derive(Debug)]
pub struct TestFolder {
    path: PathBuf,
    /// What is asked.
    pub plan: Plan,
    /// The subjects so far, in the order they came.
    pub sessions: Vec<Session>,
    _lock: FileLock,
}

impl TestFolder {
    /// Begins the test of `plan` in the folder `path`, or goes on with it.
    ///
    /// # Errors
    /// The folder holds another test, is held by another process, is damaged or cannot be written.
    pub fn begin(path: &Path, plan: Plan) -> Result<Self> {
        disk::create_dir_all(&path.join(SUBJECTS))?;
        let lock = lock(path)?;
        let file = path.join(PLAN);
        if !file.exists() {
            plan.write(&file)?;
            return Self::with_lock(path, plan, lock);
        }
        let known = Plan::read(&file)?;
        if known.is_same_test(&plan) {
            return Self::with_lock(path, known, lock);
        }
        let message = format!("{} holds a test of other images or sizes", path.display());
        Err(Error::data(message).with_hint(
            "give the options and images of before to go on with it, or another --name to begin anew",
        ))
    }

    /// Opens a test that was begun.
    ///
    /// # Errors
    /// There is none, another process holds it, or it is damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let file = path.join(PLAN);
        if !file.is_file() {
            return Err(Error::not_found("visual Turing test", path).with_hint(
                "begin one with `simgan turing --run RUN --real DIR`; --name tells which",
            ));
        }
        let lock = lock(path)?;
        Self::with_lock(path, Plan::read(&file)?, lock)
    }

    fn with_lock(path: &Path, plan: Plan, lock: FileLock) -> Result<Self> {
        let files = session::files(&path.join(SUBJECTS))?;
        let sessions = files.into_iter();
        let sessions = sessions.map(|file| Session::read(file, |number| plan.form(number)));
        Ok(Self {
            path: path.to_owned(),
            sessions: sessions.collect::<Result<_>>()?,
            plan,
            _lock: lock,
        })
    }

    /// Begins the session of a new subject with the next form; returns its place.
    ///
    /// # Errors
    /// Too many subjects, a name that is not fit, or a file that cannot be written.
    pub fn add_subject(&mut self, subject: &str) -> Result<usize> {
        let number = self.sessions.len();
        self.begin_session(subject, number, &[])
    }

    /// Adds what a subject of a [page in a folder](crate::write_page) sent back.
    ///
    /// # Errors
    /// It is of another test, is here already, does not hold every answer, or cannot be written.
    pub fn add_answers(&mut self, file: &AnswerFile) -> Result<()> {
        file.check(&self.plan)?;
        let same =
            |session: &Session| session.number == file.form && session.answers == file.answers;
        if self.sessions.iter().any(same) {
            return Err(Error::data("these answers were added before"));
        }
        self.begin_session(&file.subject, file.form, &file.answers)?;
        Ok(())
    }

    fn begin_session(&mut self, subject: &str, number: usize, answers: &[Answer]) -> Result<usize> {
        let place = self.sessions.len();
        if place == MOST_SUBJECTS {
            let message = format!("a test has at most {MOST_SUBJECTS} subjects");
            return Err(Error::data(message).with_hint("begin another with --name"));
        }
        let path = self
            .path
            .join(SUBJECTS)
            .join(format!("{:04}.jsonl", place + 1));
        let form = (number, self.plan.form(number)?);
        let session = Session::begin(path, subject, form, answers)?;
        self.sessions.push(session);
        Ok(place)
    }

    /// What the answers show so far.
    pub fn results(&self) -> Results {
        Results::of(&self.plan, &self.sessions)
    }

    /// Writes `results.json`, and `answers.csv` with a line an answer.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_results(&self) -> Result<Results> {
        let results = self.results();
        let text = Results::SHAPE.text(&results)?;
        durable::write(&self.path.join("results.json"), text)?;
        durable::write(
            &self.path.join("answers.csv"),
            answers_csv(&self.plan, &self.sessions)?,
        )?;
        Ok(results)
    }
}

fn lock(path: &Path) -> Result<FileLock> {
    FileLock::try_take(&path.join(LOCK))?.ok_or_else(|| {
        let message = format!(
            "another program is at work with the test in {}",
            path.display()
        );
        Error::data(message).with_hint("stop it (Ctrl-C), or give another --name")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::{Choice, RoundName};
    use crate::form::TestOptions;
    use crate::gallery::{Gallery, Picture};

    fn gallery() -> Gallery {
        let pictures = |kind: &str| {
            let picture = |i: usize| Picture {
                name: format!("{kind}{i}.png"),
                bmp: format!("{kind} {i}").into_bytes(),
            };
            (0..8).map(picture).collect()
        };
        Gallery {
            real: pictures("real"),
            synthetic: pictures("synthetic"),
            refined: pictures("refined"),
        }
    }

    fn plan(seed: u64) -> Plan {
        let options = TestOptions {
            trials: 4,
            examples: 2,
            control: 0,
            seed,
        };
        let sources = ["a".to_owned(), "b".to_owned()];
        Plan::new("run", sources, options, &gallery(), None).unwrap()
    }

    fn answers(count: usize) -> Vec<Answer> {
        let answer = |trial| Answer {
            round: RoundName::Refined,
            trial,
            choice: Choice::Real,
            milliseconds: 5,
        };
        (0..count).map(answer).collect()
    }

    #[test]
    fn a_test_goes_on_where_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let mut test = TestFolder::begin(dir.path(), plan(1)).unwrap();
        let token = test.plan.session_token(0);
        assert_eq!(test.add_subject("Ann").unwrap(), 0);
        test.sessions[0].answer(answers(1)[0]).unwrap();
        let busy = TestFolder::open(dir.path()).unwrap_err();
        assert!(busy.to_string().contains("another program"));
        drop(test);
        let test = TestFolder::begin(dir.path(), plan(1)).unwrap();
        assert_eq!(test.plan.session_token(0), token);
        assert_eq!(test.sessions[0].answers, answers(1));
        drop(test);
        let other = TestFolder::begin(dir.path(), plan(2)).unwrap_err();
        assert!(other.to_string().contains("other images or sizes"));
    }

    #[test]
    fn answers_that_were_sent_are_taken_once_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let mut test = TestFolder::begin(dir.path(), plan(1)).unwrap();
        let mut file = AnswerFile {
            test: test.plan.id(),
            subject: "Bo".into(),
            form: 3,
            answers: answers(4),
        };
        test.add_answers(&file).unwrap();
        assert!(test.sessions[0].is_finished());
        let refused = |test: &mut TestFolder, file: &AnswerFile| {
            test.add_answers(file).unwrap_err().to_string()
        };
        assert!(refused(&mut test, &file).contains("before"));
        file.answers = answers(3);
        assert!(refused(&mut test, &file).contains("3 answers"));
        file.test = "other".into();
        assert!(refused(&mut test, &file).contains("another test"));
        assert_eq!(test.sessions.len(), 1);
        test.write_results().unwrap();
        let table = fs_err::read_to_string(dir.path().join("answers.csv")).unwrap();
        assert_eq!(table.lines().count(), 5);
    }

    #[test]
    fn no_test_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let error = TestFolder::open(dir.path()).unwrap_err();
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("simgan turing"))
        );
    }
}
