//! Tests of `labels`.

use super::*;
use proptest::prelude::*;

fn labels(text: &str) -> Labels {
    Labels::parse(text.as_bytes().to_vec(), "labels.csv").unwrap()
}

#[test]
fn bytes_survive_and_cells_are_read() {
    let text = "\u{feff}file,\"a b\"\r\nx.png,\"1,5\"\r\n\r\ny.png,2";
    let table = labels(text);
    assert_eq!(table.columns(), ["file", "a b"]);
    assert_eq!(table.raw_header(), "\u{feff}file,\"a b\"\r\n".as_bytes());
    assert_eq!(table.raw_row(0), b"x.png,\"1,5\"\r\n\r\n");
    assert_eq!(table.get(0, "a b").as_deref(), Some("1,5"));
    assert_eq!((table.file(1).as_str(), table.line(1)), ("y.png", 4));
    assert_eq!((table.get(0, "c"), table.get(2, "file")), (None, None));
    assert_eq!(
        (table.cells(0), table.cells(1)),
        (
            vec!["x.png".into(), "1,5".into()],
            vec!["y.png".into(), "2".into()]
        )
    );
}

#[test]
fn a_subset_never_glues_rows_together() {
    let mut written = vec![];
    let table = labels("file,a\nx,1\ny,2");
    table.subset(&[1, 0]).write_to(&mut written).unwrap();
    assert_eq!(written, b"file,a\ny,2\nx,1\n");
}

#[test]
fn the_file_column_has_a_usual_name_or_is_first() {
    assert_eq!(labels("id,Image\n1,a.png").file(0), "a.png");
    assert_eq!(labels("picture,x\na.png,1").file(0), "a.png");
}

#[test]
fn a_wrong_column_names_those_there_are() {
    let error = labels("file,a,b\nx,1,2\n").numbers("c").unwrap_err();
    assert_eq!(error.to_string(), "labels.csv has no column `c`");
    assert_eq!(error.hint(), Some("its columns are: file, a, b"));
}

#[test]
fn a_cell_that_is_not_a_number_names_line_column_and_value() {
    for value in ["abc", "", "NaN", "1e99"] {
        let error = labels(&format!("file,a\nx,1\ny,{value}\n"))
            .numbers("a")
            .unwrap_err();
        let expected = format!("labels.csv, line 3: column `a` is `{value}`, not a number");
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().is_some());
    }
}

#[test]
fn broken_tables_name_the_line() {
    let parse = |text: &str| {
        Labels::parse(text.into(), "labels.csv")
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        parse("file,a\nx,1\ny\n"),
        "labels.csv, line 3: 1 fields, but the header has 2"
    );
    assert_eq!(
        parse("file,a\nx,1\ny,\"2\nz,3\n"),
        "labels.csv, line 3: it opens a quote that is never closed"
    );
    assert_eq!(
        parse(&format!("file,a\nx,{}\n", "1".repeat(MAX_RECORD))),
        "labels.csv, line 2: it has more than 1048576 bytes"
    );
    assert_eq!(
        parse(&",".repeat(5000)),
        "labels.csv, line 1: it has 5001 fields; at most 4096 are read"
    );
    assert_eq!(parse(""), "labels.csv has no header line");
    assert_eq!(parse("\n\nx,1"), "labels.csv has no header line");
}

#[test]
fn what_spreadsheets_write_is_told() {
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain("file,x\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (text, part) in [
        (utf16, "is UTF-16 text"),
        (b"sep=;\nfile;x\na;1\n".to_vec(), "line 1: `sep=`"),
        (b"\xef\xbb\xbfsep=,\nfile,x\na,1\n".to_vec(), "`sep=`"),
    ] {
        let error = Labels::parse(text, "labels.csv").unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn of_two_columns_of_one_name_none_is_taken() {
    let table = labels("file,yaw,pitch,yaw\na,0.1,0.2,0.3\n");
    let error = table.numbers("yaw").unwrap_err().to_string();
    assert_eq!(error, "labels.csv has two columns `yaw`");
    assert_eq!(table.numbers("pitch").unwrap(), [0.2]);
}

proptest! {
    #[test]
    fn any_table_is_written_back_byte_for_byte(
        header in "[a-z]{1,4}(,[a-z]{1,4}){1}",
        rows in prop::collection::vec("([a-z0-9. ]{0,5}|\"[a-z,\n]{0,4}\")(,([a-z0-9.]{0,5}|\"[a-z\"\"]{0}\"))(\r\n|\n)(\n){0,2}", 0..8),
        bom in any::<bool>(),
    ) {
        let mut text = if bom { "\u{feff}".to_owned() } else { String::new() };
        text += &header;
        text.push('\n');
        rows.iter().for_each(|row| text += row);
        let table = labels(&text);
        let mut written = vec![];
        table.write_to(&mut written).unwrap();
        prop_assert_eq!(&written, text.as_bytes());
        let mut raw = table.raw_header().to_vec();
        (0..table.len()).for_each(|row| raw.extend(table.raw_row(row)));
        prop_assert_eq!(&raw, text.as_bytes());
    }

    #[test]
    fn any_bytes_parse_or_err(text in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(table) = Labels::parse(text, "labels.csv") {
            for row in 0..table.len() {
                table.file(row);
                table.line(row);
            }
            let _ = table.numbers(table.file_column());
        }
    }
}
