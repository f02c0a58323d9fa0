//! A film goes in; the times of its frames, read without decoding, come out.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use super::probe::FilmInfo;
use super::program::{Ffmpeg, file};
use crate::error::{Error, Result};
use crate::progress::Progress;

/// The most frames of a film: 46 hours at 60 frames a second.
const MOST: usize = 10_000_000;

/// The most bytes of a line that are looked at.
const LONGEST_LINE: u64 = 4096;

/// The times of a film's frames, in ticks of its time base.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packets {
    /// When each frame is shown, in that order; empty when the file does not say.
    pub times: Vec<i64>,
    /// How long the last one is shown, if the file says.
    pub last_duration: Option<i64>,
    /// The number of frames, also where they have no times.
    pub count: u64,
    /// The number of frames that are only there to decode others, and are not shown.
    pub hidden: u64,
}

/// Reads the times of all frames of `film`.
///
/// # Errors
/// [`Error::Decode`], [`Error::Program`]; [`Error::Interrupted`] when `progress` says so.
pub fn packets(ffmpeg: &Ffmpeg, film: &FilmInfo, progress: &mut dyn Progress) -> Result<Packets> {
    let mut command = ffmpeg.ffprobe();
    command
        .args(["-protocol_whitelist", "file", "-select_streams"])
        .arg(film.video.index.to_string())
        .args(["-show_entries", "packet=pts,duration,flags"])
        .args(["-of", "compact=p=0", "-i"])
        .arg(file(&film.path))
        .stdout(Stdio::piped());
    let failed = |e: std::io::Error| ffmpeg.not_started(&e);
    let mut running = ffmpeg.start(&mut command, |_| true)?;
    let mut watch = || {
        progress
            .step(0, 1, "reading the times of the frames")
            .is_continue()
    };
    let listed = running.read(&mut watch, |stdout| list(BufReader::new(stdout)));
    let listed = listed.map_err(failed)?.ok_or(Error::Interrupted)?;
    let (found, untimed, hidden) = listed.ok_or_else(|| Error::Decode {
        path: film.path.clone(),
        reason: format!(
            "has more than {MOST} frames; cut it with --start and --end in another program first"
        ),
    })?;
    // A damaged film is read as far as it goes; decoding will say what is wrong with it.
    running.end_while(&mut watch).map_err(failed)?;
    Ok(Packets {
        hidden,
        ..sorted(found, untimed)
    })
}

/// Times and durations; the number of frames without times, and of hidden ones.
type Listed = (Vec<(i64, Option<i64>)>, u64, u64);

/// What the lines of ffprobe say; `None` where there are more than [`MOST`] frames.
fn list(mut lines: impl BufRead) -> std::io::Result<Option<Listed>> {
    let (mut found, mut line) = (Vec::new(), Vec::new());
    let (mut untimed, mut hidden) = (0, 0);
    loop {
        line.clear();
        // What is no line of ffprobe has no end, perhaps.
        if lines
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(Some((found, untimed, hidden)));
        }
        match Packet::parse(&String::from_utf8_lossy(&line)) {
            None => {}
            Some(Packet {
                discarded: true, ..
            }) => hidden += 1,
            Some(Packet { time: None, .. }) => untimed += 1,
            Some(Packet {
                time: Some(time),
                duration,
                ..
            }) => found.push((time, duration)),
        }
        if found.len() > MOST {
            return Ok(None);
        }
    }
}

fn sorted(mut found: Vec<(i64, Option<i64>)>, untimed: u64) -> Packets {
    found.sort_unstable_by_key(|(time, _)| *time);
    // Two fields of one frame, or a damaged film.
    found.dedup_by_key(|(time, _)| *time);
    let count = found.len() as u64 + untimed;
    if untimed > 0 {
        found.clear();
    }
    Packets {
        last_duration: found.last().and_then(|(_, duration)| *duration),
        times: found.into_iter().map(|(time, _)| time).collect(),
        count,
        hidden: 0,
    }
}

struct Packet {
    time: Option<i64>,
    duration: Option<i64>,
    discarded: bool,
}

impl Packet {
    /// `pts=1001|duration=1001|flags=K__`
    fn parse(line: &str) -> Option<Self> {
        let mut packet = Self {
            time: None,
            duration: None,
            discarded: false,
        };
        let mut any = false;
        for field in line.trim().split('|') {
            let (name, value) = field.split_once('=')?;
            match name {
                "pts" => packet.time = value.parse().ok(),
                "duration" => packet.duration = value.parse().ok().filter(|d| *d > 0),
                "flags" => packet.discarded = value.contains('D'),
                _ => continue,
            }
            any = true;
        }
        any.then_some(packet)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_read_in_the_order_of_showing() {
        let lines = [
            "pts=0|duration=512|flags=K__\n",
            "pts=1024|duration=300|flags=___",
            "pts=512|duration=N/A|flags=__",
            "pts=-512|duration=512|flags=KD_",
        ];
        let parsed: Vec<_> = lines
            .map(|l| Packet::parse(l).unwrap())
            .into_iter()
            .collect();
        assert!(parsed[3].discarded && !parsed[0].discarded);
        let shown = parsed.iter().filter(|p| !p.discarded);
        let packets = sorted(shown.map(|p| (p.time.unwrap(), p.duration)).collect(), 0);
        assert_eq!(packets.times, [0, 512, 1024]);
        assert_eq!((packets.last_duration, packets.count), (Some(300), 3));
        assert!(Packet::parse("nonsense").is_none() && Packet::parse("").is_none());
    }

    #[test]
    fn lines_without_end_are_read_in_pieces() {
        let endless = [b'x'; 3 * LONGEST_LINE as usize];
        let listed = list(&endless[..]).unwrap();
        assert_eq!(listed, Some((Vec::new(), 0, 0)));
        let listed = list(&b"pts=7|flags=K\n\xff\npts=9|flags=K\npts=N/A|flags=K"[..]).unwrap();
        assert_eq!(listed, Some((vec![(7, None), (9, None)], 1, 0)));
    }

    #[test]
    fn frames_without_times_are_counted() {
        let packets = sorted(vec![(0, None)], 4);
        assert!(packets.times.is_empty());
        assert_eq!(packets.count, 5);
    }
}
