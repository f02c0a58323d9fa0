//! Temporary files beside the place where they will be: a folder in; a file out that vanishes unless it is kept.
//!
//! `.impasto-PID-XXXXXX.part` is what is being written, and `.impasto-PID-XXXXXX.lock` beside it is locked by the process
//! that writes, for as long as it lives. When that is killed both stay, and the next process that writes into the folder
//! gets the lock and removes them. The lock alone decides, as a process of another container or machine may have any number;
//! a folder whose file system has no locks is left as it is. The lock is a file of its own as some systems (Windows, shares
//! of it) let nobody write to a file that is locked, and ffmpeg has to.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions, TryLockError};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::{Builder, NamedTempFile};

const PREFIX: &str = ".impasto-";
const LOCK: &str = ".lock";
const PART: &str = ".part";
#[cfg(feature = "jobs")]
const SCRATCH: &str = ".scratch";

/// Digits and letters that make a name new.
const RANDOM: usize = 6;

/// How often a name is tried: another process may take a lock that is not locked yet for a leftover.
const TRIES: usize = 8;

/// Folders that this process has cleaned.
static CLEANED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file that vanishes with this value unless it is moved to its place.
#[derive(Debug)]
pub(crate) struct Temporary {
    /// The file. (Before its owner, so that it is gone before the lock is.)
    pub(crate) file: NamedTempFile,
    #[cfg_attr(not(feature = "live"), expect(dead_code, reason = "holds the lock"))]
    owner: Owner,
}

impl Temporary {
    /// A new file in `folder`, from which what killed runs left is removed first, once in each run.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn create(folder: &Path, permissions: Option<Permissions>) -> Result<Self> {
        clean_once(folder);
        let owner = Owner::claim(folder)?;
        let mut builder = Builder::new();
        builder.prefix(owner.stem()).suffix(PART).rand_bytes(0);
        if let Some(permissions) = permissions {
            builder.permissions(permissions);
        }
        Ok(Self {
            file: builder.tempfile_in(folder)?,
            owner,
        })
    }

    /// A handle with which another process holds the lock too: a program that goes on writing when this one is killed.
    ///
    /// # Errors
    /// What the system says.
    #[cfg(feature = "live")]
    pub(crate) fn shared_lock(&self) -> Result<File> {
        self.owner.lock.as_file().try_clone()
    }
}

/// A lock in a folder; what is named as it is belongs to this process.
#[derive(Debug)]
struct Owner {
    lock: NamedTempFile,
}

impl Owner {
    fn claim(folder: &Path) -> Result<Self> {
        let prefix = format!("{PREFIX}{}-", std::process::id());
        for _ in 0..TRIES {
            let mut builder = Builder::new();
            builder.prefix(&prefix).suffix(LOCK).rand_bytes(RANDOM);
            let lock = builder.tempfile_in(folder)?;
            match lock.as_file().try_lock() {
                Err(TryLockError::WouldBlock) => continue,
                // A file system without locks: what is left there nobody removes.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            if lock.path().exists() {
                return Ok(Self { lock });
            }
        }
        Err(ErrorKind::ResourceBusy.into())
    }

    /// The name without its ending.
    fn stem(&self) -> &std::ffi::OsStr {
        self.lock.path().file_stem().unwrap_or_default()
    }
}

/// Remove what killed runs left in `folder`, unless this process did already.
fn clean_once(folder: &Path) {
    let Ok(real) = folder.canonicalize() else {
        return;
    };
    let mut cleaned = CLEANED.lock().unwrap_or_else(PoisonError::into_inner);
    if cleaned.insert(real) {
        clean(folder, |stem| {
            let part = folder.join(format!("{stem}{PART}"));
            if fs::symlink_metadata(&part).is_ok_and(|meta| meta.is_file()) {
                // It stays where this user may not remove it.
                let _ = fs::remove_file(part);
            }
        });
    }
}

/// Call `remove` for the name, without its ending, of each lock in `folder` whose owner is gone, and remove the lock.
fn clean(folder: &Path, remove: impl Fn(&str)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(stem) = name.to_str().and_then(stem_of_lock) else {
            continue;
        };
        // Of the entry itself, not of what a link leads to.
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let lock = File::options().read(true).write(true).open(entry.path());
        if let Ok(lock) = lock
            && lock.try_lock().is_ok()
        {
            remove(stem);
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The name without its ending, if it is one that [`Owner::claim`] gives.
fn stem_of_lock(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(LOCK)?;
    let (process, random) = stem.strip_prefix(PREFIX)?.split_once('-')?;
    let digits = !process.is_empty() && process.bytes().all(|b| b.is_ascii_digit());
    let known = random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric());
    (digits && known).then_some(stem)
}

/// A folder that vanishes with this value, with all that is in it.
#[cfg(feature = "jobs")]
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: tempfile::TempDir,
    _owner: Owner,
}

