//! COCO's run lengths of masks: column by column, runs of 0 and 1 in turn, as numbers or as a compressed string.
//!
//! The string has five bits a character, the sixth says that another follows, from `0` on; from the fourth run on it has
//! the difference to the run before the last. It is that of `rleToString` in pycocotools' `maskApi.c`.

use crate::objects::ObjectMask;
use simgan_base::{Error, Result};

/// Most characters of a run: ten characters have 50 bits.
const MAX_CHARACTERS: u32 = 10;

/// The runs in a compressed string.
///
/// # Errors
/// Characters that are none of its, a run that is cut off, negative or too long. The sentence starts with "its".
pub(crate) fn runs_of(text: &str) -> Result<Vec<u64>> {
    let wrong = || Error::data("its compressed run lengths are malformed");
    let (mut runs, mut bytes) = (Vec::<u64>::new(), text.bytes());
    while let Some(mut byte) = bytes.next() {
        let (mut value, mut at) = (0i64, 0);
        loop {
            let bits = byte.checked_sub(48).filter(|&bits| bits < 64);
            let bits = bits.filter(|_| at < MAX_CHARACTERS).ok_or_else(wrong)?;
            value |= i64::from(bits & 0x1f) << (5 * at);
            at += 1;
            if bits & 0x20 == 0 {
                if bits & 0x10 != 0 {
                    value |= -1 << (5 * at);
                }
                break;
            }
            byte = bytes.next().ok_or_else(wrong)?;
        }
        if runs.len() > 2 {
            value += i64::try_from(runs[runs.len() - 2]).map_err(|_| wrong())?;
        }
        runs.push(u64::try_from(value).map_err(|_| wrong())?);
    }
    Ok(runs)
}

/// The compressed string of runs.
pub(crate) fn text_of(runs: &[u64]) -> String {
    let mut text = String::new();
    for (at, &run) in runs.iter().enumerate() {
        let before = if at > 2 { runs[at - 2] } else { 0 };
        let mut value = run as i64 - before as i64;
        loop {
            let bits = (value & 0x1f) as u8;
            value >>= 5;
            let ends = value == if bits & 0x10 != 0 { -1 } else { 0 };
            text.push(char::from(48 + bits + if ends { 0 } else { 0x20 }));
            if ends {
                break;
            }
        }
    }
    text
}

/// The mask of these runs, in an image of `size`, width and height.
///
/// # Errors
/// They cover another number of pixels. The sentence starts with "its".
pub(crate) fn mask_of(runs: &[u64], size: [u32; 2]) -> Result<ObjectMask> {
    let pixels = u64::from(size[0]) * u64::from(size[1]);
    let sum = runs.iter().try_fold(0u64, |sum, &run| sum.checked_add(run));
    if sum != Some(pixels) {
        let sum = sum.map_or("too many".to_owned(), |sum| sum.to_string());
        let [width, height] = size;
        return Err(Error::data(format!(
            "its run lengths cover {sum} pixels, but {width}x{height} are {pixels}"
        )));
    }
    let mut mask = ObjectMask::empty(size);
    let mut at = 0;
    for (index, &run) in runs.iter().enumerate() {
        if index % 2 == 1 {
            (at..at + run as usize).for_each(|place| mask.set_in_columns(place));
        }
        at += run as usize;
    }
    Ok(mask)
}

/// The runs of a mask.
pub(crate) fn runs_in(mask: &ObjectMask) -> Vec<u64> {
    let (mut runs, mut value) = (vec![0], false);
    for pixel in mask.in_columns() {
        if pixel != value {
            value = pixel;
            runs.push(0);
        }
        if let Some(run) = runs.last_mut() {
            *run += 1;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sizes, strings and runs that pycocotools 2 encodes: a corner, all, nothing, a disc.
    fn known() -> [([u32; 2], &'static str, Vec<u64>); 4] {
        let disc = [
            783, 11, 35, 15, 32, 17, 29, 21, 26, 23, 25, 23, 24, 25, 22, 27, 21, 27, 20, 29, 19,
            29, 19, 29, 19, 29, 19, 29, 19, 29, 19, 29, 19, 29, 19, 29, 19, 29, 19, 29, 20, 27, 21,
            27, 22, 25, 24, 23, 25, 23, 26, 21, 29, 17, 32, 15, 35, 11, 934,
        ];
        let text = "_h0;S14M2M4M2O0O2N2O0O2O00000000000000000001N101N2N101N3L3N3LSl0";
        [
            ([4, 3], "41211", vec![4, 1, 2, 2, 3]),
            ([7, 5], "0S1", vec![0, 35]),
            ([7, 5], "S1", vec![35]),
            ([64, 48], text, disc.into()),
        ]
    }

    #[test]
    fn strings_are_those_of_pycocotools() {
        for (size, text, runs) in known() {
            assert_eq!(runs_of(text).unwrap(), runs);
            assert_eq!(text_of(&runs), text);
            assert_eq!(runs_in(&mask_of(&runs, size).unwrap()), runs);
        }
        let [_, _, _, (size, _, runs)] = known();
        assert_eq!(mask_of(&runs, size).unwrap().area(), 697);
    }

    #[test]
    fn what_is_no_string_of_runs_is_refused() {
        for text in ["é", "P", "oooooooooooo1", "O", "!"] {
            assert!(runs_of(text).is_err(), "{text}");
        }
        let error = mask_of(&[3, 2], [2, 2]).unwrap_err();
        let said = "its run lengths cover 5 pixels, but 2x2 are 4";
        assert_eq!(error.to_string(), said);
        assert!(mask_of(&[u64::MAX, 2], [2, 2]).is_err());
        assert!(runs_of("").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn runs_survive_the_string(runs in prop::collection::vec(0u64..1 << 40, 0..20)) {
            prop_assert_eq!(runs_of(&text_of(&runs)).unwrap(), runs);
        }

        #[test]
        fn masks_survive_the_runs(width in 1u32..9, height in 1u32..9, bits in any::<u64>()) {
            let mut mask = ObjectMask::empty([width, height]);
            let set = (0..(width * height) as usize).filter(|at| bits >> (at % 64) & 1 == 1);
            set.for_each(|at| mask.set_in_columns(at));
            prop_assert_eq!(mask_of(&runs_in(&mask), [width, height]).unwrap(), mask);
        }

        #[test]
        fn any_text_returns(text in "[ -~]{0,40}") {
            if let Ok(runs) = runs_of(&text) {
                prop_assert_eq!(runs_of(&text_of(&runs)).unwrap(), runs);
            }
        }
    }
}
