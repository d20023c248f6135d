//! An estimator on disk: a folder with `estimator.toml`, `estimator.safetensors`, and `SHA256SUMS` of both.
//!
//! The network's weights are named by their layers (`conv1.weight` ... `fc2.bias`; linear weights are
//! `[inputs, outputs]`). A k-NN estimator has `pixels`
//! (`u8`, `[images, channels, height, width]`) and `targets` (`f32`, `[images, numbers]`).

use std::path::Path;

use burn::tensor::Device;
use safetensors::tensor::{Dtype, TensorView};

use crate::nets::weights;
use crate::tasks::config::EstimatorKind;
use crate::tasks::estimator::{Estimator, EstimatorManifest, Predictor};
use crate::tasks::knn::Knn;
use crate::tasks::network::Network;
use crate::tasks::rows::Rows;
use simgan_base::files::limits;
use simgan_base::files::{disk, output_folder, sha256_sums};
use simgan_base::formats::tensors;
use simgan_base::{Error, Result};

/// Name of the file that says where an estimator comes from.
pub const MANIFEST_FILE: &str = "estimator.toml";
/// Name of the file with weights, or with the images of a k-NN estimator.
pub const WEIGHTS_FILE: &str = "estimator.safetensors";
/// Both.
pub(crate) const FILES: [&str; 2] = [MANIFEST_FILE, WEIGHTS_FILE];

impl Estimator {
    /// Writes the estimator to the folder `path`, which must not exist or be empty.
    ///
    /// Everything is written to a folder beside it, which is then renamed: `path` is whole or absent.
    ///
    /// # Errors
    /// A folder that holds something, a full disk.
    pub fn save(&self, path: &Path) -> Result<()> {
        refuse_occupied(path)?;
        output_folder::fill(path, |partial| self.write_files(partial))
    }

    fn write_files(&self, folder: &Path) -> Result<()> {
        let manifest = toml::to_string_pretty(&self.manifest).map_err(|e| {
            Error::model(format!(
                "the estimator's manifest cannot be written as TOML: {e}"
            ))
        })?;
        disk::write(&folder.join(MANIFEST_FILE), manifest)?;
        let file = folder.join(WEIGHTS_FILE);
        match &self.predictor {
            Predictor::Network(network, _) => network.save(&file)?,
            Predictor::Knn(knn) => disk::write(&file, knn_bytes(knn)?)?,
        }
        sha256_sums::write(folder, &FILES)
    }

    /// Reads an estimator from the folder `path` for use on `device`.
    ///
    /// # Errors
    /// A folder that is no estimator, a damaged file, weights that do not fit the manifest.
    pub fn load(path: &Path, device: &Device) -> Result<Self> {
        let manifest = read_manifest(path)?;
        let file = path.join(WEIGHTS_FILE);
        if !file.is_file() {
            return Err(Error::model(format!(
                "{} is not a whole estimator: {WEIGHTS_FILE} is missing",
                path.display()
            )));
        }
        let predictor = match manifest.config.kind {
            EstimatorKind::Cnn | EstimatorKind::Hourglass => Predictor::Network(
                Box::new(load_network(&manifest, &file, device)?),
                device.clone(),
            ),
            EstimatorKind::Knn => Predictor::Knn(load_knn(&manifest, &file)?),
        };
        // Last, so that files that cannot be read at all are told for what they are.
        match Self::problems(path)?.first() {
            Some(problem) => Err(damaged(path, problem)),
            None => Ok(Self {
                manifest,
                predictor,
            }),
        }
    }

    /// What of the folder `path` is not what [`save`](Self::save) wrote, a sentence each.
    ///
    /// # Errors
    /// The hashes cannot be read.
    pub fn problems(path: &Path) -> Result<Vec<String>> {
        sha256_sums::problems(path, &FILES)
    }

    /// Whether `path` looks like a folder written by [`save`](Self::save).
    pub fn is_saved_at(path: &Path) -> bool {
        path.join(MANIFEST_FILE).is_file()
    }
}

