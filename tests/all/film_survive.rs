//! What `impasto film` must survive: kills, interrupts, full disks, films and programs that are not what they seem.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::film::paintings;
use crate::common::clip::*;
use crate::common::*;

/// Long enough that a kill meets it in the middle, and with a photo's own embedding, which has to be carried over.
const LINE: &str = "film in.mp4 --style a.png --style b.png --glide-over-film --strength 0.7 --piece 20 --threads 1";

fn long_film(dir: &tempfile::TempDir) {
    paintings(dir);
    clip(dir, "in.mp4", (96, 64), 240, "25", "-c:a aac");
}

fn with_model(output: &str) -> String {
    format!("{LINE} --model {} -o {output}", tiny())
}

fn piece(dir: &tempfile::TempDir, output: &str, n: u32) -> PathBuf {
    dir.path()
        .join(format!(".{output}.impasto-film/{n:06}.mp4"))
}

#[test]
fn a_film_that_was_killed_goes_on_and_has_the_same_bytes() {
    let dir = folder();
    if !has_ffmpeg() {
        return;
    }
    long_film(&dir);
    command(&dir, &with_model("whole.mp4")).assert().success();
    let whole = std::fs::read(dir.path().join("whole.mp4")).unwrap();
    let random = std::process::id() as u64;
    let mut killed = 0;
    for n in [0, 3, 6] {
        let mut child = start(&dir, &with_model("out.mp4"));
        let began = Instant::now();
        while !piece(&dir, "out.mp4", n).exists() && child.try_wait().unwrap().is_none() {
            assert!(began.elapsed().as_secs() < 120, "no piece {n}");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(random * u64::from(n + 1) % 40));
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if killed > 0 && n < 6 {
            assert!(
                !dir.path().join("out.mp4").exists(),
                "nothing under the final name"
            );
        }
    }
    assert!(killed > 0, "no run was killed in the middle");
    let done = json(&mut command(
        &dir,
        &format!("{} --json", with_model("out.mp4")),
    ));
    let resumed = done["resumed_frames"].as_u64().unwrap();
    assert!(resumed >= 20 && resumed.is_multiple_of(20), "{resumed}");
    assert!(
        std::fs::read(dir.path().join("out.mp4")).unwrap() == whole,
        "other bytes"
    );
    assert!(strays(&dir, &["a.png", "b.png", "in.mp4", "out.mp4", "whole.mp4"]).is_empty());
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_a_playable_part_and_other_settings_begin_anew() {
    let dir = folder();
    if !has_ffmpeg() {
        return;
    }
    long_film(&dir);
    let mut child = start(&dir, &with_model("out.mp4"));
    wait_for(&mut child, &piece(&dir, "out.mp4", 1));
    let output = interrupt(child);
    let text = stderr(&output);
    assert!(complaint(&output, 130).contains("interrupted"), "{text}");
    assert!(
        text.contains("out.part.mp4; the same command goes on from there"),
        "{text}"
    );
    assert!(!dir.path().join("out.mp4").exists());
    let part = probe(&dir.path().join("out.part.mp4"));
    let seconds = |kind: &str| {
        stream(&part, kind)["duration"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    assert!(seconds("video") >= 1.6, "{} s", seconds("video"));
    assert!(
        (seconds("video") - seconds("audio")).abs() < 0.1,
        "sound of the same length"
    );

    // With another style the pieces are of no use; then the part goes, as it is in the film.
    let line = format!(
        "film in.mp4 --style b.png --model {} --end 1 -o out.mp4",
        tiny()
    );
    let output = command(&dir, &line).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("begun anew"),
        "{}",
        stderr(&output)
    );
    assert!(strays(&dir, &["a.png", "b.png", "in.mp4", "out.mp4"]).is_empty());
}

#[test]
fn two_runs_on_one_output_the_second_is_refused() {
    let dir = folder();
    if !has_ffmpeg() {
        return;
    }
    long_film(&dir);
    let mut first = start(&dir, &with_model("out.mp4"));
    wait_for(
        &mut first,
        &dir.path().join(".out.mp4.impasto-film/settings"),
    );
    let said = refusal(&mut command(&dir, &with_model("out.mp4")));
    assert!(
        said.contains("another run") && said.contains("out.mp4"),
        "{said}"
    );
    assert!(
        first.wait().unwrap().success(),
        "the first is not disturbed"
    );
    assert_eq!(frames(&dir.path().join("out.mp4")).len(), 240);
}

#[test]
fn films_that_are_none_are_refused_in_words() {
    let dir = folder();
    if !has_ffmpeg() {
        return;
    }
    paintings(&dir);
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("empty.mp4"), "").unwrap();
    std::fs::write(at("text.mp4"), "no film").unwrap();
    std::fs::copy(at("a.png"), at("picture.mp4")).unwrap();
    std::fs::create_dir(at("folder.mp4")).unwrap();
    clip(&dir, "good.mp4", (64, 48), 50, "25", "-c:a aac");
    ffmpeg(&dir, "-i good.mp4 -vn -c copy sound.mp4");
    ffmpeg(
        &dir,
        "-f lavfi -i color=s=2x2:d=1 -vf scale=1:1 -c:v ffv1 -pix_fmt bgr0 small.mkv",
    );
    let bytes = std::fs::read(at("good.mp4")).unwrap();
    std::fs::write(at("no-index.mp4"), &bytes[..bytes.len() / 2]).unwrap();
    for (film, said) in [
        ("missing.mp4", "cannot be read"),
        ("empty.mp4", "not a film that ffmpeg can read"),
        ("text.mp4", "not a film that ffmpeg can read"),
        ("no-index.mp4", "not a film that ffmpeg can read"),
        ("folder.mp4", "cannot be read"),
        ("picture.mp4", "impasto stylize"),
        ("sound.mp4", "no pictures, only sound"),
        ("small.mkv", "is 1x1 pixels; at least 16x16 are needed"),
    ] {
        let line = format!("film {film} --style a.png -o out.mp4");
        let line = refusal(&mut quick(&dir, &line));
        assert!(line.contains(said) && line.contains(film), "{film}: {line}");
        assert!(
            !at("out.mp4").exists() && !at(".out.mp4.impasto-film").exists(),
            "{film}"
        );
    }
    for (line, said) in [
        ("film good.mp4 --style a.png -o good.mp4", "is the input"),
        ("film good.mp4 --style a.png -o out.gifv", ".mp4"),
        (
            "film good.mp4 --style a.png --glide-over-film -o out.mp4",
            "at least twice",
        ),
        (
            "film good.mp4 --style a.png --codec h264 -o out.mp4",
            "libx264",
        ),
        ("film good.mp4 --style a.png --crf 99 -o out.mp4", "51"),
        (
            "film good.mp4 --style a.png --codec prores_ks --crf 9 -o out.mov",
            "no such setting",
        ),
        (
            "film good.mp4 --style a.png --strength 2 -o out.mp4",
            "between 0 and 1",
        ),
        (
            "film good.mp4 --style a.png -o good.mp4/out.mp4",
            "not a folder",
        ),
    ] {
        let refused = refusal(&mut quick(&dir, line));
        assert!(refused.contains(said), "{line}: {refused}");
    }
    assert_eq!(std::fs::read(at("good.mp4")).unwrap(), bytes);
}

#[test]
fn a_film_that_is_cut_off_is_painted_as_far_as_it_goes_and_is_an_error() {
    let dir = folder();
    if !has_ffmpeg() {
        return;
    }
    paintings(&dir);
    clip(
        &dir,
        "whole.mp4",
        (96, 64),
        100,
        "25",
        "-c:a aac -movflags +faststart -g 10",
    );
    let bytes = std::fs::read(dir.path().join("whole.mp4")).unwrap();
    std::fs::write(dir.path().join("in.mp4"), &bytes[..bytes.len() * 2 / 3]).unwrap();
    let output = quick(&dir, "film in.mp4 --style a.png --piece 16 -o out.mp4")
        .output()
        .unwrap();
    let line = complaint(&output, 1);
    assert!(
        line.contains("in.mp4: is cut off") && line.contains("100 frames"),
        "{line}"
    );
    assert!(
        stderr(&output).contains("out.part.mp4"),
        "{}",
        stderr(&output)
    );
    let there = frames(&dir.path().join("out.part.mp4")).len();
    assert!((30..98).contains(&there), "{there} frames");
    assert!(
        strays(
            &dir,
            &["a.png", "b.png", "whole.mp4", "in.mp4", "out.part.mp4"]
        )
        .is_empty()
    );
}

/// A program in `dir` called `ffmpeg`, beside which there is no ffprobe.
#[cfg(unix)]
fn script(dir: &tempfile::TempDir, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.path().join("bin/ffmpeg");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[cfg(unix)]
#[test]
fn ffmpeg_that_is_missing_too_old_or_something_else() {
    let dir = folder();
    paintings(&dir);
    std::fs::write(dir.path().join("in.mp4"), "film").unwrap();
    let run = |program: &Path| {
        let mut command = quick(&dir, "film in.mp4 --style a.png -o out.mp4");
        refusal(command.env("IMPASTO_FFMPEG", program))
    };
    let missing = run(&dir.path().join("nowhere/ffmpeg"));
    assert!(
        missing.contains("nowhere/ffmpeg") && missing.contains("apt install ffmpeg"),
        "{missing}"
    );
    if has_ffmpeg() {
        let old = run(&script(
            &dir,
            "echo ffmpeg version 3.4.8-0ubuntu0.2 Copyright",
        ));
        assert!(old.contains("too old") && old.contains("4.4"), "{old}");
        let other = run(&script(&dir, "echo hello"));
        assert!(other.contains("is not ffmpeg"), "{other}");
    }
}

#[cfg(unix)]
#[test]
fn ffmpeg_that_dies_while_it_decodes_or_encodes() {
    let dir = folder();
    if !has_ffmpeg() {
        return;
    }
    long_film(&dir);
    let second = piece(&dir, "out.mp4", 1);
    let decoding = format!(
        "case \"$*\" in *showinfo*) ffmpeg \"$@\" & p=$!; while [ ! -e {} ]; do sleep 0.02; done; kill -9 $p; wait $p; exit 137;; esac\n\
         exec ffmpeg \"$@\"",
        second.display()
    );
    let third = "000002.";
    let encoding = format!(
        "case \"$*\" in *pixel_format*/{third}*) echo 'encoder exploded' >&2; exit 1;; esac\nexec ffmpeg \"$@\""
    );
    for (text, said) in [
        (decoding, "decoding stopped at"),
        (encoding, "encoder exploded"),
    ] {
        let program = script(&dir, &text);
        let output = command(&dir, &with_model("out.mp4"))
            .env("IMPASTO_FFMPEG", program)
            .output()
            .unwrap();
        let line = complaint(&output, 1);
        assert!(line.contains(said), "{line}");
        assert!(!dir.path().join("out.mp4").exists());
        assert!(
            stderr(&output).contains("out.part.mp4"),
            "{}",
            stderr(&output)
        );
        assert!(
            frames(&dir.path().join("out.part.mp4")).len() >= 40,
            "the finished part is kept"
        );
    }
    // The pieces of the broken runs serve the whole one.
    let done = json(&mut command(
        &dir,
        &format!("{} --json", with_model("out.mp4")),
    ));
    assert!(done["resumed_frames"].as_u64().unwrap() >= 40, "{done}");
    assert!(strays(&dir, &["a.png", "b.png", "in.mp4", "out.mp4", "bin"]).is_empty());
}

/// A file system of a few hundred kilobytes, unmounted when dropped.
#[cfg(target_os = "linux")]
struct SmallDisk(PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount(path: PathBuf) -> Option<Self> {
        std::fs::create_dir(&path).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=300k", "tmpfs"])
            .arg(&path)
            .output();
        mounted
            .is_ok_and(|m| m.status.success())
            .then_some(Self(path))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_leaves_nothing_under_the_final_name() {
    let dir = folder();
    if !has_ffmpeg() {
        return;
    }
    let Some(disk) = SmallDisk::mount(dir.path().join("disk")) else {
        eprintln!("skipped: this user may not mount a small disk");
        return;
    };
    long_film(&dir);
    let line = format!("{LINE} --codec ffv1 --model {} -o disk/out.mkv", tiny());
    let output = command(&dir, &line).output().unwrap();
    let said = complaint(&output, 1);
    assert!(said.contains("No space left on device"), "{said}");
    assert!(!disk.0.join("out.mkv").exists());
    let left = std::fs::read_dir(&disk.0).unwrap();
    for name in left.map(|entry| entry.unwrap().file_name()) {
        // The part may have found room.
        let kept = name == ".out.mkv.impasto-film" || name == "out.part.mkv";
        assert!(kept, "{name:?}: {said}");
    }
}
