//! ONNX Runtime's library missing, cut off, or something else; and without memory while it works.
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{folder, scene, tiny};
use crate::process::impasto;
use crate::snapshot::files;
use crate::tally::is_temporary;

const LINE: &str = "stylize a.png --style a.png --threads 1 --model TINY -o o.png";

/// The library that the program finds by itself.
fn library(work: &Path) -> PathBuf {
    let output = impasto(work, "doctor").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.contains("ONNX Runtime"));
    let path = line.and_then(|line| line.split(" from ").nth(1));
    PathBuf::from(path.expect("doctor names the library").trim())
}

#[test]
fn a_library_that_cannot_be_used_is_an_error_in_one_line() {
    let root = folder();
    let work = root.path();
    scene(64, 48).save(work.join("a.png")).unwrap();
    let whole = std::fs::read(library(work)).unwrap();
    let at = |name: &str| work.join(name);
    for (name, share) in [("cut-1", 1), ("cut-30", 30), ("cut-60", 60), ("cut-99", 99)] {
        std::fs::write(at(name), &whole[..whole.len() / 100 * share]).unwrap();
    }
    std::fs::write(at("last-byte"), &whole[..whole.len() - 1]).unwrap();
    std::fs::write(at("header"), &whole[..64]).unwrap();
    std::fs::write(at("half-header"), &whole[..40]).unwrap();
    std::fs::write(at("empty"), "").unwrap();
    std::fs::write(at("text"), "no library").unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    let status = Command::new("mkfifo").arg(at("pipe")).status();
    assert!(status.unwrap().success());
    let other = [
        "/lib/x86_64-linux-gnu/libm.so.6",
        "/lib64/libm.so.6",
        "/usr/lib/libm.so.6",
    ];
    let other = other.iter().find(|path| Path::new(path).exists());
    for name in [
        "missing",
        "cut-1",
        "cut-30",
        "cut-60",
        "cut-99",
        "last-byte",
        "header",
        "half-header",
        "empty",
        "text",
        "folder",
        "pipe",
        "/dev/zero",
        "/dev/null",
    ]
    .into_iter()
    .chain(other.copied())
    {
        for by_variable in [true, false] {
            let mut command = match by_variable {
                true => impasto(work, LINE),
                false => impasto(work, &format!("{LINE} --runtime {name}")),
            };
            if by_variable {
                command.env("ORT_DYLIB_PATH", at(name));
            }
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let lines = said.lines().filter(|l| l.starts_with("impasto: ")).count();
            assert_eq!(
                (output.status.code(), lines),
                (Some(1), 1),
                "{name}: {}: {said}",
                output.status
            );
            assert!(said.contains(name), "{name}: {said}");
            assert!(!work.join("o.png").exists(), "{name}");
        }
    }
}

/// Under a limit of memory it paints, says in one line that there is not enough, or is ended by the system; a picture that
/// is there is whole.
#[test]
fn too_little_memory_in_the_middle() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: there is no prlimit");
        return;
    }
    let root = folder();
    let work = root.path();
    scene(1600, 1200).save(work.join("a.png")).unwrap();
    let mut seen = [0; 3];
    for megabytes in (60..=400).step_by(20) {
        let output = Command::new("prlimit")
            .arg(format!("--as={megabytes}000000"))
            .arg(env!("CARGO_BIN_EXE_impasto"))
            .args(LINE.replace("TINY", &tiny()).split_whitespace())
            .current_dir(work)
            .env("IMPASTO_GALLERY", work.join("gallery.toml"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let case = format!("{megabytes} MB: {}: {said}", output.status);
        let picture = work.join("o.png");
        match (output.status.code(), output.status.signal()) {
            (Some(0), _) => {
                seen[0] += 1;
                assert_eq!(
                    image::image_dimensions(&picture).unwrap(),
                    (1600, 1200),
                    "{case}"
                );
                std::fs::remove_file(&picture).unwrap();
            }
            (Some(1), _) => {
                seen[1] += 1;
                let lines = said.lines().filter(|l| l.starts_with("impasto: ")).count();
                assert_eq!(lines, 1, "{case}");
            }
            // The system's loader, before the program runs.
            (Some(127), _) => {}
            (_, Some(_)) => seen[2] += 1,
            _ => panic!("{case}"),
        }
        let left = files(work);
        let known = |name: &String| name == "a.png" || is_temporary(name);
        assert!(left.keys().all(known), "{case}: {:?}", left.keys());
        for name in left.keys().filter(|name| is_temporary(name)) {
            std::fs::remove_file(work.join(name)).unwrap();
        }
    }
    eprintln!("painted, refused, ended by the system: {seen:?}");
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}
