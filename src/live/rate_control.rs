//! Holds a frame rate: durations of frames go in, the size at which to paint comes out.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::error::{Error, Result};

/// The long sides in pixels between which it moves; a source adds its own.
/// One step up is a fifth to three fifths more work.
const STEPS: [u32; 20] = [
    192, 224, 256, 288, 320, 352, 384, 448, 512, 576, 640, 768, 896, 1024, 1280, 1536, 1920, 2560,
    3200, 3840,
];

/// The least side in pixels that is painted.
const LEAST_SIDE: f64 = 16.0;

/// The rates that can be asked for, in frames a second.
const RATES: RangeInclusive<f64> = 1.0..=240.0;

/// Warm-up frames after a change of size, which are not measured: the runtime plans and allocates for the new shape.
const WARM_UP: usize = 2;

/// Seconds for which frames are remembered, and how many are remembered at least and at most.
const WINDOW: f64 = 0.7;
const LEAST_FRAMES: usize = 3;
const MOST_FRAMES: usize = 64;

/// As shares of the time for one frame: over `MISSED` the rate is missed and the size falls at once, over `TIGHT` when that lasts
/// for `TIGHT_FOR` seconds. A fall aims at `AIM`. It climbs when the next step is predicted to stay under `ROOMY`.
/// The gap between `ROOMY` and `TIGHT` keeps it from oscillating with noise.
const MISSED: f64 = 1.1;
const TIGHT: f64 = 1.03;
const TIGHT_FOR: f64 = 3.0;
const AIM: f64 = 0.9;
const ROOMY: f64 = 0.8;

/// Seconds for which there must be room before it climbs.
const ROOMY_FOR: f64 = 2.0;

/// A climb that is taken back within `PROBATION` seconds has failed: it is not tried again for `LEAST_WAIT` seconds,
/// and after each failure for twice as long, up to `MOST_WAIT`.
const PROBATION: f64 = 20.0;
const LEAST_WAIT: f64 = 5.0;
const MOST_WAIT: f64 = 160.0;

/// Chooses the processing size, as the long side in pixels, from the durations of frames.
///
/// A frame's duration is assumed to be proportional to its pixels. Where that is wrong (a cache that overflows at one
/// size), a climb fails, is taken back within a second, and is tried again ever more rarely.
///
/// It reads no clock: `now` is the time since some fixed moment.
#[derive(Debug, Clone)]
pub(super) struct RateControl {
    steps: Vec<u32>,
    size: u32,
    /// Seconds for one frame; `None` when the size is fixed.
    budget: Option<f64>,
    /// When each recent frame at this size was done, and the seconds it took.
    frames: VecDeque<(f64, f64)>,
    to_ignore: usize,
    /// Whether nothing was measured so far: the first choice may go to any step at once.
    is_guess: bool,
    roomy_since: Option<f64>,
    tight_since: Option<f64>,
    /// When it last climbed to this size, if it did.
    climbed: Option<f64>,
    failed: Option<FailedSize>,
}

/// A size that was too large when it was last tried, and with it all larger ones.
#[derive(Debug, Clone, Copy)]
struct FailedSize {
    size: u32,
    until: f64,
    wait: f64,
}

impl RateControl {
    /// Hold `fps` frames a second with pictures of `source` (width and height in pixels). It begins at the step nearest
    /// below `first` and goes to the right one as soon as some frames are measured.
    ///
    /// # Errors
    /// [`Error::Invalid`] unless `fps` is 1..=240.
    pub(super) fn hold(fps: f64, first: u32, source: (u32, u32)) -> Result<Self> {
        if !RATES.contains(&fps) {
            let (least, most) = RATES.into_inner();
            let reason = format!("{fps} frames a second cannot be held; give {least} to {most}");
            return Err(Error::invalid("fps", reason));
        }
        let mut pace = Self::fixed(first, source);
        pace.budget = Some(1.0 / fps);
        pace.size = pace.nearest(first);
        Ok(pace)
    }

    /// Stay at the long side `size`, which need not be one of the steps and may be more than the source has.
    pub(super) fn fixed(size: u32, source: (u32, u32)) -> Self {
        Self {
            steps: steps(source),
            size,
            budget: None,
            frames: VecDeque::with_capacity(MOST_FRAMES),
            to_ignore: WARM_UP,
            is_guess: true,
            roomy_since: None,
            tight_since: None,
            climbed: None,
            failed: None,
        }
    }

    /// The long side in pixels at which to paint.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// Whether the rate is missed although the size is the smallest.
    pub(super) fn is_short(&self) -> bool {
        let over = |budget| self.median().is_some_and(|spent| spent > budget * MISSED);
        self.size == self.steps[0]
            && self.frames.len() >= LEAST_FRAMES
            && self.budget.is_some_and(over)
    }

    /// A frame with long side `size` was done at `now` and kept the engine busy for `spent`. Gives the new size when
    /// this changes it. Frames of another size than [`RateControl::size`] were begun before a change and are ignored.
    pub(super) fn frame(&mut self, size: u32, spent: Duration, now: Duration) -> Option<u32> {
        let budget = self.budget?;
        if size != self.size {
            return None;
        }
        if self.to_ignore > 0 {
            self.to_ignore -= 1;
            return None;
        }
        let now = now.as_secs_f64();
        self.remember(now, spent.as_secs_f64());
        let load = self.load(now)? / budget;
        let at = self.steps.iter().position(|step| *step == size)?;
        let to = self.choose(at, load, now);
        if to == at {
            return None;
        }
        self.go_to(self.steps[to]);
        self.climbed = (to == at + 1).then_some(now);
        Some(self.size)
    }

