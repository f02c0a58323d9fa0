//! The files of onnxruntime-web, which is not compiled in: a folder goes in, its files or how to get them come out.

use std::path::Path;

use crate::error::{Error, Result};
use crate::fetch::cache_dirs::cache_here;
use crate::fetch::wheel;
use crate::files;
use crate::remote::http::SiteFile;

/// The package, in the version that examples/web/package.json names.
const PACKAGE: &str = "onnxruntime-web@1.30.0";

/// Where its files are below a folder that it was installed in.
const DIST: &str = "node_modules/onnxruntime-web/dist";

/// The files that the page loads, with their sha256 in [`PACKAGE`]: a build for the processor, and one for the graphics
/// processor. To move to another version: `npm pack` it, and `sha256sum` these files of it.
const FILES: &[(&str, &str)] = &[
    (
        "ort.wasm.min.mjs",
        "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    ),
    (
        "ort-wasm-simd-threaded.mjs",
        "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    ),
    (
        "ort-wasm-simd-threaded.wasm",
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
    ),
    (
        "ort.webgpu.min.mjs",
        "3dffff71811bc13a3a3d9591c57ca5ee5735b8f5f3eaf789510b02bb040ae3a0",
    ),
    (
        "ort-wasm-simd-threaded.asyncify.mjs",
        "3d1c85995364bb643302fc6fd877a0c3ba5ae72401815e0f24828a53d9191e28",
    ),
    (
        "ort-wasm-simd-threaded.asyncify.wasm",
        "39f9f0894d478800487ed9f7dbe92618498db320cf55c8e3d89adff8dce658da",
    ),
];

/// The largest file that is read. Theirs have 30 MB.
const MOST_BYTES: u64 = 256 << 20;

/// The files of `folder`, or of the place where [`missing`] lets npm put them. Those are checked against their sums, as npm
/// checks a package only against what its registry says of it; a folder that the user names may hold another build.
///
/// # Errors
/// [`Error::Invalid`] when one is not there, or is not the one that belongs to this version.
pub(super) fn files(folder: Option<&Path>) -> Result<Vec<SiteFile>> {
    let cache = cache_here().ok_or(Error::NoCacheFolder)?;
    files_from(folder, &cache)
}

fn files_from(folder: Option<&Path>, cache: &Path) -> Result<Vec<SiteFile>> {
    let place = folder.map_or_else(|| cache.join(DIST), Path::to_path_buf);
    let read = |(name, sha256): &(&str, &str)| {
        let path = place.join(name);
        let bytes = files::read(&path, MOST_BYTES).map_err(|e| missing(&place, name, cache, &e))?;
        if folder.is_none() {
            wheel::check(&path.display().to_string(), bytes.as_slice(), sha256)
                .map_err(|why| changed(cache, &why))?;
        }
        Ok(SiteFile::new(&format!("ort/{name}"), bytes))
    };
    FILES.iter().map(read).collect()
}

/// A file is another than that of the package.
fn changed(cache: &Path, why: &str) -> Error {
    let folder = cache.join("node_modules");
    let (folder, cache) = (folder.display(), cache.display());
    let reason = format!(
        "{why}; remove {folder} and install it again with `npm install --prefix \"{cache}\" {PACKAGE}`"
    );
    Error::invalid("runtime", reason)
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
        for (name, _) in FILES {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        assert_eq!(files(Some(folder.path())).unwrap().len(), FILES.len());
    }

    #[test]
    fn a_file_that_npm_put_there_and_that_was_changed_is_refused() {
        let cache = tempfile::tempdir().unwrap();
        let place = cache.path().join(DIST);
        std::fs::create_dir_all(&place).unwrap();
        for (name, _) in FILES {
            std::fs::write(place.join(name), "another").unwrap();
        }
        let said = files_from(None, cache.path()).err().unwrap().to_string();
        assert!(
            said.contains(FILES[0].0) && said.contains("remove"),
            "{said}"
        );
        // A folder that was named is the user's own choice.
        assert!(files_from(Some(&place), cache.path()).is_ok());
    }

    #[test]
    fn the_version_is_the_one_of_the_page() {
        let package = include_str!("../../../examples/web/package.json");
        let (name, version) = PACKAGE.split_once('@').unwrap();
        assert!(package.contains(&format!("\"{name}\": \"{version}\"")));
    }
}
