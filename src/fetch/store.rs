//! Takes a pin and a function that fetches it; leaves the library in the cache folder, complete and checked, fetched by
//! one build at a time.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::pins::Pin;
use super::wheel;

/// The largest wheel that is read, in bytes; ours have about 24 million.
pub const WHEEL_LIMIT: u64 = 64 << 20;

/// The largest library that is read, in bytes; ours have about 33 million.
pub const LIBRARY_LIMIT: u64 = 128 << 20;

/// Reads a file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(format!("{}: more than {limit} bytes", path.display()));
    }
    Ok(bytes)
}

/// Why it could not be kept.
#[derive(Debug)]
pub enum Problem {
    /// This folder cannot be used; the next one may be usable.
    Folder(String),
    /// The download failed.
    Fetch(String),
}

/// Whether `library` is there and has the pinned sha256.
pub fn is_whole(library: &Path, pin: &Pin) -> bool {
    library.is_file()
        && read(library, LIBRARY_LIMIT)
            .is_ok_and(|bytes| wheel::check(pin.library, &*bytes, pin.library_sha256).is_ok())
}

/// Fetches the library with `fetch`, which is given a scratch folder, and puts it at `library`.
pub fn keep(
    library: &Path,
    pin: &Pin,
    fetch: impl Fn(&Pin, &Path) -> Result<Vec<u8>, String>,
) -> Result<(), Problem> {
    let folder = library.parent().unwrap_or(Path::new("."));
    let bad_folder =
        |error: std::io::Error| Problem::Folder(format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(bad_folder)?;

    // The second of two builds waits here and then finds the library. Some network file systems have no locks; there
    // both fetch, which is harmless.
    let lock = File::create(folder.join("lock")).map_err(bad_folder)?;
    let locked = lock.lock().is_ok();
    if is_whole(library, pin) {
        return Ok(());
    }

    if locked {
        // Only the build that holds the lock fetches, so any other folder was left by one that was killed.
        Scratch::remove_others(folder);
    }
    let scratch = Scratch::new(folder).map_err(bad_folder)?;
    let bytes = fetch(pin, &scratch.0).map_err(Problem::Fetch)?;
    let part = scratch.0.join("library");
    write(&part, &bytes).map_err(bad_folder)?;
    // On the same file system, so this replaces a damaged copy atomically.
    fs::rename(&part, library).map_err(bad_folder)
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    // Cargo runs the script again when a file that it watches is newer than the last build, so this one gets an old
    // time stamp.
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_836_800))?;
    file.sync_all()
}

/// A temporary folder, removed when dropped. (The build script does without `tempfile`.)
struct Scratch(PathBuf);

/// What the name of a temporary folder begins with; the process id is behind it.
const SCRATCH: &str = "fetching-";

impl Scratch {
    fn remove_others(inside: &Path) {
        let Ok(entries) = fs::read_dir(inside) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let process = name.to_str().and_then(|name| name.strip_prefix(SCRATCH));
            let ours = process.is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
            // Of the entry itself, not of what a link leads to.
            if ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn new(inside: &Path) -> std::io::Result<Self> {
        let path = inside.join(format!("{SCRATCH}{}", std::process::id()));
        // Left over from a killed build with the same process id, where there are no locks.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
