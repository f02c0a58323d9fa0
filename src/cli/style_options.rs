//! Values of flags that more than one command takes.

use clap::builder::RangedI64ValueParser;
use impasto::app::SIZES;
use impasto::runtime::THREADS;

/// A finite number. Ranges are checked by the job, which knows what the number means.
pub fn finite(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("'{text}' is not a finite number")),
    }
}

/// Threads of the CPU.
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
