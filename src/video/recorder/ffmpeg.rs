//! Runs ffmpeg: frames go in through a pipe, an MP4 file and ffmpeg's error messages come out.
//!
//! When this program ends without having completed the film, be it killed or ended by Xlib, ffmpeg completes it, as its pipe
//! has ended. On Unix a shell then gives the film its name, so that it is not lost.

use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, Result};
use crate::picture::Pending;
use crate::video::ffmpeg::{Handle, Running};
use crate::video::{FilmFormat, Frame, y4m};

/// How long ffmpeg may take to say what it can: a session stands still meanwhile.
const SLOWEST: Duration = Duration::from_secs(2);

/// The most that is read of it, in bytes.
const MOST_TEXT: u64 = 1 << 20;

/// How long ffmpeg may leave the file as it is, when the film is over, before it is taken as hanging.
const STILL: Duration = Duration::from_secs(5);

/// Names a film once ffmpeg has completed it, unless another file has its name. The arguments: the name until then, the
/// name, ffmpeg, and its arguments.
#[cfg(unix)]
const COMPLETE: &str =
    r#"part=$1 film=$2; shift 2; "$@" && { [ -e "$film" ] || mv -- "$part" "$film"; }"#;

/// A running ffmpeg.
pub(super) struct Encoder {
    writer: y4m::Writer<ChildStdin>,
    running: Running,
    pending: Pending,
    path: PathBuf,
    frames: u64,
}

/// Looks at an encoder from another thread.
pub(super) struct Watchdog {
    handle: Handle,
    file: PathBuf,
    seen: Option<(u64, Option<SystemTime>)>,
    since: Instant,
}

impl Watchdog {
    /// Called again and again once the film is over: kills an ffmpeg that writes nothing any more and does not end.
    pub(super) fn look(&mut self) {
        let meta = std::fs::metadata(&self.file);
        let seen = meta.ok().map(|m| (m.len(), m.modified().ok()));
        if seen != self.seen {
            (self.seen, self.since) = (seen, Instant::now());
        } else if self.since.elapsed() > STILL {
            self.handle.kill();
        }
    }
}

impl Encoder {
    pub(super) fn start(
        ffmpeg: &str,
        codec: &str,
        path: &Path,
        format: FilmFormat,
    ) -> Result<Self> {
        let pending = Pending::create(path)?;
        let failed = |e: std::io::Error| Error::write(path)(e);
        let mut command = encoder(ffmpeg, pending.other_name(), path);
        command
            .args([
                "-hide_banner",
                "-loglevel",
                "error",
                "-nostdin",
                "-y",
                "-f",
                "yuv4mpegpipe",
                "-i",
                "pipe:0",
            ])
            .args(["-an", "-c:v", codec])
            // H.264 needs even sides; odd ones lose a row or a column.
            .args([
                "-vf",
                "crop=trunc(iw/2)*2:trunc(ih/2)*2",
                "-pix_fmt",
                "yuv420p",
            ]);
        match codec {
            "libx264" => command.args(["-preset", "veryfast", "-crf", "18"]),
            _ => command.args(["-q:v", "3"]),
        };
        command
            .args(["-movflags", "+faststart", "-f", "mp4"])
            .arg(pending.other_name())
            .stdin(Stdio::piped())
            // It prints nothing; it completes the film when this program is killed, and must be left alone until then.
            .stdout(pending.shared_lock().map_err(failed)?);
        let mut running = Running::start(&mut command, |_| true).map_err(failed)?;
        let input = running.stdin().map_err(failed)?;
        Ok(Self {
            writer: y4m::Writer::new(input, path, format),
            running,
            pending,
            path: path.to_owned(),
            frames: 0,
        })
    }

    pub(super) fn show(&mut self, frame: &Frame) -> Result<()> {
        let written = self.writer.write(&frame.rgb);
        written.map_err(|error| self.explain(error))?;
        self.frames += 1;
        Ok(())
    }

    pub(super) fn watchdog(&self) -> Watchdog {
        Watchdog {
            handle: self.running.handle(),
            file: self.pending.other_name().to_owned(),
            seen: None,
            since: Instant::now(),
        }
    }

    /// Complete the film. `false`: it had no frame, and there is no file.
    pub(super) fn finish(mut self) -> Result<bool> {
        if self.frames == 0 {
            // ffmpeg would call a film without frames an error.
            return Ok(false);
        }
        // The pipe's end tells ffmpeg that the film is over.
        drop(self.writer.into_output()?);
        let ended = self.running.end().map_err(Error::write(&self.path))?;
        if ended.status.success() {
            return keep(self.pending, &self.path).map(|()| true);
        }
        if !self.pending.other_name().exists() {
            let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::write(&self.path)(gone));
        }
        Err(Error::write(&self.path)(std::io::Error::other(
            ended.reason(),
        )))
    }

    /// Replaces a broken pipe by ffmpeg's own message.
    fn explain(&mut self, error: Error) -> Error {
        let broken = matches!(&error, Error::Write { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe);
        if !broken {
            return error;
        }
        // It has closed its input, so it is ending or has ended.
        match self.running.end() {
            Ok(ended) => Error::write(&self.path)(std::io::Error::other(ended.reason())),
            Err(_) => error,
        }
    }
}

/// ffmpeg, which writes the file `part` that is to become `film`.
#[cfg(unix)]
fn encoder(ffmpeg: &str, part: &Path, film: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", COMPLETE, "impasto"]);
    shell.arg(part).arg(film).arg(ffmpeg);
    shell
}

#[cfg(not(unix))]
fn encoder(ffmpeg: &str, _part: &Path, _film: &Path) -> Command {
    Command::new(ffmpeg)
}

/// Give the film its name, where the shell has not done it.
fn keep(pending: Pending, film: &Path) -> Result<()> {
    if !cfg!(unix) {
        return pending.keep();
    }
    if pending.other_name().exists() {
        let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(Error::write(film)(taken));
    }
    Ok(())
}

/// The codec to encode with; `None` when ffmpeg is missing, does not answer or has neither.
pub(super) fn codec(ffmpeg: &str) -> Option<&'static str> {
    let mut command = Command::new(ffmpeg);
    command
        .args(["-hide_banner", "-loglevel", "error", "-encoders"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let running = Running::start(&mut command, |_| true).ok()?;
    let began = Instant::now();
    let output = running.output(MOST_TEXT, &mut || began.elapsed() < SLOWEST);
    let (listed, _) = output.ok()??;
    let listed = String::from_utf8_lossy(&listed);
    ["libx264", "mpeg4"]
        .into_iter()
        .find(|name| listed.split_whitespace().any(|word| word == *name))
}
