//! The times of a film's frames in; its rate, exactly, or the fact that it has none, out. Also which frames are between a
//! start and an end.

use super::packets::Packets;
use super::probe::VideoStream;
use crate::error::{Error, Result};
use crate::video::Ratio;

/// The finest clock of a film of variable rate, in ticks a second: MP4 counts a film's length in 32 bits at best.
const FINEST: u32 = 1_000_000;

/// The frame rates that a film of constant rate may have.
const RATES: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

/// How the frames of a film follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// At this many frames a second.
    Constant(Ratio),
    /// Each at its own time.
    Variable,
}

/// The clock of a film, and the frames of it that are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// Constant or variable.
    pub timing: Timing,
    /// Seconds of a tick of the painted film, as a ratio. A tick of a film of constant rate is a frame.
    pub tick: Ratio,
    /// The number of frames, as far as the file says.
    pub frames: u64,
    /// When the last frame begins, in ticks from the first one.
    pub last: u64,
    /// How long the last frame is shown, in ticks.
    pub last_duration: u64,
    /// The first frame's time in ticks of the stream; none where it has no times.
    pub first: Option<i64>,
    /// Where the range begins and ends, in ticks of the stream.
    range: (Option<i64>, Option<i64>),
    /// Seconds of a tick of the stream, as a ratio.
    stream: Ratio,
}

impl Timeline {
    /// The timeline of the frames of `video` between `start` and `end`, in seconds of the stream's own clock.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is no frame in that range.
    pub fn new(
        video: &VideoStream,
        packets: &Packets,
        start: Option<f64>,
        end: Option<f64>,
    ) -> Result<Self> {
        let per_second = 1.0 / video.time_base.value();
        let ticks = |seconds: f64| (seconds * per_second - 1e-6).ceil() as i64;
        let range = (start.map(ticks), end.map(ticks));
        let inside = |time: &&i64| {
            range.0.is_none_or(|from| **time >= from) && range.1.is_none_or(|to| **time < to)
        };
        let times: Vec<i64> = packets.times.iter().filter(inside).copied().collect();
        let timing = timing(video, &packets.times)?;
        let (tick, stream) = (tick(timing, video.time_base), video.time_base);
        let mut timeline = Self {
            timing,
            tick,
            frames: if packets.times.is_empty() {
                packets.count
            } else {
                times.len() as u64
            },
            last: 0,
            last_duration: 1,
            first: times.first().copied(),
            range,
            stream,
        };
        if timeline.frames == 0 {
            let reason = match start.or(end) {
                Some(_) => "there is no frame between this time and the end that was given",
                None => "the film has no frames",
            };
            return Err(Error::invalid("start", reason));
        }
        timeline.last = match times.last() {
            Some(last) => timeline.ticks(*last, stream).unwrap_or(0).max(0) as u64,
            None => timeline.frames - 1,
        };
        if timing == Timing::Variable {
            let last = packets
                .last_duration
                .filter(|_| times.last() == packets.times.last());
            let next = packets
                .times
                .get(packets.times.partition_point(|t| Some(t) <= times.last()));
            let gap = next.zip(times.last()).map(|(next, last)| next - last);
            let mean = (timeline.last / timeline.frames.max(2).saturating_sub(1)).max(1);
            // Where no packet tells, the stream's own length may.
            let header = (video.duration.zip(packets.times.first()).zip(times.last()))
                .map(|((length, first), last)| (length * per_second).round() as i64 + first - last)
                .filter(|d| *d > 0 && rescale(*d, stream, tick) <= 10 * mean as i64);
            let found = gap.or(last).or(header);
            timeline.last_duration = found
                .map(|d| rescale(d, stream, tick).max(1) as u64)
                .unwrap_or(mean);
        }
        Ok(timeline)
    }

    /// A time of the decoder, in units of `base`, as ticks from the first frame; `None` when the film has no times.
    pub fn ticks(&self, time: i64, base: Ratio) -> Option<i64> {
        let first = self.first?;
        // Differences are taken in the decoder's units: those of the stream, or finer ones.
        let first = rescale(first, self.stream, base);
        Some(rescale(time.checked_sub(first)?, base, self.tick))
    }

    /// Whether a time of the decoder lies before the range, in it (`Equal`), or after it.
    pub(super) fn place(&self, time: i64, base: Ratio) -> std::cmp::Ordering {
        let time = rescale(time, base, self.stream);
        if self.range.0.is_some_and(|from| time < from) {
            std::cmp::Ordering::Less
        } else if self.range.1.is_some_and(|to| time >= to) {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Equal
        }
    }

    /// The time `tick` of the painted film in seconds from its first frame.
    pub fn seconds(&self, tick: u64) -> f64 {
        tick as f64 * self.tick.value()
    }

    /// The length of the painted film in seconds.
    pub fn duration(&self) -> f64 {
        self.seconds(self.last + self.last_duration)
    }

    /// When the first frame is shown, in seconds of the stream's own clock.
    pub fn first_seconds(&self) -> Option<f64> {
        Some(self.first? as f64 * self.stream.value())
    }
}

