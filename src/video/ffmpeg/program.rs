//! Finds ffmpeg and ffprobe; checks that they are new enough.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::version::Version;
use crate::error::{Error, Result};

/// The variable that names the program.
const VARIABLE: &str = "IMPASTO_FFMPEG";

/// The oldest version: `showinfo` without checksums, which take longer than decoding, came with it.
const LEAST: (u32, u32) = (4, 4);

/// How to get it.
const REMEDY: &str = "install it (`apt install ffmpeg`, `brew install ffmpeg`, `winget install ffmpeg`) or name the program \
                      in IMPASTO_FFMPEG";

/// ffmpeg and ffprobe, as programs of this machine.
#[derive(Debug, Clone)]
pub struct Ffmpeg {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    version: Version,
    banner: String,
}

impl Ffmpeg {
    /// The program that `IMPASTO_FFMPEG` names, else the one on the search path. ffprobe is looked for beside it, then on
    /// the search path.
    ///
    /// # Errors
    /// [`Error::Program`] when one of them is missing, too old or something else, with the remedy.
    pub fn find() -> Result<Self> {
        let named = std::env::var_os(VARIABLE).filter(|name| !name.is_empty());
        let ffmpeg = named.map_or_else(|| PathBuf::from("ffmpeg"), PathBuf::from);
        let beside = ffmpeg.with_file_name(format!("ffprobe{}", std::env::consts::EXE_SUFFIX));
        let ffprobe = match beside.is_file() {
            true => beside,
            false => PathBuf::from("ffprobe"),
        };
        Self::open(ffmpeg, ffprobe)
    }

    fn open(ffmpeg: PathBuf, ffprobe: PathBuf) -> Result<Self> {
        let text = first_line(&ffmpeg)?;
        first_line(&ffprobe)?;
        let Some(version) = Version::parse(&text) else {
            return Err(refuse(&ffmpeg, "is not ffmpeg; correct IMPASTO_FFMPEG"));
        };
        if !version.is_at_least(LEAST.0, LEAST.1) {
            let reason = format!(
                "is too old ({}); films need {}.{} or later: {REMEDY}",
                text.chars().take(60).collect::<String>(),
                LEAST.0,
                LEAST.1
            );
            return Err(refuse(&ffmpeg, &reason));
        }
        Ok(Self {
            ffmpeg,
            ffprobe,
            version,
            banner: text,
        })
    }

    /// The first line of what it prints about itself.
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// ffmpeg with the arguments that every run has: quiet, no questions, nothing read from the terminal.
    pub(super) fn ffmpeg(&self) -> Command {
        let mut command = Command::new(&self.ffmpeg);
        command
            .args(["-hide_banner", "-nostdin", "-y"])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// ffprobe with the same.
    pub(super) fn ffprobe(&self) -> Command {
        let mut command = Command::new(&self.ffprobe);
        command
            .args(["-hide_banner", "-v", "error"])
            .stdin(Stdio::null());
        command
    }

    /// The arguments that give every frame once, with its own time.
    pub(super) fn every_frame(&self) -> [&'static str; 2] {
        match self.version.is_at_least(5, 1) {
            true => ["-fps_mode", "passthrough"],
            false => ["-vsync", "passthrough"],
        }
    }

    /// Whether the bit stream filter `setts` sets durations.
    pub(super) fn sets_durations(&self) -> bool {
        self.version.is_at_least(5, 1)
    }

    /// Whether it has the encoder `name`.
    ///
    /// # Errors
    /// [`Error::Program`] when it cannot be run.
    pub fn has_encoder(&self, name: &str) -> Result<bool> {
        self.lists("-encoders", name)
    }

    /// Whether it has the filter `name`.
    ///
    /// # Errors
    /// [`Error::Program`] when it cannot be run.
    pub fn has_filter(&self, name: &str) -> Result<bool> {
        self.lists("-filters", name)
    }

    fn lists(&self, what: &str, name: &str) -> Result<bool> {
        let listed = self
            .ffmpeg()
            .args(["-v", "error", what])
            .stdout(Stdio::piped())
            .output()
            .map_err(|e| not_started(&self.ffmpeg, &e))?;
        let listed = String::from_utf8_lossy(&listed.stdout);
        // ` V....D libx264              libx264 H.264 ...`
        Ok(listed
            .lines()
            .any(|line| line.split_whitespace().nth(1) == Some(name)))
    }

    /// The error for a failure to start ffmpeg.
    pub(super) fn not_started(&self, error: &std::io::Error) -> Error {
        not_started(&self.ffmpeg, error)
    }
}

/// The argument for a local file, whatever its name looks like: `concat:x` is a file too, and so is `-x`.
pub(super) fn file(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// The first line of what `program -version` prints.
fn first_line(program: &Path) -> Result<String> {
    let output = Command::new(program)
        .arg("-version")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| not_started(program, &e))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn not_started(program: &Path, error: &std::io::Error) -> Error {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => format!("is not here, and films need it; {REMEDY}"),
        _ => format!("cannot be started ({error}); {REMEDY}"),
    };
    refuse(program, &reason)
}

fn refuse(program: &Path, reason: &str) -> Error {
    Error::Program {
        program: program.display().to_string(),
        reason: reason.to_owned(),
    }
}
