//! Training a run: from the start or from its newest good checkpoint, to the end or until asked to stop.

use std::ops::ControlFlow;

use burn::tensor::Device;

use crate::parallel::{Member, ProcessGroup};
use crate::training::bookmark::Bookmark;
use crate::training::course::{Course, Outside};
use crate::training::event_log;
use crate::training::event_log::{Event, Phase};
use crate::training::progress::{Observer, Stage, Summary};
use crate::training::request::{Request, Requests};
use crate::training::work::Work;
use crate::training::{Config, RunDir, RunLock, setup};
use simgan_base::Result;
use simgan_data::Dataset;

/// As [`train_until`], to the configured end.
///
/// # Errors
/// Those of [`train_until`].
pub fn train(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    run: &RunDir,
    device: &Device,
    observer: &mut Observer,
) -> Result<Summary> {
    let mut never = || Request::Continue;
    train_until(config, synthetic, real, run, device, observer, &mut never)
}

/// Trains the run to its configured end or until it is asked to stop, from its newest good checkpoint if there is one.
/// `requests` is called after every step. The run's stored configuration becomes `config`, unless the run has more
/// iterations already than `config` asks for: then nothing is changed.
///
/// # Errors
/// Sides of different image shapes, data that changed since the run began, another training in the folder, checkpoints
/// of which none is whole, something not finite where a number has to be (the last checkpoint stays), or a file that
/// cannot be written.
pub fn train_until(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    run: &RunDir,
    device: &Device,
    observer: &mut Observer,
    requests: &mut Requests,
) -> Result<Summary> {
    let member = Member::alone(device);
    train_together(config, synthetic, real, run, &member, observer, requests)
}

/// As [`train_until`], as one of several processes that share every mini-batch. All of them are given the same images and
/// configuration and read the run's folder; the first one alone writes there and calls `observer`. What is asked of one of them
/// is done by all after the same step.
///
/// # Errors
/// Those of [`train_until`], a mini-batch that cannot be shared, processes that differ, and another process that has gone. Who
/// gets one has to end the other processes as well: they may wait for this one.
pub fn train_together(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    run: &RunDir,
    member: &Member,
    observer: &mut Observer,
    requests: &mut Requests,
) -> Result<Summary> {
    config.validate()?;
    setup::check_sides(config, synthetic, real)?;
    setup::check_machine(config, synthetic.image_shape(), member)?;
    let group = &member.group;
    let _lock = taken(run, group)?;
    let (algorithm, bookmark) = match run.checkpoints()?.is_empty() {
        true => {
            let work = Work::of(config, synthetic.image_shape());
            let mut told = |preparation, done, total| {
                let stage = Stage::Preparation(preparation);
                if group.is_first() {
                    observer(None, work.progress(stage, done, total));
                }
                match requests() {
                    Request::Stop => ControlFlow::Break(()),
                    // There is nothing yet that could be saved.
                    Request::Continue | Request::Save => ControlFlow::Continue(()),
                }
            };
            match setup::new(config, synthetic, real, member, run, &mut told)? {
                Some(algorithm) => (algorithm, None),
                None => return Ok(Summary::of_nothing(true)),
            }
        }
        false => {
            let (algorithm, bookmark) = setup::resumed(config, synthetic, real, run, member)?;
            if bookmark.phase == Phase::Adversarial && bookmark.done > config.training.steps {
                return Ok(Summary::already(bookmark.done));
            }
            (algorithm, Some(bookmark))
        }
    };
    if let Some(done) = finished(config, run, bookmark.as_ref()) {
        keep(config, run, group)?;
        return Ok(done);
    }
    // Before the first process changes what the others read.
    setup::require_same(config, &algorithm)?;
    keep(config, run, group)?;
    let outside = Outside { observer, requests };
    Course::new(config, run, algorithm, bookmark, outside)?.run()
}

/// Locks and tidies the run, which the first process does for all.
fn taken(run: &RunDir, group: &ProcessGroup) -> Result<Option<RunLock>> {
    let mut lock = None;
    if group.is_first() {
        lock = Some(run.lock()?);
        run.tidy()?;
    }
    group.largest(0)?;
    Ok(lock)
}

/// Stores `config` with the run, and removes checkpoints that it does not keep: a crash may have come before that; and who lacks
/// room may ask for fewer.
fn keep(config: &Config, run: &RunDir, group: &ProcessGroup) -> Result<()> {
    if !group.is_first() {
        return Ok(());
    }
    run.prune_as(&config.training)?;
    match run.config()? == *config {
        true => Ok(()),
        false => run.write_config(config),
    }
}

/// The summary of a run in which nothing is left to be done.
fn finished(config: &Config, run: &RunDir, bookmark: Option<&Bookmark>) -> Option<Summary> {
    let steps = bookmark.filter(|b| b.phase == Phase::Adversarial)?.done;
    let events = event_log::read(&run.events_file()).ok()?;
    let told = matches!(events.last(), Some(Event::Finished { step, .. }) if *step == steps);
    (told && steps >= config.training.steps).then(|| Summary::already(steps))
}
