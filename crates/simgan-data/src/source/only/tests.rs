//! Tests of filters.

use super::*;
use proptest::prelude::*;

fn split(text: &str) -> Result<(&str, Vec<Only>)> {
    Only::split(text, |_| false)
}

fn rows(filters: &str, table: &str) -> Result<Vec<usize>> {
    let labels = Labels::parse(table.as_bytes().to_vec(), "labels.csv").unwrap();
    Only::rows(&split(&format!("d{filters}")).unwrap().1, &labels)
}

const TABLE: &str = "file,who,track\n\
    0,ann,1600000001\n1,\"bob, jr\",1600000002\n2, ann ,1600000003\n3,07,-4\n4,7,0.5\n";

#[test]
fn rows_with_one_of_the_values_are_kept() {
    for (filters, kept) in [
        ("@only=who:ann", &[0, 2][..]),
        ("@only=who:7", &[4]),
        ("@only=who: 7 , ann", &[0, 2, 4]),
        ("@only=who:!ann", &[1, 3, 4]),
        ("@only=who:!ann,7", &[1, 3]),
        ("@only=track:1600000002..1600000003", &[1, 2]),
        ("@only=track:-4..0.5", &[3, 4]),
        ("@only=track:-4..-4", &[3]),
        ("@only=track:!-5..1", &[0, 1, 2]),
        ("@only=track:0..1,-4", &[3, 4]),
        ("@only=who:ann@only=track:1600000003", &[2]),
        ("@only=who:!ann@only=who:!07,7", &[1]),
        ("@only=who:ann@only=who:7", &[]),
        ("@only=who:ann,bib", &[0, 2]),
        ("@only=track:-4,5..9", &[3]),
    ] {
        assert_eq!(rows(filters, TABLE).unwrap(), kept, "{filters}");
    }
}

#[test]
fn a_filter_that_does_not_fit_the_labels_says_why() {
    for (filters, sentence, hint) in [
        (
            "@only=whom:ann",
            "labels.csv has no column `whom`",
            "its columns are: file, who, track",
        ),
        (
            "@only=who:bib,an",
            "labels.csv: no image has `bib`, `an` in the column `who`",
            "its values are 07, 7, ann, bob, jr",
        ),
        (
            "@only=who:!ann,an",
            "labels.csv: no image has `an` in the column `who`",
            "its values are 07, 7, ann, bob, jr",
        ),
        (
            "@only=track:2..3",
            "labels.csv: no image has `2..3` in the column `track`",
            "its values are -4, 0.5, 1600000001, 1600000002, 1600000003",
        ),
        (
            "@only=who:0..9",
            "labels.csv, line 2: column `who` is `ann`, not a number",
            "numbers are written like -0.125, with a decimal point",
        ),
    ] {
        let error = rows(filters, TABLE).unwrap_err();
        assert_eq!(error.to_string(), sentence);
        assert_eq!(error.hint(), Some(hint), "{filters}");
    }
    let twice = rows("@only=a:1", "file,a,a\n0,1,1\n").unwrap_err();
    assert_eq!(twice.to_string(), "labels.csv has two columns `a`");
}

#[test]
fn a_hint_names_ten_values() {
    let cells: String = (0..25).map(|i| format!("{i},{i}\n")).collect();
    let error = rows("@only=a:x", &format!("file,a\n{cells}")).unwrap_err();
    let hint = "its values are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 15 more";
    assert_eq!(error.hint(), Some(hint));
}

#[test]
fn malformed_filters_say_what_is_wrong() {
    for (filter, part) in [
        ("who", "`who` is not COLUMN:VALUES"),
        ("", "`` is not COLUMN:VALUES"),
        (":ann", "`:ann` names no column"),
        ("who:", "`who:` names no value"),
        ("who: ", "`who: ` names no value"),
        ("who:!", "`who:!` names no value"),
        ("who:a,,b", "a value is empty"),
        ("who:a,", "a value is empty"),
        ("who:a,!b", "`!b`: one ! before the first value"),
        ("who:!a,!b", "`!b`: one ! before the first value"),
        ("who:!!a", "`!a`: one ! before the first value"),
        ("a:0..", "`0..` is not a range of numbers"),
        ("a:..9", "`..9` is not a range of numbers"),
        ("a:0..x", "`0..x` is not a range of numbers"),
        ("a:0..nan", "`0..nan` is not a range of numbers"),
        ("a:0..1e999", "`0..1e999` is not a range of numbers"),
        ("a:0...5", "`0...5` is not a range of numbers"),
        ("a:0..1..2", "`0..1..2` is not a range of numbers"),
        ("a:9..0", "the range `9..0` ends before it begins"),
    ] {
        let error = split(&format!("d{MARK}{filter}")).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("DIR@only=")));
    }
}

fn filter() -> impl Strategy<Value = Only> {
    let text = "[a-z0-9 é-]{0,3}[a-z0-9]".prop_map(|text| Value::Text(text.trim().to_owned()));
    let range = (-1e9f64..1e9, 0f64..1e9).prop_map(|(low, n)| Value::Range(low, low + n));
    let values = prop::collection::vec(prop_oneof![text, range], 1..4);
    ("[a-z_]{1,5}", any::<bool>(), values).prop_map(|(column, inverted, values)| Only {
        column,
        inverted,
        values,
    })
}

proptest! {
    #[test]
    fn display_is_read_back(filters in prop::collection::vec(filter(), 0..4)) {
        let text: String = filters.iter().map(Only::to_string).collect();
        let text = format!("a@b{text}");
        prop_assert_eq!(split(&text).unwrap(), ("a@b", filters));
    }

    #[test]
    fn a_filter_and_its_inverse_part_all_rows(cells in prop::collection::vec(0u8..5, 1..40)) {
        let rows_of = |filter: &str| {
            let lines: String = cells.iter().map(|cell| format!("x,{cell}\n")).collect();
            rows(filter, &format!("file,a\n{lines}"))
        };
        let first = cells[0];
        let kept = rows_of(&format!("@only=a:{first}")).unwrap();
        let others = rows_of(&format!("@only=a:!{first}..{first}")).unwrap();
        prop_assert!(kept.iter().all(|&row| cells[row] == first));
        prop_assert!(others.iter().all(|&row| cells[row] != first));
        prop_assert_eq!(kept.len() + others.len(), cells.len());
    }
}
