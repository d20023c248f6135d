//! Which task a user means.

use crate::tasks::kinds::kind::Kind;
use crate::tasks::kinds::table::KINDS;
use crate::tasks::target::Target;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, Labels};

/// Tasks that a sentence lists by name.
const LISTED: usize = 8;

/// The task that the labels of `data` allow, if they allow exactly one.
///
/// # Errors
/// There are no labels; they allow no task, or several (names them).
pub fn choose(data: &Dataset) -> Result<Target> {
    let labels = labels_of(data)?;
    let found: Vec<String> = KINDS.iter().flat_map(|kind| (kind.found)(labels)).collect();
    match found.as_slice() {
        [one] => named(one, data),
        [] => Err(Error::data(format!(
            "the labels of {} allow no task: there is neither a gaze direction nor a column of numbers",
            data.source()
        ))
        .with_hint(format!("its columns are: {}", labels.columns().join(", ")))),
        several => Err(Error::config(format!(
            "the labels of {} allow more than one task: {}",
            data.source(),
            list(several)
        ))
        .with_hint(format!("name the one meant, for example --task {}", several[0]))),
    }
}

/// The first few names, and how many more there are.
fn list(names: &[String]) -> String {
    let shown = names[..names.len().min(LISTED)].join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The task that `text` names, `gaze` or `column:NAME`, with the labels of `data`.
///
/// # Errors
/// There is no such kind (names those there are), its column is left out, or `data` has no labels for it.
pub fn named(text: &str, data: &Dataset) -> Result<Target> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    let kind = KINDS.iter().find(|kind| kind.name == name);
    let kind = kind.filter(|kind| kind.argument.is_some() || argument.is_none());
    let kind = kind.ok_or_else(|| {
        Error::config(format!("there is no task `{text}`"))
            .with_hint(format!("tasks: {}", spellings().join(", ")))
    })?;
    (kind.read)(argument, labels_of(data)?)
}

/// How each kind is written.
fn spellings() -> Vec<String> {
    let spelling = |kind: &Kind| match kind.argument {
        Some(argument) => format!("{}:{argument}", kind.name),
        None => kind.name.to_owned(),
    };
    KINDS.iter().map(spelling).collect()
}

fn labels_of(data: &Dataset) -> Result<&Labels> {
    data.labels().ok_or_else(|| {
        Error::data(format!("{} has no labels to learn from", data.source()))
            .with_hint("labels lie in labels.csv in the data set's folder, one row an image")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Dataset {
        let labels = Labels::parse(text.as_bytes().to_vec(), "labels.csv").unwrap();
        let names: Vec<String> = (0..labels.len()).map(|row| labels.file(row)).collect();
        let pixels = vec![0; names.len()];
        Dataset::from_memory(names, [1, 1, 1], pixels, Some(labels)).unwrap()
    }

    fn class(column: &str, classes: usize) -> Target {
        Target::Class {
            column: column.into(),
            classes,
        }
    }

    #[test]
    fn the_only_task_that_labels_allow_is_found() {
        for (text, expected) in [
            ("file,gaze_pitch,gaze_yaw\na,0.1,0\nb,0,0.2\n", Target::Gaze),
            (
                "file,gaze_x,gaze_y,gaze_z,place\na,0,0,-1,left\n",
                Target::Gaze,
            ),
            (
                "file,width\na,0.5\nb,2\n",
                Target::Columns(vec!["width".into()]),
            ),
        ] {
            assert_eq!(choose(&data(text)).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn several_tasks_are_listed_and_none_is_guessed() {
        let gaze = data("file,gaze_pitch,gaze_yaw,iris_x\na,0.1,0,3.5\nb,0,0.2,2\n");
        let error = choose(&gaze).unwrap_err();
        assert!(
            error.to_string().ends_with("task: gaze, column:iris_x"),
            "{error}"
        );
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("--task gaze"))
        );
        // Digits may be classes or quantities.
        let error = choose(&data("file,digit\na,0\nb,7\n")).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("task: column:digit, class:digit"),
            "{error}"
        );
        let wide: String = (0..12).map(|n| format!(",c{n}")).collect();
        let error = choose(&data(&format!("file{wide}\na{}\n", ",0.5".repeat(12)))).unwrap_err();
        assert!(
            error.to_string().ends_with("column:c7 and 4 more"),
            "{error}"
        );
        for text in ["file,name\na,left\n", "file\na\n"] {
            let error = choose(&data(text)).unwrap_err();
            assert!(error.to_string().contains("allow no task"), "{error}");
        }
    }

    #[test]
    fn tasks_are_read_as_users_write_them() {
        let digits = data("file,digit,size\na,0,0.5\nb,7,0.1\n");
        for (text, expected) in [
            ("gaze", Target::Gaze),
            ("column:size", Target::Columns(vec!["size".into()])),
            (
                "column:size, digit",
                Target::Columns(vec!["size".into(), "digit".into()]),
            ),
            ("class:digit", class("digit", 8)),
        ] {
            assert_eq!(named(text, &digits).unwrap(), expected, "{text}");
        }
        for (text, part) in [
            ("hands", "no task `hands`"),
            ("gaze:size", "no task `gaze:size`"),
            ("column", "--task column names no column"),
            ("class:", "--task class names no column"),
            ("class:size", "`size` has no classes"),
            ("class:shape", "no column `shape`"),
        ] {
            let error = named(text, &digits).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }
}
