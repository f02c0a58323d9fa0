//! Everything that the build, the tests or the user's commands download is pinned: crates, npm packages and Python packages
//! by version, and by a sum wherever what is downloaded becomes a part of the program or is run by it.
#![allow(clippy::unwrap_used)]

use std::fs;

use crate::common::repository;
use serde_json::Value;

fn text(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap()
}

#[test]
fn every_crate_has_a_sum_and_comes_from_the_registry() {
    let lock: toml::Table = text("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let mut of_this_repository = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some(source) = package.get("source") else {
            of_this_repository.push(name);
            continue;
        };
        let from_registry = source.as_str().unwrap().starts_with("registry+");
        assert!(from_registry, "{name} comes from {source}");
        let sum = package["checksum"].as_str().unwrap();
        assert!(is_sha256(sum), "{name} has the sum '{sum}'");
    }
    assert!(packages.len() > 100);
    // Without a source: the crates of this repository.
    assert_eq!(
        of_this_repository,
        ["impasto", "impasto-python", "v4l2-sys-mit"]
    );
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[test]
fn every_npm_package_has_a_sum() {
    let lock: Value = serde_json::from_str(&text("examples/web/package-lock.json")).unwrap();
    let wanted: Value = serde_json::from_str(&text("examples/web/package.json")).unwrap();
    let packages = lock["packages"].as_object().unwrap();
    for kind in ["dependencies", "devDependencies"] {
        assert_eq!(
            packages[""][kind], wanted[kind],
            "run `npm install --package-lock-only` in examples/web"
        );
        for (name, version) in wanted[kind].as_object().unwrap() {
            assert_eq!(
                &packages[&format!("node_modules/{name}")]["version"],
                version
            );
        }
    }
    for (place, package) in packages.iter().filter(|(place, _)| !place.is_empty()) {
        let sum = package["integrity"].as_str().unwrap_or_default();
        assert!(sum.starts_with("sha512-"), "{place} has the sum '{sum}'");
        // A lock file that names a server would be taken from there, whatever the user's registry is.
        assert!(package.get("resolved").is_none(), "{place} names a server");
    }
}

#[test]
fn every_python_package_has_a_version() {
    for file in [
        "benches/peers/requirements.txt",
        "examples/ray/requirements.txt",
        "export/requirements.txt",
        "python/requirements-test.txt",
    ] {
        let text = text(file);
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap().trim());
        for line in lines.filter(|line| !line.is_empty()) {
            let version = line
                .split_once("==")
                .map(|(_, version)| version)
                .unwrap_or_default();
            let exact = version.starts_with(|c: char| c.is_ascii_digit())
                && !version.contains(['*', '<', '>']);
            assert!(exact, "{file}: '{line}' names no exact version");
        }
    }
}

/// The scripts that build, test and release. A published crate is without them.
#[test]
fn the_scripts_download_nothing_past_the_package_managers() {
    for file in [
        ".ci/run",
        ".github/workflows/ci.yml",
        ".github/workflows/release.yml",
    ] {
        let Ok(text) = fs::read_to_string(repository(file)) else {
            eprintln!("skipped: there is no {file}");
            continue;
        };
        for line in text.lines() {
            // rustup's own installer, which has no other way in.
            let is_rustup = line.contains("https://sh.rustup.rs");
            // The list of known faults is of use only when it is new.
            let is_list = line.contains("=https://github.com/RustSec/advisory-db");
            assert!(
                is_rustup || is_list || !line.contains("https://"),
                "{file}: {line}"
            );
            let word = |word: &str| line.split_whitespace().any(|w| w == word);
            assert!(
                !word("wget") && (is_rustup || !line.contains("curl -")),
                "{file}: {line}"
            );
            if line.contains("cargo install") {
                assert!(
                    line.contains("--locked") && line.contains('@'),
                    "{file}: {line}"
                );
            }
            // `npm ci` takes what the lock file says, and nothing else.
            assert!(!line.contains("npm install"), "{file}: {line}");
        }
    }
}
