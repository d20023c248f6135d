//! Paths that an input names: they stay below its root.

/// `path` with one `/` between its parts and without `.` parts; `None` if it leads out of its root (`..`, an absolute path, a
/// drive), names nothing, or could end early (a NUL).
pub fn below(path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let parts = path.split('/').filter(|part| !matches!(*part, "." | ""));
    let below = parts.collect::<Vec<_>>().join("/");
    let drive = below.as_bytes().get(1) == Some(&b':');
    let upwards = below.split('/').any(|part| part == "..");
    let outside = path.starts_with('/') || drive || upwards || path.contains('\0');
    (!outside && !below.is_empty()).then_some(below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn ways_out_are_refused_one_by_one() {
        for path in [
            "../a.png",
            "a/../../b.png",
            "a/..",
            "..",
            "..\\a.png",
            "a\\..\\b.png",
            "/etc/passwd",
            "//server/share",
            "\\\\server\\share",
            "C:\\a.png",
            "c:a.png",
            "",
            ".",
            "./",
            "a\0.png",
        ] {
            assert_eq!(below(path), None, "{path:?}");
        }
    }

    #[test]
    fn ordinary_paths_are_kept() {
        for (path, kept) in [
            ("a.png", "a.png"),
            ("./a/./b.png", "a/b.png"),
            (".//a//b.png", "a/b.png"),
            ("a\\b.png", "a/b.png"),
            ("..a/b...png", "..a/b...png"),
        ] {
            assert_eq!(below(path).as_deref(), Some(kept));
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_stays_below_the_root(path in "[a./\\\\:]{0,12}") {
            if let Some(kept) = below(&path) {
                prop_assert!(Path::new(&kept).components().all(|c| matches!(c, Component::Normal(_))));
            }
        }
    }
}
