//! Histogram equalisation, exactly as OpenCV's `equalizeHist`.

/// Levels of an 8-bit image.
const LEVELS: usize = 256;

/// Equalises the histogram of pixels that lie pixel by pixel (`[height, width, channels]`).
///
/// A grey level v becomes `round(255 * (cdf(v) - cdf_min) / (n - cdf_min))`, where cdf counts the pixels at or
/// below a level, `cdf_min` those at the darkest level present, and n all. A constant image stays as it is.
/// In colour, the luma (Rec. 709) is equalised and its change is added to all three channels, which keeps the chroma.
pub fn equalize(mut pixels: Vec<u8>, channels: usize) -> Vec<u8> {
    if channels == 1 {
        if let Some(map) = level_map(pixels.iter().copied()) {
            pixels.iter_mut().for_each(|p| *p = map[usize::from(*p)]);
        }
        return pixels;
    }
    if let Some(map) = level_map(pixels.chunks_exact(channels).map(luma)) {
        for pixel in pixels.chunks_exact_mut(channels) {
            let old = luma(pixel);
            let change = i16::from(map[usize::from(old)]) - i16::from(old);
            pixel
                .iter_mut()
                .for_each(|p| *p = (i16::from(*p) + change).clamp(0, 255) as u8);
        }
    }
    pixels
}

/// Largest difference between the share of pixels at or below a level and that of an even distribution, over the
/// levels that occur (Kolmogorov and Smirnov's statistic).
pub fn unevenness(pixels: &[u8]) -> f64 {
    let histogram = histogram(pixels.iter().copied());
    let mut below = 0;
    let mut largest: f64 = 0.0;
    for (level, &count) in histogram
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
    {
        below += count;
        let share = below as f64 / pixels.len() as f64;
        largest = largest.max((share - level as f64 / (LEVELS - 1) as f64).abs());
    }
    largest
}

/// Rec. 709 luma of an RGB pixel, as the `image` crate turns colour into grey.
fn luma(pixel: &[u8]) -> u8 {
    let weigh = |c: usize, weight: u32| weight * u32::from(pixel[c]);
    ((weigh(0, 2126) + weigh(1, 7152) + weigh(2, 722)) / 10_000) as u8
}

/// Number of pixels of each level.
fn histogram(levels: impl Iterator<Item = u8>) -> [u64; LEVELS] {
    let mut histogram = [0; LEVELS];
    levels.for_each(|level| histogram[usize::from(level)] += 1);
    histogram
}

/// The new value of every level; `None` where there are fewer than two levels.
fn level_map(levels: impl Iterator<Item = u8>) -> Option<[u8; LEVELS]> {
    let histogram = histogram(levels);
    let total: u64 = histogram.iter().sum();
    let darkest = histogram.iter().copied().find(|&count| count > 0)?;
    let range = total - darkest;
    if range == 0 {
        return None;
    }
    let mut below = 0u64;
    Some(std::array::from_fn(|level| {
        below += histogram[level];
        let scaled = below.saturating_sub(darkest) as f64 / range as f64 * 255.0;
        // OpenCV's saturate_cast rounds halves to even.
        scaled.round_ties_even() as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_spread_over_the_whole_range() {
        // cv2.equalizeHist(np.array([[52, 55, 61, 59, 79, 61, 76, 61]], np.uint8))
        // by the definition: cdf 1, 2, 3, 6, 7, 8; cdf_min 1; n 8
        let pixels = vec![52, 55, 61, 59, 79, 61, 76, 61];
        assert_eq!(equalize(pixels, 1), [0, 36, 182, 73, 255, 182, 219, 182]);
    }

    #[test]
    fn constant_images_stay() {
        assert_eq!(equalize(vec![7; 12], 1), [7; 12]);
        assert_eq!(equalize(vec![7; 12], 3), [7; 12]);
        assert!(equalize(vec![], 1).is_empty());
    }

    #[test]
    fn colour_keeps_its_chroma() {
        // Three lumas, the middle one far enough from both ends that nothing is clamped.
        let result = equalize(vec![40, 50, 60, 60, 70, 80, 90, 100, 110], 3);
        assert_eq!(
            (result[4] - result[3], result[5] - result[4]),
            (10, 10),
            "{result:?}"
        );
        assert!(result[1] < 20 && result[7] > 240, "{result:?}");
    }

    proptest! {
        #[test]
        fn order_is_kept_and_a_second_pass_changes_little(pixels in prop::collection::vec(0u8..=255, 2..200)) {
            let once = equalize(pixels.clone(), 1);
            for (i, j) in (0..pixels.len()).zip(1..pixels.len()) {
                prop_assert_eq!(pixels[i] < pixels[j] && once[i] > once[j], false);
            }
            let twice = equalize(once.clone(), 1);
            prop_assert!(once.iter().zip(&twice).all(|(a, b)| a.abs_diff(*b) <= 1));
        }
    }
}
