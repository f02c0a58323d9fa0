//! Takes a device and the user's path; gives the path of ONNX Runtime's shared library.
//!
//! The order is: the path that the user gave, `ORT_DYLIB_PATH`, what was installed for the device, what a package around
//! this crate brings, next to the program, the user's cache, the build's own copy. The first two name a library: if it is not there, that is an error, and no
//! other is taken.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::device::Device;
use crate::error::{Error, Result};
use crate::fetch::pins::{self, Pin, VERSION};
use crate::fetch::{cache_dirs, packages};

/// The variable that names the library, or the folder in which it lies.
pub const VARIABLE: &str = "ORT_DYLIB_PATH";

/// See [`bring`].
static BROUGHT: OnceLock<PathBuf> = OnceLock::new();

/// Name the library that a package around this crate brings, or the folder in which it lies: the Python package has one
/// from another package. It goes before the program's folder, the cache and the build's copy. The first call counts.
pub fn bring(library: PathBuf) {
    BROUGHT.get_or_init(|| library);
}

/// Everything on which the search depends, gathered once, so that the search itself reads no environment.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    /// The file or folder that the user gave as an option.
    pub explicit: Option<PathBuf>,
    /// The value of [`VARIABLE`]; empty counts as not set.
    pub variable: Option<PathBuf>,
    /// The library of the package that was installed for the device.
    pub installed: Option<PathBuf>,
    /// The library of [`bring`], or its folder.
    pub brought: Option<PathBuf>,
    /// The folder of the running program.
    pub program: Option<PathBuf>,
    /// The library's place in the user's cache.
    pub cache: Option<PathBuf>,
    /// The library that the build obtained.
    pub build: Option<PathBuf>,
    /// Why the build obtained none; empty if it did.
    pub build_note: String,
}

