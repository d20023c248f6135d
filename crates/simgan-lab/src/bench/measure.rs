//! Rounds in which the competitors of a stage take turns.

use anyhow::anyhow;
use serde_json::Value;

use super::competitor::Competitor;
use super::plan::Plan;
use super::process::{Failure, Worker};
use super::result::{Measured, StageResult};
use super::stage::Stage;
use simgan_cli::console::Console;
use simgan_cli::progress::Progress;

/// A turn takes about so long: several steps where they are short.
const TURN_SECONDS: f64 = 0.2;
/// Steps of a turn, at most.
const TURN_STEPS: f64 = 10.0;

impl Plan {
    /// Measures every stage.
    ///
    /// # Errors
    /// A worker of this program fails. A variant of PyTorch that fails is warned of and left out.
    pub fn measure(&self, console: &Console) -> anyhow::Result<Vec<StageResult>> {
        let stages = self.stages.iter();
        stages.map(|&stage| self.stage(stage, console)).collect()
    }

    fn stage(&self, stage: Stage, console: &Console) -> anyhow::Result<StageResult> {
        let competitors = self.competitors();
        let rounds = self.rounds.unwrap_or_else(|| stage.rounds());
        // One after the other, where they would not fit into memory together.
        let together = if stage.is_interleaved() {
            competitors.len()
        } else {
            1
        };
        let mut field = Field {
            plan: self,
            stage,
            console,
            progress: Progress::new(console, "measuring"),
            turns: competitors.len() * (rounds as usize + 1),
            done: 0,
        };
        let mut measured = Vec::new();
        for group in competitors.chunks(together) {
            measured.extend(field.race(group, rounds)?);
        }
        let Some(place) = measured
            .iter()
            .position(|(who, _)| *who == Competitor::Ours)
        else {
            return Err(anyhow!("`{}` was not measured", stage.name()));
        };
        let (_, ours) = measured.remove(place);
        Ok(StageResult {
            stage,
            images: self.images(stage),
            ours,
            others: measured,
        })
    }
}

/// One stage under way.
struct Field<'a> {
    plan: &'a Plan,
    stage: Stage,
    console: &'a Console,
    progress: Progress<'a>,
    turns: usize,
    done: usize,
}

/// One competitor of it.
struct Runner {
    who: Competitor,
    worker: Worker,
    ready: Value,
    steps: usize,
    seconds: Vec<f64>,
}

impl Field<'_> {
    /// Starts `group`, one after the other, then lets them take turns.
    fn race(
        &mut self,
        group: &[Competitor],
        rounds: u32,
    ) -> anyhow::Result<Vec<(Competitor, Measured)>> {
        let mut runners = Vec::new();
        for &who in group {
            let started = self.start(who);
            runners.extend(self.unless_it_failed(who, started)?);
        }
        for round in 0..rounds as usize {
            let mut left = Vec::new();
            // Another one begins each time, so that none always follows the same.
            let first = round % runners.len().max(1);
            runners.rotate_left(first);
            for mut runner in runners {
                let turn = self.turn(&mut runner);
                left.extend(self.unless_it_failed(runner.who, turn)?.map(|()| runner));
            }
            let back = first.min(left.len());
            left.rotate_right(back);
            runners = left;
        }
        let mut measured = Vec::new();
        for runner in runners {
            let who = runner.who;
            let end = finish(runner);
            measured.extend(self.unless_it_failed(who, end)?.map(|found| (who, found)));
        }
        Ok(measured)
    }

    fn start(&mut self, who: Competitor) -> Result<Runner, Failure> {
        self.advance(who);
        let (worker, ready) = Worker::start(self.plan.command(self.stage, who))?;
        let warm = ready["warmup_seconds"].as_f64().unwrap_or(TURN_SECONDS);
        let steps = (TURN_SECONDS / warm.max(1e-9)).clamp(1.0, TURN_STEPS) as usize;
        Ok(Runner {
            who,
            worker,
            ready,
            steps,
            seconds: Vec::new(),
        })
    }

    fn turn(&mut self, runner: &mut Runner) -> Result<(), Failure> {
        self.advance(runner.who);
        runner.seconds.extend(runner.worker.step(runner.steps)?);
        Ok(())
    }

    fn advance(&mut self, who: Competitor) {
        let message = format!("{}: {}", self.stage.name(), who.name());
        self.progress.update(self.done, self.turns, &message);
        self.done += 1;
    }

    /// PyTorch's failures leave a variant out, others end the measurement.
    fn unless_it_failed<T>(
        &self,
        who: Competitor,
        outcome: Result<T, Failure>,
    ) -> anyhow::Result<Option<T>> {
        let failure = match outcome {
            Ok(value) => return Ok(Some(value)),
            Err(failure) => failure,
        };
        let (stage, name) = (self.stage.name(), who.name());
        if matches!(who, Competitor::PyTorch(_)) {
            let warning = format!("PyTorch {name} is left out of {stage}: {failure}");
            self.console.warn(&warning);
            return Ok(None);
        }
        Err(anyhow!(failure).context(format!("`{stage}` of {name} cannot be measured")))
    }
}

fn finish(runner: Runner) -> Result<Measured, Failure> {
    let end = runner.worker.quit()?;
    Measured::new(&runner.seconds, &runner.ready, &end)
        .ok_or_else(|| Failure("it made no step".to_owned()))
}
