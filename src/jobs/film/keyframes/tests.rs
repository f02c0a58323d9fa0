#![allow(clippy::unwrap_used)]
use super::*;

const EXAMPLE: &str = "
# time   style                      strength  brush
0:00     @great-wave                1.0       1
0:04.5   @irises:0.5 @kiss:1.5      0.8       # a comment
50%      -                          0         4
end      @the-scream                -         1
";

fn parse(text: &str) -> Result<Keyframes> {
    Keyframes::parse(text.as_bytes(), Path::new("keys.txt"))
}

fn refused(text: &str, expected: &str) {
    let said = parse(text).unwrap_err().to_string();
    assert!(
        said.starts_with("keys.txt") && said.contains(expected),
        "{said}"
    );
}

/// Weights, strength and brush.
fn at(track: &Track, seconds: f64) -> (Vec<f32>, f32, f32) {
    let mut weights = Vec::new();
    let held = track.at(seconds, &mut weights);
    (weights, held.strength, held.brush)
}

fn named(name: &str) -> StyleSource {
    StyleSource::Named(name.into())
}

#[test]
fn a_table_is_read_and_what_is_missing_is_as_before() {
    let keys = parse(EXAMPLE).unwrap();
    let styles: Vec<_> = keys.styles().iter().map(|s| (&s.source, s.line)).collect();
    let names = ["great-wave", "irises", "kiss", "the-scream"].map(named);
    let expected: Vec<_> = names.iter().zip([3, 4, 4, 6]).collect();
    assert_eq!(styles, expected);
    assert!(keys.needs_length());
    let track = keys.track(Some(20.0)).unwrap();
    assert_eq!(track.span(), (0.0, 20.0));
    assert_eq!(at(&track, 4.5), (vec![0.0, 0.25, 0.75, 0.0], 0.8, 1.0));
    assert_eq!(at(&track, 10.0), (vec![0.0, 0.25, 0.75, 0.0], 0.0, 4.0));
    assert_eq!(at(&track, 20.0), (vec![0.0, 0.0, 0.0, 1.0], 0.0, 1.0));
    assert_eq!(at(&track, 1e9), at(&track, 20.0));
    assert_eq!(at(&track, -1.0).0[0], 1.0);
    assert_eq!(at(&track, f64::NAN).0.iter().sum::<f32>(), 1.0);
}

#[test]
fn between_two_rows_all_is_linear_and_the_brush_goes_by_its_ratio() {
    let track = parse("0 @a 1 1\n8 @b 0.5 4").unwrap().track(None).unwrap();
    assert_eq!(at(&track, 4.0), (vec![0.5, 0.5], 0.75, 2.0));
    assert_eq!(at(&track, 2.0).0, [0.75, 0.25]);
    let mut weights = vec![9.0; 2];
    let buffer = weights.as_ptr();
    for step in 0..=100 {
        track.at(f64::from(step) * 0.08, &mut weights);
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }
    assert_eq!(weights.as_ptr(), buffer);
}

#[test]
fn a_header_sets_the_order_of_the_columns() {
    let keys = parse("Time brush STYLE strength\n0 2 @a @b 0.5\n1 - 0.25").unwrap();
    let track = keys.track(None).unwrap();
    assert_eq!(at(&track, 0.0), (vec![0.5, 0.5], 0.5, 2.0));
    assert_eq!(at(&track, 1.0), (vec![0.5, 0.5], 0.25, 2.0));
    // A sentence that begins with the word is a comment.
    parse("# time is in seconds\n0 @a").unwrap();
    refused("time style color\n0 @a", "keys.txt:1: 'color' is no column");
    refused("time style style\n0 @a", "twice");
    refused("time brush\n0 2", "no column 'style'");
    refused(
        "time style\n\n# time style\n0 @a",
        "keys.txt:3: names the columns again",
    );
    refused(
        "time style\n0 @a 0.5",
        "keys.txt:2: '0.5' is too much; the columns are: time style",
    );
}

#[test]
fn everything_that_is_wrong_is_said_with_its_line() {
    refused("", "keys.txt: has no row");
    refused("# nothing\n\n", "has no row");
    refused("0 @a\nsoon @b", "keys.txt:2: 'soon' is no time");
    refused("0\n", "keys.txt:1: has no style");
    refused("0 0.5\n", "keys.txt:1: has no style");
    refused(
        "0 @a\n\n0:05 @b\n0:05 @c",
        "keys.txt:4: 0:05 does not come after 0:05, which line 3 has",
    );
    refused(
        "0 @a\n60% @b\n50% @c",
        "keys.txt:3: 50% does not come after 60%",
    );
    refused(
        "0 @a\nend @b\nend @c",
        "keys.txt:3: end does not come after end",
    );
    refused(
        "0 @a 1.5",
        "keys.txt:1: strength '1.5' is not between 0 and 1",
    );
    refused("0 @a nan", "strength 'nan' is not between");
    refused("0 @a 80%", "write 0.8");
    refused("0 @a 1 5", "brush '5' is not between 0.25 and 4");
    refused("0 @a 1 0.2", "brush '0.2'");
    refused("0 @a 1 1 @b", "'@b' is too much");
    refused("0 @a 1 @b", "brush '@b' is no number between 0.25 and 4");
    refused("0 @a:0 @b:0", "all weights are 0");
    refused(
        "0 @a:-1",
        "style @a:-1: weight '-1' is not a number of 0 or more",
    );
    refused("0 @a:70%", "write @a:0.7");
    refused("0 \"my pic.jpg", "not closed");
    refused("0 \"\"", "is empty");
    refused("0 https://example.org/a.jpg", "download it first");
    refused(
        "0 @a\n1 great-wave",
        "keys.txt:2: style great-wave: there is no file great-wave",
    );
    let said = Keyframes::parse(b"0 @a\n1 \xFF", Path::new("keys.txt")).unwrap_err();
    assert!(
        said.to_string().contains("keys.txt:2: is not text"),
        "{said}"
    );
}

