//! What `--json` prints is described in docs/json.md: every shape, and every member at its top. Whatever another test asks for
//! as JSON is looked up there.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// The page; a package of this crate alone has none.
fn page() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/json.md");
    std::fs::read_to_string(path).ok()
}

/// Members that the section of `shape` describes: what stands in backticks in the first cells of its table.
fn described<'a>(page: &'a str, shape: &str) -> BTreeSet<&'a str> {
    let heading = format!("## `{shape}`\n");
    let Some((_, section)) = page.split_once(&heading) else {
        panic!("docs/json.md has no section `{shape}`");
    };
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

/// Fails unless `text` names its shape, and the page describes it.
pub fn check(text: &str) {
    let value: Value = serde_json::from_str(text).expect("--json prints JSON");
    let shape = value["shape"].as_str().expect("a result names its shape");
    let Some(page) = page() else { return };
    let described = described(&page, shape);
    let members = value.as_object().unwrap().keys();
    let missing: Vec<_> = members
        .filter(|member| *member != "shape" && !described.contains(member.as_str()))
        .collect();
    assert!(missing.is_empty(), "docs/json.md, `{shape}`: {missing:?}");
}

#[test]
fn members_are_found_in_their_section_only() {
    let page = "# Top\n\n## `a/1`\n\n| member | what |\n|---|---|\n| `x`, `y` | `z` |\n\n## `b/1`\n\n| `w` | |\n";
    assert_eq!(described(page, "a/1"), BTreeSet::from(["x", "y"]));
    assert_eq!(described(page, "b/1"), BTreeSet::from(["w"]));
}

#[test]
#[should_panic(expected = "names its shape")]
fn a_result_without_a_shape_is_found() {
    check("{\"steps\": 1}");
}
