//! The options of `film`, its progress, and what it did.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use super::keyframes::{KeyStyle, Keyframes};
use super::style_track::{Moment, StyleTrack};
use crate::device::Choice;
use crate::engine::{BRUSHES, EngineBuilder, auto_brush};
use crate::error::{Error, Result};
use crate::jobs::check_size;
use crate::picture::Colors;
use crate::progress::{Progress, Silent};
use crate::style::StyleArgument;
use crate::video::Ratio;

/// What to paint, how, and where to put it.
#[derive(Debug, Clone)]
pub struct FilmJob {
    /// The film: anything that ffmpeg reads, or without ffmpeg a GIF, PNG or WebP.
    pub film: PathBuf,
    /// One style, or several to blend (or, with `glide`, to go through).
    pub styles: Vec<StyleArgument>,
    /// Glide through the styles in their order, from the first frame to the last.
    pub glide: bool,
    /// A table of styles, strength and brush over time ([`keyframes`](super::keyframes)), in place of `styles`, `glide` and
    /// `strength`.
    pub keyframes: Option<PathBuf>,
    /// 0 is the photo, 1 the painting.
    pub strength: f32,
    /// The long side of the painted film in pixels, of [`SIZES`](crate::jobs::SIZES), its pixels square; the film's own size
    /// and pixels when absent.
    pub size: Option<u32>,
    /// How large the strokes are, of [`BRUSHES`]; when absent, [`auto_brush`] of the painted film's size. Keyframes have
    /// their own.
    pub brush: Option<f32>,
    /// What becomes of the colours.
    pub colors: Colors,
    /// How still strokes are held along the movement, 0..=1; see [`Steady`](crate::motion::Steady).
    pub steady: f32,
    /// Where to begin and end, in seconds from the film's beginning.
    pub start: Option<f64>,
    /// See `start`.
    pub end: Option<f64>,
    /// The codec, by ffmpeg's name of its encoder; chosen by the output's kind when absent.
    pub codec: Option<String>,
    /// The quality in the codec's own scale, smaller is finer.
    pub crf: Option<u8>,
    /// Frames of a piece: so many at most are painted again after a kill.
    pub piece: u64,
    /// The painted film: `.mp4`, `.m4v`, `.mov`, `.mkv` or `.webm`; an animation: `.gif`, `.png` or `.apng`, `.webp`. Of a preview a picture.
    pub output: PathBuf,
    /// The user's gallery, when not the usual one.
    pub gallery: Option<PathBuf>,
    /// Networks and device.
    pub engine: EngineBuilder,
}

impl FilmJob {
    /// Frames of a piece, when nothing is asked for.
    pub const PIECE: u64 = 60;

