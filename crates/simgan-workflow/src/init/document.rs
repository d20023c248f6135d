//! The file: a built-in configuration with the chosen keys in the place of its own.

use simgan_base::formats::readable::thousands;
use simgan_data::Dataset;

use super::choice::{Choice, Section};
use super::look::Look;
use super::request::InitRequest;
use crate::presets;

/// Columns of a comment.
const WIDTH: usize = 98;

/// The whole text.
pub(super) fn write(look: &Look, request: &InitRequest) -> String {
    let (name, why) = match look.eyes {
        true => ("gaze", "labels and size are those of eyes"),
        false => (
            "digits",
            "the smallest that is known to work for anything but eyes",
        ),
    };
    let preset = presets::named(name).map_or("", |preset| preset.text);
    let chosen = |section: Section| -> String {
        let choices = look.choices().filter(|choice| choice.section == section);
        choices.map(line).collect()
    };
    let (preprocessing, estimator) = (chosen(Section::Preprocessing), chosen(Section::Estimator));
    let base = without_section(body(preset), Section::Preprocessing.name());
    let base = with_keys(&base, Section::Estimator.name(), &estimator);
    let base_told = comment(&format!(
        "The sections below are those of the built-in configuration `{name}`: {why}."
    ));
    format!(
        "{}\n[preprocessing]\n{preprocessing}\n{base_told}\n{}\n",
        header(look, request),
        base.trim()
    )
}

/// What was looked at, what was found, and what to do next.
fn header(look: &Look, request: &InitRequest) -> String {
    let train = printable(&format!(
        "simgan train --config {} --synthetic '{}' --real '{}'",
        request.out.display(),
        request.synthetic,
        look.real_argument
    ));
    let mut text = String::from("# Written by `simgan init`, to be edited.\n#\n");
    for (side, data) in [("synthetic", &look.synthetic), ("real", &look.real)] {
        text += &comment(&format!("{side}: {}", facts(data)));
    }
    for note in std::iter::once(&look.framing).chain(&look.notes) {
        text += &comment(note);
    }
    text + &format!(
        "#\n# What it takes: {train} --dry-run\n# Then:          {train} --out run\n\
         # All keys:      docs/configuration-keys.md, or `simgan config --schema` in an editor.\n"
    )
}

/// `DIR, 3,000 images, labels iris_x, iris_y and 3 more`.
fn facts(data: &Dataset) -> String {
    let labels = match data.labels() {
        Some(labels) => format!("labels {}", labels.columns().join(", ")),
        None => "no labels".to_owned(),
    };
    let (source, images) = (data.source(), thousands(data.len()));
    format!("{source}, {images} images, {}, {labels}", data.format())
}

/// A key under its reason.
fn line(choice: &Choice) -> String {
    let why = match choice.why.is_empty() {
        true => String::new(),
        false => comment(&choice.why),
    };
    format!("{why}{} = {}\n", choice.key, choice.value)
}

/// A text that TOML allows in one comment.
fn printable(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Comment lines of a text, whatever it holds.
fn comment(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in printable(text).split_whitespace() {
        let fits = lines
            .last()
            .is_some_and(|line| line.len() + word.len() < WIDTH);
        match lines.last_mut() {
            Some(line) if fits || *line == "#" => *line += &format!(" {word}"),
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n") + "\n"
}

/// A configuration without the comment at its top, which tells of another purpose.
fn body(text: &str) -> &str {
    text.find("\n[").map_or(text, |start| &text[start + 1..])
}

/// The sections of a TOML text, each from its heading, with the comments above it, to the next.
fn sections(text: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    for block in text.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let begins = block.lines().any(|line| line.starts_with('['));
        match sections.last_mut() {
            Some(section) if !begins || section.is_empty() => *section += &format!("{block}\n\n"),
            _ => sections.push(format!("{block}\n\n")),
        }
    }
    sections
}

fn is_of(section: &str, name: &str) -> bool {
    section
        .lines()
        .any(|line| line.trim_end() == format!("[{name}]"))
}

fn without_section(text: &str, name: &str) -> String {
    let kept = sections(text)
        .into_iter()
        .filter(|section| !is_of(section, name));
    kept.collect()
}

/// The text with `keys` at the top of the section `name`, which is added where there is none.
fn with_keys(text: &str, name: &str, keys: &str) -> String {
    let heading = format!("[{name}]\n");
    if keys.is_empty() {
        return text.to_owned();
    }
    match sections(text).iter().any(|section| is_of(section, name)) {
        true => text.replacen(&heading, &format!("{heading}{keys}"), 1),
        false => format!("{}\n\n{heading}{keys}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_hold_anything_and_stay_narrow() {
        let text = comment(
            "one\n[training]\nsteps = 1 \u{7} and a sentence that is longer than what a line of this file takes in all",
        );
        assert!(
            text.lines()
                .all(|line| line.starts_with("# ") && line.len() <= WIDTH),
            "{text}"
        );
        assert_eq!(comment(""), "#\n");
    }

    #[test]
    fn sections_are_replaced_with_their_comments() {
        let text = "# top\n\n[a]\nx = 1\n\n# of b\n[b]\ny = 2\n\n[c]\nz = 3\n";
        let rest = without_section(body(text), "b");
        assert_eq!(rest, "[a]\nx = 1\n\n[c]\nz = 3\n\n\n");
        assert!(with_keys(&rest, "c", "w = 4\n").contains("[c]\nw = 4\nz = 3\n"));
        assert!(with_keys(&rest, "d", "w = 4\n").ends_with("\n\n[d]\nw = 4\n"));
    }
}
