//! `simgan simulate`: labelled images of a simulator as files.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;
use simgan_base::files::limits;
use simgan_base::formats::shape::Shape;
use simgan_base::settings::Layers;
use simgan_simulator::export::{self, ExportSummary, Images, LAYOUTS, Layout};
use simgan_simulator::{KINDS, Kind, Simulator, kinds};
use simgan_workflow::data;

use crate::console::Console;
use crate::examples;
use crate::output;
use crate::progress::Progress;
use simgan_base::formats::readable::duration;
use simgan_base::formats::readable::thousands;

/// Options of `simulate`.
#[derive(Debug, Args)]
#[command(after_help = examples::SIMULATE)]
pub struct SimulateArgs {
    /// What to simulate
    #[arg(value_name = "KIND", value_parser = kind_parser())]
    pub kind: &'static Kind,
    /// Number of images
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub count: u32,
    /// Folder of the images: new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Seed of every random choice; an image follows from the configuration, the seed and its index
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Index of the first image, to continue a set or to share the work
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    pub start: u32,
    /// Pixels, `55x35` (`width`, `height`) [default: the configuration's; 640x480 for unityeyes]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    pub size: Option<Size>,
    /// PNG images and labels.csv, or the layout of UnityEyes' own export
    #[arg(long, value_name = "FORMAT", value_parser = format_parser(), default_value = LAYOUTS[0].name())]
    pub format: &'static dyn Layout,
    /// Ranges of gaze pitch and yaw in degrees, `-25:10,-20:20` (`gaze_pitch`, `gaze_yaw`)
    #[arg(long, value_name = "LOW:HIGH,LOW:HIGH", allow_hyphen_values = true)]
    pub gaze_range: Option<GazeRange>,
    /// Number of people (`persons`)
    #[arg(long, value_name = "N")]
    pub person_count: Option<u32>,
    /// Configuration file of the simulator (TOML) [default: the built-in]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set one key of the simulator (`gaze_yaw=[-20,20]`); may be repeated, wins over the file
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Width and height of an image in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size([u32; 2]);

/// Ranges of gaze pitch and yaw in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GazeRange([[f32; 2]; 2]);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split_once('x').and_then(|(width, height)| {
            let side = |text: &str| text.parse().ok().filter(|&side| side > 0);
            Some([side(width)?, side(height)?])
        });
        sides
            .map(Self)
            .ok_or("expected WIDTHxHEIGHT in pixels, for example 55x35".to_owned())
    }
}

impl FromStr for GazeRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ranges = text
            .split_once(',')
            .and_then(|(pitch, yaw)| Some([range(pitch)?, range(yaw)?]));
        ranges.map(Self).ok_or(
            "expected the lowest and highest pitch and yaw in degrees, for example -25:10,-20:20"
                .to_owned(),
        )
    }
}

/// `LOW:HIGH`, in this order.
fn range(text: &str) -> Option<[f32; 2]> {
    let (low, high) = text.split_once(':')?;
    let range = [low.trim().parse().ok()?, high.trim().parse().ok()?];
    (range[0] <= range[1] && range.iter().all(|end: &f32| end.is_finite())).then_some(range)
}

/// Names of the simulators, listed in the help.
fn kind_parser() -> impl TypedValueParser<Value = &'static Kind> {
    PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name)).try_map(|name| kinds::find(&name))
}

/// Names of the formats, listed in the help.
fn format_parser() -> impl TypedValueParser<Value = &'static dyn Layout> {
    PossibleValuesParser::new(LAYOUTS.iter().map(|layout| layout.name()))
        .try_map(|name| export::find(&name))
}

impl SimulateArgs {
    /// Defaults of the format that the file does not set, `--set`, and the options that stand for a key; later ones win.
    fn overrides(&self) -> Vec<String> {
        let key = |name: &str| self.kind.key(name);
        let mut overrides = absent_defaults(self.kind, self.format, self.config.as_deref());
        overrides.extend(self.set.iter().cloned());
        if let Some(Size([width, height])) = self.size {
            overrides.push(format!("{}={width}", key("width")));
            overrides.push(format!("{}={height}", key("height")));
        }
        if let Some(GazeRange([pitch, yaw])) = self.gaze_range {
            overrides.push(format!("{}={pitch:?}", key("gaze_pitch")));
            overrides.push(format!("{}={yaw:?}", key("gaze_yaw")));
        }
        if let Some(count) = self.person_count {
            overrides.push(format!("{}={count}", key("persons")));
        }
        overrides
    }

