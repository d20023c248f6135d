//! The head of the report: what, when, how far; and the warnings.

use simgan::algorithm_1::scalars::Scalars;
use simgan::training::event_log::{Event, Phase};

use super::curves::GREY_LEVELS;
use super::html::{escape, number, paragraph, section, tiles};
use super::run_data::RunData;
use simgan_base::formats::readable::duration;
use simgan_base::formats::readable::thousands;

/// Title, origin, and how many warnings there are.
pub fn render(run: &RunData) -> String {
    let warnings = match all_warnings(run).len() {
        0 => "no warnings".to_owned(),
        1 => "<a class=\"warn\" href=\"#warnings\">1 warning</a>".to_owned(),
        n => format!("<a class=\"warn\" href=\"#warnings\">{n} warnings</a>"),
    };
    format!(
        "<h1>SimGAN run {}</h1>\n<p class=\"sub\">{} \u{b7} {warnings}</p>\n",
        escape(&run.name),
        escape(&origin(run)),
    )
}

/// Key figures of the training.
pub fn tiles_of(run: &RunData) -> String {
    tiles(&figures(run))
}

/// What could not be read, and what the training warned of.
fn all_warnings(run: &RunData) -> Vec<String> {
    let mut warnings = run.problems.clone();
    for event in &run.events {
        if let Event::Warning { step, message } = event {
            warnings.push(format!("iteration {}: {message}", thousands(*step)));
        }
    }
    warnings
}

/// The section of warnings; a sentence where there are none.
pub fn warnings(run: &RunData) -> String {
    let warnings = all_warnings(run);
    if warnings.is_empty() {
        return section("Warnings", &paragraph("None."));
    }
    let items: String = warnings
        .iter()
        .map(|w| format!("<li>{}</li>\n", escape(w)))
        .collect();
    section("Warnings", &format!("<ul>\n{items}</ul>\n")).replacen(
        "<section>",
        "<section class=\"warnings\" id=\"warnings\">",
        1,
    )
}

fn origin(run: &RunData) -> String {
    let mut parts = Vec::new();
    let created = run
        .info(&["created_unix"])
        .and_then(|seconds| seconds.parse().ok());
    parts.extend(created.map(|seconds| format!("created {}", utc(seconds))));
    parts.extend(
        run.info(&["version"])
            .map(|version| format!("simgan {version}")),
    );
    parts.extend(run.info(&["device"]).map(|device| format!("on {device}")));
    match parts.is_empty() {
        true => "run.json is missing: when and with which version is not known".to_owned(),
        false => parts.join(" · "),
    }
}

fn figures(run: &RunData) -> Vec<(&'static str, String)> {
    let mut figures = vec![("iterations of Algorithm 1", iterations(run))];
    figures.push(("training time", duration(seconds(&run.events))));
    let parameters = [
        ("parameters of the refiner", "refiner_parameters"),
        (
            "parameters of the discriminator",
            "discriminator_parameters",
        ),
    ];
    for (name, key) in parameters {
        if let Some(count) = run.info(&[key]).and_then(|n| n.parse().ok()) {
            figures.push((name, thousands(count)));
        }
    }
    if let Some(last) = last_scalars(&run.events) {
        let change = last
            .pixel_change
            .map(|c| format!("{} of 255", number((GREY_LEVELS * c).into())));
        figures.extend(change.map(|text| ("last mean pixel change", text)));
        let accuracy = last.accuracy_real.zip(last.accuracy_refined);
        let percent = |a: f32| format!("{:.0} %", 100.0 * a);
        figures.extend(accuracy.map(|(real, refined)| {
            (
                "last accuracy on real, refined",
                format!("{}, {}", percent(real), percent(refined)),
            )
        }));
    }
    figures
}

fn iterations(run: &RunData) -> String {
    let done = thousands(steps_done(&run.events));
    let planned = run
        .config
        .get("training")
        .and_then(|training| training.get("steps"));
    match planned
        .and_then(toml::Value::as_integer)
        .and_then(|n| usize::try_from(n).ok())
    {
        Some(planned) => format!("{done} of {}", thousands(planned)),
        None => done,
    }
}

/// Iterations of Algorithm 1 that the log tells of.
pub fn steps_done(events: &[Event]) -> usize {
    let last = events.iter().rev().find_map(|event| match event {
        Event::Step {
            phase: Phase::Adversarial,
            step,
            ..
        }
        | Event::Finished { step, .. } => Some(*step),
        _ => None,
    });
    last.unwrap_or(0)
}

/// The last logged values of Algorithm 1.
pub fn last_scalars(events: &[Event]) -> Option<&Scalars> {
    events.iter().rev().find_map(|event| match event {
        Event::Step {
            phase: Phase::Adversarial,
            scalars,
            ..
        } => Some(scalars),
        _ => None,
    })
}

/// Seconds of training, summed over the processes that worked on the run.
pub fn seconds(events: &[Event]) -> f64 {
    let (mut whole, mut current) = (0.0, 0.0);
    for event in events {
        match event {
            Event::Started { .. } => {
                whole += current;
                current = 0.0;
            }
            Event::Step { seconds, .. } | Event::Finished { seconds, .. } => current = *seconds,
            _ => {}
        }
    }
    whole + current
}

/// Seconds since 1970 as date and time, in the proleptic Gregorian calendar.
fn utc(seconds: u64) -> String {
    // Days are counted from 1 March of the year 0, so that leap days end a year.
    let days = seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(utc(1_499_385_600), "2017-07-07 00:00 UTC");
        assert_eq!(utc(4_107_542_399), "2100-02-28 23:59 UTC");
        assert_eq!(utc(4_107_542_400), "2100-03-01 00:00 UTC");
    }

    fn started() -> Event {
        Event::Started {
            version: "0".into(),
            images: [1, 1],
            parameters: [1, 1],
            device: "cpu".into(),
        }
    }

    fn finished(seconds: f64) -> Event {
        Event::Finished { step: 7, seconds }
    }

    #[test]
    fn the_time_of_a_resumed_run_is_summed() {
        let events = [started(), finished(10.0), started(), finished(2.5)];
        assert_eq!(seconds(&events), 12.5);
        assert_eq!(seconds(&[]), 0.0);
        assert_eq!(steps_done(&events), 7);
    }
}
