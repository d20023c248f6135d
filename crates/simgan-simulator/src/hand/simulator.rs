//! The hand simulator: depth images and labels by index.

use image::Luma;

use crate::hand::config::HandConfig;
use crate::hand::label_cells;
use crate::hand::labels::HandLabels;
use crate::hand::parameters::HandParameters;
use crate::hand::scene::Scene;
use crate::simulated_image::{DepthImage, PixelForm, SimulatedImage};
use crate::simulator::{Description, Kind, Simulator};
use simgan_base::Result;

/// `sim:hands`: depth images of hands.
pub const KIND: Kind = Kind {
    name: "hands",
    key_prefix: "",
    stands_in_for_real: false,
    load: |layers, seed| Ok(Box::new(HandSimulator::new(layers.load()?, seed)?)),
};

/// Makes labelled depth images of hands: image `index` is a pure function of configuration, seed and
/// index.
#[derive(Clone, Debug)]
pub struct HandSimulator {
    config: HandConfig,
    seed: u64,
}

/// An image with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct HandSample {
    /// Millimetres; 0 where nothing is within the cube.
    pub image: DepthImage,
    /// Its labels.
    pub labels: HandLabels,
}

impl HandSimulator {
    /// A simulator of `config`.
    ///
    /// # Errors
    /// Those of [`HandConfig::validate`].
    pub fn new(config: HandConfig, seed: u64) -> Result<Self> {
        config.validate()?;
        Ok(Self { config, seed })
    }

    /// What is varied.
    pub fn config(&self) -> &HandConfig {
        &self.config
    }

    /// Parameters of image `index`.
    pub fn parameters(&self, index: u64) -> HandParameters {
        HandParameters::draw(&self.config, self.seed, index)
    }

    /// Labels of given parameters, without an image.
    pub fn labels(&self, parameters: &HandParameters) -> HandLabels {
        Scene::new(&self.config, parameters).labels()
    }

    /// Labels of given parameters as cells, one a column.
    pub(crate) fn row_of(&self, parameters: &HandParameters) -> Vec<String> {
        label_cells::row(&self.labels(parameters))
    }

    /// Image and labels of given parameters.
    pub fn render_parameters(&self, parameters: &HandParameters) -> HandSample {
        let scene = Scene::new(&self.config, parameters);
        let depths = scene.depths(&scene.view);
        let image = DepthImage::from_fn(depths.width as u32, depths.height as u32, |x, y| {
            let depth = depths.at(x as usize, y as usize);
            Luma([scene.view.millimetres(depth, self.config.depth_from)])
        });
        HandSample {
            image,
            labels: scene.labels(),
        }
    }
}

impl Simulator for HandSimulator {
    fn description(&self) -> Description<'_> {
        Description::new(KIND.name, self.seed, &self.config)
    }

    fn columns(&self) -> Vec<String> {
        label_cells::columns()
    }

    fn row(&self, index: u64) -> Vec<String> {
        self.row_of(&self.parameters(index))
    }

    fn form(&self) -> PixelForm {
        PixelForm::Depth
    }

    fn render(&self, index: u64) -> SimulatedImage {
        self.render_parameters(&self.parameters(index)).image.into()
    }

    fn sample(&self, index: u64) -> (SimulatedImage, Vec<String>) {
        let sample = self.render_parameters(&self.parameters(index));
        (sample.image.into(), label_cells::row(&sample.labels))
    }
}