/// Reads the manifest of the estimator in the folder `path`, without its weights.
///
/// # Errors
/// A folder that is no estimator, a manifest that is damaged or contradicts itself.
pub fn read_manifest(path: &Path) -> Result<EstimatorManifest> {
    if !path.exists() {
        return Err(Error::not_found("estimator", path));
    }
    if !Estimator::is_saved_at(path) {
        return Err(Error::model(format!(
            "{} is not an estimator: {MANIFEST_FILE} is missing",
            path.display()
        ))
        .with_hint("`simgan fit` writes one"));
    }
    let file = path.join(MANIFEST_FILE);
    let manifest: EstimatorManifest =
        toml::from_str(&limits::read_text(&file, limits::MODEL_MANIFEST)?)
            .map_err(|e| damaged(&file, e.message()))?;
    let dimension = manifest.target.dimension();
    let units = &manifest.standardization;
    if dimension == 0 || units.mean.len() != dimension || units.scale.len() != dimension {
        return Err(damaged(
            &file,
            "target and standardization have different lengths",
        ));
    }
    manifest.config.validate().map_err(|e| damaged(&file, e))?;
    Ok(manifest)
}

fn refuse_occupied(path: &Path) -> Result<()> {
    if !output_folder::is_free(path)? {
        return Err(Error::new(
            simgan_base::ErrorKind::Io,
            format!(
                "{} exists already and is not an empty folder",
                path.display()
            ),
        )
        .with_hint("choose another folder or remove this one"));
    }
    Ok(())
}

fn load_network(manifest: &EstimatorManifest, path: &Path, device: &Device) -> Result<Network> {
    let network = manifest.network();
    weights::require_room(path, network.parameters()?)?;
    let network = network.init(0, device)?;
    network.load(path).map_err(|e| damaged(path, e))
}

fn knn_bytes(knn: &Knn) -> Result<Vec<u8>> {
    let targets: Vec<u8> = knn
        .targets()
        .values
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let (images, dimension) = (knn.targets().len(), knn.targets().dimension);
    let [channels, height, width] = knn.image_shape();
    let failed = |e| Error::model(format!("a k-NN estimator cannot be written: {e}"));
    let pixels = TensorView::new(
        Dtype::U8,
        vec![images, channels, height, width],
        knn.pixels(),
    )
    .map_err(failed)?;
    let targets = TensorView::new(Dtype::F32, vec![images, dimension], &targets).map_err(failed)?;
    safetensors::serialize([("pixels", pixels), ("targets", targets)], None).map_err(failed)
}

fn load_knn(manifest: &EstimatorManifest, path: &Path) -> Result<Knn> {
    let bytes = tensors::read(path)?;
    let tensors = tensors::parse(&bytes, path)?;
    let pixels = tensors.tensor("pixels").map_err(|e| damaged(path, e))?;
    let targets = tensors.tensor("targets").map_err(|e| damaged(path, e))?;
    let dimension = manifest.target.dimension();
    let shaped = pixels.dtype() == Dtype::U8
        && pixels.shape().get(1..) == Some(&manifest.image_shape)
        && targets.dtype() == Dtype::F32
        && targets.shape() == [pixels.shape()[0], dimension];
    if !shaped {
        return Err(damaged(
            path,
            "images and targets do not have the shapes that the manifest names",
        ));
    }
    let values = targets
        .data()
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    let targets = Rows { dimension, values };
    Knn::from_parts(
        manifest.config.k,
        manifest.image_shape,
        pixels.data().to_vec(),
        targets,
    )
}

fn damaged(file: &Path, reason: impl std::fmt::Display) -> Error {
    // Reasons of other crates may span lines; an error here is one sentence.
    let reason = reason.to_string();
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    Error::model(format!(
        "{} is damaged or does not fit its manifest: {reason}",
        file.display()
    ))
}
