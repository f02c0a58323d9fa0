//! `impasto verify`, as a user runs it.
#![allow(clippy::unwrap_used)]

use crate::common::optimise::{program, report};
use crate::common::{folder, repository};
use serde_json::Value;

#[test]
fn a_verification_writes_its_report_and_judges() {
    let dir = folder();
    let at = dir.path();
    // A pair that the fast network knows what to do with: of a toy it makes less than nothing.
    let copy = |from: &str, to: &str| std::fs::copy(repository(from), at.join(to)).unwrap();
    copy("examples/images/still-life.png", "photo.png");
    copy("examples/styles/swirls.png", "painting.png");
    let run = |limits: &str| {
        let line = format!(
            "verify photo.png --style painting.png -o report --size 64 -n 6 --features compact --json {limits}"
        );
        let done = program(&dir, &line).output().unwrap();
        let report: Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
        (done.status.code(), report)
    };
    let (code, judged) = run("--least-share 0 --most-times 1e9");
    assert_eq!(
        (code, &judged["passed"]),
        (Some(0), &true.into()),
        "{judged}"
    );
    for name in [
        "index.html",
        "report.json",
        "photo__painting/sheet.png",
        "photo__painting/curve.png",
        "photo__painting/optimum.png",
    ] {
        assert!(at.join("report").join(name).is_file(), "{name}");
    }
    let (code, judged) = run("--least-share 1 --most-times 1");
    assert_eq!(
        (code, &judged["passed"]),
        (Some(2), &false.into()),
        "{judged}"
    );
    std::fs::create_dir_all(at.join("photos")).unwrap();
    std::fs::copy(at.join("photo.png"), at.join("photos/a.png")).unwrap();
    std::fs::copy(at.join("photo.png"), at.join("photos/b.png")).unwrap();
    let set = report(
        &dir,
        "verify --set photos painting.png -o all --size 48 -n 2 --features compact \
         --least-share 0 --most-times 1e9",
    );
    assert_eq!(set["pairs"].as_array().unwrap().len(), 2);
}
