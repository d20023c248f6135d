//! The flow of imports: none runs up, and no circle of files is left.
//!
//! The compiler keeps crates apart; inside a crate this test reads the imports. Rooms of a crate are listed from low to
//! high: a file imports from its own room and from lower ones. Tests may look up.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A module's path below its crate's root.
type Module = Vec<String>;
/// The files that a file imports.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Rooms of `simgan` from low to high; those of a line know nothing of each other.
const ROOMS: &[&[&str]] = &[
    &["parallel"],
    &["nets"],
    &[
        "refiner",
        "discriminator",
        "feature_transform",
        "history_buffer",
    ],
    &["losses"],
    &["stabilizers"],
    &["tasks"],
    &["measures", "keypoints", "task_consistency"],
    &["hold"],
    &["algorithm_1"],
    &["training"],
    &["refine"],
    &["judges"],
    &["verification", "fuzzing"],
];

/// Circles that stay: one of their files, and why.
const CIRCLES: &[(&str, &str)] = &[(
    "files::disk::faults",
    "where tests interrupt a change of the disk: compiled for tests only",
)];

#[test]
fn no_import_runs_up() {
    let floor = |room: &String| {
        ROOMS
            .iter()
            .position(|floor| floor.contains(&room.as_str()))
    };
    for (file, imports) in &imports("simgan") {
        let Some(own) = file.first() else { continue };
        let own_floor = floor(own).unwrap_or_else(|| panic!("{own} has no place among ROOMS"));
        for import in imports.iter().filter_map(|import| import.first()) {
            let lower = import == own || floor(import) < Some(own_floor);
            assert!(
                lower,
                "{} imports {import}, which is no lower",
                file.join("::")
            );
        }
    }
}

#[test]
fn no_circle_of_files_is_left() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut left = BTreeSet::new();
    for entry in std::fs::read_dir(crates).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let imports = imports(&name);
        let circles = imports.keys().map(|file| circle(&imports, file));
        left.extend(circles.filter(|circle| !circle.is_empty()));
    }
    left.retain(|circle| {
        !CIRCLES
            .iter()
            .any(|(file, _)| circle.iter().any(|m| m == file))
    });
    assert!(left.is_empty(), "{left:#?}");
}

/// All that `file` imports, directly or not.
fn reaches(imports: &Imports, file: &Module) -> BTreeSet<Module> {
    let mut found = BTreeSet::new();
    let mut open = vec![file];
    while let Some(next) = open.pop() {
        open.extend(
            imports
                .get(next)
                .into_iter()
                .flatten()
                .filter(|m| found.insert((*m).clone())),
        );
    }
    found
}

/// The files that `file` reaches and that reach it; none where it is in no circle.
fn circle(imports: &Imports, file: &Module) -> BTreeSet<String> {
    let all = reaches(imports, file);
    let back = all
        .iter()
        .filter(|other| reaches(imports, other).contains(file));
    back.map(|m| m.join("::")).collect()
}

/// The imports of every file of a crate.
fn imports(name: &str) -> Imports {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(name)
        .join("src");
    let mut files = BTreeMap::new();
    read(&source, &mut vec![], &mut files);
    let facades: BTreeMap<&Module, BTreeMap<String, Module>> = files
        .iter()
        .map(|(module, text)| (module, facade(module, text)))
        .collect();
    let resolve = |mut path: Module| {
        for _ in 0..8 {
            let length = (0..=path.len())
                .rev()
                .find(|&n| files.contains_key(&path[..n]))
                .unwrap();
            let (module, rest) = path.split_at(length);
            match rest
                .first()
                .and_then(|item| facades[&module.to_vec()].get(item))
            {
                Some(elsewhere) => path = [elsewhere.as_slice(), &rest[1..]].concat(),
                None => return module.to_vec(),
            }
        }
        panic!("{path:?} is re-exported in a circle")
    };
    let of = |(module, text): (&Module, &String)| {
        let own = without(text, "pub use ", ";");
        let all = paths(module, &own).into_iter().map(resolve);
        (
            module.clone(),
            all.filter(|other| other != module).collect(),
        )
    };
    files.iter().map(of).collect()
}

