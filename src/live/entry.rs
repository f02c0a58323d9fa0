//! The line in which the path of a painting is typed or pasted.

use std::path::PathBuf;

use crate::window::{Event, Key};

/// The longest path that is taken, in characters: as long as Linux allows one.
const LONGEST: usize = 4096;

/// A line that is being written.
#[derive(Debug, Default)]
pub(super) struct EntryLine {
    text: String,
}

/// What an event has made of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// It goes on.
    More,
    /// Given up, or nothing was written.
    Nothing,
    /// The path that was written.
    Path(PathBuf),
}

impl EntryLine {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Take an event; `paste` gives the clipboard's text when it is asked for.
    pub(super) fn take(
        &mut self,
        event: Event,
        paste: &mut dyn FnMut() -> Option<String>,
    ) -> Entered {
        match event {
            Event::Char(letter) => self.write(&letter.to_string()),
            Event::Key(Key::Backspace) => drop(self.text.pop()),
            Event::Key(Key::Paste) => self.write(&paste().unwrap_or_default()),
            Event::Key(Key::Escape) => return Entered::Nothing,
            Event::Key(Key::Enter) => {
                return match path(&self.text) {
                    Some(path) => Entered::Path(path),
                    None => Entered::Nothing,
                };
            }
            _ => {}
        }
        Entered::More
    }

    fn write(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        // File managers end a copied path with a line break, some with several paths: the first is meant.
        let line = text.trim_start().lines().next().unwrap_or(text);
        self.text
            .extend(line.chars().filter(|c| !c.is_control()).take(room));
    }
}

/// The path that is meant: quotes around it, or the `file://` that file managers copy, are no part of it.
fn path(text: &str) -> Option<PathBuf> {
    let text = text.trim();
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    let text = match text.strip_prefix("file://") {
        Some(address) => percent_decoded(address.strip_prefix("localhost").unwrap_or(address)),
        None => text.to_owned(),
    };
    (!text.is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
}

/// `%20` and the like as the characters that they stand for; what is no such code stays as it is.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(text: &str) -> Entered {
        let mut line = EntryLine::default();
        for letter in text.chars() {
            line.take(Event::Char(letter), &mut || None);
        }
        line.take(Event::Key(Key::Enter), &mut || None)
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
            assert_eq!(entered(text), Entered::Path(path.into()), "{text}");
        }
        assert_eq!(entered("  "), Entered::Nothing);
    }

    #[test]
    fn pasting_deleting_and_giving_up() {
        let mut line = EntryLine::default();
        let mut paste = || Some("/a.jpg\r\n/b.jpg\n".to_owned());
        line.take(Event::Key(Key::Paste), &mut paste);
        assert_eq!(line.text(), "/a.jpg");
        line.take(Event::Key(Key::Backspace), &mut paste);
        assert_eq!(line.text(), "/a.jp");
        assert_eq!(
            line.take(Event::Key(Key::Escape), &mut paste),
            Entered::Nothing
        );
        let mut endless = || Some("x".repeat(100_000));
        line.take(Event::Key(Key::Paste), &mut endless);
        assert_eq!(line.text().len(), LONGEST);
    }
}
