//! Licences and sources of all that the default build is made of, by the lists of `deny.toml`. `cargo deny check` asks for
//! the same, and for advisories, where it is installed; this needs `cargo` alone.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use spdx::{Expression, Licensee, ParseMode};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Packages of the default build, its build scripts and tests: name with version (and source, unless it is the registry),
/// and licence.
fn packages() -> Vec<[String; 2]> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--workspace",
            "--prefix",
            "none",
        ])
        .args(["--format", "{p}|{l}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: BTreeSet<&str> = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    let packages = lines.into_iter().filter_map(|line| line.split_once('|'));
    packages
        .map(|(package, licence)| [package.to_owned(), licence.to_owned()])
        .collect()
}

#[test]
fn every_licence_is_one_of_those_allowed() {
    let deny: toml::Table = std::fs::read_to_string(root().join("deny.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let licences = |value: &toml::Value| -> Vec<Licensee> {
        let names = value.as_array().unwrap().iter();
        names
            .map(|name| Licensee::parse(name.as_str().unwrap()).unwrap())
            .collect()
    };
    let allowed = licences(&deny["licenses"]["allow"]);
    let exceptions = deny["licenses"]["exceptions"].as_array().unwrap();
    let packages = packages();
    assert!(packages.len() > 100, "{packages:#?}");
    let is_wrong = |[package, licence]: &&[String; 2]| {
        let name = package.split(' ').next();
        let exception = exceptions.iter().find(|e| e["crate"].as_str() == name);
        let known = [
            allowed.clone(),
            exception.map(|e| licences(&e["allow"])).unwrap_or_default(),
        ]
        .concat();
        // A package without a licence names a file, which nothing here can judge.
        let expression = Expression::parse_mode(licence, ParseMode::LAX);
        !expression
            .is_ok_and(|e| e.evaluate(|asked| known.iter().any(|licence| licence.satisfies(asked))))
    };
    let wrong: Vec<_> = packages.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn everything_comes_from_the_registry() {
    let elsewhere = |[package, _]: &&[String; 2]| package.contains("://");
    let packages = packages();
    let wrong: Vec<_> = packages.iter().filter(elsewhere).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
