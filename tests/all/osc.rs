//! `impasto live` controlled by OSC, MIDI and the beat: through real sockets, and a pipe in place of a device.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::common::*;
use image::{Rgb, RgbImage};
use tempfile::TempDir;

/// After this long a thing that should happen is not going to.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session that listens to OSC and tells how it stands.
struct Session {
    child: Child,
    /// To the session.
    osc: UdpSocket,
    /// From the session.
    told: UdpSocket,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn two_styles(dir: &TempDir) {
    save(
        dir,
        "red.png",
        &RgbImage::from_pixel(32, 32, Rgb([200, 40, 30])),
    );
    save(
        dir,
        "blue.png",
        &RgbImage::from_pixel(32, 32, Rgb([30, 60, 190])),
    );
}

impl Session {
    /// `impasto live LINE`, with the styles red and blue.
    fn start(dir: &TempDir, line: &str) -> Self {
        two_styles(dir);
        let told = UdpSocket::bind("127.0.0.1:0").unwrap();
        told.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_impasto"))
            .args("live --source test-card --capture 64x48@30 --headless --device cpu".split(' '))
            .args("--style red.png --style blue.png --osc 127.0.0.1:0 --osc-to".split(' '))
            .arg(told.local_addr().unwrap().to_string())
            .args(["--model", &tiny()])
            .args(line.split_whitespace())
            .current_dir(dir.path())
            .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
            .env_remove("DISPLAY")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut text = String::new();
        let address = loop {
            assert!(stderr.read_line(&mut text).unwrap() > 0, "{text}");
            if let Some(address) = text.trim().rsplit_once("OSC: listening on ") {
                break address.1.to_owned();
            }
        };
        let osc = UdpSocket::bind("127.0.0.1:0").unwrap();
        osc.connect(address).unwrap();
        let session = Self {
            child,
            osc,
            told,
            stderr,
        };
        session.wait_for("/impasto/style 1 red");
        session
    }

    fn send(&self, address: &str, arguments: &[&str]) {
        self.osc.send(&message(address, arguments)).unwrap();
    }

    /// Wait until the session tells this.
    fn wait_for(&self, wanted: &str) {
        let began = Instant::now();
        let mut last = Vec::new();
        let mut buffer = vec![0; 65_536];
        while began.elapsed() < PATIENCE {
            let size = self.told.recv(&mut buffer).unwrap();
            last = told(&buffer[..size]);
            if last.iter().any(|line| line.starts_with(wanted)) {
                return;
            }
        }
        panic!("no {wanted}; last {last:?}");
    }

    /// Ctrl-C; gives what the session wrote for people.
    fn end(mut self) -> String {
        let kill = std::process::Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let mut text = String::new();
        self.stderr.read_to_string(&mut text).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {text}");
        assert!(!text.contains("panicked"), "{text}");
        text
    }
}

/// A text as OSC writes it, filled up to a multiple of four.
fn text(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(bytes.len() / 4 * 4 + 4, 0);
    bytes
}

/// A message by hand, so that not the decoder's own encoder is tested. Arguments that are numbers are sent as such.
fn message(address: &str, arguments: &[&str]) -> Vec<u8> {
    let (mut types, mut values) = (",".to_owned(), Vec::new());
    for argument in arguments {
        if let Ok(number) = argument.parse::<i32>() {
            types.push('i');
            values.extend(number.to_be_bytes());
        } else if let Ok(number) = argument.parse::<f32>() {
            types.push('f');
            values.extend(number.to_be_bytes());
        } else {
            types.push('s');
            values.extend(text(argument));
        }
    }
    [text(address), text(&types), values].concat()
}

/// The messages of a bundle as lines: address and arguments.
fn told(bundle: &[u8]) -> Vec<String> {
    let mut rest = bundle.strip_prefix(b"#bundle\0").unwrap().get(8..).unwrap();
    let mut lines = Vec::new();
    while let Some((size, after)) = rest.split_first_chunk::<4>() {
        let (one, after) = after.split_at(u32::from_be_bytes(*size) as usize);
        rest = after;
        let end = |bytes: &[u8]| bytes.iter().position(|b| *b == 0).unwrap();
        let mut line = String::from_utf8_lossy(&one[..end(one)]).into_owned();
        let one = &one[end(one) / 4 * 4 + 4..];
        let types = one[1..end(one)].to_vec();
        let mut one = &one[end(one) / 4 * 4 + 4..];
        for kind in types {
            let four = || <[u8; 4]>::try_from(&one[..4]).unwrap();
            let (shown, size) = match kind {
                b'i' => (i32::from_be_bytes(four()).to_string(), 4),
                b'f' => (f32::from_be_bytes(four()).to_string(), 4),
                _ => {
                    let name = String::from_utf8_lossy(&one[..end(one)]).into_owned();
                    (name, end(one) / 4 * 4 + 4)
                }
            };
            line += &format!(" {shown}");
            one = &one[size..];
        }
        lines.push(line);
    }
    lines
}

#[test]
fn osc_turns_the_style_and_is_told_so() {
    let dir = folder();
    let session = Session::start(&dir, "--glide 0.1");
    session.send("/impasto/style", &["2"]);
    session.wait_for("/impasto/style 2 blue");
    session.wait_for("/impasto/weights 0 1");
    session.send("/impasto/style", &["red"]);
    session.wait_for("/impasto/weights 1 0");
    session.send("/impasto/mix", &["red", "1", "blue", "3"]);
    session.wait_for("/impasto/weights 0.25 0.75");
    session.send("/impasto/strength", &["0.5"]);
    session.wait_for("/impasto/strength 0.5");
    session.send("/impasto/brush", &["2"]);
    session.wait_for("/impasto/brush 2");
    session.send("/impasto/mirror", &["1"]);
    session.wait_for("/impasto/mirror 1");
    session.send("/impasto/tempo", &["240"]);
    session.wait_for("/impasto/tempo 240");
    session.wait_for("/impasto/beat 3");
    session.send("/impasto/save", &[]);
    let began = Instant::now();
    let saved = || {
        let files = std::fs::read_dir(dir.path()).unwrap().flatten();
        let name = |e: std::fs::DirEntry| e.file_name().to_string_lossy().into_owned();
        files.map(name).any(|name| name.starts_with("impasto-"))
    };
    while !saved() {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(20));
    }
    session.end();
}

