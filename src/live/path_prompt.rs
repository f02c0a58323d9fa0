//! The prompt for the path of a painting: keys and the clipboard go in, a path comes out.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use crate::window::{Event, Key};

/// The longest path that is taken, in characters: as long as Linux allows one.
const LONGEST: usize = 4096;

/// A line that is being typed.
#[derive(Debug, Default)]
pub(super) struct PathPrompt {
    text: String,
}

/// The state after an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Not answered yet.
    None,
    /// Cancelled, or nothing was typed.
    Cancelled,
    /// The path that was typed.
    Path(PathBuf),
}

impl PathPrompt {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Process an event; `paste` gives the clipboard's text when it is needed.
    pub(super) fn handle(
        &mut self,
        event: Event,
        paste: &mut dyn FnMut() -> Option<String>,
    ) -> Answer {
        match event {
            Event::Char(letter) => self.insert(&letter.to_string()),
            Event::Key(Key::Backspace) => drop(self.text.pop()),
            Event::Key(Key::Paste) => self.insert(&paste().unwrap_or_default()),
            Event::Key(Key::Escape) => return Answer::Cancelled,
            Event::Key(Key::Enter) => {
                return match path(&self.text) {
                    Some(path) => Answer::Path(path),
                    None => Answer::Cancelled,
                };
            }
            _ => {}
        }
        Answer::None
    }

    fn insert(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        // File managers end a copied path with a line break, some copy several paths: the first is used.
        let line = text.trim_start().lines().next().unwrap_or(text);
        self.text
            .extend(line.chars().filter(|c| !c.is_control()).take(room));
    }
}

/// The path without the quotes around it, or without the `file://` that file managers copy.
fn path(text: &str) -> Option<PathBuf> {
    let text = text.trim();
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    let text = match text.strip_prefix("file://") {
        Some(address) => percent_decode_str(address.strip_prefix("localhost").unwrap_or(address))
            .decode_utf8_lossy()
            .into_owned(),
        None => text.to_owned(),
    };
    (!text.is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(text: &str) -> Answer {
        let mut line = PathPrompt::default();
        for letter in text.chars() {
            line.handle(Event::Char(letter), &mut || None);
        }
        line.handle(Event::Key(Key::Enter), &mut || None)
    }

    #[test]
    fn paths_are_read_as_people_and_file_managers_write_them() {
        for (text, path) in [
            ("a b.jpg", "a b.jpg"),
            ("  \"a b.jpg\" ", "a b.jpg"),
            ("'a.jpg'", "a.jpg"),
            ("file:///tmp/a%20b%C3%A9.jpg", "/tmp/a bé.jpg"),
            ("file://localhost/a.jpg", "/a.jpg"),
            ("100%.jpg", "100%.jpg"),
            ("file:///a%zz%4", "/a%zz%4"),
        ] {
            assert_eq!(entered(text), Answer::Path(path.into()), "{text}");
        }
        assert_eq!(entered("  "), Answer::Cancelled);
    }

    #[test]
    fn pasting_deleting_and_cancelling() {
        let mut line = PathPrompt::default();
        let mut paste = || Some("/a.jpg\r\n/b.jpg\n".to_owned());
        line.handle(Event::Key(Key::Paste), &mut paste);
        assert_eq!(line.text(), "/a.jpg");
        line.handle(Event::Key(Key::Backspace), &mut paste);
        assert_eq!(line.text(), "/a.jp");
        assert_eq!(
            line.handle(Event::Key(Key::Escape), &mut paste),
            Answer::Cancelled
        );
        let mut endless = || Some("x".repeat(100_000));
        line.handle(Event::Key(Key::Paste), &mut endless);
        assert_eq!(line.text().len(), LONGEST);
    }
}
