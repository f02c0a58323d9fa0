//! Outputs on a disk that is full. The disk is a small one in memory, which only the program and its shell see.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::clip::has_ffmpeg;
use crate::common::{folder, scene, tiny};
use crate::snapshot::{Files, files};

/// Whether this user may mount a disk in a name space of their own; the test says that it skips where not.
pub fn may_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        .output();
    let may = tried.is_ok_and(|output| output.status.success());
    if !may {
        eprintln!("skipped: this user may not mount a small disk (unshare -rm)");
    }
    may
}

/// `script`, run by a shell that may mount, in the folder `work`; in it `$IMPASTO` is the program and `$TINY` its networks.
pub fn with_mounts(work: &Path, script: &str) -> Command {
    // A job that never ends is a failure here, not a test that hangs.
    let mut command = Command::new("timeout");
    command
        .args(["-k", "5", "120", "unshare", "-rm", "sh", "-c", script])
        .current_dir(work)
        .env("IMPASTO", env!("CARGO_BIN_EXE_impasto"))
        .env("TINY", format!("--threads 1 --model {}", tiny()))
        .env("IMPASTO_GALLERY", work.join("gallery.toml"))
        .env("IMPASTO_MODELS", work.join("models"));
    command
}

/// What a run on the small disk left: its status, what it said, and the files on the disk.
struct Left {
    status: Option<i32>,
    said: String,
    files: Files,
}

/// `line`, with a disk of `size` at `disk/`. What is on it is copied before it goes.
fn on_a_disk(work: &Path, size: &str, line: &str) -> Left {
    std::fs::create_dir_all(work.join("disk")).unwrap();
    drop(std::fs::remove_dir_all(work.join("seen")));
    let script = format!(
        "mount -t tmpfs -o size={size} tmpfs disk && {line}; rc=$?; cp -a disk seen; exit $rc"
    );
    let began = Instant::now();
    let output = with_mounts(work, &script).output().unwrap();
    assert!(began.elapsed() < Duration::from_secs(60), "{line}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{line}: {said}");
    Left {
        status: output.status.code(),
        said,
        files: files(&work.join("seen")),
    }
}

/// The one line that says why.
fn complaint<'a>(left: &'a Left, case: &str) -> &'a str {
    let lines: Vec<&str> = (left.said.lines())
        .filter(|line| line.starts_with("impasto: "))
        .collect();
    assert_eq!(
        (left.status, lines.len()),
        (Some(1), 1),
        "{case}: {}",
        left.said
    );
    lines[0]
}

fn inputs(work: &Path) {
    std::fs::create_dir(work.join("photos")).unwrap();
    for n in 0..12 {
        let photo = scene(200 + n, 150);
        photo.save(work.join(format!("photos/{n:02}.png"))).unwrap();
    }
    scene(64, 48).save(work.join("a.png")).unwrap();
    scene(48, 64).save(work.join("b.png")).unwrap();
    scene(800, 600).save(work.join("large.png")).unwrap();
}

/// Each names its file and the remedy, and leaves nothing. The line, and the name.
#[test]
fn one_file_on_a_full_disk() {
    if !may_mount() {
        return;
    }
    let root = folder();
    let work = root.path();
    inputs(work);
    let gatys = "gatys transfer large.png --style a.png --size 64 -n 3 --features compact --device cpu --threads 1";
    for (line, name) in [
        ("$IMPASTO stylize large.png --style a.png $TINY -o disk/o.png".to_owned(), "disk/o.png"),
        ("$IMPASTO stylize large.png --style a.png $TINY -o disk/o.jpg".to_owned(), "disk/o.jpg"),
        ("$IMPASTO stylize large.png --style a.png --tile 256 $TINY -o disk/o.png".to_owned(), "disk/o.png"),
        ("$IMPASTO blend large.png --from a.png --to b.png --steps 3 $TINY -o disk/o.gif".to_owned(), "disk/o.gif"),
        ("$IMPASTO blend large.png --from a.png --to b.png --steps 3 $TINY -o disk/o.png".to_owned(), "disk/o.png"),
        (format!("$IMPASTO {gatys} -o disk/o.png"), "disk/o.png"),
        ("$IMPASTO styles sheet $TINY -o disk/o.png".to_owned(), "disk/o.png"),
        #[cfg(feature = "live")]
        (
            "$IMPASTO live --device cpu --source test-card --capture 320x240@30 --headless --sink y4m:disk/o.y4m --frames 60 \
             --style a.png $TINY"
                .to_owned(),
            "disk/o.y4m",
        ),
    ] {
        let left = on_a_disk(work, "8k", &line);
        let said = complaint(&left, &line);
        assert!(said.contains(name), "{line}: {said}");
        assert!(said.contains("free some space"), "{line}: {said}");
        assert!(!said.contains(".part"), "{line}: {said}");
        assert!(left.files.is_empty(), "{line}: {:?}", left.files.keys());
    }
}

