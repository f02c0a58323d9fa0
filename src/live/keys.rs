//! The keys of the live window, in one table: keys go in, actions come out; also printed by `--help` and the README.

use crate::window::{Event, Key};

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Style(usize),
    Previous,
    Next,
    Tour,
    Tap,
    Learn,
    Stronger,
    Weaker,
    EnterPath,
    Save,
    Record,
    Fullscreen,
    CleanWindow,
    KeepColors,
    Background,
    Steady,
    Split,
    Mirror,
    Smaller,
    Larger,
    FinerBrush,
    CoarserBrush,
    Address,
    Hud,
    Help,
    Pause,
    Escape,
    Quit,
}

/// One row of the table: a key, or several that belong together.
#[derive(Debug)]
pub(super) struct Binding {
    /// Their names.
    pub(super) keys: &'static str,
    pub(super) does: &'static str,
    actions: &'static [(Event, Action)],
}

const fn letter(letter: char, action: Action) -> (Event, Action) {
    (Event::Char(letter), action)
}

const fn key(key: Key, action: Action) -> (Event, Action) {
    (Event::Key(key), action)
}

/// Every key.
pub(super) const BINDINGS: &[Binding] = &[
    Binding {
        keys: "1 .. 9, 0",
        does: "glide to that style",
        actions: &[
            letter('1', Action::Style(0)),
            letter('2', Action::Style(1)),
            letter('3', Action::Style(2)),
            letter('4', Action::Style(3)),
            letter('5', Action::Style(4)),
            letter('6', Action::Style(5)),
            letter('7', Action::Style(6)),
            letter('8', Action::Style(7)),
            letter('9', Action::Style(8)),
            letter('0', Action::Style(9)),
        ],
    },
    Binding {
        keys: "Left, Right",
        does: "glide to the style before, after",
        actions: &[
            key(Key::Left, Action::Previous),
            key(Key::Right, Action::Next),
        ],
    },
    Binding {
        keys: "Space",
        does: "tour: one style after the other",
        actions: &[letter(' ', Action::Tour)],
    },
    Binding {
        keys: "k",
        does: "tap the beat: glides follow it",
        actions: &[letter('k', Action::Tap)],
    },
    Binding {
        keys: "Up, Down",
        does: "more, less of the painting",
        actions: &[
            key(Key::Up, Action::Stronger),
            key(Key::Down, Action::Weaker),
        ],
    },
    Binding {
        keys: "hold the mouse",
        does: "mix four styles, one per corner",
        actions: &[],
    },
    Binding {
        keys: "o",
        does: "a new style, by its picture's path",
        actions: &[letter('o', Action::EnterPath)],
    },
    Binding {
        keys: "s",
        does: "save the picture and its photo",
        actions: &[letter('s', Action::Save)],
    },
    Binding {
        keys: "r",
        does: "record a film; again ends it",
        actions: &[letter('r', Action::Record)],
    },
    Binding {
        keys: "p",
        does: "pause, and go on",
        actions: &[letter('p', Action::Pause)],
    },
    Binding {
        keys: "f",
        does: "fill the screen",
        actions: &[letter('f', Action::Fullscreen)],
    },
    Binding {
        keys: "w",
        does: "a clean window for the audience",
        actions: &[letter('w', Action::CleanWindow)],
    },
    Binding {
        keys: "c",
        does: "keep the camera's colours",
        actions: &[letter('c', Action::KeepColors)],
    },
    Binding {
        keys: "b",
        does: "paint the background only",
        actions: &[letter('b', Action::Background)],
    },
    Binding {
        keys: "t",
        does: "hold the strokes steady, or not",
        actions: &[letter('t', Action::Steady)],
    },
    Binding {
        keys: "v",
        does: "split view: photo and painting",
        actions: &[letter('v', Action::Split)],
    },
    Binding {
        keys: "m",
        does: "mirror",
        actions: &[letter('m', Action::Mirror)],
    },
    Binding {
        keys: "[, ]",
        does: "paint smaller or larger",
        actions: &[letter('[', Action::Smaller), letter(']', Action::Larger)],
    },
    Binding {
        keys: ", .",
        does: "finer, coarser strokes",
        actions: &[
            letter(',', Action::FinerBrush),
            letter('.', Action::CoarserBrush),
        ],
    },
    Binding {
        keys: "l",
        does: "learn a knob or key of MIDI",
        actions: &[letter('l', Action::Learn)],
    },
    Binding {
        keys: "a",
        does: "the remote control's address",
        actions: &[letter('a', Action::Address)],
    },
    Binding {
        keys: "h",
        does: "hide and show the figures",
        actions: &[letter('h', Action::Hud)],
    },
    Binding {
        keys: "?",
        does: "show these keys",
        actions: &[letter('?', Action::Help)],
    },
    Binding {
        keys: "Esc",
        does: "leave full screen, then end",
        actions: &[key(Key::Escape, Action::Escape)],
    },
    Binding {
        keys: "q",
        does: "end",
        actions: &[letter('q', Action::Quit)],
    },
];

/// The action of a key; capital letters count as small ones.
pub(super) fn action(event: Event) -> Option<Action> {
    let event = match event {
        Event::Char(letter) => Event::Char(letter.to_ascii_lowercase()),
        other => other,
    };
    let mut all = BINDINGS.iter().flat_map(|binding| binding.actions);
    all.find(|(key, _)| *key == event)
        .map(|(_, action)| *action)
}

/// Whether `event` is a key that the table lacks.
pub(super) fn is_unknown(event: Event) -> bool {
    matches!(event, Event::Char(_) | Event::Key(_)) && action(event).is_none()
}

/// The keys as lines of text, for `--help`.
pub fn help_text() -> String {
    let width = BINDINGS.iter().map(|b| b.keys.len()).max().unwrap_or(0);
    let lines = BINDINGS
        .iter()
        .map(|b| format!("  {:width$}  {}\n", b.keys, b.does));
    format!("Keys in the window:\n{}", lines.collect::<String>())
}

/// The keys as a table of the README.
pub fn markdown() -> String {
    let lines = BINDINGS
        .iter()
        .map(|b| format!("| {} | {} |\n", b.keys, b.does));
    format!(
        "| key | what it does |\n|---|---|\n{}",
        lines.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_actions() {
        let mut seen: Vec<Event> = Vec::new();
        for (event, _) in BINDINGS.iter().flat_map(|b| b.actions) {
            assert!(!seen.contains(event), "{event:?}");
            seen.push(*event);
        }
    }

    #[test]
    fn keys_do_what_the_table_says() {
        assert_eq!(action(Event::Char('2')), Some(Action::Style(1)));
        assert_eq!(action(Event::Char('S')), Some(Action::Save));
        assert_eq!(action(Event::Key(Key::Left)), Some(Action::Previous));
        assert_eq!(action(Event::Char(',')), Some(Action::FinerBrush));
        assert_eq!(action(Event::Char('.')), Some(Action::CoarserBrush));
        assert_eq!(action(Event::Char('L')), Some(Action::Learn));
        assert_eq!(action(Event::Char('k')), Some(Action::Tap));
        assert_eq!(action(Event::Char('x')), None);
        assert_eq!(action(Event::Released), None);
        assert!(is_unknown(Event::Char('x')) && is_unknown(Event::Key(Key::Other)));
        assert!(!is_unknown(Event::Char('s')) && !is_unknown(Event::Released));
    }
}
