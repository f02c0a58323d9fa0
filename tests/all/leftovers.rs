//! What a killed run leaves is removed by the next one that writes into the folder, and nothing of a run that lives.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::common::{folder, quick, save, scene, tiny};

/// Names of temporary files in `folder`.
fn temporary(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    names
        .filter(|n| n.ends_with(".part") || n.ends_with(".lock"))
        .collect()
}

/// A run that is in the middle of a film, which it writes to `out/NAME`.
fn in_the_middle(dir: &TempDir, name: &str, before: usize) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_impasto"))
        .args(["film", "clip.gif", "--style", "s.png", "--steady", "0"])
        .args(["--model", &tiny(), "-o", &format!("out/{name}")])
        .current_dir(dir.path())
        .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    // The check of the folder is over once the file has bytes.
    let has_bytes = |n: &String| {
        let meta = fs::metadata(dir.path().join("out").join(n));
        n.ends_with(".part") && meta.is_ok_and(|meta| meta.len() > 0)
    };
    while temporary(&dir.path().join("out"))
        .iter()
        .filter(|n| has_bytes(n))
        .count()
        <= before
    {
        assert!(child.try_wait().unwrap().is_none(), "ended too early");
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

/// A film of 200 frames, which takes seconds.
fn inputs() -> TempDir {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    fs::create_dir(dir.path().join("out")).unwrap();
    let file = fs::File::create(dir.path().join("clip.gif")).unwrap();
    let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(file, 30);
    for n in 0..200 {
        let picture = image::DynamicImage::from(scene(160 + n % 2, 120)).to_rgba8();
        let picture = image::imageops::crop_imm(&picture, n % 2, 0, 160, 120).to_image();
        encoder.encode_frame(image::Frame::new(picture)).unwrap();
    }
    drop(encoder);
    dir
}

#[test]
fn the_next_run_removes_what_a_killed_one_left() {
    let dir = inputs();
    let out = dir.path().join("out");
    let mut child = in_the_middle(&dir, "a.gif", 0);
    child.kill().unwrap();
    child.wait().unwrap();
    let left = temporary(&out);
    eprintln!("left: {left:?}");
    assert_eq!(left.len(), 2, "{left:?}");
    quick(&dir, "stylize s.png --style s.png -o out/b.png")
        .assert()
        .success();
    assert_eq!(temporary(&out), Vec::<String>::new());
    let names: Vec<_> = fs::read_dir(&out).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn runs_that_live_do_not_remove_each_others_files() {
    let dir = inputs();
    let out = dir.path().join("out");
    let mut one = in_the_middle(&dir, "one.gif", 0);
    let held = temporary(&out);
    let mut two = in_the_middle(&dir, "two.gif", 1);
    // A third one writes and ends meanwhile.
    quick(&dir, "stylize s.png --style s.png -o out/b.png")
        .assert()
        .success();
    let after = temporary(&out);
    // Its files also go when it is done, a moment before its process ends.
    let still = !out.join("one.gif").exists() && one.try_wait().unwrap().is_none();
    assert!(
        !still || held.iter().all(|name| after.contains(name)),
        "{held:?} {after:?}"
    );
    assert!(one.wait().unwrap().success() && two.wait().unwrap().success());
    assert_eq!(temporary(&out), Vec::<String>::new());
    for name in ["one.gif", "two.gif", "b.png"] {
        assert!(out.join(name).is_file(), "{name}");
    }
}
