//! Takes the environment of a build; gives the path of ONNX Runtime's library, fetched if it was not there.
//!
//! Only the build script includes this file.

use std::env;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::pins::{self, Pin};
use super::{Outcome, cache_dirs, pip, store, wheel};

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Finds or fetches the library for the system that is built for.
pub fn obtain() -> Outcome {
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
    let wheel = pip::download(pins::PACKAGE, pins::VERSION, pin, scratch, &mut || true)?;
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
