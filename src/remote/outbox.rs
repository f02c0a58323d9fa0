//! What a protocol sends on its way to the desk: floods become what a session can follow.
//!
//! A fader sends hundreds of values a second, of which only the newest matters, and the last one must never be lost. So
//! values wait here for a few milliseconds, the newest of each kind; what happens once (a style, a tap) goes through at
//! once, after the values that came before it.

use std::mem::{Discriminant, discriminant};
use std::time::{Duration, Instant};

use super::control::Control;
use super::desk::Desk;

/// How long values wait for newer ones: shorter than any frame.
const APART: Duration = Duration::from_millis(8);

/// Files are written no more often than this.
const FILES_APART: Duration = Duration::from_millis(250);

/// The way from one protocol to the desk.
#[derive(Debug)]
pub(super) struct Outbox {
    desk: Desk,
    /// The newest value of each kind that waits: at most one for each kind of control.
    waiting: Vec<Control>,
    flushed: Option<Instant>,
    file: Option<Instant>,
    refused: u64,
}

impl Outbox {
    pub(super) fn new(desk: Desk) -> Self {
        Self {
            desk,
            waiting: Vec::new(),
            flushed: None,
            file: None,
            refused: 0,
        }
    }

    /// Send `control`, at `now`.
    pub(super) fn put(&mut self, control: Control, now: Instant) {
        if let Some(kind) = value_kind(&control) {
            match self
                .waiting
                .iter_mut()
                .find(|c| value_kind(c) == Some(kind))
            {
                Some(older) => *older = control,
                None => self.waiting.push(control),
            }
            return self.flush_if_due(now);
        }
        let writes_a_file = matches!(control, Control::Save | Control::Record(_));
        if writes_a_file {
            if self.file.is_some_and(|last| now - last < FILES_APART) {
                self.refused += 1;
                return;
            }
            self.file = Some(now);
        }
        self.flush(now);
        self.refused += u64::from(self.desk.put(control).is_err());
    }

    /// Send the values that wait, unless some were sent a moment ago.
    pub(super) fn flush_if_due(&mut self, now: Instant) {
        if self.flushed.is_none_or(|last| now - last >= APART) {
            self.flush(now);
        }
    }

    /// How long to wait for news until [`Outbox::flush_if_due`] should be called: `None` if nothing waits.
    pub(super) fn due_in(&self) -> Option<Duration> {
        (!self.waiting.is_empty()).then_some(APART)
    }

    /// How much was refused since the last call, because the session did not keep up.
    pub(super) fn take_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    /// The desk itself.
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    fn flush(&mut self, now: Instant) {
        self.flushed = Some(now);
        let desk = &self.desk;
        // What the desk does not take waits for the next time.
        self.waiting
            .retain(|control| desk.put(control.clone()).is_err());
    }
}

/// The kind of a control that is a value, of which only the newest matters. Two ways to set the same are one kind.
fn value_kind(control: &Control) -> Option<Discriminant<Control>> {
    match control {
        Control::Strength(_) | Control::Brush(_) | Control::Glide(_) | Control::Tempo(_) => {
            Some(discriminant(control))
        }
        Control::Mix(_) | Control::Pad { .. } => {
            Some(discriminant(&Control::Pad { x: 0.0, y: 0.0 }))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::control::StyleKey;
    use super::*;

    #[test]
    fn of_a_flood_of_values_the_newest_arrives() {
        let (desk, taken) = Desk::new();
        let (mut outbox, began) = (Outbox::new(desk), Instant::now());
        for n in 0..100_000_u32 {
            outbox.put(Control::Strength(n as f32), began);
            outbox.put(Control::Brush(n as f32), began);
        }
        assert!(outbox.due_in().is_some());
        outbox.flush_if_due(began + APART);
        assert!(outbox.due_in().is_none());
        let all: Vec<Control> = taken.try_iter().collect();
        assert!(all.len() <= 4, "{}", all.len());
        let newest = |want: f32| {
            let strength = all
                .iter()
                .rev()
                .find(|c| matches!(c, Control::Strength(_)))
                .unwrap();
            matches!(strength, Control::Strength(v) if *v == want)
        };
        assert!(newest(99_999.0));
        assert_eq!(outbox.take_refused(), 0);
    }

    #[test]
    fn what_happens_once_keeps_its_place_among_the_values() {
        let (desk, taken) = Desk::new();
        let (mut outbox, now) = (Outbox::new(desk), Instant::now());
        outbox.put(Control::Strength(0.1), now);
        outbox.put(Control::Pad { x: 0.1, y: 0.0 }, now);
        outbox.put(Control::Mix(vec![(StyleKey::Index(0), 1.0)]), now);
        outbox.put(Control::GlideTo(StyleKey::Index(2)), now);
        outbox.put(Control::Strength(0.9), now);
        let all: Vec<Control> = taken.try_iter().collect();
        assert!(
            matches!(
                all.as_slice(),
                [
                    Control::Strength(_),
                    Control::Mix(_),
                    Control::GlideTo(StyleKey::Index(2))
                ]
            ),
            "{all:?}"
        );
    }

    #[test]
    fn a_desk_that_is_full_loses_no_last_value_and_files_are_not_written_in_floods() {
        let (desk, taken) = Desk::new();
        let (mut outbox, now) = (Outbox::new(desk.clone()), Instant::now());
        while desk.put(Control::Tour(true)).is_ok() {}
        outbox.put(Control::Strength(0.25), now);
        outbox.put(Control::GlideBy(1), now);
        assert_eq!(outbox.take_refused(), 1);
        taken.try_iter().for_each(drop);
        outbox.flush_if_due(now + APART);
        assert!(matches!(taken.try_recv(), Ok(Control::Strength(v)) if v == 0.25));
        for n in 0..1000 {
            outbox.put(Control::Record(None), now + Duration::from_millis(n));
        }
        assert_eq!(taken.try_iter().count(), 4);
        assert_eq!(outbox.take_refused(), 996);
    }
}
