//! `impasto verify`, as a user runs it.
#![allow(clippy::unwrap_used)]

use crate::common::optimise::program;
use crate::common::{folder, repository};
use serde_json::Value;
use tempfile::TempDir;

/// Limits that the fast network holds on the pair below, with some room; that a copy of the photo (share 0) would not.
const LIMITS: &str = "--least-share 0.3 --most-times 8";

/// A pair of pictures as the fast network was trained for.
fn pair(dir: &TempDir) {
    let copy = |from: &str, to: &str| {
        std::fs::copy(repository(from), dir.path().join(to)).unwrap();
    };
    copy("examples/images/still-life.png", "photo.png");
    copy("examples/styles/swirls.png", "painting.png");
}

/// The exit status and the JSON of `impasto verify LINE` with the compact network at 64 pixels.
fn verify(dir: &TempDir, line: &str) -> (Option<i32>, Value) {
    let line = format!("verify {line} --size 64 --features compact --device cpu --json");
    let done = program(dir, &line).output().unwrap();
    let report = serde_json::from_slice(&done.stdout).unwrap_or_default();
    (done.status.code(), report)
}

#[test]
fn a_verification_writes_its_report_and_judges() {
    let dir = folder();
    pair(&dir);
    let at = dir.path();
    let run = |limits: &str| {
        let line = format!("photo.png --style painting.png -o report -n 80 {limits}");
        verify(&dir, &line)
    };
    let (code, report) = run(LIMITS);
    let judgement = &report["pairs"][0]["verdict"]["judgement"];
    assert_eq!((code, judgement), (Some(0), &"passes".into()), "{report}");
    assert_eq!(report["passed"], Value::Bool(true));
    let share = report["pairs"][0]["verdict"]["share"].as_f64().unwrap();
    assert!((0.3..1.0).contains(&share), "{share}");
    for name in [
        "index.html",
        "report.json",
        "photo__painting/sheet.png",
        "photo__painting/curve.png",
        "photo__painting/optimum.png",
    ] {
        assert!(at.join("report").join(name).is_file(), "{name}");
    }
    let (code, report) = run("--least-share 1 --most-times 1");
    let judgement = &report["pairs"][0]["verdict"]["judgement"];
    assert_eq!((code, judgement), (Some(2), &"fails".into()), "{report}");
    assert_eq!(report["passed"], Value::Bool(false));
}

/// With few iterations the optimiser's picture is coloured noise, which is easily beaten.
#[test]
fn a_network_does_not_pass_against_an_optimiser_that_has_not_converged() {
    let dir = folder();
    pair(&dir);
    let (code, report) = verify(
        &dir,
        &format!("photo.png --style painting.png -o report -n 10 {LIMITS}"),
    );
    let verdict = &report["pairs"][0]["verdict"];
    assert_eq!(code, Some(3), "{report}");
    assert_eq!(verdict["judgement"], "inconclusive");
    let reason = verdict["not_converged"].as_str().unwrap();
    assert!(reason.contains("still"), "{reason}");
    let page = std::fs::read_to_string(dir.path().join("report/index.html")).unwrap();
    assert!(page.contains("inconclusive: the optimiser"), "{page}");
}

#[test]
fn every_photo_is_verified_with_every_painting() {
    let dir = folder();
    pair(&dir);
    let at = dir.path();
    std::fs::create_dir_all(at.join("photos")).unwrap();
    std::fs::copy(at.join("photo.png"), at.join("photos/a.png")).unwrap();
    std::fs::copy(at.join("photo.png"), at.join("photos/b.png")).unwrap();
    let (_, report) = verify(&dir, "--set photos painting.png -o all -n 2");
    assert_eq!(report["pairs"].as_array().unwrap().len(), 2);
}
