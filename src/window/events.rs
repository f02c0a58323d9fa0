//! Keys and pointer: minifb's callbacks go in, events come out in order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minifb::InputCallback;

/// The most events that wait to be read; more are dropped.
const MOST_WAITING: usize = 1024;

/// Something that happened in a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// A key that types a character, in the keyboard's layout.
    Char(char),
    /// Another key.
    Key(Key),
    /// The mouse button is held, here in the picture: 0..=1 from the left and from the top.
    Held {
        /// Across.
        x: f32,
        /// Down.
        y: f32,
    },
    /// The mouse button was let go.
    Released,
    /// The window was closed.
    Closed,
}

/// Keys that type no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Key {
    Left,
    Right,
    Up,
    Down,
    Enter,
    Escape,
    Backspace,
    /// Ctrl (or Cmd) and V.
    Paste,
    /// Tab, Insert, Delete, Home, End, Page Up, Page Down or a function key.
    Other,
}

/// Collects keys as minifb reports them. Asking which keys are down at the moment would miss a quick tap between two
/// frames.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyEvents(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    events: Vec<Event>,
    control: bool,
    escape: bool,
}

impl KeyEvents {
    /// Move what is waiting to the end of `into`.
    pub(super) fn drain(&self, into: &mut Vec<Event>) {
        into.append(&mut self.lock().events);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, event: Event) {
        if self.events.len() < MOST_WAITING {
            self.events.push(event);
        }
    }
}

impl InputCallback for KeyEvents {
    fn add_char(&mut self, code: u32) {
        let mut waiting = self.lock();
        if let Some(letter) = char::from_u32(code).filter(|c| !c.is_control())
            && !waiting.control
        {
            waiting.push(Event::Char(letter));
        }
    }

    fn set_key_state(&mut self, key: minifb::Key, down: bool) {
        use minifb::Key as K;
        let mut waiting = self.lock();
        if matches!(
            key,
            K::LeftCtrl | K::RightCtrl | K::LeftSuper | K::RightSuper
        ) {
            waiting.control = down;
            return;
        }
        if key == K::Escape && std::mem::replace(&mut waiting.escape, down) && down {
            // A key that is held repeats; only a second press may count as an answer.
            return;
        }
        let key = match key {
            K::Left => Key::Left,
            K::Right => Key::Right,
            K::Up => Key::Up,
            K::Down => Key::Down,
            K::Enter | K::NumPadEnter => Key::Enter,
            K::Escape => Key::Escape,
            K::Backspace => Key::Backspace,
            K::V if waiting.control => Key::Paste,
            K::Tab | K::Insert | K::Delete | K::Home | K::End | K::PageUp | K::PageDown => {
                Key::Other
            }
            K::F1 | K::F2 | K::F3 | K::F4 | K::F5 | K::F6 => Key::Other,
            K::F7 | K::F8 | K::F9 | K::F10 | K::F11 | K::F12 => Key::Other,
            _ => return,
        };
        if down {
            waiting.push(Event::Key(key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_wait_until_they_are_read() {
        let mut keys = KeyEvents::default();
        keys.add_char(u32::from('s'));
        keys.set_key_state(minifb::Key::Left, true);
        keys.set_key_state(minifb::Key::Left, false);
        // Esc, held for a while.
        for down in [true, true, true, false] {
            keys.set_key_state(minifb::Key::Escape, down);
        }
        keys.add_char(8);
        keys.set_key_state(minifb::Key::F1, true);
        keys.set_key_state(minifb::Key::LeftCtrl, true);
        keys.add_char(u32::from('v'));
        keys.set_key_state(minifb::Key::V, true);
        let mut events = Vec::new();
        keys.clone().drain(&mut events);
        assert_eq!(
            events,
            [
                Event::Char('s'),
                Event::Key(Key::Left),
                Event::Key(Key::Escape),
                Event::Key(Key::Other),
                Event::Key(Key::Paste)
            ]
        );
        for _ in 0..5000 {
            keys.add_char(u32::from('x'));
        }
        keys.drain(&mut events);
        assert!(events.len() <= MOST_WAITING + 5);
    }
}
