//! Texts that a person writes: styles, masks, addresses, ratios, sources, sinks, keyframes. Any text parses or is refused,
//! and what parses means what it says.

use std::path::Path;
use std::str::FromStr;

use impasto::Device;
use impasto::jobs::film::keyframes::{Keyframes, Track};
use impasto::jobs::regions::MaskArgument;
use impasto::runtime::Precision;
use impasto::style::{StyleArgument, StyleSource};
use impasto::video::Ratio;
use proptest::prelude::*;

use super::check;

/// Any text, and texts made of what the parsers look for.
pub(super) fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "@",
        ":",
        "=",
        ",",
        "+",
        "-",
        ".",
        "/",
        "\\",
        "%",
        "[",
        "]",
        "x",
        "0",
        "1",
        "9",
        "0.5",
        "1e9",
        "nan",
        "inf",
        "end",
        "a",
        "a.jpg",
        "great-wave",
        "strength=",
        "brush=",
        "y4m:",
        "png:",
        "camera:",
        "v4l2:",
        "://",
        "::1",
        "127.0.0.1",
        "65536",
        "18446744073709551616",
        "GB",
        "MiB",
        " ",
        "\t",
        "\n",
        "\"",
        "'",
        "#",
        "é",
        "\u{0}",
        "\u{202e}",
        "auto",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat()),
    ]
}

#[test]
fn a_style_is_read_as_it_was_written() {
    let weight = prop_oneof![0.0..1e6_f32, any::<f32>().prop_map(f32::abs)];
    check(
        file!(),
        512,
        ("[a-z0-9][a-z0-9-]{0,12}", weight),
        |(name, weight)| {
            let text = format!("@{name}:{weight}");
            let parsed = text.parse::<StyleArgument>();
            if weight.is_finite() {
                let wanted = StyleArgument {
                    source: StyleSource::Named(name),
                    weight,
                };
                prop_assert_eq!(parsed.unwrap(), wanted);
            } else {
                prop_assert!(parsed.is_err());
            }
            Ok(())
        },
    );
}

#[test]
fn any_text_is_a_style_or_refused() {
    check(file!(), 2048, text(), |text| {
        if let Ok(style) = text.parse::<StyleArgument>() {
            prop_assert!(style.weight.is_finite() && style.weight >= 0.0);
            prop_assert!(!text.contains("://"));
            let empty = match &style.source {
                StyleSource::Named(name) => {
                    name.is_empty() && text != "@" && !text.starts_with("@:")
                }
                StyleSource::Picture(path) => path.as_os_str().is_empty(),
            };
            prop_assert!(!empty);
        }
        Ok(())
    });
}

#[test]
fn any_text_is_a_mask_or_refused() {
    check(file!(), 2048, text(), |text| {
        if let Ok(MaskArgument::Styled(region)) = text.parse() {
            prop_assert!(!region.styles.is_empty());
            let strength = region.strength.unwrap_or(1.0);
            prop_assert!((0.0..=1.0).contains(&strength), "strength {strength}");
            let brush = region.brush.unwrap_or(1.0);
            prop_assert!((0.25..=4.0).contains(&brush), "brush {brush}");
        }
        Ok(())
    });
}

/// `T` of any text, where there is one, is the same when it is written and read again.
fn survives<T: FromStr + std::fmt::Display + PartialEq + std::fmt::Debug>(
    text: &str,
) -> Result<(), TestCaseError> {
    if let Ok(parsed) = text.parse::<T>() {
        let written = parsed.to_string();
        match written.parse::<T>() {
            Ok(again) => prop_assert_eq!(again, parsed, "{} was written as {}", text, written),
            Err(_) => prop_assert!(
                false,
                "{text:?} was written as {written:?}, which is refused"
            ),
        }
    }
    Ok(())
}

#[test]
fn what_is_parsed_is_written_so_that_it_parses() {
    check(file!(), 2048, text(), |text| {
        survives::<Device>(&text)?;
        survives::<Precision>(&text)?;
        #[cfg(feature = "remote")]
        survives::<impasto::remote::http::ServeAddress>(&text)?;
        #[cfg(feature = "live")]
        survives::<impasto::live::SourceChoice>(&text)?;
        if let Some(ratio) = Ratio::parse(&text) {
            prop_assert_eq!(Ratio::parse(&ratio.to_string()), Some(ratio));
        }
        Ok(())
    });
}

#[cfg(feature = "live")]
#[test]
fn any_text_is_a_sink_or_refused() {
    use impasto::live::SinkChoice;
    check(file!(), 1024, text(), |text| {
        if let Ok(SinkChoice::Window) = text.parse() {
            prop_assert_eq!(text.trim_end_matches(':'), "window");
        }
        Ok(())
    });
}

#[test]
fn ratios_survive() {
    check(file!(), 256, any::<(u32, u32)>(), |(a, b)| {
        let ratio = Ratio::new(a, b);
        prop_assert_eq!(Ratio::parse(&ratio.to_string()), Some(ratio));
        Ok(())
    });
}

/// Lines of a keyframe file that are right, or nearly.
fn keyframes() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "time",
        "style",
        "strength",
        "brush",
        "0",
        "0:00",
        "0:01.5",
        "1:00:00",
        "10",
        "50%",
        "100%",
        "end",
        "@great-wave",
        "@irises",
        "@a:0.5+@b:0.5",
        "0.5",
        "1",
        "2",
        "4",
        "-1",
        "nan",
        "1e9",
        "\"",
        "#",
        "-",
        "*",
        "",
        "99:99",
        "é",
    ]);
    let line = prop::collection::vec(word, 0..5).prop_map(|words| words.join(" "));
    let lines = prop::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n"));
    prop_oneof![lines, any::<String>()]
}

#[test]
fn keyframes_give_weights_that_sum_to_one_or_are_refused() {
    let times = prop::collection::vec(prop_oneof![-1.0..120.0_f64, any::<f64>()], 1..8);
    check(file!(), 1024, (keyframes(), times), |(text, times)| {
        let Ok(parsed) = Keyframes::parse(text.as_bytes(), Path::new("keys.txt")) else {
            return Ok(());
        };
        let Ok(track) = parsed.track(Some(60.0)) else {
            return Ok(());
        };
        holds(&track, &times)
    });
}

fn holds(track: &Track, times: &[f64]) -> Result<(), TestCaseError> {
    let mut weights = Vec::new();
    for seconds in times {
        let held = track.at(*seconds, &mut weights);
        let sum: f32 = weights.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-4, "{sum} at {seconds}");
        prop_assert!((0.0..=1.0).contains(&held.strength) && (0.25..=4.0).contains(&held.brush));
    }
    Ok(())
}

#[test]
fn any_bytes_are_keyframes_or_refused() {
    check(
        file!(),
        512,
        prop::collection::vec(any::<u8>(), 0..200),
        |bytes| {
            let _ = Keyframes::parse(&bytes, Path::new("keys.txt"));
            Ok(())
        },
    );
}
