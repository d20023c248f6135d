//! The estimator that the refiner is held to: learned once a run, from the raw synthetic images.

use std::path::Path;

use burn::tensor::Device;

use crate::tasks::model_file::read_manifest;
use crate::tasks::{
    AugmentationConfig, Estimator, EstimatorConfig, FitOptions, FitTold, Target, fit_until, kinds,
};
use simgan_base::Result;
use simgan_base::files::disk;
use simgan_data::Dataset;

/// The configuration of an estimator of what `config` names, or else of the gaze, or of the one task that the labels allow. It
/// learns under augmentation: [plain](AugmentationConfig::plain) where `config` has none.
///
/// # Errors
/// `data` lacks these labels, or its labels allow several tasks.
pub fn estimator_of(config: &EstimatorConfig, data: &Dataset) -> Result<EstimatorConfig> {
    let mut config = config.clone();
    if !config.names_target() && Target::Gaze.values(data).is_err() {
        config = config.with_target(&kinds::choose(data)?);
    }
    config.target().values(data)?;
    if !config.augmentation.is_on() {
        config.augmentation = AugmentationConfig::plain();
    }
    Ok(config)
}

/// The estimator in the folder `path` if it was fitted like this on `data`, or else one that is fitted now and saved there; `None`
/// if `told` ends the fit.
///
/// # Errors
/// Those of [`fit_until`], and a folder that cannot be written.
pub fn fit_or_load(
    path: &Path,
    data: &Dataset,
    config: &EstimatorConfig,
    options: &FitOptions,
    device: &Device,
    told: &mut FitTold,
) -> Result<Option<Estimator>> {
    if path.exists() {
        let known = read_manifest(path).is_ok_and(|manifest| {
            manifest.seed == options.seed
                && manifest.config == *config
                && manifest.preprocessing == options.preprocessing
                && manifest.data_fingerprint == data.fingerprint()
        });
        match known.then(|| Estimator::load(path, device)) {
            Some(Ok(estimator)) => return Ok(Some(estimator)),
            // Of another start of this run.
            _ => disk::remove_dir_all(path)?,
        }
    }
    let Some((estimator, _)) = fit_until(data, config, options, device, told)? else {
        return Ok(None);
    };
    estimator.save(path)?;
    Ok(Some(estimator))
}