    fn simulator(&self) -> simgan_base::Result<Box<dyn Simulator>> {
        // Before the format's defaults, which a kind that it cannot hold need not know.
        self.format.check(&*self.load(None, &[])?)?;
        self.load(self.config.as_deref(), &self.overrides())
    }

    fn load(
        &self,
        file: Option<&Path>,
        overrides: &[String],
    ) -> simgan_base::Result<Box<dyn Simulator>> {
        let layers = Layers {
            file,
            overrides,
            origin: "--set",
        };
        (self.kind.load)(&layers, self.seed)
    }
}

/// `key=value` for the defaults of `format` whose key is not in `file`. A file that cannot be read is told of when it is
/// loaded.
fn absent_defaults(kind: &Kind, format: &dyn Layout, file: Option<&Path>) -> Vec<String> {
    let text = file.and_then(|path| limits::read_text(path, limits::CONFIG).ok());
    let table: toml::Table = text.and_then(|text| text.parse().ok()).unwrap_or_default();
    let is_set = |key: &str| match key.split_once('.') {
        Some((section, key)) => table.get(section).is_some_and(|s| s.get(key).is_some()),
        None => table.contains_key(key),
    };
    format
        .defaults()
        .iter()
        .map(|(name, value)| (kind.key(name), value))
        .filter(|(key, _)| !is_set(key))
        .map(|(key, value)| format!("{key}={value}"))
        .collect()
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("simulation", 1);

/// Renders and writes, and tells how fast.
pub fn run(args: &SimulateArgs, console: &Console) -> anyhow::Result<()> {
    data::require_free(&args.out, "--out")?;
    let images = Images {
        simulator: &*args.simulator()?,
        start: args.start.into(),
        count: args.count.into(),
    };
    let progress = Progress::new(console, "rendering");
    let mut update = |done, total| progress.update(done as usize, total as usize, "");
    let summary = export::write(&images, args.format, &args.out, &mut update)?;
    drop(progress);
    if args.json {
        return output::json(SHAPE, &json!({ "out": args.out, "simulation": summary }));
    }
    output::line(&text(args, &summary))
}

fn text(args: &SimulateArgs, summary: &ExportSummary) -> String {
    output::table(&[
        ("simulated images", args.out.display().to_string()),
        ("images", thousands(summary.images as usize)),
        ("time", duration(summary.seconds)),
        ("rate", format!("{:.0} images/s", summary.images_per_second)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ranges_are_read_or_refused() {
        assert_eq!("55x35".parse(), Ok(Size([55, 35])));
        for wrong in ["55", "0x35", "55x", "-5x3", "5x5x5", "a"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        let range = GazeRange([[-25.0, 10.0], [-20.5, 20.0]]);
        assert_eq!("-25:10,-20.5:20".parse(), Ok(range));
        for wrong in ["-25:10", "10:-25,0:1", "nan:1,0:1", "0:inf,0:1", "1,2", ""] {
            assert!(wrong.parse::<GazeRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_files_keys_win_over_those_of_the_format() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("eyes.toml");
        fs_err::write(&file, "width = 800\n").unwrap();
        let (eyes, camera) = (kinds::find("eyes").unwrap(), kinds::find("camera").unwrap());
        let format = export::find("unityeyes").unwrap();
        let left = absent_defaults(eyes, format, Some(&file));
        assert!(left.contains(&"height=480".to_owned()));
        assert!(!left.iter().any(|text| text.starts_with("width=")));
        let all = absent_defaults(eyes, format, None);
        assert_eq!(all.len(), format.defaults().len());
        fs_err::write(&file, "[eyes]\nheight = 400\n").unwrap();
        let left = absent_defaults(camera, format, Some(&file));
        assert_eq!(left, ["eyes.width=640", "eyes.eye_width=[0.40, 0.48]"]);
    }
}
