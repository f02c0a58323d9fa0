//! Takes a package; leaves its files in the user's cache folder: downloaded through pip, checked, and all or nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::packages::Package;
use super::{pins, pip, wheel};
use crate::error::{Error, Result};
use crate::files::temporary::Scratch;

/// The largest file of a package, in bytes; CUDA's provider has 284 million.
const FILE_LIMIT: u64 = 1 << 30;

/// Downloads `package`, checks its sha256 and puts its files into the cache folder `cache`; gives the library.
/// What was there before is replaced, once everything else has gone well. Nothing is left when `go_on` says no.
///
/// # Errors
/// [`Error::Interrupted`] when `go_on` says no; [`Error::Install`] when pip cannot download it, or its sha256 is another; [`Error::Write`].
pub fn install(
    package: &Package,
    cache: &Path,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<PathBuf> {
    let folder = package.folder_in(cache);
    let parent = folder.parent().unwrap_or(cache);
    fs::create_dir_all(parent).map_err(Error::write(parent))?;
    // On the file system of the destination, so that the last step is one rename.
    let scratch = Scratch::create(parent).map_err(Error::write(parent))?;
    let failed = |reason: String| Error::Install {
        package: package.package.to_owned(),
        reason,
    };
    let pin = &package.pin;
    let (name, version) = (package.package, package.version);
    let downloaded = pip::download(name, version, pin, scratch.path(), go_on);
    // Ctrl-C ends pip too, which is no failure of pip.
    check(go_on)?;
    let wheel = downloaded.map_err(failed)?;
    let open = || File::open(&wheel).map_err(Error::read(&wheel));
    wheel::check(pin.wheel, open()?, pin.wheel_sha256).map_err(|why| {
        failed(format!(
            "{why}; try again, and if it happens again, do not use that file"
        ))
    })?;
    let made = scratch.path().join("files");
    fs::create_dir(&made).map_err(Error::write(&made))?;
    for name in package.files() {
        check(go_on)?;
        let path = made.join(name);
        let mut out = File::create(&path).map_err(Error::write(&path))?;
        let inside = format!("{}/{name}", pins::FOLDER);
        wheel::unpack(open()?, &inside, FILE_LIMIT, &mut out).map_err(failed)?;
    }
    let library = File::open(made.join(pin.library)).map_err(Error::read(&made))?;
    wheel::check(pin.library, library, pin.library_sha256).map_err(failed)?;
    check(go_on)?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::write(&folder))?;
    }
    fs::rename(&made, &folder).map_err(Error::write(&folder))?;
    Ok(folder.join(pin.library))
}

fn check(go_on: &mut dyn FnMut() -> bool) -> Result<()> {
    go_on().then_some(()).ok_or(Error::Interrupted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use sha2::{Digest, Sha256};

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
        for (name, bytes) in files {
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        file
    }

    #[test]
    fn only_what_is_asked_for_comes_out() {
        let wheel = archive(&[
            ("onnxruntime/capi/a.so", b"a"),
            ("../evil", b"x"),
            ("onnxruntime/capi/other.so", b"o"),
        ]);
        let folder = tempfile::tempdir().unwrap();
        let unpack = |name: &str| {
            let mut out = File::create(folder.path().join(name)).unwrap();
            let inside = format!("{}/{name}", pins::FOLDER);
            wheel::unpack(wheel.reopen().unwrap(), &inside, FILE_LIMIT, &mut out)
        };
        unpack("a.so").unwrap();
        let names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["a.so"]);
        let error = unpack("b.so").unwrap_err();
        assert!(error.contains("b.so"), "{error}");
    }

    #[test]
    fn another_wheel_than_the_one_that_is_known_is_refused() {
        let wheel = archive(&[("a", b"a")]);
        let bytes = fs::read(wheel.path()).unwrap();
        let sum: String = Sha256::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        wheel::check("w", wheel.reopen().unwrap(), &sum).unwrap();
        let error = wheel::check("w", wheel.reopen().unwrap(), &"0".repeat(64)).unwrap_err();
        assert!(error.contains(&sum), "{error}");
    }
}
