//! `--precision`: what computes in 8 bits paints nearly the same, and what cannot says so.
#![allow(clippy::unwrap_used)]

use crate::common::*;
use image::RgbImage;
use impasto::Engine;
use impasto::{Device, Precision};

fn painted(model: &str, precision: Precision, every: u32, frames: &[RgbImage]) -> Vec<RgbImage> {
    let mut engine = Engine::builder()
        .device(Device::Cpu)
        .model(model)
        .precision(precision)
        .stats_every(every)
        .build()
        .unwrap();
    let style = great_wave();
    let paint = |frame| engine.stylize(frame, &style).unwrap();
    frames.iter().map(paint).collect()
}

#[test]
fn the_int8_networks_paint_nearly_the_same() {
    let photo = image::open(repository("examples/images/still-life.png")).unwrap();
    let photo = photo.thumbnail(256, 256).to_rgb8();
    // The second frame goes through the frozen twin.
    let frames = [photo.clone(), photo];
    for model in ["fine", "live"] {
        let exact = painted(model, Precision::F32, 2, &frames);
        let coarse = painted(model, Precision::Int8, 2, &frames);
        for (exact, coarse) in exact.iter().zip(&coarse) {
            let db = psnr(exact, coarse);
            assert!(db > 32.0, "{model}: {db:.1} dB");
            assert_ne!(exact, coarse, "{model} did not compute in 8 bits");
        }
    }
}

#[test]
fn what_cannot_be_had_is_refused_with_the_remedy() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    let base = "stylize photo.png --style photo.png -o out.png --precision";
    for (line, remedy) in [
        (format!("{base} int8 --model {}", tiny()), "quantise.py"),
        (format!("{base} int8 --device cuda"), "only cpu can"),
        (format!("{base} bf16 --device cpu"), "only openvino can"),
        (format!("{base} fp8"), "auto, f32, bf16, int8"),
    ] {
        let said = failure(&mut command(&dir, &line));
        assert!(said.contains(remedy), "{line}: {said}");
        assert!(!dir.path().join("out.png").exists());
    }
    let said = failure(&mut command(
        &dir,
        "gatys transfer photo.png --style photo.png -o out.png --precision int8",
    ));
    assert!(said.contains("int8 only paints"), "{said}");
}
