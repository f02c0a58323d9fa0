//! Pictures that appear in a folder while the program runs.
//!
//! The folder is looked at again and again. The system's own notices of changes would come sooner, but not at all
//! from network drives, and they say that a file has begun, not that it is whole; to see that it no longer grows
//! means looking again anyway.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::picture::EXTENSIONS;

/// The time between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// The most pictures that are followed, and the most names that are read in one look: a folder may be anything.
const MOST_PICTURES: usize = 512;
const MOST_NAMES: usize = 8192;

/// What [`Folder::poll`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Pictures that are new or changed, and whole, sorted by name.
    pub pictures: Vec<PathBuf>,
    /// Sentences for the user, each said once: the folder is gone, is back, or holds too much.
    pub notes: Vec<String>,
}

/// A folder that is looked at for new pictures.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    known: HashMap<OsString, Known>,
    next_look: Duration,
    is_gone: bool,
    said_too_many: bool,
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

#[derive(Debug)]
struct Known {
    last: Stamp,
    told: Option<Stamp>,
    seen: bool,
}

impl Folder {
    /// Watch `path`. Pictures that are there already are news too.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            known: HashMap::new(),
            next_look: Duration::ZERO,
            is_gone: false,
            said_too_many: false,
        }
    }

    /// Look, if the last look was half a second ago or more; `now` is counted from any fixed moment. May be called on
    /// every frame, though a slow drive makes the looks slow.
    ///
    /// A picture is told when its size and time are the same at two looks in a row, and again after each change. A
    /// program that pauses while it writes a file may so be caught with half of it: such a file does not decode, and
    /// is told again when it has grown. Hidden and temporary names, links, and folders inside are left out.
    pub fn poll(&mut self, now: Duration) -> News {
        let mut news = News::default();
        if now >= self.next_look {
            self.next_look = now.saturating_add(EVERY);
            self.look(&mut news);
            news.pictures.sort();
        }
        news
    }

    fn look(&mut self, news: &mut News) {
        let was_gone = self.is_gone;
        match self.read(news) {
            Ok(()) => self.is_gone = false,
            Err(error) => {
                self.is_gone = true;
                if !was_gone {
                    news.notes.push(format!(
                        "{}: cannot be watched for now: {error}; no new styles come from it until it can be read",
                        self.path.display()
                    ));
                }
            }
        }
        if was_gone && !self.is_gone {
            let note = format!("{}: is back and watched again", self.path.display());
            news.notes.push(note);
        }
    }

    fn read(&mut self, news: &mut News) -> io::Result<()> {
        for known in self.known.values_mut() {
            known.seen = false;
        }
        let mut too_many = false;
        let mut to_the_end = true;
        for (n, entry) in fs::read_dir(&self.path)?.enumerate() {
            if n == MOST_NAMES {
                too_many = true;
                to_the_end = false;
                break;
            }
            let entry = entry?;
            let name = entry.file_name();
            if is_picture_name(&name)
                && let Some(stamp) = stamp(&entry)
            {
                too_many |= !self.see(name, stamp, news);
            }
        }
        if too_many && !self.said_too_many {
            self.said_too_many = true;
            news.notes.push(format!(
                "{}: holds more than {MOST_PICTURES} pictures or {MOST_NAMES} files; only the first ones found are watched",
                self.path.display()
            ));
        }
        // Only what is surely gone is forgotten; of a folder that was not read to its end nothing is sure.
        if to_the_end {
            self.known.retain(|_, known| known.seen);
        }
        Ok(())
    }

    /// `false` when there is no room for one more.
    fn see(&mut self, name: OsString, stamp: Stamp, news: &mut News) -> bool {
        let room = self.known.len() < MOST_PICTURES;
        let Some(known) = self.known.get_mut(&name) else {
            if room {
                let known = Known {
                    last: stamp,
                    told: None,
                    seen: true,
                };
                self.known.insert(name, known);
            }
            return room;
        };
        known.seen = true;
        if known.last == stamp && known.told != Some(stamp) && stamp.bytes > 0 {
            known.told = Some(stamp);
            news.pictures.push(self.path.join(name));
        }
        known.last = stamp;
        true
    }
}

/// Whether it is named as a picture, and neither hidden nor in the making: browsers, editors and copy programs write
/// to `.name.png.x`, `~name.png` or `name.png.part` first.
fn is_picture_name(name: &OsStr) -> bool {
    let starts = |with: &[u8]| name.as_encoded_bytes().starts_with(with);
    let extension = Path::new(name).extension().and_then(OsStr::to_str);
    let is_known = |e: &str| EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known));
    !starts(b".") && !starts(b"~") && extension.is_some_and(is_known)
}

/// `None` for what is no ordinary file. Links are not followed: the folder's owner need not be the file's.
fn stamp(entry: &DirEntry) -> Option<Stamp> {
    // A file may be gone since its name was read.
    let meta = entry.metadata().ok()?;
    meta.is_file().then(|| Stamp {
        bytes: meta.len(),
        modified: meta.modified().ok(),
    })
}

#[cfg(test)]
mod tests;
