//! Tests of `source`.

use super::*;
use proptest::prelude::*;

fn indices(text: &str, len: usize) -> Vec<usize> {
    Source::parse(text).unwrap().indices(len)
}

#[test]
fn slices_follow_python() {
    assert_eq!(indices("d", 3), [0, 1, 2]);
    assert_eq!(indices("d[:2]", 5), [0, 1]);
    assert_eq!(indices("d[3:]", 5), [3, 4]);
    assert_eq!(indices("d[-2:]", 5), [3, 4]);
    assert_eq!(indices("d[:-1]", 3), [0, 1]);
    assert_eq!(indices("d[::2]", 5), [0, 2, 4]);
    assert_eq!(indices("d[1::2]", 5), [1, 3]);
    assert_eq!(indices("d[::-1]", 3), [2, 1, 0]);
    assert_eq!(indices("d[3:0:-2]", 5), [3, 1]);
    assert_eq!(indices("d[10:20]", 5), [0usize; 0]);
    assert_eq!(indices("d[-9:2]", 5), [0, 1]);
}

#[test]
fn runs_stay_together() {
    assert_eq!(indices("d[::2:3]", 8), [0, 1, 2, 6, 7]);
    assert_eq!(indices("d[1::2:3]", 8), [3, 4, 5]);
    assert_eq!(indices("d[::-1:4]", 6), [4, 5, 0, 1, 2, 3]);
    assert_eq!(indices("d[50%::1:2]", 7), [4, 5, 6]);
    assert_eq!(indices("d[::1:99]", 3), [0, 1, 2]);
}

#[test]
fn percentages_count_from_both_ends() {
    assert_eq!(indices("d[10%:50%]", 10), [1, 2, 3, 4]);
    assert_eq!(indices("d[-20%:]", 10), [8, 9]);
    assert_eq!(indices("d[:12.5%]", 16), [0, 1]);
}

#[test]
fn wrong_slices_say_what_is_wrong() {
    for (text, part) in [
        ("d[5]", "`[5]` is not a slice"),
        ("d[::0]", "step of a slice cannot be 0"),
        ("d[a:]", "`a` is neither"),
        ("d[:110%]", "not within"),
        ("d[1:2:3:4:5]", "is not a slice"),
        ("d[::2:0]", "cannot be empty"),
        ("d[::2:]", "`` is not a number of images"),
    ] {
        let error = Source::parse(text).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_folder_whose_name_ends_in_a_bracket_is_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("eyes[:2]");
    fs_err::create_dir(&path).unwrap();
    let source = Source::parse(path.to_str().unwrap()).unwrap();
    assert_eq!(
        (source.folder(), source.is_sliced()),
        (Some(path.as_path()), false)
    );
    let sliced = Source::parse(&format!("{}[1:]", path.display())).unwrap();
    assert_eq!(
        (sliced.folder(), sliced.is_sliced()),
        (Some(path.as_path()), true)
    );
}

#[test]
fn a_framing_comes_last() {
    let text = "d[1::2]@zoom=0.5,x=0.1";
    let source = Source::parse(text).unwrap();
    assert_eq!((source.framing().zoom, source.framing().x), (0.5, 0.1));
    assert_eq!(source.indices(4), [1, 3]);
    assert_eq!(source.folder(), Some(Path::new("d")));
    assert_eq!(source.to_string(), text);
    assert!(Source::parse("sim:eyes[:5]@zoom=0.5").is_err());
}

#[test]
fn filters_come_between_the_place_and_a_slice() {
    for (text, filters, sliced) in [
        ("d@only=split:dev", 1, false),
        ("d@only=split:dev[::2]", 1, true),
        (
            "d?evaluation@only=person:p00,p01@only=track:!0..19[1:]@zoom=0.5@gaze=degrees",
            2,
            true,
        ),
        ("sim:eyes?seed=1&gaze_yaw=[-2,2]@only=person:0..9", 1, false),
        ("sim:eyes@only=person:3[:20]", 1, true),
    ] {
        let source = Source::parse(text).unwrap();
        assert_eq!(
            (source.only().len(), source.is_sliced()),
            (filters, sliced),
            "{text}"
        );
        assert_eq!(source.to_string(), text);
        let framed = source.framed(Framing::default());
        assert_eq!(framed.only().len(), filters, "{text}");
    }
    let error = Source::parse("sim:eyes?seed=1@only=person:3[5]").unwrap_err();
    assert!(
        error.to_string().contains("`[5]` is not a slice"),
        "{error}"
    );
}

#[test]
fn a_filter_behind_a_slice_is_refused() {
    for text in [
        "d[::2]@only=split:dev",
        "d@only=a:1[::2]@only=split:dev",
        "sim:eyes[:5]@only=person:0",
        "d@zoom=0.7@only=split:dev",
        "d@gaze=degrees@only=split:dev",
    ] {
        let error = Source::parse(text).unwrap_err();
        let expected = format!("{text}: @only=... stands behind a slice, a framing or a unit");
        assert_eq!(error.to_string(), expected);
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("[start:stop:step]"))
        );
    }
}

