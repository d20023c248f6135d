//! What the files of refined images are called.

use std::hash::{DefaultHasher, Hash, Hasher};

use image::ImageFormat;

use simgan_base::files::sha256_sums::is_below;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// The file for an image: its name, or that and `.png` where the name has no ending that is written
/// (MPIIGaze's images lie inside `.mat` files). A data set finds `x.png` for a label row `x`.
pub(super) fn file_name(name: String) -> String {
    match ImageFormat::from_path(&name) {
        Ok(format) if format.writing_enabled() => name,
        _ => name + ".png",
    }
}

/// Key and ending of a sample in a tar file: the path of [`file_name`], cut at its last dot. WebDataset cuts the last
/// part of a path at its first dot, so that others become `_`.
pub(super) fn sample(name: String) -> (String, String) {
    let file = file_name(name);
    let (folder, base) = file.rsplit_once('/').unwrap_or(("", &file));
    let (stem, ending) = base.rsplit_once('.').unwrap_or((base, "png"));
    let slash = if folder.is_empty() { "" } else { "/" };
    let key = format!("{folder}{slash}{}", stem.replace('.', "_"));
    (key, ending.to_owned())
}

/// Checks that every image has a `place` of its own, below the output.
///
/// # Errors
/// Of kind [`Data`](simgan_base::ErrorKind::Data): names both of two images that would be one, or the one whose name leads
/// out of the folder.
pub(super) fn check(images: &Dataset, place: impl Fn(String) -> String) -> Result<()> {
    let place = |index: usize| place(images.name(index));
    let mut hashes = Vec::with_capacity(images.len());
    for index in 0..images.len() {
        let place = place(index);
        if !is_below(&place) {
            let message = format!(
                "the name of image `{}` leads out of the folder",
                images.name(index)
            );
            return Err(Error::data(message));
        }
        let mut hasher = DefaultHasher::new();
        place.hash(&mut hasher);
        hashes.push((hasher.finish(), index as u32));
    }
    // Hashes in place of names: sets have millions.
    hashes.sort_unstable();
    let same = |a: u32, b: u32| place(a as usize) == place(b as usize);
    let twice = hashes
        .windows(2)
        .find(|pair| pair[0].0 == pair[1].0 && same(pair[0].1, pair[1].1));
    twice.map_or(Ok(()), |pair| {
        let [a, b] = [pair[0].1, pair[1].1].map(|index| images.name(index as usize));
        let place = place(pair[0].1 as usize);
        let message = format!("images {a} and {b} would both be written as {place}");
        Err(Error::data(message).with_hint("rename one of them, in the labels as well"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(names: &[&str]) -> Dataset {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let pixels = vec![0; names.len()];
        Dataset::from_memory(names, [1, 1, 1], pixels, None).unwrap()
    }

    #[test]
    fn files_have_an_ending_and_keys_no_dot() {
        let file = |name: &str| file_name(name.to_owned());
        assert_eq!(file("a/b.PNG"), "a/b.PNG");
        assert_eq!(file("p00/day01/left/00003"), "p00/day01/left/00003.png");
        assert_eq!(file("a.gif"), "a.gif.png");
        let key = |name: &str| sample(name.to_owned());
        assert_eq!(key("a.b/c.d.jpg"), ("a.b/c_d".into(), "jpg".into()));
        assert_eq!(key("00003"), ("00003".into(), "png".into()));
    }

    #[test]
    fn two_images_of_one_place_are_both_named() {
        let (folder, tar) = (file_name, |name| sample(name).0);
        let endings = images(&["x/a.png", "b.png", "x/a.jpg"]);
        check(&endings, folder).unwrap();
        let error = check(&endings, tar).unwrap_err();
        let said = "images x/a.png and x/a.jpg would both be written as x/a";
        assert_eq!(error.to_string(), said);
        let error = check(&images(&["a", "a.png"]), folder).unwrap_err();
        assert!(error.to_string().contains("images a and a.png"), "{error}");
        assert!(check(&images(&["a.b.png", "a_b.png"]), tar).is_err());
        assert!(check(&images(&["../a.png"]), folder).is_err());
        assert!(check(&images(&["/a.png"]), folder).is_err());
    }
}
