//! The thread that tells: how the session stands goes out as OSC, what has changed at once, and all of it every second for
//! those who came later.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, encoder};

use crate::remote::{Desk, Status};

/// How often changes are looked for, and sent.
const APART: Duration = Duration::from_millis(33);

/// How often all is sent.
const ALL: Duration = Duration::from_secs(1);

/// The most weights that are sent.
const MOST_WEIGHTS: usize = 256;

/// The telling thread's work.
pub(super) struct Feedback {
    /// Connected to whoever is told.
    pub(super) socket: UdpSocket,
    pub(super) desk: Desk,
    pub(super) ends: Arc<AtomicBool>,
}

impl Feedback {
    /// Tell what changes on the desk until told to end.
    pub(super) fn run(self) {
        let mut last = Vec::new();
        let mut told_all: Option<Instant> = None;
        while !self.ends.load(Ordering::Relaxed) {
            let messages = self.desk.read(messages);
            let all = told_all.is_none_or(|since| since.elapsed() >= ALL);
            if all {
                told_all = Some(Instant::now());
            }
            if let Some(bundle) = changed(&messages, &last, all)
                && let Ok(bytes) = encoder::encode(&bundle)
            {
                // Nobody may be listening yet.
                drop(self.socket.send(&bytes));
            }
            last = messages;
            std::thread::sleep(APART);
        }
    }
}

/// The messages that were not among the `last` ones, in a bundle; or all.
fn changed(messages: &[OscMessage], last: &[OscMessage], all: bool) -> Option<OscPacket> {
    let news = messages.iter().filter(|m| all || !last.contains(m));
    let content: Vec<_> = news.cloned().map(OscPacket::Message).collect();
    // The time that means at once.
    let timetag = OscTime {
        seconds: 0,
        fractional: 1,
    };
    (!content.is_empty()).then_some(OscPacket::Bundle(OscBundle { timetag, content }))
}

/// How a session stands, at the addresses that change it where there are some.
fn messages(status: &Status) -> Vec<OscMessage> {
    use OscType::{Float, Int};
    let Some(name) = status.styles.get(status.target) else {
        return Vec::new();
    };
    if status.weights.is_empty() {
        // Nothing has been painted yet.
        return Vec::new();
    }
    let switch = |on: bool| vec![Int(i32::from(on))];
    let place = i32::try_from(status.target + 1).unwrap_or(i32::MAX);
    let weights = status.weights.iter().take(MOST_WEIGHTS);
    let mut all = vec![
        ("style", vec![Int(place), OscType::String(name.clone())]),
        ("weights", weights.map(|w| Float(*w)).collect()),
        ("strength", vec![Float(status.strength)]),
        ("brush", vec![Float(status.brush)]),
        ("record", switch(status.recording)),
        ("tour", switch(status.touring)),
        ("pause", switch(status.paused)),
        ("mirror", switch(status.mirror)),
        ("tempo", vec![Float(status.tempo.unwrap_or(0.0) as f32)]),
    ];
    if let Some(beat) = status.beat {
        all.push(("beat", vec![Int(beat.into())]));
    }
    let message = |(address, args)| OscMessage {
        addr: format!("/impasto/{address}"),
        args,
    };
    all.into_iter().map(message).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn status() -> Status {
        Status {
            styles: vec!["red".to_owned(), "blue".to_owned()],
            weights: vec![0.25, 0.75],
            target: 1,
            strength: 0.5,
            brush: 2.0,
            tempo: Some(120.0),
            beat: Some(3),
            ..Status::default()
        }
    }

    #[test]
    fn a_status_is_told_at_the_addresses_that_change_it() {
        let all = messages(&status());
        let said = |address: &str| {
            let found = all.iter().find(|m| m.addr == address).unwrap();
            format!("{:?}", found.args)
        };
        assert_eq!(said("/impasto/style"), "[Int(2), String(\"blue\")]");
        assert_eq!(said("/impasto/weights"), "[Float(0.25), Float(0.75)]");
        assert_eq!(said("/impasto/strength"), "[Float(0.5)]");
        assert_eq!(said("/impasto/tempo"), "[Float(120.0)]");
        assert_eq!(said("/impasto/beat"), "[Int(3)]");
        assert!(messages(&Status::default()).is_empty());
    }

    #[test]
    fn only_what_has_changed_is_sent_unless_all_is_due() {
        let before = messages(&status());
        assert!(changed(&before, &before, false).is_none());
        let mut later = status();
        later.strength = 0.6;
        let later = messages(&later);
        let count = |all| match changed(&later, &before, all) {
            Some(OscPacket::Bundle(bundle)) => bundle.content.len(),
            _ => 0,
        };
        assert_eq!((count(false), count(true)), (1, later.len()));
    }
}
