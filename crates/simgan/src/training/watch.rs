//! Watches a training for the ways in which SimGAN is known to fail, and says each once.

use serde::{Deserialize, Serialize};

use crate::algorithm_1::scalars::Scalars;

/// Mean absolute change of a pixel (in -1..1) below which the refiner does nothing: a quarter of a grey level.
const NOTHING: f32 = 0.002;
/// Change above which hardly anything of the synthetic image can be left.
const EVERYTHING: f32 = 0.6;
/// Accuracy above which D has nothing left to learn.
const PERFECT: f32 = 0.995;
/// Accuracy on one side below which, with the other side near 1, D has one answer for everything.
const ONE_SIDED: f32 = 0.02;
/// Distance of D's cross-entropy from that of knowing nothing, log 2, within which it knows nothing.
const IGNORANT: f32 = 0.003;
/// Change below which the refiner has not won: what D fails to tell apart is hardly refined.
const UNTOUCHED: f32 = 0.02;
/// Logged intervals in a row that a symptom must last.
const PATIENCE: usize = 5;

/// A way to fail.
type Symptom = (fn(&Scalars) -> bool, &'static str);

const SYMPTOMS: [Symptom; 5] = [
    (
        |s| s.pixel_change.is_some_and(|change| change < NOTHING),
        "the refiner does nothing: refined images equal the synthetic ones; lower training.lambda or train longer",
    ),
    (
        |s| s.pixel_change.is_some_and(|change| change > EVERYTHING),
        "refined images keep hardly anything of the synthetic ones, labels are probably lost; raise training.lambda",
    ),
    (
        |s| {
            let perfect = |accuracy: Option<f32>| accuracy.is_some_and(|a| a > PERFECT);
            perfect(s.accuracy_real) && perfect(s.accuracy_refined)
        },
        "the discriminator tells every patch apart, the refiner learns little from it; look for what gives the \
             sides away (borders, brightness, sharpness) or lower training.learning_rate_discriminator",
    ),
    (
        |s| {
            let one_sided = |low: Option<f32>, high: Option<f32>| {
                low.zip(high)
                    .is_some_and(|(low, high)| low < ONE_SIDED && high > 1.0 - ONE_SIDED)
            };
            one_sided(s.accuracy_real, s.accuracy_refined)
                || one_sided(s.accuracy_refined, s.accuracy_real)
        },
        "the discriminator gives every patch the same answer, the refiner learns nothing from it; raise \
         training.learning_rate_discriminator, train it longer before (training.discriminator_warmup) or set \
         discriminator.activation=leaky_relu",
    ),
    (
        |s| {
            let log_2 = std::f32::consts::LN_2;
            s.discriminator_loss
                .is_some_and(|loss| (loss - log_2).abs() < IGNORANT)
                && s.pixel_change.is_some_and(|change| change < UNTOUCHED)
        },
        "the discriminator tells nothing apart although images are hardly refined, the refiner learns nothing \
         from it; lower training.gradient_penalty (0.05, say), which keeps it from seeing fine differences, or \
         train it longer before (training.discriminator_warmup)",
    ),
];

/// Counts how long each symptom has lasted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Watch {
    /// Of each symptom; shorter in checkpoints of a version that knew fewer.
    lasted: Vec<usize>,
}

impl Watch {
    /// Looks at one logged interval of Algorithm 1; returns what has just lasted long enough to be said.
    pub fn look(&mut self, scalars: &Scalars) -> Vec<&'static str> {
        let mut said = Vec::new();
        self.lasted.resize(SYMPTOMS.len(), 0);
        for (lasted, (shows, message)) in self.lasted.iter_mut().zip(SYMPTOMS) {
            *lasted = if shows(scalars) { *lasted + 1 } else { 0 };
            if *lasted == PATIENCE {
                said.push(message);
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(value: f32) -> Scalars {
        Scalars {
            pixel_change: Some(value),
            ..Scalars::default()
        }
    }

    #[test]
    fn a_refiner_that_does_nothing_is_named_once() {
        let mut watch = Watch::default();
        let said: Vec<_> = (0..20).flat_map(|_| watch.look(&change(0.0))).collect();
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("does nothing"));
    }

    #[test]
    fn healthy_and_passing_values_are_not_named() {
        let mut watch = Watch::default();
        for i in 0..40 {
            let value = if i % 4 == 0 { 0.1 } else { 0.0 };
            assert!(watch.look(&change(value)).is_empty());
        }
    }

    #[test]
    fn a_perfect_discriminator_is_named() {
        let mut watch = Watch::default();
        let scalars = Scalars {
            accuracy_real: Some(1.0),
            accuracy_refined: Some(1.0),
            ..change(0.1)
        };
        let said: Vec<_> = (0..PATIENCE).flat_map(|_| watch.look(&scalars)).collect();
        assert!(said.len() == 1 && said[0].contains("discriminator"));
    }

    #[test]
    fn a_discriminator_that_learns_nothing_is_named_unless_the_refiner_has_won() {
        let look = |loss: f32, change_of_a_pixel: f32| {
            let mut watch = Watch::default();
            let scalars = Scalars {
                discriminator_loss: Some(loss),
                accuracy_real: Some(0.54),
                accuracy_refined: Some(0.52),
                ..change(change_of_a_pixel)
            };
            (0..20).flat_map(|_| watch.look(&scalars)).count()
        };
        assert_eq!(look(0.6919, 0.012), 1);
        assert_eq!(look(0.6919, 0.2), 0);
        assert_eq!(look(0.65, 0.012), 0);
    }

    #[test]
    fn a_watch_of_fewer_symptoms_goes_on() {
        let mut watch: Watch = serde_json::from_str(r#"{"lasted":[4,0,0,0]}"#).unwrap();
        assert!(watch.look(&change(0.0))[0].contains("does nothing"));
    }

    #[test]
    fn a_discriminator_with_one_answer_is_named() {
        for [real, refined] in [[0.0, 1.0], [1.0, 0.0]] {
            let mut watch = Watch::default();
            let scalars = Scalars {
                accuracy_real: Some(real),
                accuracy_refined: Some(refined),
                ..change(0.1)
            };
            let said: Vec<_> = (0..PATIENCE).flat_map(|_| watch.look(&scalars)).collect();
            assert!(said.len() == 1 && said[0].contains("the same answer"));
        }
    }
}