/// Constant when all frames lie within a tick of the times of one rate: timestamps are rounded to ticks.
fn timing(video: &VideoStream, times: &[i64]) -> Result<Timing> {
    let usable = |rate: &&Ratio| RATES.contains(&rate.value());
    let mut rates = video.rates.iter().filter(usable);
    let fits = |rate: &&Ratio| {
        let first = times.first().copied().unwrap_or(0);
        times.iter().enumerate().all(|(n, time)| {
            let expected = rescale(
                n as i64,
                Ratio::new(rate.denominator, rate.numerator),
                video.time_base,
            );
            (time - first - expected).abs() <= 1
        })
    };
    match (rates.clone().find(fits), times.is_empty()) {
        (Some(rate), _) => Ok(Timing::Constant(*rate)),
        (None, false) => Ok(Timing::Variable),
        // Without times there must be a rate.
        (None, true) => rates
            .next()
            .map(|rate| Timing::Constant(*rate))
            .ok_or_else(|| {
                Error::invalid(
                    "film",
                    "says neither its frame rate nor the times of its frames",
                )
            }),
    }
}

fn tick(timing: Timing, stream: Ratio) -> Ratio {
    match timing {
        Timing::Constant(rate) => Ratio::new(rate.denominator, rate.numerator),
        Timing::Variable if stream.denominator / stream.numerator.max(1) > FINEST => {
            Ratio::new(1, FINEST)
        }
        Timing::Variable => stream,
    }
}

/// `value` in units of `from` as a number of units of `to`, rounded to the nearest; halves away from zero.
fn rescale(value: i64, from: Ratio, to: Ratio) -> i64 {
    let top = i128::from(value) * i128::from(from.numerator) * i128::from(to.denominator);
    let bottom = (i128::from(from.denominator) * i128::from(to.numerator)).max(1);
    let rounded = (top.abs() * 2 + bottom) / (bottom * 2) * top.signum();
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::color::ColorTags;
    use super::*;

    fn video(rates: &[(u32, u32)], time_base: (u32, u32)) -> VideoStream {
        VideoStream {
            index: 0,
            codec: "h264".to_owned(),
            size: (64, 48),
            stored_height: 48,
            pixel_aspect: Ratio::ONE,
            rates: rates.iter().map(|(a, b)| Ratio::new(*a, *b)).collect(),
            time_base: Ratio::new(time_base.0, time_base.1),
            color: ColorTags::default(),
            interlaced: false,
            frames: None,
            duration: None,
        }
    }

    fn line(
        video: &VideoStream,
        times: &[i64],
        range: (Option<f64>, Option<f64>),
    ) -> Result<Timeline> {
        let packets = Packets {
            times: times.to_vec(),
            last_duration: Some(40),
            count: times.len() as u64,
            hidden: 0,
        };
        Timeline::new(video, &packets, range.0, range.1)
    }

    #[test]
    fn a_rate_is_found_in_rounded_times() {
        // Matroska rounds to milliseconds.
        let film = video(&[(24000, 1001)], (1, 1000));
        let times: Vec<i64> = (0..100).map(|n| (n * 1001 + 12) / 24 + 7).collect();
        let line = line(&film, &times, (None, None)).unwrap();
        assert_eq!(line.timing, Timing::Constant(Ratio::new(24000, 1001)));
        assert_eq!(
            (line.tick, line.last, line.frames),
            (Ratio::new(1001, 24000), 99, 100)
        );
        for (n, time) in times.iter().enumerate() {
            assert_eq!(line.ticks(*time, film.time_base), Some(n as i64));
        }
        // Deinterlacing halves the decoder's units.
        assert_eq!(line.ticks(times[9] * 2, Ratio::new(1, 2000)), Some(9));
    }

    #[test]
    fn a_variable_rate_keeps_its_times() {
        let film = video(&[(25, 1), (20, 1)], (1, 1000));
        let line = line(&film, &[5, 45, 85, 300, 340], (None, None)).unwrap();
        assert_eq!(
            (line.timing, line.tick),
            (Timing::Variable, Ratio::new(1, 1000))
        );
        assert_eq!((line.last, line.last_duration), (335, 40));
        assert_eq!(line.ticks(300, film.time_base), Some(295));
        assert_eq!(line.duration(), 0.375);
    }

    #[test]
    fn a_range_is_cut_out() {
        let film = video(&[(10, 1)], (1, 1000));
        let times: Vec<i64> = (0..50).map(|n| n * 100).collect();
        let cut = line(&film, &times, (Some(1.0), Some(2.0))).unwrap();
        assert_eq!((cut.frames, cut.first, cut.last), (10, Some(1000), 9));
        use std::cmp::Ordering::{Equal, Greater, Less};
        for (time, place) in [(900, Less), (1000, Equal), (1900, Equal), (2000, Greater)] {
            assert_eq!(cut.place(time, film.time_base), place, "{time}");
        }
        let said = line(&film, &times, (Some(9.0), None))
            .unwrap_err()
            .to_string();
        assert!(said.contains("no frame"), "{said}");
    }

    #[test]
    fn rescaling_is_exact() {
        let (ms, frame) = (Ratio::new(1, 1000), Ratio::new(1001, 24000));
        assert_eq!(rescale(42, ms, frame), 1);
        assert_eq!(rescale(-42, ms, frame), -1);
        assert_eq!(
            rescale(i64::MAX, Ratio::new(u32::MAX, 1), Ratio::new(1, u32::MAX)),
            i64::MAX
        );
        assert_eq!(
            rescale(1 << 40, frame, Ratio::new(1, 24000)),
            (1 << 40) * 1001
        );
    }
}
