//! The thread that listens: packets go in, controls go to the desk. What is malformed, unknown or out of range is counted
//! and told once.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::packet;
use super::table::{self, Wrong};
use crate::remote::outbox::Outbox;
use crate::remote::{Control, Desk, StyleKey, Tell};

/// How soon the thread notices that it should end.
const PATIENCE: Duration = Duration::from_millis(100);

/// The largest packet: 64 KiB, more than a datagram holds.
const LARGEST: usize = 1 << 16;

/// The most distinct complaints that are told.
const MOST_TOLD: usize = 16;

/// The listening thread's work.
pub(super) struct Listener {
    pub(super) socket: UdpSocket,
    pub(super) tell: Tell,
    pub(super) ends: Arc<AtomicBool>,
    outbox: Outbox,
    told: Vec<String>,
}

impl Listener {
    pub(super) fn new(socket: UdpSocket, desk: Desk, tell: Tell, ends: Arc<AtomicBool>) -> Self {
        Self {
            socket,
            tell,
            ends,
            outbox: Outbox::new(desk),
            told: Vec::new(),
        }
    }

    /// Take packets until told to end.
    pub(super) fn run(mut self) {
        let mut buffer = vec![0; LARGEST];
        let mut patience = None;
        while !self.ends.load(Ordering::Relaxed) {
            let wanted = self.outbox.due_in().unwrap_or(PATIENCE);
            if patience != Some(wanted) {
                patience = Some(wanted);
                // Refused only for a time of 0.
                drop(self.socket.set_read_timeout(patience));
            }
            match self.socket.recv(&mut buffer) {
                Ok(size) => self.packet(&buffer[..size]),
                Err(e) if is_timeout(&e) => {}
                // A packet that was refused elsewhere; without the pause, an error that stays would take a whole core.
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
            self.outbox.flush_if_due(Instant::now());
        }
    }

    fn packet(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        packet::messages(bytes, &mut |message| {
            let wrong = match message.map(|message| (table::control(&message), message.addr)) {
                Ok((Ok(Some(control)), _)) => match missing_style(&control, self.outbox.desk()) {
                    None => return self.outbox.put(control, now),
                    Some(text) => ("style".to_owned(), text),
                },
                Ok((Ok(None), _)) => return,
                Ok((Err(Wrong::Arguments(address, reason)), _)) => {
                    (address.to_owned(), format!("{address} {reason}"))
                }
                Ok((Err(Wrong::Unknown), address)) => {
                    let text =
                        format!("there is no address {address}; `impasto live --help` lists them");
                    ("unknown".to_owned(), text)
                }
                Err(()) => (
                    "malformed".to_owned(),
                    "a packet was malformed and is ignored".to_owned(),
                ),
            };
            once(&mut self.told, &self.tell, wrong);
        });
        if self.outbox.take_refused() > 0 {
            let text = "too many messages at once; some are ignored".to_owned();
            once(&mut self.told, &self.tell, ("busy".to_owned(), text));
        }
    }
}

/// What to say if a control asks for a style that the session lacks.
fn missing_style(control: &Control, desk: &Desk) -> Option<String> {
    let missing = |key: &StyleKey, names: &[String]| match key {
        // Before the session has begun, it knows none.
        _ if names.is_empty() => None,
        StyleKey::Index(place) if *place >= names.len() => Some(format!(
            "there is no style {}; there are {}",
            place + 1,
            names.len()
        )),
        StyleKey::Name(name) if !names.contains(name) => {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            Some(format!("there is no style '{shown}'"))
        }
        _ => None,
    };
    desk.read(|status| match control {
        Control::GlideTo(key) => missing(key, &status.styles),
        Control::Mix(parts) => parts
            .iter()
            .find_map(|(key, _)| missing(key, &status.styles)),
        _ => None,
    })
}

/// Tell a complaint about `what` the first time.
fn once(told: &mut Vec<String>, tell: &Tell, (what, text): (String, String)) {
    if told.len() < MOST_TOLD && !told.contains(&what) {
        tell(&format!("OSC: {text}"));
        told.push(what);
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    matches!(error.kind(), TimedOut | WouldBlock)
}
