//! Those who watch: they come, look at the stream or ask for pictures over a WebSocket, and leave, some in the middle of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Client, Socket};
use crate::random::Random;

/// One viewer after another until `is_over`.
pub fn watch(client: &Client, random: &mut Random, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        let longest = Duration::from_millis(500 + random.next() % 8000);
        match random.next() % 3 {
            0 => stream(client, longest, Duration::ZERO, is_over),
            // Slower than the pictures come.
            1 => stream(client, longest, Duration::from_millis(300), is_over),
            _ => socket(client, longest, is_over),
        }
        thread::sleep(Duration::from_millis(random.next() % 1000));
    }
}

/// Read the MJPEG stream with a pause after each part; leave without a word.
fn stream(client: &Client, longest: Duration, pause: Duration, is_over: &AtomicBool) {
    let mut connection = TcpStream::connect(&client.host).unwrap();
    connection
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let host = &client.host;
    write!(
        connection,
        "GET /stream.mjpeg HTTP/1.1\r\nHost: {host}\r\n\r\n"
    )
    .unwrap();
    let (began, mut part) = (Instant::now(), vec![0; 16384]);
    while began.elapsed() < longest && !is_over.load(Ordering::Relaxed) {
        match connection.read(&mut part) {
            Ok(0) => panic!("the stream ended"),
            Ok(_) => thread::sleep(pause),
            // Nothing new while the session is paused.
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}"),
        }
    }
}

/// Ask for picture after picture.
fn socket(client: &Client, longest: Duration, is_over: &AtomicBool) {
    let mut socket = Socket::open(client, "");
    let began = Instant::now();
    while began.elapsed() < longest && !is_over.load(Ordering::Relaxed) {
        socket.send(r#"{"picture": true}"#);
        assert!(socket.binary().starts_with(&[0xff, 0xd8]), "a JPEG");
    }
}

/// Wait until the server has seen that everybody left.
pub fn alone(client: &Client) {
    for _ in 0..5 {
        assert_eq!(client.get("/api/status").status, 200);
        thread::sleep(Duration::from_millis(500));
    }
}
