//! Refined images as WebDataset: a tar file a part, in which `KEY.png` is followed by its labels, `KEY.json` and YOLO's
//! `KEY.txt`, and by its masks, `KEY.mask.png`. What is about all images lies beside the tars.

use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use crate::refine::encode::encode;
use crate::refine::format::Format;
use crate::refine::job::Job;
use crate::refine::names::{file_name, sample};
use crate::refine::parts::PartWriter;
use crate::refine::summary::Done;
use simgan_base::files::sha256::{Digested, Hashing};
use simgan_base::files::sha256_sums as sums;
use simgan_base::files::{disk, durable};
use simgan_base::{Error, Result};
use simgan_data::decode::is_image_name;
use simgan_data::{Dataset, Labels};

/// The format.
pub(super) struct Webdataset;

impl Format for Webdataset {
    fn place(&self, name: String) -> String {
        sample(name).0
    }

    /// Every column of labels needs a name of its own: JSON would keep one of two.
    fn check(&self, images: &Dataset) -> Result<()> {
        // One row is enough, and a simulator makes no others.
        let first = images.subset(&(0..images.len().min(1)).collect::<Vec<_>>());
        first.labels().map_or(Ok(()), check_columns)
    }

    fn is_a_file_a_part(&self) -> bool {
        true
    }

    fn files(&self, _images: &Dataset, _range: Range<usize>) -> usize {
        1
    }

    fn label_table(&self) -> Option<&'static str> {
        None
    }

    fn write(&self, job: Job) -> Result<Done> {
        let (images, root) = (job.images, job.workspace.data());
        job.run(Tars { images, root })
    }

    fn count(&self, folder: &Path, listed: &[String]) -> Option<usize> {
        let tars = listed.par_iter().filter(|name| name.ends_with(".tar"));
        let tars = tars.map(|tar| images_in(&folder.join(tar)));
        tars.sum::<std::io::Result<usize>>().ok()
    }
}

/// Tar files below `root`.
struct Tars<'a> {
    images: &'a Dataset,
    root: PathBuf,
}

/// A member of a tar file.
struct Member {
    name: String,
    bytes: Vec<u8>,
}

/// A tar file that is being written, beside its place.
struct Tar {
    name: String,
    partial: PathBuf,
    builder: tar::Builder<Hashing<BufWriter<fs_err::File>>>,
}

impl Tars<'_> {
    /// The text and the masks of an image, under its key; the second of several masks is `KEY.mask2.png`.
    fn beside(&self, index: usize, key: &str) -> Result<Vec<Member>> {
        let mut masks = 0;
        let files = self.images.files_beside(index)?.into_iter();
        let members = files.map(|file| {
            let (_, ending) = sample(file.name.clone());
            let name = match is_image_name(&file.name) {
                false => format!("{key}.txt"),
                true => {
                    masks += 1;
                    let number = if masks > 1 {
                        masks.to_string()
                    } else {
                        String::new()
                    };
                    format!("{key}.mask{number}.{ending}")
                }
            };
            Member {
                name,
                bytes: file.bytes,
            }
        });
        Ok(members.collect())
    }
}

impl PartWriter for Tars<'_> {
    type Batch = Vec<Member>;
    type Part = Tar;

    fn encode(&self, range: Range<usize>, pixels: &[u8]) -> Result<Vec<Member>> {
        let shape = self.images.image_shape();
        let image_len: usize = shape.iter().product();
        let chosen = self.images.subset(&range.clone().collect::<Vec<_>>());
        let mut members = Vec::with_capacity(2 * range.len());
        for (row, (index, pixels)) in range.zip(pixels.chunks_exact(image_len)).enumerate() {
            let name = self.images.name(index);
            let bytes = encode(&file_name(name.clone()), pixels, shape)?;
            let (key, ending) = sample(name);
            members.push(Member {
                name: format!("{key}.{ending}"),
                bytes,
            });
            if let Some(labels) = chosen.labels() {
                let objects = self.images.label_members(index)?;
                members.push(Member {
                    name: format!("{key}.json"),
                    bytes: row_as_json(labels, row, objects).into_bytes(),
                });
            }
            members.extend(self.beside(index, &key)?);
        }
        Ok(members)
    }

    fn begin(&self, part: usize) -> Result<Tar> {
        let name = format!("refined-{part:06}.tar");
        let partial = self.root.join(format!(".{name}{}", durable::PARTIAL));
        let file = BufWriter::new(disk::change(disk::Change::Create, &partial, || {
            fs_err::File::create(&partial)
        })?);
        Ok(Tar {
            name,
            partial,
            builder: tar::Builder::new(Hashing::new(file)),
        })
    }

    fn append(&self, tar: &mut Tar, batch: Vec<Member>) -> Result<()> {
        for Member { name, bytes } in batch {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            tar.builder
                .append_data(&mut header, &name, &bytes[..])
                .map_err(|e| disk::not_written(&tar.partial, bytes.len(), e))?;
        }
        Ok(())
    }

    fn finish(&self, tar: Tar) -> Result<String> {
        let Tar {
            name,
            partial,
            builder,
        } = tar;
        let (mut file, Digested { sha256, bytes }) = builder.into_inner()?.finish();
        let cannot = |e| disk::not_written(&partial, bytes as usize, e);
        file.flush().map_err(cannot)?;
        file.get_ref().sync_all().map_err(cannot)?;
        durable::rename(&partial, &self.root.join(&name))?;
        Ok(sums::line(&sha256, &name))
    }
}