    pub(super) fn check(&self) -> Result<()> {
        if self.keyframes.is_some() {
            let given = [
                ("style", !self.styles.is_empty()),
                ("glide-over-film", self.glide),
                ("strength", self.strength != 1.0),
                ("brush", self.brush.is_some()),
            ];
            if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
                let reason = "stands in the keyframe file; leave it out, or leave out --keyframes";
                return Err(Error::invalid(*option, reason));
            }
        } else if self.styles.is_empty() {
            let reason = "at least one is needed: a picture, or @name (`impasto styles list`)";
            return Err(Error::invalid("style", reason));
        }
        if self.glide && self.styles.len() < 2 {
            let reason = "leads from one style to another; give --style at least twice";
            return Err(Error::invalid("glide-over-film", reason));
        }
        if self.glide && self.styles.iter().any(|style| style.weight != 1.0) {
            let reason = "takes each style in its turn; leave the weights out";
            return Err(Error::invalid("glide-over-film", reason));
        }
        if !(0.0..=1.0).contains(&self.strength) {
            let reason = format!("{} is not between 0 and 1", self.strength);
            return Err(Error::invalid("strength", reason));
        }
        if let Some(brush) = self.brush.filter(|b| !BRUSHES.contains(b)) {
            let (least, most) = BRUSHES.into_inner();
            let reason = format!("{brush} is not between {least} and {most}");
            return Err(Error::invalid("brush", reason));
        }
        self.colors.check()?;
        if !(0.0..=1.0).contains(&self.steady) {
            let reason = format!("{} is not between 0 and 1", self.steady);
            return Err(Error::invalid("steady", reason));
        }
        if !(1..=100_000).contains(&self.piece) {
            return Err(Error::invalid(
                "piece",
                "is not between 1 and 100000 frames",
            ));
        }
        for (name, time) in [("start", self.start), ("end", self.end)] {
            if time.is_some_and(|t| !t.is_finite() || t < 0.0) {
                return Err(Error::invalid(name, "is not a time of 0 seconds or more"));
            }
        }
        if let (Some(start), Some(end)) = (self.start, self.end)
            && start >= end
        {
            return Err(Error::invalid("end", "is not behind the start"));
        }
        check_size(self.size)
    }

    /// The keyframe file, where there is one.
    pub(super) fn keys(&self) -> Result<Option<Keyframes>> {
        self.keyframes.as_deref().map(Keyframes::open).transpose()
    }

    /// Every style that is painted with, in the order of the weights.
    pub(super) fn all_styles(&self, keys: Option<&Keyframes>) -> Vec<StyleArgument> {
        match keys {
            Some(keys) => keys.styles().iter().map(KeyStyle::argument).collect(),
            None => self.styles.clone(),
        }
    }

    /// The styles over the time of a film of `size` (width, height) whose last frame begins `length` seconds after its first.
    pub(super) fn track(&self, length: f64, size: (u32, u32)) -> StyleTrack {
        let brush = self.brush.unwrap_or_else(|| auto_brush(size));
        match self.glide {
            true => StyleTrack::Glide {
                styles: self.styles.len(),
                length,
                strength: self.strength,
                brush,
            },
            false => StyleTrack::Still(Moment {
                weights: self.styles.iter().map(|style| style.weight).collect(),
                strength: self.strength,
                brush,
            }),
        }
    }
}

/// How far a film is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Frames that are done, those of earlier runs included.
    pub done: u64,
    /// Frames of the film, as far as it says.
    pub total: u64,
    /// Frames a second in this run; 0 before the first.
    pub rate: f64,
    /// The time that is left at that rate.
    pub left: Option<Duration>,
}

impl Pace {
    pub(super) fn new(resumed: u64, frames: u64, total: u64, spent: Duration) -> Self {
        let rate = frames as f64 / spent.as_secs_f64().max(1e-9);
        let done = resumed + frames;
        let left = (frames > 0).then(|| total.saturating_sub(done) as f64 / rate);
        Self {
            done,
            total: total.max(done),
            rate,
            left: left.and_then(|left| Duration::try_from_secs_f64(left).ok()),
        }
    }
}

/// Receives the progress of a film.
pub trait FilmProgress: Progress {
    /// Called before each frame. `Break` ends the job as in [`Progress::step`].
    fn frames(&mut self, pace: &Pace) -> ControlFlow<()> {
        let frames = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        self.step(frames(pace.done), frames(pace.total), "frames")
    }
}

impl FilmProgress for Silent {}

/// What a job did.
#[derive(Debug)]
pub struct FilmSummary {
    /// The model's name.
    pub model: String,
    /// The device, and why it was taken.
    pub device: Choice,
    /// The file written.
    pub output: PathBuf,
    /// Width and height that were painted, in pixels.
    pub size: (u32, u32),
    /// The frames of the film.
    pub frames: u64,
    /// How many of them an earlier run had painted.
    pub resumed: u64,
    /// Frames a second; `None` where each has its own time.
    pub rate: Option<Ratio>,
    /// Length in seconds.
    pub duration: f64,
    /// How many tracks of sound it has.
    pub sound: usize,
    /// How long decoding, painting and encoding took.
    pub wall: Duration,
    /// The part of it in which the networks ran.
    pub network: Duration,
}

impl FilmSummary {
    /// The share of the time in which the networks ran: 1 when they are the only thing that a film waits for.
    pub fn network_share(&self) -> f64 {
        self.network.as_secs_f64() / self.wall.as_secs_f64().max(1e-9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_frames_of_this_run() {
        let pace = Pace::new(100, 20, 200, Duration::from_secs(10));
        assert_eq!((pace.done, pace.total, pace.rate), (120, 200, 2.0));
        assert_eq!(pace.left, Some(Duration::from_secs(40)));
        assert_eq!(Pace::new(0, 0, 10, Duration::ZERO).left, None);
        assert_eq!(Pace::new(0, 12, 10, Duration::from_secs(1)).total, 12);
    }
}