impl Lookup {
    /// The search of this process for networks on `device`. `explicit`: the user's option.
    pub fn here(explicit: Option<&Path>, device: Device) -> Self {
        let pin = pins::pin(env::consts::OS, env::consts::ARCH);
        let cache = cache_dirs::cache_here();
        Self {
            explicit: explicit.map(Path::to_owned),
            variable: env::var_os(VARIABLE).map(PathBuf::from),
            installed: cache
                .as_ref()
                .and_then(|cache| packages::installed_for(device, cache)),
            brought: BROUGHT.get().cloned(),
            // Resolved: the library lies beside the program, not beside a link to it.
            program: env::current_exe()
                .and_then(|program| program.canonicalize())
                .ok()
                .and_then(|program| Some(program.parent()?.to_owned())),
            cache: pin
                .zip(cache)
                .map(|(pin, folder)| cache_dirs::library_in(&folder, pin)),
            build: option_env!("IMPASTO_BUILD_RUNTIME")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            build_note: option_env!("IMPASTO_BUILD_RUNTIME_NOTE")
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// The library to load, as an absolute path.
    ///
    /// # Errors
    /// [`Error::LibraryNotFound`]: a path that the user named has no library (the message says which option or variable
    /// named it), or there is none anywhere (it lists the places and how to get one).
    pub fn find(&self) -> Result<PathBuf> {
        if let Some(path) = &self.explicit {
            return named(path, "the path given for ONNX Runtime's library");
        }
        if let Some(path) = self
            .variable
            .as_ref()
            .filter(|path| !path.as_os_str().is_empty())
        {
            return named(path, VARIABLE);
        }
        let beside = self.program.as_ref().and_then(|folder| library_in(folder));
        let brought = self.brought.as_ref().and_then(|path| in_path(path));
        let there = |path: &&PathBuf| path.is_file();
        let installed = self.installed.as_ref().filter(there);
        let kept = [&self.cache, &self.build].into_iter().flatten().find(there);
        installed
            .cloned()
            .or(brought)
            .or(beside)
            .or_else(|| kept.cloned())
            .map(absolute)
            .ok_or_else(|| Error::LibraryNotFound(self.not_found()))
    }

    /// The message for a machine without the library.
    fn not_found(&self) -> String {
        let show = |path: &Option<PathBuf>| match path {
            Some(path) => path.display().to_string(),
            None => "none".to_owned(),
        };
        let build = match (&self.build, self.build_note.as_str()) {
            (None, note) if !note.is_empty() => format!("none ({note})"),
            (path, _) => show(path),
        };
        let mut text =
            String::from("ONNX Runtime's shared library was not found. Looked for it in:");
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {VARIABLE}: not set");
        if let Some(path) = &self.brought {
            let _ = write!(text, "\n  the package's: {}", path.display());
        }
        let _ = write!(
            text,
            "\n  the program's folder: {}\n  the cache: {}\n  the build's copy: {build}",
            show(&self.program),
            show(&self.cache)
        );
        let _ = write!(
            text,
            "\nTo get it: {}, or build again with pip and a network connection (cargo build --release)",
            how_to_get("cpu", &format!("onnxruntime=={VERSION}"))
        );
        text
    }
}

/// How to get the library for `device`: with the program, or by hand from the package `requirement`.
pub fn how_to_get(device: &str, requirement: &str) -> String {
    format!(
        "impasto runtime install {device}; or by hand: {}",
        by_hand(requirement)
    )
}

/// How to get the library of a package without the program: one command, one variable.
pub fn by_hand(requirement: &str) -> String {
    format!(
        "python3 -m pip install --no-deps --only-binary=:all: --target FOLDER {requirement}, \
         then set {VARIABLE}=FOLDER/{}",
        pins::FOLDER
    )
}

/// The library at `path`, a file or a folder; `name` says how the user gave it.
fn named(path: &Path, name: &str) -> Result<PathBuf> {
    in_path(path).map(absolute).ok_or_else(|| {
        let state = if path.is_dir() {
            "has no ONNX Runtime library in it"
        } else {
            "does not exist"
        };
        Error::LibraryNotFound(format!(
            "{name} is {}, which {state}; name the library itself ({}) or its folder, or leave it out",
            path.display(),
            usual_name()
        ))
    })
}

/// The library at `path`, a file or a folder, if there is one.
fn in_path(path: &Path) -> Option<PathBuf> {
    match path.is_dir() {
        true => library_in(path),
        false => path.is_file().then(|| path.to_owned()),
    }
}

/// The library's name on this system, for messages.
fn usual_name() -> &'static str {
    match pins::pin(env::consts::OS, env::consts::ARCH) {
        Some(Pin { library, .. }) => library,
        None => "libonnxruntime.so",
    }
}

/// The library in a folder. In wheels the file's name has the version; builds from source add a link without it. The
/// name without a version wins, then the highest version.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .filter_map(|path| Some((rank(&name(&path)?)?, path)))
        .max()
        .map(|(_, path)| path)
}

/// The preference for a file name; `None` if it is not the library's (`libonnxruntime_providers_shared.so`).
fn rank(name: &str) -> Option<(bool, Vec<u32>)> {
    let version = match env::consts::OS {
        "windows" => {
            return (name.eq_ignore_ascii_case("onnxruntime.dll")).then(|| (true, Vec::new()));
        }
        "macos" => name
            .strip_prefix("libonnxruntime.")?
            .strip_suffix("dylib")?,
        _ => name.strip_prefix("libonnxruntime.so")?,
    };
    let numbers: Option<Vec<u32>> = version
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect();
    numbers.map(|numbers| (numbers.is_empty(), numbers))
}

