//! `simgan judge`: are the labels kept, did it become real?

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use simgan::judges::Judgement;
use simgan_workflow::judge::{JudgeRequest, judge};

use crate::args::DataOptions;
use crate::console::Console;
use crate::examples;
use crate::output;

/// Options of `judge`.
#[derive(Debug, Args)]
#[command(after_help = examples::JUDGE)]
pub struct JudgeArgs {
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Real images, not used in training
    #[arg(long, value_name = "DIR")]
    pub real: String,
    /// Refined versions of the synthetic images [default: the run's refiner makes them, in memory]
    #[arg(long, value_name = "DIR")]
    pub refined: Option<String>,
    /// Estimator of iris positions or gaze (`fit`), fitted on synthetic images: a second judge of label shifts
    #[arg(long, value_name = "MODEL")]
    pub iris_model: Option<PathBuf>,
    /// Estimator fitted on raw synthetic images (`fit`), whose answers refining should not move [default: that of the run,
    /// where `[task_consistency]` made one]
    #[arg(long, value_name = "MODEL")]
    pub task_model: Option<PathBuf>,
    /// Pixels of an image 55 wide in one unit of that model's labels [default: labels are pixels of the synthetic images]
    #[arg(long, value_name = "PX")]
    pub iris_unit: Option<f64>,
    /// Classifiers fitted on each side, with seeds 0, 1, ...
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub seeds: u32,
    /// Most images of each kind, the same ones every time; 0: all
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub images: usize,
    /// Folder for judgement.json: new or empty [default: only RUN/judgements gets it]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl JudgeArgs {
    fn request(&self) -> JudgeRequest {
        JudgeRequest {
            run: self.run.clone(),
            synthetic: self.synthetic.clone(),
            real: self.real.clone(),
            refined: self.refined.clone(),
            iris_model: self.iris_model.clone(),
            task_model: self.task_model.clone(),
            iris_unit: self.iris_unit,
            seeds: self.seeds,
            images: self.images,
            out: self.out.clone(),
            open: self.data.open_options(),
        }
    }
}

/// Judges and prints the tables.
pub fn run(args: &JudgeArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let judgement = judge(&args.request(), device, console)?;
    match args.json {
        true => output::json(Judgement::SHAPE, &judgement),
        false => output::line(judgement.to_markdown().trim_end()),
    }
}
