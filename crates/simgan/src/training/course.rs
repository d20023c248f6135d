//! The course of a training: warm-ups and Algorithm 1, step by step, the same in all processes that share it.

use crate::algorithm_1::Algorithm1;
use crate::algorithm_1::scalars::Scalars;
use crate::training::bookmark::Bookmark;
use crate::training::event_log::Phase;
use crate::training::place::Place;
use crate::training::progress::{Observer, Summary};
use crate::training::record::Record;
use crate::training::request::{Request, Requests};
use crate::training::{Config, RunDir};
use simgan_base::Result;

/// Who is told of a training, and who may ask something of it.
pub(super) struct Outside<'a, 'o, 'r> {
    pub(super) observer: &'a mut Observer<'o>,
    pub(super) requests: &'a mut Requests<'r>,
}

pub(super) struct Course<'a, 'o, 'r> {
    config: &'a Config,
    algorithm: Algorithm1,
    place: Place,
    requests: &'a mut Requests<'r>,
    /// Of the first process alone.
    record: Option<Record<'a, 'o>>,
}

impl<'a, 'o, 'r> Course<'a, 'o, 'r> {
    pub(super) fn new(
        config: &'a Config,
        run: &'a RunDir,
        algorithm: Algorithm1,
        bookmark: Option<Bookmark>,
        outside: Outside<'a, 'o, 'r>,
    ) -> Result<Self> {
        let begun = bookmark.as_ref().map(|b| (b.phase, b.done));
        let (phase, done) = begun.unwrap_or((Phase::RefinerWarmup, 0));
        let record = match algorithm.group.is_first() {
            true => Some(Record::open(
                config,
                run,
                &algorithm,
                bookmark,
                outside.observer,
            )?),
            false => None,
        };
        Ok(Self {
            config,
            algorithm,
            place: Place::new(config, phase, done),
            requests: outside.requests,
            record,
        })
    }

    pub(super) fn run(mut self) -> Result<Summary> {
        let stopped = loop {
            let stopped = self.finish_phase()?;
            match self.place.phase {
                _ if stopped => break true,
                Phase::RefinerWarmup => self.enter(Phase::DiscriminatorWarmup),
                Phase::DiscriminatorWarmup => self.begin_algorithm_1()?,
                Phase::Adversarial => break false,
            }
        };
        match self.record {
            Some(record) => record.finish(self.place, stopped),
            None => Ok(Summary {
                steps: self.place.iterations(),
                ..Summary::of_nothing(stopped)
            }),
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.place = Place::new(self.config, phase, 0);
    }

    fn begin_algorithm_1(&mut self) -> Result<()> {
        self.enter(Phase::Adversarial);
        self.algorithm.start_average();
        match &mut self.record {
            Some(record) => record.begin_algorithm_1(&self.algorithm, self.place),
            None => Ok(()),
        }
    }

    /// The steps that the phase still has; whether it was asked to stop before its end.
    fn finish_phase(&mut self) -> Result<bool> {
        while self.place.done < self.place.total {
            let place = format!("{} step {}", self.place.phase, self.place.done + 1);
            let scalars = self.step().map_err(|error| {
                let error = error.at(&place);
                match &self.record {
                    Some(record) => record.told(error),
                    None => error,
                }
            })?;
            self.place.done += 1;
            if let Some(record) = &mut self.record {
                record.step(&self.algorithm, self.place, &scalars)?;
            }
            match self.request()? {
                Request::Continue => {}
                Request::Save => self.save()?,
                Request::Stop => {
                    self.save()?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What is asked of any of the processes, which all do it after the same step.
    fn request(&mut self) -> Result<Request> {
        const BY_WEIGHT: [Request; 3] = [Request::Continue, Request::Save, Request::Stop];
        let own = (self.requests)();
        let weight = BY_WEIGHT.iter().position(|request| *request == own);
        let heaviest = self.algorithm.group.largest(weight.unwrap_or(0) as u32)?;
        Ok(BY_WEIGHT[heaviest as usize])
    }

    fn save(&mut self) -> Result<()> {
        match &mut self.record {
            Some(record) => record.save(&self.algorithm, self.place),
            None => Ok(()),
        }
    }

    fn step(&mut self) -> Result<Scalars> {
        let Place { phase, done, total } = self.place;
        let mut scalars = Scalars::default();
        match phase {
            Phase::RefinerWarmup => self.algorithm.update_refiner(false, &mut scalars)?,
            Phase::DiscriminatorWarmup => self.algorithm.update_discriminator(&mut scalars)?,
            Phase::Adversarial => {
                let factor = self.config.schedule.factor_at(done, total);
                let training = &self.config.training;
                let constants = &mut self.algorithm.constants;
                constants.learning_rate_refiner = training.learning_rate_refiner * factor;
                constants.learning_rate_discriminator =
                    training.learning_rate_discriminator * factor;
                let stabilizers = &mut self.algorithm.stabilizers;
                stabilizers.perturbation.noise.fade(done, total);
                scalars = self.algorithm.iteration()?;
            }
        }
        Ok(scalars)
    }
}
