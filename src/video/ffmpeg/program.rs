//! Finds ffmpeg and ffprobe; checks that they are new enough.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::running::{Ended, Running};
use super::runs::Runs;
use super::version::Version;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// The variable that names the program.
const VARIABLE: &str = "IMPASTO_FFMPEG";

/// The oldest version: `showinfo` without checksums, which take longer than decoding, came with it.
const LEAST: (u32, u32) = (4, 4);

/// How long it may take to say what it is: a moment, but for slow disks.
const SLOWEST: Duration = Duration::from_secs(10);

/// The most that is read of what it says about itself, in bytes.
const MOST_TEXT: u64 = 1 << 20;

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
    runs: Runs,
}

impl Ffmpeg {
    /// The program that `IMPASTO_FFMPEG` names, else the one on the search path. ffprobe is looked for beside it, then on
    /// the search path.
    ///
    /// # Errors
    /// [`Error::Program`] when one of them is missing, too old or something else, with the remedy; [`Error::Interrupted`]
    /// when `progress` says so.
    pub fn find(progress: &mut dyn Progress) -> Result<Self> {
        let named = std::env::var_os(VARIABLE).filter(|name| !name.is_empty());
        let ffmpeg = named.map_or_else(|| PathBuf::from("ffmpeg"), PathBuf::from);
        let beside = ffmpeg.with_file_name(format!("ffprobe{}", std::env::consts::EXE_SUFFIX));
        let ffprobe = match beside.is_file() {
            true => beside,
            false => PathBuf::from("ffprobe"),
        };
        Self::open(ffmpeg, ffprobe, progress)
    }

    fn open(ffmpeg: PathBuf, ffprobe: PathBuf, progress: &mut dyn Progress) -> Result<Self> {
        let text = first_line(&ffmpeg, progress)?;
        first_line(&ffprobe, progress)?;
        let Some(version) = Version::parse(&text) else {
            let reason = "is not ffmpeg; name the right program in IMPASTO_FFMPEG";
            return Err(refuse(&ffmpeg, reason));
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
            runs: Runs::default(),
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
    pub fn has_encoder(&self, name: &str, progress: &mut dyn Progress) -> Result<bool> {
        self.lists("-encoders", name, progress)
    }

    /// Whether it has the filter `name`.
    ///
    /// # Errors
    /// [`Error::Program`] when it cannot be run.
    pub fn has_filter(&self, name: &str, progress: &mut dyn Progress) -> Result<bool> {
        self.lists("-filters", name, progress)
    }

    fn lists(&self, what: &str, name: &str, progress: &mut dyn Progress) -> Result<bool> {
        let mut command = self.ffmpeg();
        command.args(["-v", "error", what]);
        let listed = answer(&self.ffmpeg, &mut command, progress)?;
        let listed = String::from_utf8_lossy(&listed);
        // ` V....D libx264              libx264 H.264 ...`
        Ok(listed
            .lines()
            .any(|line| line.split_whitespace().nth(1) == Some(name)))
    }

    /// Start `command`; see [`Running::start`].
    pub(super) fn start(
        &self,
        command: &mut Command,
        watch: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Result<Running> {
        if self.runs.are_abandoned() {
            let reason = "did not end when it was to stop, and was killed";
            return Err(refuse(&self.ffmpeg, reason));
        }
        let running = Running::start(command, watch).map_err(|e| self.not_started(&e))?;
        self.runs.add(&running.handle());
        Ok(running)
    }

    /// Start `command`, wait for its end, and give at most `most` bytes of its standard output.
    ///
    /// # Errors
    /// [`Error::Program`]; [`Error::Interrupted`], and it is killed.
    pub(super) fn output(
        &self,
        command: &mut Command,
        most: u64,
        progress: &mut dyn Progress,
    ) -> Result<(Vec<u8>, Ended)> {
        let running = self.start(command.stdout(Stdio::piped()), |_| true)?;
        let output = running.output(most, &mut || go_on(progress));
        output
            .map_err(|e| self.not_started(&e))?
            .ok_or(Error::Interrupted)
    }

    /// Kill everything that was started and still runs, and start nothing more: for a user who wants to stop while one of
    /// them does not end.
    pub fn abandon(&self) {
        self.runs.abandon();
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

/// Whether `progress` lets the job go on.
pub(super) fn go_on(progress: &mut dyn Progress) -> bool {
    progress.step(0, 1, "ffmpeg").is_continue()
}

/// The first line of what `program -version` prints.
fn first_line(program: &Path, progress: &mut dyn Progress) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("-version").stdin(Stdio::null());
    let text = answer(program, &mut command, progress)?;
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// What `command` prints, which must not take long.
fn answer(program: &Path, command: &mut Command, progress: &mut dyn Progress) -> Result<Vec<u8>> {
    let failed = |e: std::io::Error| not_started(program, &e);
    let running = Running::start(command.stdout(Stdio::piped()), |_| true).map_err(failed)?;
    let (began, mut late) = (Instant::now(), false);
    let output = running.output(MOST_TEXT, &mut || {
        late = began.elapsed() > SLOWEST;
        !late && go_on(progress)
    });
    match output.map_err(failed)? {
        Some((text, _)) => Ok(text),
        None if late => {
            let seconds = SLOWEST.as_secs();
            let reason = format!(
                "does not answer in {seconds} seconds; name the right program in IMPASTO_FFMPEG"
            );
            Err(refuse(program, &reason))
        }
        None => Err(Error::Interrupted),
    }
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