/// A job of many pictures ends at once, and says what is done and what is left.
#[test]
fn a_folder_on_a_full_disk() {
    if !may_mount() {
        return;
    }
    let root = folder();
    let work = root.path();
    inputs(work);
    for more in ["", "--resume"] {
        let line = format!("$IMPASTO stylize photos/ --style a.png {more} $TINY -o disk/out/");
        let left = on_a_disk(work, "64k", &line);
        let said = complaint(&left, &line);
        assert!(said.contains("free some space"), "{said}");
        let pictures = left.files.iter().filter(|(name, _)| name.ends_with(".png"));
        let pictures: Vec<_> = pictures.collect();
        let done = pictures.len();
        assert!((1..12).contains(&done), "{done}: {}", left.said);
        assert!(
            left.said.contains(&format!("done ({done})")),
            "{}",
            left.said
        );
        assert!(
            left.said.contains(&format!("left ({})", 12 - done)),
            "{}",
            left.said
        );
        for (name, bytes) in pictures {
            assert!(image::load_from_memory(bytes).is_ok(), "{name}");
        }
        assert!(
            !left.files.keys().any(|name| name.ends_with(".part")),
            "{:?}",
            left.files.keys()
        );
    }
}

/// The gallery of before stays when a new one does not fit beside it.
#[test]
fn a_gallery_on_a_full_disk() {
    if !may_mount() {
        return;
    }
    let root = folder();
    let work = root.path();
    inputs(work);
    let line = "export IMPASTO_GALLERY=disk/g.toml; $IMPASTO styles add a.png --name kept $TINY && cp disk/g.toml before \
                && dd if=/dev/zero of=disk/filler bs=1k 2>/dev/null; $IMPASTO styles add b.png --name lost $TINY";
    let left = on_a_disk(work, "16k", line);
    let said = complaint(&left, line);
    assert!(
        said.contains("g.toml") && said.contains("free some space"),
        "{said}"
    );
    assert_eq!(
        left.files.get("g.toml"),
        Some(&std::fs::read(work.join("before")).unwrap())
    );
    assert!(
        !left.files.keys().any(|name| name.ends_with(".part")),
        "{:?}",
        left.files.keys()
    );
}

/// Films: pieces that are whole stay for the next run, and nothing has the final name.
#[test]
fn a_film_on_a_full_disk() {
    if !may_mount() {
        return;
    }
    let root = folder();
    let work = root.path();
    inputs(work);
    let file = std::fs::File::create(work.join("in.gif")).unwrap();
    let mut encoder = image::codecs::gif::GifEncoder::new(file);
    for n in 0..20 {
        let frame = image::DynamicImage::ImageRgb8(scene(96 + n, 64)).crop_imm(n, 0, 96, 64);
        encoder
            .encode_frame(image::Frame::new(frame.to_rgba8()))
            .unwrap();
    }
    drop(encoder);
    let mut outputs = vec!["o.gif", "o.png", "o.webp"];
    if has_ffmpeg() {
        outputs.push("o.mp4");
    }
    for output in outputs {
        let line = format!("$IMPASTO film in.gif --style a.png --piece 5 $TINY -o disk/{output}");
        let left = on_a_disk(work, "8k", &line);
        let said = complaint(&left, &line);
        assert!(
            said.contains("No space left") || said.contains("free some space"),
            "{said}"
        );
        let kept = |name: &String| name.starts_with(".o.mp4.impasto-film/") || name == "o.part.mp4";
        assert!(
            left.files.keys().all(kept),
            "{line}: {:?}",
            left.files.keys()
        );
    }
}

/// pip's own words are heard, though it cannot write them down.
#[test]
#[cfg(target_arch = "x86_64")]
fn a_runtime_on_a_full_disk() {
    use std::os::unix::fs::PermissionsExt;
    if !may_mount() {
        return;
    }
    let root = folder();
    let work = root.path();
    std::fs::create_dir(work.join("bin")).unwrap();
    let script = "#!/bin/sh\ncase \"$*\" in *--version*) exit 0;; esac\nwhile [ \"$1\" != -d ]; do shift; done\n\
                  head -c 900000 /dev/zero > \"$2/big.whl\" && exit 0\n\
                  echo 'ERROR: Could not install packages due to an OSError: No space left on device' >&2\nexit 1\n";
    let python = work.join("bin/python3");
    std::fs::write(&python, script).unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    let line = "PATH=$PWD/bin:$PATH IMPASTO_CACHE=disk $IMPASTO runtime install openvino";
    let left = on_a_disk(work, "100k", line);
    let said = complaint(&left, line);
    assert!(said.contains("No space left on device"), "{said}");
    assert!(left.files.is_empty(), "{:?}", left.files.keys());
}
