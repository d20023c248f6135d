//! The definition of a table: its data, and one change of the configuration a row.

use std::path::Path;

use serde::{Deserialize, Serialize};
use simgan::training::Config;
use simgan_base::files::limits;
use simgan_base::settings::{self, Document};
use simgan_base::{Error, Result};
use simgan_workflow::presets;

/// A definition of the project's own, by the path of its file below `experiments/`.
macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../experiments/", $name, ".toml")))),*]
    };
}

/// Tables of the project's own documentation: name and definition.
pub const BUILT_IN: [(&str, &str); 17] = built_in![
    "webcam",
    "webcam-development",
    "webcam-framed",
    "webcam-framed-development",
    "iris",
    "digits",
    "nyu",
    "pairs/mesh-equalized",
    "pairs/mesh",
    "pairs/person-equalized",
    "pairs/screen-equalized",
    "pairs/camera",
    "pairs/webcam",
    "pairs/iris",
    "pairs/hands",
    "pairs/signs",
    "pairs/digits",
];

/// Rows that several tables share: name and definition.
const SHARED_ROWS: [(&str, &str); 1] = built_in!["pairs/rows"];

/// A table to be measured. Data are folders below `--data`, or simulators.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// What the table is about.
    pub title: String,
    /// Labelled synthetic images.
    pub synthetic: String,
    /// Real images to train refiners with; their labels, if any, are used by `kind = "real"` alone.
    pub real: String,
    /// Real labelled images that score.
    pub test: String,
    /// Test images that calibrate and are not scored.
    #[serde(default)]
    pub calibrate: usize,
    /// The built-in configuration that all rows start from; empty: the defaults.
    #[serde(default)]
    pub config: String,
    /// Whether refined rows are also fitted on raw and refined images together.
    #[serde(default)]
    pub both: bool,
    /// Whether they are also fitted on raw images and those that each kept checkpoint refines, all together: refined images
    /// as augmentation.
    #[serde(default)]
    pub checkpoints: bool,
    /// Seeds of a row; each decides a training of the refiner and a fit of the estimator.
    pub seeds: Vec<u64>,
    /// Settings of all rows, `section.key=value`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Rows that several tables share, by their name; they come before this table's own.
    #[serde(default, rename = "rows")]
    pub shared: String,
    /// The rows; the others are compared with the first.
    #[serde(default, rename = "row")]
    pub rows: Vec<Row>,
}

/// A file of rows alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedRows {
    #[serde(rename = "row")]
    rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name, unique in the table.
    pub name: String,
    /// What the estimator is trained on.
    #[serde(default)]
    pub kind: Kind,
    /// Whether the estimator adapts to the table's real images, without their labels.
    #[serde(default)]
    pub adapt: bool,
    /// Settings of this row, after those of all.
    #[serde(default)]
    pub set: Vec<String>,
    /// Synthetic images in place of the table's; empty: the table's.
    #[serde(default)]
    pub synthetic: String,
}

/// What a row's estimator is trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Synthetic images as they are.
    Synthetic,
    /// Synthetic images, refined by a refiner of its own.
    #[default]
    Refined,
    /// Synthetic images with the mean and contrast of real ones, image by image: matched exposure alone.
    Exposure,
    /// Synthetic images, each with the histogram of a real one.
    Histogram,
    /// Synthetic images, each with the low frequencies' amplitudes of a real one (Fourier domain adaptation).
    Fourier,
    /// The real images with their labels: an upper bound.
    Real,
}

impl Experiment {
    /// The built-in table of that name, or the one in a file.
    ///
    /// # Errors
    /// Neither exists, or the definition is wrong.
    pub fn load(table: &str) -> Result<Self> {
        let built_in = BUILT_IN.iter().find(|(name, _)| *name == table);
        let (text, origin) = match built_in {
            Some((_, text)) => ((*text).to_owned(), table.to_owned()),
            None => (read(table)?, table.to_owned()),
        };
        let mut experiment: Self = settings::parse(&text, &origin)?;
        if !experiment.shared.is_empty() {
            let mut rows = shared_rows(&experiment.shared)?;
            rows.append(&mut experiment.rows);
            experiment.rows = rows;
        }
        experiment.validate(&origin)?;
        Ok(experiment)
    }

    fn validate(&self, origin: &str) -> Result<()> {
        let wrong = |what: String| Err(Error::config(format!("{origin}: {what}")));
        if self.rows.is_empty() || self.seeds.is_empty() {
            return wrong("a table needs at least one row and one seed".into());
        }
        for (index, row) in self.rows.iter().enumerate() {
            if row.slug().is_empty() {
                return wrong(format!("`{}` is no name of a row", row.name));
            }
            if self.rows[..index].iter().any(|r| r.slug() == row.slug()) {
                return wrong(format!("two rows are named `{}`", row.name));
            }
            self.config(row, 0)?;
        }
        Ok(())
    }

