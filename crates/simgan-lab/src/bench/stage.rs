//! What is measured.

use clap::ValueEnum;

/// One piece of work, timed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    // R on 32 images, without gradients.
    #[value(name = "refine")]
    Refine,
    // R on 128 images.
    #[value(name = "refine_128")]
    Refine128,
    // An update of R on L_R with D as it is.
    #[value(name = "refiner_step")]
    RefinerStep,
    // An update of D on 32 refined and 32 real images.
    #[value(name = "discriminator_step")]
    DiscriminatorStep,
    // Algorithm 1 with K_g = 2, K_d = 1, a full history, drawing the images.
    #[value(name = "iteration")]
    Iteration,
    // An update of the gaze network.
    #[value(name = "gaze_step")]
    GazeStep,
    // An update of the paper's refiner of 224x224 hands.
    #[value(name = "hands", alias = "hands_refiner_step")]
    Hands,
}

impl Stage {
    /// The stages of a run that names none.
    pub const DEFAULT: [Self; 6] = [
        Self::Refine,
        Self::Refine128,
        Self::RefinerStep,
        Self::DiscriminatorStep,
        Self::Iteration,
        Self::GazeStep,
    ];

    /// Name in tables, JSON and the peers' workers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refine => "refine",
            Self::Refine128 => "refine_128",
            Self::RefinerStep => "refiner_step",
            Self::DiscriminatorStep => "discriminator_step",
            Self::Iteration => "iteration",
            Self::GazeStep => "gaze_step",
            Self::Hands => "hands_refiner_step",
        }
    }

    /// Images of a step, its mini-batch, if the user asks for no number.
    pub fn images(self) -> usize {
        match self {
            Self::Refine128 => 128,
            Self::Hands => 4,
            _ => 32,
        }
    }

    /// Untimed steps at a worker's start.
    pub fn warmups(self) -> usize {
        if self == Self::Hands { 1 } else { 3 }
    }

    /// Rounds if the user asks for no number.
    pub fn rounds(self) -> u32 {
        if self == Self::Hands { 1 } else { 10 }
    }

    /// Whether all competitors fit into memory at once. The hands' do not: theirs run one after the other.
    pub fn is_interleaved(self) -> bool {
        self != Self::Hands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_given_by_the_names_that_are_printed() {
        for stage in Stage::value_variants() {
            assert_eq!(Stage::from_str(stage.name(), false), Ok(*stage));
        }
        assert_eq!(Stage::from_str("hands", false), Ok(Stage::Hands));
    }
}
