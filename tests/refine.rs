//! Refinement: the way back through the networks, and what is found on it.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use image::RgbImage;
use impasto::catalog::{self, ModelSet};
use impasto::engine::Pullback;
use impasto::runtime::{Device, Runtime, SessionOptions};
use impasto::{Engine, StyleEmbedding};

fn cpu() -> SessionOptions {
    SessionOptions {
        device: Device::Cpu,
        threads: Some(1),
        bf16: false,
    }
}

fn pullback(set: &ModelSet, photo: &RgbImage) -> Pullback {
    let runtime = Runtime::load(None).unwrap();
    Pullback::open(&runtime, set, photo.dimensions(), &cpu()).unwrap()
}

/// Weights of a loss, one for each byte of a picture; no two channels or places have the same.
fn waves(photo: &RgbImage) -> Vec<f32> {
    let wave = |n: usize| (n as f32 * 0.37).sin() + (n as f32 * 0.0113).cos() * 0.5;
    (0..photo.as_raw().len()).map(wave).collect()
}

/// The tiny transformer is gamma (x - mean) / sigma + beta, and its embedding holds three betas and one gamma: so the
/// derivative is known without any network.
#[test]
fn the_gradient_of_the_tiny_model_is_the_one_on_paper() {
    let set = catalog::find(Some(&tiny())).unwrap();
    let photo = scene(21, 34);
    let style = StyleEmbedding::new(vec![0.5, 0.45, 0.55, 0.1], set.space.clone()).unwrap();
    let pull = waves(&photo);
    let found = pullback(&set, &photo)
        .gradient(&photo, &style, &pull)
        .unwrap();

    let mut wanted = [0.0_f64; 4];
    let values: Vec<f64> = photo
        .as_raw()
        .iter()
        .map(|v| f64::from(*v) / 255.0)
        .collect();
    let count = (values.len() / 3) as f64;
    for channel in 0..3 {
        let plane = || values.iter().skip(channel).step_by(3);
        let mean = plane().sum::<f64>() / count;
        let variance = plane().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        for (v, p) in plane().zip(pull.iter().skip(channel).step_by(3)) {
            let p = f64::from(*p) * 255.0;
            wanted[channel] += p;
            wanted[3] += p * (v - mean) / (variance + 1e-5).sqrt();
        }
    }
    let size = wanted.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
    for (f, w) in found.iter().zip(wanted) {
        assert!(
            (f64::from(*f) - w).abs() < 1e-4 * size,
            "{found:?} {wanted:?}"
        );
    }
}

/// What the bundled transformers paint changes as the gradient says, along the gradient and in other directions.
#[test]
fn the_gradient_of_the_bundled_models_is_the_slope() {
    let painting = image::imageops::rotate90(&scene(90, 70));
    for name in catalog::names().unwrap() {
        let set = catalog::find(Some(&name)).unwrap();
        let builder = Engine::builder().device(Device::Cpu).threads(1);
        let mut engine = builder.model(&name).build().unwrap();
        let start = engine.embed(&painting).unwrap();
        // Neither side is a multiple of 4.
        let photo = scene(133, 97);
        // Smooth weights: the rounding of bytes is lost in their sum.
        let weight = |x: u32, y: u32, c: u32| {
            (x as f32 * 0.031 + c as f32).sin() + (y as f32 * 0.043).cos() * 0.7
        };
        let pull: Vec<f32> = (0..97)
            .flat_map(|y| (0..133).flat_map(move |x| [0, 1, 2].map(|c| weight(x, y, c))))
            .collect();
        let gradient = pullback(&set, &photo)
            .gradient(&photo, &start, &pull)
            .unwrap();
        let length = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        let gradient: Vec<f64> = gradient.iter().map(|g| f64::from(*g)).collect();
        let mut loss = |direction: &[f64], by: f64| -> f64 {
            let moved = start.values().iter().zip(direction);
            let moved = moved
                .map(|(v, d)| (f64::from(*v) + by * d) as f32)
                .collect();
            let style = StyleEmbedding::new(moved, set.space.clone()).unwrap();
            let pastiche = engine.stylize(&photo, &style).unwrap();
            let bytes = pastiche.as_raw().iter().zip(&pull);
            bytes.map(|(b, p)| f64::from(*b) * f64::from(*p)).sum()
        };
        let size = length(&gradient);
        for turn in 0..3 {
            let aside = optimise::numbers(gradient.len(), turn);
            let share = f64::from(turn) * 0.05;
            let direction: Vec<f64> = gradient
                .iter()
                .zip(aside)
                .map(|(g, a)| g / size + share * f64::from(a))
                .collect();
            let said: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
            let step = 0.02 / length(&direction);
            let slope = (loss(&direction, step) - loss(&direction, -step)) / (2.0 * step);
            eprintln!("{name} {turn}: {slope} {said}");
            assert!(
                (slope - said).abs() < 0.02 * said.abs(),
                "{name}, direction {turn}: {slope}, not {said}"
            );
        }
    }
}
