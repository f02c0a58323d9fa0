//! Brings a package into the user's cache: downloaded through pip, checked, unpacked, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::packages::Package;
use super::{pins, pip};
use crate::error::{Error, Result};

/// No file of a package has more bytes than this (CUDA's provider has 284 million).
const FILE_LIMIT: u64 = 1 << 30;

/// Downloads `package`, checks its sha256 and puts its files into the cache folder `cache`; gives the library.
/// What was there before is replaced, once everything else has gone well.
///
/// # Errors
/// [`Error::Runtime`] when pip cannot bring it, or brings something else; [`Error::Write`].
pub fn install(package: &Package, cache: &Path) -> Result<PathBuf> {
    let folder = package.folder_in(cache);
    let parent = folder.parent().unwrap_or(cache);
    fs::create_dir_all(parent).map_err(Error::write(parent))?;
    // Beside its destination: moving it there is one stroke. It goes away again with everything in it.
    let scratch = tempfile::Builder::new()
        .prefix("installing-")
        .tempdir_in(parent)
        .map_err(Error::write(parent))?;
    let request = pip::Request {
        package: package.package,
        version: package.version,
        platform: package.platform,
        wheel: package.wheel,
    };
    let failed = |why: String| Error::Runtime(format!("{}: {why}", package.package));
    let wheel = pip::download(request, scratch.path()).map_err(failed)?;
    verify(&wheel, package.wheel_sha256).map_err(failed)?;
    let made = scratch.path().join("files");
    fs::create_dir(&made).map_err(Error::write(&made))?;
    unpack(&wheel, package.files(), &made).map_err(failed)?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::write(&folder))?;
    }
    fs::rename(&made, &folder).map_err(Error::write(&folder))?;
    Ok(folder.join(package.library))
}

/// The sha256 of a file that may be too large for memory.
fn verify(path: &Path, sha256: &str) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let mut file = File::open(path).map_err(failed)?;
    let (mut sum, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            break;
        }
        sum.update(&buffer[..count]);
    }
    let found: String = sum.finalize().iter().map(|b| format!("{b:02x}")).collect();
    if found == sha256 {
        return Ok(());
    }
    Err(format!(
        "the wheel has sha256 {found}, but {sha256} was expected; try again, and if it stays so, do not trust it"
    ))
}

/// Takes the files `names` out of the wheel into `folder`.
fn unpack<'a>(
    wheel: &Path,
    names: impl Iterator<Item = &'a str>,
    folder: &Path,
) -> Result<(), String> {
    let file = File::open(wheel).map_err(|error| format!("{}: {error}", wheel.display()))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| error.to_string())?;
    for name in names {
        let failed = |error: &dyn std::fmt::Display| format!("{name} in the wheel: {error}");
        let inside = archive
            .by_name(&format!("{}/{name}", pins::FOLDER))
            .map_err(|error| failed(&error))?;
        let mut out = File::create(folder.join(name)).map_err(|error| failed(&error))?;
        // The size in the archive's directory is a claim: what is counted is what comes out.
        let count =
            io::copy(&mut inside.take(FILE_LIMIT + 1), &mut out).map_err(|error| failed(&error))?;
        if count > FILE_LIMIT {
            return Err(failed(&format!("more than {FILE_LIMIT} bytes")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use super::*;

    fn wheel(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
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
        let wheel = wheel(&[
            ("onnxruntime/capi/a.so", b"a"),
            ("../evil", b"x"),
            ("onnxruntime/capi/other.so", b"o"),
        ]);
        let folder = tempfile::tempdir().unwrap();
        unpack(wheel.path(), ["a.so"].into_iter(), folder.path()).unwrap();
        let names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["a.so"]);
        let error = unpack(wheel.path(), ["b.so"].into_iter(), folder.path()).unwrap_err();
        assert!(error.contains("b.so"), "{error}");
    }

    #[test]
    fn another_wheel_than_the_one_that_is_known_is_refused() {
        let wheel = wheel(&[("a", b"a")]);
        let bytes = fs::read(wheel.path()).unwrap();
        let sum: String = Sha256::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        verify(wheel.path(), &sum).unwrap();
        let error = verify(wheel.path(), &"0".repeat(64)).unwrap_err();
        assert!(error.contains(&sum), "{error}");
    }
}
