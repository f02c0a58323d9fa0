//! A film that ffmpeg encodes: frames go through a pipe, and what it complains of comes back.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::error::{Error, Result};
use crate::picture::Pending;
use crate::video::Frame;
use crate::video::y4m;

/// A film that ffmpeg encodes.
pub(super) struct Encoded {
    writer: y4m::Writer<ChildStdin>,
    child: Child,
    complaints: File,
    pending: Pending,
    path: PathBuf,
}

impl Encoded {
    pub(super) fn start(ffmpeg: &str, encoder: &str, path: &Path, rate: f64) -> Result<Self> {
        let pending = Pending::create(path)?;
        let failed = |e: std::io::Error| Error::write(path)(e);
        let complaints = tempfile::tempfile().map_err(failed)?;
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
            .args(["-an", "-c:v", encoder])
            // The encoders of H.264 want even sides; odd ones lose a row or a column.
            .args([
                "-vf",
                "crop=trunc(iw/2)*2:trunc(ih/2)*2",
                "-pix_fmt",
                "yuv420p",
            ]);
        match encoder {
            "libx264" => command.args(["-preset", "veryfast", "-crf", "18"]),
            _ => command.args(["-q:v", "3"]),
        };
        command
            .args(["-movflags", "+faststart", "-f", "mp4"])
            .arg(pending.other_name())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(complaints.try_clone().map_err(failed)?);
        #[cfg(unix)]
        {
            // Ctrl-C in a terminal goes to the whole group; the film is to be closed by us, not torn.
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(failed)?;
        let input = child
            .stdin
            .take()
            .ok_or_else(|| failed(std::io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self {
            writer: y4m::Writer::new(input, path, rate),
            child,
            complaints,
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
        Err(Error::write(&self.path)(said(&mut self.complaints)))
    }

    /// A pipe that breaks says little; ffmpeg knows more.
    fn explain(&mut self, error: Error) -> Error {
        let broken = matches!(&error, Error::Write { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe);
        if !broken {
            return error;
        }
        // It has closed its input, so it is ending or has ended.
        drop(self.child.wait());
        Error::write(&self.path)(said(&mut self.complaints))
    }
}

/// The last line that ffmpeg wrote.
fn said(complaints: &mut File) -> std::io::Error {
    let mut text = String::new();
    let read = complaints
        .seek(SeekFrom::Start(0))
        .and_then(|_| complaints.take(1 << 16).read_to_string(&mut text));
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    match (read, line) {
        (Ok(_), Some(line)) => std::io::Error::other(format!("ffmpeg: {}", line.trim())),
        _ => std::io::Error::other("ffmpeg ended and did not say why"),
    }
}

/// The encoder to use of this ffmpeg; `None` when it is not there or has neither.
pub(super) fn encoder(ffmpeg: &str) -> Option<&'static str> {
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
