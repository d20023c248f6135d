//! Points that change places where an image is mirrored: the left corner of an eye is then the right one.

use simgan_base::{Error, Result};

/// Pairs of points that change places in a mirrored image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swaps(Vec<[String; 2]>);

impl Swaps {
    /// Reads `corner_l:corner_r,left_hip:right_hip`.
    ///
    /// # Errors
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): what is no pair of two names, and a name that comes twice.
    pub fn parse(text: &str) -> Result<Self> {
        let mut pairs: Vec<[String; 2]> = vec![];
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let names = pair.split_once(':').map(|(a, b)| [a.trim(), b.trim()]);
            let names = names.filter(|[a, b]| !a.is_empty() && !b.is_empty() && a != b);
            let Some(names) = names else {
                let what = format!("`{}` is no pair of points", pair.trim());
                return Err(Error::data(what)
                    .with_hint("pairs are LEFT:RIGHT with a comma between two of them"));
            };
            if let Some(twice) = names
                .iter()
                .find(|name| pairs.as_flattened().iter().any(|known| known == *name))
            {
                return Err(Error::data(format!("the point `{twice}` is in two pairs"))
                    .with_hint("a point changes places with one other"));
            }
            pairs.push(names.map(str::to_owned));
        }
        Ok(Self(pairs))
    }

    /// Where each of the points called `names` has its value in a mirrored image, by index.
    pub fn order(&self, names: &[String]) -> Vec<usize> {
        let index = |wanted: &str| names.iter().position(|name| name == wanted);
        let other = |(at, name): (usize, &String)| {
            let pair = self.0.iter().find(|pair| pair.contains(name));
            let other = pair.and_then(|[a, b]| index(if a == name { b } else { a }));
            other.unwrap_or(at)
        };
        names.iter().enumerate().map(other).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_change_places_and_others_stay() {
        let names = ["nose", "left", "right", "alone"].map(str::to_owned);
        let swaps = Swaps::parse("left:right, alone:nobody").unwrap();
        assert_eq!(swaps.order(&names), [0, 2, 1, 3]);
        assert_eq!(Swaps::default().order(&names), [0, 1, 2, 3]);
    }

    #[test]
    fn what_is_no_pair_is_named() {
        for (text, said) in [
            ("left", "`left` is no pair of points"),
            ("a:a", "`a:a` is no pair of points"),
            ("a:", "`a:` is no pair of points"),
            ("a:b,b:c", "the point `b` is in two pairs"),
        ] {
            assert_eq!(Swaps::parse(text).unwrap_err().to_string(), said);
        }
    }
}
