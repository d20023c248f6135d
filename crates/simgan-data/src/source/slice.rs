//! `[start:stop:step:run]`: a slice of images in their order.

use std::fmt;

use simgan_base::{Error, Result};

/// `start:stop:step:run` over a sequence of unknown length.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slice {
    start: Option<Bound>,
    stop: Option<Bound>,
    step: i64,
    /// Images that are taken or left together; at least 1.
    run: usize,
}

/// One end of a slice.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    /// An index; a negative one counts from the end.
    Index(i64),
    /// Percent of the length, -100..=100.
    Percent(f64),
}

impl Slice {
    /// Reads what stands between the brackets of `text`.
    ///
    /// # Errors
    /// Not two to four parts, a step or run of 0, a bound that is no whole number or percentage.
    pub(super) fn parse(slice: &str, text: &str) -> Result<Self> {
        let wrong = |what: String| {
            Error::data(format!("{text}: {what}")).with_hint(
                "a slice is [start:stop:step:run] over the images in their order, \
                 for example DIR[:1000], DIR[10%:50%], DIR[1::2] or DIR[::2:25]",
            )
        };
        let parts: Vec<&str> = slice.split(':').map(str::trim).collect();
        if !(2..=4).contains(&parts.len()) {
            return Err(wrong(format!("`[{slice}]` is not a slice")));
        }
        let step = match parts.get(2).copied().unwrap_or_default() {
            "" => 1,
            step => match step.parse() {
                Ok(0) => return Err(wrong("the step of a slice cannot be 0".into())),
                Ok(step) => step,
                Err(_) => return Err(wrong(format!("`{step}` is not a whole number"))),
            },
        };
        let run = match parts.get(3).copied().unwrap_or("1") {
            "0" => return Err(wrong("a run of images cannot be empty".into())),
            run => match run.parse() {
                Ok(run) => run,
                Err(_) => return Err(wrong(format!("`{run}` is not a number of images"))),
            },
        };
        Ok(Self {
            start: Bound::parse(parts[0]).map_err(&wrong)?,
            stop: Bound::parse(parts[1]).map_err(&wrong)?,
            step,
            run,
        })
    }

    /// Which of `len` images are meant, in the order asked for.
    pub(super) fn indices(&self, len: usize) -> Vec<usize> {
        let runs = self.runs(len.div_ceil(self.run)).into_iter();
        runs.flat_map(|run| run * self.run..len.min((run + 1) * self.run))
            .collect()
    }

    /// Python's `range(*slice(start, stop, step).indices(len))`.
    fn runs(&self, len: usize) -> Vec<usize> {
        let len = len as i64;
        let forward = self.step > 0;
        let (first, last) = if forward { (0, len) } else { (-1, len - 1) };
        let resolve = |bound: Option<Bound>, missing: i64| {
            bound.map_or(missing, |b| b.resolve(len).clamp(first, last))
        };
        let start = resolve(self.start, if forward { first } else { last });
        let stop = resolve(self.stop, if forward { last } else { first });
        let step = usize::try_from(self.step.unsigned_abs()).unwrap_or(usize::MAX);
        if forward {
            (start..stop).step_by(step).map(|i| i as usize).collect()
        } else {
            let down = (stop + 1..start + 1).rev();
            down.step_by(step).map(|i| i as usize).collect()
        }
    }
}

impl Bound {
    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let Some(percent) = text.strip_suffix('%') else {
            let index = text
                .parse()
                .map_err(|_| format!("`{text}` is neither a whole number nor a percentage"))?;
            return Ok(Some(Self::Index(index)));
        };
        match percent.trim().parse::<f64>() {
            Ok(value) if (-100.0..=100.0).contains(&value) => Ok(Some(Self::Percent(value))),
            Ok(_) => Err(format!("`{text}` is not within -100% and 100%")),
            Err(_) => Err(format!("`{text}` is not a percentage")),
        }
    }

    /// As an index from the start, not yet clamped to the length.
    fn resolve(self, len: i64) -> i64 {
        let index = match self {
            Self::Index(index) => index,
            // `-0%` is the start, like `-0`.
            Self::Percent(percent) => {
                (percent.abs() * len as f64 / 100.0).floor() as i64 * percent.signum() as i64
            }
        };
        if index < 0 {
            index.saturating_add(len)
        } else {
            index
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |bound: Option<Bound>| bound.map(|b| b.to_string()).unwrap_or_default();
        write!(f, "[{}:{}", end(self.start), end(self.stop))?;
        match (self.step, self.run) {
            (1, 1) => write!(f, "]"),
            (step, 1) => write!(f, ":{step}]"),
            (step, run) => write!(f, ":{step}:{run}]"),
        }
    }
}
