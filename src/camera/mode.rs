//! Camera modes: those that a camera has and the size and rate that are wanted go in, the modes come out, best first.

use std::fmt;

use nokhwa::utils::FrameFormat;

/// The size and rate asked of a camera. It gives the closest that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Frames a second.
    pub fps: u32,
}

impl Default for Wanted {
    /// 640x480 at 30: every camera has it, and a CPU paints no more than that in time.
    fn default() -> Self {
        Self {
            width: 640,
            height: 480,
            fps: 30,
        }
    }
}

/// A format, size and rate that a camera can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) format: FrameFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) fps: u32,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            format,
            width,
            height,
            fps,
        } = self;
        write!(f, "{width}x{height} {format}, {fps} frames a second")
    }
}

/// Sides that are accepted, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=8192;

/// The modes that can be read, the best first: the closest size (a larger one is better than one that is smaller by as
/// much), then a rate that is high enough, then the format that is cheapest to decode. A difference in proportions counts
/// twice: the part of the view that another shape cuts off is lost.
pub(super) fn rank(modes: &mut Vec<Mode>, wanted: Wanted) {
    modes.retain(|m| {
        m.format != FrameFormat::GRAY && SIDES.contains(&m.width) && SIDES.contains(&m.height)
    });
    modes.sort_by(|a, b| {
        let size = distance(a, wanted).total_cmp(&distance(b, wanted));
        let short = |m: &Mode| wanted.fps.saturating_sub(m.fps);
        let over = |m: &Mode| m.fps.saturating_sub(wanted.fps);
        size.then(short(a).cmp(&short(b)))
            .then(cost(a).cmp(&cost(b)))
            .then(over(a).cmp(&over(b)))
    });
    modes.dedup();
}

fn distance(mode: &Mode, wanted: Wanted) -> f64 {
    let ratio = |a: u32, b: u32| (f64::from(a) / f64::from(b.max(1))).ln();
    let (across, down) = (
        ratio(mode.width, wanted.width),
        ratio(mode.height, wanted.height),
    );
    let area = across + down;
    let missing = if area < 0.0 { -2.0 * area } else { area };
    missing + 2.0 * (across - down).abs()
}

/// Bytes a second above which an uncompressed format is put behind Motion-JPEG, although that takes longest to decode:
/// USB 2 carries hardly more.
const MOST_BYTES: u64 = 35_000_000;

fn cost(mode: &Mode) -> u32 {
    let pixels = u64::from(mode.width) * u64::from(mode.height) * u64::from(mode.fps);
    let (bytes, cost) = match mode.format {
        FrameFormat::RAWRGB => (pixels * 3, 0),
        FrameFormat::RAWBGR => (pixels * 3, 1),
        FrameFormat::YUYV => (pixels * 2, 2),
        FrameFormat::NV12 => (pixels * 3 / 2, 3),
        FrameFormat::MJPEG | FrameFormat::GRAY => (0, 4),
    };
    if bytes > MOST_BYTES { cost + 10 } else { cost }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FrameFormat::{GRAY, MJPEG, NV12, RAWBGR, RAWRGB, YUYV};

    fn best(modes: &[(FrameFormat, u32, u32, u32)], wanted: (u32, u32, u32)) -> Option<Mode> {
        let mode = |&(format, width, height, fps): &_| Mode {
            format,
            width,
            height,
            fps,
        };
        let mut modes = modes.iter().map(mode).collect();
        let (width, height, fps) = wanted;
        rank(&mut modes, Wanted { width, height, fps });
        modes.first().copied()
    }

    /// A typical webcam: YUYV at full rate when small, Motion-JPEG when large.
    const WEBCAM: &[(FrameFormat, u32, u32, u32)] = &[
        (YUYV, 640, 480, 30),
        (YUYV, 320, 180, 30),
        (YUYV, 1280, 720, 10),
        (YUYV, 1920, 1080, 5),
        (MJPEG, 640, 480, 30),
        (MJPEG, 640, 360, 30),
        (MJPEG, 1280, 720, 30),
        (MJPEG, 1280, 720, 60),
        (MJPEG, 1920, 1080, 30),
    ];

    #[test]
    fn a_mode_that_the_camera_has_is_taken() {
        for (wanted, expected) in [
            ((640, 480, 30), (YUYV, 640, 480, 30)),
            ((1280, 720, 30), (MJPEG, 1280, 720, 30)),
            ((1280, 720, 60), (MJPEG, 1280, 720, 60)),
            ((1920, 1080, 30), (MJPEG, 1920, 1080, 30)),
            ((1920, 1080, 5), (YUYV, 1920, 1080, 5)),
        ] {
            let found = best(WEBCAM, wanted).map(|m| (m.format, m.width, m.height, m.fps));
            assert_eq!(found, Some(expected), "{wanted:?}");
        }
    }

    #[test]
    fn the_closest_size_is_taken_and_a_larger_one_is_preferred() {
        let size = |wanted| best(WEBCAM, wanted).map(|m| (m.width, m.height));
        assert_eq!(size((800, 600, 30)), Some((640, 480)));
        assert_eq!(size((640, 400, 30)), Some((640, 360)));
        assert_eq!(size((1000, 560, 30)), Some((1280, 720)));
        assert_eq!(size((7680, 4320, 30)), Some((1920, 1080)));
    }

    #[test]
    fn cheaper_formats_are_preferred_and_grey_ones_left_out() {
        let at = |format| (format, 640, 480, 30);
        let all = [MJPEG, NV12, YUYV, RAWBGR, GRAY].map(at);
        assert_eq!(best(&all, (640, 480, 30)).map(|m| m.format), Some(RAWBGR));
        assert_eq!(best(&[at(GRAY)], (640, 480, 30)), None);
        let large = [RAWRGB, MJPEG].map(|format| (format, 1920, 1080, 30));
        assert_eq!(
            best(&large, (1920, 1080, 30)).map(|m| m.format),
            Some(MJPEG)
        );
    }

    #[test]
    fn hostile_sizes_are_left_out() {
        let modes = [
            (YUYV, 0, 480, 30),
            (YUYV, 640, u32::MAX, 30),
            (YUYV, 64, 48, 0),
        ];
        assert_eq!(best(&modes, (640, 480, 30)).map(|m| m.width), Some(64));
    }
}
