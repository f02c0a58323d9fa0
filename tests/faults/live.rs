//! `impasto live` without camera and window: into a film, served, and while it records.
#![cfg(feature = "live")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::campaign::Job;
use crate::common::clip::has_ffmpeg;
use crate::common::scene;
use crate::endless::Endless;
use crate::process::{Running, impasto};

fn styles(folder: &Path) {
    for name in ["red", "blue"] {
        scene(64, 64)
            .save(folder.join(format!("{name}.png")))
            .unwrap();
    }
}

/// Whether a Y4M film of 96x64 in 4:4:4 or 4:2:0 ends with a whole frame.
fn is_whole_y4m(bytes: &[u8]) -> bool {
    let Some(end) = bytes.iter().position(|b| *b == b'\n') else {
        return false;
    };
    let samples = match bytes[..end].windows(4).any(|w| w == b"C444") {
        true => 96 * 64 * 3,
        false => 96 * 64 * 3 / 2,
    };
    bytes.starts_with(b"YUV4MPEG2 ")
        && (bytes.len() - end - 1).is_multiple_of(samples + b"FRAME\n".len())
}

/// Whether the boxes of an MP4 file fill it exactly, with its table of contents among them.
pub fn is_whole_mp4(bytes: &[u8]) -> bool {
    let (mut at, mut has_contents) = (0, false);
    while let Some(head) = bytes.get(at..at + 8) {
        let size = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        has_contents |= &head[4..] == b"moov";
        at += match (size, bytes.get(at + 8..at + 16)) {
            (1, Some(long)) => u64::from_be_bytes(long.try_into().unwrap()) as usize,
            (8.., _) => size,
            _ => return false,
        };
    }
    at == bytes.len() && has_contents
}

fn film() -> Job {
    let line = "live --device cpu --source test-card --capture 96x64@30 --headless --sink y4m:out.y4m --frames 150 \
                --style red.png --style blue.png --tour 0.5 --glide 0.2 --threads 1 --model TINY";
    Job {
        whole: |_, bytes| is_whole_y4m(bytes),
        stopped: 0,
        ..Job::new("live into a film", line, styles)
    }
}

const SERVED: &str = "live --device cpu --source test-card --capture 96x64@30 --headless --serve 127.0.0.1:0 --style red.png \
                      --style blue.png --glide 0 --threads 1 --model TINY";

fn served() -> Endless {
    Endless {
        name: "live --serve",
        line: SERVED,
        inputs: styles,
        begin: |_| (),
        whole: |_, _| false,
        seconds: 0.6,
    }
}

fn recording() -> Endless {
    Endless {
        name: "live recording",
        begin: record,
        whole: |name, bytes| name.ends_with(".mp4") && is_whole_mp4(bytes),
        seconds: 1.0,
        ..served()
    }
}

/// The host and port that a session says it is controlled at.
fn address(run: &Running) -> Option<String> {
    let said = run.said();
    let line = said
        .lines()
        .find_map(|l| l.strip_prefix("remote control: http://"))?;
    let whole = said.contains(&format!("{line}\n"));
    whole.then(|| line.trim_end_matches('/').to_owned())
}

/// Begin a recording.
pub fn record(run: &mut Running) {
    run.wait_until("remote control", |run| address(run).is_some());
    let host = address(run).unwrap();
    let mut stream = TcpStream::connect(&host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let request = format!(
        "POST /api/record HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 204");
}

/// After SIGTSTP and SIGCONT a session goes on, and a film is the one that was not stopped.
#[test]
fn a_session_that_is_stopped_for_a_while_goes_on() {
    use crate::process::{CONT, INT, STOP, To};
    let root = crate::common::folder();
    styles(root.path());
    let log = root.path().join("log");
    let mut run = Running::start(&mut impasto(root.path(), SERVED), &log);
    run.wait_until("remote control", |run| address(run).is_some());
    for _ in 0..3 {
        run.send(STOP, To::Group);
        std::thread::sleep(Duration::from_millis(700));
        run.send(CONT, To::Group);
        let first = frames(&run);
        run.wait_until("more frames", |run| frames(run) > first + 5);
    }
    run.send(INT, To::Group);
    let status = run.wait(Duration::from_secs(2)).expect("it ends");
    assert!(status.success(), "{}", run.said());
}

/// The number of frames that the session has shown.
fn frames(run: &Running) -> u64 {
    let host = address(run).unwrap();
    let mut stream = TcpStream::connect(&host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let request = format!("GET /api/status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let status: serde_json::Value = serde_json::from_str(body).unwrap();
    status["frames"].as_u64().unwrap()
}

#[test]
fn a_film() {
    film().short();
}

#[test]
fn a_served_session() {
    served().short();
}

#[test]
fn a_recording() {
    if has_ffmpeg() {
        recording().short();
    }
}

#[test]
#[ignore = "100 signals"]
fn long_film() {
    film().long();
}

#[test]
#[ignore = "100 signals"]
fn long_serve() {
    served().long();
}

#[test]
#[ignore = "100 signals"]
fn long_recording() {
    if has_ffmpeg() {
        recording().long();
    }
}
