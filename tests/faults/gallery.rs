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

/// Ten programs, one of which is killed while it holds the lock: the others go on, and none of theirs is lost.
#[test]
fn a_holder_that_is_killed_lets_the_others_go_on() {
    use crate::process::Signal;
    // SIGTSTP is caught by nobody here, but a shell may ignore it.
    const FREEZE: Signal = Signal("STOP", 19);
    for round in 0..3 {
        let (work, logs) = (folder(), folder());
        let picture = work.path().join("p.png");
        scene(64, 48).save(&picture).unwrap();
        let add = |name: &str| {
            let line = format!("styles add p.png --name {name} --model TINY");
            Running::start(&mut impasto(work.path(), &line), &logs.path().join(name))
        };
        assert!(
            add("first")
                .wait(Duration::from_secs(30))
                .is_some_and(|s| s.success())
        );
        // Many styles, so that the lock is held for a while.
        let path = work.path().join("gallery.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let many: String = (0..3000)
            .map(|n| text.replace("first", &format!("s{n}")))
            .collect();
        let many = match Gallery::parse("g", &many) {
            Ok(_) => many,
            Err(_) => panic!("styles follow each other in a gallery: {}", &many[..400]),
        };
        std::fs::write(&path, many).unwrap();
        let lock = std::fs::File::open(work.path().join(".gallery.toml.lock")).unwrap();
        let is_held = || match lock.try_lock() {
            Ok(()) => {
                lock.unlock().unwrap();
                false
            }
            Err(_) => true,
        };
        let mut holder = (0..50)
            .find_map(|n| {
                let mut holder = add(&format!("held-{n}"));
                while !is_held() {
                    if holder.wait(Duration::ZERO).is_some() {
                        return None;
                    }
                }
                holder.send(FREEZE, To::Process);
                std::thread::sleep(Duration::from_millis(100));
                is_held().then_some(holder)
            })
            .expect("one is met while it holds the lock");
        let mut others: Vec<Running> = (0..9).map(|n| add(&format!("new-{n}"))).collect();
        let early = others[0].wait(Duration::from_millis(700));
        assert!(early.is_none(), "{round}: it waits: {}", others[0].said());
        holder.send(KILL, To::Process);
        assert!(holder.wait(Duration::from_secs(2)).is_some());
        for run in &mut others {
            let status = run.wait(Duration::from_secs(30));
            assert!(
                status.is_some_and(|s| s.success()),
                "{round}: {}",
                run.said()
            );
        }
        let found = names(work.path());
        for n in 0..9 {
            assert!(
                found.contains(&format!("new-{n}")),
                "{round}: new-{n} is lost"
            );
        }
        assert!(found.len() >= 3009, "{round}: {}", found.len());
    }
}

/// Removing is done or not done, never half.
fn removed(rounds: usize) {
    use crate::campaign::{LIMIT, SIGNALS, one_of_both};
    let mut random = crate::random::Random::new("styles remove");
    let (work, logs) = (folder(), folder());
    scene(64, 48).save(work.path().join("p.png")).unwrap();
    let run =
        |line: &str| Running::start(&mut impasto(work.path(), line), &logs.path().join("log"));
    let finish = |mut run: Running| {
        let status = run.wait(Duration::from_secs(30));
        assert!(status.is_some_and(|s| s.success()), "{}", run.said());
    };
    finish(run("styles add p.png --name stays --model TINY"));
    let (mut kept, mut gone) = (0, 0);
    for n in 0..rounds {
        let signal = SIGNALS[n % SIGNALS.len()];
        if names(work.path()).len() == 1 {
            finish(run("styles add p.png --name goes --model TINY"));
        }
        let mut job = run("styles remove goes");
        std::thread::sleep(Duration::from_millis(8).mul_f64(random.fraction()));
        job.send(signal, one_of_both(&mut random));
        let status = job.wait(LIMIT).expect("it ends");
        let found = names(work.path());
        match found.len() {
            2 => kept += 1,
            1 => gone += 1,
            _ => panic!("{signal:?}: {found:?}"),
        }
        assert!(found.contains(&"stays".to_owned()), "{signal:?}: {found:?}");
        // Once it has begun to catch signals, a job that was not stopped in time has done its work.
        let done = status.success() && found.len() == 1;
        let stopped = status.code() == Some(130) || status.signal() == Some(signal.1);
        assert!(done || stopped, "{signal:?}: {status}: {}", job.said());
    }
    eprintln!("styles remove: {rounds} signals, {kept} kept, {gone} removed");
}

#[test]
fn a_style_removed() {
    removed(8);
}

#[test]
#[ignore = "100 signals"]
fn long_style_removed() {
    removed(crate::campaign::kills());
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
