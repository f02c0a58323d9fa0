//! Takes environment and system; gives the cache folders where libraries are kept between builds.
//!
//! The build script includes this file, so it uses nothing but the standard library. The environment is a parameter, as
//! tests must not change the one of the process, which all threads share.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::pins::{PACKAGE, Pin, VERSION};

/// Looks up a variable of an environment; `std::env::var_os` for that of the process.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Our folder in the user's cache: `IMPASTO_CACHE` itself if it is set, else `impasto` in the cache
/// folder of the system `os` (as in [`std::env::consts::OS`]). `None` if the environment names none.
pub fn cache_folder(environment: Environment<'_>, os: &str) -> Option<PathBuf> {
    let folder = |name: &str| {
        environment(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    // A relative path would mean another folder in each working directory.
    let absolute = |name: &str| folder(name).filter(|path| path.is_absolute());
    if let Some(own) = folder("IMPASTO_CACHE") {
        return Some(own);
    }
    let user = match os {
        "windows" => folder("LOCALAPPDATA")
            .or_else(|| Some(folder("USERPROFILE")?.join("AppData").join("Local"))),
        "macos" => absolute("XDG_CACHE_HOME")
            .or_else(|| Some(absolute("HOME")?.join("Library").join("Caches"))),
        _ => absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache"))),
    };
    Some(user?.join("impasto"))
}

/// The same for this process and this system.
pub fn cache_here() -> Option<PathBuf> {
    cache_folder(&|name| std::env::var_os(name), std::env::consts::OS)
}

/// Where the library of `pin` lies inside such a folder. Version and system are in the path, so that builds of
/// different versions or for different systems do not share files.
pub fn library_in(folder: &Path, pin: &Pin) -> PathBuf {
    package_in(folder, PACKAGE, VERSION, (pin.os, pin.arch)).join(pin.library)
}

/// Where the files of a package for a system (operating system and processor) lie inside such a folder.
pub fn package_in(folder: &Path, package: &str, version: &str, system: (&str, &str)) -> PathBuf {
    let (os, arch) = system;
    folder
        .join("runtime")
        .join(format!("{package}-{version}-{os}-{arch}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fetch::pins::PINS;

    fn place(variables: &[(&str, &str)], os: &str) -> Option<PathBuf> {
        let find = |name: &str| {
            let (_, value) = variables.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(value))
        };
        cache_folder(&find, os)
    }

    #[cfg(unix)]
    #[test]
    fn each_system_has_its_cache_folder() {
        let home = ("HOME", "/home/ann");
        assert_eq!(
            place(&[home], "linux").unwrap(),
            Path::new("/home/ann/.cache/impasto")
        );
        assert_eq!(
            place(&[home], "macos").unwrap(),
            Path::new("/home/ann/Library/Caches/impasto")
        );
        let xdg = ("XDG_CACHE_HOME", "/big/cache");
        assert_eq!(
            place(&[home, xdg], "linux").unwrap(),
            Path::new("/big/cache/impasto")
        );
        let local = ("LOCALAPPDATA", "/Users/ann/Local");
        assert_eq!(
            place(&[home, xdg, local], "windows").unwrap(),
            Path::new("/Users/ann/Local/impasto")
        );
    }

    #[cfg(unix)]
    #[test]
    fn our_own_variable_wins_and_empty_or_relative_ones_do_not_count() {
        let home = ("HOME", "/home/ann");
        assert_eq!(
            place(&[home, ("IMPASTO_CACHE", "/ours")], "linux").unwrap(),
            Path::new("/ours")
        );
        assert_eq!(
            place(&[home, ("IMPASTO_CACHE", "")], "linux").unwrap(),
            Path::new("/home/ann/.cache/impasto")
        );
        assert_eq!(
            place(&[home, ("XDG_CACHE_HOME", "somewhere")], "linux").unwrap(),
            Path::new("/home/ann/.cache/impasto")
        );
        assert_eq!(place(&[], "linux"), None);
        assert_eq!(place(&[], "windows"), None);
    }

    #[test]
    fn no_two_systems_share_a_file() {
        let paths: Vec<_> = PINS
            .iter()
            .map(|pin| library_in(Path::new("c"), pin))
            .collect();
        for (i, path) in paths.iter().enumerate() {
            assert!(!paths[..i].contains(path), "{}", path.display());
        }
    }
}
