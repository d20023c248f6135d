//! Training a run: from the start or from its newest good checkpoint, to the end or until asked to stop.

use std::ops::ControlFlow;

use burn::tensor::Device;

use crate::training::bookmark::Bookmark;
use crate::training::course::{Course, Outside};
use crate::training::event_log;
use crate::training::event_log::{Event, Phase};
use crate::training::progress::{Observer, Stage, Summary};
use crate::training::request::{Request, Requests};
use crate::training::work::Work;
use crate::training::{Config, RunDir, setup};
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
    config.validate()?;
    setup::check_sides(synthetic, real)?;
    setup::check_machine(config, synthetic.image_shape(), device)?;
    let _lock = run.lock()?;
    run.tidy()?;
    let (algorithm, bookmark) = match run.checkpoints()?.is_empty() {
        true => {
            let work = Work::of(config, synthetic.image_shape());
            let mut told = |preparation, done, total| {
                let stage = Stage::Preparation(preparation);
                observer(None, work.progress(stage, done, total));
                match requests() {
                    Request::Stop => ControlFlow::Break(()),
                    // There is nothing yet that could be saved.
                    Request::Continue | Request::Save => ControlFlow::Continue(()),
                }
            };
            match setup::new(config, synthetic, real, device, run, &mut told)? {
                Some(algorithm) => (algorithm, None),
                None => return Ok(Summary::of_nothing(true)),
            }
        }
        false => {
            let (algorithm, bookmark) = setup::resumed(config, synthetic, real, run, device)?;
            if bookmark.phase == Phase::Adversarial && bookmark.done > config.training.steps {
                return Ok(Summary::already(bookmark.done));
            }
            // A crash may have come before it; and who lacks room may ask for fewer.
            run.prune_as(&config.training)?;
            (algorithm, Some(bookmark))
        }
    };
    if run.config()? != *config {
        run.write_config(config)?;
    }
    if let Some(done) = finished(config, run, bookmark.as_ref()) {
        return Ok(done);
    }
    let outside = Outside { observer, requests };
    Course::new(config, run, algorithm, bookmark, outside)?.run()
}

/// The summary of a run in which nothing is left to be done.
fn finished(config: &Config, run: &RunDir, bookmark: Option<&Bookmark>) -> Option<Summary> {
    let steps = bookmark.filter(|b| b.phase == Phase::Adversarial)?.done;
    let events = event_log::read(&run.events_file()).ok()?;
    let told = matches!(events.last(), Some(Event::Finished { step, .. }) if *step == steps);
    (told && steps >= config.training.steps).then(|| Summary::already(steps))
}
