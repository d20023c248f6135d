//! What a test is: fixed when it begins, so that it can go on after any stop.

use std::path::Path;

use serde::{Deserialize, Serialize};
use simgan_base::files::{durable, limits, sha256};
use simgan_base::{Error, Result};

use crate::choice::{Kind, RoundName};
use crate::form::{Form, Shown, TestOptions};
use crate::gallery::Gallery;

/// The test, as `plan.json` keeps it. It is the key to the answers: subjects do not get to see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of this crate.
    pub version: String,
    /// The run whose refiner is tested.
    pub run: String,
    /// Where the synthetic and the real images come from.
    pub sources: [String; 2],
    /// How large the test is.
    pub options: TestOptions,
    /// Names of the real images, and of the synthetic ones, that may be shown.
    pub names: [Vec<String>; 2],
    /// [`Gallery::fingerprint`].
    pub fingerprint: String,
    /// Makes the names of sessions: nobody can guess them without it.
    pub secret: String,
    /// A classifier that answers the same questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
}

/// A classifier as a subject: what it takes every image of the gallery for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Images of each kind that it has learned from; none of them is shown.
    pub learned_from: usize,
    /// Of the classifier that tells refined images from real ones.
    pub refined: MachineAnswers,
    /// Of the one that tells synthetic images from real ones.
    pub control: MachineAnswers,
}

/// Whether each image was taken for real.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineAnswers {
    /// Of the real images.
    pub real: Vec<bool>,
    /// Of the others.
    pub made: Vec<bool>,
}

impl Machine {
    /// Whether the classifier of `round` takes an image for real; `None` where it was not asked.
    pub fn takes_for_real(&self, round: RoundName, shown: Shown) -> Option<bool> {
        let answers = match round {
            RoundName::Refined => &self.refined,
            RoundName::Control => &self.control,
        };
        let answers = match shown.kind {
            Kind::Real => &answers.real,
            Kind::Synthetic | Kind::Refined => &answers.made,
        };
        answers.get(shown.image).copied()
    }
}

impl Plan {
    /// A test of the images in `gallery`.
    ///
    /// # Errors
    /// Options that are not valid, too few images, or a system that gives no random numbers.
    pub fn new(
        run: &str,
        sources: [String; 2],
        options: TestOptions,
        gallery: &Gallery,
        machine: Option<Machine>,
    ) -> Result<Self> {
        let names = [&gallery.real, &gallery.synthetic].map(|pictures| {
            let names = pictures.iter().map(|picture| picture.name.clone());
            names.collect::<Vec<_>>()
        });
        Form::draw([names[0].len(), names[1].len()], &options, 0)?;
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|e| {
            let what = "the system gives no random numbers";
            Error::io(what, std::io::Error::other(e.to_string()))
        })?;
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: run.to_owned(),
            sources,
            options,
            names,
            fingerprint: gallery.fingerprint(),
            secret: sha256::hex(&secret),
            machine,
        })
    }

    /// Whether `other` asks the same of the same images.
    pub fn is_same_test(&self, other: &Self) -> bool {
        let asked = |plan: &Self| (plan.options, plan.fingerprint.clone());
        asked(self) == asked(other)
    }

    /// What the subject with `number` is shown.
    ///
    /// # Errors
    /// As [`Form::draw`]; none after [`new`](Self::new).
    pub fn form(&self, number: usize) -> Result<Form> {
        let [real, synthetic] = &self.names;
        Form::draw([real.len(), synthetic.len()], &self.options, number)
    }

    /// The name of an image in its data set; a refined one has that of the synthetic image.
    pub fn name(&self, shown: Shown) -> &str {
        let [real, synthetic] = &self.names;
        let names = match shown.kind {
            Kind::Real => real,
            Kind::Synthetic | Kind::Refined => synthetic,
        };
        names.get(shown.image).map_or("", String::as_str)
    }

    /// A name that tells this test from others; tells nothing else.
    pub fn id(&self) -> String {
        self.token("test", 0)
    }

    /// The name of the session with `number`, known to its subject alone.
    pub fn session_token(&self, number: usize) -> String {
        self.token("session", number)
    }

    fn token(&self, what: &str, number: usize) -> String {
        let text = format!("{} {what} {number}", self.secret);
        sha256::of_bytes(text.as_bytes())[..32].to_owned()
    }

    /// Reads `plan.json`.
    ///
    /// # Errors
    /// It is missing, damaged or not a plan.
    pub fn read(path: &Path) -> Result<Self> {
        let text = limits::read_text(path, limits::RESULT)?;
        serde_json::from_str(&text)
            .map_err(|e| Error::data(format!("{} is damaged: {e}", path.display())))
    }

    /// Writes it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| Error::data(format!("the plan cannot be written as JSON: {e}")))?;
        durable::write(path, text + "\n")
    }
}
