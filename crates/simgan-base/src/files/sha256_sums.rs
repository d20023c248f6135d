//! Lines of `SHA256SUMS`, as `sha256sum` of GNU coreutils writes and checks them.

use std::path::Path;

use crate::Result;
use crate::files::limits;
use crate::files::{disk, sha256};

/// Name of the file in a refined folder.
pub const FILE_NAME: &str = "SHA256SUMS";

/// The line of the file `path`, with its end. A name that would break the line is escaped, and the line starts with `\`.
pub fn line(sha256: &str, path: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('\n', "\\n");
    let mark = if escaped == path { "" } else { "\\" };
    format!("{mark}{sha256}  {escaped}\n")
}

/// Hash and path of a line without its end, `None` where it is none.
pub fn parse(line: &str) -> Option<(&str, String)> {
    let (line, escaped) = match line.strip_prefix('\\') {
        Some(line) => (line, true),
        None => (line, false),
    };
    let (sha256, path) = line.split_once("  ")?;
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|c| c.is_ascii_hexdigit());
    let path = if escaped {
        unescape(path)?
    } else {
        path.to_owned()
    };
    (is_hash && !path.is_empty()).then_some((sha256, path))
}

fn unescape(text: &str) -> Option<String> {
    let (mut path, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        path.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                '\\' => '\\',
                _ => return None,
            },
            c => c,
        });
    }
    Some(path)
}

/// What is wrong with the file of `line` below `folder`, if anything.
pub fn problem(folder: &Path, line: &str) -> Option<String> {
    let Some((expected, path)) = parse(line) else {
        return Some(format!("`{line}` is not a line of {FILE_NAME}"));
    };
    let file = folder.join(&path);
    if !is_below(&path) {
        return Some(format!("{path} leads out of the folder"));
    }
    match sha256::of_file(&file) {
        Ok(found) if found.sha256 == expected => None,
        Ok(_) => Some(format!("{path} is changed: its SHA-256 differs")),
        Err(_) if !file.exists() => Some(format!("{path} is missing")),
        Err(error) => Some(format!("{path} cannot be read: {error}")),
    }
}

/// Writes the hashes of the files `names` of `folder` into it.
///
/// # Errors
/// A file cannot be read, or the sums not be written.
pub fn write(folder: &Path, names: &[&str]) -> Result<()> {
    let mut text = String::new();
    for name in names {
        text += &line(&sha256::of_file(&folder.join(name))?.sha256, name);
    }
    disk::write(&folder.join(FILE_NAME), text)
}

/// What is wrong with the files `names` of `folder`, a sentence each.
///
/// # Errors
/// The sums cannot be read.
pub fn problems(folder: &Path, names: &[&str]) -> Result<Vec<String>> {
    let path = folder.join(FILE_NAME);
    if !path.exists() {
        return Ok(vec![format!("{FILE_NAME} is missing")]);
    }
    let text = limits::read_text(&path, limits::MODEL_MANIFEST)?;
    let listed: Vec<_> = text.lines().filter_map(parse).collect();
    let missing = names
        .iter()
        .filter(|name| !listed.iter().any(|(_, path)| path == *name))
        .map(|name| format!("{name} is not in {FILE_NAME}"));
    let changed = text.lines().filter_map(|line| problem(folder, line));
    Ok(missing.chain(changed).collect())
}

/// Whether a path stays in the folder that it is relative to.
pub fn is_below(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, std::path::Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_those_of_sha256sum() {
        let hash = sha256::of_bytes(b"abc");
        assert_eq!(line(&hash, "a b.png"), format!("{hash}  a b.png\n"));
        assert_eq!(line(&hash, "a\nb\\c"), format!("\\{hash}  a\\nb\\\\c\n"));
        assert_eq!(parse("ab  c"), None);
        assert_eq!(parse(&format!("\\{hash}  a\\x")), None);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let of = |path| line(&sha256::of_bytes(b"abc"), path).trim_end().to_owned();
        fs_err::write(dir.path().join("a"), "abc").unwrap();
        fs_err::write(dir.path().join("b"), "abd").unwrap();
        assert_eq!(problem(dir.path(), &of("a")), None);
        let said = |path| problem(dir.path(), &of(path)).unwrap();
        assert!(said("b").contains("b is changed"));
        assert!(said("c").contains("c is missing"));
        assert!(said("../a").contains("leads out"));
    }

    proptest! {
        #[test]
        fn lines_survive(path in "[a\\\\\n /.é]{1,12}") {
            let hash = sha256::of_bytes(b"");
            let line = line(&hash, &path);
            prop_assert_eq!(line.matches('\n').count(), 1);
            prop_assert_eq!(parse(line.strip_suffix('\n').unwrap()), Some((hash.as_str(), path)));
        }
    }
}