#[test]
fn a_folder_whose_name_looks_like_a_filter_is_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d[::2]@only=a:1");
    fs_err::create_dir(&path).unwrap();
    let text = path.display().to_string();
    for (text, filters) in [(text.clone(), 0), (format!("{text}@only=b:2[1:]"), 1)] {
        let source = Source::parse(&text).unwrap();
        assert_eq!(source.folder(), Some(path.as_path()), "{text}");
        assert_eq!(source.only().len(), filters, "{text}");
    }
}

#[test]
fn the_unit_of_gaze_comes_after_a_framing() {
    for text in ["d@gaze=degrees", "d[1::2]@zoom=0.5@gaze=degrees"] {
        let source = Source::parse(text).unwrap();
        assert_eq!(source.angle_unit(), Some(AngleUnit::Degrees));
        assert_eq!(source.folder(), Some(Path::new("d")));
        assert_eq!(source.to_string(), text);
        let framed = source.framed(Framing::default()).to_string();
        assert!(framed.ends_with("@gaze=degrees"), "{framed}");
    }
    assert_eq!(Source::parse("d").unwrap().angle_unit(), None);
    assert!(Source::parse("sim:eyes[:5]@gaze=degrees").is_err());
    let error = Source::parse("d@gaze=grad").unwrap_err();
    assert!(error.to_string().contains("`grad` is no unit"), "{error}");
}

#[test]
fn words_behind_a_question_mark_are_for_the_format() {
    let text = "d?evaluation[1::2]@zoom=0.5";
    let source = Source::parse(text).unwrap();
    assert_eq!(source.options(), ["evaluation"]);
    assert_eq!(
        (source.folder(), source.is_sliced()),
        (Some(Path::new("d")), true)
    );
    assert_eq!(source.to_string(), text);
    // A folder of this name is itself.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("what?");
    fs_err::create_dir(&path).unwrap();
    let source = Source::parse(path.to_str().unwrap()).unwrap();
    assert_eq!(
        (source.folder(), source.options()),
        (Some(path.as_path()), &[][..])
    );
}

#[test]
fn simulators_have_options_and_slices() {
    for (text, sliced, images) in [
        ("sim:eyes", false, 100_000),
        ("sim:eyes[:30]", true, 30),
        ("sim:eyes?count=20&gaze_yaw=[-20,20]", false, 20),
        ("sim:eyes?gaze_yaw=[-20,20]&count=20[5:]", true, 15),
        ("sim:eyes?count=20&gaze_yaw=[-20, 20][::2]", true, 10),
    ] {
        let source = Source::parse(text).unwrap();
        let Place::Simulator(simulator) = source.place() else {
            panic!("{text}");
        };
        assert_eq!(source.is_sliced(), sliced, "{text}");
        assert_eq!(source.indices(simulator.count()).len(), images, "{text}");
        assert_eq!(source.folder(), None);
    }
    let error = Source::parse("sim:eyes[5]").unwrap_err();
    assert!(
        error.to_string().contains("`[5]` is not a slice"),
        "{error}"
    );
    assert!(Source::parse("./sim:eyes").unwrap().folder().is_some());
}

proptest! {
    #[test]
    fn any_text_parses_or_errs(text in "\\PC{0,24}") {
        if let Ok(source) = Source::parse(&text) {
            prop_assert!(source.indices(17).iter().all(|&i| i < 17));
        }
    }

    #[test]
    fn indices_agree_with_a_plain_walk(
        start in -30i64..30, stop in -30i64..30, step in -5i64..5, len in 0usize..20,
    ) {
        prop_assume!(step != 0);
        let found = indices(&format!("d[{start}:{stop}:{step}]"), len);
        // The definition: walk from the clamped start by step while before the stop.
        let n = len as i64;
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let end = |i: i64| if i < 0 { i + n } else { i }.clamp(low, high);
        let (mut at, stop) = (end(start), end(stop));
        let mut expected = vec![];
        while if step > 0 { at < stop } else { at > stop } {
            expected.push(at as usize);
            at += step;
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn two_parts_are_the_whole(percent in 0u32..=100, len in 0usize..500) {
        let mut both = indices(&format!("d[:{percent}%]"), len);
        both.extend(indices(&format!("d[{percent}%:]"), len));
        prop_assert_eq!(both, (0..len).collect::<Vec<_>>());
    }

    #[test]
    fn display_parses_back(text in "([a-z]{1,5}|sim:eyes|sim:eyes\\?seed=[0-9]{1,3}&gaze_yaw=\\[-2,2\\])(@only=[a-z]{1,3}:!?[a-z0-9]{1,3}(,[0-9]\\.\\.[0-9])?){0,2}(\\[-?[0-9]{0,3}:[0-9]{0,2}%?:[1-9]?(:[1-9])?\\])?") {
        if let Ok(source) = Source::parse(&text) {
            prop_assert_eq!(Source::parse(&source.to_string()).unwrap(), source);
        }
    }
}
