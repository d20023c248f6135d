//! Whether the synthetic and the real images may have been swapped.

use serde::Deserialize;

use crate::source::Place;
use crate::{Dataset, Source};
use simgan_base::files::limits;
use simgan_simulator::kinds;

/// File in which `simgan simulate` says what it rendered.
const SIMULATION: &str = "simulation.json";

/// What is read of it.
#[derive(Deserialize)]
struct Simulation {
    kind: String,
}

/// Why `synthetic` may be the real images and `real` the synthetic ones; `None` where nothing speaks for it.
///
/// A stand-in camera (`sim:camera`) counts as real.
pub fn swap_doubt(synthetic: &Dataset, real: &Dataset) -> Option<String> {
    let why = match (rendered(synthetic), rendered(real)) {
        (None, Some(how)) => how.to_owned(),
        _ if !synthetic.has_labels() && real.has_labels() => {
            "the real images have labels, the synthetic ones have none".to_owned()
        }
        _ => return None,
    };
    Some(format!("{why}: are --synthetic and --real swapped?"))
}

/// What says that images are rendered or refined.
fn rendered(data: &Dataset) -> Option<&'static str> {
    match data.format() {
        "refined images" => Some("the real images are refined ones by their manifest"),
        "UnityEyes" => Some("the real images are an export of UnityEyes"),
        "simulator" => {
            let source = Source::parse(data.source()).ok()?;
            let Place::Simulator(simulator) = source.place() else {
                return None;
            };
            (!simulator.kind().stands_in_for_real)
                .then_some("the real images are those of a simulator")
        }
        "image folder" => {
            let path = data.root()?.join(SIMULATION);
            let text = limits::read_text(&path, limits::DATA_MANIFEST).ok()?;
            let simulation: Simulation = serde_json::from_str(&text).ok()?;
            (!kinds::find(&simulation.kind).ok()?.stands_in_for_real)
                .then_some("the real images are those of a simulator by their simulation.json")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labels, OpenOptions, Preprocessing};

    fn memory(labelled: bool) -> Dataset {
        let labels = Labels::parse(b"file,a\nx,1\n".to_vec(), "labels.csv").unwrap();
        let labels = labelled.then_some(labels);
        Dataset::from_memory(vec!["x".into()], [1, 1, 1], vec![0], labels).unwrap()
    }

    #[test]
    fn labels_on_the_wrong_side_are_doubted() {
        let doubt = swap_doubt(&memory(false), &memory(true)).unwrap();
        assert!(doubt.contains("swapped"), "{doubt}");
        for sides in [[true, true], [true, false], [false, false]] {
            let [synthetic, real] = sides.map(memory);
            assert_eq!(swap_doubt(&synthetic, &real), None);
        }
    }

    #[test]
    fn rendered_images_on_the_real_side_are_doubted() {
        let open = |source: &str| {
            Dataset::open(source, &Preprocessing::default(), &OpenOptions::default()).unwrap()
        };
        let (eyes, camera) = (open("sim:eyes?count=2"), open("sim:camera?count=2"));
        assert!(swap_doubt(&memory(true), &eyes).is_some());
        assert!(swap_doubt(&camera, &eyes).is_some());
        assert_eq!(swap_doubt(&eyes, &camera), None);
        assert_eq!(swap_doubt(&eyes, &eyes), None);
        assert_eq!(swap_doubt(&memory(true), &camera), None);
    }

    #[test]
    fn a_simulated_folder_is_known_by_its_manifest() {
        let dir = tempfile::tempdir().unwrap();
        let image = image::GrayImage::new(55, 35);
        image.save(dir.path().join("0.png")).unwrap();
        fs_err::write(
            dir.path().join(SIMULATION),
            r#"{"kind": "eyes", "seed": 1}"#,
        )
        .unwrap();
        let options = OpenOptions {
            cache_dir: Some(dir.path().join("cache")),
            ..Default::default()
        };
        let source = dir.path().display().to_string();
        let data = Dataset::open(&source, &Preprocessing::default(), &options).unwrap();
        assert!(
            swap_doubt(&memory(true), &data)
                .unwrap()
                .contains(SIMULATION)
        );
    }
}
