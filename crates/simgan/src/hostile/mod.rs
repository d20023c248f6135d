//! Hostile input: every parser is given every truncation of a small sound file, and thousands of mutations of it.
//!
//! 500 mutations a parser; `SIMGAN_MUTATIONS=10000` asks for more. Nothing may panic, hang or take a second.

mod mutation;
mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::fuzzing::{Parser, parsers};
use simgan_base::random::{Stream, generator};

/// Slower than this is a hang.
const SLOW: Duration = Duration::from_secs(1);
/// What takes longer is tried again: a busy machine stops any process now and then, but not at the same input.
const SUSPECT: Duration = Duration::from_millis(50);
/// How often.
const AGAIN: usize = 4;

/// What became of the inputs of a parser.
#[derive(Default)]
struct Tally {
    inputs: usize,
    accepted: usize,
    slowest: Duration,
}

impl Tally {
    fn run(&mut self, name: &str, parse: Parser, bytes: &[u8]) {
        let (accepted, mut took) = timed(name, parse, bytes);
        for _ in 0..AGAIN {
            if took > SUSPECT {
                took = took.min(timed(name, parse, bytes).1);
            }
        }
        assert!(took < SLOW, "{name} takes {took:?} for {bytes:02x?}");
        self.inputs += 1;
        self.accepted += usize::from(accepted);
        self.slowest = self.slowest.max(took);
    }
}

/// Whether `bytes` are accepted, and after how long.
fn timed(name: &str, parse: Parser, bytes: &[u8]) -> (bool, Duration) {
    let begun = Instant::now();
    let accepted = catch_unwind(AssertUnwindSafe(|| parse(bytes).is_ok()));
    let took = begun.elapsed();
    let Ok(accepted) = accepted else {
        panic!("{name} panics on {bytes:02x?}");
    };
    (accepted, took)
}

fn mutations() -> usize {
    let asked = std::env::var("SIMGAN_MUTATIONS").ok();
    asked.map_or(500, |text| text.parse().unwrap())
}

/// Writes the seeds of the fuzz targets where they are asked for.
fn keep(name: &str, seeds: &[Vec<u8>]) {
    let Some(folder) = std::env::var_os("SIMGAN_SEEDS") else {
        return;
    };
    // Tests run in the folder of the crate.
    let folder = std::path::Path::new("../..").join(folder).join(name);
    fs_err::create_dir_all(&folder).unwrap();
    for (index, seed) in seeds.iter().enumerate() {
        fs_err::write(folder.join(index.to_string()), seed).unwrap();
    }
}

fn attack(name: &str, parse: Parser) {
    let seeds = seeds::of(name);
    keep(name, &seeds);
    let mut tally = Tally::default();
    for seed in &seeds {
        parse(seed).unwrap_or_else(|e| panic!("{name}: a seed is refused: {e}"));
        // A header of a page is padding for the most part.
        let step = (seed.len() / 2000).max(1);
        (0..seed.len())
            .step_by(step)
            .for_each(|end| tally.run(name, parse, &seed[..end]));
    }
    let truncations = tally.inputs;
    let mut rng = generator(0, Stream::Judges);
    for _ in 0..mutations() {
        tally.run(name, parse, &mutation::mutated(&seeds, &mut rng));
    }
    println!(
        "{name}: {truncations} truncations, {} mutations, {} accepted, slowest {:.1} ms",
        tally.inputs - truncations,
        tally.accepted,
        1e3 * tally.slowest.as_secs_f64()
    );
}

#[test]
fn no_parser_panics_hangs_or_is_slow() {
    let parsers = parsers();
    assert!(parsers.len() >= 16, "{} parsers", parsers.len());
    parsers
        .into_par_iter()
        .for_each(|(name, parse)| attack(name, parse));
}
