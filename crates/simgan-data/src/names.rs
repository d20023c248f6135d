//! Many short strings in little memory.

use std::cmp::Ordering;

/// A list of strings in one buffer: 8 bytes a string beside its text.
///
/// A million `String`s would cost some 60 MB beyond their text, and as many allocations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    text: String,
    ends: Vec<u64>,
}

impl Names {
    pub(crate) fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len() as u64);
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Text and ends, as the cache stores them.
    pub(crate) fn parts(&self) -> (&str, &[u64]) {
        (&self.text, &self.ends)
    }

    /// From [`parts`](Self::parts); `None` if they do not belong together.
    pub(crate) fn from_parts(text: String, ends: Vec<u64>) -> Option<Self> {
        let ordered = ends.windows(2).all(|pair| pair[0] <= pair[1]);
        let complete = ends.last().copied().unwrap_or(0) == text.len() as u64;
        let at_characters = ends.iter().all(|&end| text.is_char_boundary(end as usize));
        (ordered && complete && at_characters).then_some(Self { text, ends })
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Indices of the names in plain byte order, for [`find`](Self::find).
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| self.get(a as usize).cmp(self.get(b as usize)));
        order
    }

    /// Index of `name`; `sorted` comes from [`sorted`](Self::sorted).
    pub(crate) fn find(&self, sorted: &[u32], name: &str) -> Option<usize> {
        let found = sorted.binary_search_by(|&i| self.get(i as usize).cmp(name));
        found.ok().map(|at| sorted[at] as usize)
    }
}

impl<S: AsRef<str>> FromIterator<S> for Names {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut list = Self::default();
        names.into_iter().for_each(|name| list.push(name.as_ref()));
        list
    }
}

/// Order in which people count: `2.png` before `10.png`. Ties fall back on the bytes, so the order is total.
pub(crate) fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        let (Some(&cx), Some(&cy)) = (x.first(), y.first()) else {
            return x.len().cmp(&y.len()).then_with(|| a.cmp(b));
        };
        if cx.is_ascii_digit() && cy.is_ascii_digit() {
            let (dx, dy) = (number(&mut x), number(&mut y));
            match dx.len().cmp(&dy.len()).then_with(|| dx.cmp(dy)) {
                Ordering::Equal => {}
                different => return different,
            }
        } else if cx != cy {
            return cx.cmp(&cy);
        } else {
            (x, y) = (&x[1..], &y[1..]);
        }
    }
}

/// Takes the digits at the start of `text`, and leaves out leading zeros.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let length = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    *text = rest;
    let zeros = digits.iter().take_while(|&&c| c == b'0').count();
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_sort_by_value() {
        let mut names = [
            "a10.png", "a2.png", "a02.png", "a1.png", "b", "a", "a2b.png",
        ];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(
            names,
            [
                "a", "a1.png", "a02.png", "a2.png", "a2b.png", "a10.png", "b"
            ]
        );
    }

    proptest! {
        #[test]
        fn the_list_returns_what_was_pushed(names in prop::collection::vec("\\PC{0,8}", 0..20)) {
            let list: Names = names.iter().collect();
            prop_assert_eq!(list.iter().collect::<Vec<_>>(), names.clone());
            let (text, ends) = list.parts();
            prop_assert_eq!(Names::from_parts(text.to_owned(), ends.to_vec()), Some(list.clone()));
            let sorted = list.sorted();
            for name in &names {
                prop_assert_eq!(list.find(&sorted, name).map(|i| list.get(i)), Some(name.as_str()));
            }
        }

        #[test]
        fn natural_order_is_total(mut names in prop::collection::vec("[a0-3.]{0,6}", 3)) {
            names.sort_by(|a, b| natural_order(a, b));
            prop_assert_ne!(natural_order(&names[0], &names[2]), Ordering::Greater);
            prop_assert_eq!(natural_order(&names[0], &names[1]) == Ordering::Equal, names[0] == names[1]);
        }
    }
}
