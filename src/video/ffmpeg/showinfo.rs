//! Lines of ffmpeg's filter `showinfo` go in; the time of each frame comes out.

use crate::video::Ratio;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The time base of the frames that follow.
    TimeBase(Ratio),
    /// The time of a frame; `None` when it has none.
    Frame(Option<i64>),
    /// Something else about a frame.
    Other,
}

/// `None` when the line is not the filter's.
pub(super) fn parse(line: &str) -> Option<Line> {
    // `[Parsed_showinfo_2 @ 0x55f5] [info] n:   0 pts:  30030 pts_time:1.001 ...`
    let rest = line.strip_prefix("[Parsed_showinfo_")?;
    if let Some((_, base)) = rest.split_once("config in time_base: ") {
        let base = base.split(',').next()?.trim().replace('/', ":");
        return Some(Ratio::parse(&base).map_or(Line::Other, Line::TimeBase));
    }
    let frame = || {
        let (_, rest) = rest.split_once(" n:")?;
        let (_, time) = rest.split_once(" pts:")?;
        Some(Line::Frame(time.split_whitespace().next()?.parse().ok()))
    };
    Some(frame().unwrap_or(Line::Other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let at = "[Parsed_showinfo_2 @ 0x55f57ba37100] [info] ";
        for (line, expected) in [
            (
                "config in time_base: 1/30000, frame_rate: 30000/1001",
                Line::TimeBase(Ratio::new(1, 30000)),
            ),
            (
                "n:   0 pts:  30030 pts_time:1.001   pos:    11089 fmt:rgb24",
                Line::Frame(Some(30030)),
            ),
            (
                "n:1234 pts:-12 pts_time:-0.1 fmt:rgb24",
                Line::Frame(Some(-12)),
            ),
            (
                "n:   1 pts:NOPTS pts_time:NOPTS fmt:rgb24",
                Line::Frame(None),
            ),
            ("config out time_base: 0/0, frame_rate: 0/0", Line::Other),
            ("color_range:pc color_space:gbr", Line::Other),
        ] {
            assert_eq!(parse(&format!("{at}{line}")), Some(expected), "{line}");
        }
        assert_eq!(parse("[error] n: 0 pts: 5"), None);
    }
}
