//! Folders that vanish, or may not be written any more, while a job works.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::campaign::LIMIT;
use crate::common::clip::has_ffmpeg;
use crate::common::{folder, scene};
use crate::process::{INT, Running, To, impasto, orphans};
use crate::snapshot::files;

fn inputs(work: &Path) {
    std::fs::create_dir(work.join("photos")).unwrap();
    for n in 0..30 {
        let photo = scene(400 + n, 300);
        photo.save(work.join(format!("photos/{n:02}.png"))).unwrap();
    }
    scene(64, 48).save(work.join("a.png")).unwrap();
    std::fs::create_dir(work.join("out")).unwrap();
}

/// Whether one line says why, and it is no panic.
fn is_one_line(text: &str) -> bool {
    let lines = text.lines().filter(|line| line.starts_with("impasto: "));
    lines.count() == 1 && !text.contains("panicked")
}

/// A folder that is missing is made, so the job goes on.
#[test]
fn the_output_folder_of_a_folder_job_vanishes() {
    let (root, logs) = (folder(), folder());
    let work = root.path();
    inputs(work);
    let line = "stylize photos/ --style a.png --threads 1 --model TINY -o out/";
    let mut run = Running::start(&mut impasto(work, line), &logs.path().join("log"));
    run.wait_until("a picture", |_| work.join("out/03.png").exists());
    // The program may put a picture into it meanwhile.
    while std::fs::remove_dir_all(work.join("out")).is_err() {}
    let status = run.wait(Duration::from_secs(60)).expect("it ends");
    assert!(!run.said().contains("panicked"), "{}", run.said());
    assert!(
        matches!(status.code(), Some(0 | 2)),
        "{status}: {}",
        run.said()
    );
    let left = files(&work.join("out"));
    assert!(
        left.len() >= 20 && left.contains_key("29.png"),
        "{:?}",
        left.keys()
    );
    for (name, bytes) in left {
        assert!(image::load_from_memory(&bytes).is_ok(), "{name}");
    }
}

#[test]
fn the_output_folder_of_a_film_vanishes() {
    if !has_ffmpeg() {
        return;
    }
    let (root, logs) = (folder(), folder());
    let work = root.path().canonicalize().unwrap();
    inputs(&work);
    let dir = &root;
    crate::common::clip::clip(dir, "in.mp4", (320, 240), 100, "25", "-an");
    let line = "film in.mp4 --style a.png --piece 5 --threads 1 --model TINY -o out/o.mp4";
    let mut run = Running::start(&mut impasto(&work, line), &logs.path().join("log"));
    let piece = work.join("out/.o.mp4.impasto-film/000001.mp4");
    run.wait_until("a piece", |_| piece.exists());
    while work.join("out").exists() {
        drop(std::fs::remove_dir_all(work.join("out")));
    }
    let status = run.wait(Duration::from_secs(30)).expect("it ends");
    assert_eq!(status.code(), Some(1), "{}", run.said());
    assert!(is_one_line(&run.said()), "{}", run.said());
    assert!(
        run.said().contains("out/o.mp4: cannot be written"),
        "{}",
        run.said()
    );
    assert!(run.said().contains("its folder is gone"), "{}", run.said());
    assert_eq!(orphans(&work, LIMIT), [""; 0]);
}

/// A film of a live session: it is told at the end, when it would get its name.
#[test]
#[cfg(feature = "live")]
fn the_output_folder_of_a_session_vanishes() {
    let (root, logs) = (folder(), folder());
    let work = root.path();
    inputs(work);
    let line = "live --device cpu --source test-card --capture 96x64@30 --headless --sink y4m:out/o.y4m --style a.png \
                --threads 1 --model TINY";
    let mut run = Running::start(&mut impasto(work, line), &logs.path().join("log"));
    let begun = |_: &Running| std::fs::read_dir(work.join("out")).is_ok_and(|d| d.count() > 0);
    run.wait_until("a film", begun);
    std::thread::sleep(Duration::from_millis(300));
    std::fs::remove_dir_all(work.join("out")).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    run.send(INT, To::Group);
    let status = run.wait(LIMIT).expect("it ends");
    assert_eq!(status.code(), Some(1), "{}", run.said());
    assert!(is_one_line(&run.said()), "{}", run.said());
    assert!(
        run.said().contains("out/o.y4m") && run.said().contains("its folder is gone"),
        "{}",
        run.said()
    );
}

/// The system takes back the right to write: the job ends, as no other picture can be written either.
#[test]
#[cfg(target_os = "linux")]
fn the_output_folder_becomes_read_only() {
    use crate::disk::{may_mount, with_mounts};
    if !may_mount() {
        return;
    }
    let root = folder();
    let work = root.path();
    inputs(work);
    // A disk with a file open for writing cannot become read-only: tried until it can. Where it never can, the job is ended, as a
    // session would go on for ever.
    let turn = "for n in $(seq 3000); do [ -e $1 ] && break; sleep 0.01; done; \
         for n in $(seq 200); do mount -o remount,bind,ro out 2>/dev/null && return; sleep 0.01; done; echo busy; kill $p";
    for (line, first) in [
        (
            "$IMPASTO stylize photos/ --style a.png $TINY -o out/",
            "out/03.png",
        ),
        (
            "$IMPASTO blend photos/00.png --from a.png --to a.png --steps 60 $TINY -o out/",
            "out/0003.png",
        ),
        #[cfg(feature = "live")]
        (
            "$IMPASTO live --device cpu --source test-card --capture 96x64@30 --headless --sink png:out --style a.png $TINY",
            "out/000003.png",
        ),
    ] {
        let script = format!(
            "turn() {{ {turn}; }}; rm -rf out/*; mount --bind out out; {line} & p=$!; turn {first}; wait $p"
        );
        let began = Instant::now();
        let output = with_mounts(work, &script).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if String::from_utf8_lossy(&output.stdout).contains("busy") {
            eprintln!("{line}: a file was open when the disk was to be read-only: not tried");
            continue;
        }
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        assert!(
            began.elapsed().as_secs() < 60,
            "{line}: {:?}",
            began.elapsed()
        );
        assert!(
            is_one_line(&said) && said.contains("choose another place"),
            "{line}: {said}"
        );
        for (name, bytes) in files(&work.join("out")) {
            assert!(image::load_from_memory(&bytes).is_ok(), "{line}: {name}");
        }
    }
}

/// A gallery that may not be changed is read, and named where it is to be changed.
#[test]
#[cfg(target_os = "linux")]
fn a_gallery_in_a_read_only_folder() {
    use crate::disk::{may_mount, with_mounts};
    if !may_mount() {
        return;
    }
    let root = folder();
    let work = root.path();
    inputs(work);
    let run = |line: &str| {
        let script = format!(
            "export IMPASTO_GALLERY=out/g.toml; [ -e out/g.toml ] || $IMPASTO styles add a.png --name mine $TINY >/dev/null; \
             mount --bind out out && mount -o remount,bind,ro out && {line}"
        );
        let output = with_mounts(work, &script).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    for line in [
        "$IMPASTO styles add photos/00.png $TINY",
        "$IMPASTO styles remove mine",
        "$IMPASTO styles rename mine yours",
    ] {
        let (status, said) = run(line);
        assert_eq!(status, Some(1), "{line}: {said}");
        assert!(is_one_line(&said), "{line}: {said}");
        assert!(
            said.contains("out/g.toml: ") && said.contains("choose another place"),
            "{line}: {said}"
        );
    }
    let (status, said) = run("$IMPASTO stylize photos/00.png --style @mine $TINY -o o.png");
    assert_eq!(status, Some(0), "{said}");
}
