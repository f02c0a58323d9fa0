//! What a terminal or a shell does: a second Ctrl-C, Ctrl-Z, a pipe that is closed, `nohup`.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::common::{folder, scene};
use crate::process::{INT, Running, To, impasto};
use crate::snapshot::files;

fn photos(work: &Path, count: u32) {
    std::fs::create_dir(work.join("photos")).unwrap();
    for n in 0..count {
        scene(320, 240)
            .save(work.join(format!("photos/{n:03}.png")))
            .unwrap();
    }
    scene(64, 48).save(work.join("style.png")).unwrap();
}

const LINE: &str = "stylize photos/ --style style.png --threads 1 --model TINY -o out/";

/// `timeout` and shells send a signal twice; a user presses Ctrl-C again. Every picture that is there is whole.
#[test]
fn a_second_ctrl_c_while_the_first_is_handled() {
    for pause in [0, 1, 5, 20, 100, 600] {
        let root = folder();
        photos(root.path(), 60);
        let log = folder();
        let mut run = Running::start(&mut impasto(root.path(), LINE), &log.path().join("log"));
        run.wait_until("a picture", |_| root.path().join("out/000.png").exists());
        run.send(INT, To::Group);
        std::thread::sleep(Duration::from_millis(pause));
        run.send(INT, To::Group);
        let status = run.wait(Duration::from_secs(2));
        let case = format!("{pause} ms: {status:?}: {}", run.said());
        assert_eq!(status.and_then(|s| s.code()), Some(130), "{case}");
        for (name, bytes) in files(&root.path().join("out")) {
            assert!(image::load_from_memory(&bytes).is_ok(), "{case}: {name}");
        }
    }
}

/// `impasto styles list | head -1`.
#[test]
fn a_pipe_that_is_closed_early_is_silent() {
    for line in [
        "styles list",
        "styles list --json",
        "--help",
        "live --help",
        "models list",
        "styles show @great-wave --values",
    ] {
        let root = folder();
        let mut child = impasto(root.path(), line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        // The reader is dropped, and with it the pipe.
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let by_pipe =
            output.status.signal() == Some(13) || matches!(output.status.code(), Some(0 | 141));
        assert!(
            by_pipe && said.is_empty(),
            "{line}: {}: {said}",
            output.status
        );
        assert!(!first.is_empty(), "{line}");
    }
}

/// `nohup`: a program that was started with SIGHUP ignored goes on after it.
#[test]
#[cfg(target_os = "linux")]
fn nohup_goes_on_when_the_terminal_is_closed() {
    use crate::process::HUP;
    let root = folder();
    photos(root.path(), 60);
    let log = folder();
    // The program itself: `impasto` may undo what `nohup` does.
    let line = LINE.replace("TINY", &crate::common::tiny());
    let mut nohup = std::process::Command::new("nohup");
    nohup
        .arg(env!("CARGO_BIN_EXE_impasto"))
        .args(line.split_whitespace())
        .current_dir(root.path());
    let mut run = Running::start(&mut nohup, &log.path().join("log"));
    run.wait_until("a picture", |_| root.path().join("out/000.png").exists());
    run.send(HUP, To::Group);
    let status = run.wait(Duration::from_secs(60));
    assert!(
        status.is_some_and(|s| s.success()),
        "{status:?}: {}",
        run.said()
    );
    assert_eq!(files(&root.path().join("out")).len(), 60);
}
