//! `impasto web`: served until it is stopped.
#![cfg(feature = "remote")]

use std::path::Path;

use crate::endless::Endless;

fn runtime(folder: &Path) {
    for name in [
        "ort.wasm.min.mjs",
        "ort-wasm-simd-threaded.mjs",
        "ort-wasm-simd-threaded.wasm",
        "ort.webgpu.min.mjs",
        "ort-wasm-simd-threaded.asyncify.mjs",
        "ort-wasm-simd-threaded.asyncify.wasm",
    ] {
        std::fs::write(folder.join(name), name).unwrap();
    }
}

fn page() -> Endless {
    Endless {
        name: "web",
        line: "web --port 0 --runtime .",
        inputs: runtime,
        begin: |_| (),
        whole: |_, _| false,
        seconds: 0.3,
    }
}

#[test]
fn a_page() {
    page().short();
}

#[test]
#[ignore = "100 signals"]
fn long_page() {
    page().long();
}
