//! The Esc key: what is on the screen goes in, what to leave comes out. A session is not ended by one careless press.

use std::time::{Duration, Instant};

/// For how long a second press ends the session.
pub(super) const QUESTION: Duration = Duration::from_secs(4);

/// What Esc does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    LeaveFullscreen,
    /// Hide the list of keys and the error that is shown.
    CloseOverlays,
    /// Ask whether to end.
    Ask,
    End,
}

/// Remembers whether the user was asked.
#[derive(Debug, Default)]
pub(super) struct EscapeKey {
    asked: Option<Instant>,
}

impl EscapeKey {
    /// Esc was pressed at `now`, in full screen or not, with `overlays` that it can close or without.
    pub(super) fn press(&mut self, fullscreen: bool, overlays: bool, now: Instant) -> Escape {
        let was_asked = self.asked.take();
        if fullscreen {
            Escape::LeaveFullscreen
        } else if overlays {
            Escape::CloseOverlays
        } else if was_asked.is_some_and(|asked| now.duration_since(asked) < QUESTION) {
            Escape::End
        } else {
            self.asked = Some(now);
            Escape::Ask
        }
    }

    /// Another key was pressed: the answer is no.
    pub(super) fn other_key(&mut self) {
        self.asked = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_leaves_one_thing_after_the_other_and_asks_before_it_ends() {
        let (mut escape, now) = (EscapeKey::default(), Instant::now());
        assert_eq!(escape.press(true, true, now), Escape::LeaveFullscreen);
        assert_eq!(escape.press(false, true, now), Escape::CloseOverlays);
        assert_eq!(escape.press(false, false, now), Escape::Ask);
        assert_eq!(escape.press(false, false, now), Escape::End);
    }

    #[test]
    fn the_question_is_forgotten_after_a_while_and_after_another_key() {
        let (mut escape, now) = (EscapeKey::default(), Instant::now());
        assert_eq!(escape.press(false, false, now), Escape::Ask);
        let later = now + QUESTION;
        assert_eq!(escape.press(false, false, later), Escape::Ask);
        escape.other_key();
        assert_eq!(escape.press(false, false, later), Escape::Ask);
        assert_eq!(escape.press(true, false, later), Escape::LeaveFullscreen);
        assert_eq!(escape.press(false, false, later), Escape::Ask);
    }
}
