//! How large, and where, the content of images is shown.

use std::fmt;

use crate::part::Part;
use simgan_base::{Error, Result};

/// Zooms that are accepted.
const ZOOM: std::ops::RangeInclusive<f64> = 0.1..=10.0;
/// Furthest shift, in widths and heights of the window.
const FURTHEST: f64 = 1.0;
/// What a framing begins with in a `DIR` argument.
pub(crate) const MARK: &str = "@zoom=";

/// Another window on every image than the crop's: `DIR@zoom=0.65,x=0.05,y=-0.02`.
///
/// The window of the crop is divided by `zoom` and moved; the result has the size it always has. So a zoom of 0.5 shows
/// twice as much, half as large. Where the window leaves the image, the nearest pixels are repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Framing {
    /// How much larger content is shown than without a framing; 0.1..=10.
    pub zoom: f64,
    /// How far to the right the window moves, in its widths; -1..=1.
    pub x: f64,
    /// How far down the window moves, in its heights; -1..=1.
    pub y: f64,
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            x: 0.0,
            y: 0.0,
        }
    }
}

impl Framing {
    /// Whether it changes nothing.
    pub fn is_neutral(&self) -> bool {
        *self == Self::default()
    }

    /// The framing that does as this one and then `next`, as far as both are within the accepted values.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        let shift =
            |own: f64, next_shift: f64| (own * next.zoom + next_shift).clamp(-FURTHEST, FURTHEST);
        let rounded = |value: f64| (1000.0 * value).round() / 1000.0;
        Self {
            zoom: rounded((self.zoom * next.zoom).clamp(*ZOOM.start(), *ZOOM.end())),
            x: rounded(shift(self.x, next.x)),
            y: rounded(shift(self.y, next.y)),
        }
    }

    /// Splits `DIR@zoom=...` into `DIR` and the framing.
    ///
    /// # Errors
    /// Values that are no numbers or out of range, and unknown names.
    pub(crate) fn split(text: &str) -> Result<(&str, Self)> {
        let Some((place, values)) = text.rsplit_once(MARK) else {
            return Ok((text, Self::default()));
        };
        Self::parse(values)
            .map(|framing| (place, framing))
            .map_err(|what| {
                Error::data(format!("{text}: {what}")).with_hint(
                    "a framing is DIR@zoom=Z, or DIR@zoom=Z,x=X,y=Y with shifts in widths and heights, for example \
                     DIR@zoom=0.65,x=0.05,y=-0.02",
                )
            })
    }

    /// Reads `0.65,x=0.05,y=-0.02`.
    fn parse(values: &str) -> Result<Self, String> {
        let (zoom, shifts) = values.split_once(',').unwrap_or((values, ""));
        let number = |text: &str| {
            let value = text.trim().parse::<f64>();
            value.map_err(|_| format!("`{}` is not a number", text.trim()))
        };
        let mut framing = Self {
            zoom: number(zoom)?,
            ..Self::default()
        };
        for shift in shifts.split(',').filter(|shift| !shift.is_empty()) {
            match shift.split_once('=').map(|(name, v)| (name.trim(), v)) {
                Some(("x", value)) => framing.x = number(value)?,
                Some(("y", value)) => framing.y = number(value)?,
                _ => return Err(format!("`{shift}` is neither x=... nor y=...")),
            }
        }
        framing.check()?;
        Ok(framing)
    }

    fn check(&self) -> Result<(), String> {
        if !ZOOM.contains(&self.zoom) {
            return Err(format!(
                "a zoom of {} is not within {} and {}",
                self.zoom,
                ZOOM.start(),
                ZOOM.end()
            ));
        }
        for shift in [self.x, self.y] {
            if !(-FURTHEST..=FURTHEST).contains(&shift) {
                return Err(format!("a shift of {shift} is not within -1 and 1"));
            }
        }
        Ok(())
    }

    /// The window in place of `part`, in whole pixels.
    pub(crate) fn window(&self, part: Part) -> Part {
        if self.is_neutral() {
            return part;
        }
        let shift = [self.x, self.y];
        let size = part.size.map(|side| (side / self.zoom).round().max(1.0));
        let start = std::array::from_fn(|axis| {
            let middle = part.start[axis] + part.size[axis] / 2.0;
            (middle + shift[axis] * size[axis] - size[axis] / 2.0).round()
        });
        Part { start, size }
    }
}

impl fmt::Display for Framing {
    /// As in a `DIR` argument; nothing where it changes nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_neutral() {
            return Ok(());
        }
        write!(f, "{MARK}{}", self.zoom)?;
        for (name, shift) in [("x", self.x), ("y", self.y)] {
            if shift != 0.0 {
                write!(f, ",{name}={shift}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_read() {
        assert_eq!(
            Framing::split("a@b[::2]@zoom=0.5,x=0.1,y=-0.25").unwrap(),
            (
                "a@b[::2]",
                Framing {
                    zoom: 0.5,
                    x: 0.1,
                    y: -0.25
                }
            )
        );
        assert_eq!(Framing::split("a@2").unwrap(), ("a@2", Framing::default()));
    }

    #[test]
    fn wrong_values_say_what_is_wrong() {
        for (text, part) in [
            ("d@zoom=", "`` is not a number"),
            ("d@zoom=0", "a zoom of 0"),
            ("d@zoom=NaN", "a zoom of NaN"),
            ("d@zoom=1,x=2", "a shift of 2"),
            ("d@zoom=1,z=2", "`z=2` is neither"),
            ("d@zoom=1,x", "`x` is neither"),
        ] {
            let error = Framing::split(text).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn windows_keep_their_middle_and_proportions() {
        let part = Part {
            start: [10.0, 20.0],
            size: [40.0, 20.0],
        };
        let wide = Framing {
            zoom: 0.5,
            ..Framing::default()
        };
        let window = Part {
            start: [-10.0, 10.0],
            size: [80.0, 40.0],
        };
        assert_eq!(wide.window(part), window);
        let right = Framing { x: 0.25, ..wide };
        assert_eq!(right.window(part).start, [10.0, 10.0]);
        assert_eq!(Framing::default().window(part), part);
    }

    #[test]
    fn framings_follow_each_other() {
        let part = Part {
            start: [0.0; 2],
            size: [100.0, 50.0],
        };
        let [first, next] =
            [(0.5, 0.25, 0.0), (2.0, 0.1, -0.3)].map(|(zoom, x, y)| Framing { zoom, x, y });
        assert_eq!(
            first.then(next).window(part),
            next.window(first.window(part))
        );
        assert_eq!(first.then(Framing::default()), first);
    }

    proptest! {
        #[test]
        fn display_is_read_back(zoom in 0.1f64..10.0, x in -1.0f64..1.0, y in -1.0f64..1.0) {
            let framing = Framing { zoom, x, y };
            let text = format!("d{framing}");
            prop_assert_eq!(Framing::split(&text).unwrap(), ("d", framing));
        }
    }
}
