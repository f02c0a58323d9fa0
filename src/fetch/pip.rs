//! Takes a package and a folder; downloads the wheel into it through pip, as one would by hand:
//!
//! ```text
//! python3 -m pip download --no-deps --only-binary=:all: --implementation cp --python-version 311 \
//!     --platform PLATFORM -d FOLDER onnxruntime==VERSION
//! ```
//!
//! The build script includes this file, so it uses nothing but the standard library.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::pins::{PYTHON, Pin};

/// The names of Python on the supported systems.
const PYTHONS: [&[&str]; 3] = [&["python3"], &["python"], &["py", "-3"]];

/// The time between two looks at pip.
const LOOK: Duration = Duration::from_millis(20);

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
    // A file, as nobody reads a pipe while pip runs.
    let log = folder.join("pip.log");
    let mut download = command(pip);
    download
        .args(["download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--implementation", "cp", "--python-version", PYTHON])
        .args(["--platform", pin.platform, "--retries", "2", "-d"])
        .arg(folder)
        .arg(format!("{package}=={version}"))
        .stdout(Stdio::null())
        .stderr(File::create(&log).map_err(failed)?);
    let status = run(&mut download, go_on).map_err(failed)?;
    if !status.success() {
        let said = fs::read(&log).unwrap_or_default();
        return Err(format!("pip could not download it: {}", last_error(&said)));
    }
    let wheel = folder.join(pin.wheel);
    if !wheel.is_file() {
        return Err(format!("pip downloaded something, but not {}", pin.wheel));
    }
    Ok(wheel)
}

/// Run `command` until it ends, or end it when `go_on` says no.
fn run(command: &mut Command, go_on: &mut dyn FnMut() -> bool) -> io::Result<ExitStatus> {
    let mut child = command.spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if !go_on() {
            // It may have ended in the meantime, which is as good.
            let _ = child.kill();
            return child.wait();
        }
        thread::sleep(LOOK);
    }
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
