//! What the program must survive: each case one clear line, a non-zero exit, nothing half-written, no panic.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use crate::common::*;
use tempfile::TempDir;

/// `photo` in the style of `style`, into out.png.
fn paint(dir: &TempDir, photo: &str, style: &str) -> assert_cmd::Command {
    quick(dir, &format!("stylize {photo} --style {style} -o out.png"))
}

/// A PNG that says it is `side` x `side` pixels and ends after its header.
fn png_header(side: u32) -> Vec<u8> {
    let mut bytes = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13];
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(side.to_be_bytes());
    chunk.extend(side.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let crc = chunk.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 {
                (c >> 1) ^ 0xEDB8_8320
            } else {
                c >> 1
            }
        })
    });
    bytes.extend(chunk);
    bytes.extend((!crc).to_be_bytes());
    bytes
}

#[test]
fn pictures_that_are_none() {
    let dir = folder();
    let good = save(&dir, "good.png", &scene(64, 48));
    let whole = std::fs::read(&good).unwrap();
    save(&dir, "whole.jpg", &scene(200, 200));
    let jpeg = std::fs::read(dir.path().join("whole.jpg")).unwrap();
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("zero.png", vec![], "zero.png"),
        (
            "truncated.png",
            whole[..whole.len() / 2].to_vec(),
            "truncated.png",
        ),
        (
            "truncated.jpg",
            jpeg[..jpeg.len() / 2].to_vec(),
            "truncated.jpg",
        ),
        (
            "text.png",
            b"This is a letter, not a picture.".to_vec(),
            "text.png",
        ),
        ("huge.png", png_header(100_000), "100000x100000"),
        ("one.png", png_header(0), "one.png"),
    ];
    for (name, bytes, expected) in &cases {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        for (photo, style) in [(*name, "good.png"), ("good.png", *name)] {
            let line = refusal(&mut paint(&dir, photo, style));
            assert!(line.contains(expected), "{name}: {line}");
        }
    }
    for missing in ["nowhere.png", "nowhere/at/all.png"] {
        assert!(refusal(&mut paint(&dir, missing, "good.png")).contains(missing));
    }
    assert!(!dir.path().join("out.png").exists());
}

#[test]
fn a_picture_under_another_name_is_read_by_its_content() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    std::fs::rename(dir.path().join("photo.png"), dir.path().join("photo.jpg")).unwrap();
    paint(&dir, "photo.jpg", "photo.jpg").assert().success();
}

#[test]
fn pictures_of_every_kind() {
    use image::DynamicImage;
    let dir = folder();
    let rgb = DynamicImage::ImageRgb8(scene(64, 48));
    let kinds = [
        ("sixteen.png", DynamicImage::ImageRgb16(rgb.to_rgb16())),
        ("grey.png", DynamicImage::ImageLuma8(rgb.to_luma8())),
        ("grey16.png", DynamicImage::ImageLuma16(rgb.to_luma16())),
        (
            "grey-alpha.png",
            DynamicImage::ImageLumaA8(rgb.to_luma_alpha8()),
        ),
        ("palette.gif", rgb.clone()),
        ("photo.webp", rgb.clone()),
        ("photo.tiff", rgb.clone()),
        ("photo.bmp", rgb.clone()),
    ];
    for (name, picture) in kinds {
        picture.save(dir.path().join(name)).unwrap();
        paint(&dir, name, name).assert().success();
        assert_eq!(
            open(dir.path().join("out.png")).dimensions(),
            (64, 48),
            "{name}"
        );
    }
}

