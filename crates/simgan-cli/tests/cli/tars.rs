//! Tars as data sets of every command.

use std::path::Path;

use crate::pipeline::SMALL;
use crate::support::{REFINE, Scratch, TRAIN};

/// The labelled images `name`, as one tar in place of the folder.
fn into_tar(scratch: &Scratch, name: &str) {
    let folder = scratch.labelled(name, 12);
    let labels = std::fs::read_to_string(folder.join("labels.csv")).unwrap();
    let tar = std::fs::File::create(scratch.path(&format!("{name}.tar"))).unwrap();
    let mut tar = tar::Builder::new(tar);
    for row in labels.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [file, pitch, yaw, note] = cells[..] else {
            panic!("{row}")
        };
        let key = Path::new(file).file_stem().unwrap().to_str().unwrap();
        let json =
            format!("{{\"gaze_pitch\": {pitch}, \"gaze_yaw\": {yaw}, \"note\": \"{note}\"}}");
        tar.append_path_with_name(folder.join(file), file).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_size(json.len() as u64);
        tar.append_data(&mut header, format!("{key}.json"), json.as_bytes())
            .unwrap();
    }
    tar.finish().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn training_from_tars_and_refining_them() {
    let scratch = Scratch::new();
    into_tar(&scratch, "synthetic");
    std::fs::create_dir(scratch.path("real")).unwrap();
    into_tar(&scratch, "shard");
    std::fs::rename(scratch.path("shard.tar"), scratch.path("real/shard.tar")).unwrap();
    std::fs::write(scratch.path("real/README"), "ignored").unwrap();
    let with_tar = |args: &[&str]| -> Vec<String> {
        let tar = |arg: &&str| arg.replace("synthetic", "synthetic.tar[:8]");
        let mut args: Vec<String> = args.iter().map(tar).collect();
        args.iter_mut()
            .filter(|arg| arg.starts_with("--"))
            .for_each(|arg| *arg = arg.replace("synthetic.tar[:8]", "synthetic"));
        args
    };
    let run = |args: &[&str]| {
        let args = with_tar(args);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        scratch.succeed(&args)
    };
    run(&[&TRAIN[..], &SMALL].concat());
    run(&REFINE);
    let labels = std::fs::read_to_string(scratch.path("refined/labels.csv")).unwrap();
    let first: Vec<&str> = labels.lines().take(2).collect();
    assert_eq!(
        first,
        ["file,gaze_pitch,gaze_yaw,note", "0.png,-0.100,0.100,n0"]
    );
    assert_eq!(labels.lines().count(), 9);
    let refined = scratch.succeed(&["inspect", "refined"]);
    assert!(refined.contains("refined images"), "{refined}");
}

#[test]
fn inspect_tars() {
    let scratch = Scratch::new();
    into_tar(&scratch, "data");
    insta::assert_snapshot!(scratch.run(&["inspect", "data.tar"]));
}

#[test]
fn inspect_a_compressed_tar() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("data.tar.gz"), b"\x1f\x8b").unwrap();
    insta::assert_snapshot!(scratch.run(&["inspect", "data.tar.gz"]));
}
