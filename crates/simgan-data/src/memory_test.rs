//! 1.2 million images need little resident memory: `cargo test --release -- --ignored resident_memory --nocapture`.

use std::io::Write;

use crate::Labels;
use crate::names::Names;
use crate::pixel_cache::{Meta, PixelCache};

const IMAGES: usize = 1_200_000;
const SHAPE: [usize; 3] = [1, 35, 55];

/// A figure of `/proc/self/status`, in MB.
fn status(key: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1e3
}

#[test]
#[ignore = "writes 2.5 GB"]
fn resident_memory_of_a_large_set() {
    let dir = tempfile::tempdir().unwrap();
    let cache = PixelCache::open(dir.path()).unwrap();
    write(&cache);
    // The peak is counted from here.
    fs_err::write("/proc/self/clear_refs", "5").unwrap();
    let start = std::time::Instant::now();
    let cached = cache.get("large", "labels.csv").unwrap();
    println!(
        "opened in {:.1?}, peak {:.0} MB",
        start.elapsed(),
        status("VmHWM")
    );
    let mut state = 1u64;
    let start = std::time::Instant::now();
    for _ in 0..IMAGES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let index = (state >> 33) as usize % IMAGES;
        assert_eq!(cached.image(index)[7], (index % 251) as u8);
    }
    println!(
        "{IMAGES} random reads in {:.1?}, peak {:.0} MB, at the end {:.0} MB",
        start.elapsed(),
        status("VmHWM"),
        status("VmRSS")
    );
    assert!(status("VmHWM") < 300.0);
}

fn write(cache: &PixelCache) {
    let mut writer = cache.create(SHAPE).unwrap();
    let (mut names, mut text) = (
        Names::default(),
        b"file,a,b,c,d,e,f,g,h,i,j,skin\n".to_vec(),
    );
    for index in 0..IMAGES {
        writer.push(&[(index % 251) as u8; 35 * 55]).unwrap();
        let name = format!("images/{index:07}.png");
        write!(text, "{name}").unwrap();
        (0..10).for_each(|k| write!(text, ",{:.5}", k as f64 + 0.12345).unwrap());
        text.extend(b",m06\n");
        names.push(&name);
    }
    let labels = Labels::parse(text, "labels.csv").unwrap();
    let meta = Meta {
        labelled: true,
        ..Default::default()
    };
    writer
        .finish(&names, Some(&labels), &meta, &cache.path("large"))
        .unwrap();
}
