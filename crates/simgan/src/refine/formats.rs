//! The formats of refined sets there are.

use crate::refine::folder::Folder;
use crate::refine::format::Format;
use crate::refine::webdataset::Webdataset;
use simgan_data::OutputFormat;

/// Each with its name in manifests and on the command line.
const FORMATS: [(OutputFormat, &dyn Format); 2] = [
    (OutputFormat::Folder, &Folder),
    (OutputFormat::Webdataset, &Webdataset),
];

/// How sets of that format are written and checked.
pub(super) fn of(name: OutputFormat) -> &'static dyn Format {
    let found = FORMATS.iter().find(|(known, _)| *known == name);
    found.map_or(&Folder, |(_, format)| *format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_in_the_table_once() {
        for name in OutputFormat::ALL {
            let known = FORMATS.iter().filter(|(known, _)| *known == name);
            assert_eq!(known.count(), 1, "{name:?}");
        }
    }
}
