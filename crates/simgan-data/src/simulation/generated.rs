//! Images that are rendered whenever they are looked at, never stored.

use rayon::prelude::*;

use crate::simulation::source::SimulationSource;
use crate::{Labels, Preprocessing};
use simgan_base::{Error, Result};
use simgan_simulator::{Simulator, label_table};

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
    /// Sets the simulator up; nothing is rendered.
    ///
    /// # Errors
    /// Those of [`SimulationSource::simulator`].
    pub(crate) fn open(source: &SimulationSource, preprocessing: &Preprocessing) -> Result<Self> {
        let simulator = source.simulator(preprocessing)?;
        let identity =
            serde_json::to_string(&(simulator.description(), source.count(), preprocessing))
                .map_err(|e| Error::config(format!("{source} cannot be written as JSON: {e}")))?;
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

    pub(crate) fn name(&self, place: usize) -> String {
        label_table::file_name(place as u64)
    }

    /// Renders and preprocesses an image: `[channels, height, width]`.
    pub(crate) fn pixels(&self, place: usize) -> Vec<u8> {
        let image = self.simulator.render(place as u64);
        self.preprocessing.apply_to_rendered(image)
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
