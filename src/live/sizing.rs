//! The size that the networks see, for a source whose own size is known only when its first frame comes.

use std::time::Duration;

use super::pace::Pace;
use crate::error::Result;

/// Where a held rate begins, as a long side in pixels: a size that any machine of today paints a few times a second.
const FIRST: u32 = 320;

/// The least side that is painted, in pixels.
const LEAST: u32 = 16;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wish {
    /// The source's own size.
    Whole,
    /// This long side, or the source's own where that is smaller.
    Fixed(u32),
    /// As large as this many frames a second allow.
    Hold(f64),
}

/// Says how large to paint.
pub(super) struct Sizing {
    wish: Wish,
    pace: Option<Pace>,
    source: (u32, u32),
}

impl Sizing {
    pub(super) fn new(wish: Wish) -> Self {
        Self {
            wish,
            pace: None,
            source: (0, 0),
        }
    }

    /// The size to paint a frame of `source` at, in its proportions.
    ///
    /// # Errors
    /// When the rate to be held makes no sense.
    pub(super) fn size(&mut self, source: (u32, u32)) -> Result<(u32, u32)> {
        let long = match &mut self.pace {
            Some(pace) if source == self.source => pace.size(),
            Some(pace) => pace.set_source(source),
            None => {
                let pace = match self.wish {
                    Wish::Whole => Pace::fixed(u32::MAX, source),
                    Wish::Fixed(size) => Pace::fixed(size, source),
                    Wish::Hold(fps) => Pace::hold(fps, FIRST, source)?,
                };
                self.pace.insert(pace).size()
            }
        };
        self.source = source;
        Ok(fit(source, long))
    }

    /// A frame was painted at `size`, and took the painter `spent`; it was done at `now`.
    pub(super) fn painted(&mut self, size: (u32, u32), spent: Duration, now: Duration) {
        if let Some(pace) = &mut self.pace
            && size == fit(self.source, pace.size())
        {
            let at = pace.size();
            pace.frame(at, spent, now);
        }
    }

    /// Whether the rate that was asked for is missed although the size is as small as it gets.
    pub(super) fn is_short(&self) -> bool {
        self.pace.as_ref().is_some_and(Pace::is_short)
    }

    /// A step up or down by hand; the rate is not held any more.
    pub(super) fn nudge(&mut self, larger: bool) {
        if let Some(pace) = &mut self.pace {
            pace.nudge(larger);
        }
    }
}

/// `source` with a long side of at most `long`, never smaller than can be painted.
fn fit((width, height): (u32, u32), long: u32) -> (u32, u32) {
    let most = width.max(height).max(1);
    if long >= most {
        return (width, height);
    }
    let side = |n: u32| {
        let scaled = (u64::from(n) * u64::from(long) + u64::from(most) / 2) / u64::from(most);
        u32::try_from(scaled).unwrap_or(n).max(LEAST).min(n)
    };
    (side(width), side(height))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_their_proportions_and_never_grow() {
        for (wish, source, size) in [
            (Wish::Fixed(320), (640, 480), (320, 240)),
            (Wish::Fixed(320), (480, 640), (240, 320)),
            (Wish::Fixed(2000), (640, 480), (640, 480)),
            (Wish::Fixed(16), (1920, 100), (16, 16)),
            (Wish::Whole, (333, 251), (333, 251)),
            (Wish::Hold(24.0), (640, 480), (320, 240)),
            (Wish::Hold(24.0), (160, 120), (160, 120)),
        ] {
            assert_eq!(
                Sizing::new(wish).size(source).unwrap(),
                size,
                "{wish:?} {source:?}"
            );
        }
    }

    #[test]
    fn a_source_that_changes_is_followed() {
        let mut sizing = Sizing::new(Wish::Hold(24.0));
        sizing.size((640, 480)).unwrap();
        assert_eq!(sizing.size((1280, 720)).unwrap(), (320, 180));
        sizing.nudge(true);
        assert_eq!(sizing.size((1280, 720)).unwrap(), (352, 198));
        assert!(Sizing::new(Wish::Hold(0.0)).size((64, 48)).is_err());
    }
}
