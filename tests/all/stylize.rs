//! `impasto stylize`, as a user runs it.
#![allow(clippy::unwrap_used)]

use crate::common::*;

#[test]
fn the_first_command_of_the_readme_paints_a_picture() {
    let dir = folder();
    let content = repository("examples/images/still-life.png");
    command(&dir, "stylize --style @great-wave -o wave.png")
        .arg(&content)
        .assert()
        .success();
    let (photo, pastiche) = (open(&content), open(dir.path().join("wave.png")));
    keep("wave.png", &pastiche);
    assert_eq!(photo.dimensions(), pastiche.dimensions());
    assert!(psnr(&photo, &pastiche) < 20.0, "nothing was painted");
    let distinct: std::collections::HashSet<_> = pastiche.pixels().map(|p| p.0).collect();
    assert!(
        distinct.len() > 5000,
        "the pastiche has only {} colours",
        distinct.len()
    );
    assert!(strays(&dir, &["wave.png"]).is_empty());
}

#[test]
fn strength_leads_from_the_photo_to_the_painting() {
    let dir = folder();
    let content = repository("examples/images/still-life.png");
    let mut painted = Vec::new();
    for strength in ["0", "0.25", "0.5", "0.75", "1"] {
        let out = format!("{strength}.png");
        let line = format!("stylize --style @great-wave --size 320 --strength {strength} -o {out}");
        command(&dir, &line).arg(&content).assert().success();
        painted.push(open(dir.path().join(&out)));
        keep(&format!("strength-{out}"), painted.last().unwrap());
    }
    let (width, height) = painted[0].dimensions();
    let photo = impasto::picture::resize(&open(&content), width, height).unwrap();
    let likeness: Vec<_> = painted.iter().map(|p| psnr(p, &photo)).collect();
    assert!(
        likeness[0] > 18.0,
        "strength 0 must give the photo back: {likeness:?} dB"
    );
    assert_eq!(painted[0], photo, "strength 0 is the photo");
    assert!(
        likeness.windows(2).all(|w| w[0] > w[1]),
        "each step is farther from the photo: {likeness:?} dB"
    );
}

#[test]
fn a_style_may_be_a_picture_and_styles_may_be_blended() {
    let dir = folder();
    save(&dir, "photo.png", &scene(80, 60));
    save(&dir, "a.png", &scene(40, 90));
    save(&dir, "b.bmp", &image::imageops::rotate90(&scene(70, 50)));
    let run = |out: &str, styles: &[&str]| {
        let mut command = command(&dir, &format!("stylize photo.png -o {out}"));
        styles.iter().for_each(|s| {
            command.args(["--style", s]);
        });
        command.assert().success();
        open(dir.path().join(out))
    };
    let (a, b) = (run("1.png", &["a.png"]), run("2.png", &["b.bmp"]));
    assert_eq!(run("3.png", &["a.png:1", "b.bmp:0"]), a);
    assert_eq!(
        run("4.png", &["a.png:2", "b.bmp:2"]),
        run("5.png", &["b.bmp", "a.png"])
    );
    assert_ne!(a, b);
}

#[test]
fn every_content_meets_every_style() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("photos")).unwrap();
    for name in ["photos/x.png", "photos/y.jpg", "s.png", "t.png"] {
        save(&dir, name, &scene(64, 48));
    }
    let line = "stylize photos --style s.png --style t.png --each -o out";
    quick(&dir, line).assert().success();
    let mut names: Vec<_> = std::fs::read_dir(dir.path().join("out"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["x__s.png", "x__t.png", "y__s.png", "y__t.png"]);
}

#[test]
fn a_folder_goes_on_after_a_bad_picture_and_says_so() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("photos")).unwrap();
    save(&dir, "photos/good.png", &scene(64, 48));
    std::fs::write(dir.path().join("photos/bad.png"), "no picture").unwrap();
    save(&dir, "photos/also-good.png", &scene(48, 64));
    let line = "stylize photos missing.png --style photos/good.png -o out/";
    let output = quick(&dir, line).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(
        text.contains("2 of 4 pictures failed")
            && text.contains("bad.png")
            && text.contains("missing.png"),
        "{text}"
    );
    assert!(
        dir.path().join("out/good.png").exists() && dir.path().join("out/also-good.png").exists()
    );
    assert!(!dir.path().join("out/bad.png").exists());
}

#[test]
fn size_alpha_and_colours_are_as_asked() {
    let dir = folder();
    let alpha = image::RgbaImage::from_fn(90, 60, |x, y| {
        image::Rgba([x as u8 * 2, y as u8 * 4, 90, if x < 45 { 0 } else { 255 }])
    });
    alpha.save(dir.path().join("photo.png")).unwrap();
    save(&dir, "s.png", &scene(64, 64));
    let line = "stylize photo.png --style s.png --size 45 -o out.png";
    quick(&dir, line).assert().success();
    let out = image::open(dir.path().join("out.png")).unwrap().to_rgba8();
    assert_eq!(out.dimensions(), (45, 30));
    assert_eq!((out.get_pixel(3, 9)[3], out.get_pixel(40, 9)[3]), (0, 255));

    let grey = image::RgbImage::from_fn(90, 60, |x, _| image::Rgb([x as u8 * 2; 3]));
    save(&dir, "grey.png", &grey);
    let line = "stylize grey.png --style s.png --keep-colors -o kept.png";
    quick(&dir, line).assert().success();
    let kept = open(dir.path().join("kept.png"));
    assert!(
        kept.pixels()
            .all(|p| p[0].abs_diff(p[1]) <= 1 && p[1].abs_diff(p[2]) <= 1),
        "grey stays grey"
    );
}

