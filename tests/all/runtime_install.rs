//! `impasto runtime`: what is listed, refused, brought and removed. pip is played by a script: no test needs the network.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::common::{command, failure, json, refusal};
use tempfile::{TempDir, tempdir};

/// A `python3` that answers `--version`, and else puts `bytes` where the wheel that is asked for belongs.
fn pip_that_brings(dir: &TempDir, bytes: &str) -> std::path::PathBuf {
    let folder = dir.path().join("bin");
    fs::create_dir(&folder).unwrap();
    let script = format!(
        "#!/bin/sh\n\
         case \"$*\" in *--version*) exit 0;; esac\n\
         while [ \"$1\" != -d ]; do shift; done\n\
         printf '{bytes}' > \"$2/onnxruntime_openvino-1.24.1-cp311-cp311-manylinux_2_28_x86_64.whl\"\n"
    );
    let python = folder.join("python3");
    fs::write(&python, script).unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn files_below(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

#[test]
fn what_can_be_had_is_listed_with_versions_and_nothing_is_installed_at_first() {
    let dir = tempdir().unwrap();
    let list = json(command(&dir, "runtime list --json").env("IMPASTO_CACHE", dir.path()));
    let devices: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["device"].clone())
        .collect();
    assert_eq!(devices, ["openvino", "cuda", "cpu"]);
    assert_eq!(list[0]["package"], "onnxruntime-openvino==1.24.1");
    assert!(list[0]["library"].is_null());
    assert!(list[1]["needs"].as_str().unwrap().contains("cuDNN"));
}

#[test]
fn a_device_that_cannot_be_installed_here_is_refused_with_those_that_can() {
    let dir = tempdir().unwrap();
    for device in ["directml", "coreml", "auto", "gpu", "nvidia"] {
        let mut run = command(&dir, &format!("runtime install {device}"));
        let text = failure(run.env("IMPASTO_CACHE", dir.path()));
        assert!(
            text.contains(device) && text.contains("openvino, cuda, cpu"),
            "{text}"
        );
    }
}

#[test]
fn another_wheel_than_the_known_one_is_refused_and_leaves_nothing() {
    let dir = tempdir().unwrap();
    let cache = dir.path().join("cache");
    let path = pip_that_brings(&dir, "not a wheel");
    let mut run = command(&dir, "runtime install openvino");
    let text = refusal(
        run.env("IMPASTO_CACHE", &cache)
            .env("PATH", format!("{}:/bin:/usr/bin", path.display())),
    );
    assert!(
        text.contains("sha256") && text.contains("3007c803"),
        "{text}"
    );
    assert_eq!(files_below(&cache), 0);
}

#[test]
fn without_pip_the_message_says_so() {
    let dir = tempdir().unwrap();
    let mut run = command(&dir, "runtime install openvino");
    let text = refusal(run.env("IMPASTO_CACHE", dir.path()).env("PATH", dir.path()));
    assert!(text.contains("Python with pip"), "{text}");
}

#[test]
fn what_is_not_installed_cannot_be_removed_and_that_is_no_error() {
    let dir = tempdir().unwrap();
    let output = command(&dir, "runtime remove openvino")
        .env("IMPASTO_CACHE", dir.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("not installed"));
}
