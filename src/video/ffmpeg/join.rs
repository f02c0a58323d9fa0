//! The painted pieces of a film and the film itself go in; one film with the sound, subtitles, chapters and metadata of the
//! other comes out. Pieces are copied, not encoded again.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::codec::Container;
use super::encoder::track_clock;
use super::probe::{FilmInfo, OtherStream, StreamKind};
use super::program::{Ffmpeg, file, go_on};
use super::timeline::{Timeline, Timing};
use crate::error::{Error, Result};
use crate::progress::Progress;

/// The name of the list of pieces in their folder.
const LIST: &str = "pieces.ffconcat";

/// Subtitles that are text.
const TEXTS: [&str; 7] = ["subrip", "srt", "ass", "ssa", "webvtt", "text", "mov_text"];

/// A painted piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name in the folder of pieces: letters, digits and dots.
    pub name: String,
    /// When it begins, in ticks from the film's first frame.
    pub begins: u64,
}

/// A stream of the film, and how it comes into the painted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamCopy {
    stream: OtherStream,
    /// The encoder; copied when absent.
    encoder: Option<&'static str>,
}

/// Everything about a join.
pub struct Joining<'a> {
    /// The program.
    pub ffmpeg: &'a Ffmpeg,
    /// The film that was painted.
    pub film: &'a FilmInfo,
    /// Its clock.
    pub timeline: &'a Timeline,
    /// From where to where sound is taken, in seconds of the stream's own clock.
    pub range: (Option<f64>, Option<f64>),
    /// The folder of the pieces.
    pub folder: &'a Path,
    /// The pieces in order.
    pub parts: &'a [Part],
    /// The number of frames in them, when they are all of the film; sound is cut where they end when absent.
    pub frames: Option<u64>,
    /// Where they end, in ticks.
    pub end: u64,
    /// What else is taken from the film.
    pub streams: &'a [StreamCopy],
    /// The kind of the output.
    pub container: Container,
}

/// How each stream beside the pictures comes into a film of kind `container`: tried out, in `folder`, with the first second
/// of each. What cannot be kept is said to `progress`.
///
/// # Errors
/// [`Error::Program`], [`Error::Interrupted`].
pub fn plan_streams(
    ffmpeg: &Ffmpeg,
    film: &FilmInfo,
    container: Container,
    folder: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<StreamCopy>> {
    let trial = folder.join("trial.part");
    let mut plan = Vec::new();
    for stream in &film.others {
        let (what, other) = match stream.kind {
            StreamKind::Attachment => {
                if container == Container::Matroska {
                    plan.push(StreamCopy::copied(stream));
                }
                continue;
            }
            StreamKind::Audio => ("sound", Some(sound_encoder(container))),
            StreamKind::Subtitle => {
                let text = TEXTS.contains(&stream.codec.as_str());
                ("subtitles", text.then(|| subtitle_encoder(container)))
            }
        };
        let named = format!("{what} {} ({})", stream.index, stream.codec);
        let (kind, encoded) = (container.format(), other.unwrap_or_default());
        let mut fits = |encoder| fits(ffmpeg, film, stream, (encoder, container), &trial, progress);
        if fits("copy")? {
            plan.push(StreamCopy::copied(stream));
        } else if let Some(encoder) = other
            && fits(encoder)?
        {
            progress.note(&format!(
                "{named}: {kind} cannot hold it as it is; it is encoded as {encoded}"
            ));
            plan.push(StreamCopy {
                stream: stream.clone(),
                encoder: Some(encoder),
            });
        } else {
            progress.note(&format!(
                "{named}: {kind} cannot hold it; it is left out (an .mkv holds nearly everything)"
            ));
        }
    }
    Ok(plan)
}

impl StreamCopy {
    fn copied(stream: &OtherStream) -> Self {
        Self {
            stream: stream.clone(),
            encoder: None,
        }
    }

    /// What it is.
    pub fn kind(&self) -> StreamKind {
        self.stream.kind
    }
}

fn sound_encoder(container: Container) -> &'static str {
    match container {
        Container::WebM => "libopus",
        _ => "aac",
    }
}

fn subtitle_encoder(container: Container) -> &'static str {
    match container {
        Container::WebM => "webvtt",
        Container::Matroska => "subrip",
        Container::Mp4 | Container::Mov => "mov_text",
    }
}

fn fits(
    ffmpeg: &Ffmpeg,
    film: &FilmInfo,
    stream: &OtherStream,
    (encoder, container): (&str, Container),
    trial: &Path,
    progress: &mut dyn Progress,
) -> Result<bool> {
    let mut command = ffmpeg.ffmpeg();
    command
        .args([
            "-loglevel",
            "error",
            "-protocol_whitelist",
            "file,pipe",
            "-i",
        ])
        .arg(file(&film.path))
        .args(["-map", &format!("0:{}", stream.index), "-t", "1"])
        .args(["-c", encoder, "-f", container.format()])
        .arg(file(trial));
    let ended = ffmpeg.output(&mut command, 0, progress);
    // It is not there when ffmpeg refused at once.
    drop(std::fs::remove_file(trial));
    Ok(ended?.1.status.success())
}

