//! The simulators there are.

use crate::simulator::Kind;
use crate::{depth_stand_in, eye, hand, signs, stand_in};
use simgan_base::{Error, Result};

/// All kinds of simulators, in the order of lists.
pub const KINDS: &[Kind] = &[
    eye::KIND,
    stand_in::KIND,
    signs::KIND,
    hand::KIND,
    depth_stand_in::KIND,
];

/// The kind called `name`.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): there is none (names those there are).
pub fn find(name: &str) -> Result<&'static Kind> {
    let found = KINDS.iter().find(|kind| kind.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        Error::config(format!("there is no simulator `{name}`"))
            .with_hint(format!("simulators: {}", names.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Simulator;
    use simgan_base::settings::Layers;

    fn load(kind: &Kind, overrides: &[String], seed: u64) -> Box<dyn Simulator> {
        let layers = Layers {
            file: None,
            overrides,
            origin: "test",
        };
        (kind.load)(&layers, seed).unwrap()
    }

    #[test]
    fn names_are_found_and_others_refused() {
        for kind in KINDS {
            assert_eq!(find(kind.name).unwrap(), kind);
        }
        let error = find("ears").unwrap_err();
        assert_eq!(error.to_string(), "there is no simulator `ears`");
        for kind in KINDS {
            assert!(error.hint().is_some_and(|hint| hint.contains(kind.name)));
        }
    }

    #[test]
    fn every_kind_keeps_the_promises_of_the_trait() {
        for kind in KINDS {
            let size = [kind.key("width") + "=40", kind.key("height") + "=24"];
            let simulator = load(kind, &size, 5);
            let (image, row) = simulator.sample(2);
            assert_eq!(image.dimensions(), (40, 24), "{}", kind.name);
            assert_eq!(image.form(), simulator.form(), "{}", kind.name);
            assert_eq!((&image, &row), (&simulator.render(2), &simulator.row(2)));
            assert_eq!(row.len(), simulator.columns().len());
            assert_ne!(image, load(kind, &size, 6).render(2));
            let text = serde_json::to_value(simulator.description()).unwrap();
            assert_eq!(
                (&text["kind"], &text["seed"]),
                (&kind.name.into(), &5.into())
            );
            assert!(text["config"].is_object());
        }
    }

    #[test]
    fn the_description_has_the_complete_configuration() {
        let simulator = load(&eye::KIND, &["persons=7".to_owned()], 3);
        let text = serde_json::to_value(simulator.description()).unwrap();
        assert_eq!(text["config"]["persons"], 7);
        assert!(text["config"]["width"].is_number());
    }
}
