//! What was measured, and as JSON.

use serde_json::{Map, Value, json};

use super::competitor::Competitor;
use super::machine::Machine;
use super::stage::Stage;
use super::statistics::Statistics;
use super::work::{self, Operations};

/// One competitor's figures of one stage.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Seconds of a step.
    pub times: Statistics,
    /// Largest resident size of its process, in MB.
    pub peak_rss_mb: Option<f64>,
    /// Largest memory that it took of a device other than the CPU, in MB, where it tells.
    pub device_memory_mb: Option<f64>,
    /// The resident size before it built anything, where it tells: what Python and PyTorch take by themselves.
    pub rss_after_import_mb: Option<f64>,
}

impl Measured {
    /// From the times and the worker's first and last words; `None` without any time.
    pub fn new(seconds: &[f64], ready: &Value, end: &Value) -> Option<Self> {
        Some(Self {
            times: Statistics::of(seconds)?,
            peak_rss_mb: end["peak_rss_mb"].as_f64(),
            device_memory_mb: end["device_memory_mb"].as_f64(),
            rss_after_import_mb: ready["rss_after_import_mb"].as_f64(),
        })
    }
}

/// All figures of one stage.
#[derive(Clone, Debug)]
pub struct StageResult {
    /// The stage.
    pub stage: Stage,
    /// Images of its mini-batches.
    pub images: usize,
    /// This program's.
    pub ours: Measured,
    /// The others'.
    pub others: Vec<(Competitor, Measured)>,
}

impl StageResult {
    /// PyTorch's fastest variant.
    pub fn best_pytorch(&self) -> Option<(&'static str, &Measured)> {
        let variants = self.others.iter().filter_map(|(who, found)| match who {
            Competitor::PyTorch(variant) => Some((*variant, found)),
            _ => None,
        });
        variants.min_by(|(_, a), (_, b)| a.times.median.total_cmp(&b.times.median))
    }

    /// This program with Burn's own operators.
    pub fn burn(&self) -> Option<&Measured> {
        let mut others = self.others.iter();
        others
            .find(|(who, _)| *who == Competitor::Burn)
            .map(|(_, found)| found)
    }

    /// How many times as long as ours `other` takes.
    pub fn time_ratio(&self, other: &Measured) -> f64 {
        other.times.median / self.ours.times.median
    }

    /// How many times as much memory as ours `other` takes, that of a device where both tell it.
    pub fn memory_ratio(&self, other: &Measured) -> Option<f64> {
        let on_devices = other.device_memory_mb.zip(self.ours.device_memory_mb);
        let resident = other.peak_rss_mb.zip(self.ours.peak_rss_mb);
        let (other, ours) = on_devices.or(resident)?;
        Some(other / ours)
    }

    /// Images a second of ours.
    pub fn images_per_second(&self) -> f64 {
        self.images as f64 / self.ours.times.median
    }

    /// 10^9 operations a second of ours.
    pub fn gflops(&self) -> Operations {
        let rate = 1e-9 / self.ours.times.median;
        rate * work::operations(self.stage, self.images)
    }

    fn ratios(&self) -> Value {
        let best = self.best_pytorch();
        json!({
            "pytorch_variant": best.map(|(variant, _)| variant),
            "pytorch_time": best.map(|(_, found)| self.time_ratio(found)),
            "pytorch_memory": best.and_then(|(_, found)| self.memory_ratio(found)),
            "burn_time": self.burn().map(|found| self.time_ratio(found)),
            "burn_memory": self.burn().and_then(|found| self.memory_ratio(found)),
        })
    }
}

/// Everything as one object; docs/lab.md lists its keys.
pub fn json(results: &[StageResult], machine: &Machine) -> Value {
    let ours: Vec<(Stage, &Measured)> = results.iter().map(|r| (r.stage, &r.ours)).collect();
    let mut object = figures(&ours);
    let per_stage = |value: &dyn Fn(&StageResult) -> Value| -> Value {
        let entries = results
            .iter()
            .map(|r| (r.stage.name().to_owned(), value(r)));
        Value::Object(entries.collect())
    };
    let fraction = |r: &StageResult| (1.0 / machine.peak_gflops) * r.gflops();
    let speed = per_stage(&|r| json!(r.images_per_second()));
    object.insert("images_per_second".into(), speed);
    object.insert("images".into(), per_stage(&|r| json!(r.images)));
    object.insert("gflops".into(), per_stage(&|r| json!(r.gflops())));
    object.insert(
        "fraction_of_peak".into(),
        per_stage(&|r| json!(fraction(r))),
    );
    object.insert("ratios".into(), per_stage(&StageResult::ratios));
    object.insert("peers".into(), peers(results));
    object.insert("machine".into(), json!(machine));
    Value::Object(object)
}

