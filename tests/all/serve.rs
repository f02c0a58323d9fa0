//! `impasto live --serve`: a session is controlled by clients that are polite, and by some that are not. Only this machine is
//! connected to, and every wait is bounded.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used)]

pub mod client;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::*;
use client::{Client, Socket};

/// A running session.
struct Session {
    child: Child,
    dir: TempDir,
    client: Client,
}

impl Session {
    /// With two styles, `red` and `blue`, and small frames.
    fn start() -> Self {
        Self::start_with(&[], |command| command)
    }

    fn start_with(
        more: &[&str],
        change: impl FnOnce(&mut std::process::Command) -> &mut std::process::Command,
    ) -> Self {
        let dir = folder();
        for name in ["red", "blue"] {
            save(&dir, &format!("{name}.png"), &scene(64, 64));
        }
        let line = "live --device cpu --source test-card --capture 96x64@30 --headless --serve 127.0.0.1:0 \
                    --style red.png --style blue.png --glide 0";
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_impasto"));
        command
            .args(line.split_whitespace())
            .args(["--model", &tiny()])
            .args(more)
            .current_dir(dir.path())
            .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
            .env_remove("IMPASTO_TOKEN")
            .stderr(Stdio::piped());
        let mut child = change(&mut command).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.find(|line| {
            line.as_ref()
                .is_ok_and(|l| l.starts_with("remote control: "))
        });
        let url = line.unwrap().unwrap()["remote control: ".len()..].to_owned();
        // Somebody must read on, or the session would wait.
        thread::spawn(move || lines.for_each(drop));
        let client = Client::new(&url);
        Self { child, dir, client }
    }

    fn status(&self) -> Value {
        self.client.get("/api/status").json()
    }

