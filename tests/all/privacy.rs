//! Nothing leaves the machine, and nothing is left on it but what was asked for: the program runs under strace with an
//! empty home. Skipped where strace cannot be used, unless `IMPASTO_REQUIRE_STRACE` is set.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{folder, save, scene, tiny};
use tempfile::TempDir;

/// Whether programs can be traced here; containers often forbid it.
fn can_trace() -> bool {
    let works = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !works {
        assert!(
            std::env::var_os("IMPASTO_REQUIRE_STRACE").is_none(),
            "strace does not work here, and IMPASTO_REQUIRE_STRACE is set"
        );
        eprintln!("skipped: strace does not work here");
    }
    works
}

/// Every file and folder below `folder`, relative to it.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path.clone());
            }
            found.push(path.strip_prefix(folder).unwrap().to_owned());
        }
    }
    found.sort();
    found
}

/// Runs `impasto LINE` in `work` with a home that is empty before, and asserts that it is empty after and that no
/// internet socket was opened.
fn run_watched(work: &TempDir, line: &str) {
    let (home, log) = (folder(), folder());
    let trace = log.path().join("trace");
    let output = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=execve,socket,connect,sendto,sendmsg",
        ])
        .arg("-o")
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_impasto"))
        .args(line.split_whitespace())
        .args(["--device", "cpu", "--model", &tiny()])
        .current_dir(work.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "impasto {line}: {text}");
    let calls = std::fs::read_to_string(trace).unwrap();
    assert!(calls.contains("execve("), "nothing was traced");
    let internet: Vec<&str> = calls.lines().filter(|l| l.contains("AF_INET")).collect();
    assert!(internet.is_empty(), "impasto {line}: {internet:?}");
    let left = below(home.path());
    assert!(left.is_empty(), "impasto {line} left {left:?} in the home");
}

/// A folder with a photo and a painting.
fn pictures() -> TempDir {
    let work = folder();
    save(&work, "photo.png", &scene(96, 64));
    save(&work, "painting.png", &scene(64, 64));
    work
}

#[test]
fn a_photo_leaves_nothing_but_its_output() {
    if !can_trace() {
        return;
    }
    let work = pictures();
    run_watched(&work, "stylize photo.png --style painting.png -o out.png");
    let names = ["out.png", "painting.png", "photo.png"].map(PathBuf::from);
    assert_eq!(below(work.path()), names);
}

#[cfg(feature = "live")]
#[test]
fn a_live_session_of_some_seconds_leaves_nothing() {
    if !can_trace() {
        return;
    }
    let work = pictures();
    let line =
        "live --source test-card --capture 64x48@30 --style painting.png --headless --frames 120";
    run_watched(&work, line);
    let names = ["painting.png", "photo.png"].map(PathBuf::from);
    assert_eq!(below(work.path()), names);
}
