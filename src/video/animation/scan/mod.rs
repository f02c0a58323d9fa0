//! The headers of an animation's file in; its size, the time of each frame and how often it plays out. No pixel is
//! decoded: frames are skipped by their lengths.

mod gif;
mod png;
mod walk;
mod webp;

use std::io::{Read, Seek};

use super::fault::Found;
use super::format::{Format, Plays};
use crate::video::Ratio;
use walk::Walk;

/// Seconds for which a frame is shown whose time is 0, as browsers do; and the time of a picture that is no animation.
const UNTIMED: Ratio = Ratio::new(10, 100);

/// What the headers say.
#[derive(Debug)]
pub(super) struct Headers {
    /// Width and height of the canvas.
    pub size: (u32, u32),
    /// The largest frame, which may be larger than the canvas.
    pub largest: (u32, u32),
    pub plays: Plays,
    /// The seconds of each frame.
    pub durations: Vec<Ratio>,
    /// Whether it is an animation, though perhaps of one frame.
    pub animated: bool,
}

impl Headers {
    fn new(size: (u32, u32)) -> Self {
        Self {
            size,
            largest: size,
            plays: Plays::ONCE,
            durations: Vec::new(),
            animated: false,
        }
    }

    /// Note a frame's own size, to be held against the limits.
    fn frame(&mut self, (width, height): (u32, u32)) {
        let area = |(w, h): (u32, u32)| u64::from(w) * u64::from(h);
        if area((width, height)) > area(self.largest) {
            self.largest = (width, height);
        }
    }

    /// A picture, and no animation.
    fn still(mut self) -> Self {
        self.animated = false;
        self.plays = Plays::ONCE;
        self.durations.clear();
        self.durations.push(UNTIMED);
        self
    }
}

/// A scan that failed, and the frames that are whole before that place.
pub(super) struct Broken {
    pub fault: super::fault::Fault,
    pub frames: usize,
}

/// Read the headers of `input`, a file of `length` bytes and of the kind `format`.
pub(super) fn scan(
    input: &mut (impl Read + Seek),
    length: u64,
    format: Format,
    most_frames: u32,
) -> Result<Headers, Broken> {
    let mut frames = 0;
    let mut walk = Walk::new(input, length, most_frames, &mut frames);
    let found: Found<Headers> = match format {
        Format::Gif => gif::scan(&mut walk),
        Format::Png => png::scan(&mut walk),
        Format::WebP => webp::scan(&mut walk),
    };
    found.map_err(|fault| Broken { fault, frames })
}
