//! `simgan advise`: learn from refined images, from raw ones, or from several versions? Said without a label of a real image.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use serde_json::json;
use simgan::judges;
use simgan::judges::advice;
use simgan::judges::advice::AdvisedImages;
use simgan::training::RunDir;
use simgan_base::formats::shape::Shape;
use simgan_workflow::configuration::{self, EstimatorSources};
use simgan_workflow::{data, refine, warnings};

use crate::args::{DataOptions, SettingsOptions, TaskOptions};
use crate::console::Console;
use crate::examples;
use crate::output;
use crate::progress::Progress;

/// What `--json` prints.
const SHAPE: Shape = Shape::new("advice", 1);

/// Options of `advise`.
#[derive(Debug, Args)]
#[command(after_help = examples::ADVISE)]
pub struct AdviseArgs {
    #[command(flatten)]
    pub task: TaskOptions,
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Labelled synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Real images like those you care about; labels are not used
    #[arg(long, value_name = "DIR")]
    pub real: String,
    /// Estimators fitted on raw, on refined and on both images, and on those of every checkpoint, with seeds 0, 1, ...
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..))]
    pub seeds: u32,
    /// Most real images to ask about, the same ones every time; 0: all
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub images: usize,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Gathers the evidence and prints the advice.
pub fn run(args: &AdviseArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let run = RunDir::open(&args.run)?;
    let options = args.data.open_options();
    let sources = EstimatorSources {
        run: Some(&args.run),
        target: &[],
        data: None,
    };
    let config =
        configuration::of_estimator(&args.settings.settings(), sources, &options, console)?;
    let open = |source: &str| data::open(source, &config.preprocessing, &options, console);
    let (synthetic, real) = (open(&args.synthetic)?, open(&args.real)?);
    let real = real.subset(&judges::choose(real.len(), args.images));
    let estimator = args
        .task
        .choice()
        .estimator(&config.estimator, &synthetic, Some(&args.run))?;
    warnings::of_labels(&estimator.target(), &synthetic, console);
    let refined = refine::in_memory(&run, None, &synthetic, device, console)?;
    let images = AdvisedImages {
        synthetic: &synthetic,
        refined: &refined,
        versions: &refine::versions_in_memory(&run, &synthetic, &refined, device, console)?,
        real: &real,
    };
    let progress = Progress::new(console, "fitting");
    let evidence = advice::gather(
        images,
        &estimator,
        &config.preprocessing,
        args.seeds.into(),
        device,
        &mut |done, all| progress.update(done, all, ""),
    )?;
    drop(progress);
    let sentences = evidence.sentences();
    match args.json {
        true => output::json(
            SHAPE,
            &json!({
                "advice": evidence.advice(),
                "reasons": sentences,
                "evidence": evidence,
            }),
        ),
        false => output::line(&sentences.join("\n")),
    }
}
