//! Runs ffmpeg: frames go in through a pipe, an MP4 file and ffmpeg's error messages come out.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::error::{Error, Result};
use crate::picture::Pending;
use crate::video::{FilmFormat, Frame, y4m};

/// A running ffmpeg.
pub(super) struct Encoder {
    writer: y4m::Writer<ChildStdin>,
    child: Child,
    stderr: File,
    pending: Pending,
    path: PathBuf,
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
        let stderr = tempfile::tempfile().map_err(failed)?;
        let mut command = Command::new(ffmpeg);
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
            .stdout(Stdio::null())
            .stderr(stderr.try_clone().map_err(failed)?);
        #[cfg(unix)]
        {
            // Ctrl-C in a terminal reaches the whole process group; ffmpeg must live on until the film is complete.
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(failed)?;
        let input = child
            .stdin
            .take()
            .ok_or_else(|| failed(std::io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self {
            writer: y4m::Writer::new(input, path, format),
            child,
            stderr,
            pending,
            path: path.to_owned(),
        })
    }

    pub(super) fn show(&mut self, frame: &Frame) -> Result<()> {
        let written = self.writer.write(&frame.rgb);
        written.map_err(|error| self.explain(error))
    }

    pub(super) fn finish(mut self) -> Result<()> {
        // The pipe's end tells ffmpeg that the film is over.
        drop(self.writer.into_output()?);
        let ended = self.child.wait().map_err(Error::write(&self.path))?;
        if ended.success() {
            return self.pending.keep();
        }
        Err(Error::write(&self.path)(last_message(&mut self.stderr)))
    }

    /// Replaces a broken pipe by ffmpeg's own message.
    fn explain(&mut self, error: Error) -> Error {
        let broken = matches!(&error, Error::Write { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe);
        if !broken {
            return error;
        }
        // It has closed its input, so it is ending or has ended.
        drop(self.child.wait());
        Error::write(&self.path)(last_message(&mut self.stderr))
    }
}

/// The last line that ffmpeg wrote to its standard error.
fn last_message(stderr: &mut File) -> std::io::Error {
    let mut text = String::new();
    let read = stderr
        .seek(SeekFrom::Start(0))
        .and_then(|_| stderr.take(1 << 16).read_to_string(&mut text));
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    match (read, line) {
        (Ok(_), Some(line)) => std::io::Error::other(format!("ffmpeg: {}", line.trim())),
        _ => std::io::Error::other("ffmpeg ended without a message"),
    }
}

/// The codec to encode with; `None` when ffmpeg is missing or has neither.
pub(super) fn codec(ffmpeg: &str) -> Option<&'static str> {
    let listed = Command::new(ffmpeg)
        .args(["-hide_banner", "-loglevel", "error", "-encoders"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let listed = String::from_utf8_lossy(&listed.stdout);
    ["libx264", "mpeg4"]
        .into_iter()
        .find(|name| listed.split_whitespace().any(|word| word == *name))
}
