//! Properties that hold for any input: proptest makes the inputs, and makes those that fail small.
//!
//! `PROPTEST_CASES=5120` runs twenty times the usual number of cases. A case that failed once is kept in
//! `tests/proptest-regressions/` and runs first from then on.
#![allow(clippy::unwrap_used)]

mod arguments;
mod blends;
#[cfg(feature = "live")]
mod camera_pixels;
mod colors;
mod files;
#[cfg(feature = "live")]
mod films;
mod galleries;
mod sizes;
mod strengths;
mod tilings;
mod transitions;
mod words;

use std::fmt::Debug;

use image::{Rgb, RgbImage};
use impasto::{Device, Engine};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};

use crate::common::tiny;

/// The count that `PROPTEST_CASES` is measured against: proptest's own default.
const USUAL: u64 = 256;

/// Runs `test` for `cases` inputs of `strategy`, or as many more as `PROPTEST_CASES` is above 256. `file` is the caller's
/// `file!()`, beside which failures are kept.
fn check<S: Strategy>(
    file: &'static str,
    cases: u32,
    strategy: S,
    test: impl Fn(S::Value) -> TestCaseResult,
) where
    S::Value: Debug,
{
    let mut config = ProptestConfig::default();
    // `config.cases` is what the variable says. At least one, however small it is.
    let scaled = u64::from(cases) * u64::from(config.cases) / USUAL;
    config.cases = u32::try_from(scaled.max(1)).unwrap();
    config.source_file = Some(file);
    if let Err(failure) = TestRunner::new(config).run(&strategy, test) {
        panic!("{failure}");
    }
}

/// The quickest engine.
fn engine() -> Engine {
    Engine::builder()
        .device(Device::Cpu)
        .threads(1)
        .model(tiny())
        .build()
        .unwrap()
}

/// A picture of noise, which any `seed` makes another. Cheaper than a `Vec` of proptest, which it would also shrink byte by
/// byte.
fn noise(width: u32, height: u32, seed: u64) -> RgbImage {
    let mut state = seed | 1;
    RgbImage::from_fn(width, height, |_, _| {
        // xorshift64 (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let bytes = state.to_le_bytes();
        Rgb([bytes[2], bytes[3], bytes[4]])
    })
}

/// The greatest difference of any channel.
fn most_difference(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = a.iter().zip(b.iter());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}
