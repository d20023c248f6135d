//! `simgan turing`: can people tell refined images from real ones?

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use clap::Args;
use simgan::training::RunDir;
use simgan_base::Error;
use simgan_turing::{AnswerFile, Gallery, Plan, Results, TestFolder, TestOptions};
use simgan_workflow::data;
use simgan_workflow::turing::{TuringRequest, prepare};

use crate::args::DataOptions;
use crate::console::Console;
use crate::{examples, output, signals};

/// Options of `turing`.
#[derive(Debug, Args)]
#[command(after_help = examples::TURING)]
pub struct TuringArgs {
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Real images
    #[arg(long, value_name = "DIR", required_unless_present_any = ["add", "results"])]
    pub real: Option<String>,
    /// Synthetic images [default: those that the run was trained on]
    #[arg(long, value_name = "DIR")]
    pub synthetic: Option<String>,
    /// Name of the test: RUN/turing/NAME keeps plan, answers and results
    #[arg(long, value_name = "NAME", default_value = "test")]
    pub name: String,
    /// Serve the page until Ctrl-C [default]
    #[arg(long, conflicts_with_all = ["out", "add", "results"])]
    pub serve: bool,
    /// Write the page into this folder, new or empty; people send files of answers back
    #[arg(long, value_name = "DIR", conflicts_with_all = ["add", "results"])]
    pub out: Option<PathBuf>,
    /// Add a file of answers that the page in a folder has saved; may be repeated
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "results")]
    pub add: Vec<PathBuf>,
    /// Print the statistics so far
    #[arg(long)]
    pub results: bool,
    /// Images a person decides on, half of them real
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub trials: usize,
    /// Labelled examples always visible, half of them real
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub examples: usize,
    /// Images of the control round, half of them real, half synthetic; 0: no such round
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub control: usize,
    /// Different forms that the folder of --out holds
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub forms: u16,
    /// Seed of what people are shown
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Most images of each kind, the same ones every time; 0: all
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub images: usize,
    /// Ask no classifier the same questions
    #[arg(long)]
    pub no_machine: bool,
    /// Address to serve on; any but 127.0.0.1 lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Port to serve on; 0: any that is free
    #[arg(long, value_name = "N", default_value_t = 8765)]
    pub port: u16,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the statistics as JSON
    #[arg(long)]
    pub json: bool,
}

impl TuringArgs {
    fn request(&self, real: &str) -> TuringRequest {
        TuringRequest {
            run: self.run.clone(),
            synthetic: self.synthetic.clone(),
            real: real.to_owned(),
            options: TestOptions {
                trials: self.trials,
                examples: self.examples,
                control: self.control,
                seed: self.seed,
            },
            images: self.images,
            machine: !self.no_machine,
            open: self.data.open_options(),
        }
    }

    /// `RUN/turing/NAME`.
    fn folder(&self) -> anyhow::Result<PathBuf> {
        let plain = Path::new(&self.name)
            .file_name()
            .is_some_and(|n| n == self.name.as_str());
        if !plain || self.name.starts_with('.') {
            let message = format!("--name {:?} is not the name of a folder", self.name);
            return Err(Error::config(message)
                .with_hint("give a plain name, without / and not beginning with a dot")
                .into());
        }
        Ok(RunDir::open(&self.run)?.turing().join(&self.name))
    }
}

/// Serves or writes the page, adds answers, or tells what they show.
pub fn run(args: &TuringArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let folder = args.folder()?;
    if args.results || !args.add.is_empty() {
        let mut test = TestFolder::open(&folder)?;
        args.add.iter().try_for_each(|file| add(&mut test, file))?;
        return print(args, &test.write_results()?);
    }
    let real = args.real.as_deref().unwrap_or_default();
    if let Some(out) = &args.out {
        let read = [Some(real), args.synthetic.as_deref()];
        data::require_free(out, "--out")?;
        data::require_outside(out, "--out", read.into_iter().flatten())?;
    }
    // A port that is taken is told before the work.
    let listener = args.out.is_none().then(|| listen(args)).transpose()?;
    let (plan, gallery) = prepare(&args.request(real), device, console)?;
    match (&args.out, listener) {
        (None, Some(listener)) => serve(args, listener, &folder, (plan, gallery), console),
        (out, _) => write(args, out.as_deref(), &folder, (plan, &gallery), console),
    }
}

fn add(test: &mut TestFolder, path: &Path) -> anyhow::Result<()> {
    let file = AnswerFile::read(path)?;
    let added = test.add_answers(&file);
    Ok(added.map_err(|e| e.at(&path.display().to_string()))?)
}

fn listen(args: &TuringArgs) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(args.host, args.port);
    Ok(TcpListener::bind(address).map_err(|e| {
        Error::io(format!("{address} cannot be served on"), e)
            .with_hint("give another --port, or stop the program that has this one")
    })?)
}

fn serve(
    args: &TuringArgs,
    listener: TcpListener,
    folder: &Path,
    (plan, gallery): (Plan, Gallery),
    console: &Console,
) -> anyhow::Result<()> {
    let test = TestFolder::begin(folder, plan)?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        console.warn("other machines can take part: the page asks nobody who they are");
    }
    let stop = signals::stop_flag().context("signals cannot be heard")?;
    console.say(&format!(
        "Open http://{address}/ in a browser. Every answer is kept in {}. Ctrl-C ends the test.",
        folder.display()
    ));
    let test = simgan_turing::server::serve(listener, test, gallery, stop)?;
    print(args, &test.write_results()?)
}

fn write(
    args: &TuringArgs,
    out: Option<&Path>,
    folder: &Path,
    (plan, gallery): (Plan, &Gallery),
    console: &Console,
) -> anyhow::Result<()> {
    let test = TestFolder::begin(folder, plan)?;
    let Some(out) = out else { return Ok(()) };
    simgan_turing::write_page(out, &test.plan, gallery, args.forms.into())?;
    console.say(&format!(
        "{} holds the page. Keep {} to yourself: it has the key. Add what people send back with\n\
         simgan turing --run {} --name {} --add FILE",
        out.display(),
        folder.display(),
        args.run.display(),
        args.name
    ));
    output::line(&out.display().to_string())
}

fn print(args: &TuringArgs, results: &Results) -> anyhow::Result<()> {
    match args.json {
        true => output::json(Results::SHAPE, results),
        false => output::line(results.to_markdown().trim_end()),
    }
}
