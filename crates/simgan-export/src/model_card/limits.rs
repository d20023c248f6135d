//! Where a network ends.

use simgan::training::Config;
use simgan::training::event_log::Event;

use crate::description::Description;
use crate::model_card::measures::Results;

/// Limits of a refiner.
pub(super) fn of_refiner(config: &Config, events: &[Event], results: &Results) -> String {
    let chain = &config.preprocessing;
    let mut limits = vec![
        format!(
            "It has seen synthetic images of one source, at {} x {} pixels and prepared as the \
             configuration says. What it does to others, nobody has looked at.",
            chain.width, chain.height
        ),
        "It brings the looks of the real images above: their cameras, light and people, and what \
         these lack."
            .to_owned(),
        "It is meant for training data. Its images show nothing that exists, and prove nothing."
            .to_owned(),
        labels(config, results),
    ];
    if config.hold.is_on() {
        limits.push(
            "The run holds boxes or masks (`[hold]`) where `simgan refine` writes images. This network does not know \
             them: it changes all of an image."
                .to_owned(),
        );
    }
    if results.comparisons.is_empty() {
        limits.push(
            "Refining does not always help: whether estimators learn more from these images than \
             from raw ones has not been measured."
                .to_owned(),
        );
    }
    let judged = results.judgements.iter();
    limits.extend(judged.flat_map(|(_, judgement)| judgement.warnings()));
    let compared = results.comparisons.iter();
    limits.extend(compared.flat_map(|(_, comparison)| comparison.warnings()));
    limits.extend(events.iter().filter_map(|event| match event {
        Event::Warning { step, message } => Some(format!(
            "The training warned at iteration {step}: {message}"
        )),
        _ => None,
    }));
    list(&limits)
}

/// What is known of labels.
fn labels(config: &Config, results: &Results) -> String {
    let held = match config.keypoints.radius {
        0.0 => "Nothing holds labelled points in their places.".to_owned(),
        radius => format!("Within {radius} pixels of the points that it finds, nothing moves."),
    };
    let measured = match results.judgements.is_empty() {
        true => "How far labels move has not been measured after the training.",
        false => "How far labels move is above.",
    };
    format!("{held} {measured}")
}

/// Limits of an estimator.
pub(super) fn of_estimator(description: &Description) -> String {
    let [_, height, width] = description.input.shape[..] else {
        return String::new();
    };
    list(&[
        format!("It takes images of {width} x {height} pixels, prepared as below, and no others."),
        "It knows what the images above show; of others its answers may be wrong without a sign."
            .to_owned(),
        "Its answers are single numbers, without a word about how sure it is.".to_owned(),
    ])
}

fn list(limits: &[String]) -> String {
    limits.iter().map(|limit| format!("- {limit}\n")).collect()
}
