//! What a trained refiner writes.

use burn::tensor::Device;
use simgan::refine::TrainedRefiner;
use simgan_data::{Dataset, Labels};

use crate::support::*;

#[test]
fn refined_images_keep_names_order_and_labels_and_change() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    let refiner = TrainedRefiner::load(&folder, None, true, &Device::default()).unwrap();

    let csv = "file,class\r\n\"images/000.png\",1.50\r\nimages/001.png, 2\r\nimages/002.png,x\r\n";
    let labels = Labels::parse(csv.as_bytes().to_vec(), "labels.csv").unwrap();
    let pixels: Vec<u8> = (0..3)
        .flat_map(|i| images(false).pixels(i).to_vec())
        .collect();
    let names = (0..3).map(|i| format!("images/{i:03}.png")).collect();
    let input = Dataset::from_memory(names, SHAPE, pixels, Some(labels)).unwrap();

    let output = dir.path().join("refined");
    let summary = refiner.refine(&input, &output, 2, &mut |_, _| {}).unwrap();
    assert_eq!((summary.images, summary.unchanged), (3, 0));
    assert!(summary.mean_absolute_change > 0.0);
    assert_eq!(
        fs_err::read(output.join("labels.csv")).unwrap(),
        csv.as_bytes()
    );
    let again = Dataset::open(
        &output.display().to_string(),
        &config.preprocessing,
        &simgan_data::OpenOptions {
            cache_dir: Some(dir.path().join("cache")),
            ..Default::default()
        },
    )
    .unwrap();
    assert_eq!(again.len(), 3);
    for i in 0..3 {
        assert_eq!(again.name(i), input.name(i));
        assert_ne!(
            again.pixels(i),
            input.pixels(i),
            "image {i} came out as it went in"
        );
    }
    let again = refiner.refine(&input, &output, 3, &mut |_, _| {}).unwrap();
    assert!(again.complete && (again.images, again.found) == (0, 3));
    let error = refiner
        .refine(&images(false), &output, 2, &mut |_, _| {})
        .unwrap_err();
    assert!(error.to_string().contains("not an empty folder"));
}

/// A run's refiner; 16 maps take another algorithm than the 4 of [`config`].
fn trained(dir: &std::path::Path) -> TrainedRefiner {
    let mut config = config();
    config.refiner.feature_maps = 16;
    config.training.steps = 1;
    let folder = start(&dir.join("run"), &config);
    run(&config, &folder);
    TrainedRefiner::load(&folder, None, true, &Device::default()).unwrap()
}

/// Names and contents of the images in a refined folder.
fn contents(folder: &std::path::Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let files = fs_err::read_dir(folder.join("images")).unwrap();
    let mut files: Vec<_> = files
        .map(|file| file.unwrap())
        .map(|file| (file.file_name(), fs_err::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn refined_bytes_do_not_depend_on_the_batch_size() {
    let dir = tempfile::tempdir().unwrap();
    let refiner = trained(dir.path());
    let mut folders = Vec::new();
    for batch_size in [1, 3, 5, 8, 64] {
        let output = dir.path().join(format!("refined_{batch_size}"));
        let mut done = Vec::new();
        let mut progress = |images, _| done.push(images);
        let summary = refiner
            .refine(&images(false), &output, batch_size, &mut progress)
            .unwrap();
        assert_eq!((summary.images, done.last()), (IMAGES, Some(&IMAGES)));
        assert!(done.is_sorted() && summary.net_seconds <= summary.seconds);
        folders.push(contents(&output));
    }
    assert_eq!(folders[0].len(), IMAGES);
    assert!(folders.iter().all(|folder| *folder == folders[0]));
}

#[test]
fn refining_that_fails_in_the_middle_leaves_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let refiner = trained(dir.path());
    // The seventh image has to lie below the sixth, which is a file.
    let mut names: Vec<String> = (0..IMAGES).map(|i| format!("images/{i:03}.png")).collect();
    names[6] = "images/005.png/006.png".to_owned();
    let pixels = vec![100; IMAGES * SHAPE.iter().product::<usize>()];
    let input = Dataset::from_memory(names, SHAPE, pixels, None).unwrap();
    let output = dir.path().join("refined");
    for batch_size in [1, 5, 64] {
        let error = refiner
            .refine(&input, &output, batch_size, &mut |_, _| {})
            .unwrap_err();
        assert!(error.to_string().contains("005.png"), "{error}");
        assert!(!output.exists());
    }
    let sound = images(false);
    refiner.refine(&sound, &output, 5, &mut |_, _| {}).unwrap();
    assert_eq!(contents(&output).len(), IMAGES, "nothing is left over");
}
