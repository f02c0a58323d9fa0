//! The files of onnxruntime-web, which is not compiled in: a folder goes in, its files or how to get them come out.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::fetch::cache_dirs::cache_here;
use crate::remote::http::SiteFile;

/// The package, in the version that examples/web/package.json names.
const PACKAGE: &str = "onnxruntime-web@1.30.0";

/// Where its files are below a folder that it was installed in.
const DIST: &str = "node_modules/onnxruntime-web/dist";

/// The files that the page loads: a build for the processor, and one for the graphics processor.
const FILES: &[&str] = &[
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.webgpu.min.mjs",
    "ort-wasm-simd-threaded.asyncify.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
];

/// The largest file that is read. Theirs have 30 MB.
const MOST_BYTES: u64 = 256 << 20;

/// The files of `folder`, or of the place where [`missing`] lets npm put them.
///
/// # Errors
/// [`Error::Invalid`] when one is not there.
pub(super) fn files(folder: Option<&Path>) -> Result<Vec<SiteFile>> {
    let cache = cache_here().ok_or(Error::NoCacheFolder)?;
    let place = folder.map_or_else(|| cache.join(DIST), Path::to_path_buf);
    let read = |name: &&str| {
        let bytes = read(&place.join(name)).map_err(|e| missing(&place, name, &cache, &e))?;
        Ok(SiteFile::new(&format!("ort/{name}"), bytes))
    };
    FILES.iter().map(read).collect()
}

fn read(path: &PathBuf) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if length as u64 > MOST_BYTES {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn missing(place: &Path, name: &str, cache: &Path, error: &std::io::Error) -> Error {
    let (place, cache) = (place.display(), cache.display());
    let reason = format!(
        "{place} has no {name} ({error}), which the page paints with; install it with `npm install --prefix \"{cache}\" \
         {PACKAGE}`, or name its folder dist"
    );
    Error::invalid("runtime", reason)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_the_files_names_the_command_that_installs_them() {
        let folder = tempfile::tempdir().unwrap();
        let said = files(Some(folder.path())).err().unwrap().to_string();
        assert!(
            said.contains("npm install --prefix") && said.contains(PACKAGE),
            "{said}"
        );
        for name in FILES {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        assert_eq!(files(Some(folder.path())).unwrap().len(), FILES.len());
    }

    #[test]
    fn the_version_is_the_one_of_the_page() {
        let package = include_str!("../../../examples/web/package.json");
        let (name, version) = PACKAGE.split_once('@').unwrap();
        assert!(package.contains(&format!("\"{name}\": \"{version}\"")));
    }
}
