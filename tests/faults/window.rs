//! The X server ends while a session is shown in a window.
#![cfg(all(feature = "live", target_os = "linux"))]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::PoisonError;
use std::time::Duration;

use crate::campaign::{ALONE, LIMIT};
use crate::common::clip::has_ffmpeg;
use crate::common::{folder, scene};
use crate::live::{is_whole_mp4, record};
use crate::process::{Running, impasto, orphans};
use crate::snapshot::files;
use crate::tally::is_temporary;

/// How often it is tried.
const ROUNDS: u32 = 5;

struct Server(Child);

impl Server {
    /// A server that nobody sees, and its name.
    fn start() -> Option<(Self, String)> {
        let started = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "800x600x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            eprintln!("skipped: there is no Xvfb");
            return None;
        };
        let mut number = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut number).unwrap();
        Some((Self(child), format!(":{}", number.trim())))
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A session in a window, and its folder of recordings.
fn session(work: &Path, display: &str, log: &Path) -> Running {
    scene(64, 48).save(work.join("a.png")).unwrap();
    std::fs::create_dir(work.join("out")).unwrap();
    let line = "live --device cpu --source test-card --capture 160x120@30 --serve 127.0.0.1:0 --save-to out --style a.png \
                --threads 1 --model TINY";
    Running::start(impasto(work, line).env("DISPLAY", display), log)
}

#[test]
fn the_window_server_ends_and_the_recording_is_kept() {
    if !has_ffmpeg() {
        return;
    }
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut xlib = 0;
    for round in 0..ROUNDS {
        let Some((mut server, display)) = Server::start() else {
            return;
        };
        let (root, logs) = (folder(), folder());
        let work = root.path().canonicalize().unwrap();
        let mut run = session(&work, &display, &logs.path().join("log"));
        record(&mut run);
        std::thread::sleep(Duration::from_millis(700 + u64::from(round) * 7));
        server.kill();
        let status = run.wait(LIMIT);
        let case = format!("{round}: {status:?}: {}", run.said());
        assert_eq!(status.and_then(|s| s.code()), Some(1), "{case}");
        assert!(!run.said().contains("panicked"), "{case}");
        let by_xlib = run.said().contains("XIO: ") || run.said().contains("X connection to");
        xlib += u32::from(by_xlib);
        if !by_xlib {
            let ours = "impasto: display: the window server has ended";
            assert!(run.said().contains(ours), "{case}");
            assert!(
                run.said().contains("recorded out/impasto-0001.mp4"),
                "{case}"
            );
        }
        // Where Xlib was first, ffmpeg completes the recording by itself.
        assert_eq!(orphans(&work, LIMIT), [""; 0], "{case}");
        let mut left = files(&work.join("out"));
        // Xlib lets the program remove nothing.
        left.retain(|name, _| !by_xlib || !is_temporary(name));
        assert_eq!(
            left.keys().collect::<Vec<_>>(),
            ["impasto-0001.mp4"],
            "{case}"
        );
        assert!(left.values().all(|bytes| is_whole_mp4(bytes)), "{case}");
    }
    eprintln!("Xlib ended the process in {xlib} of {ROUNDS} rounds, before the server was asked");
}
