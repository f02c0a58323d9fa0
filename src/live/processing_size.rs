//! The size that the networks see: the size of a frame, the brush and the user's setting go in, the processing size comes
//! out. A source's own size is known only when its first frame comes.
//!
//! The brush says at which size a frame would be painted, and what the machine holds is a limit to that: strokes are as
//! large as the brush asks for, or larger.

use std::time::Duration;

use super::rate_control::RateControl;
use crate::engine::painted_size;
use crate::error::Result;

/// The first size when a rate is held, as a long side in pixels: any computer of today paints it a few times a second.
const FIRST: u32 = 320;

/// The least side that is painted, in pixels.
const LEAST: u32 = 16;

/// The user's setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum SizeSetting {
    /// The size that the brush asks for.
    SourceSize,
    /// This long side, or that of the brush where it is smaller.
    Fixed(u32),
    /// As large as this many frames a second allow.
    HoldRate(f64),
}

/// Chooses the size to paint at.
pub(super) struct ProcessingSize {
    setting: SizeSetting,
    brush: f32,
    control: Option<RateControl>,
    /// The size that the brush asks for.
    reach: (u32, u32),
}

impl ProcessingSize {
    /// With a brush of [`BRUSHES`](crate::engine::BRUSHES).
    pub(super) fn new(setting: SizeSetting, brush: f32) -> Self {
        Self {
            setting,
            brush,
            control: None,
            reach: (0, 0),
        }
    }

    /// The size to paint a frame of `source` at, in its proportions.
    ///
    /// # Errors
    /// When the rate to hold is out of range.
    pub(super) fn size(&mut self, source: (u32, u32)) -> Result<(u32, u32)> {
        let reach = painted_size(source, self.brush);
        let long = match &mut self.control {
            Some(control) if reach == self.reach => control.size(),
            Some(control) => control.set_source(reach),
            None => {
                let control = match self.setting {
                    SizeSetting::SourceSize => RateControl::fixed(u32::MAX, reach),
                    SizeSetting::Fixed(size) => RateControl::fixed(size, reach),
                    SizeSetting::HoldRate(fps) => RateControl::hold(fps, FIRST, reach)?,
                };
                self.control.insert(control).size()
            }
        };
        self.reach = reach;
        Ok(fit(reach, long))
    }

    /// A frame was painted at `size` in `spent`; it was done at `now`.
    pub(super) fn painted(&mut self, size: (u32, u32), spent: Duration, now: Duration) {
        if let Some(control) = &mut self.control
            && size == fit(self.reach, control.size())
        {
            let at = control.size();
            control.frame(at, spent, now);
        }
    }

    /// Whether the rate that was asked for is missed although the size is the smallest.
    pub(super) fn is_short(&self) -> bool {
        self.control.as_ref().is_some_and(RateControl::is_short)
    }

    /// The brush of the following frames, one of [`BRUSHES`](crate::engine::BRUSHES).
    pub(super) fn set_brush(&mut self, brush: f32) {
        self.brush = brush;
    }

    /// The brush.
    pub(super) fn brush(&self) -> f32 {
        self.brush
    }

    /// One step larger or smaller, for the user; the rate is not held any more.
    pub(super) fn step(&mut self, larger: bool) {
        if let Some(control) = &mut self.control {
            control.step(larger);
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
        for (setting, source, size) in [
            (SizeSetting::Fixed(320), (640, 480), (320, 240)),
            (SizeSetting::Fixed(320), (480, 640), (240, 320)),
            (SizeSetting::Fixed(2000), (640, 480), (640, 480)),
            (SizeSetting::Fixed(16), (1920, 100), (16, 16)),
            (SizeSetting::SourceSize, (333, 251), (333, 251)),
            (SizeSetting::HoldRate(24.0), (640, 480), (320, 240)),
            (SizeSetting::HoldRate(24.0), (160, 120), (160, 120)),
        ] {
            assert_eq!(
                ProcessingSize::new(setting, 1.0).size(source).unwrap(),
                size,
                "{setting:?} {source:?}"
            );
        }
    }

    #[test]
    fn a_brush_divides_the_frame_and_the_machine_limits_it() {
        for (setting, brush, size) in [
            (SizeSetting::SourceSize, 2.0, (960, 540)),
            (SizeSetting::SourceSize, 0.5, (3840, 2160)),
            (SizeSetting::Fixed(640), 2.0, (640, 360)),
            (SizeSetting::Fixed(640), 4.0, (480, 270)),
            (SizeSetting::HoldRate(24.0), 2.0, (320, 180)),
        ] {
            let mut sizing = ProcessingSize::new(setting, brush);
            let painted = sizing.size((1920, 1080)).unwrap();
            assert_eq!(painted, size, "{setting:?} {brush}");
        }
        // A machine that has time climbs up to what the brush asks for, and no further.
        let mut sizing = ProcessingSize::new(SizeSetting::HoldRate(24.0), 4.0);
        let paint = |sizing: &mut ProcessingSize, from: u32| {
            let mut size = (0, 0);
            for n in from..from + 100 {
                size = sizing.size((1920, 1080)).unwrap();
                let (spent, now) = (Duration::from_millis(1), Duration::from_millis(33) * n);
                sizing.painted(size, spent, now);
            }
            size
        };
        assert_eq!(paint(&mut sizing, 0), (480, 270));
        sizing.set_brush(2.0);
        assert_eq!(paint(&mut sizing, 100), (960, 540));
        sizing.set_brush(4.0);
        assert_eq!(sizing.size((1920, 1080)).unwrap(), (480, 270));
    }

    #[test]
    fn a_source_that_changes_is_followed() {
        let mut sizing = ProcessingSize::new(SizeSetting::HoldRate(24.0), 1.0);
        sizing.size((640, 480)).unwrap();
        assert_eq!(sizing.size((1280, 720)).unwrap(), (320, 180));
        sizing.step(true);
        assert_eq!(sizing.size((1280, 720)).unwrap(), (352, 198));
        assert!(
            ProcessingSize::new(SizeSetting::HoldRate(0.0), 1.0)
                .size((64, 48))
                .is_err()
        );
    }
}
