//! What one subject is shown: drawn from the seed and the subject's number.

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};

use crate::choice::{Kind, RoundName};

/// How large a test is. All numbers are even: half of the images are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestOptions {
    /// Images a subject decides on, real and refined together; the paper has 100.
    pub trials: usize,
    /// Labelled examples always visible; the paper has 20.
    pub examples: usize,
    /// Images of the control round, real and synthetic together; the paper has 20. 0: no such round.
    pub control: usize,
    /// Seed of what subjects are shown.
    pub seed: u64,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self {
            trials: 100,
            examples: 20,
            control: 20,
            seed: 0,
        }
    }
}

impl TestOptions {
    /// Checks that numbers are even and that there is something to ask.
    ///
    /// # Errors
    /// Names the option.
    pub fn validate(&self) -> Result<()> {
        let all = [
            ("--trials", self.trials),
            ("--examples", self.examples),
            ("--control", self.control),
        ];
        if let Some((name, number)) = all.iter().find(|(_, number)| number % 2 == 1) {
            return Err(
                Error::config(format!("{name} is {number}: half of the images are real"))
                    .with_hint("give an even number"),
            );
        }
        match self.trials {
            0 => Err(Error::config("--trials is 0: there is nothing to ask")
                .with_hint("give an even number, 2 or more")),
            _ => Ok(()),
        }
    }

    /// Images of each side (real; synthetic) that one form takes.
    pub fn images_each(&self) -> usize {
        let rounds = self.rounds().into_iter();
        rounds.map(|(_, trials)| (trials + self.examples) / 2).sum()
    }

    /// Rounds, each with the number of its trials.
    fn rounds(&self) -> Vec<(RoundName, usize)> {
        let both = [
            (RoundName::Refined, self.trials),
            (RoundName::Control, self.control),
        ];
        both.into_iter().filter(|(_, trials)| *trials > 0).collect()
    }
}

/// An image of the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it is.
    pub kind: Kind,
    /// Its place among those of its kind.
    pub image: usize,
}

/// One round: examples, and images to decide on, in the order they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// What is asked.
    pub name: RoundName,
    /// Labelled examples: half of them real.
    pub examples: Vec<Shown>,
    /// Images to decide on: half of them real.
    pub trials: Vec<Shown>,
}

/// What one subject is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The rounds in their order.
    pub rounds: Vec<Round>,
}

impl Form {
    /// The form with `number` of a gallery with `counts` real and synthetic images. No image is
    /// shown twice, and none that is shown refined is shown synthetic.
    ///
    /// # Errors
    /// Options that are not [valid](TestOptions::validate), or too few images.
    pub fn draw(counts: [usize; 2], options: &TestOptions, number: usize) -> Result<Self> {
        options.validate()?;
        let needed = options.images_each();
        for (count, kind) in counts.into_iter().zip(["real", "synthetic"]) {
            if count < needed {
                let message = format!("{count} {kind} images are too few: {needed} are needed");
                return Err(Error::data(message)
                    .with_hint("give more images, or lower --trials, --examples or --control"));
            }
        }
        let seed = options.seed.wrapping_add(number as u64);
        let mut rng = generator(seed, Stream::TuringTest);
        let [mut real, mut made] = counts.map(|count| {
            let mut indices: Vec<usize> = (0..count).collect();
            indices.shuffle(&mut rng);
            indices.into_iter()
        });
        let mut draw = |each: usize, kind: Kind| -> Vec<Shown> {
            let real = real.by_ref().take(each).map(|image| Shown {
                kind: Kind::Real,
                image,
            });
            let made = made.by_ref().take(each).map(|image| Shown { kind, image });
            real.chain(made).collect()
        };
        let mut round = |(name, trials): (RoundName, usize)| Round {
            name,
            examples: draw(options.examples / 2, name.made()),
            trials: draw(trials / 2, name.made()),
        };
        let mut rounds: Vec<Round> = options.rounds().into_iter().map(&mut round).collect();
        let shuffled = rounds.iter_mut();
        shuffled.for_each(|round| round.trials.shuffle(&mut rng));
        Ok(Self { rounds })
    }

