//! Which keys of a run's configuration may change while it goes on.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::training::Config;
use crate::training::schedule::ScheduleKind;
use simgan_base::{Error, Result};

/// Keys that say how often something is written, or what is refused: the training takes the same course with any value.
const FREE: [&str; 6] = [
    "training.deterministic",
    "training.checkpoint_every",
    "training.checkpoints_kept",
    "training.keep_best",
    "training.log_every",
    "training.images_every",
];

/// Refuses to go on with `asked` where the run's `stored` configuration would have taken another course.
///
/// How often something is written may differ, the estimator (which training does not use), and the number of
/// iterations unless learning rates or noise depend on it.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): names every key that differs, with both values.
pub fn refuse_changes(stored: &Config, asked: &Config) -> Result<()> {
    let changes = changes(stored, asked)?;
    if changes.is_empty() {
        return Ok(());
    }
    let message = format!("the configuration is not the run's: {}", changes.join(", "));
    Err(Error::config(message)
        .with_hint("leave --set and --steps out to go on as before, or give --allow-changes to go on otherwise"))
}

/// The changes of the course, as `key: old -> new`.
fn changes(stored: &Config, asked: &Config) -> Result<Vec<String>> {
    let (stored_keys, asked_keys) = (flat(stored)?, flat(asked)?);
    let timed = |config: &Config| {
        let kind = config.schedule.kind;
        matches!(kind, ScheduleKind::Linear | ScheduleKind::Cosine)
            || config.training.instance_noise > 0.0
    };
    let free = |key: &str| {
        FREE.contains(&key)
            || key.starts_with("estimator.")
            || key == "training.steps" && !timed(stored) && !timed(asked)
    };
    let mut keys: Vec<&String> = stored_keys.keys().chain(asked_keys.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let text = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
    Ok(keys
        .into_iter()
        .map(|key| (key, stored_keys.get(key), asked_keys.get(key)))
        .filter(|(key, old, new)| old != new && !free(key))
        .map(|(key, old, new)| format!("{key}: {} -> {}", text(old), text(new)))
        .collect())
}

/// Every value by its key, `section.key`.
fn flat(config: &Config) -> Result<BTreeMap<String, Value>> {
    let table = Table::try_from(config)
        .map_err(|e| Error::config(format!("configuration cannot be written as TOML: {e}")))?;
    let mut keys = BTreeMap::new();
    collect("", table, &mut keys);
    Ok(keys)
}

fn collect(prefix: &str, table: Table, keys: &mut BTreeMap<String, Value>) {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        match value {
            Value::Table(table) => collect(&format!("{key}."), table, keys),
            value => drop(keys.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: impl Fn(&mut Config)) -> Config {
        let mut config = Config::default();
        change(&mut config);
        config
    }

    #[test]
    fn what_changes_the_course_is_listed() {
        let asked = changed(|c| {
            c.training.lambda = 1.0;
            c.discriminator.layers.pop();
            c.training.log_every = 3;
        });
        let error = refuse_changes(&Config::default(), &asked).unwrap_err();
        assert_eq!(error.kind(), simgan_base::ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains("training.lambda: 5.0 -> 1.0"), "{text}");
        assert!(
            text.contains("discriminator.layers: [") && !text.contains("log_every"),
            "{text}"
        );
    }

    #[test]
    fn what_does_not_is_free() {
        let asked = changed(|c| {
            c.training.steps = 7;
            c.training.checkpoint_every = 1;
            c.training.checkpoints_kept = 0;
            c.training.log_every = 1;
            c.training.images_every = 1;
            c.estimator.steps = 1;
        });
        refuse_changes(&Config::default(), &asked).unwrap();
    }

    #[test]
    fn the_number_of_steps_counts_where_something_fades_with_it() {
        let fading: [fn(&mut Config); 3] = [
            |c| c.schedule.kind = ScheduleKind::Linear,
            |c| c.schedule.kind = ScheduleKind::Cosine,
            |c| c.training.instance_noise = 0.1,
        ];
        for fading in fading {
            let stored = changed(fading);
            let mut asked = stored.clone();
            asked.training.steps += 1;
            let error = refuse_changes(&stored, &asked).unwrap_err().to_string();
            assert!(error.ends_with("training.steps: 1000 -> 1001"), "{error}");
        }
    }
}
