//! Takes a package and a folder; downloads the wheel into it through pip, as one would by hand:
//!
//! ```text
//! python3 -m pip download --no-deps --only-binary=:all: --implementation cp --python-version 311 \
//!     --platform PLATFORM -d FOLDER onnxruntime==VERSION
//! ```
//!
//! The build script includes this file, so it uses nothing but the standard library.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::pins::{PYTHON, Pin};

/// The names of Python on the supported systems.
const PYTHONS: [&[&str]; 3] = [&["python3"], &["python"], &["py", "-3"]];

/// The time between two looks at pip.
const LOOK: Duration = Duration::from_millis(20);

/// How long its last words may come after its end, and how many bytes of them are kept.
const LAST_WORDS: Duration = Duration::from_secs(1);
const MOST_SAID: usize = 16 << 10;

/// Puts the wheel `pin` of a package into `folder` and returns its path. pip is ended when `go_on` says no. The error is one
/// sentence.
pub fn download(
    package: &str,
    version: &str,
    pin: &Pin,
    folder: &Path,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<PathBuf, String> {
    let failed = |error: io::Error| format!("pip could not be started: {error}");
    let pip = PYTHONS
        .iter()
        .find(|python| has_pip(python))
        .ok_or("no Python with pip was found (tried python3, python and py -3)")?;
    let mut download = command(pip);
    download
        .args(["download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--implementation", "cp", "--python-version", PYTHON])
        .args(["--platform", pin.platform, "--retries", "2", "-d"])
        .arg(folder)
        .arg(format!("{package}=={version}"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let (status, said) = run(&mut download, go_on).map_err(failed)?;
    if !status.success() {
        return Err(format!("pip could not download it: {}", last_error(&said)));
    }
    let wheel = folder.join(pin.wheel);
    if !wheel.is_file() {
        return Err(format!("pip downloaded something, but not {}", pin.wheel));
    }
    Ok(wheel)
}

/// Run `command` until it ends, or end it when `go_on` says no. How it ended, and the end of what it wrote to stderr, which
/// goes to no file: the disk may be full.
fn run(
    command: &mut Command,
    go_on: &mut dyn FnMut() -> bool,
) -> io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = command.spawn()?;
    let (sender, said) = channel();
    if let Some(stderr) = child.stderr.take() {
        // Not joined: a program that pip started may hold the pipe, and go on.
        thread::spawn(move || drop(sender.send(last_bytes(stderr))));
    }
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if !go_on() {
            // It may have ended in the meantime, which is as good.
            let _ = child.kill();
            return Ok((child.wait()?, Vec::new()));
        }
        thread::sleep(LOOK);
    };
    Ok((status, said.recv_timeout(LAST_WORDS).unwrap_or_default()))
}

/// The last bytes of a stream, once it has ended.
fn last_bytes(mut stream: impl Read) -> Vec<u8> {
    let (mut kept, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        kept.extend_from_slice(&piece[..read]);
        let over = kept.len().saturating_sub(MOST_SAID);
        kept.drain(..over);
    }
    kept
}

/// Whether this Python exists and has pip. On Debian pip is a package of its own, and Windows has a `python` that
/// only opens its shop, so it must be run to know.
fn has_pip(python: &[&str]) -> bool {
    command(python)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn command(python: &[&str]) -> Command {
    let mut command = Command::new(python[0]);
    command
        .args(&python[1..])
        .args(["-m", "pip", "--disable-pip-version-check", "--no-input"])
        .stdin(Stdio::null());
    command
}

/// pip's last error: the others before it are its retries.
fn last_error(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines()
        .rfind(|line| line.starts_with("ERROR:"))
        .or_else(|| lines().next_back())
        .unwrap_or("it did not say why")
        .to_owned()
}
