//! The console: messages of all devices go in, controls come out by the map, which the learn mode changes.

use std::path::PathBuf;

use super::map::{Kind, Map, Trigger};
use super::parser::Message;
use super::target::{Switches, TARGETS, Target};
use crate::error::Result;
use crate::remote::Control;

/// Clocks of a beat.
const CLOCKS: u8 = 24;

/// A button of a controller is pressed from this value on.
const PRESSED: u8 = 64;

/// What all devices together do.
#[derive(Debug)]
pub(super) struct Console {
    map: Map,
    path: PathBuf,
    /// The place in [`TARGETS`] of what the next knob or key is bound to.
    learns: Option<usize>,
    /// The place after the one that was learnt last.
    next: usize,
    /// Whether each binding of the map is held down: a button that sends its value again is not pressed again.
    held: Vec<bool>,
    pad: (f32, f32),
    /// Whether the clock gives the beat, and how many clocks have come since the last one.
    follows_clock: bool,
    clocks: u8,
}

/// What came of a message.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) control: Option<Control>,
    /// Something for the user to read.
    pub(super) notice: Option<String>,
}

impl Console {
    /// With the map in the file `path`.
    ///
    /// # Errors
    /// As [`Map::open`].
    pub(super) fn open(path: PathBuf, follows_clock: bool) -> Result<Self> {
        let map = Map::open(&path)?;
        Ok(Self {
            held: vec![false; map.len()],
            map,
            path,
            learns: None,
            next: 0,
            pad: (0.5, 0.5),
            follows_clock,
            clocks: 0,
        })
    }

    /// Whether nothing is bound.
    pub(super) fn is_empty(&self) -> bool {
        self.map.len() == 0
    }

    /// Learn the next target, or nothing after the last one. Gives what to tell the user.
    pub(super) fn learn(&mut self) -> String {
        let place = self.learns.map_or(self.next, |now| now + 1);
        match TARGETS.get(place) {
            Some((_, name)) => {
                self.learns = Some(place);
                format!("MIDI: turn a knob or press a key for: {name} (l: the next)")
            }
            None => {
                (self.learns, self.next) = (None, 0);
                "MIDI: learning is over; l begins again".to_owned()
            }
        }
    }

    /// Take a message, at the time `now` of [`Switches`].
    pub(super) fn take(&mut self, message: Message, now: Switches) -> Outcome {
        let (trigger, value) = match message {
            Message::Clock => return self.clock(),
            Message::Start => {
                self.clocks = 0;
                return Outcome::default();
            }
            Message::Note {
                channel,
                note,
                velocity,
            } => {
                let kind = Kind::Note(note);
                (Trigger { channel, kind }, velocity)
            }
            Message::Controller {
                channel,
                controller,
                value,
            } => {
                let kind = Kind::Controller(controller);
                (Trigger { channel, kind }, value)
            }
        };
        // A key that is let go, or a button, is not what is turned.
        if let Some(place) = self.learns
            && (value > 0 || matches!(trigger.kind, Kind::Controller(_)))
        {
            return self.bind(trigger, place);
        }
        let control = self
            .map
            .find(trigger)
            .and_then(|found| self.act(found, value, trigger, now));
        Outcome {
            control,
            notice: None,
        }
    }

    fn act(
        &mut self,
        (place, target): (usize, Target),
        value: u8,
        trigger: Trigger,
        now: Switches,
    ) -> Option<Control> {
        let least = match trigger.kind {
            Kind::Note(_) => 1,
            Kind::Controller(_) => PRESSED,
        };
        let was_held = std::mem::replace(self.held.get_mut(place)?, value >= least);
        if let Some(control) = target.value(value, &mut self.pad) {
            // A key that is let go leaves the value.
            return (value > 0 || least > 1).then_some(control);
        }
        (value >= least && (!was_held || least == 1))
            .then(|| target.press(now))
            .flatten()
    }

    fn bind(&mut self, trigger: Trigger, place: usize) -> Outcome {
        let (target, name) = TARGETS[place];
        (self.learns, self.next) = (None, (place + 1) % TARGETS.len());
        self.map.bind(trigger, target);
        self.held.clear();
        self.held.resize(self.map.len(), false);
        // The press that was learnt is not done.
        if let Some((place, _)) = self.map.find(trigger) {
            self.held[place] = true;
        }
        let notice = match self.map.save(&self.path) {
            Ok(()) => format!("MIDI: {name} is {trigger}; l learns the next"),
            Err(error) => format!("MIDI: {name} is {trigger}, for now: {error}"),
        };
        Outcome {
            control: None,
            notice: Some(notice),
        }
    }

    fn clock(&mut self) -> Outcome {
        if !self.follows_clock {
            return Outcome::default();
        }
        let is_beat = self.clocks == 0;
        self.clocks = (self.clocks + 1) % CLOCKS;
        Outcome {
            control: is_beat.then(Control::tap),
            notice: None,
        }
    }
}

#[cfg(test)]
#[path = "console_tests.rs"]
mod tests;
