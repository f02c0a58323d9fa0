//! What all ways to devices share: messages go in, controls to the desk and sentences to the user come out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::console::Console;
use super::parser::Message;
use super::target::Switches;
use crate::remote::outbox::Outbox;
use crate::remote::{Desk, Tell};

/// How soon a thread of devices notices that it should end.
const PATIENCE: Duration = Duration::from_millis(100);

/// The console with its way to the session, for the thread that reads the devices.
pub(super) struct Player {
    console: Arc<Mutex<Console>>,
    outbox: Outbox,
    tell: Tell,
    ends: Arc<AtomicBool>,
    told_busy: bool,
}

impl Player {
    pub(super) fn new(
        console: Arc<Mutex<Console>>,
        desk: Desk,
        tell: Tell,
        ends: Arc<AtomicBool>,
    ) -> Self {
        Self {
            console,
            outbox: Outbox::new(desk),
            tell,
            ends,
            told_busy: false,
        }
    }

    /// Whether the thread should go on.
    pub(super) fn goes_on(&self) -> bool {
        !self.ends.load(Ordering::Relaxed)
    }

    /// How long to wait for messages until [`Player::flush`].
    pub(super) fn patience(&self) -> Duration {
        self.outbox.due_in().unwrap_or(PATIENCE)
    }

    /// Do what a message says.
    pub(super) fn play(&mut self, message: Message) {
        let now = self.outbox.desk().read(|status| Switches {
            touring: status.touring,
            paused: status.paused,
            mirror: status.mirror,
        });
        let outcome = lock(&self.console).take(message, now);
        if let Some(control) = outcome.control {
            self.outbox.put(control, Instant::now());
        }
        if let Some(notice) = outcome.notice {
            (self.tell)(&notice);
        }
    }

    /// Send the values that wait.
    pub(super) fn flush(&mut self) {
        self.outbox.flush_if_due(Instant::now());
        if self.outbox.take_refused() > 0 && !std::mem::replace(&mut self.told_busy, true) {
            (self.tell)("MIDI: too many messages at once; some are ignored");
        }
    }

    /// Tell the user.
    pub(super) fn tell(&self, text: &str) {
        (self.tell)(text);
    }
}

/// The console, also after a thread has panicked.
pub(super) fn lock(console: &Mutex<Console>) -> MutexGuard<'_, Console> {
    console.lock().unwrap_or_else(PoisonError::into_inner)
}
