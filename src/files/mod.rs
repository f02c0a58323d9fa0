//! Ordinary files, read up to a limit of bytes; and temporary files, which the next run removes where one was killed.
//!
//! A pipe is waited for and a device may have no end, so neither is opened: what is named as a picture, a model, a gallery
//! or a list must be a file. Standard input and the inputs that may be pipes (films of `live`, lists of pictures) do not
//! come through here.

pub(crate) mod temporary;

use std::fs::{self, File, FileType};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Opens the ordinary file `path`, through links.
///
/// # Errors
/// What the system says, and a line with the remedy where it is a folder, a pipe, a socket or a device.
pub(crate) fn open(path: &Path) -> Result<File> {
    // Before it is opened, as opening a pipe waits for its writer; and again, as another may have taken its place.
    check_kind(fs::metadata(path)?.file_type())?;
    let file = File::open(path)?;
    check_kind(file.metadata()?.file_type())?;
    Ok(file)
}

/// `Ok` where `path` leads to an ordinary file. For files that another program opens.
///
/// # Errors
/// As [`open`].
#[cfg(feature = "jobs")]
pub(crate) fn check(path: &Path) -> Result<()> {
    check_kind(fs::metadata(path)?.file_type())
}

/// The bytes of the ordinary file `path`, of which there may be `most`.
///
/// # Errors
/// As [`open`]; [`ErrorKind::FileTooLarge`] for a file of more bytes, which is not read then.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = open(path)?;
    let said = file.metadata()?.len();
    if said > most {
        return Err(too_large(most));
    }
    // One more than was said, so that the buffer need not grow to see the end.
    let mut bytes = Vec::with_capacity(usize::try_from(said).unwrap_or(0).saturating_add(1));
    // A file can grow, and some of the system's own say that they are empty.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`]; [`ErrorKind::InvalidData`] where it is not UTF-8.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String> {
    String::from_utf8(read(path, most)?).map_err(|_| {
        let reason = "it is not text in UTF-8; check that it is the file you mean";
        Error::new(ErrorKind::InvalidData, reason)
    })
}

/// A number of bytes in words.
pub(crate) fn in_words(bytes: u64) -> String {
    match bytes {
        1048576.. => format!("{} MiB", bytes >> 20),
        1024.. if bytes.is_multiple_of(1024) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

fn too_large(most: u64) -> Error {
    let reason = format!(
        "it is over the limit of {}; name a smaller file",
        in_words(most)
    );
    Error::new(ErrorKind::FileTooLarge, reason)
}

fn check_kind(kind: FileType) -> Result<()> {
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        let reason = "it is a folder, and a file is needed; name one in it";
        return Err(Error::new(ErrorKind::IsADirectory, reason));
    }
    let what = name(kind);
    let reason = format!("it is {what}, and only ordinary files are read; save it to one first");
    Err(Error::new(ErrorKind::InvalidInput, reason))
}

#[cfg(unix)]
fn name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn name(_: FileType) -> &'static str {
    "a device"
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "four").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"four");
        assert_eq!(read_text(&path, 9).unwrap(), "four");
        let error = read(&path, 3).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert!(error.to_string().contains("limit of 3 bytes"), "{error}");
        fs::write(&path, b"\xff").unwrap();
        let kind = read_text(&path, 9).unwrap_err().kind();
        assert_eq!(kind, ErrorKind::InvalidData);
    }

    #[test]
    fn what_is_no_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let said = |path: &Path| read(path, 9).unwrap_err().to_string();
        assert!(said(dir.path()).contains("folder"));
        let missing = read(&dir.path().join("missing"), 9).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        #[cfg(unix)]
        {
            let socket = dir.path().join("socket");
            let _listens = std::os::unix::net::UnixListener::bind(&socket).unwrap();
            assert!(said(&socket).contains("it is a socket"));
            assert!(said(Path::new("/dev/zero")).contains("it is a device"));
            let link = dir.path().join("link");
            std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
            assert!(said(&link).contains("it is a device"));
        }
    }

    #[test]
    fn sizes_are_said_as_people_read_them() {
        let said = [5, 1024, 1025, 65536, 512 << 20].map(in_words);
        let expected = ["5 bytes", "1 KiB", "1025 bytes", "64 KiB", "512 MiB"];
        assert_eq!(said, expected);
    }
}
