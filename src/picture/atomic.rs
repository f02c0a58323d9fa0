//! A path and bytes in; a file that appears whole or not at all. It is written beside its place under another name, then
//! moved there.

use super::formats;
use crate::files::temporary::Temporary;
use crate::{Error, Result};
use std::fs;
use std::io::{self, ErrorKind, Write};
#[cfg(feature = "jobs")]
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Writes `bytes` to the file `path`, whole or not at all.
///
/// A missing folder is made. A new file gets the permissions that any new file gets (the umask); a replaced one keeps its own. A link is
/// followed: what it points to is replaced, the link stays. A file marked read-only is not replaced, and neither is
/// anything that is no ordinary file. "Whole" holds against errors and interruption, not against loss of power.
///
/// # Errors
/// [`Error::Write`], which says what to do; then nothing at `path` has changed.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    write_pieces(path, false, |file| file.write_all(bytes))
}

/// As [`write_bytes`], for what the program keeps for its user, such as the gallery: on Unix a new file has the mode 0600,
/// whatever the umask. A replaced file keeps its mode here too, so that whoever shares it on purpose goes on sharing it.
///
/// # Errors
/// As [`write_bytes`].
#[cfg(feature = "jobs")]
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    write_new(path, Readers::Owner, false, |file| file.write_all(bytes))
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Whoever the umask allows, as with any program's output.
    Umask,
    /// Its owner alone.
    #[cfg(feature = "jobs")]
    Owner,
}

impl Readers {
    /// The mode that a new file is asked for; the umask still applies.
    #[cfg(unix)]
    fn mode(self) -> u32 {
        match self {
            Self::Umask => 0o666,
            #[cfg(feature = "jobs")]
            Self::Owner => 0o600,
        }
    }
}

/// As [`write_bytes`], of a file that `write` writes piece by piece. With `only_new` what is there is never replaced, even
/// where it came a moment before.
///
/// # Errors
/// As [`write_bytes`], and with `only_new` where there is a file already.
pub(super) fn write_pieces(
    path: &Path,
    only_new: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    write_new(path, Readers::Umask, only_new, write)
}

fn write_new(
    path: &Path,
    readers: Readers,
    only_new: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let target = destination(path)?;
    let mut file = create_beside(path, &target, readers)?;
    // The file itself: its wrapper puts the name that it has meanwhile into errors.
    write(file.file.as_file_mut()).map_err(Error::write(path))?;
    if only_new {
        return match file.file.persist_noclobber(&target) {
            Ok(_) => Ok(()),
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Err(refuse(
                path,
                "the file is there, and existing files are kept",
            )),
            Err(e) => Err(Error::write(path)(e.error)),
        };
    }
    if let Ok(replaced) = fs::metadata(&target) {
        file.file
            .as_file()
            .set_permissions(replaced.permissions())
            .map_err(Error::write(path))?;
    }
    file.file
        .persist(&target)
        .map_err(|e| Error::write(path)(e.error))?;
    Ok(())
}

/// A file that is written in pieces, and takes its place only when it is whole.
#[cfg(feature = "jobs")]
#[derive(Debug)]
pub(crate) struct Pending {
    file: Temporary,
    path: PathBuf,
    target: PathBuf,
}

#[cfg(feature = "jobs")]
impl Pending {
    /// Begin the file `path`. Until [`Pending::keep`] it has another name; without that call it is removed.
    ///
    /// # Errors
    /// As [`write_bytes`].
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let target = destination(path)?;
        Ok(Self {
            file: create_beside(path, &target, Readers::Umask)?,
            path: path.to_owned(),
            target,
        })
    }

    /// The file under the name that it has until it is whole: for another program to write.
    pub(crate) fn other_name(&self) -> &Path {
        self.file.file.path()
    }

    /// For a process that writes into the file when this one is killed: while it has this handle, no other run takes the file
    /// for a leftover.
    ///
    /// # Errors
    /// What the system says.
    #[cfg(feature = "live")]
    pub(crate) fn shared_lock(&self) -> io::Result<fs::File> {
        self.file.shared_lock()
    }

    /// Move it to its place.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(crate) fn keep(self) -> Result<()> {
        self.file
            .file
            .persist(&self.target)
            .map(drop)
            .map_err(|e| Error::write(&self.path)(e.error))
    }
}

#[cfg(feature = "jobs")]
impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.file.as_file_mut().flush()
    }
}

#[cfg(feature = "jobs")]
impl Seek for Pending {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.file.as_file_mut().seek(to)
    }
}

/// Where a file named `path` will really be written: links followed; refused where it must not be.
pub(super) fn destination(path: &Path) -> Result<PathBuf> {
    let mut target = path.to_owned();
    let mut meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(target),
        // Some part of the path that should be a folder is a file; `check_folder` says which.
        Err(e) if e.kind() == ErrorKind::NotADirectory => return Ok(target),
        Err(e) => return Err(Error::write(path)(e)),
    };
    if meta.is_symlink() {
        let broken = |_| {
            refuse(
                path,
                "it is a link that leads nowhere; remove the link first",
            )
        };
        target = fs::canonicalize(path).map_err(broken)?;
        meta = fs::metadata(&target).map_err(Error::write(path))?;
    }
    if meta.is_dir() {
        Err(refuse(path, "it is a folder; name a file in it"))
    } else if !meta.is_file() {
        Err(refuse(
            path,
            "it is a device or pipe; name an ordinary file",
        ))
    } else if meta.permissions().readonly() {
        let reason = "the file is there and read-only; choose another name or make it writable";
        Err(refuse(path, reason))
    } else {
        Ok(target)
    }
}

