//! What the answers show: the paper's Table 1, with intervals and subjects.

use serde::{Deserialize, Serialize};
use simgan_base::formats::shape::Shape;
use simgan_base::metrics::summary::median;

use crate::choice::{Choice, Kind, RoundName};
use crate::plan::Plan;
use crate::session::{Answer, Session};
use crate::statistics::{OverSubjects, one_sided, over_subjects, two_sided, wilson};

/// What a test shows so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The run whose refiner is tested.
    pub run: String,
    /// Subjects who decided on every image; only their answers count.
    pub subjects: usize,
    /// Subjects who began and have not finished.
    pub unfinished: usize,
    /// Real or refined; then the control round, if there is one.
    pub rounds: Vec<RoundResults>,
}

/// One round of all subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundResults {
    /// What was asked.
    pub round: RoundName,
    /// Answers by what the images were.
    pub confusion: Confusion,
    /// All answers in one heap.
    pub all: Score,
    /// Probability that guessing is right at least as often; the paper's test.
    pub p_one_sided: f64,
    /// Probability that guessing is as far from one half, to either side.
    pub p_two_sided: f64,
    /// The rate of right answers in the population of subjects; absent for fewer than two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_subjects: Option<OverSubjects>,
    /// Each subject, in the order they came.
    pub each: Vec<SubjectScore>,
    /// A classifier, asked the same; absent where there were too few images to teach one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Score>,
    /// Median time of an answer in seconds.
    pub median_seconds: f64,
}

/// Answers by what the images were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Real images taken for real.
    pub real_as_real: usize,
    /// Real images taken for synthetic.
    pub real_as_synthetic: usize,
    /// Refined (control round: synthetic) images taken for real.
    pub made_as_real: usize,
    /// Refined (control round: synthetic) images taken for synthetic.
    pub made_as_synthetic: usize,
}

impl Confusion {
    fn add(&mut self, kind: Kind, choice: Choice) {
        *match (kind, choice) {
            (Kind::Real, Choice::Real) => &mut self.real_as_real,
            (Kind::Real, Choice::Synthetic) => &mut self.real_as_synthetic,
            (_, Choice::Real) => &mut self.made_as_real,
            (_, Choice::Synthetic) => &mut self.made_as_synthetic,
        } += 1;
    }

    fn score(self) -> Score {
        let all = [
            self.real_as_real,
            self.real_as_synthetic,
            self.made_as_real,
            self.made_as_synthetic,
        ];
        Score::of(self.real_as_real + self.made_as_synthetic, all.iter().sum())
    }
}

/// How many answers are right.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Right answers.
    pub right: usize,
    /// Answers.
    pub all: usize,
    /// Part that is right, 0..=1.
    pub rate: f64,
    /// Wilson's 95 % interval of `rate`, as if all answers were independent.
    pub interval: [f64; 2],
}

impl Score {
    /// `right` of `all`.
    pub fn of(right: usize, all: usize) -> Self {
        Self {
            right,
            all,
            rate: right as f64 / all.max(1) as f64,
            interval: wilson(right, all),
        }
    }
}

/// One subject's score in a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectScore {
    /// Its place among all who began, from 1.
    pub subject: usize,
    /// What it calls itself.
    pub name: String,
    /// How many of its answers are right.
    #[serde(flatten)]
    pub score: Score,
}

impl Results {
    /// What they are as JSON.
    pub const SHAPE: Shape = Shape::new("turing", 1);

    /// Of the `sessions` of a test.
    pub fn of(plan: &Plan, sessions: &[Session]) -> Self {
        let numbered = sessions.iter().enumerate();
        let finished: Vec<_> = numbered.filter(|(_, s)| s.is_finished()).collect();
        let mut rounds = Vec::new();
        if let Some((_, first)) = finished.first() {
            let names = first.form.rounds.iter().map(|round| round.name);
            rounds.extend(names.map(|name| round(plan, name, &finished)));
        }
        Self {
            run: plan.run.clone(),
            subjects: finished.len(),
            unfinished: sessions.len() - finished.len(),
            rounds,
        }
    }
}

fn round(plan: &Plan, name: RoundName, finished: &[(usize, &Session)]) -> RoundResults {
    let mut confusion = Confusion::default();
    let (mut each, mut seconds) = (Vec::new(), Vec::new());
    let mut machine = Confusion::default();
    for &(index, session) in finished {
        let mut own = Confusion::default();
        let decisions = session.decisions();
        for (answer, shown) in decisions.filter(|(answer, _)| answer.round == name) {
            confusion.add(shown.kind, answer.choice);
            own.add(shown.kind, answer.choice);
            seconds.extend(timed(answer));
            let asked = plan.machine.as_ref();
            let answered = asked.and_then(|machine| machine.takes_for_real(name, shown));
            match answered {
                Some(true) => machine.add(shown.kind, Choice::Real),
                Some(false) => machine.add(shown.kind, Choice::Synthetic),
                None => {}
            }
        }
        each.push(SubjectScore {
            subject: index + 1,
            name: session.subject.clone(),
            score: own.score(),
        });
    }
    let all = confusion.score();
    let counts: Vec<_> = each.iter().map(|s| (s.score.right, s.score.all)).collect();
    RoundResults {
        round: name,
        confusion,
        p_one_sided: one_sided(all.right, all.all),
        p_two_sided: two_sided(all.right, all.all),
        over_subjects: over_subjects(&counts),
        machine: Some(machine.score()).filter(|score| score.all > 0),
        median_seconds: median(&seconds),
        all,
        each,
    }
}

/// Seconds that an answer took, where that is known.
fn timed(answer: Answer) -> Option<f64> {
    (answer.milliseconds > 0).then(|| answer.milliseconds as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper's Table 1.
    #[test]
    fn the_papers_table_has_the_papers_test() {
        let table = Confusion {
            real_as_real: 224,
            real_as_synthetic: 276,
            made_as_real: 207,
            made_as_synthetic: 293,
        };
        let score = table.score();
        assert_eq!((score.right, score.all), (517, 1000));
        let p = one_sided(score.right, score.all);
        assert_eq!(format!("{p:.3}"), "0.148");
        assert!(score.interval[0] < 0.5 && score.interval[1] > 0.5);
    }
}