#[test]
fn json_says_what_was_done() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    let line = "stylize photo.png --style photo.png -o out.png --json";
    let json = json(&mut quick(&dir, line));
    assert_eq!(json["model"], "tiny");
    assert_eq!(
        (
            json["pictures"][0]["width"].as_u64(),
            json["pictures"][0]["height"].as_u64()
        ),
        (Some(64), Some(48))
    );
    assert!(
        json["pictures"][0]["seconds"]["transformer"]
            .as_f64()
            .unwrap()
            > 0.0
    );
    assert_eq!(json["failed"].as_array().unwrap().len(), 0);
    assert!(
        !json["why"].as_str().unwrap().is_empty(),
        "auto says why it took the device"
    );
}

#[test]
fn the_photo_beside_its_pastiche_is_never_written_over() {
    let dir = folder();
    let photo = save(&dir, "x.png", &scene(64, 48));
    save(&dir, "y.png", &scene(64, 48));
    let before = std::fs::read(&photo).unwrap();
    let line = "stylize x.png y.png --style y.png -o .";
    quick(&dir, line).assert().success();
    assert_eq!(std::fs::read(&photo).unwrap(), before);
    assert!(dir.path().join("x__y.png").exists());
}

#[test]
fn a_folder_of_one_picture_is_a_folder() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("tree")).unwrap();
    for name in ["tree/one.png", "s.png"] {
        save(&dir, name, &scene(64, 48));
    }
    quick(&dir, "stylize tree --style s.png -o out")
        .assert()
        .success();
    open(dir.path().join("out/one.png"));
    let mut one_file = quick(&dir, "stylize tree --style s.png -o one.png");
    assert!(refusal(&mut one_file).contains("folder"));
}

#[test]
fn a_pattern_stands_for_the_pictures_that_it_matches() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("tree")).unwrap();
    for name in ["tree/a1.png", "tree/a2.png", "tree/b.png"] {
        save(&dir, name, &scene(64, 48));
    }
    // No shell is between us and the program, as on Windows.
    quick(&dir, "stylize tree/a*.png --style tree/b.png -o out")
        .assert()
        .success();
    let written = std::fs::read_dir(dir.path().join("out")).unwrap();
    assert_eq!(written.count(), 2);
}

#[test]
fn contents_that_are_not_there_are_said_by_their_name() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    std::fs::write(dir.path().join("v.mp4"), "a film").unwrap();
    for (content, out, said) in [
        (
            "nowhere",
            "out",
            "nowhere: cannot be read: there is no such file or folder",
        ),
        ("*.jpg", "out", "*.jpg: no file matches"),
        ("https://example.org/a.jpg", "o.png", "download it first"),
        ("v.mp4", "x.mp4", "impasto film v.mp4"),
    ] {
        let line = format!("stylize {content} --style p.png -o {out}");
        let line = refusal(&mut quick(&dir, &line));
        assert!(line.contains(said) && line.contains(content), "{line}");
    }
}

#[test]
fn a_style_without_its_at_sign_is_recognised() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    for (style, meant) in [
        ("great-wave", "@great-wave?"),
        ("grate-wave", "@great-wave"),
    ] {
        let line = format!("stylize p.png --style {style} -o o.png");
        let line = refusal(&mut command(&dir, &line));
        assert!(
            line.contains("did you mean") && line.contains(meant),
            "{line}"
        );
    }
    let percent = failure(&mut command(
        &dir,
        "stylize p.png --style @irises:70% -o o.png",
    ));
    assert!(percent.contains("@irises:0.7"), "{percent}");
}

#[test]
fn a_picture_goes_from_standard_input_to_standard_output() {
    let dir = folder();
    let photo = save(&dir, "p.png", &scene(64, 48));
    quick(&dir, "stylize p.png --style p.png -o file.png")
        .assert()
        .success();
    let bytes = std::fs::read(photo).unwrap();
    let output = quick(&dir, "stylize - --style p.png -o -")
        .write_stdin(bytes)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let painted = image::load_from_memory(&output.stdout).unwrap().to_rgb8();
    assert_eq!(painted, open(dir.path().join("file.png")));
    assert!(stderr(&output).contains("64x48"), "what was done is said");
    let text = quick(&dir, "stylize - --style p.png -o -")
        .write_stdin("a letter")
        .output()
        .unwrap();
    assert!(complaint(&text, 1).contains("standard input"));
    assert!(text.stdout.is_empty());
}

#[test]
fn the_device_is_said_when_it_was_asked_for_or_details_are() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let run = |more: &str| {
        let line = format!("stylize p.png --style p.png -o o.png {more}");
        let output = quick(&dir, &line).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        (stderr(&output), output.stdout)
    };
    assert!(!run("--device auto").0.contains("ONNX Runtime"));
    assert!(run("--verbose").0.contains("cpu ("));
    assert!(run("--device cpu").0.contains("cpu (asked for)"));
    let (said, printed) = run("--device cpu --quiet");
    assert!(said.is_empty() && printed.is_empty(), "{said}");
}

#[cfg(unix)]
#[test]
fn each_picture_is_said_as_soon_as_it_is_written() {
    use std::io::{BufRead, BufReader};
    let dir = folder();
    std::fs::create_dir(dir.path().join("photos")).unwrap();
    for k in 0..50 {
        save(&dir, &format!("photos/{k:02}.png"), &scene(400, 300));
    }
    let mut child = start(&dir, "stylize photos --style photos/00.png -o out");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("00.png"), "{first}");
    assert!(
        !dir.path().join("out/49.png").exists(),
        "the first line came after the last picture"
    );
    interrupt(child);
}