    /// Wait until the state is as wanted.
    fn wait(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let status = self.status();
            if is_so(&status) {
                return status;
            }
            let late = began.elapsed() > Duration::from_secs(60);
            assert!(!late, "not {what}: {status}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn control(&self, control: Value) {
        let answer = self.client.post_json("/api/control", &control.to_string());
        assert_eq!(answer.status, 204, "{control}: {}", answer.text());
    }

    /// The painter goes on: more frames than there are now.
    fn goes_on(&self) {
        let before = self.wait("painting", |s| s["frames"] != 0)["frames"].as_u64();
        self.wait("going on", |s| s["frames"].as_u64() > before.map(|n| n + 3));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_session_is_watched_and_controlled() {
    let session = Session::start();
    let client = &session.client;
    let status = session.wait("painting", |s| s["frames"] != 0);
    assert_eq!(status["styles"], json!(["red", "blue"]));
    assert_eq!(status["size"], json!([96, 64]));

    let frame = client.get("/frame.jpg");
    let picture = image::load_from_memory(&frame.body).unwrap();
    assert_eq!((picture.width(), picture.height()), (96, 64));
    for path in [
        "/",
        "/script.js",
        "/pad.js",
        "/keys.js",
        "/style.css",
        "/icon.svg",
        "/api",
    ] {
        let answer = client.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
    }
    assert_eq!(client.get("/api/styles/1.jpg").status, 200);
    assert_eq!(client.get("/api/styles/9.jpg").status, 404);
    assert_eq!(client.get("/../Cargo.toml").status, 404);

    session.control(json!({"do": "glide-to", "style": "blue"}));
    session.wait("blue", |s| {
        s["target"] == 1 && s["weights"] == json!([0.0, 1.0])
    });
    session.control(json!({"do": "mix", "styles": [["red", 1], [1, 3]]}));
    session.wait("mixed", |s| {
        s["weights"][1]
            .as_f64()
            .is_some_and(|w| (w - 0.75).abs() < 0.01)
    });
    session.control(json!({"do": "strength", "value": 0.5}));
    session.control(json!({"do": "brush", "value": 2}));
    session.control(json!({"do": "mirror", "on": true}));
    session.control(json!({"do": "keep-colors", "value": "luminance"}));
    session.control(json!({"do": "pause", "on": true}));
    let status = session.wait("paused", |s| s["paused"] == true);
    assert_eq!(
        (&status["strength"], &status["brush"]),
        (&json!(0.5), &json!(2.0))
    );
    // Whoever comes during a pause sees the last picture.
    assert_eq!(client.get("/frame.jpg").status, 200);
    session.control(json!({"do": "pause", "on": false}));
    session.wait("as asked", |s| {
        s["mirror"] == true && s["keep_colors"] == "luminance"
    });

    assert_eq!(client.post("/api/snapshot", &[]).status, 204);
    session.wait("saved", |s| {
        s["notice"].as_str().is_some_and(|n| n.starts_with("saved"))
    });
    assert_eq!(
        open(session.dir.path().join("impasto-0001.png")).dimensions(),
        (96, 64)
    );
}

#[test]
fn a_painting_that_is_sent_becomes_a_style_and_what_is_no_picture_is_refused() {
    let session = Session::start();
    let client = &session.client;
    let png = std::fs::read(session.dir.path().join("red.png")).unwrap();
    let sent = |name: &str| {
        client
            .post(&format!("/api/painting?name={name}"), &png)
            .status
    };
    assert_eq!(sent("IMG_1.jpg"), 204);
    session.wait("read", |s| s["styles"][2] == "IMG_1" && s["target"] == 2);
    assert_eq!(sent("IMG_1.jpg"), 204);
    session.wait("numbered", |s| s["styles"][3] == "IMG_1 2");
    assert_eq!(sent("..%2F..%2Fred.png&glide=false"), 204);
    session.wait("without folders", |s| {
        s["styles"][4] == "red 2" && s["target"] == 3
    });
    for (bytes, reason) in [
        (&b""[..], "empty"),
        (&b"<html>"[..], "needed is a PNG"),
        (&png[..png.len() / 2], ""),
    ] {
        let answer = client.post("/api/painting?name=x.png", bytes);
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
    // Nothing but the paintings was written.
    assert!(strays(&session.dir, &["red.png", "blue.png"]).is_empty());
}

#[test]
fn a_socket_tells_the_state_shows_pictures_and_ends_floods() {
    let session = Session::start();
    session.wait("painting", |s| s["frames"] != 0);
    let mut socket = Socket::open(&session.client, "");
    assert!(socket.text().contains(r#""styles":["red","blue"]"#));
    socket.send(r#"{"do": "glide-to", "style": 1}"#);
    let told = (0..200).any(|_| socket.text().contains(r#""target":1"#));
    assert!(told, "the state is told");
    socket.send(r#"{"picture": true}"#);
    let picture = socket.binary();
    assert_eq!(image::load_from_memory(&picture).unwrap().width(), 96);
    for (message, reason) in [
        ("{", "not a control"),
        (r#"{"do": "strength", "value": 7}"#, "between 0 and 1"),
        (
            r#"{"do": "glide-to", "style": "x"}"#,
            "no style of that name",
        ),
    ] {
        socket.send(message);
        let said = (0..200)
            .map(|_| socket.text())
            .find(|text| text.contains("error"));
        assert!(said.unwrap().contains(reason), "{message}");
    }
    let mut flood = Socket::open(&session.client, "");
    for _ in 0..5000 {
        if !flood.try_send(r#"{"do": "glide-by", "by": 1}"#) {
            break;
        }
    }
    assert!(flood.is_ended());
    let mut huge = Socket::open(&session.client, "");
    huge.try_send(&"x".repeat(200 << 10));
    assert!(huge.is_ended());
    session.goes_on();
}

#[test]
fn malformed_requests_and_those_of_other_websites_are_refused() {
    let session = Session::start();
    let client = &session.client;
    let refused = |status: u16, head: &str, body: &str| {
        let answer = client.raw(head, body.as_bytes());
        assert_eq!(answer.status, status, "{head}: {}", answer.text());
    };
    let host = client.host.clone();
    refused(403, "GET / HTTP/1.1\r\nHost: evil.example\r\n", "");
    refused(403, "GET /api/status HTTP/1.0\r\n", "");
    let from = |site: &str| {
        format!(
            "POST /api/snapshot HTTP/1.1\r\nHost: {host}\r\nOrigin: {site}\r\nContent-Length: 0\r\n"
        )
    };
    refused(403, &from("http://evil.example"), "");
    refused(403, &from("null"), "");
    refused(204, &from(&format!("http://{host}")), "");
    let embedded = format!(
        "GET /stream.mjpeg HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"
    );
    refused(403, &embedded, "");
    let socket = format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    refused(403, &socket, "");
    let control = |kind: &str, body: &str| {
        format!(
            "POST /api/control HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n",
            body.len()
        )
    };
    for (status, body) in [
        (400, "{"),
        (400, r#"{"do":"strength","value":2}"#),
        (400, r#"{"do":"format-disk"}"#),
        (400, "\u{0}\u{1}"),
    ] {
        refused(status, &control("application/json", body), body);
    }
    let plain = r#"{"do":"save"}"#;
    refused(415, &control("text/plain", plain), plain);
    let long = " ".repeat(5 << 10);
    refused(413, &control("application/json", &long), &long);
    // A gigabyte is refused before it is sent.
    let huge =
        format!("POST /api/painting HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1073741824\r\n");
    refused(413, &huge, "");
    // Nor does it help not to say how much it is.
    let chunked = format!(
        "POST /api/control HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    );
    refused(
        413,
        &chunked,
        &format!("{:x}\r\n{}\r\n0\r\n\r\n", 9000, " ".repeat(9000)),
    );
    refused(
        404,
        &format!("GET /nothing HTTP/1.1\r\nHost: {host}\r\n"),
        "",
    );
    refused(
        405,
        &format!("GET /api/control HTTP/1.1\r\nHost: {host}\r\n"),
        "",
    );
    session.goes_on();
}

#[test]
fn a_token_that_was_chosen_is_asked_for_everywhere() {
    const TOKEN: &str = "a-token-of-the-test";
    let session = Session::start_with(&[], |command| command.env("IMPASTO_TOKEN", TOKEN));
    let host = session.client.host.clone();
    let status = |path: &str, header: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}");
        session.client.raw(&head, b"")
    };
    for path in [
        "/",
        "/stream.mjpeg",
        "/frame.jpg",
        "/api/status",
        "/ws",
        "/nothing",
    ] {
        for wrong in [
            "",
            "?token=",
            "?token=a-token-of-the-tesT",
            "?token=a-token-of-the-test0",
        ] {
            let answer = status(&format!("{path}{wrong}"), "");
            assert_eq!(answer.status, 401, "{path}{wrong}");
            assert!(!answer.text().contains(TOKEN));
        }
    }
    let page = status(&format!("/?token={TOKEN}"), "");
    let cookie = page.header("set-cookie").unwrap();
    assert!(page.status == 200 && cookie.contains("HttpOnly; SameSite=Strict"));
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(
        status("/api/status", &format!("Cookie: {cookie}\r\n")).status,
        200
    );
    let wrong = cookie.replace("test", "Test");
    assert_eq!(
        status("/api/status", &format!("Cookie: {wrong}\r\n")).status,
        401
    );
}

#[test]
fn slow_and_many_clients_are_dropped_and_the_painter_goes_on() {
    let session = Session::start();
    let address = session.client.host.clone();
    session.wait("painting", |s| s["frames"] != 0);
    // Two that ask for the film and never read it, and one that sends its head a letter at a time.
    let mut silent: Vec<TcpStream> = (0..2)
        .map(|_| TcpStream::connect(&address).unwrap())
        .collect();
    for stream in &mut silent {
        write!(
            stream,
            "GET /stream.mjpeg HTTP/1.1\r\nHost: {address}\r\n\r\n"
        )
        .unwrap();
    }
    let mut slow = TcpStream::connect(&address).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(40)))
        .unwrap();
    let began = Instant::now();
    let mut ended = false;
    for letter in format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nX-Slow: {}",
        "x".repeat(60)
    )
    .bytes()
    {
        if slow.write_all(&[letter]).is_err() {
            ended = true;
            break;
        }
        thread::sleep(Duration::from_millis(200));
        if letter == b'H' {
            session.goes_on();
        }
    }
    if !ended {
        let mut rest = Vec::new();
        // The end, or an answer that says so; a time-out would be an error.
        ended = slow.read_to_end(&mut rest).is_ok();
    }
    assert!(ended && began.elapsed() < Duration::from_secs(40));

    // A hundred connections: some are refused, those that are served stay so, and when they go the next is welcome.
    let crowd: Vec<_> = (0..100)
        .filter_map(|_| TcpStream::connect(&address).ok())
        .collect();
    thread::sleep(Duration::from_millis(500));
    let refused = crowd.iter().filter(|stream| {
        stream
            .set_read_timeout(Some(Duration::from_millis(5)))
            .unwrap();
        let mut first = [0; 12];
        let mut stream = *stream;
        stream
            .read(&mut first)
            .is_ok_and(|_| first.starts_with(b"HTTP/1.1 503"))
    });
    let refused = refused.count();
    assert!(
        (30..=60).contains(&refused),
        "{refused} of {} refused",
        crowd.len()
    );
    drop(crowd);
    thread::sleep(Duration::from_millis(500));
    session.goes_on();

    // The film can be watched by eight, and by no ninth.
    drop(silent);
    let watch = || {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "GET /stream.mjpeg HTTP/1.1\r\nHost: {address}\r\n\r\n"
        )
        .unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        (stream, String::from_utf8_lossy(&first).into_owned())
    };
    let began = Instant::now();
    let eight = loop {
        let eight: Vec<_> = (0..8).map(|_| watch()).collect();
        if eight.iter().all(|(_, answer)| answer.ends_with("200")) {
            break eight;
        }
        // Those that left are noticed at the next picture.
        assert!(began.elapsed() < Duration::from_secs(30));
        drop(eight);
        thread::sleep(Duration::from_millis(500));
    };
    assert!(watch().1.ends_with("503"));
    session.goes_on();
    drop(eight);
}

#[test]
fn an_address_that_cannot_be_used_is_refused_with_the_remedy() {
    let dir = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |address: &str| {
        refusal(&mut quick(
            &dir,
            &format!("live --headless --source test-card --serve {address}"),
        ))
    };
    let said = at(&taken.local_addr().unwrap().to_string());
    assert!(
        said.contains("--serve") && said.contains("in use") && said.contains("another port"),
        "{said}"
    );
    let said = at("192.0.2.1:7420");
    assert!(said.contains("no address of this machine"), "{said}");
    let mut command = quick(
        &dir,
        "live --headless --source test-card --serve 127.0.0.1:0",
    );
    let said = refusal(command.env("IMPASTO_TOKEN", "short"));
    assert!(
        said.contains("IMPASTO_TOKEN") && said.contains("16 to 128"),
        "{said}"
    );
    let wrong = failure(&mut quick(&dir, "live --headless --serve http://x"));
    assert!(wrong.contains("ADDRESS:PORT"), "{wrong}");
}
