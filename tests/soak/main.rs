//! Long runs: a live session of two hours, and a folder of ten thousand pictures. What is asked is whether memory, open
//! files, threads or times grow.
//!
//! The ordinary test run does both for seconds, so that the tests themselves stay right. The long ones:
//!
//! ```text
//! cargo test --release --locked --test soak -- --ignored --nocapture --test-threads 1
//! ```
//!
//! `IMPASTO_SOAK_MINUTES` (120), `IMPASTO_SOAK_PICTURES` (10000) and `IMPASTO_SEED` change them. `IMPASTO_SOAK_CSV=FILE`
//! keeps the samples of the session.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "../all/serve/client.rs"]
#[allow(dead_code)]
mod client;
#[path = "../common/mod.rs"]
mod common;

mod folder;
mod live;
mod performer;
mod samples;
mod viewers;

use common::random;

/// A whole number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a whole number"))
    })
}
