//! Signals at random moments, and programs that share a file. Each job is run undisturbed once; then it is run again and
//! again, and a signal is sent to each run at a random moment of that time. See [`campaign`] for what must hold.
//!
//! The ordinary test run sends each signal once to each job. The long campaign, 100 signals per job:
//!
//! ```text
//! IMPASTO_KILLS=100 IMPASTO_SEED=7 cargo test --release --test faults -- --ignored --nocapture
//! ```
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod blend;
mod campaign;
mod disk;
mod endless;
mod ffmpeg;
mod film;
mod gallery;
mod install;
mod library;
mod live;
mod optimise;
mod pipes;
mod places;
mod process;
mod resume;
mod snapshot;
mod stylize;
mod tally;
mod terminal;
mod web;
mod window;

use common::random;