    /// Images to decide on, of all rounds.
    pub fn trials(&self) -> usize {
        self.rounds.iter().map(|round| round.trials.len()).sum()
    }

    /// What is asked after `answered` answers: the round's name and the trial; `None` at the end.
    pub fn asked(&self, answered: usize) -> Option<(RoundName, usize)> {
        let (round, trial) = self.place(answered)?;
        Some((self.rounds[round].name, trial))
    }

    /// The round and the trial that come after `answered` answers; `None` at the end.
    pub fn place(&self, answered: usize) -> Option<(usize, usize)> {
        let mut left = answered;
        for (index, round) in self.rounds.iter().enumerate() {
            if left < round.trials.len() {
                return Some((index, left));
            }
            left -= round.trials.len();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(number: usize) -> Form {
        Form::draw([90, 85], &TestOptions::default(), number).unwrap()
    }

    #[test]
    fn half_is_real_and_nothing_is_shown_twice() {
        let form = form(3);
        let sizes = form
            .rounds
            .iter()
            .map(|r| (r.examples.len(), r.trials.len()));
        assert_eq!(sizes.collect::<Vec<_>>(), [(20, 100), (20, 20)]);
        let (mut real, mut made) = (Vec::new(), Vec::new());
        for round in &form.rounds {
            for part in [&round.examples, &round.trials] {
                let of_real = part.iter().filter(|shown| shown.kind == Kind::Real);
                assert_eq!(of_real.count() * 2, part.len());
            }
            for shown in round.examples.iter().chain(&round.trials) {
                match shown.kind {
                    Kind::Real => real.push(shown.image),
                    kind => {
                        assert_eq!(kind, round.name.made());
                        made.push(shown.image);
                    }
                }
            }
        }
        for mut images in [real, made] {
            assert_eq!(images.len(), 80);
            images.sort_unstable();
            images.dedup();
            assert_eq!(images.len(), 80);
        }
    }

    #[test]
    fn forms_repeat_and_differ() {
        assert_eq!(form(1), form(1));
        assert_ne!(form(1), form(2));
    }

    #[test]
    fn the_order_tells_nothing() {
        // Runs of one kind: 51 are expected of 50 and 50 in random order, with a deviation of 5.
        let runs = |form: Form| {
            let kinds = form.rounds[0].trials.iter().map(|shown| shown.kind);
            let kinds: Vec<Kind> = kinds.collect();
            1 + kinds.windows(2).filter(|pair| pair[0] != pair[1]).count()
        };
        let mean = (0..100).map(|number| runs(form(number))).sum::<usize>() as f64 / 100.0;
        assert!((mean - 51.0).abs() < 2.5, "{mean}");
    }

    #[test]
    fn places_follow_the_rounds() {
        let form = form(0);
        assert_eq!(form.trials(), 120);
        assert_eq!(form.place(0), Some((0, 0)));
        assert_eq!(form.place(100), Some((1, 0)));
        assert_eq!(form.place(119), Some((1, 19)));
        assert_eq!(form.place(120), None);
    }

    #[test]
    fn tests_that_cannot_be_are_refused() {
        let refused = |counts, options: TestOptions| {
            let error = Form::draw(counts, &options, 0).unwrap_err();
            assert!(error.hint().is_some());
            error.to_string()
        };
        let options = TestOptions::default();
        assert!(refused([79, 100], options).contains("79 real images are too few"));
        assert!(refused([100, 79], options).contains("79 synthetic images"));
        let odd = TestOptions {
            examples: 5,
            ..options
        };
        assert!(refused([100, 100], odd).contains("--examples is 5"));
        let none = TestOptions {
            trials: 0,
            ..options
        };
        assert!(refused([100, 100], none).contains("--trials is 0"));
    }
}
