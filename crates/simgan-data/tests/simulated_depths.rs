//! Depth images of a simulator, as a user opens them: `sim:hands`, and what `simgan simulate` writes.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use image::DynamicImage;
use simgan_base::settings::Layers;
use simgan_data::pixel_kind::{Colour, PixelKind};
use simgan_data::sides::swap_doubt;
use simgan_data::{Dataset, OpenOptions, Preprocessing};
use simgan_simulator::export::{self, Images};
use simgan_simulator::{Kind, Simulator, depth_stand_in, hand};

/// Side of the images in pixels.
const SIDE: usize = 48;

fn chain(range: Option<[u16; 2]>) -> Preprocessing {
    Preprocessing {
        width: SIDE,
        height: SIDE,
        equalize: false,
        range,
        ..Default::default()
    }
}

fn open(source: &str, chain: &Preprocessing, cache: &Path) -> Dataset {
    let options = OpenOptions {
        cache_dir: Some(cache.to_owned()),
        ..Default::default()
    };
    Dataset::open(source, chain, &options).unwrap()
}

fn simulator(kind: &Kind, seed: u64) -> Box<dyn Simulator> {
    let overrides = ["width", "height"].map(|key| format!("{}={SIDE}", kind.key(key)));
    let layers = Layers {
        file: None,
        overrides: &overrides,
        origin: "test",
    };
    (kind.load)(&layers, seed).unwrap()
}

fn write(simulator: &dyn Simulator, count: u64, out: &Path) {
    let images = Images {
        simulator,
        start: 0,
        count,
    };
    export::write(
        &images,
        export::find("folder").unwrap(),
        out,
        &mut |_, _| {},
    )
    .unwrap();
}

#[test]
fn memory_and_files_give_the_same_levels_and_labels() {
    for kind in [&hand::KIND, &depth_stand_in::KIND] {
        let dir = tempfile::tempdir().unwrap();
        let (out, cache) = (dir.path().join("hands"), dir.path().join("cache"));
        write(&*simulator(kind, 3), 5, &out);
        for range in [Some([500, 1200]), None] {
            let chain = chain(range);
            let folder = open(&out.display().to_string(), &chain, &cache);
            let source = format!("sim:{}?seed=3&count=5", kind.name);
            let stream = open(&source, &chain, &cache);
            assert_eq!((folder.len(), stream.len()), (5, 5));
            for index in 0..5 {
                assert_eq!(
                    folder.pixels(index),
                    stream.pixels(index),
                    "{source} {range:?}"
                );
            }
            let depths = PixelKind {
                colour: Colour::Grey,
                alpha: false,
                bits: 16,
            };
            assert_eq!(folder.pixel_kinds(), [(depths, 5)]);
            assert_eq!(stream.pixel_kinds(), [(depths, 5)]);
            let tip = |data: &Dataset| data.column("index_tip_u").unwrap();
            assert_eq!(tip(&folder), tip(&stream));
        }
    }
}

#[test]
fn files_hold_millimetres() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("hands");
    let hands = simulator(&hand::KIND, 1);
    write(&*hands, 1, &out);
    let bytes = fs_err::read(out.join("images/000000.png")).unwrap();
    let read = image::load_from_memory(&bytes).unwrap();
    assert_eq!(read, DynamicImage::from(hands.render(0)));
    let depths = read.as_luma16().unwrap();
    let measured = depths.iter().filter(|&&depth| depth > 0);
    assert!(measured.clone().count() > 50);
    assert!(
        measured
            .into_iter()
            .all(|depth| (450..1250).contains(depth))
    );
}

#[test]
fn a_depth_camera_stands_in_for_real_images_and_hands_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let chain = chain(Some([500, 1200]));
    let sets = ["sim:hands?count=2", "sim:depth-camera?count=2"];
    let [hands, camera] = sets.map(|source| open(source, &chain, dir.path()));
    assert!(swap_doubt(&camera, &hands).is_some());
    assert_eq!(swap_doubt(&hands, &camera), None);
}