/// The folder that holds `path`.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether a file named `path` can be written into `folder`, or into the nearest folder above it that exists, by making
/// a file there, which is removed at once.
pub(super) fn check_folder(path: &Path, folder: &Path) -> Result<()> {
    let nearest = folder
        .ancestors()
        .find(|above| above.as_os_str().is_empty() || above.exists())
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    temporary_in(nearest, path, Readers::Umask).map(drop)
}

/// An empty file in the folder of `target`, which vanishes unless it is moved to its place. The folder is made where it
/// is missing.
fn create_beside(path: &Path, target: &Path, readers: Readers) -> Result<Temporary> {
    let folder = folder_of(target);
    if !folder.exists() {
        // Says which part of the path is at fault, which the system does not.
        check_folder(path, folder)?;
        fs::create_dir_all(folder).map_err(Error::write(path))?;
    }
    temporary_in(folder, path, readers)
}

/// An empty file in `folder`, for the file that the user called `path`.
#[cfg_attr(not(unix), expect(unused_variables))] // `readers`: elsewhere the folder decides who may read
fn temporary_in(folder: &Path, path: &Path, readers: Readers) -> Result<Temporary> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(refuse(
            path,
            &format!("{shown} is not a folder; choose another place"),
        ));
    }
    // Without this every file would be its owner's alone.
    #[cfg(unix)]
    let permissions = Some(std::os::unix::fs::PermissionsExt::from_mode(readers.mode()));
    #[cfg(not(unix))]
    let permissions = None;
    Temporary::create(folder, permissions).map_err(|e| {
        // With the remedy of any such error, and as what it is.
        let error = Error::write(path)(e.kind().into());
        if error.ends_all() {
            return error;
        }
        let reason = match e.kind() {
            ErrorKind::PermissionDenied => "is not writable",
            _ => "takes no new files",
        };
        refuse(
            path,
            &format!("the folder {shown} {reason}; choose another place"),
        )
    })
}

/// The extension of `path` names no format that is written.
pub(super) fn unknown_extension(path: &Path) -> Error {
    let known = formats::extensions();
    let reason = match path.extension() {
        Some(extension) => format!("'.{}' is not a format that is written", extension.display()),
        None => "it has no extension, which tells the format".to_owned(),
    };
    refuse(path, &format!("{reason}; use one of {known}"))
}

pub(super) fn refuse(path: &Path, reason: &str) -> Error {
    Error::write(path)(io::Error::other(reason))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files(dir: &Path) -> usize {
        fs::read_dir(dir).unwrap().count()
    }

    #[test]
    fn a_file_is_written_and_replaced_and_nothing_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        for bytes in [&b"one"[..], b"two, longer", b""] {
            write_bytes(&path, bytes).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        assert_eq!(files(dir.path()), 1);
    }

    #[test]
    fn places_that_cannot_be_written_are_said() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "kept").unwrap();
        for (path, expected) in [
            (file.join("a.png"), "is not a folder"),
            (file.join("new/a.png"), "is not a folder"),
            (dir.path().to_owned(), "it is a folder"),
        ] {
            let message = write_bytes(&path, b"x").unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        assert_eq!(fs::read(&file).unwrap(), b"kept");
        assert_eq!(files(dir.path()), 1);
    }

    #[test]
    fn a_missing_folder_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("no/such/a.png");
        write_bytes(&path, b"x").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }

    #[test]
    fn a_read_only_file_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        fs::write(&path, "kept").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let message = write_bytes(&path, b"x").unwrap_err().to_string();
        assert!(message.contains("read-only"), "{message}");
        assert_eq!(fs::read(&path).unwrap(), b"kept");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_file_and_kept_when_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (ordinary, ours) = (dir.path().join("ordinary"), dir.path().join("ours"));
        fs::write(&ordinary, "").unwrap();
        write_bytes(&ours, b"").unwrap();
        assert_eq!(mode(&ours), mode(&ordinary));
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o640)).unwrap();
        write_bytes(&ours, b"again").unwrap();
        assert_eq!(mode(&ours), 0o640);
    }

    #[cfg(all(unix, feature = "jobs"))]
    #[test]
    fn a_private_file_is_its_owners_unless_its_mode_was_changed() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = dir.path().join("gallery.toml");
        write_private(&path, b"one").unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(mode(&path), 0o664);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_a_broken_one_refused() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target.png");
        fs::write(&target, "old").unwrap();
        let link = dir.path().join("link.png");
        symlink("target.png", &link).unwrap();
        write_bytes(&link, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        fs::remove_file(&target).unwrap();
        let message = write_bytes(&link, b"x").unwrap_err().to_string();
        assert!(message.contains("leads nowhere"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced() {
        let message = write_bytes(Path::new("/dev/null"), b"x").unwrap_err();
        assert!(message.to_string().contains("device or pipe"), "{message}");
    }
}
