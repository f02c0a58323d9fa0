//! An animation's file in; its size, the time of each frame and how often it plays out, before a pixel is decoded.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;

use super::clock::{Clock, common_divisor};
use super::fault::{Fault, check_size};
use super::format::{Format, Plays};
use super::limits::Limits;
use super::scan::scan;
use crate::error::{Error, Result};
use crate::files;
use crate::picture::claims;
use crate::video::Ratio;

/// The finest clock, in ticks a second.
const FINEST: u32 = 1_000_000;

/// What an animation's headers say.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// Its format.
    pub format: Format,
    /// Width of every frame in pixels.
    pub width: u32,
    /// Height of every frame in pixels.
    pub height: u32,
    /// How often it plays.
    pub plays: Plays,
    /// The seconds for which each frame is shown, exactly as the file has them: hundredths in a GIF, thousandths in a
    /// WebP, any fraction in a PNG. A time of 0 (in a GIF also of 0.01 s) is 0.1 s, as browsers show it.
    pub durations: Vec<Ratio>,
    /// Whether it is an animation; a picture that is none is a film of one frame, shown for 0.1 s.
    pub animated: bool,
}

impl Timeline {
    /// Read the headers of the file `path`.
    ///
    /// # Errors
    /// [`Error::Decode`] where it is no GIF, PNG or WebP, is cut short anywhere, is damaged or has too many frames;
    /// [`Error::TooLarge`], [`Error::Read`].
    pub fn read(path: &Path, limits: &Limits) -> Result<Self> {
        Self::open(path, limits).map(|(timeline, _)| timeline)
    }

    /// The same, and the file at its beginning.
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<(Self, BufReader<File>)> {
        let decode = |reason: String| Error::Decode {
            path: path.to_owned(),
            reason,
        };
        let format = Format::of_file(path)?.ok_or_else(|| {
            decode("the file is no GIF, PNG or WebP, whatever its name says".into())
        })?;
        let file = files::open(path).map_err(Error::read(path))?;
        let length = file.metadata().map_err(Error::read(path))?.len();
        if length > limits.max_file_bytes {
            let most = limits.max_file_bytes >> 20;
            return Err(decode(format!(
                "the file is over the limit of {most} MiB; split it first"
            )));
        }
        let mut input = BufReader::new(file);
        let headers = scan(&mut input, length, format, limits.max_frames)
            .map_err(|broken| broken.fault.explain(path, format, broken.frames))?;
        check_size(path, format, headers.size, limits)?;
        check_size(path, format, headers.largest, limits)?;
        for (width, height) in [headers.size, headers.largest] {
            let pixels = u64::from(width) * u64::from(height);
            if !claims::can_hold(length, pixels, format.pixels_of_a_byte()) {
                let title = format.title();
                return Err(decode(claims::refusal(title, (width, height), length)));
            }
        }
        if headers.durations.is_empty() {
            let none = Fault::damaged("has no frames");
            return Err(none.explain(path, format, 0));
        }
        let timeline = Self {
            format,
            width: headers.size.0,
            height: headers.size.1,
            plays: headers.plays,
            durations: headers.durations,
            animated: headers.animated,
        };
        let (seconds, most) = (timeline.seconds(), limits.max_seconds);
        if seconds > f64::from(most) {
            return Err(decode(format!(
                "it lasts {seconds:.0} seconds, and the limit is {most}; split it first"
            )));
        }
        input.rewind().map_err(Error::read(path))?;
        Ok((timeline, input))
    }

    /// How many frames it has; at least 1.
    pub fn frames(&self) -> usize {
        self.durations.len()
    }

    /// The seconds that one play lasts.
    pub fn seconds(&self) -> f64 {
        self.durations.iter().map(|d| d.value()).sum()
    }

    /// A clock for its frames: the seconds of a tick, and the tick at which each frame begins, with the end of the last
    /// one behind them. Exact, but for a PNG whose fractions have no common clock of a microsecond or coarser.
    pub fn clock(&self) -> (Ratio, Vec<u64>) {
        let mut denominators = self.durations.iter().map(|d| d.denominator.max(1));
        let common = denominators.try_fold(1_u32, |common, d| {
            let divisor = common_divisor(common, d);
            (common / divisor).checked_mul(d).filter(|c| *c <= FINEST)
        });
        let second = common.unwrap_or(FINEST);
        let mut rounding = Clock::new(second, 1);
        let mut ticks = vec![0];
        let mut now = 0;
        for seconds in &self.durations {
            now += rounding.ticks(*seconds).unwrap_or(0);
            ticks.push(now);
        }
        (Ratio::new(1, second), ticks)
    }

    /// Frames a second, where every frame is shown for the same time; `None` where the times differ.
    pub fn rate(&self) -> Option<Ratio> {
        let first = *self.durations.first()?;
        let same = |d: &Ratio| {
            u64::from(d.numerator) * u64::from(first.denominator)
                == u64::from(first.numerator) * u64::from(d.denominator)
        };
        let steady = self.durations.iter().all(same);
        steady.then_some(Ratio::new(first.denominator, first.numerator))
    }
}
