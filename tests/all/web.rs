//! `impasto web`: the page, the models and the runtime are served with the headers that a page needs, and nothing else is.
#![cfg(feature = "remote")]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::thread;

use crate::common::*;
use crate::serve::client::Client;

/// Ends the program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn the_page_is_served_and_nothing_else() {
    let dir = folder();
    for name in [
        "ort.wasm.min.mjs",
        "ort-wasm-simd-threaded.mjs",
        "ort-wasm-simd-threaded.wasm",
        "ort.webgpu.min.mjs",
        "ort-wasm-simd-threaded.asyncify.mjs",
        "ort-wasm-simd-threaded.asyncify.wasm",
        "not-of-the-page.mjs",
    ] {
        std::fs::write(dir.path().join(name), name).unwrap();
    }
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_impasto"))
        .args(["web", "--port", "0", "--runtime", "."])
        .current_dir(dir.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut lines = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let url = line.split(' ').nth(1).unwrap().to_owned();
    thread::spawn(move || lines.for_each(drop));
    let client = Client::new(&url);

    let page = client.get("/");
    assert!(page.status == 200 && page.text().contains("Impasto"));
    assert_eq!(page.body, client.get("/index.html?x=1").body);
    for (header, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(page.header(header), Some(value));
    }
    for (path, kind) in [
        ("/main.js", "text/javascript; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/ort/ort.wasm.min.mjs", "text/javascript; charset=utf-8"),
        ("/ort/ort-wasm-simd-threaded.wasm", "application/wasm"),
        (
            "/models/live/transformer_web.onnx",
            "application/octet-stream",
        ),
        ("/models/gallery.toml", "text/plain; charset=utf-8"),
    ] {
        let answer = client.get(path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(kind)),
            "{path}"
        );
        assert_eq!(
            answer.header("cross-origin-embedder-policy"),
            Some("require-corp")
        );
    }
    let network = std::fs::read(repository("models/fine/transformer.onnx")).unwrap();
    assert!(client.get("/models/fine/transformer.onnx").body == network);
    for path in [
        "/ort/not-of-the-page.mjs",
        "/not-of-the-page.mjs",
        "/ort/../../../etc/passwd",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/models/",
    ] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
    assert_eq!(client.post("/", b"x").status, 405);
    assert_eq!(
        client
            .raw("GET / HTTP/1.1\r\nHost: evil.example\r\n", b"")
            .status,
        403
    );
}

#[test]
fn without_its_runtime_or_its_port_the_page_says_what_to_do() {
    let dir = folder();
    let said = refusal(command(&dir, "web --port 0").env("IMPASTO_CACHE", dir.path()));
    let install = format!(
        "npm install --prefix \"{}\" onnxruntime-web@",
        dir.path().display()
    );
    assert!(
        said.contains("--runtime") && said.contains(&install),
        "{said}"
    );
}
