//! A live session on the test card, with everything that a performer and an audience do, for two hours.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::common::{folder, save, scene};
use crate::number;
use crate::performer::Performer;
use crate::random::Random;
use crate::samples::{Sample, Samples};
use crate::viewers;

/// Between two samples.
const EVERY: Duration = Duration::from_secs(10);

/// The paintings of the session's folder.
pub const STYLES: [&str; 3] = ["red", "blue", "green"];

/// Ends the program, whatever the test does.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A session of `duration` with the networks at `model`; its samples.
fn soak(duration: Duration, every: Duration, model: &[&str]) -> Samples {
    let dir = folder();
    // A copy: a build that replaces the program meanwhile must not matter.
    let program = dir.path().join("impasto");
    std::fs::copy(env!("CARGO_BIN_EXE_impasto"), &program).unwrap();
    std::fs::create_dir(dir.path().join("styles")).unwrap();
    for name in STYLES {
        save(&dir, &format!("styles/{name}.png"), &scene(96, 64));
    }
    let line = "live --source test-card --capture 320x240@10 --headless --sink null --serve 127.0.0.1:0 --osc 127.0.0.1:0 \
                --styles styles --glide 1 --json";
    let mut child = Command::new(&program)
        .args(line.split_whitespace())
        .args(model)
        .current_dir(dir.path())
        .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
        .env_remove("IMPASTO_TOKEN")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut child = Killed(child);
    let url = lines
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| line.strip_prefix("remote control: ").map(str::to_owned))
        .expect("the session serves");
    // Somebody must read on, or the session would wait.
    let said = thread::spawn(move || {
        let lines = lines.map_while(Result::ok);
        lines
            .inspect(|line| eprintln!("{line}"))
            .collect::<Vec<_>>()
    });

    let client = Client::new(&url);
    // The paintings of a folder come one by one.
    let asked = Instant::now();
    while client.get("/api/status").json()["styles"]
        .as_array()
        .unwrap()
        .len()
        < STYLES.len()
    {
        assert!(asked.elapsed() < Duration::from_secs(60), "no styles");
        thread::sleep(Duration::from_millis(50));
    }
    let process = child.0.id();
    let mut samples = Samples::default();
    let began = Instant::now();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut performer = Performer::new(&client, dir.path(), Random::new("performer"));
        let over = &is_over;
        scope.spawn(move || performer.perform(over));
        let mut random = Random::new("viewers");
        let client = &client;
        scope.spawn(move || viewers::watch(client, &mut random, over));
        // Also when a check below fails, or the scope would wait for ever.
        let _end = OnDrop(&is_over);
        let mut next = began + every;
        while began.elapsed() < duration {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            next += every;
            assert!(child.0.try_wait().unwrap().is_none(), "the session ended");
            samples.push(Sample::take(process, client, began.elapsed()));
        }
    });
    viewers::alone(&client);
    samples.last = Some(Sample::take(process, &client, began.elapsed()));

    let sent = Instant::now();
    let kill = Command::new("kill")
        .args(["-INT", &process.to_string()])
        .status();
    assert!(kill.unwrap().success());
    let status = child.0.wait().unwrap();
    samples.end = sent.elapsed();
    let said = said.join().unwrap();
    assert!(status.success(), "{status}");
    assert!(!said.iter().any(|l| l.contains("panicked")));
    samples
}

/// Sets a flag when it goes out of scope.
struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Seconds: everything that the long run does is done once, and nothing that was opened stays open.
#[test]
fn a_session_of_seconds_closes_what_it_opened() {
    let tiny = crate::common::tiny();
    let model = ["--model", tiny.as_str(), "--device", "cpu"];
    let samples = soak(Duration::from_secs(20), Duration::from_secs(1), &model);
    samples.report();
    samples.check_open_files();
}

/// Two hours with the bundled networks.
#[test]
#[ignore = "two hours"]
fn a_session_of_hours_does_not_grow() {
    let minutes = number("IMPASTO_SOAK_MINUTES", 120);
    let samples = soak(Duration::from_secs(60 * minutes), EVERY, &[]);
    samples.report();
    samples.check_open_files();
    samples.check_slopes();
}