#[test]
fn times_that_depend_on_the_film_are_checked_with_it() {
    let keys = parse("0 @a\n0:30 @b\nend @c").unwrap();
    let said = keys.track(None).unwrap_err().to_string();
    assert!(
        said.contains("keys.txt:3: 'end' needs the length"),
        "{said}"
    );
    let said = keys.track(Some(20.0)).unwrap_err().to_string();
    assert!(
        said.contains("keys.txt:3: 'end' is at 0:20 in this film, before the row above (0:30)"),
        "{said}"
    );
    // A film that ends at a row, and one of a single frame, show the last row there.
    let track = keys.track(Some(30.0)).unwrap();
    assert_eq!(at(&track, 30.0).0, [0.0, 0.0, 1.0]);
    let still = parse("0% @a\nend @b").unwrap().track(Some(0.0)).unwrap();
    assert_eq!(at(&still, 0.0).0, [0.0, 1.0]);
    assert!(!parse("0 @a").unwrap().needs_length());
}

#[test]
fn paths_begin_at_the_file_and_may_have_spaces_and_colons() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["my pic.jpg", "a.jpg", "odd:0.5"] {
        std::fs::write(dir.path().join(name), "").unwrap();
    }
    let path = dir.path().join("keys.txt");
    let text = "0 \"my pic.jpg\":3 a.jpg\n1 odd:0.5 @x:2 @x:1\r\n2 \"a.jpg\"";
    std::fs::write(&path, text).unwrap();
    let keys = Keyframes::open(&path).unwrap();
    let picture = |name: &str| StyleSource::Picture(dir.path().join(name));
    let sources: Vec<_> = keys.styles().iter().map(|s| s.source.clone()).collect();
    let expected = [
        picture("my pic.jpg"),
        picture("a.jpg"),
        picture("odd:0.5"),
        named("x"),
    ];
    assert_eq!(sources, expected);
    let track = keys.track(None).unwrap();
    assert_eq!(at(&track, 0.0).0, [0.75, 0.25, 0.0, 0.0]);
    assert_eq!(at(&track, 1.0).0, [0.0, 0.0, 0.25, 0.75]);
    assert_eq!(keys.styles()[3].argument(), StyleArgument::named("x"));

    let unknown = Error::Style {
        style: "@x".into(),
        reason: "is not in the gallery".into(),
    };
    let said = keys.explain(3, unknown).to_string();
    assert!(
        said.ends_with("keys.txt:2: style @x: is not in the gallery"),
        "{said}"
    );
    assert!(matches!(
        keys.explain(3, Error::Interrupted),
        Error::Interrupted
    ));
}

#[test]
fn files_that_are_too_large_are_refused() {
    refused(&"#".repeat(MOST_BYTES as usize + 1), "at most 1 MiB");
    let rows: String = (0..=MOST_ROWS).map(|n| format!("{n} @a\n")).collect();
    refused(&rows, "keys.txt:10001: is row 10001; 10000 are the most");
    let many: String = (0..=MOST_STYLES).map(|n| format!("{n} @s{n}\n")).collect();
    refused(&many, "keys.txt:201: names style 201");
}

#[test]
fn no_bytes_make_it_panic() {
    let parts = [
        "0 @a",
        " @b:2 0.5",
        "\n1:00 ",
        "0",
        ":",
        "1",
        ".",
        "5",
        "%",
        "end",
        " ",
        "\t",
        "\n",
        "\r\n",
        "#",
        "\"",
        "@",
        "a",
        "é",
        "-",
        "time",
        "style",
        "brush",
        "\u{feff}",
        "\0",
        "nan",
        "99999999999999999999",
    ];
    let mut seed = 7_u32;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    let mut right = 0;
    for _ in 0..20_000 {
        let text: String = (0..random(12))
            .map(|_| parts[random(parts.len())])
            .collect();
        let mut bytes = text.into_bytes();
        if random(4) == 0 && !bytes.is_empty() {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        if let Ok(keys) = Keyframes::parse(&bytes, Path::new("keys.txt")) {
            right += 1;
            for last in [None, Some(0.0), Some(3.0)] {
                if let Ok(track) = keys.track(last) {
                    let sum: f32 = at(&track, 1.0).0.iter().sum();
                    assert!((sum - 1.0).abs() < 1e-5);
                }
            }
        }
    }
    assert!(right > 50, "{right} of them were right");
}
