//! The program, run as a user runs it, and what it says.

use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use super::tiny;

/// The program with an empty gallery of the user, in the folder `dir`.
pub fn impasto(dir: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_impasto"));
    command
        .current_dir(dir.path())
        .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"));
    command
}

/// `impasto LINE` in the folder `dir`; spaces part the words of the line.
pub fn command(dir: &TempDir, line: &str) -> Command {
    let mut command = impasto(dir);
    command.args(line.split_whitespace());
    command
}

/// `impasto LINE` with networks of a few hundred bytes.
pub fn quick(dir: &TempDir, line: &str) -> Command {
    let mut command = command(dir, line);
    command.args(["--model", &tiny()]);
    command
}

/// What a run wrote for people.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The JSON that `command` prints; panics when it fails.
pub fn json(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The one line on stderr of a run that failed with `code`; panics when there is more, or a panic's text.
pub fn complaint(output: &Output, code: i32) -> String {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    let lines: Vec<_> = text
        .lines()
        .filter(|l| l.starts_with("impasto: "))
        .collect();
    assert_eq!(lines.len(), 1, "one clear line expected, got: {text}");
    lines[0].to_owned()
}

/// The one line in which `command` says why it cannot be done: see [`complaint`]. The exit status is 2 for a bad option,
/// else 1.
pub fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let bad_option = output.status.code() == Some(2);
    complaint(&output, if bad_option { 2 } else { 1 })
}

/// All that a command writes that fails: what is wrong with its flags takes several lines.
pub fn failure(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = stderr(&output);
    assert!(!output.status.success(), "{command:?} succeeded: {text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// `impasto LINE`, begun and left running.
pub fn start(dir: &TempDir, line: &str) -> Child {
    std::process::Command::new(env!("CARGO_BIN_EXE_impasto"))
        .args(line.split_whitespace())
        .current_dir(dir.path())
        .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until `child` has written `path`: then it is surely in the middle of its work.
pub fn wait_for(child: &mut Child, path: &Path) {
    let began = Instant::now();
    while !path.exists() {
        assert!(child.try_wait().unwrap().is_none(), "ended before Ctrl-C");
        assert!(began.elapsed().as_secs() < 120, "no {}", path.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Ctrl-C, and what the program makes of it.
#[cfg(unix)]
pub fn interrupt(child: Child) -> Output {
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    child.wait_with_output().unwrap()
}