/// Images in the tar file at `path`: of the members of a sample the one whose name has no other dot than its ending's.
fn images_in(path: &Path) -> std::io::Result<usize> {
    let mut archive = tar::Archive::new(fs_err::File::open(path)?);
    let mut images = 0;
    for entry in archive.entries()? {
        let name = String::from_utf8_lossy(&entry?.path_bytes()).into_owned();
        let base = name.rsplit_once('/').map_or(&*name, |(_, base)| base);
        images += usize::from(is_image_name(base) && base.matches('.').count() == 1);
    }
    Ok(images)
}

fn check_columns(labels: &Labels) -> Result<()> {
    let columns = labels.columns();
    let twice = (1..columns.len()).find(|&i| columns[..i].contains(&columns[i]));
    twice.map_or(Ok(()), |i| {
        let message = format!("{} has two columns `{}`", labels.origin(), columns[i]);
        let hint = "rename one: labels in tar files are JSON, which keeps one value a name";
        Err(Error::data(message).with_hint(hint))
    })
}

/// Cells of row `row` but the file's, as a JSON object in the order of the columns, and then `others`, names with values in
/// JSON. A number keeps its text.
fn row_as_json(labels: &Labels, row: usize, others: Vec<(String, String)>) -> String {
    let file = labels.file_column();
    let cells = labels.cells(row);
    let columns = labels.columns().iter().zip(cells);
    let fields: Vec<String> = columns
        .filter(|(column, _)| *column != file)
        .map(|(column, cell)| {
            let value = match is_number(&cell) {
                true => cell.into_owned(),
                false => Value::from(cell).to_string(),
            };
            format!("{}: {value}", Value::from(column.as_str()))
        })
        .chain(
            others
                .into_iter()
                .map(|(name, value)| format!("{}: {value}", Value::from(name))),
        )
        .collect();
    format!("{{{}}}\n", fields.join(", "))
}

/// Whether `text` is a JSON number as it stands, and finite for those who read it.
fn is_number(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|c| c.is_ascii_digit() || b"+-.eE".contains(&c));
    plain && serde_json::from_str::<f64>(text).is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(text: &str) -> Labels {
        Labels::parse(text.as_bytes().to_vec(), "labels.csv").unwrap()
    }

    #[test]
    fn numbers_keep_their_text_and_all_else_is_a_string() {
        let text = "a,file,\"b \"\"c\",d\r\n1.50,x.png, 2,\"é\n\"\"\"\r\n-0,y.png,1e999,\n";
        let labels = labels(text);
        let json = "{\"a\": 1.50, \"b \\\"c\": \" 2\", \"d\": \"é\\n\\\"\"}\n";
        assert_eq!(row_as_json(&labels, 0, vec![]), json);
        let json = "{\"a\": -0, \"b \\\"c\": \"1e999\", \"d\": \"\"}\n";
        assert_eq!(row_as_json(&labels, 1, vec![]), json);
        for (text, number) in [
            ("1", true),
            ("01", false),
            (".5", false),
            ("+1", false),
            ("1e-3", true),
            ("NaN", false),
            ("-", false),
            ("", false),
            ("true", false),
        ] {
            assert_eq!(is_number(text), number, "{text}");
        }
    }

    #[test]
    fn two_columns_of_one_name_are_refused() {
        let error = check_columns(&labels("file,a,b,a\nx,1,2,3\n")).unwrap_err();
        assert!(error.to_string().contains("two columns `a`"), "{error}");
    }

    proptest! {
        #[test]
        fn rows_are_json(cell in "\\PC{0,8}") {
            let mut csv = csv::Writer::from_writer(vec![]);
            csv.write_record(["file", "a"]).unwrap();
            csv.write_record(["x", &cell]).unwrap();
            let labels = Labels::parse(csv.into_inner().unwrap(), "labels.csv").unwrap();
            let json: Value = serde_json::from_str(&row_as_json(&labels, 0, vec![])).unwrap();
            let text = labels.get(0, "a").unwrap();
            match &json["a"] {
                Value::String(string) => prop_assert_eq!(string, &text),
                number => prop_assert_eq!(number.as_f64(), text.parse().ok()),
            }
        }
    }
}
