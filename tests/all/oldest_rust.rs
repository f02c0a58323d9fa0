//! The Rust version that Cargo.toml promises is enough for every crate that is compiled here. That our own code needs no newer
//! one is watched by clippy (`incompatible_msrv`) and by the job `oldest-rust` of .github/workflows/ci.yml.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use crate::common::repository;
use serde_json::Value;

/// `1.92` and `1.92.0` as (1, 92, 0).
fn version(text: &str) -> [u32; 3] {
    let mut parts = text.split('.').map(|part| part.parse().unwrap());
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[test]
fn no_dependency_needs_a_newer_rust_than_is_promised() {
    let promised = version(env!("CARGO_PKG_RUST_VERSION"));
    // Only what is compiled on this system. The crates of the Python package are not compiled by this test's build: where they
    // have never been downloaded, as on a new machine, cargo has to do that.
    let metadata = |more: &[&str]| {
        Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["metadata", "--format-version=1", "--locked"])
            .args(["--filter-platform", &host()])
            .args(more)
            .current_dir(repository(""))
            .output()
            .unwrap()
    };
    let offline = metadata(&["--offline"]);
    let output = if offline.status.success() {
        offline
    } else {
        metadata(&[])
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let compiled = metadata["resolve"]["nodes"].as_array().unwrap();
    let compiled: Vec<_> = compiled
        .iter()
        .map(|node| node["id"].as_str().unwrap())
        .collect();
    let mut with_a_version = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let Some(needed) = package["rust_version"].as_str() else {
            continue; // it does not say
        };
        if compiled.contains(&package["id"].as_str().unwrap()) {
            with_a_version += 1;
            let name = &package["name"];
            assert!(version(needed) <= promised, "{name} needs Rust {needed}");
        }
    }
    assert!(with_a_version > 50, "{with_a_version} crates say a version");
}

/// The triple that this test was compiled for.
fn host() -> String {
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
        .arg("-vV")
        .current_dir(repository(""))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}
