//! The documentation beside the code: links lead somewhere, commands can be given as they stand, every key is listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use simgan::training::config::Config;
use simgan_cli::cli::Cli;

use crate::support::Scratch;

/// The repository's root; a package of this crate alone has no pages.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every page with its text, code blocks included.
fn pages() -> BTreeMap<PathBuf, String> {
    [
        "",
        "docs",
        "attacks",
        "recipes",
        "python",
        "crates/simgan-kernels",
    ]
    .into_iter()
    .filter_map(|folder| std::fs::read_dir(root().join(folder)).ok())
    .flatten()
    .map(|entry| entry.unwrap().path())
    .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
    .map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    })
    .collect()
}

/// Lines with the language of the code block in which they stand, if any.
fn lines(text: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut block = None;
    text.lines().filter_map(move |line| {
        let Some(language) = line.trim_start().strip_prefix("```") else {
            return Some((block, line));
        };
        block = match block {
            None => Some(language.trim()),
            Some(_) => None,
        };
        None
    })
}

/// The anchor that GitHub and mdBook give a heading.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    lines(text)
        .filter(|(block, line)| block.is_none() && line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#')))
        .collect()
}

/// Targets of the links `[text](target)` of a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
}

#[test]
fn links_lead_to_pages_and_headings_that_exist() {
    let pages = pages();
    let mut broken = Vec::new();
    for (page, text) in &pages {
        for (_, line) in lines(text).filter(|(block, _)| block.is_none()) {
            for target in links(line).filter(|target| !target.starts_with("http")) {
                let (file, heading) = target.split_once('#').unwrap_or((target, ""));
                let path = match file {
                    "" => page.clone(),
                    _ => page.parent().unwrap().join(file),
                };
                let known = match std::fs::read_to_string(&path) {
                    Ok(text) => heading.is_empty() || anchors(&text).contains(heading),
                    Err(_) => heading.is_empty() && path.exists(),
                };
                if !known {
                    broken.push(format!("{}: {target}", page.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_of_docs_is_in_the_summary() {
    let Ok(summary) = std::fs::read_to_string(root().join("docs/SUMMARY.md")) else {
        return;
    };
    for page in pages()
        .keys()
        .filter(|page| page.parent().unwrap().ends_with("docs"))
    {
        let name = page.file_name().unwrap().to_str().unwrap();
        let listed = name == "SUMMARY.md" || summary.contains(&format!("]({name})"));
        assert!(listed, "docs/SUMMARY.md lacks {name}");
    }
}

/// The first command of a line as a shell cuts it: quotes hold words together, `#` begins a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => words.last_mut().unwrap().push(c),
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '#' && words.last().unwrap().is_empty() => break,
            None if "|;&<>".contains(c) => break,
            None if c == ' ' => words.push(String::new()),
            None => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The commands of the shell blocks of a page, continued lines joined; those that are cut short with `...` are left out.
pub fn commands(text: &str) -> Vec<Vec<String>> {
    let shell: Vec<&str> = lines(text)
        .filter(|(block, _)| *block == Some("sh"))
        .map(|(_, line)| line.trim().trim_start_matches("$ "))
        .collect();
    let joined = shell.join("\n").replace("\\\n", " ");
    joined
        .lines()
        .filter(|line| line.starts_with("simgan ") && !line.contains("..."))
        .map(words)
        .collect()
}

#[test]
fn commands_are_understood_as_they_stand() {
    let mut found = 0;
    for (page, text) in pages() {
        for command in commands(&text) {
            if let Err(error) = Cli::try_parse_from(&command) {
                // Help is no mistake.
                let understood = error.exit_code() == 0;
                assert!(
                    understood,
                    "{}: {}\n{error}",
                    page.display(),
                    command.join(" ")
                );
            }
            found += 1;
        }
    }
    assert!(
        found >= 40 || !root().join("docs").exists(),
        "{found} commands"
    );
}

/// Dotted names of the values of a table.
fn keys(prefix: &str, table: &toml::Table, into: &mut Vec<String>) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        match value {
            toml::Value::Table(inner) => keys(&format!("{name}."), inner, into),
            _ => into.push(name),
        }
    }
}

#[test]
fn every_key_of_the_configuration_is_described() {
    let Ok(page) = std::fs::read_to_string(root().join("docs/configuration.md")) else {
        return;
    };
    let described: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let mut names = Vec::new();
    let defaults = toml::Table::try_from(Config::default()).unwrap();
    keys("", &defaults, &mut names);
    assert!(names.len() > 60, "{names:?}");
    let missing: Vec<_> = names
        .iter()
        .filter(|name| {
            let without_section = name.split_once('.').map_or(name.as_str(), |(_, key)| key);
            !described.contains(name.as_str()) && !described.contains(without_section)
        })
        .collect();
    assert!(
        missing.is_empty(),
        "docs/configuration.md lacks {missing:?}"
    );
}

/// Set, it makes the test below write the page.
const UPDATE: &str = "UPDATE_DOCS";

/// Head of the page that is made from `--help`.
const REFERENCE: &str = "\
# The command line

Every command with its options, as `--help` shows them. [Commands](commands.md) tells what they are
for. This page is made from the program: `UPDATE_DOCS=1 cargo test --release --locked --workspace
--test cli -- reference` writes it anew.
";

#[test]
fn the_reference_is_what_the_program_says() {
    let path = root().join("docs/command-line.md");
    if !path.exists() {
        return;
    }
    let scratch = Scratch::new();
    let mut page = REFERENCE.to_owned();
    let program = Cli::command();
    let names = program.get_subcommands().map(|command| command.get_name());
    for name in std::iter::once("").chain(names) {
        let words: Vec<&str> = [name, "--help"]
            .into_iter()
            .filter(|w| !w.is_empty())
            .collect();
        let help = scratch.succeed(&words);
        let title = format!("simgan {name}");
        page += &format!(
            "\n## {}\n\n```text\n{}\n```\n",
            title.trim_end(),
            help.trim_end()
        );
    }
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == page,
        "docs/command-line.md is out of date: {UPDATE}=1 writes it"
    );
}