    /// The configuration of a row for a seed.
    ///
    /// # Errors
    /// A wrong key or value, named with the table's settings.
    pub fn config(&self, row: &Row, seed: u64) -> Result<Config> {
        let mut overrides = self.set.clone();
        overrides.extend(row.set.iter().cloned());
        overrides.push(format!("training.seed={seed}"));
        let (config, _) = settings::layered::<Config>(self.base()?.as_ref(), &overrides, "set")?;
        config.validate()?;
        Ok(config)
    }

    /// The configuration that rows start from.
    fn base(&self) -> Result<Option<Document>> {
        if self.config.is_empty() {
            return Ok(None);
        }
        let preset = presets::named(&self.config).ok_or_else(|| {
            let what = format!("there is no built-in configuration `{}`", self.config);
            Error::config(what).with_hint(format!("`config` is one of {}", presets::names()))
        })?;
        Ok(Some(preset.document()))
    }

    /// The row of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn row(&self, name: &str) -> Result<&Row> {
        self.rows
            .iter()
            .find(|row| row.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = self.rows.iter().map(|row| row.name.as_str()).collect();
                Error::config(format!("the table has no row `{name}`"))
                    .with_hint(format!("its rows are: {}", names.join("; ")))
            })
    }
}

fn shared_rows(name: &str) -> Result<Vec<Row>> {
    let found = SHARED_ROWS.iter().find(|(known, _)| *known == name);
    let (_, text) = found.ok_or_else(|| {
        let names: Vec<&str> = SHARED_ROWS.iter().map(|(name, _)| *name).collect();
        Error::config(format!("there are no shared rows `{name}`"))
            .with_hint(format!("`rows` is one of {}", names.join(", ")))
    })?;
    Ok(settings::parse::<SharedRows>(text, name)?.rows)
}

fn read(table: &str) -> Result<String> {
    let path = Path::new(table);
    if !path.is_file() {
        let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        return Err(Error::not_found("table", path).with_hint(format!(
            "give {} or a TOML file like those in experiments/",
            names.join(", ")
        )));
    }
    limits::read_text(path, limits::CONFIG)
}

impl Row {
    /// The name as a folder: letters, digits and dashes.
    pub fn slug(&self) -> String {
        let parts = self
            .name
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("-").to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_tables_are_valid() {
        for (name, _) in BUILT_IN {
            let experiment = Experiment::load(name).unwrap();
            assert!(experiment.rows.len() > 1, "{name}");
        }
    }

    #[test]
    fn the_default_row_is_the_configuration_that_the_table_names() {
        let gaze = presets::named("gaze").unwrap().document();
        let (gaze, _) = settings::layered::<Config>(Some(&gaze), &[], "").unwrap();
        for name in ["webcam-framed", "webcam-framed-development"] {
            let table = Experiment::load(name).unwrap();
            let mut config = table.config(table.row("refined").unwrap(), 0).unwrap();
            // What a run keeps beside its result.
            config.training.checkpoint_every = gaze.training.checkpoint_every;
            config.training.images_every = gaze.training.images_every;
            assert_eq!(config, gaze, "{name}");
        }
    }

    #[test]
    fn an_unknown_configuration_is_refused() {
        let error = table("config='gase'\n[[row]]\nname='a'").unwrap_err();
        assert!(error.to_string().contains("`gase`"), "{error}");
        assert!(error.hint().unwrap().contains("gaze"));
    }

    fn table(rows: &str) -> Result<Experiment> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.toml");
        let text = format!("title='t'\nsynthetic='s'\nreal='r'\ntest='t'\nseeds=[0]\n{rows}");
        fs_err::write(&path, text).unwrap();
        Experiment::load(path.to_str().unwrap())
    }

    #[test]
    fn rows_override_the_table_and_their_names_are_folders() {
        let rows = "set=['training.lambda=2']\n[[row]]\nname='a: b/c'\n[[row]]\nname='d'\nset=['training.lambda=3']";
        let table = table(rows).unwrap();
        let lambda = |i: usize| table.config(&table.rows[i], 7).unwrap().training;
        assert_eq!(
            (lambda(0).lambda, lambda(1).lambda, lambda(1).seed),
            (2.0, 3.0, 7)
        );
        assert_eq!(table.rows[0].slug(), "a-b-c");
        let error = table.row("e").unwrap_err();
        assert!(error.hint().unwrap().contains("a: b/c; d"));
    }

    #[test]
    fn wrong_tables_say_what_is_wrong() {
        for (rows, part) in [
            ("row=[]", "at least one row"),
            ("[[row]]\nname='a'\n[[row]]\nname='A'", "two rows are named"),
            ("[[row]]\nname='--'", "no name"),
            (
                "[[row]]\nname='a'\nset=['training.lambda=-1']",
                "training.lambda",
            ),
            ("[[row]]\nname='a'\nkind='reel'", "reel"),
        ] {
            let error = table(rows).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(
            Experiment::load("no-such-table")
                .unwrap_err()
                .hint()
                .is_some()
        );
    }
}
