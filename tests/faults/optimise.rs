//! `impasto gatys` and `impasto verify`.

use std::path::Path;

use crate::campaign::Job;
use crate::common::scene;

fn pair(folder: &Path) {
    scene(96, 64).save(folder.join("photo.png")).unwrap();
    scene(64, 80).save(folder.join("painting.png")).unwrap();
}

/// A picture, table or page that was written at once. The optimiser keeps what it has when it is stopped.
fn whole(name: &str, bytes: &[u8]) -> bool {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "png" => image::load_from_memory(bytes).is_ok(),
        "json" => serde_json::from_slice::<serde_json::Value>(bytes).is_ok(),
        "csv" => bytes.ends_with(b"\n"),
        "html" => bytes.trim_ascii_end().ends_with(b"</html>"),
        _ => false,
    }
}

fn gatys() -> Job {
    let line = "gatys transfer photo.png --style painting.png --size 64 -n 20 --features compact --device cpu --threads 1 -o out.png";
    Job {
        whole,
        ..Job::new("gatys", line, pair)
    }
}

fn verify() -> Job {
    let line = "verify photo.png --style painting.png --size 64 -n 150 --least-share 0 --most-times 1000 --features compact \
                --device cpu --threads 1 --model TINY -o report/";
    Job {
        whole,
        // Times and memory differ from run to run.
        essence: |name, bytes| match name.ends_with(".png") {
            true => bytes.to_vec(),
            false => Vec::new(),
        },
        ..Job::new("verify", line, pair)
    }
}

#[test]
fn an_optimisation() {
    gatys().short();
}

#[test]
fn a_verification() {
    verify().short();
}

#[test]
#[ignore = "100 signals"]
fn long_gatys() {
    gatys().long();
}

#[test]
#[ignore = "100 signals"]
fn long_verify() {
    verify().long();
}
