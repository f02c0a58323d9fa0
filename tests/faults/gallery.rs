//! The user's gallery: signals while styles are added, and many programs that change it at the same time.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use impasto::style::Gallery;
use tempfile::TempDir;

use crate::campaign::Job;
use crate::common::{folder, scene};
use crate::process::{KILL, Running, To, impasto};

/// How often ten programs change one gallery.
const ROUNDS: usize = 20;

fn paintings(folder: &Path) {
    std::fs::create_dir(folder.join("paintings")).unwrap();
    for n in 0..40 {
        let picture = image::imageops::rotate90(&scene(64 + n, 48 + n / 2));
        picture
            .save(folder.join(format!("paintings/p{n:02}.png")))
            .unwrap();
    }
}

/// The names in the gallery of the folder `work`; panics when it is not whole.
fn names(work: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(work.join("gallery.toml")).unwrap();
    let styles = Gallery::parse("gallery.toml", &text).unwrap().styles;
    styles.into_iter().map(|style| style.name).collect()
}

fn added() -> Job {
    Job {
        // Those that were read before the signal are kept.
        whole: |name, bytes| {
            name == ".gallery.toml.lock"
                || name == "gallery.toml"
                    && std::str::from_utf8(bytes)
                        .is_ok_and(|text| Gallery::parse("g", text).is_ok())
        },
        ..Job::new(
            "styles add",
            "styles add paintings/ --threads 1 --model TINY",
            paintings,
        )
    }
}

#[test]
fn styles_added() {
    added().short();
}

#[test]
#[ignore = "100 signals"]
fn long_styles_added() {
    added().long();
}

/// Ten programs at the same time: six add, two remove, two list.
fn round(work: &TempDir, logs: &TempDir, before: &[&str]) {
    let work = work.path();
    for name in before {
        let line = format!("styles add p.png --name {name} --model TINY");
        let mut run = Running::start(&mut impasto(work, &line), &logs.path().join("before"));
        assert!(
            run.wait(Duration::from_secs(30))
                .is_some_and(|s| s.success()),
            "{}",
            run.said()
        );
    }
    let mut lines: Vec<String> = (0..6)
        .map(|n| format!("styles add p.png --name new-{n} --model TINY"))
        .collect();
    lines.extend(
        before[..2]
            .iter()
            .map(|name| format!("styles remove {name}")),
    );
    lines.extend(["styles list".to_owned(), "styles list --json".to_owned()]);
    let mut runs: Vec<Running> = lines
        .iter()
        .enumerate()
        .map(|(n, line)| Running::start(&mut impasto(work, line), &logs.path().join(n.to_string())))
        .collect();
    for (run, line) in runs.iter_mut().zip(&lines) {
        let status = run.wait(Duration::from_secs(30));
        assert!(
            status.is_some_and(|s| s.success()),
            "{line}: {status:?}: {}",
            run.said()
        );
    }
    let mut found = names(work);
    found.sort();
    let mut expected: Vec<String> = (0..6).map(|n| format!("new-{n}")).collect();
    expected.push(before[2].to_owned());
    expected.sort();
    assert_eq!(found, expected);
}

fn rounds(count: usize) {
    for _ in 0..count {
        let (work, logs) = (folder(), folder());
        scene(64, 48).save(work.path().join("p.png")).unwrap();
        round(&work, &logs, &["old-a", "old-b", "old-c"]);
    }
}

#[test]
fn ten_programs_change_one_gallery_and_none_is_lost() {
    rounds(2);
}

#[test]
#[ignore = "twenty rounds of ten programs"]
fn long_ten_programs() {
    rounds(ROUNDS);
}

/// The lock is the system's: it goes with the process that holds it.
#[test]
fn a_killed_holder_leaves_no_lock() {
    let (work, logs) = (folder(), folder());
    scene(64, 48).save(work.path().join("p.png")).unwrap();
    let line = |name: &str| format!("styles add p.png --name {name} --model TINY");
    let path = work.path().join(".gallery.toml.lock");
    // Held by this test, so that the program that waits is killed while it waits.
    let held = std::fs::File::create(&path).unwrap();
    held.lock().unwrap();
    let mut waits = Running::start(
        &mut impasto(work.path(), &line("never")),
        &logs.path().join("a"),
    );
    assert!(
        waits.wait(Duration::from_millis(700)).is_none(),
        "it waits: {}",
        waits.said()
    );
    waits.send(KILL, To::Group);
    assert!(waits.wait(Duration::from_secs(2)).is_some());
    drop(held);
    let mut next = Running::start(
        &mut impasto(work.path(), &line("next")),
        &logs.path().join("b"),
    );
    let status = next.wait(Duration::from_secs(10));
    assert!(status.is_some_and(|s| s.success()), "{}", next.said());
    assert_eq!(names(work.path()), ["next"]);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(
        mode & 0o133,
        0,
        "nobody else may write it, nobody run it: {mode:o}"
    );
}

/// A program that waits for the lock ends at Ctrl-C as any other.
#[test]
fn a_program_that_waits_for_the_gallery_can_be_stopped() {
    use crate::process::{HUP, INT, TERM};
    for signal in [INT, TERM, HUP] {
        let (work, logs) = (folder(), folder());
        scene(64, 48).save(work.path().join("p.png")).unwrap();
        let held = std::fs::File::create(work.path().join(".gallery.toml.lock")).unwrap();
        held.lock().unwrap();
        let line = "styles add p.png --name mine --model TINY";
        let mut waits = Running::start(&mut impasto(work.path(), line), &logs.path().join("a"));
        assert!(
            waits.wait(Duration::from_secs(1)).is_none(),
            "it waits: {}",
            waits.said()
        );
        waits.send(signal, To::Process);
        let status = waits.wait(Duration::from_secs(2));
        // On a very slow machine it may not have come so far as to catch the signal.
        let ended = status.is_some_and(|s| s.code() == Some(130) || s.signal() == Some(signal.1));
        assert!(ended, "{signal:?}: {status:?}: {}", waits.said());
        assert!(!work.path().join("gallery.toml").exists());
    }
}