/// `STAGE_seconds`, `peak_rss_mb` and `statistics` of one competitor.
fn figures(stages: &[(Stage, &Measured)]) -> Map<String, Value> {
    let mut object = Map::new();
    for (stage, found) in stages {
        let key = format!("{}_seconds", stage.name());
        object.insert(key, json!(found.times.median));
    }
    let per_stage = |value: fn(&Measured) -> Value| -> Value {
        let entries = stages
            .iter()
            .map(|(s, found)| (s.name().to_owned(), value(found)));
        Value::Object(entries.collect())
    };
    object.insert(
        "peak_rss_mb".into(),
        per_stage(|found| json!(found.peak_rss_mb)),
    );
    object.insert("statistics".into(), per_stage(|found| json!(found.times)));
    // What not every competitor tells.
    let per_stage = |value: fn(&Measured) -> Option<f64>| -> Option<Value> {
        let any = stages.iter().any(|(_, found)| value(found).is_some());
        let entries = stages.iter();
        let entries = entries.map(|(s, found)| (s.name().to_owned(), json!(value(found))));
        any.then(|| Value::Object(entries.collect()))
    };
    let after_import = per_stage(|found| found.rss_after_import_mb);
    let on_device = per_stage(|found| found.device_memory_mb);
    object.extend(after_import.map(|value| ("rss_after_import_mb".to_owned(), value)));
    object.extend(on_device.map(|value| ("device_memory_mb".to_owned(), value)));
    object
}

/// The figures of every other competitor, by its name.
fn peers(results: &[StageResult]) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for (who, _) in results.iter().flat_map(|r| &r.others) {
        if !names.contains(&who.name()) {
            names.push(who.name());
        }
    }
    let of = |name: &str| {
        let stages = results.iter().flat_map(|r| {
            let mine = r.others.iter().filter(|(who, _)| who.name() == name);
            mine.map(|(_, found)| (r.stage, found))
        });
        figures(&stages.collect::<Vec<_>>())
    };
    let entries = names
        .iter()
        .map(|&name| (name.to_owned(), Value::Object(of(name))));
    Value::Object(entries.collect())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Two times round `median`, and `peak` MB.
    fn measured(median: f64, peak: f64) -> Measured {
        let seconds = [median * 0.5, median * 1.5];
        Measured::new(&seconds, &Value::Null, &json!({ "peak_rss_mb": peak })).unwrap()
    }

    /// A result as a run with every competitor gives it.
    pub fn example() -> StageResult {
        StageResult {
            stage: Stage::Refine,
            images: 32,
            ours: measured(0.1, 50.0),
            others: vec![
                (Competitor::Burn, measured(1.0, 100.0)),
                (Competitor::PyTorch("contiguous"), measured(0.3, 400.0)),
                (Competitor::PyTorch("channels_last"), measured(0.2, 600.0)),
            ],
        }
    }

    #[test]
    fn ratios_are_the_others_by_ours() {
        let ratios = example().ratios();
        assert_eq!(ratios["pytorch_variant"], "channels_last");
        for (key, expected) in [
            ("pytorch_time", 2.0),
            ("pytorch_memory", 12.0),
            ("burn_time", 10.0),
            ("burn_memory", 2.0),
        ] {
            let found = ratios[key].as_f64().unwrap();
            assert!((found - expected).abs() < 1e-9, "{key} is {found}");
        }
    }

    #[test]
    fn memory_of_devices_is_compared_where_both_tell_it() {
        let mut result = example();
        result.ours.device_memory_mb = Some(10.0);
        assert_eq!(result.memory_ratio(&measured(1.0, 100.0)), Some(2.0));
        let mut other = measured(1.0, 100.0);
        other.device_memory_mb = Some(40.0);
        assert_eq!(result.memory_ratio(&other), Some(4.0));
    }

    #[test]
    fn every_competitor_has_its_figures() {
        let peers = peers(&[example()]);
        assert_eq!(peers["contiguous"]["peak_rss_mb"]["refine"], 400.0);
        assert_eq!(peers["burn-flex"]["refine_seconds"], 1.0);
        assert_eq!(peers["burn-flex"]["statistics"]["refine"]["steps"], 2);
    }
}