/// `ort` resolves a relative path against the program's folder.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use tempfile::{TempDir, tempdir};

    use super::*;

    /// All seven places, each with a library in it.
    fn everywhere() -> (TempDir, Lookup) {
        let root = tempdir().unwrap();
        let library = |folder: &str| {
            let folder = root.path().join(folder);
            fs::create_dir(&folder).unwrap();
            let path = folder.join(usual_name());
            fs::write(&path, b"library").unwrap();
            path
        };
        let lookup = Lookup {
            explicit: Some(library("explicit")),
            variable: Some(library("variable")),
            installed: Some(library("installed")),
            brought: Some(library("brought").parent().unwrap().to_owned()),
            program: Some(library("program").parent().unwrap().to_owned()),
            cache: Some(library("cache")),
            build: Some(library("build")),
            build_note: String::new(),
        };
        (root, lookup)
    }

    fn found_in(lookup: &Lookup) -> String {
        let path = lookup.find().unwrap();
        assert!(path.is_absolute());
        let folder = path.parent().unwrap().file_name().unwrap();
        folder.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_order_is_option_variable_installed_brought_program_cache_build() {
        let (root, mut lookup) = everywhere();
        assert_eq!(found_in(&lookup), "explicit");
        lookup.explicit = None;
        assert_eq!(found_in(&lookup), "variable");
        lookup.variable = Some(PathBuf::new());
        assert_eq!(found_in(&lookup), "installed");
        lookup.installed = None;
        assert_eq!(found_in(&lookup), "brought");
        fs::remove_file(root.path().join("brought").join(usual_name())).unwrap();
        assert_eq!(found_in(&lookup), "program");
        fs::remove_file(lookup.program.as_ref().unwrap().join(usual_name())).unwrap();
        assert_eq!(found_in(&lookup), "cache");
        fs::remove_file(lookup.cache.as_ref().unwrap()).unwrap();
        assert_eq!(found_in(&lookup), "build");
    }

    #[test]
    fn a_named_library_that_is_missing_is_an_error_though_other_places_have_one() {
        let (root, mut lookup) = everywhere();
        lookup.explicit = None;
        lookup.variable = Some(root.path().join("gone.so"));
        let message = lookup.find().unwrap_err().to_string();
        assert!(
            message.contains("ORT_DYLIB_PATH") && message.contains("gone.so"),
            "{message}"
        );
        lookup.explicit = Some(root.path().join("nope"));
        let message = lookup.find().unwrap_err().to_string();
        assert!(
            message.contains("nope") && message.contains("does not exist"),
            "{message}"
        );
        lookup.explicit = Some(root.path().to_owned());
        let message = lookup.find().unwrap_err().to_string();
        assert!(
            message.contains("has no ONNX Runtime library in it"),
            "{message}"
        );
    }

    #[test]
    fn a_folder_may_be_named_in_place_of_the_file() {
        let (root, mut lookup) = everywhere();
        lookup.explicit = Some(root.path().join("cache"));
        assert_eq!(found_in(&lookup), "cache");
    }

    #[test]
    fn a_missing_library_gives_one_message_with_places_and_remedies() {
        let lookup = Lookup {
            brought: Some(PathBuf::from("/nowhere/package")),
            program: Some(PathBuf::from("/nowhere/bin")),
            cache: Some(PathBuf::from("/nowhere/cache/lib.so")),
            build_note: "no Python with pip was found".to_owned(),
            ..Lookup::default()
        };
        let message = lookup.find().unwrap_err().to_string();
        for part in [
            "/nowhere/package",
            "/nowhere/bin",
            "/nowhere/cache/lib.so",
            "no Python with pip was found",
            "impasto runtime install cpu",
            "pip install",
            "ORT_DYLIB_PATH=",
            "cargo build",
            VERSION,
        ] {
            assert!(message.contains(part), "no {part:?} in: {message}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn in_a_folder_the_plain_name_wins_then_the_highest_version() {
        assert_eq!(rank("libonnxruntime_providers_shared.so"), None);
        assert_eq!(rank("libonnxruntime.so.notes"), None);
        assert!(rank("libonnxruntime.so") > rank("libonnxruntime.so.1.31.1"));
        assert!(rank("libonnxruntime.so.1.31.1") > rank("libonnxruntime.so.1.9.0"));
    }
}