#[test]
fn numbers_that_make_no_sense() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let cases = [
        ["--strength", "NaN"],
        ["--strength", "-0.1"],
        ["--strength", "1.01"],
        ["--strength", "inf"],
        ["--strength", "1e99"],
        ["--size", "0"],
        ["--size", "-5"],
        ["--size", "NaN"],
        ["--size", "99999999999"],
        ["--size", "1e3"],
        ["--threads", "0"],
        ["--threads", "-1"],
        ["--threads", "99999999"],
        ["--device", "toaster"],
        ["--style", "p.png:NaN"],
        ["--style", "p.png:-1"],
        ["--style", "p.png:1e99"],
    ];
    for case in cases {
        let text = failure(paint(&dir, "p.png", "p.png").args(case));
        let named = case[0].trim_start_matches('-');
        assert!(
            text.contains(named) || text.contains(case[1]),
            "{case:?}: {text}"
        );
    }
    refusal(&mut paint(&dir, "p.png", "p.png:0"));
    assert!(strays(&dir, &["p.png"]).is_empty());
}

#[test]
fn pictures_that_are_too_small() {
    let dir = folder();
    save(&dir, "good.png", &scene(64, 48));
    save(&dir, "thin.png", &scene(500, 1));
    for (photo, style) in [("thin.png", "good.png"), ("good.png", "thin.png")] {
        let line = refusal(&mut paint(&dir, photo, style));
        assert!(
            line.contains("thin.png") && line.contains("500x1"),
            "{line}"
        );
    }
}

#[test]
fn a_picture_too_large_to_paint_in_one_piece_is_painted_in_tiles() {
    let dir = folder();
    save(&dir, "good.png", &scene(64, 48));
    save(&dir, "vast.png", &image::RgbImage::new(8000, 5000));
    let mut vast = paint(&dir, "vast.png", "good.png");
    vast.assert().success();
    assert_eq!(open(dir.path().join("out.png")).dimensions(), (8000, 5000));
    vast.args(["--size", "400"]).assert().success();
    assert_eq!(open(dir.path().join("out.png")).dimensions(), (400, 250));
}

#[test]
fn outputs_that_cannot_be_written() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let before = std::fs::read(dir.path().join("p.png")).unwrap();
    std::fs::create_dir(dir.path().join("folder.png")).unwrap();
    for out in ["p.png/new/out.png", "out.xyz", "out", "p.png", "./p.png"] {
        let line = refusal(&mut quick(
            &dir,
            &format!("stylize p.png --style p.png -o {out}"),
        ));
        assert!(line.contains(out.trim_end_matches('/')), "{out}");
    }
    let mut many = quick(&dir, "stylize p.png p.png --style p.png -o one.png");
    assert!(refusal(&mut many).contains("folder"));
    assert_eq!(std::fs::read(dir.path().join("p.png")).unwrap(), before);
    assert!(strays(&dir, &["p.png", "painting.png", "folder.png"]).is_empty());
}

#[test]
fn a_folder_that_is_missing_is_made() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    for (out, written) in [("a/b/out.png", "a/b/out.png"), ("c/d/", "c/d/p.png")] {
        let line = format!("stylize p.png --style p.png -o {out}");
        quick(&dir, &line).assert().success();
        open(dir.path().join(written));
    }
}

#[test]
fn every_bad_option_ends_with_status_2() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    for (line, flag) in [
        (
            "stylize p.png --style p.png -o o.png --strength 60",
            "--strength",
        ),
        ("stylize p.png --style p.png -o o.png --size 3", "--size"),
        ("stylize p.png p.png --style p.png -o o.png", "--output"),
        (
            "blend p.png --from p.png --to p.png --steps 1 -o o.png",
            "--steps",
        ),
        ("bench --runs 1", "--runs"),
    ] {
        let output = quick(&dir, line).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(stderr(&output).contains(flag), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let locked = dir.path().join("locked");
    std::fs::create_dir(&locked).unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser may write anywhere; /proc refuses even that user.
    let target = if std::fs::write(locked.join("probe"), "").is_ok() {
        Path::new("/proc")
    } else {
        &*locked
    };
    let out = target.join("out.png").display().to_string();
    let mut outside = quick(&dir, "stylize p.png --style p.png");
    assert!(refusal(outside.args(["-o", &out])).contains(&out));
}

/// A copy of the tiny model's folder, to be broken.
fn model_copy(dir: &TempDir) -> std::path::PathBuf {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_dir() {
                copy(&path, &target)
            } else {
                std::fs::copy(&path, &target).map(|_| ()).unwrap()
            }
        }
    }
    let to = dir.path().join("model");
    copy(&repository("tests/data/tiny"), &to);
    to
}