#[cfg(feature = "jobs")]
impl Scratch {
    /// A new folder in `parent`, a folder of the program's own, from which those that killed runs left are removed.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn create(parent: &Path) -> Result<Self> {
        clean(parent, |stem| {
            let folder = parent.join(format!("{stem}{SCRATCH}"));
            if fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir()) {
                let _ = fs::remove_dir_all(folder);
            }
        });
        let owner = Owner::claim(parent)?;
        let mut builder = Builder::new();
        builder.prefix(owner.stem()).suffix(SCRATCH).rand_bytes(0);
        Ok(Self {
            folder: builder.tempdir_in(parent)?,
            _owner: owner,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn clean_parts(folder: &Path) {
        CLEANED
            .lock()
            .unwrap()
            .remove(&folder.canonicalize().unwrap());
        clean_once(folder);
    }

    #[test]
    fn a_file_and_its_lock_vanish_together() {
        let dir = tempfile::tempdir().unwrap();
        let made = Temporary::create(dir.path(), None).unwrap();
        let there = names(dir.path());
        assert_eq!(there.len(), 2, "{there:?}");
        assert!(stem_of_lock(&there[0]).is_some() && there[1].ends_with(PART));
        drop(made);
        assert!(names(dir.path()).is_empty());
        {
            let kept = Temporary::create(dir.path(), None).unwrap();
            kept.file.persist(dir.path().join("kept")).unwrap();
        }
        assert_eq!(names(dir.path()), ["kept"]);
    }

    #[test]
    fn only_what_nobody_holds_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let ours = Temporary::create(dir.path(), None).unwrap();
        let mut expected = names(dir.path());
        // Left by processes that are gone, one of them before it wrote.
        for name in [".impasto-1-abcdef.lock", ".impasto-1-abcdef.part"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        fs::write(dir.path().join(".impasto-99999-ABC123.lock"), "").unwrap();
        // Not ours, or not known to be nobody's.
        for name in [
            ".impasto-abcdef.part",
            ".impasto-1-abcde.lock",
            ".impasto-x-abcdef.lock",
            ".impasto-2-abcdef.part",
            ".impasto-done.lock",
            ".impasto-done-1-of-4.lock",
            "impasto-1-abcdef.lock",
        ] {
            fs::write(dir.path().join(name), "x").unwrap();
            expected.push(name.to_owned());
        }
        #[cfg(unix)]
        {
            // A link is not followed, and what it leads to stays.
            let outside = tempfile::tempdir().unwrap();
            let target = outside.path().join("target");
            fs::write(&target, "kept").unwrap();
            for name in [".impasto-3-abcdef.lock", ".impasto-4-abcdef.part"] {
                std::os::unix::fs::symlink(&target, dir.path().join(name)).unwrap();
                expected.push(name.to_owned());
            }
            fs::write(dir.path().join(".impasto-4-abcdef.lock"), "").unwrap();
            clean_parts(dir.path());
            assert_eq!(fs::read(&target).unwrap(), b"kept");
        }
        clean_parts(dir.path());
        expected.sort();
        assert_eq!(names(dir.path()), expected);
        drop(ours);
    }

    #[cfg(feature = "live")]
    #[test]
    fn a_lock_that_another_process_shares_outlives_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let ours = Temporary::create(dir.path(), None).unwrap();
        let there = names(dir.path());
        let shared = ours.shared_lock().unwrap();
        // As after SIGKILL: both files stay, and this process's handles are gone.
        let Temporary { file, owner } = ours;
        drop(file.keep().unwrap());
        drop(owner.lock.keep().unwrap());
        clean_parts(dir.path());
        assert_eq!(names(dir.path()), there);
        drop(shared);
        clean_parts(dir.path());
        assert!(names(dir.path()).is_empty());
    }

    #[cfg(feature = "jobs")]
    #[test]
    fn a_scratch_folder_of_a_killed_run_is_removed_by_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let left = dir.path().join(".impasto-7-abcdef.scratch");
        fs::create_dir_all(left.join("deep")).unwrap();
        fs::write(left.join("deep/file"), "x").unwrap();
        fs::write(dir.path().join(".impasto-7-abcdef.lock"), "").unwrap();
        let one = Scratch::create(dir.path()).unwrap();
        let other = Scratch::create(dir.path()).unwrap();
        assert!(!left.exists() && one.path().is_dir() && other.path().is_dir());
        drop((one, other));
        assert!(names(dir.path()).is_empty());
    }
}
