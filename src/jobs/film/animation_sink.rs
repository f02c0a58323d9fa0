//! Painted frames with their times go in; an animation comes out. A frame is written when the next one tells how long it is
//! shown.

use super::painter::Carry;
use super::pipeline::FilmSink;
use crate::error::Result;
use crate::video::animation::{Writer, Written};
use crate::video::{Ratio, TimedFrame};

pub(super) struct AnimationSink {
    writer: Writer,
    /// Seconds of a tick, as a ratio.
    tick: Ratio,
    /// When the last frame ends.
    end: u64,
    held: TimedFrame,
    is_held: bool,
}

impl AnimationSink {
    pub(super) fn new(writer: Writer, tick: Ratio, end: u64) -> Self {
        Self {
            writer,
            tick,
            end,
            held: TimedFrame::default(),
            is_held: false,
        }
    }

    /// Write the frame that is held, which is shown until the tick `next`.
    fn release(&mut self, next: u64) -> Result<()> {
        if std::mem::take(&mut self.is_held) {
            let seconds = seconds(next.saturating_sub(self.held.tick), self.tick);
            self.writer.write(&self.held.rgb, seconds)?;
        }
        Ok(())
    }

    /// Complete the animation, and give it its name. Only a film that was painted to its end gets there.
    pub(super) fn close(mut self) -> Result<Written> {
        self.release(self.end.max(self.held.tick + 1))?;
        self.writer.close()
    }
}

impl FilmSink for AnimationSink {
    fn write(&mut self, frame: &TimedFrame, _carry: Option<&Carry>) -> Result<()> {
        self.release(frame.tick)?;
        self.held.rgb.clone_from(&frame.rgb);
        (self.held.number, self.held.tick) = (frame.number, frame.tick);
        self.is_held = true;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        // Also called for a film that broke off, which does not get its name.
        Ok(())
    }
}

/// `ticks` as seconds, in lowest terms where they would not fit otherwise.
fn seconds(ticks: u64, tick: Ratio) -> Ratio {
    let mut top = u128::from(ticks) * u128::from(tick.numerator);
    let mut bottom = u128::from(tick.denominator.max(1));
    let (mut a, mut b) = (top, bottom);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    top /= a.max(1);
    bottom /= a.max(1);
    // Beyond 32 bits a millisecond is fine enough.
    match (u32::try_from(top), u32::try_from(bottom)) {
        (Ok(top), Ok(bottom)) => Ratio::new(top, bottom),
        _ => Ratio::new(u32::try_from(top * 1000 / bottom).unwrap_or(u32::MAX), 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_exact_seconds() {
        assert_eq!(seconds(4, Ratio::new(1, 100)), Ratio::new(1, 25));
        assert_eq!(seconds(1, Ratio::new(1001, 30000)), Ratio::new(1001, 30000));
        assert_eq!(seconds(0, Ratio::new(1, 25)), Ratio::new(0, 1));
        let long = seconds(u64::from(u32::MAX) * 3, Ratio::new(1, 999_999));
        assert!((long.value() - 12_884.91).abs() < 0.01, "{long}");
    }
}
