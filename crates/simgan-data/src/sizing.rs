//! Size and channels of preprocessed images where the configuration names none: those of the data.

use crate::preprocessing::CropKind;
use crate::{Preprocessing, Probe};
use simgan_base::{Error, Result};

/// Which keys of `[preprocessing]` nobody has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unset {
    /// `width`.
    pub width: bool,
    /// `height`.
    pub height: bool,
    /// `channels`.
    pub channels: bool,
    /// `crop.kind`.
    pub crop: bool,
}

/// A source of image files: its name, the size of what the crop keeps of its images, and their channels.
struct Files<'a> {
    source: &'a str,
    size: [f64; 2],
    channels: usize,
}

impl Unset {
    /// Whether anything is left to the data.
    pub fn any(&self) -> bool {
        self.width || self.height || self.channels
    }

    /// Fills in what is unset: width and height of the smallest of the sources' images, three channels where all sources
    /// are in colour. Where one of width and height is set, the other follows from the proportions. Simulators, which
    /// render any size, change nothing.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): images would be squeezed or stretched, and `crop.kind` says
    /// nothing about it; a crop that leaves the images.
    pub fn settle(
        &self,
        preprocessing: &mut Preprocessing,
        probes: &[(&str, Probe)],
    ) -> Result<()> {
        if preprocessing.crop.kind == CropKind::Random && (self.width || self.height) {
            return Err(Error::config(
                "preprocessing.crop.kind is random, but not how large the parts are",
            )
            .with_hint("set preprocessing.width and preprocessing.height, for example 64 and 64"));
        }
        let files = probes
            .iter()
            .filter_map(|(source, probe)| files(source, probe, preprocessing).transpose())
            .collect::<Result<Vec<_>>>()?;
        let area = |files: &Files| files.size[0] * files.size[1];
        let smallest = files.iter().min_by(|a, b| area(a).total_cmp(&area(b)));
        let Some(size) = smallest.map(|files| files.size) else {
            return Ok(());
        };
        let side = |length: f64| length.round().max(1.0) as usize;
        match (self.width, self.height) {
            (true, true) => {
                (preprocessing.width, preprocessing.height) = (side(size[0]), side(size[1]));
            }
            (true, false) => {
                preprocessing.width = side(preprocessing.height as f64 * size[0] / size[1]);
            }
            (false, true) => {
                preprocessing.height = side(preprocessing.width as f64 * size[1] / size[0]);
            }
            (false, false) => {}
        }
        if self.channels {
            let channels = files.iter().map(|files| files.channels).min();
            preprocessing.channels = channels.unwrap_or(preprocessing.channels);
        }
        match files
            .iter()
            .find(|files| !keeps_proportions(files.size, preprocessing))
        {
            Some(files) if self.crop => Err(squeezed(files, preprocessing)),
            _ => Ok(()),
        }
    }
}

fn files<'a>(
    source: &'a str,
    probe: &Probe,
    preprocessing: &Preprocessing,
) -> Result<Option<Files<'a>>> {
    let (size, channels) = match probe {
        Probe::AnySize | Probe::Unknown => return Ok(None),
        Probe::Refined(done) => ([done.width as f64, done.height as f64], done.channels),
        Probe::Files { size, channels } => match preprocessing.crop.kind {
            CropKind::Centre | CropKind::Box => (preprocessing.kept_part(*size)?.size, *channels),
            CropKind::None | CropKind::Aspect | CropKind::Pad | CropKind::Random => {
                (size.map(f64::from), *channels)
            }
        },
    };
    Ok(Some(Files {
        source,
        size,
        channels,
    }))
}

/// Whether images of `size` are resized alike across and down, to the nearest pixel.
pub fn keeps_proportions([width, height]: [f64; 2], preprocessing: &Preprocessing) -> bool {
    let [across, down] = [preprocessing.width as f64, preprocessing.height as f64];
    (down * width / height - across).abs() < 1.0 || (across * height / width - down).abs() < 1.0
}

fn squeezed(files: &Files, preprocessing: &Preprocessing) -> Error {
    let [width, height] = files.size;
    Error::config(format!(
        "{}: images of {width}x{height} do not have the proportions of {}x{}, and would be squeezed",
        files.source, preprocessing.width, preprocessing.height
    ))
    .with_hint(
        "set preprocessing.crop.kind: aspect cuts the longer sides, pad repeats the outermost pixels, none squeezes",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Unset = Unset {
        width: true,
        height: true,
        channels: true,
        crop: true,
    };

    fn settled(unset: Unset, probes: &[([u32; 2], usize)]) -> Result<[usize; 3]> {
        let mut preprocessing = Preprocessing::default();
        let probes: Vec<(&str, Probe)> = probes
            .iter()
            .map(|&(size, channels)| ("set", Probe::Files { size, channels }))
            .collect();
        unset.settle(&mut preprocessing, &probes)?;
        let [channels, height, width] = preprocessing.image_shape();
        Ok([width, height, channels])
    }

    #[test]
    fn size_and_channels_come_from_the_data() {
        assert_eq!(settled(ALL, &[([64, 64], 3)]).unwrap(), [64, 64, 3]);
        let both = [([64, 48], 3), ([32, 24], 1)];
        assert_eq!(settled(ALL, &both).unwrap(), [32, 24, 1]);
        assert_eq!(settled(ALL, &[]).unwrap(), [55, 35, 1]);
        let set = Unset {
            channels: false,
            ..ALL
        };
        assert_eq!(settled(set, &[([64, 64], 3)]).unwrap(), [64, 64, 1]);
    }

    #[test]
    fn one_side_follows_from_the_other() {
        let width_set = Unset {
            width: false,
            ..ALL
        };
        assert_eq!(settled(width_set, &[([110, 70], 1)]).unwrap(), [55, 35, 1]);
        let height_set = Unset {
            height: false,
            ..ALL
        };
        assert_eq!(settled(height_set, &[([64, 64], 1)]).unwrap(), [35, 35, 1]);
    }

    #[test]
    fn other_proportions_are_refused_unless_a_crop_is_named() {
        let set = Unset {
            width: false,
            height: false,
            ..ALL
        };
        for probes in [
            &[([64, 64], 1)][..],
            &[([60, 36], 1)],
            &[([55, 35], 1), ([100, 50], 1)],
        ] {
            let error = settled(set, probes).unwrap_err();
            assert_eq!(error.kind(), simgan_base::ErrorKind::Config);
            assert!(
                error
                    .to_string()
                    .contains("do not have the proportions of 55x35")
            );
            assert!(error.hint().is_some_and(|hint| hint.contains("crop.kind")));
            let named = Unset { crop: false, ..set };
            assert_eq!(settled(named, probes).unwrap(), [55, 35, 1]);
        }
        assert_eq!(settled(set, &[([110, 71], 1)]).unwrap(), [55, 35, 1]);
        assert!(settled(ALL, &[([64, 64], 1), ([64, 48], 1)]).is_err());
    }

    #[test]
    fn a_crop_counts_as_the_image() {
        let mut preprocessing = Preprocessing::default();
        preprocessing.crop.kind = CropKind::Centre;
        (preprocessing.crop.width, preprocessing.crop.height) = (0.5, 0.25);
        let size = [640, 480];
        ALL.settle(
            &mut preprocessing,
            &[("set", Probe::Files { size, channels: 3 })],
        )
        .unwrap();
        assert_eq!(preprocessing.image_shape(), [3, 120, 320]);
    }
}
