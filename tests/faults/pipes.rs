//! Readers that go away: `impasto ... | head -c 10`, `2>&1 | head -1`, and outputs into `/dev/full`.

use std::io::Read;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::common::{folder, scene};
use crate::process::impasto;

fn inputs(work: &Path) {
    std::fs::create_dir(work.join("photos")).unwrap();
    for n in 0..6 {
        let photo = scene(200 + n, 150);
        photo.save(work.join(format!("photos/{n}.png"))).unwrap();
    }
    scene(64, 48).save(work.join("a.png")).unwrap();
    scene(1600, 1200).save(work.join("large.png")).unwrap();
}

/// Which stream is closed, after how many bytes.
#[derive(Debug, Clone, Copy)]
enum Closed {
    Stdout(u64),
    Stderr(u64),
}

/// How `line` ended, and what it said on the stream that was not closed.
fn run(work: &Path, line: &str, closed: Closed) -> (ExitStatus, String) {
    let began = Instant::now();
    let mut command = impasto(work, line);
    let photo = std::fs::File::open(work.join("large.png")).unwrap();
    command
        .stdin(photo)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let mut said = Vec::new();
    match closed {
        Closed::Stdout(bytes) => {
            stdout.take(bytes).read_to_end(&mut Vec::new()).unwrap();
            stderr.read_to_end(&mut said).unwrap();
        }
        Closed::Stderr(bytes) => {
            stderr.take(bytes).read_to_end(&mut Vec::new()).unwrap();
            stdout.read_to_end(&mut said).unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(began.elapsed() < Duration::from_secs(30), "{line}");
    (status, String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_reader_of_the_results_that_goes_away_is_no_error() {
    let root = folder();
    let work = root.path();
    inputs(work);
    for line in [
        "stylize - --style a.png --model TINY -o -",
        "stylize - --style a.png --format bmp --model TINY -o -",
        "stylize photos/ --style a.png --model TINY -o out/",
        "stylize photos/ --style a.png --json --model TINY -o out/",
        "stylize photos/ --style a.png --json-lines --model TINY -o out/",
        "styles list",
        "doctor",
        "doctor --json",
        #[cfg(feature = "live")]
        "live --device cpu --source test-card --capture 96x64@30 --headless --sink y4m:- --style a.png --threads 1 --model TINY",
    ] {
        for bytes in [0, 10, 1000] {
            let (status, said) = run(work, line, Closed::Stdout(bytes));
            assert_eq!(status.code(), Some(0), "{line}, {bytes}: {said}");
            let wrong = said
                .lines()
                .any(|l| l.starts_with("impasto: ") || l.contains("panicked"));
            assert!(!wrong, "{line}, {bytes}: {said}");
        }
    }
}

/// The work goes on, and the status is what it would have been.
#[test]
fn a_reader_of_the_messages_that_goes_away_changes_nothing() {
    let root = folder();
    let work = root.path();
    inputs(work);
    std::fs::write(work.join("photos/bad.png"), "no picture").unwrap();
    for (line, code) in [
        ("stylize photos/ --style a.png --model TINY -o out/", 2),
        ("stylize photos/ --style none.png --model TINY -o out/", 1),
        ("stylize - --style a.png --model TINY -o -", 0),
        ("styles add photos/ --model TINY", 2),
        ("styles show @none", 1),
        ("stylize", 2),
        #[cfg(feature = "live")]
        (
            "live --device cpu --source test-card --capture 96x64@30 --headless --sink null --frames 5 --style a.png --model TINY",
            0,
        ),
    ] {
        let (status, said) = run(work, line, Closed::Stderr(0));
        assert_eq!(status.code(), Some(code), "{line}: {said}");
    }
    assert_eq!(std::fs::read_dir(work.join("out")).unwrap().count(), 6);
}

/// What cannot be written down is an error in one line.
#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_an_error() {
    let root = folder();
    let work = root.path();
    inputs(work);
    for line in [
        "stylize a.png --style a.png --model TINY -o -",
        "stylize photos/ --style a.png --model TINY -o out/",
        "stylize photos/ --style a.png --json --model TINY -o out/",
        "styles list",
        "styles list --json",
        "models list",
        "doctor",
        #[cfg(feature = "live")]
        "live --device cpu --source test-card --capture 96x64@30 --headless --sink y4m:- --style a.png --model TINY",
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = impasto(work, line).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines = said.lines().filter(|l| l.starts_with("impasto: ")).count();
        assert_eq!(
            (output.status.code(), lines),
            (Some(1), 1),
            "{line}: {said}"
        );
        assert!(said.contains("No space left"), "{line}: {said}");
    }
    for line in [
        "stylize a.png --style a.png --model TINY -o /dev/full",
        "blend a.png --from a.png --to a.png --model TINY -o /dev/full",
        "film a.png --style a.png --model TINY -o /dev/full",
        #[cfg(feature = "live")]
        "live --device cpu --source test-card --headless --sink y4m:/dev/full --frames 5 --style a.png --model TINY",
    ] {
        let output = impasto(work, line).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains("/dev/full"),
            "{line}: {said}"
        );
        assert!(!said.contains("panicked"), "{line}: {said}");
    }
}
