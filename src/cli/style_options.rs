//! The text of a flag that several commands have in; its value out.

use clap::builder::RangedI64ValueParser;
use impasto::engine::TILES;
use impasto::jobs::{REFINE_STEPS, Refined, SIZES};
use impasto::runtime::THREADS;

/// A finite number. Ranges are checked by the job, which knows what the number means.
pub fn finite(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("'{text}' is not a finite number")),
    }
}

/// The value of `--brush`: a number, or none for one that fits the picture's size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush(pub Option<f32>);

/// `auto` or a finite number.
pub fn brush(text: &str) -> Result<Brush, String> {
    if text == "auto" {
        return Ok(Brush(None));
    }
    match finite(text) {
        Ok(number) => Ok(Brush(Some(number))),
        Err(_) => Err(format!(
            "'{text}' is neither auto nor a number from 0.25 to 4"
        )),
    }
}

/// CPU threads.
pub fn threads() -> RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(*THREADS.start() as i64..=*THREADS.end() as i64)
}

/// A side in pixels.
pub fn size(text: &str) -> Result<u32, String> {
    match text.parse::<u32>() {
        Ok(side) if SIZES.contains(&side) => Ok(side),
        _ => Err(format!(
            "'{text}' is not a whole number of pixels between {} and {}",
            SIZES.start(),
            SIZES.end()
        )),
    }
}

/// The side of a tile.
pub fn tile() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(i64::from(*TILES.start())..=i64::from(*TILES.end()))
}

/// The steps of `--refine` without a number; a test holds it equal to `impasto::jobs::REFINE_DEFAULT`.
pub const DEFAULT_STEPS: &str = "30";

/// Steps of a refinement.
pub fn steps() -> RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(*REFINE_STEPS.start() as i64..=*REFINE_STEPS.end() as i64)
}

/// The result of a refinement, for people.
pub fn refinement(refined: &Refined) -> String {
    let (before, after) = (refined.before, refined.after);
    format!(
        "refined in {} steps: style error {:.3} -> {:.3}, content error {:.3} -> {:.3}, measured by {}",
        refined.steps, before.style, after.style, before.content, after.content, refined.features
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brushes_are_read_as_written() {
        assert_eq!(brush("auto"), Ok(Brush(None)));
        assert_eq!(brush("2.5"), Ok(Brush(Some(2.5))));
        for text in ["", "Auto", "x2", "nan", "inf"] {
            assert!(brush(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_default_of_the_flag_is_that_of_the_library() {
        let default = impasto::jobs::REFINE_DEFAULT.to_string();
        assert_eq!(DEFAULT_STEPS, default);
    }
}
