//! Images that are rendered whenever they are looked at, never stored.

use rayon::prelude::*;

use crate::simulation::source::SimulationSource;
use crate::source_levels::SourceLevels;
use crate::{Labels, Preprocessing};
use simgan_base::{Error, Result};
use simgan_simulator::{PixelForm, Simulator, label_table};

/// Depth images that are looked at when a set is opened.
const LOOKED_AT: usize = 8;

/// A simulator as a data set: `count` images, each a pure function of its place.
#[derive(Debug)]
pub(crate) struct Generated {
    simulator: Box<dyn Simulator>,
    count: usize,
    preprocessing: Preprocessing,
    /// Everything that decides the pixels, as JSON.
    identity: String,
    /// What errors call the labels.
    origin: String,
}

impl Generated {
    /// Sets the simulator up. Nothing is rendered but a few depth images, to warn where levels are lost, as a folder of
    /// them does.
    ///
    /// # Errors
    /// Those of [`SimulationSource::simulator`].
    pub(crate) fn open(source: &SimulationSource, preprocessing: &Preprocessing) -> Result<Self> {
        let simulator = source.simulator(preprocessing)?;
        let identity =
            serde_json::to_string(&(simulator.description(), source.count(), preprocessing))
                .map_err(|e| Error::config(format!("{source} cannot be written as JSON: {e}")))?;
        if simulator.form() == PixelForm::Depth {
            let images = 0..source.count().min(LOOKED_AT) as u64;
            for warning in warnings(&*simulator, images, preprocessing) {
                tracing::warn!("{}: {warning}", source.name());
            }
        }
        Ok(Self {
            simulator,
            count: source.count(),
            preprocessing: preprocessing.clone(),
            identity,
            origin: source.name(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// `[channels, height, width]` of every image.
    pub(crate) fn image_shape(&self) -> [usize; 3] {
        self.preprocessing.image_shape()
    }

    /// What the pixels are before preprocessing.
    pub(crate) fn form(&self) -> PixelForm {
        self.simulator.form()
    }

    pub(crate) fn name(&self, place: usize) -> String {
        label_table::file_name(place as u64)
    }

    /// Renders and preprocesses an image: `[channels, height, width]`.
    pub(crate) fn pixels(&self, place: usize) -> Vec<u8> {
        let image = self.simulator.render(place as u64);
        self.preprocessing.apply_to_rendered(image.into())
    }

    /// Labels of the images at `places`, made in parallel; nothing is rendered.
    pub(crate) fn labels(&self, places: &[usize]) -> Labels {
        let rows: Vec<String> = places
            .par_iter()
            .map(|&place| label_table::row(&self.name(place), &self.simulator.row(place as u64)))
            .collect();
        let header = label_table::header(&self.simulator.columns());
        Labels::of_lines(self.origin.clone(), &header, &rows)
    }

    /// Everything that decides the pixels of all images.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }
}

/// What a user should know of the levels of depth images before they are used.
fn warnings(
    simulator: &dyn Simulator,
    images: std::ops::Range<u64>,
    preprocessing: &Preprocessing,
) -> Vec<String> {
    let mut levels = SourceLevels::default();
    for index in images {
        let image = simulator.render(index).into();
        let own = SourceLevels::of(&image);
        levels.add(&own, &preprocessing.apply_to_rendered(image));
    }
    levels.warnings(preprocessing)
}
