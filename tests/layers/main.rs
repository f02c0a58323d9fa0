//! Which module may import which: the table in the documentation of `src/lib.rs` is the rule. Reads the sources; compiles nothing.
//!
//! `#[cfg(test)]` code counts; comments, documentation and strings do not.
#![allow(clippy::unwrap_used)]

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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 5, "found only {} source files", files.len());
    let lib = std::fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let (table, exports) = (table(&lib), reexports(&lib));
    let mut findings = Vec::new();
    for file in files {
        let name = file
            .strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        findings.extend(check(
            &name,
            &std::fs::read_to_string(&file).unwrap(),
            &table,
            &exports,
        ));
    }
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
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
