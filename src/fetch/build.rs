//! The build script: obtains ONNX Runtime's shared library through pip, once per user and version, and tells the
//! program where it lies.
//!
//! It never fails the build. Without Python or the network the program still compiles, and says when it runs how to
//! get the library. `IMPASTO_RUNTIME=skip`, `ORT_DYLIB_PATH`, or building without the feature `fetch-runtime` keep it
//! from fetching anything.

// Cargo takes its instructions from this program's standard output.
#![allow(clippy::print_stdout)]

#[cfg(feature = "fetch-runtime")]
mod cache_dirs;
#[cfg(feature = "fetch-runtime")]
mod obtain;
#[cfg(feature = "fetch-runtime")]
mod pins;
#[cfg(feature = "fetch-runtime")]
mod pip;
#[cfg(feature = "fetch-runtime")]
mod store;
#[cfg(feature = "fetch-runtime")]
mod wheel;

use std::path::PathBuf;

/// The result of the search for the library.
#[cfg_attr(not(feature = "fetch-runtime"), allow(dead_code))]
enum Outcome {
    /// The library is here.
    Have(PathBuf),
    /// It is not wanted, or not to be had for this system.
    Skipped(String),
    /// It was wanted, but could not be had; the next build tries again.
    Failed { why: String, wanted: PathBuf },
}

#[cfg(not(feature = "fetch-runtime"))]
mod obtain {
    /// Nothing, without the feature.
    pub fn obtain() -> super::Outcome {
        super::Outcome::Skipped("built without the feature fetch-runtime".to_owned())
    }
}

fn main() {
    // Naming any file at all keeps Cargo from running this again for every change in the project; changes of the
    // script's own files are noticed anyway.
    println!("cargo:rerun-if-changed=src/fetch/build.rs");
    for name in ["IMPASTO_RUNTIME", "IMPASTO_CACHE", "XDG_CACHE_HOME"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    match obtain::obtain() {
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
