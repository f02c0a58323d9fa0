//! Which module may import which: the table in the documentation of `src/lib.rs` is the rule. Reads the sources; compiles nothing.
//!
//! `#[cfg(test)]` code counts; comments, documentation and strings do not.
#![allow(clippy::unwrap_used)]

mod circle;
mod rule;
mod rule_tests;
mod table;
mod words;

use std::path::{Path, PathBuf};

use rule::{check, reexports};
use table::{Table, table};

/// May import anything: the root, the command line, and the build script (which is no part of the library).
const FREE: &[&str] = &["lib", "main", "cli", "build"];

/// The only module that may name the crate `ort`.
const HOME_OF_ORT: &str = "runtime";

#[test]
fn modules_import_only_from_lower_floors() {
    let sources = sources();
    let lib = &sources
        .iter()
        .find(|(name, _)| name == "src/lib.rs")
        .unwrap()
        .1;
    let (table, exports) = (table(lib), reexports(lib, true));
    let findings: Vec<String> = sources
        .iter()
        .flat_map(|(name, text)| check(name, text, &table, &exports))
        .collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn no_files_of_a_folder_import_each_other() {
    let found = circle::circles(&sources());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// All sources: their paths from the root of the repository, with slashes, and texts.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 5, "found only {} source files", files.len());
    let read = |file: &PathBuf| {
        let name = file.strip_prefix(root).unwrap().to_string_lossy();
        (
            name.replace('\\', "/"),
            std::fs::read_to_string(file).unwrap(),
        )
    };
    files.iter().map(read).collect()
}

/// The Rust files below `folder`, without those of crates of their own.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.join("Cargo.toml").exists() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}