/// Run with the model in `folder`; the error's line.
fn refused(dir: &TempDir, folder: &Path) -> String {
    let mut paint = command(dir, "stylize p.png --style p.png -o out.png --model");
    refusal(paint.arg(folder))
}

#[test]
fn model_files_that_are_corrupt_or_swapped() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let cases = [
        ("wrong-sha256", "sha256"),
        ("not-onnx", "not an ONNX model"),
        ("truncated", "not an ONNX model"),
        ("wrong-name", "has no input 'content'"),
        ("wrong-width", "another shape"),
        ("wrong-role", "has no input 'style'"),
    ];
    for (model, expected) in cases {
        let line = refused(&dir, &repository("tests/data/broken").join(model));
        assert!(line.contains(expected), "{model}: {line}");
    }

    // A file changed after the manifest was written.
    let model = model_copy(&dir);
    std::fs::write(model.join("tiny/head.onnx"), b"garbage").unwrap();
    let line = refused(&dir, &model);
    assert!(
        line.contains("sha256") && line.contains("head.onnx"),
        "{line}"
    );
    assert!(!dir.path().join("out.png").exists());
}

#[test]
fn models_that_are_not_there() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    assert!(refused(&dir, Path::new("no-such-model")).contains("bundled"));
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    assert!(refused(&dir, &dir.path().join("empty")).contains("models.toml"));
    let model = model_copy(&dir);
    std::fs::write(model.join("models.toml"), "[[model]]\nname = 1").unwrap();
    assert!(refused(&dir, &model).contains("manifest"));
    let model = model_copy(&dir);
    let text = std::fs::read_to_string(repository("tests/data/tiny/models.toml")).unwrap();
    std::fs::write(
        model.join("models.toml"),
        text.replace("tiny/transformer.onnx", "../../etc/passwd"),
    )
    .unwrap();
    assert!(refused(&dir, &model).contains("not inside"));
}

#[test]
fn a_device_that_is_not_there_is_an_error_with_the_remedy() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let device = if cfg!(windows) { "coreml" } else { "directml" };
    let line = refusal(paint(&dir, "p.png", "p.png").args(["--device", device]));
    assert!(line.contains(device), "{line}");
    assert!(strays(&dir, &["p.png"]).is_empty());
}

#[test]
fn a_runtime_library_that_is_none() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    std::fs::write(dir.path().join("lib.so"), "no library").unwrap();
    let paint = || paint(&dir, "p.png", "p.png");
    for value in ["nowhere.so", "lib.so"] {
        let library = dir.path().join(value);
        assert!(refusal(paint().env("ORT_DYLIB_PATH", library)).contains(value));
    }
    assert!(refusal(paint().args(["--runtime", "lib.so"])).contains("lib.so"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_in_the_middle_of_a_folder() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("photos")).unwrap();
    let picture = scene(400, 300);
    for k in 0..200 {
        save(&dir, &format!("photos/{k:03}.png"), &picture);
    }
    let mut child = start(&dir, "stylize photos --style photos/000.png -o out");
    wait_for(&mut child, &dir.path().join("out/000.png"));
    let output = interrupt(child);
    let line = complaint(&output, 130);
    assert!(line.contains("interrupted"), "{line}");
    let text = stderr(&output);
    let list = |name: &str| text.lines().find(|line| line.starts_with(name));
    assert!(list("done (").unwrap().contains("000.png"), "{text}");
    assert!(list("left (").unwrap().contains("more"), "{text}");
    let written: Vec<_> = std::fs::read_dir(dir.path().join("out"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert!(written.len() < 200, "the job was not stopped");
    for path in &written {
        assert_eq!(
            open(path).dimensions(),
            (400, 300),
            "{} is half-written",
            path.display()
        );
    }
}