/// Write the film to `output`, over what is there.
///
/// # Errors
/// [`Error::Write`], with ffmpeg's words; [`Error::Interrupted`], and what there is at `output` is incomplete.
pub fn join(what: &Joining<'_>, output: &Path, progress: &mut dyn Progress) -> Result<()> {
    let list = what.folder.join(LIST);
    std::fs::write(&list, what.list()).map_err(Error::write(&list))?;
    let mut command = what.command(&list);
    command.arg(file(output));
    let mut running = what.ffmpeg.start(&mut command, |_| true)?;
    let mut stopped = false;
    let ended = running.end_while(&mut || {
        stopped = !go_on(progress);
        !stopped
    });
    let ended = ended.map_err(|e| what.ffmpeg.not_started(&e))?;
    match ended.status.success() {
        true => Ok(()),
        false if stopped => Err(Error::Interrupted),
        false => Err(Error::write(output)(std::io::Error::other(ended.reason()))),
    }
}

impl Joining<'_> {
    /// The pieces with their lengths, in microseconds: their sum is rounded, so that errors do not add up.
    fn list(&self) -> String {
        let mut list = "ffconcat version 1.0\n".to_owned();
        let micros = |tick: u64| (self.timeline.seconds(tick) * 1e6).round() as u64;
        for (n, part) in self.parts.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = writeln!(list, "file {}", part.name);
            if let Some(next) = self.parts.get(n + 1) {
                let length = micros(next.begins) - micros(part.begins);
                let _ = writeln!(
                    list,
                    "duration {}.{:06}",
                    length / 1_000_000,
                    length % 1_000_000
                );
            }
        }
        list
    }

    fn command(&self, list: &Path) -> Command {
        let mut command = self.ffmpeg.ffmpeg();
        command.args(["-loglevel", "error", "-protocol_whitelist", "file,pipe"]);
        // Sound may begin before the pictures.
        let zero = self.range.0.unwrap_or(self.film.start);
        let offset = self
            .timeline
            .first_seconds()
            .map_or(0.0, |first| first - zero);
        if offset.abs() > 1e-6 {
            command.args(["-itsoffset", &format!("{offset:.6}")]);
        }
        command.args(["-f", "concat", "-i"]).arg(file(list));
        // For ffmpeg a film begins at 0, whatever its own clock says.
        let (from, to) = self.range;
        if let Some(from) = from {
            command.args(["-ss", &format!("{:.6}", (from - self.film.start).max(0.0))]);
        }
        if let Some(to) = to {
            command.args(["-to", &format!("{:.6}", (to - self.film.start).max(0.0))]);
        }
        command
            .args(["-protocol_whitelist", "file,pipe", "-i"])
            .arg(file(&self.film.path))
            .args(["-map", "0:v:0"]);
        for copy in self.streams {
            command.args(["-map", &format!("1:{}", copy.stream.index)]);
        }
        command.args(["-map_metadata", "1", "-map_chapters", "1", "-c", "copy"]);
        for (n, copy) in self.streams.iter().enumerate() {
            if let Some(encoder) = copy.encoder {
                // Output stream 0 is the pictures.
                command.args([&format!("-c:{}", n + 1), encoder]);
            }
        }
        let mp4 = matches!(self.container, Container::Mp4 | Container::Mov);
        // At a constant rate ffmpeg knows how long the last frame is shown. The filter counts in ticks of the pieces, which
        // only MP4 keeps; frames of variable rate are stored in the order of showing, so that the last one is the last.
        if let (Some(frames), true, Timing::Variable) = (self.frames, mp4, self.timeline.timing)
            && self.ffmpeg.sets_durations()
        {
            let last = self.timeline.last_duration as f64 * self.timeline.tick.value();
            let filter = format!(
                "setts=pts=PTS:dts=DTS:duration=if(eq(N\\,{})\\,round({last:.9}/TB)\\,DURATION)",
                frames.saturating_sub(1)
            );
            command.args(["-bsf:v", &filter]);
        }
        if self.frames.is_none() {
            let length = offset + self.timeline.seconds(self.end);
            command.args(["-t", &format!("{length:.6}")]);
        }
        if mp4 {
            let clock = track_clock(self.timeline.tick).to_string();
            command.args(["-movflags", "+faststart", "-video_track_timescale", &clock]);
        }
        command
            .args(["-flags", "+bitexact", "-fflags", "+bitexact"])
            .args(["-f", self.container.format()]);
        command
    }
}