    /// One step larger or smaller, for the user. From then on the size is fixed, and the rate not held any more.
    /// Gives the new size.
    pub(super) fn step(&mut self, larger: bool) -> u32 {
        let next = if larger {
            self.steps.iter().find(|step| **step > self.size)
        } else {
            self.steps.iter().rfind(|step| **step < self.size)
        };
        self.budget = None;
        match next {
            Some(&next) => self.go_to(next),
            None => self.size,
        }
    }

    /// Frames are now of another size: the steps change, and the processing size with them unless it is fixed. Gives the
    /// size.
    pub(super) fn set_source(&mut self, source: (u32, u32)) -> u32 {
        self.steps = steps(source);
        if self.budget.is_some() {
            self.is_guess = true;
            self.go_to(self.nearest(self.size))
        } else {
            self.size
        }
    }

    /// The step to be at, with `load` the share of the budget that a frame takes at step `at`.
    fn choose(&mut self, at: usize, load: f64, now: f64) -> usize {
        let predicted = |to: usize| {
            let ratio = f64::from(self.steps[to]) / f64::from(self.steps[at]);
            load * ratio * ratio
        };
        let largest_under = |most: f64| {
            let step = (0..self.steps.len()).rfind(|to| predicted(*to) <= most);
            step.unwrap_or(0)
        };
        if std::mem::take(&mut self.is_guess) && (load > MISSED || largest_under(ROOMY) > at) {
            return largest_under(ROOMY);
        }
        let tight_for = lasting(&mut self.tight_since, load > TIGHT, now);
        if load > MISSED || tight_for.is_some_and(|t| t >= TIGHT_FOR) {
            let below = at.saturating_sub(1);
            if self.climbed.is_some_and(|t| now - t < PROBATION) {
                // The step below is known to hold the rate, whatever this size costs.
                self.remember_failure(now);
                return below;
            }
            return largest_under(AIM).min(below);
        }
        let lasted = self.climbed.is_some_and(|t| now - t >= PROBATION);
        if lasted && self.failed.is_some_and(|failed| self.size >= failed.size) {
            self.failed = None;
        }
        let above = self.steps.get(at + 1).copied();
        let roomy = above.is_some() && predicted(at + 1) < ROOMY;
        let roomy_for = lasting(&mut self.roomy_since, roomy, now);
        let is_open = |b: FailedSize| now >= b.until || above.is_none_or(|size| size < b.size);
        if roomy_for.is_some_and(|t| t >= ROOMY_FOR) && self.failed.is_none_or(is_open) {
            return at + 1;
        }
        at
    }

    /// This size is too large.
    fn remember_failure(&mut self, now: f64) {
        let again = self.failed.filter(|failed| failed.size == self.size);
        let wait = again.map_or(LEAST_WAIT, |failed| (failed.wait * 2.0).min(MOST_WAIT));
        self.failed = Some(FailedSize {
            size: self.size,
            until: now + wait,
            wait,
        });
    }

    fn go_to(&mut self, size: u32) -> u32 {
        self.size = size;
        self.frames.clear();
        self.to_ignore = WARM_UP;
        self.roomy_since = None;
        self.tight_since = None;
        self.climbed = None;
        size
    }

    fn remember(&mut self, now: f64, spent: f64) {
        // The oldest stays while it is needed to fill the window.
        while self.frames.len() >= LEAST_FRAMES
            && (self.frames.len() >= MOST_FRAMES || self.frames[1].0 <= now - WINDOW)
        {
            self.frames.pop_front();
        }
        self.frames.push_back((now, spent));
    }

    /// Median seconds of the recent frames, once there are enough of them: a single slow frame is ignored.
    fn load(&self, now: f64) -> Option<f64> {
        let (first, _) = *self.frames.front()?;
        let enough = self.frames.len() >= MOST_FRAMES || now - first >= WINDOW;
        (enough && self.frames.len() >= LEAST_FRAMES).then(|| self.median())?
    }

    fn median(&self) -> Option<f64> {
        let mut sorted = [0.0; MOST_FRAMES];
        let sorted = sorted.get_mut(..self.frames.len())?;
        for (slot, (_, spent)) in sorted.iter_mut().zip(&self.frames) {
            *slot = *spent;
        }
        let middle = sorted.len() / 2;
        (!sorted.is_empty()).then(|| *sorted.select_nth_unstable_by(middle, f64::total_cmp).1)
    }

    /// The largest step that is not over `size`, or the smallest.
    fn nearest(&self, size: u32) -> u32 {
        let below = self.steps.iter().rfind(|step| **step <= size);
        *below.unwrap_or(&self.steps[0])
    }
}

/// For how many seconds `holds` has been true without a break.
fn lasting(since: &mut Option<f64>, holds: bool, now: f64) -> Option<f64> {
    if !holds {
        *since = None;
        return None;
    }
    Some(now - *since.get_or_insert(now))
}

/// The long sides for pictures of `source`: never larger than it, never with a short side too small to paint.
/// At least one.
fn steps((width, height): (u32, u32)) -> Vec<u32> {
    let (long, short) = (width.max(height).max(1), width.min(height).max(1));
    let paintable =
        |step: &u32| f64::from(*step) * f64::from(short) / f64::from(long) >= LEAST_SIDE;
    let below = STEPS.into_iter().take_while(|step| *step < long);
    below.filter(paintable).chain([long]).collect()
}

#[cfg(test)]
mod tests;
