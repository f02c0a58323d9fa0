//! `impasto live` without a camera or a display: test cards and films into files.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use crate::common::*;
use image::{Rgb, RgbImage};
use serde_json::Value;
use tempfile::TempDir;

/// `impasto live LINE`, which paints with the tiny model, in which a red style makes red pictures.
fn live(dir: &TempDir, line: &str) -> assert_cmd::Command {
    let mut command = quick(dir, &format!("live --device cpu {line}"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command
}

/// The frames that it paints into the folder `out`.
fn painted(dir: &TempDir, line: &str, out: &str) -> Vec<RgbImage> {
    live(dir, &format!("{line} --headless --sink png:{out}"))
        .assert()
        .success();
    frames(&dir.path().join(out))
}

/// Two styles that the tiny model tells apart.
fn two_styles(dir: &TempDir) {
    let tinted = |r: u32, g: u32, b: u32| {
        RgbImage::from_fn(64, 64, |x, y| {
            let light = (x * 3 + y) % 64 + 32;
            Rgb([light * r / 4, light * g / 4, light * b / 4].map(|v| v.min(255) as u8))
        })
    };
    save(dir, "red.png", &tinted(9, 2, 1));
    save(dir, "blue.png", &tinted(1, 3, 9));
}

/// A film of `frames` times the same picture, 48x32, 30 frames a second.
fn still_film(dir: &TempDir, frames: usize) -> PathBuf {
    let mut film = b"YUV4MPEG2 W48 H32 F30:1 Ip A1:1 C444\n".to_vec();
    for _ in 0..frames {
        film.extend_from_slice(b"FRAME\n");
        film.extend((0..48 * 32).map(|i| (40 + (i % 48) * 3 + i / 48) as u8));
        film.extend(std::iter::repeat_n(120u8, 48 * 32));
        film.extend(std::iter::repeat_n(140u8, 48 * 32));
    }
    let path = dir.path().join("still.y4m");
    std::fs::write(&path, film).unwrap();
    path
}

fn frames(folder: &Path) -> Vec<RgbImage> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(open).collect()
}

#[test]
fn a_test_card_becomes_a_folder_of_painted_frames_the_same_every_time() {
    let dir = folder();
    two_styles(&dir);
    let line = "--source test-card --capture 96x64@30 --style red.png --style blue.png --tour 0.2 \
                --glide 0.2 --frames 12";
    let paint = |out: &str| painted(&dir, line, out);
    let (one, two) = (paint("one"), paint("two"));
    assert_eq!(one.len(), 12);
    assert_eq!(one[0].dimensions(), (96, 64));
    assert!(one == two, "the same film twice is the same");
    assert!(
        one.windows(2).all(|pair| pair[0] != pair[1]),
        "the test card moves"
    );
    keep("live-test-card-00.png", &one[0]);
    keep("live-test-card-11.png", &one[11]);
    assert!(strays(&dir, &["red.png", "blue.png", "one", "two"]).is_empty());
}

#[test]
fn a_glide_on_a_still_picture_has_no_jump_and_meets_both_styles() {
    let dir = folder();
    two_styles(&dir);
    let film = still_film(&dir, 60);
    let line = "--source still.y4m --style red.png --style blue.png --tour 1 --glide 0.8 --frames 60 --steady 0";
    let all = painted(&dir, line, "out");
    assert_eq!(all.len(), 60);
    let (red, blue) = (&all[0], &all[59]);
    let whole = difference(red, blue);
    assert!(whole > 20.0, "the styles differ by {whole} levels");
    // A glide of 24 frames at its fastest has 1.875 of its mean speed; a level is lost to rounding.
    let steps: Vec<f64> = all.windows(2).map(|p| difference(&p[0], &p[1])).collect();
    let most = steps.iter().copied().fold(0.0, f64::max);
    assert!(
        most <= whole / 24.0 * 2.0 + 1.0,
        "a step of {most} levels of {whole}"
    );
    // At rest before and after, with a first and a last step that are hardly seen.
    let moves: Vec<usize> = (0..59).filter(|&n| all[n] != all[n + 1]).collect();
    assert!(moves.iter().all(|n| (29..55).contains(n)), "{moves:?}");
    assert!(
        steps[30] < whole * 0.02 + 0.5 && steps[52] < whole * 0.02 + 0.5,
        "{steps:?}"
    );
    for (frame, style) in [(red, "red.png"), (blue, "blue.png")] {
        save(&dir, "content.png", &first_frame_of(&film));
        let line = format!("stylize content.png --style {style} -o photo.png --device cpu");
        quick(&dir, &line).assert().success();
        assert_eq!(
            frame,
            &open(dir.path().join("photo.png")),
            "as `stylize` paints it"
        );
    }
}

/// The film's first frame, unpainted: at strength 0 it would be painted too, so the film is read by the library.
fn first_frame_of(film: &Path) -> RgbImage {
    use impasto::video::FrameSource;
    let file = std::fs::File::open(film).unwrap();
    let mut reader =
        impasto::video::y4m::Reader::new(std::io::BufReader::new(file), "film", false).unwrap();
    let mut frame = impasto::video::Frame::empty();
    assert!(reader.next_frame(&mut frame).unwrap());
    frame.rgb
}

#[test]
fn y4m_goes_through_pipes_and_the_report_to_stderr() {
    let dir = folder();
    two_styles(&dir);
    let film = std::fs::read(still_film(&dir, 3)).unwrap();
    let line = "--source - --style red.png --headless --sink y4m:- --json";
    let done = live(&dir, line).write_stdin(film).output().unwrap();
    let text = stderr(&done);
    assert!(done.status.success(), "{text}");
    assert!(done.stdout.starts_with(b"YUV4MPEG2 W48 H32 F30:1 "));
    let frames = done.stdout.windows(6).filter(|w| w == b"FRAME\n").count();
    assert_eq!(frames, 3);
    let report: Value = serde_json::from_str(&text[text.find('{').unwrap()..]).unwrap();
    assert_eq!(report["frames"], 3);
    assert_eq!(report["size"], serde_json::json!([48, 32]));
}

#[test]
fn rate_and_pixel_aspect_go_from_film_to_film_exactly() {
    let dir = folder();
    two_styles(&dir);
    for (n, words) in [
        "F30000:1001 Ip A64:45",
        "F24000:1001 Ip A1:1",
        "F25:1 Ip A0:0",
    ]
    .iter()
    .enumerate()
    {
        let mut film = format!("YUV4MPEG2 W48 H32 {words} C420jpeg\nFRAME\n").into_bytes();
        film.extend(std::iter::repeat_n(128, 48 * 32 * 3 / 2));
        std::fs::write(dir.path().join("in.y4m"), film).unwrap();
        let line = format!("--source in.y4m --style red.png --headless --sink y4m:out{n}.y4m");
        live(&dir, &line).assert().success();
        let painted = std::fs::read(dir.path().join(format!("out{n}.y4m"))).unwrap();
        let header = String::from_utf8_lossy(&painted[..painted.len().min(60)]).into_owned();
        let expected = format!("YUV4MPEG2 W48 H32 {words} ");
        assert!(header.starts_with(&expected), "{header}");
    }
}

#[test]
fn a_film_is_not_overwritten_while_it_is_read_whatever_it_is_called() {
    let dir = folder();
    two_styles(&dir);
    let film = std::fs::read(still_film(&dir, 2)).unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    std::fs::hard_link(dir.path().join("still.y4m"), dir.path().join("hard.y4m")).unwrap();
    let mut sinks = vec!["y4m:still.y4m", "y4m:sub/../still.y4m"];
    if cfg!(unix) {
        sinks.push("y4m:hard.y4m");
    }
    for sink in sinks {
        let line = format!("--source still.y4m --style red.png --headless --sink {sink}");
        let said = refusal(&mut live(&dir, &line));
        assert!(said.contains("the source itself"), "{sink}: {said}");
    }
    if cfg!(target_os = "linux") {
        // Redirected by the shell: standard input is the file itself.
        let input = std::fs::File::open(dir.path().join("still.y4m")).unwrap();
        let line = "live --source - --style red.png --headless --sink y4m:still.y4m --device cpu";
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_impasto"))
            .args(line.split(' '))
            .args(["--model", &tiny()])
            .current_dir(dir.path())
            .stdin(input)
            .output()
            .unwrap();
        let said = complaint(&output, 1);
        assert!(said.contains("the source itself"), "{said}");
    }
    assert_eq!(std::fs::read(dir.path().join("still.y4m")).unwrap(), film);

    std::fs::create_dir(dir.path().join("photos")).unwrap();
    save(&dir, "photos/a.png", &scene(64, 48));
    for (line, expected) in [
        (
            "--source photos --style red.png --sink png:photos",
            "the source itself",
        ),
        (
            "--source test-card --styles photos --sink png:sub/../photos",
            "styles come from",
        ),
        (
            "--source still.y4m --style red.png --sink y4m:a.y4m --sink y4m:./a.y4m",
            "twice",
        ),
        (
            "--source still.y4m --style red.png --sink y4m:- --sink y4m:-",
            "twice",
        ),
        (
            "--source still.y4m --style red.png --sink png:new --sink png:sub/../new",
            "twice",
        ),
    ] {
        let said = refusal(&mut live(&dir, &format!("{line} --headless --frames 1")));
        assert!(said.contains(expected), "{line}: {said}");
    }
    let kept = [
        "red.png",
        "blue.png",
        "still.y4m",
        "hard.y4m",
        "sub",
        "photos",
    ];
    assert!(strays(&dir, &kept).is_empty());
}

#[test]
fn a_film_that_loops_begins_again_and_what_cannot_loop_is_refused() {
    let dir = folder();
    two_styles(&dir);
    let film = still_film(&dir, 3);
    let all = painted(
        &dir,
        "--source still.y4m --loop --style red.png --frames 7",
        "out",
    );
    assert_eq!(all.len(), 7);
    assert!(all.iter().all(|frame| *frame == all[0]));
    for (line, expected) in [
        ("--source test-card --frames 1", "--loop"),
        ("--source still.y4m --sink y4m:out.y4m", "never ends"),
    ] {
        let line = format!("{line} --loop --style red.png --headless");
        let said = refusal(&mut live(&dir, &line));
        assert!(said.contains(expected), "{line}: {said}");
    }
    let mut piped = live(
        &dir,
        "--source - --loop --style red.png --headless --frames 9",
    );
    piped.write_stdin(std::fs::read(film).unwrap());
    let said = refusal(&mut piped);
    assert!(said.contains("--loop"), "{said}");
}

#[test]
fn what_is_no_source_says_how_it_is_painted() {
    let dir = folder();
    two_styles(&dir);
    std::fs::write(dir.path().join("v.mp4"), b"\0\0\0\x20ftypisom\xff\xfe").unwrap();
    std::fs::write(dir.path().join("p.jpg"), b"\xff\xd8\xff\xe0\0\x10JFIF\0").unwrap();
    for (source, expected) in [
        ("v.mp4", ["ffmpeg", "-pix_fmt yuv420p"]),
        ("p.jpg", ["impasto stylize", "folder"]),
        ("https://example.org/v.mp4", ["not supported", "download"]),
        ("rtsp://10.0.0.7/stream", ["not supported", "ffmpeg"]),
    ] {
        let line = format!("--source {source} --style red.png --headless");
        let said = failure(&mut live(&dir, &line));
        for expected in expected {
            assert!(said.contains(expected), "{source}: {said}");
        }
        assert!(!said.contains("first line"), "{said}");
    }
}

#[test]
fn frames_into_nothing_are_measured_stage_by_stage() {
    let dir = folder();
    two_styles(&dir);
    let report = json(&mut live(
        &dir,
        "--source test-card --capture 64x48@60 --style red.png --headless --frames 10 --json",
    ));
    assert_eq!(report["frames"], 10);
    let stages: Vec<&str> = report["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["stage"].as_str().unwrap())
        .collect();
    for stage in ["decode", "prepare", "paint", "finish", "latency"] {
        assert!(stages.contains(&stage), "{stage} in {stages:?}");
    }
    for stage in report["stages"].as_array().unwrap() {
        assert!(stage["p50_ms"].as_f64().unwrap() <= stage["p95_ms"].as_f64().unwrap());
    }
}

#[test]
fn strength_and_colours_are_obeyed() {
    let dir = folder();
    two_styles(&dir);
    let film = still_film(&dir, 2);
    let paint = |more: &str, out: &str| {
        let line = format!("--source still.y4m --style red.png {more}");
        painted(&dir, &line, out).remove(0)
    };
    let content = first_frame_of(&film);
    let (full, half, none) = (
        paint("", "full"),
        paint("--strength 0.5", "half"),
        paint("--strength 0", "none"),
    );
    let far = [&none, &half, &full].map(|f| difference(f, &content));
    assert!(far[0] < far[1] && far[1] < far[2], "{far:?}");
    // The tiny model has one deviation for three channels, so its strength 0 is near the photo, not the photo.
    assert!(psnr(&none, &content) > 15.0);
    let kept = paint("--keep-colors", "kept");
    assert!(difference(&kept, &content) < difference(&full, &content));
}

#[test]
fn a_mirror_flips_left_and_right() {
    let dir = folder();
    two_styles(&dir);
    still_film(&dir, 1);
    let paint = |mirror: &str| {
        let line = format!("--source still.y4m --style red.png --mirror {mirror}");
        painted(&dir, &line, mirror).remove(0)
    };
    let (plain, mut mirrored) = (paint("no"), paint("yes"));
    image::imageops::flip_horizontal_in_place(&mut mirrored);
    // Sums of a mirrored picture are taken in another order.
    assert!(difference(&plain, &mirrored) < 0.5);
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let dir = folder();
    two_styles(&dir);
    std::fs::write(dir.path().join("bad.y4m"), "YUV4MPEG2 W9999999 H1\n").unwrap();
    save(&dir, "photo.png", &scene(64, 48));
    for (more, expected) in [
        ("--style gone.png", "gone.png"),
        ("--style @gone", "@gone"),
        ("--style red.png:0.5", "weight"),
        ("--style red.png --strength 2", "--strength"),
        ("--style red.png --glide -1", "--glide"),
        ("--style red.png --tour 0", "--tour"),
        ("--style red.png --fps 0", "--fps"),
        ("--style red.png --sink png:no/such/folder", "no/such"),
        ("--style red.png --save-to gone", "--save-to"),
        ("--style red.png --sink window", "--headless"),
        ("--styles gone", "gone"),
    ] {
        let line = format!("--source test-card --headless --frames 1 {more}");
        let said = refusal(&mut live(&dir, &line));
        assert!(said.contains(expected), "{more}: {said}");
    }
    for source in ["gone.y4m", "bad.y4m", "photo.png"] {
        let line = format!("--source {source} --style red.png --headless");
        let said = refusal(&mut live(&dir, &line));
        assert!(said.contains(source), "{said}");
    }
    assert!(strays(&dir, &["red.png", "blue.png", "bad.y4m", "photo.png"]).is_empty());
}

#[test]
fn without_a_display_the_window_says_what_to_do() {
    let dir = folder();
    two_styles(&dir);
    let said = refusal(&mut live(&dir, "--source test-card --style red.png"));
    assert!(
        said.contains("display") && said.contains("--headless"),
        "{said}"
    );
}

/// On a machine without a camera; with one, the session simply ends after a frame.
#[test]
fn without_a_camera_another_source_is_named() {
    let dir = folder();
    two_styles(&dir);
    if !impasto::camera::list().unwrap_or_default().is_empty() {
        eprintln!("skipped: this machine has a camera");
        return;
    }
    let said = refusal(&mut live(&dir, "--style red.png --headless --frames 1"));
    assert!(
        said.contains("camera") && said.contains("test-card"),
        "{said}"
    );
}

#[test]
fn the_keys_stand_in_the_readme() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    assert!(
        readme.contains(&impasto::live::key_table()),
        "README.md lacks the table of keys as it is now"
    );
}

#[test]
fn what_a_mask_covers_stays_as_the_camera_sees_it() {
    let dir = folder();
    two_styles(&dir);
    let mask = image::GrayImage::from_fn(64, 48, |x, _| [if x < 32 { 255 } else { 0 }].into());
    mask.save(dir.path().join("m.png")).unwrap();
    let line = "--source test-card --capture 64x48 --frames 3 --style red.png";
    let run = |more: &str, out: &str| painted(&dir, &format!("{line} {more}"), out);
    let (photos, all) = (run("--strength 0", "photos"), run("", "all"));
    let kept = run("--mask m.png", "kept");
    assert_eq!(kept.len(), 3);
    for ((kept, photo), all) in kept.iter().zip(&photos).zip(&all) {
        assert_ne!(photo, all);
        for (x, y, pixel) in kept.enumerate_pixels() {
            let wanted = if x < 32 { photo } else { all };
            assert_eq!(pixel, wanted.get_pixel(x, y), "{x} {y}");
        }
    }
    // Nobody is on a bare wall.
    std::fs::create_dir(dir.path().join("wall")).unwrap();
    let wall = RgbImage::from_pixel(64, 48, Rgb([90, 140, 190]));
    save(&dir, "wall/1.png", &wall);
    let line_of_wall = "--source wall --style red.png";
    let all = painted(&dir, line_of_wall, "wall-all");
    let kept = painted(
        &dir,
        &format!("{line_of_wall} --foreground keep"),
        "wall-kept",
    );
    assert_eq!(kept, all);
    assert_ne!(kept[0], wall);
    let tall = image::GrayImage::new(48, 64);
    tall.save(dir.path().join("tall.png")).unwrap();
    let line = format!("{line} --headless --sink null --mask tall.png");
    let said = refusal(&mut live(&dir, &line));
    assert!(said.contains("tall.png is 48x64 pixels"), "{said}");
}
