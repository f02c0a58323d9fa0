//! The map of knobs and keys: a TOML file that the learn mode writes, and that can be written by hand.
//!
//! ```toml
//! [[binding]]
//! does = "strength"
//! controller = 7
//! channel = 1
//!
//! [[binding]]
//! does = "style 1"
//! note = 36
//! channel = 10
//! ```

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::target::Target;
use crate::error::{Error, Result};
use crate::files;
use crate::picture;

/// The largest file that is read.
const LARGEST: u64 = 64 << 10;

/// A knob or a key of a channel, 1..=16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trigger {
    pub(super) channel: u8,
    pub(super) kind: Kind,
}

/// What is turned or pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Controller(u8),
    Note(u8),
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Controller(number) => write!(f, "controller {number}")?,
            Kind::Note(number) => write!(f, "note {number}")?,
        }
        write!(f, ", channel {}", self.channel)
    }
}

/// What each knob and key does.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Map {
    bindings: Vec<(Trigger, Target)>,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(default)]
    binding: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    does: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    controller: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<u8>,
    channel: u8,
}

impl Map {
    /// Read the file `path`; an empty map where there is none.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Invalid`].
    pub(super) fn open(path: &Path) -> Result<Self> {
        match files::read_text(path, LARGEST) {
            Ok(text) => Self::parse(&text).map_err(|reason| invalid(path, reason)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(Error::read(path)(e)),
        }
    }

    /// Write the file `path`, whole or not at all; a new one is its owner's alone.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn save(&self, path: &Path) -> Result<()> {
        picture::write_private(path, self.text().as_bytes())
    }

    /// What `trigger` does, and its place among the bindings.
    pub(super) fn find(&self, trigger: Trigger) -> Option<(usize, Target)> {
        let place = self.bindings.iter().position(|(t, _)| *t == trigger)?;
        Some((place, self.bindings[place].1))
    }

    /// How many bindings there are.
    pub(super) fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Bind `trigger` to `target`, and neither of them to anything else any more.
    pub(super) fn bind(&mut self, trigger: Trigger, target: Target) {
        self.bindings
            .retain(|(t, does)| *t != trigger && *does != target);
        self.bindings.push((trigger, target));
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let rows: Rows = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut map = Self::default();
        for row in rows.binding {
            let target: Target = row.does.parse()?;
            let kind = match (row.controller, row.note) {
                (Some(number), None) if number < 120 => Kind::Controller(number),
                (None, Some(number)) if number < 128 => Kind::Note(number),
                _ => {
                    return Err(format!(
                        "'{}' needs either a controller, 0 to 119, or a note, 0 to 127",
                        row.does
                    ));
                }
            };
            if !(1..=16).contains(&row.channel) {
                return Err(format!("channel {} is not between 1 and 16", row.channel));
            }
            let trigger = Trigger {
                channel: row.channel,
                kind,
            };
            if map.find(trigger).is_some() {
                return Err(format!("{trigger} is bound twice"));
            }
            // Several knobs may do the same, by hand.
            map.bindings.push((trigger, target));
        }
        Ok(map)
    }

    pub(super) fn text(&self) -> String {
        let row = |(trigger, target): &(Trigger, Target)| {
            let (controller, note) = match trigger.kind {
                Kind::Controller(number) => (Some(number), None),
                Kind::Note(number) => (None, Some(number)),
            };
            Row {
                does: target.to_string(),
                controller,
                note,
                channel: trigger.channel,
            }
        };
        let binding = self.bindings.iter().map(row).collect();
        let rows = toml::to_string(&Rows { binding }).unwrap_or_default();
        format!(
            "# What knobs and keys of MIDI do in `impasto live`; its key l learns them.\n\n{rows}"
        )
    }
}

fn invalid(path: &Path, reason: String) -> Error {
    Error::invalid("midi-map", format!("{}: {}", path.display(), reason.trim()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const fn knob(number: u8) -> Trigger {
        Trigger {
            channel: 1,
            kind: Kind::Controller(number),
        }
    }

    #[test]
    fn a_map_is_written_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new folder/midi.toml");
        let mut map = Map::open(&path).unwrap();
        assert_eq!(map, Map::default());
        map.bind(knob(7), Target::Strength);
        let key = Trigger {
            channel: 10,
            kind: Kind::Note(36),
        };
        map.bind(key, Target::Style(2));
        map.save(&path).unwrap();
        let again = Map::open(&path).unwrap();
        assert_eq!(again, map);
        assert_eq!(again.find(key), Some((1, Target::Style(2))));
        assert_eq!(again.find(knob(8)), None);
        // The example at the head of this file is one.
        let example: String = include_str!("map.rs")
            .lines()
            .skip_while(|line| !line.contains("```toml"))
            .skip(1)
            .take_while(|line| !line.contains("```"))
            .map(|line| format!("{}\n", line.trim_start_matches("//!")))
            .collect();
        assert_eq!(Map::parse(&example).unwrap().len(), 2);
    }

    #[test]
    fn a_knob_does_one_thing_and_what_is_learnt_again_moves() {
        let mut map = Map::default();
        map.bind(knob(1), Target::Strength);
        map.bind(knob(2), Target::Brush);
        map.bind(knob(1), Target::Glide);
        map.bind(knob(3), Target::Brush);
        assert_eq!(map.find(knob(1)), Some((0, Target::Glide)));
        assert_eq!((map.find(knob(2)), map.len()), (None, 2));
    }

    #[test]
    fn files_that_are_no_map_are_refused_with_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("map.toml");
        for (text, reason) in [
            (
                "[[binding]]\ndoes = \"volume\"\nnote = 1\nchannel = 1",
                "'volume' is none of: strength",
            ),
            (
                "[[binding]]\ndoes = \"brush\"\nchannel = 1",
                "needs either a controller",
            ),
            (
                "[[binding]]\ndoes = \"brush\"\nnote = 1\ncontroller = 1\nchannel = 1",
                "needs either",
            ),
            (
                "[[binding]]\ndoes = \"brush\"\ncontroller = 120\nchannel = 1",
                "needs either",
            ),
            (
                "[[binding]]\ndoes = \"brush\"\nnote = 1\nchannel = 17",
                "channel 17",
            ),
            (
                "[[binding]]\ndoes = \"brush\"\nnote = 300\nchannel = 1",
                "300",
            ),
            (
                "[[binding]]\ndoes = \"brush\"\nnote = 1\nchannel = 1\nx = 1",
                "unknown field",
            ),
            (
                "[[binding]]\ndoes = \"brush\"\nnote = 1\nchannel = 1\n[[binding]]\ndoes = \"tap\"\nnote = 1\nchannel = 1",
                "bound twice",
            ),
            ("binding", "expected"),
        ] {
            std::fs::write(&path, text).unwrap();
            let said = Map::open(&path).unwrap_err().to_string();
            assert!(
                said.starts_with("midi-map: ")
                    && said.contains("map.toml")
                    && said.contains(reason),
                "{text}: {said}"
            );
        }
        std::fs::write(&path, vec![b'#'; 70_000]).unwrap();
        assert!(Map::open(&path).unwrap_err().to_string().contains("64 KiB"));
        assert!(Map::open(dir.path()).is_err());
    }
}