#[test]
fn malformed_packets_and_floods_leave_a_session_that_obeys() {
    let dir = folder();
    let session = Session::start(&dir, "--glide 0.1");
    let whole = message("/impasto/style", &["2"]);
    let mut seed = 5_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 56) as u8
    };
    // Bundles in bundles, as deep as a packet holds.
    let mut deep = whole.clone();
    while deep.len() < 60_000 {
        let size = (deep.len() as u32).to_be_bytes();
        deep = [b"#bundle\0\0\0\0\0\0\0\0\x01".as_slice(), &size, &deep].concat();
    }
    let nested_arrays = [
        text("/impasto/strength"),
        text(&format!(",{}{}", "[".repeat(20_000), "]".repeat(20_000))),
    ]
    .concat();
    for round in 0..30 {
        drop(session.osc.send(&deep));
        drop(session.osc.send(&nested_arrays));
        drop(session.osc.send(&whole[..round % whole.len()]));
        let noise: Vec<u8> = (0..round * 40).map(|_| random()).collect();
        drop(session.osc.send(&noise));
        drop(session.osc.send(&message("/impasto/strength", &["nan"])));
        drop(session.osc.send(&message("/impasto/brush", &["inf"])));
        drop(session.osc.send(&message("/impasto/style", &["99"])));
        drop(
            session
                .osc
                .send(&message(&format!("/impasto/{round}"), &["1"])),
        );
    }
    for n in 0..30_000 {
        let value = format!("{}", f64::from(n) / 30_000.0 + 1e-9);
        drop(session.osc.send(&message("/impasto/strength", &[&value])));
    }
    // Datagrams may be lost in the flood: the last word is said until it is heard.
    let began = Instant::now();
    loop {
        session.send("/impasto/style", &["2"]);
        session.send("/impasto/strength", &["0.25"]);
        let mut buffer = vec![0; 65_536];
        let size = session.told.recv(&mut buffer).unwrap();
        if told(&buffer[..size]).contains(&"/impasto/strength 0.25".to_owned()) {
            break;
        }
        assert!(began.elapsed() < PATIENCE);
    }
    session.wait_for("/impasto/weights 0 1");
    let text = session.end();
    assert!(
        text.contains("OSC: there is no address /impasto/"),
        "{text}"
    );
    assert!(text.contains("there is no style 99"), "{text}");
    assert!(text.lines().count() < 40, "each complaint once: {text}");
}

