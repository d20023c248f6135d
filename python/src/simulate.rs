//! Labelled images of a simulator, in memory.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;
use simgan_base::settings::Layers;
use simgan_simulator::{PixelForm, SimulatedImage, Simulator, kinds, label_table};

use crate::arguments::SettingsArguments;
use crate::errors::Failure;
use crate::images;
use crate::listener::PythonListener;
use crate::work;
use crate::workflows::Surroundings;
use simgan_workflow::Listener;

/// Images rendered between two looks for Ctrl-C.
const AT_A_TIME: u64 = 64;

/// Arguments of `simulate`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct SimulateArguments {
    kind: String,
    count: u32,
    seed: u64,
    start: u32,
    size: Option<[u32; 2]>,
    settings: SettingsArguments,
}

/// Pixels of all images, row by row.
enum Pixels {
    /// RGB.
    Colour(Vec<u8>),
    /// Millimetres.
    Depth(Vec<u16>),
}

/// What a simulator made: pixels, and a row of labels an image.
struct Made {
    pixels: Pixels,
    size: [usize; 2],
    names: Vec<String>,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Pixels {
    fn none(form: PixelForm) -> Self {
        match form {
            PixelForm::Colour => Self::Colour(vec![]),
            PixelForm::Depth => Self::Depth(vec![]),
        }
    }

    /// Adds an image, which is of the same form as those before.
    fn extend(&mut self, image: SimulatedImage) {
        match (self, image) {
            (Self::Colour(pixels), SimulatedImage::Colour(image)) => {
                pixels.extend(image.into_raw());
            }
            (Self::Depth(pixels), SimulatedImage::Depth(image)) => pixels.extend(image.into_raw()),
            (Self::Colour(_), SimulatedImage::Depth(_))
            | (Self::Depth(_), SimulatedImage::Colour(_)) => {
                unreachable!("the images of a simulator are of one form")
            }
        }
    }
}

/// Images of a simulator, their names and their labels, as the texts of a label table.
#[pyfunction]
pub(crate) fn simulate<'py>(
    py: Python<'py>,
    arguments: SimulateArguments,
    surroundings: Surroundings,
) -> PyResult<Bound<'py, PyDict>> {
    let Surroundings {
        threads,
        on_progress,
    } = surroundings;
    let made = work::run(py, threads, move |stop| {
        render(&arguments, &PythonListener::new(on_progress, stop))
    })?;
    let [height, width] = made.size;
    let count = made.names.len();
    let result = PyDict::new(py);
    let images = match made.pixels {
        Pixels::Colour(pixels) => images::array(py, pixels, vec![count, height, width, 3])?,
        Pixels::Depth(pixels) => images::array(py, pixels, vec![count, height, width])?,
    };
    result.set_item("images", images)?;
    result.set_item("names", made.names)?;
    let labels = PyDict::new(py);
    for (column, name) in made.columns.iter().enumerate() {
        let cells: Vec<&str> = made.rows.iter().map(|row| row[column].as_str()).collect();
        labels.set_item(name, cells)?;
    }
    result.set_item("labels", labels)?;
    Ok(result)
}

fn render(arguments: &SimulateArguments, listener: &PythonListener) -> Result<Made, Failure> {
    let simulator = simulator(arguments)?;
    let (start, count) = (u64::from(arguments.start), u64::from(arguments.count));
    let progress = listener.begin("rendering");
    let mut made = Made {
        pixels: Pixels::none(simulator.form()),
        size: [0, 0],
        names: (start..start + count).map(label_table::file_name).collect(),
        columns: simulator.columns(),
        rows: Vec::new(),
    };
    for first in (0..count).step_by(AT_A_TIME as usize) {
        let end = (first + AT_A_TIME).min(count);
        let indices = (start + first..start + end).into_par_iter();
        let samples: Vec<_> = indices.map(|index| simulator.sample(index)).collect();
        for (image, row) in samples {
            let (width, height) = image.dimensions();
            made.size = [height as usize, width as usize];
            made.pixels.extend(image);
            made.rows.push(row);
        }
        progress.update(end as usize, count as usize, "");
    }
    Ok(made)
}

fn simulator(arguments: &SimulateArguments) -> Result<Box<dyn Simulator>, Failure> {
    let kind = kinds::find(&arguments.kind)?;
    let mut overrides = arguments.settings.set.clone();
    if let Some([width, height]) = arguments.size {
        overrides.push(format!("{}={width}", kind.key("width")));
        overrides.push(format!("{}={height}", kind.key("height")));
    }
    let layers = Layers {
        file: arguments.settings.config.as_deref(),
        overrides: &overrides,
        origin: "set",
    };
    Ok((kind.load)(&layers, arguments.seed)?)
}
