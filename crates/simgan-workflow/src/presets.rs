//! The built-in configurations: the files of the repository's `configs`.

use simgan_base::settings::Document;

/// A configuration with a name.
#[derive(Debug)]
pub struct Preset {
    /// What `--config` calls it.
    pub name: &'static str,
    /// TOML, with comments.
    pub text: &'static str,
}

/// All of them, in the order they are listed.
pub const PRESETS: [Preset; 5] = [
    Preset {
        name: "gaze",
        text: include_str!("../configs/gaze.toml"),
    },
    Preset {
        name: "digits",
        text: include_str!("../configs/digits.toml"),
    },
    Preset {
        name: "paper-eyes",
        text: include_str!("../configs/paper-eyes.toml"),
    },
    Preset {
        name: "paper-hands",
        text: include_str!("../configs/paper-hands.toml"),
    },
    Preset {
        name: "demo",
        text: include_str!("../configs/demo.toml"),
    },
];

/// The configuration called `name`.
pub fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// All names, with commas.
pub fn names() -> String {
    PRESETS.map(|preset| preset.name).join(", ")
}

impl Preset {
    /// As settings are read from.
    pub fn document(&self) -> Document {
        Document {
            text: self.text.to_owned(),
            origin: format!("the built-in configuration {}", self.name),
        }
    }

    /// The first sentence of its first comment.
    pub fn summary(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches(['#', ' '])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan::training::Config;
    use simgan_base::settings;

    #[test]
    fn every_preset_is_valid_and_says_what_it_is() {
        for preset in &PRESETS {
            let document = preset.document();
            let (config, _) = settings::load_document::<Config>(Some(&document), &[]).unwrap();
            config.validate().unwrap();
            assert!(preset.text.starts_with("# ") && !preset.summary().is_empty());
        }
    }

    #[test]
    fn every_file_of_configs_is_one() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/configs");
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy();
            let preset = named(&stem).unwrap_or_else(|| panic!("{stem} is not built in"));
            assert_eq!(preset.text, fs_err::read_to_string(&path).unwrap());
        }
    }
}
