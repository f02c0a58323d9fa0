//! `impasto gatys`, as a user runs it.
#![allow(clippy::unwrap_used)]

use crate::common::optimise::{pair, program, report, weights};
use crate::common::*;

/// A transfer at a size that is quickly done; the name of the picture follows.
const TRANSFER: &str = "gatys transfer photo.png --style painting.png --size 64 -o";

#[test]
fn a_transfer_goes_down_and_is_the_same_twice() {
    let dir = folder();
    pair(&dir);
    let at = dir.path();
    let run = |rest: &str| report(&dir, &format!("{TRANSFER} {rest} --features compact"));
    let short = run("short.png -n 2");
    let long = run("long.png -n 15 --curve --every 10");
    assert!(
        long["total"].as_f64() < short["total"].as_f64().map(|t| 0.8 * t),
        "{short} {long}"
    );
    assert_eq!(open(at.join("long.png")).dimensions(), (64, 43));
    for name in ["long-curve.png", "long-curve.csv", "long-0010.png"] {
        assert!(at.join(name).is_file(), "{name}");
    }
    let again = run("again.png -n 15");
    assert_eq!(again["total"], long["total"]);
    assert_eq!(
        std::fs::read(at.join("again.png")).unwrap(),
        std::fs::read(at.join("long.png")).unwrap()
    );
    let other = run("other.png -n 15 --seed 1");
    assert_ne!(other["total"], long["total"]);
    let adam = run("adam.png -n 20 --optimiser adam --init content --scales 2");
    assert!(adam["total"].as_f64() < short["total"].as_f64());
    let pastiche = run("pastiche.png -n 10 --init pastiche");
    assert!(pastiche["total"].as_f64() < short["total"].as_f64());
}

#[test]
fn low_layers_are_reconstructed_better_than_deep_ones() {
    let dir = folder();
    pair(&dir);
    let psnr = |layer: &str| {
        let line = format!(
            "gatys reconstruct photo.png --layer {layer} -o r.png --size 64 -n 40 --features compact"
        );
        report(&dir, &line)["psnr"].as_f64().unwrap()
    };
    let (low, deep) = (psnr("relu1_1"), psnr("relu5_1"));
    assert!(
        low > deep + 5.0,
        "{low} dB at relu1_1, {deep} dB at relu5_1"
    );
}

#[test]
fn textures_and_grids_are_made() {
    let dir = folder();
    pair(&dir);
    let run = |rest: &str| {
        report(
            &dir,
            &format!("gatys {rest} --size 48 -n 3 --features compact"),
        )
    };
    let texture = run("synthesize painting.png --layers relu1_1..relu3_1 -o t.png");
    assert_eq!(texture["terms"].as_array().unwrap().len(), 3);
    let made = run(
        "grid photo.png --style painting.png -o g.png --cell 48 --layers relu1_1 \
         --layers relu1_1..relu3_1 --inits noise,content --weights 1,8",
    );
    assert_eq!(made["cells"].as_array().unwrap().len(), 8);
    assert_eq!(open(dir.path().join("g.png")).width(), 2 * 56 + 8);
}

#[test]
fn what_cannot_be_optimised_is_refused() {
    let dir = folder();
    pair(&dir);
    let refused = |line: &str, said: &str| {
        let complaint = failure(&mut program(&dir, line));
        assert!(complaint.contains(said), "{line}: {complaint}");
    };
    let of_style = "gatys transfer photo.png -o x.png --features compact --size 64 --style";
    refused(&format!("{of_style} @great-wave"), "needs a picture");
    for (flags, said) in [
        ("--content-weight 0 --style-weight 0", "weights are 0"),
        ("--style-weight -1", "between 0"),
        ("--preset rembrandt", "rembrandt"),
        ("--content-layer conv9_1", "conv9_1"),
        ("--content-layer conv4_2", "has no conv4_2"),
        ("--iterations 0", "--iterations"),
        ("--history 0", "--history"),
        ("--init nowhere.png", "nowhere.png"),
    ] {
        refused(&format!("{of_style} painting.png {flags}"), said);
    }
    let of_size = "gatys transfer photo.png --style painting.png -o x.png";
    for (flags, said) in [
        ("--size 16 --features compact", "at least 16x16"),
        ("--features painting.png", "painting.png"),
        ("--features vgg19", "not installed"),
    ] {
        refused(&format!("{of_size} {flags}"), said);
    }
    assert!(!dir.path().join("x.png").exists());
}

#[test]
fn weights_are_installed_with_their_hash_and_watched_over() {
    let dir = folder();
    pair(&dir);
    let at = dir.path();
    std::fs::write(at.join("w.safetensors"), weights(&[2, 2, 3, 2, 1], false)).unwrap();
    std::fs::write(at.join("short.safetensors"), weights(&[2, 2], false)).unwrap();
    let said = failure(&mut program(&dir, "models add vgg19 short.safetensors"));
    assert!(said.contains("relu3_1"), "{said}");
    program(&dir, "models add vgg19 w.safetensors")
        .assert()
        .success();
    let mut transfer = program(&dir, &format!("{TRANSFER} x.png -n 1"));
    let done = transfer.output().unwrap();
    let said = stderr(&done);
    assert!(
        done.status.success() && said.contains("features: vgg19"),
        "{said}"
    );
    let changed = weights(&[2, 2, 3, 2, 2], false);
    std::fs::write(at.join("models/vgg19.safetensors"), changed).unwrap();
    let said = failure(&mut transfer);
    assert!(said.contains("not what was installed"), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_writes_the_best_picture_so_far() {
    let dir = folder();
    pair(&dir);
    let at = dir.path();
    let mut child = start(
        &dir,
        "gatys transfer photo.png --style painting.png -o x.png --size 48 -n 100000 --every 3 \
         --features compact --device cpu",
    );
    wait_for(&mut child, &at.join("x-0003.png"));
    assert!(!at.join("x.png").exists());
    assert_eq!(interrupt(child).status.code(), Some(130));
    assert_eq!(open(at.join("x.png")).dimensions(), (48, 32));
}
