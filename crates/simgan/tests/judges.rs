//! The gradient judge on rendered eyes of another program, where they are at hand.

use std::path::Path;

use simgan::measures::IrisFinder;
use simgan_base::metrics::summary::{mean, median, quantile};
use simgan_data::{Dataset, OpenOptions, Preprocessing};

/// Measured: mean 1.55, median 0.90, nine in ten below 2.9 pixels of 55.
#[test]
fn irises_of_other_rendered_eyes_are_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/eyes/synthetic");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let cache = tempfile::tempdir().unwrap();
    let options = OpenOptions {
        cache_dir: Some(cache.path().to_owned()),
        ..OpenOptions::default()
    };
    let source = folder.display().to_string();
    let data = Dataset::open(&source, &Preprocessing::default(), &options).unwrap();
    let truth = ["iris_x", "iris_y"].map(|name| data.column(name).unwrap());
    let begun = std::time::Instant::now();
    let centres = IrisFinder::centres(&data).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let errors: Vec<f64> = centres
        .iter()
        .enumerate()
        .map(|(i, [x, y])| f64::from((x - truth[0][i]).hypot(y - truth[1][i])))
        .collect();
    eprintln!(
        "{} eyes in {seconds:.2} s: mean {:.2}, median {:.2}, 90 % {:.2} px",
        data.len(),
        mean(&errors),
        median(&errors),
        quantile(&errors, 0.9)
    );
    assert!(mean(&errors) < 2.0 && median(&errors) < 1.1);
}
