//! Watches a folder: its path goes in, pictures that are new or changed come out.
//!
//! The folder is polled. The system's change notifications would come sooner, but not at all from network drives, and
//! they say that a file was begun, not that it is complete; to know that it no longer grows it must be polled anyway.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::notice::Notice;
use crate::picture::EXTENSIONS;

/// The time between two polls.
const PERIOD: Duration = Duration::from_millis(500);

/// The most pictures that are followed, and the most names that are read in one poll: a folder may be of any size.
pub const MOST_PICTURES: usize = 512;
const MOST_NAMES: usize = 8192;

/// What [`FolderWatcher::poll`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FolderChanges {
    /// Pictures that are new or changed, and complete, sorted by name.
    pub(super) pictures: Vec<PathBuf>,
    /// Each given once: the folder is gone, is back, or holds too much.
    pub(super) notices: Vec<Notice>,
}

/// A folder that is watched for new pictures.
#[derive(Debug)]
pub(super) struct FolderWatcher {
    path: PathBuf,
    known: HashMap<OsString, Known>,
    next_poll: Duration,
    is_gone: bool,
    told_too_many: bool,
}

/// Size and time, which differ between two versions of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

#[derive(Debug)]
struct Known {
    last: Stamp,
    reported: Option<Stamp>,
    seen: bool,
}

impl FolderWatcher {
    /// Watch `path`. Pictures that it holds already are reported too.
    pub(super) fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            known: HashMap::new(),
            next_poll: Duration::ZERO,
            is_gone: false,
            told_too_many: false,
        }
    }

    /// Read the folder, if that was last done half a second ago or more; `now` is the time since some fixed moment.
    ///
    /// A picture is reported when its size and time are the same in two polls in a row, and again after each change. If
    /// a program pauses while it writes a file, an incomplete file may be reported: it does not decode, and is reported
    /// again when it has grown. Hidden and temporary names, links, and folders inside are left out.
    pub(super) fn poll(&mut self, now: Duration) -> FolderChanges {
        let mut changes = FolderChanges::default();
        if now >= self.next_poll {
            self.next_poll = now.saturating_add(PERIOD);
            self.update(&mut changes);
            changes.pictures.sort();
        }
        changes
    }

    fn update(&mut self, changes: &mut FolderChanges) {
        let was_gone = self.is_gone;
        match self.read(changes) {
            Ok(()) => self.is_gone = false,
            Err(error) => {
                self.is_gone = true;
                if !was_gone {
                    changes.notices.push(Notice::error(format!(
                        "{}: cannot be watched for now: {error}; no new styles come from it until it can be read",
                        self.path.display()
                    )));
                }
            }
        }
        if was_gone && !self.is_gone {
            let text = format!("{}: is back and watched again", self.path.display());
            changes.notices.push(Notice::info(text));
        }
    }

    fn read(&mut self, changes: &mut FolderChanges) -> io::Result<()> {
        for known in self.known.values_mut() {
            known.seen = false;
        }
        let mut too_many = false;
        let mut complete = true;
        for (n, entry) in fs::read_dir(&self.path)?.enumerate() {
            if n == MOST_NAMES {
                too_many = true;
                complete = false;
                break;
            }
            let entry = entry?;
            let name = entry.file_name();
            if is_picture_name(&name)
                && let Some(stamp) = stamp(&entry)
            {
                too_many |= !self.see(name, stamp, changes);
            }
        }
        if too_many && !self.told_too_many {
            self.told_too_many = true;
            changes.notices.push(Notice::error(format!(
                "{}: holds more than {MOST_PICTURES} pictures or {MOST_NAMES} files; only the first ones found are watched",
                self.path.display()
            )));
        }
        // A file may be missing only because the folder was not read to its end; then none is removed.
        if complete {
            self.known.retain(|_, known| known.seen);
        }
        Ok(())
    }

    /// Note a file; `false` when there is no room for one more.
    fn see(&mut self, name: OsString, stamp: Stamp, changes: &mut FolderChanges) -> bool {
        let room = self.known.len() < MOST_PICTURES;
        let Some(known) = self.known.get_mut(&name) else {
            if room {
                let known = Known {
                    last: stamp,
                    reported: None,
                    seen: true,
                };
                self.known.insert(name, known);
            }
            return room;
        };
        known.seen = true;
        if known.last == stamp && known.reported != Some(stamp) && stamp.bytes > 0 {
            known.reported = Some(stamp);
            changes.pictures.push(self.path.join(name));
        }
        known.last = stamp;
        true
    }
}

/// Whether it has the name of a picture, and neither of a hidden nor of a temporary file: browsers, editors and copy
/// programs first write to `.name.png.x`, `~name.png` or `name.png.part`.
fn is_picture_name(name: &OsStr) -> bool {
    let starts = |with: &[u8]| name.as_encoded_bytes().starts_with(with);
    let extension = Path::new(name).extension().and_then(OsStr::to_str);
    let is_known = |e: &str| EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known));
    !starts(b".") && !starts(b"~") && extension.is_some_and(is_known)
}

/// `None` for anything but ordinary files. Links are not followed: they may lead to files of another owner.
fn stamp(entry: &DirEntry) -> Option<Stamp> {
    // The file may have gone since its name was read.
    let meta = entry.metadata().ok()?;
    meta.is_file().then(|| Stamp {
        bytes: meta.len(),
        modified: meta.modified().ok(),
    })
}

#[cfg(test)]
mod tests;
