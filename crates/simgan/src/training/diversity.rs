//! Watches, while training, whether refined images still differ from each other.

/// Spread of refined images, over that of their originals, below which they are all nearly the same. Real images
/// may well have a tenth of the synthetic ones' contrast.
pub const CONSTANT: f64 = 0.02;
/// Mean distance of refined images to the one most like each, over the mean distance of two, over the same of their
/// originals, below which they are a handful of images with small changes.
pub const MODES: f64 = 0.25;

/// How much images differ from each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Diversity {
    /// Standard deviation of a pixel over the images, mean over pixels (square root of the mean variance).
    pub(super) spread: f64,
    /// Mean distance of an image to the one most like it, over the mean distance of two images, 0..=1: free of
    /// scale, so that low contrast alone does not count. Near 0 where images come in a few kinds.
    pub(super) nearest: f64,
}

impl Diversity {
    /// Of images of `len` values each, one after the other.
    pub(super) fn of(images: &[f32], len: usize) -> Self {
        let images: Vec<&[f32]> = images.chunks_exact(len).collect();
        let (mut nearest, mut pairs, mut squares) = (0.0, 0.0, 0.0);
        for (i, image) in images.iter().enumerate() {
            let mut least = f64::INFINITY;
            for (_, other) in images.iter().enumerate().filter(|&(j, _)| j != i) {
                let square = squared_distance(image, other);
                least = least.min(square.sqrt());
                pairs += square.sqrt();
                squares += square;
            }
            nearest += least;
        }
        let count = images.len() as f64;
        let partners = (count - 1.0).max(1.0);
        Self {
            // Half the mean squared difference of two draws is the variance.
            spread: (squares / (count * partners) / 2.0 / len as f64).sqrt(),
            nearest: match pairs > 0.0 {
                true => nearest / (pairs / partners),
                false => 0.0,
            },
        }
    }
}

fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum()
}

/// The originals' diversity, and what has been said.
#[derive(Debug)]
pub(super) struct DiversityWatch {
    before: Diversity,
    pub(super) said: bool,
}

impl DiversityWatch {
    pub(super) fn new(before: Diversity) -> Self {
        Self {
            before,
            said: false,
        }
    }

    /// Diversity of refined images, relative to their originals'.
    pub(super) fn relative(&self, refined: Diversity) -> Diversity {
        let over = |a: f64, b: f64| if b > 0.0 { a / b } else { 1.0 };
        Diversity {
            spread: over(refined.spread, self.before.spread),
            nearest: over(refined.nearest, self.before.nearest),
        }
    }

    /// What to say about a [relative](Self::relative) diversity, once.
    pub(super) fn warning(&mut self, relative: Diversity) -> Option<String> {
        let what = match relative {
            Diversity { spread, .. } if spread < CONSTANT => "are all nearly the same image",
            Diversity { nearest, .. } if nearest < MODES => "have become a handful of images",
            _ => return None,
        };
        if self.said {
            return None;
        }
        self.said = true;
        Some(format!(
            "refined images {what} (they differ {:.0} % as much as the synthetic ones): the refiner has collapsed; \
             raise training.lambda or lower training.learning_rate_refiner, and start again",
            100.0 * relative.spread
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use simgan_base::random::{Stream, generator};

    const LEN: usize = 50;

    fn noise(count: usize, seed: u64) -> Vec<f32> {
        let mut rng = generator(seed, Stream::History);
        (0..count * LEN)
            .map(|_| rng.random_range(-1.0..1.0))
            .collect()
    }

    fn said(refined: &[f32]) -> Option<String> {
        let mut watch = DiversityWatch::new(Diversity::of(&noise(32, 1), LEN));
        let relative = watch.relative(Diversity::of(refined, LEN));
        let said = watch.warning(relative);
        assert_eq!(watch.warning(relative), None);
        said
    }

    #[test]
    fn the_spread_is_the_standard_deviation() {
        // Of a uniform draw from -1..1.
        let spread = Diversity::of(&noise(64, 3), LEN).spread;
        assert!((spread - (1.0f64 / 3.0).sqrt()).abs() < 0.02, "{spread}");
        let two = Diversity::of(&[0.0, 0.0, 1.0, 1.0], 2);
        assert!((two.spread - 0.5f64.sqrt()).abs() < 1e-6 && (two.nearest - 1.0).abs() < 1e-6);
    }

    #[test]
    fn other_images_and_faint_ones_are_no_collapse() {
        assert_eq!(said(&noise(32, 2)), None);
        let faint: Vec<f32> = noise(32, 2).iter().map(|v| 0.3 + 0.1 * v).collect();
        assert_eq!(said(&faint), None);
    }

    #[test]
    fn a_constant_and_a_handful_of_images_are_named() {
        let constant: Vec<f32> = noise(1, 4).repeat(32);
        assert!(said(&constant).unwrap().contains("nearly the same"));
        let mut few: Vec<f32> = noise(4, 5).repeat(8);
        few.iter_mut()
            .zip(noise(32, 6))
            .for_each(|(v, n)| *v += 0.05 * n);
        assert!(said(&few).unwrap().contains("a handful"));
    }
}