#[test]
fn a_port_in_use_and_wrong_addresses_are_refused() {
    let dir = folder();
    two_styles(&dir);
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let line = "live --source test-card --headless --style red.png";
    let said = refusal(&mut quick(&dir, &format!("{line} --osc {address}")));
    assert!(said.contains("cannot be listened on"), "{said}");
    for flags in [
        "--osc x",
        "--osc-to 127.0.0.1",
        "--bpm 10",
        "--bpm nan",
        "--midi-map a.toml",
    ] {
        let said = failure(&mut quick(&dir, &format!("{line} {flags}")));
        let flag = flags.split(' ').next().unwrap().trim_start_matches('-');
        assert!(said.contains(flag), "{flags}: {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_knob_of_a_device_turns_the_strength_by_the_map() {
    use std::io::Write;
    let dir = folder();
    let pipe = dir.path().join("device");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let map = "[[binding]]\ndoes = \"strength\"\ncontroller = 7\nchannel = 1\n\
               [[binding]]\ndoes = \"style 2\"\nnote = 36\nchannel = 10\n";
    std::fs::write(dir.path().join("map.toml"), map).unwrap();
    let line = "--glide 0.1 --midi ./device --midi-map map.toml --midi-clock";
    let session = Session::start(&dir, line);
    let mut device = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let mut play = |bytes: &[u8]| device.write_all(bytes).unwrap();
    // Running status, the clock in between, garbage before.
    play(&[7, 99, 0xf7, 0xb0, 7, 0xf8, 10, 7, 127, 7, 0]);
    session.wait_for("/impasto/strength 0");
    play(&[0x99, 36, 100]);
    session.wait_for("/impasto/weights 0 1");
    // Two beats of the clock: 24 each, half a second apart.
    for _ in 0..3 {
        play(&[0xf8; 24]);
        std::thread::sleep(Duration::from_millis(500));
    }
    session.wait_for("/impasto/beat");
    let text = session.end();
    assert!(text.contains("MIDI: ./device is connected"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_not_there_is_refused_and_a_map_that_is_none_too() {
    let dir = folder();
    two_styles(&dir);
    let line = "live --source test-card --headless --style red.png --midi";
    let said = refusal(&mut quick(&dir, &format!("{line} no-such-keyboard")));
    assert!(said.contains("no-such-keyboard"), "{said}");
    let said = refusal(&mut quick(&dir, &format!("{line} ./none")));
    assert!(said.contains("is not there"), "{said}");
    if cfg!(not(feature = "midi-alsa")) {
        std::fs::write(dir.path().join("map.toml"), "nonsense").unwrap();
        let said = refusal(&mut quick(&dir, &format!("{line} --midi-map map.toml")));
        assert!(said.contains("map.toml"), "{said}");
    }
}

/// Another program plays into our port through ALSA's sequencer.
#[cfg(all(target_os = "linux", feature = "midi-alsa"))]
#[test]
fn a_virtual_port_of_another_program_is_heard() {
    use midir::MidiOutput;
    use midir::os::unix::VirtualOutput;
    if !std::path::Path::new("/dev/snd/seq").exists() {
        eprintln!("skipped: this kernel has no sequencer (/dev/snd/seq)");
        return;
    }
    let dir = folder();
    let map = "[[binding]]\ndoes = \"strength\"\ncontroller = 7\nchannel = 1\n";
    std::fs::write(dir.path().join("map.toml"), map).unwrap();
    let output = MidiOutput::new("impasto-test").unwrap();
    let mut port = output.create_virtual("knobs").unwrap();
    let session = Session::start(&dir, "--midi impasto-test --midi-map map.toml");
    let began = Instant::now();
    let mut buffer = vec![0; 65_536];
    loop {
        port.send(&[0xb0, 7, 0]).unwrap();
        let size = session.told.recv(&mut buffer).unwrap();
        if told(&buffer[..size]).contains(&"/impasto/strength 0".to_owned()) {
            break;
        }
        assert!(began.elapsed() < PATIENCE);
    }
    session.end();
}

/// The frames of a film of the test card, painted at a tempo: glides and tours are where the beat is.
#[test]
fn a_film_with_a_tempo_is_the_same_every_time_and_steps_at_the_bar() {
    let dir = folder();
    two_styles(&dir);
    let paint = |out: &str| {
        // A bar is a second; the tour's 1.3 seconds are one bar, the glide's 0.2 one beat of a quarter of a second.
        let line = format!(
            "live --device cpu --source test-card --capture 64x48@20 --style red.png --style blue.png --tour 1.3 \
             --glide 0.2 --bpm 240 --frames 30 --steady 0 --headless --sink png:{out}"
        );
        quick(&dir, &line).assert().success();
        let mut paths: Vec<_> = std::fs::read_dir(dir.path().join(out))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        paths.sort();
        paths.iter().map(open).collect::<Vec<RgbImage>>()
    };
    let (one, two) = (paint("one"), paint("two"));
    assert_eq!(one.len(), 30);
    assert!(one == two, "the same film twice is the same");
    let redness = |picture: &RgbImage| {
        let sum: i64 = picture
            .pixels()
            .map(|p| i64::from(p[0]) - i64::from(p[2]))
            .sum();
        sum as f64 / f64::from(picture.width() * picture.height())
    };
    let red: Vec<f64> = one.iter().map(redness).collect();
    let (most, least) = (red[0], red[29]);
    assert!(most - least > 40.0, "the styles differ: {red:?}");
    let share = |n: usize| (red[n] - least) / (most - least);
    // Frame 20 is the beginning of the bar, frame 25 the next beat.
    assert!((0..=20).all(|n| share(n) > 0.9), "{red:?}");
    assert!((0.05..0.95).contains(&share(22)), "{red:?}");
    assert!((25..30).all(|n| share(n) < 0.1), "{red:?}");
}
