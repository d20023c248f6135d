//! What is exported: a network, what is said of it, and samples.

use std::path::Path;

use simgan::refine::TrainedRefiner;
use simgan::tasks::Estimator;
use simgan::tasks::model_file::WEIGHTS_FILE;
use simgan::training::RunDir;
use simgan_base::Result;
use simgan_base::files::sha256;
use simgan_data::Dataset;

use crate::description::Description;
use crate::model_card;
use crate::network::Network;
use crate::samples::Samples;

/// Samples of an export, if nobody chooses them.
pub const SAMPLES: usize = 8;

/// A trained network, ready to be written in any [format](crate::FORMATS).
#[derive(Clone, Debug)]
pub struct Exported {
    pub(crate) network: Network,
    pub(crate) description: Description,
    pub(crate) samples: Samples,
    /// Its model card, but for how it is used.
    pub(crate) card: String,
}

impl Exported {
    /// The refiner of `run`, with up to 1,000 `samples` that [it opened](TrainedRefiner::open).
    ///
    /// # Errors
    /// Too many samples or none; a run without a manifest.
    pub fn refiner(run: &RunDir, trained: &TrainedRefiner, samples: &Dataset) -> Result<Self> {
        let network = Network::of_refiner(trained);
        let description = Description::of_refiner(run, trained, &network)?;
        Ok(Self {
            network,
            samples: Samples::of(samples, |images| Ok(trained.forward(images)))?,
            card: model_card::of_refiner(run, trained, &description)?,
            description,
        })
    }

    /// The estimator that was loaded from the folder `model`, with up to 1,000 `samples` of its
    /// preprocessing.
    ///
    /// # Errors
    /// A k-NN estimator has no network; too many samples or none.
    pub fn estimator(model: &Path, estimator: &Estimator, samples: &Dataset) -> Result<Self> {
        let network = Network::of_estimator(estimator)?;
        let sha256 = sha256::of_file(&model.join(WEIGHTS_FILE))?.sha256;
        let description = Description::of_estimator(model, estimator, sha256);
        Ok(Self {
            network,
            card: model_card::of_estimator(&description, estimator)?,
            samples: Samples::of(samples, |_| Ok(estimator.predict_rows(samples)?.values))?,
            description,
        })
    }

    /// What is said of it.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Writes the samples, for programs that are to be checked.
    pub(crate) fn write_samples(&self, folder: &Path) -> Result<()> {
        let output = &self.description.output;
        self.samples.write(folder, output.name, &output.shape)
    }
}
