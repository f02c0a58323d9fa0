//! The build script: obtains ONNX Runtime's shared library through pip, once per user and version.
//!
//! It never fails the build. Without Python or the network the program still compiles, and says when it runs how to
//! get the library. `IMPASTO_RUNTIME=skip`, `ORT_DYLIB_PATH`, or building without the feature `fetch-runtime` keep it
//! from fetching anything.

// Cargo takes its instructions from this program's standard output.
#![allow(clippy::print_stdout)]

mod cache_dirs;
mod pins;
mod pip;
mod store;
mod wheel;

use std::env;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use pins::Pin;

/// How it went.
enum Outcome {
    /// The library is here.
    Have(PathBuf),
    /// Nobody wants it fetched.
    Skipped(String),
    /// It was wanted, but could not be had; the next build tries again.
    Failed { why: String, wanted: PathBuf },
}

fn main() {
    // Naming any file at all keeps Cargo from running this again for every change in the project; changes of the
    // script's own files are noticed anyway.
    println!("cargo:rerun-if-changed=src/fetch/build.rs");
    for name in ["IMPASTO_RUNTIME", "IMPASTO_CACHE", "XDG_CACHE_HOME"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    match obtain() {
        Outcome::Have(library) => {
            println!(
                "cargo:rustc-env=IMPASTO_BUILD_RUNTIME={}",
                library.display()
            );
            println!("cargo:rustc-env=IMPASTO_BUILD_RUNTIME_NOTE=");
            // A library that is deleted from the cache comes back with the next build.
            println!("cargo:rerun-if-changed={}", library.display());
        }
        Outcome::Skipped(why) => note(&why),
        Outcome::Failed { why, wanted } => {
            note(&why);
            println!(
                "cargo:warning=ONNX Runtime was not fetched: {}",
                one_line(&why)
            );
            // Cargo runs the script again for as long as a file that it named is missing.
            println!("cargo:rerun-if-changed={}", wanted.display());
        }
    }
}

/// Tells the program why it has no library from its build.
fn note(why: &str) {
    println!("cargo:rustc-env=IMPASTO_BUILD_RUNTIME=");
    println!(
        "cargo:rustc-env=IMPASTO_BUILD_RUNTIME_NOTE={}",
        one_line(why)
    );
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn obtain() -> Outcome {
    if variable("CARGO_FEATURE_FETCH_RUNTIME").is_none() {
        return Outcome::Skipped("built without the feature fetch-runtime".to_owned());
    }
    if variable("IMPASTO_RUNTIME").as_deref() == Some("skip") {
        return Outcome::Skipped("built with IMPASTO_RUNTIME=skip".to_owned());
    }
    if variable("DOCS_RS").is_some() {
        return Outcome::Skipped("built for documentation only".to_owned());
    }
    // What is built for, not what is built on: the two differ when cross-compiling.
    let target = |name: &str| variable(&format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let (os, arch, c_library) = (target("OS"), target("ARCH"), target("ENV"));
    let Some(pin) = pins::pin(&os, &arch).filter(|_| c_library != "musl") else {
        let why = format!(
            "there is no library of ONNX Runtime for {os} {c_library} on {arch} that we could fetch"
        );
        println!("cargo:warning={why}; bring your own in ORT_DYLIB_PATH");
        return Outcome::Skipped(why);
    };

    let places = places(pin);
    if let Some(library) = places.iter().find(|library| store::is_whole(library, pin)) {
        return Outcome::Have(library.clone());
    }
    if variable("ORT_DYLIB_PATH").is_some() {
        // Watched only here: once there is a library, switching this variable between two runs of the program must
        // not compile it anew.
        println!("cargo:rerun-if-env-changed=ORT_DYLIB_PATH");
        return Outcome::Skipped("ORT_DYLIB_PATH was set when it was built".to_owned());
    }

    let mut failure = "there is no folder to keep it in".to_owned();
    for library in &places {
        match store::keep(library, pin, fetch) {
            Ok(()) => return Outcome::Have(library.clone()),
            Err(store::Problem::Folder(why)) => failure = why,
            Err(store::Problem::Fetch(why)) => {
                failure = why;
                break;
            }
        }
    }
    Outcome::Failed {
        why: failure,
        wanted: places.into_iter().next().unwrap_or_default(),
    }
}

/// The paths at which the library may lie, best first: the user's cache, then this build's own folder for machines
/// whose home is read-only or has no name.
fn places(pin: &Pin) -> Vec<PathBuf> {
    let cache = cache_dirs::cache_here();
    let own = env::var_os("OUT_DIR").map(PathBuf::from);
    cache
        .into_iter()
        .chain(own)
        .map(|folder| cache_dirs::library_in(&std::path::absolute(&folder).unwrap_or(folder), pin))
        .collect()
}

/// Fetches the wheel into `scratch` and returns the library in it, checked.
fn fetch(pin: &Pin, scratch: &Path) -> Result<Vec<u8>, String> {
    let wheel = pip::download(pins::PACKAGE, pins::VERSION, pin, scratch)?;
    let bytes = store::read(&wheel, store::WHEEL_LIMIT)?;
    wheel::check(pin.wheel, &*bytes, pin.wheel_sha256)?;
    let (name, mut library) = (format!("{}/{}", pins::FOLDER, pin.library), Vec::new());
    wheel::unpack(
        Cursor::new(bytes),
        &name,
        store::LIBRARY_LIMIT,
        &mut library,
    )?;
    wheel::check(pin.library, &*library, pin.library_sha256)?;
    Ok(library)
}
