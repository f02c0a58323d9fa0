//! Programs in the place of ffmpeg that hang, die, or are something else, and signals while they run.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::campaign::LIMIT;
use crate::common::clip::has_ffmpeg;
use crate::common::{folder, scene};
use crate::process::{INT, Running, TERM, To, impasto, orphans};
use crate::snapshot::files;

const LINE: &str = "film in.mp4 --style a.png --piece 10 --threads 1 --model TINY -o out.mp4";

/// A folder with a film, a painting, and a program `bin/ffmpeg`, which does as `text` says; ffprobe beside it is the real
/// one.
fn with_ffmpeg(work: &Path, text: &str) {
    scene(64, 48).save(work.join("a.png")).unwrap();
    let line = "-v error -nostdin -y -f lavfi -i testsrc=s=96x64:r=25:d=4 -pix_fmt yuv420p -threads 1 in.mp4";
    let made = Command::new("ffmpeg")
        .args(line.split_whitespace())
        .current_dir(work)
        .status();
    assert!(made.unwrap().success());
    std::fs::create_dir(work.join("bin")).unwrap();
    program(work, "ffmpeg", text);
    program(work, "ffprobe", "exec ffprobe \"$@\"");
}

fn program(work: &Path, name: &str, text: &str) {
    let path = work.join("bin").join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// `impasto film` with that program.
fn film(work: &Path) -> Command {
    let mut command = impasto(work, LINE);
    command.env("IMPASTO_FFMPEG", work.join("bin/ffmpeg"));
    command
}

/// Whether `text` is one line of the program, and no panic.
fn is_one_line(text: &str) -> bool {
    let lines = text.lines().filter(|line| line.starts_with("impasto: "));
    lines.count() == 1 && !text.contains("panicked")
}

/// A program that waits, marking the place by a file, where its arguments hold a word.
fn hangs_at(word: &str) -> String {
    format!("case \"$*\" in *{word}*) touch hangs; sleep 60;; esac\nexec ffmpeg \"$@\"")
}

/// Ctrl-C in a terminal goes to the whole group, and must not look as if ffmpeg were something else.
#[test]
fn ctrl_c_while_ffmpeg_says_what_it_is() {
    if !has_ffmpeg() {
        return;
    }
    for to in [To::Group, To::Process] {
        let (root, logs) = (folder(), folder());
        let work = root.path().canonicalize().unwrap();
        with_ffmpeg(&work, &hangs_at("-version"));
        let mut run = Running::start(&mut film(&work), &logs.path().join("log"));
        run.wait_until("a program that hangs", |_| work.join("hangs").exists());
        run.send(INT, to);
        let status = run.wait(LIMIT);
        let case = format!("{to:?}: {status:?}: {}", run.said());
        assert_eq!(status.and_then(|s| s.code()), Some(130), "{case}");
        assert!(run.said().contains("interrupted"), "{case}");
        assert_eq!(orphans(&work, LIMIT), [""; 0], "{case}");
    }
}

/// Wherever ffmpeg hangs: a signal ends the job, and ffmpeg.
#[test]
fn an_ffmpeg_that_hangs_is_ended_by_a_signal() {
    if !has_ffmpeg() {
        return;
    }
    // The list of encoders, decoding, encoding, and joining.
    for word in ["-encoders", "showinfo", "rawvideo*libx264", "concat"] {
        let (root, logs) = (folder(), folder());
        let work = root.path().canonicalize().unwrap();
        with_ffmpeg(&work, &hangs_at(word));
        let mut run = Running::start(&mut film(&work), &logs.path().join("log"));
        run.wait_until("a program that hangs", |_| work.join("hangs").exists());
        std::thread::sleep(Duration::from_millis(300));
        run.send(TERM, To::Process);
        let status = run.wait(LIMIT);
        let case = format!("{word}: {status:?}: {}", run.said());
        assert_eq!(status.and_then(|s| s.code()), Some(130), "{case}");
        assert!(is_one_line(&run.said()), "{case}");
        assert_eq!(orphans(&work, LIMIT), [""; 0], "{case}");
        assert!(!work.join("out.mp4").exists(), "{case}");
        // What was painted serves the next run.
        let mut next = Running::start(&mut impasto(&work, LINE), &logs.path().join("log"));
        let status = next.wait(Duration::from_secs(60));
        assert!(
            status.is_some_and(|s| s.success()),
            "{word}: {}",
            next.said()
        );
    }
}

/// Without a signal: an error in one line, soon, and no film. The text, what is said, and how long it may take.
#[test]
fn an_ffmpeg_that_is_something_else_or_dies_is_an_error() {
    if !has_ffmpeg() {
        return;
    }
    let real = "exec ffmpeg \"$@\"";
    let decoding = |text: &str| format!("case \"$*\" in *showinfo*) {text}; exit;; esac\n{real}");
    let encoding =
        |text: &str| format!("case \"$*\" in *rawvideo*libx264*) {text}; exit;; esac\n{real}");
    let kills =
        |what: &str| format!("{what} \"$@\" & p=$!; sleep 0.5; kill -9 $p; wait $p; exit 137");
    for (text, said, seconds) in [
        (
            "head -c 3000000 /dev/urandom".to_owned(),
            "is not ffmpeg",
            5,
        ),
        ("exit 1".to_owned(), "is not ffmpeg", 5),
        ("sleep 60".to_owned(), "does not answer", 15),
        (
            decoding("head -c 3000000 /dev/urandom"),
            "without its time",
            20,
        ),
        (
            decoding("yes >&2 & yes | head -c 100000; kill $!; exit 1"),
            "in.mp4",
            20,
        ),
        (decoding("kill -9 $$"), "in.mp4: cannot be decoded", 10),
        (decoding("exit 0"), "no frame of it can be decoded", 10),
        (encoding("kill -9 $$"), "killed", 10),
        (
            encoding("exec <&-; sleep 1; echo no more >&2; exit 1"),
            "no more",
            10,
        ),
        (encoding(&kills("ffmpeg <&0")), "", 20),
    ] {
        let (root, logs) = (folder(), folder());
        let work = root.path().canonicalize().unwrap();
        with_ffmpeg(&work, &text);
        let began = Instant::now();
        let mut run = Running::start(&mut film(&work), &logs.path().join("log"));
        let status = run.wait(Duration::from_secs(60));
        let case = format!(
            "{text}: {status:?} after {:?}: {}",
            began.elapsed(),
            run.said()
        );
        assert_eq!(status.and_then(|s| s.code()), Some(1), "{case}");
        assert!(began.elapsed().as_secs() < seconds, "{case}");
        assert!(
            is_one_line(&run.said()) && run.said().contains(said),
            "{case}"
        );
        let left = files(&work);
        assert!(!left.contains_key("out.mp4"), "{case}");
        assert!(
            !left.keys().any(|name| name.ends_with(".part")),
            "{case}: {:?}",
            left.keys()
        );
        assert_eq!(orphans(&work, LIMIT), [""; 0], "{case}");
    }
}
