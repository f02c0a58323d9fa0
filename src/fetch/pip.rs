//! Takes a package and a folder; downloads the wheel into it through pip, as one would by hand:
//!
//! ```text
//! python3 -m pip download --no-deps --only-binary=:all: --implementation cp --python-version 311 \
//!     --platform PLATFORM -d FOLDER onnxruntime==VERSION
//! ```
//!
//! The build script includes this file, so it uses nothing but the standard library.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::pins::{PYTHON, Pin};

/// The names of Python on the supported systems.
const PYTHONS: [&[&str]; 3] = [&["python3"], &["python"], &["py", "-3"]];

/// Puts the wheel `pin` of a package into `folder` and returns its path. The error is one sentence.
pub fn download(package: &str, version: &str, pin: &Pin, folder: &Path) -> Result<PathBuf, String> {
    let pip = PYTHONS
        .iter()
        .find(|python| has_pip(python))
        .ok_or("no Python with pip was found (tried python3, python and py -3)")?;
    let output = command(pip)
        .args(["download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--implementation", "cp", "--python-version", PYTHON])
        .args(["--platform", pin.platform, "--retries", "2", "-d"])
        .arg(folder)
        .arg(format!("{package}=={version}"))
        .output()
        .map_err(|error| format!("pip could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "pip could not download it: {}",
            last_error(&output.stderr)
        ));
    }
    let wheel = folder.join(pin.wheel);
    if !wheel.is_file() {
        return Err(format!("pip downloaded something, but not {}", pin.wheel));
    }
    Ok(wheel)
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