/// Reads `folder` as the module `module`, without comments and tests.
fn read(folder: &Path, module: &mut Module, files: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_root = ["mod", "lib", "main"].contains(&stem.as_str());
        if !is_root {
            module.push(stem);
        }
        let is_test = ["tests", "testing", "hostile"]
            .iter()
            .any(|t| module.iter().any(|m| m == t))
            || module
                .last()
                .is_some_and(|m| m.ends_with("_test") || m.ends_with("_tests"));
        if path.is_dir() && path.file_name().unwrap() != "snapshots" {
            read(&path, module, files);
        } else if path.extension().is_some_and(|e| e == "rs") && !is_test {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().map(|line| line.split("//").next().unwrap());
            let lines = lines.map(|l| {
                l.replace("pub(crate) use", "pub use")
                    .replace("pub(super) use", "pub use")
            });
            let text: String = lines.collect::<Vec<_>>().join("\n");
            files.insert(
                module.clone(),
                text.split("#[cfg(test)]\nmod ")
                    .next()
                    .unwrap()
                    .split("#[cfg(test)]\npub mod tests {")
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
        if !is_root {
            module.pop();
        }
    }
}

/// Names that `module` only passes on, and where they are.
fn facade(module: &Module, text: &str) -> BTreeMap<String, Module> {
    let mut names = BTreeMap::new();
    for statement in text.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap();
        let (head, _) = statement.split_once("::").unwrap_or((statement, ""));
        let local = if ["crate", "super", "self"].contains(&head) {
            statement.to_owned()
        } else {
            format!("self::{statement}")
        };
        for path in paths(module, &local) {
            names.insert(path.last().unwrap().clone(), path);
        }
    }
    names
}

/// `text` without what stands between `start` and `end`.
fn without(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| {
        all + part.split_once(end).map_or("", |(_, rest)| rest)
    })
}

/// All paths of the same crate in `text`, from the crate's root.
fn paths(module: &Module, text: &str) -> Vec<Module> {
    let mut found = vec![];
    for (at, _) in text.match_indices("::") {
        let start = text[..at]
            .rfind(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(0, |i| i + 1);
        let base = match &text[start..at] {
            // `super::super` goes on from the first.
            "super" if !text[..start].ends_with("::") => {
                let ups = text[start..]
                    .split("::")
                    .take_while(|part| *part == "super")
                    .count();
                let inline = text[start..].starts_with("super::*") || ups > module.len();
                if inline {
                    continue;
                } else {
                    module[..module.len() - ups].to_vec()
                }
            }
            "crate" => vec![],
            "self" => module.clone(),
            _ => continue,
        };
        let rest = text[at..]
            .trim_start_matches("::super")
            .trim_start_matches("::");
        expand(rest, &base, &mut found);
    }
    // `use child::Item` in a module with children.
    for statement in text.split("\nuse ").skip(1) {
        let head = statement.split("::").next().unwrap();
        if !head.starts_with("crate") && head.chars().all(|c| c.is_alphanumeric() || c == '_') {
            found.push([module.as_slice(), &[head.to_owned()]].concat());
        }
    }
    found
}

/// Adds the paths of a tree such as `a::{b, c::D}`; returns what follows it.
fn expand<'a>(mut text: &'a str, base: &[String], found: &mut Vec<Module>) -> &'a str {
    let mut path = base.to_vec();
    loop {
        let end = text
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len());
        if end > 0 {
            path.push(text[..end].to_owned());
            text = &text[end..];
        }
        if let Some(rest) = text.strip_prefix("::") {
            text = rest;
        } else if let Some(rest) = text.strip_prefix('{') {
            text = rest;
            loop {
                text = text.trim_start_matches([' ', '\n', ',']);
                if let Some(rest) = text.strip_prefix('}') {
                    return rest;
                }
                text = expand(text, &path, found);
                // `as Other` and `*` add nothing.
                text = &text[text.find([',', '}']).unwrap()..];
            }
        } else {
            found.push(path);
            return text;
        }
    }
}
