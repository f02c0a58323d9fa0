//! `stylize --best`, as a user runs it.
#![allow(clippy::unwrap_used)]

use crate::common::optimise::{pair, program, report};
use crate::common::*;

const BEST: &str = "stylize photo.png --style painting.png --features compact";

#[test]
fn the_loss_goes_down_and_the_picture_is_the_same_twice() {
    let dir = folder();
    pair(&dir);
    let run = |rest: &str| report(&dir, &format!("{BEST} --size 64 {rest}"));
    let short = run("--best=2 -o short.png");
    let long = run("--best=12 -o long.png");
    let best = &long["pictures"][0]["best"];
    let total = |when: &str| best[when]["total"].as_f64().unwrap();
    assert!(total("after") < 0.7 * total("before"), "{best}");
    assert_eq!(best["steps"], 12);
    assert_eq!(best["interrupted"], false);
    assert_eq!(best["features"], "compact");
    let short = &short["pictures"][0]["best"];
    assert_eq!(
        short["before"], best["before"],
        "both began at the pastiche"
    );
    assert!(total("after") < short["after"]["total"].as_f64().unwrap());
    let again = run("--best=12 -o again.png");
    assert_eq!(again["pictures"][0]["best"], *best);
    let bytes = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert_eq!(bytes("again.png"), bytes("long.png"));
    assert_eq!(open(dir.path().join("long.png")).dimensions(), (64, 43));
}

#[test]
fn large_pictures_go_from_coarse_to_fine_and_the_time_is_said() {
    let dir = folder();
    pair(&dir);
    save(&dir, "photo.png", &scene(576, 24));
    let line = format!("{BEST} --best=8 -o out.png --device cpu");
    let output = program(&dir, &line).output().unwrap();
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("for 8 steps; Ctrl-C keeps what is reached"),
        "{text}"
    );
    assert!(text.contains("features: compact"), "{text}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("8 steps: loss"), "{printed}");
    assert_eq!(open(dir.path().join("out.png")).dimensions(), (576, 24));
}

#[test]
fn kept_parts_are_the_photo_in_the_best_picture_too() {
    let dir = folder();
    pair(&dir);
    let mask = image::GrayImage::from_fn(96, 64, |x, _| [if x < 48 { 255 } else { 0 }].into());
    mask.save(dir.path().join("m.png")).unwrap();
    report(
        &dir,
        &format!("{BEST} --best=2 --mask m.png --foreground keep -o out.png"),
    );
    let (photo, out) = (
        open(dir.path().join("photo.png")),
        open(dir.path().join("out.png")),
    );
    for (x, y, pixel) in out.enumerate_pixels().filter(|(x, _, _)| *x < 48) {
        assert_eq!(pixel, photo.get_pixel(x, y), "{x} {y}");
    }
    assert_ne!(photo, out);
}

#[test]
fn what_cannot_be_made_better_is_refused() {
    let dir = folder();
    pair(&dir);
    save(&dir, "wide.png", &scene(2001, 16));
    let mask = image::GrayImage::new(96, 64);
    mask.save(dir.path().join("m.png")).unwrap();
    for (line, said) in [
        ("photo.png --style painting.png --best=0", "between 1 and"),
        ("photo.png --style painting.png --best=many", "--best"),
        ("photo.png --style @the-scream --best", "needs a picture"),
        (
            "photo.png --style painting.png --style photo.png --best",
            "--each",
        ),
        (
            "photo.png --style painting.png --best --strength 0.5",
            "full strength",
        ),
        (
            "photo.png --style painting.png --best --size 3000",
            "up to 2000",
        ),
        ("wide.png --style painting.png --best", "add --size 2000"),
        (
            "photo.png --style painting.png --best --mask m.png=photo.png",
            "one style",
        ),
        (
            "photo.png --style painting.png --best --features nowhere",
            "nowhere",
        ),
        (
            "photo.png --style painting.png --features compact",
            "--best",
        ),
    ] {
        let text = failure(&mut program(
            &dir,
            &format!("stylize {line} -o no.png --device cpu"),
        ));
        assert!(text.contains(said), "{line}: {text}");
        assert!(!dir.path().join("no.png").exists(), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_reached() {
    use std::io::{BufRead, BufReader, Read};
    let dir = folder();
    pair(&dir);
    save(&dir, "photo.png", &scene(320, 240));
    let line = format!("{BEST} --best=5000 -o out.png --device cpu");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_impasto"))
        .args(line.split_whitespace())
        .current_dir(dir.path())
        .env("IMPASTO_MODELS", dir.path().join("models"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    // Said after the second step.
    while !text.contains("Ctrl-C keeps") {
        assert!(errors.read_line(&mut text).unwrap() > 0, "{text}");
    }
    assert!(!dir.path().join("out.png").exists());
    let output = interrupt(child);
    errors.read_to_string(&mut text).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert_eq!(open(dir.path().join("out.png")).dimensions(), (320, 240));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        printed.contains("stopped: the best picture so far"),
        "{printed}"
    );
    assert!(strays(&dir, &["photo.png", "painting.png", "out.png"]).is_empty());
}
