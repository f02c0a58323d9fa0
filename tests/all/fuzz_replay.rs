//! The corpus of the fuzz targets and every past finding, through the same functions as under the fuzzer, on stable Rust.
//! See tests/fuzz/README.md.

#![allow(clippy::unwrap_used)]

#[path = "../fuzz/targets/mod.rs"]
pub mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use targets::TARGETS;

/// The files of `folder`, sorted; none where there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_corpus_and_every_finding_pass() {
    let root = crate::common::repository("tests/fuzz");
    let mut failures = Vec::new();
    for target in TARGETS {
        let corpus = files(&root.join("corpus").join(target.name));
        assert!(!corpus.is_empty(), "{}: no corpus", target.name);
        let findings = files(&root.join("findings").join(target.name));
        for file in corpus.iter().chain(&findings) {
            let bytes = std::fs::read(file).unwrap();
            if catch_unwind(AssertUnwindSafe(|| targets::run(target.name, &bytes))).is_err() {
                failures.push(file.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    assert!(failures.is_empty(), "targets panicked on {failures:?}");
}

#[test]
fn every_folder_belongs_to_a_target_and_every_target_to_a_program() {
    let root = crate::common::repository("tests/fuzz");
    for folder in files(&root.join("corpus"))
        .into_iter()
        .chain(files(&root.join("findings")))
    {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(
            TARGETS.iter().any(|target| target.name == name),
            "no target {name}"
        );
    }
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for target in TARGETS {
        assert!(manifest.contains(&format!("name = \"{}\"", target.name)));
        let program = root.join("bins").join(format!("{}.rs", target.name));
        let program = std::fs::read_to_string(program).unwrap();
        assert!(program.contains(&format!("run(\"{}\"", target.name)));
    }
}
