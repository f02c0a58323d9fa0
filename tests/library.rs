//! The library, as a program uses it.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use image::RgbImage;
use impasto::Device;
use impasto::{Engine, Error, StyleEmbedding};

fn tiny_engine() -> Engine {
    Engine::builder()
        .device(Device::Cpu)
        .threads(1)
        .model(tiny())
        .build()
        .unwrap()
}

#[test]
fn an_engine_paints_what_it_is_given() {
    let mut engine = tiny_engine();
    let style = engine.embed(&scene(90, 70)).unwrap();
    for (width, height) in [(64, 48), (17, 31), (16, 16), (333, 251)] {
        let pastiche = engine.stylize(&scene(width, height), &style).unwrap();
        assert_eq!(pastiche.dimensions(), (width, height));
    }
    assert!(engine.take_timings().get("transformer").as_nanos() > 0);
    assert_eq!(engine.device().device, Device::Cpu);
}

#[test]
fn painting_into_a_buffer_is_the_same_as_stylizing() {
    let mut engine = tiny_engine();
    let content = scene(80, 60);
    let style = engine.embed(&scene(90, 70)).unwrap();
    let whole = engine.stylize(&content, &style).unwrap();
    let mut buffer = RgbImage::new(80, 60);
    let place = buffer.as_raw().as_ptr();
    engine.paint(&content, &mut buffer).unwrap();
    assert_eq!(buffer, whole);
    assert_eq!(buffer.as_raw().as_ptr(), place, "no allocation per frame");
}

#[test]
fn blending_embeddings_blends_pictures_at_the_ends() {
    let mut engine = tiny_engine();
    let content = scene(80, 60);
    let a = engine.embed(&scene(90, 70)).unwrap();
    let b = engine
        .embed(&image::imageops::rotate90(&scene(64, 64)))
        .unwrap();
    let (pa, pb) = (
        engine.stylize(&content, &a).unwrap(),
        engine.stylize(&content, &b).unwrap(),
    );
    assert_ne!(pa, pb);
    assert_eq!(
        engine.stylize(&content, &a.lerp(&b, 0.0).unwrap()).unwrap(),
        pa
    );
    assert_eq!(
        engine.stylize(&content, &a.lerp(&b, 1.0).unwrap()).unwrap(),
        pb
    );
    assert_eq!(engine.at_strength(&content, &a, 1.0).unwrap(), a);
    assert_eq!(
        engine.at_strength(&content, &a, 0.0).unwrap(),
        engine.embed(&content).unwrap()
    );
}

#[test]
fn a_model_without_a_predictor_paints_in_its_own_styles() {
    let table = repository("tests/data/table").display().to_string();
    let mut engine = Engine::builder()
        .device(Device::Cpu)
        .model(table)
        .build()
        .unwrap();
    let gallery = impasto::style::Gallery::parse("table", engine.gallery().unwrap()).unwrap();
    let red = gallery.get("red").unwrap().embedding().unwrap();
    let blue = gallery.get("blue").unwrap().embedding().unwrap();
    let mean = |p: &RgbImage, c: usize| {
        p.pixels().map(|p| f64::from(p[c])).sum::<f64>() / f64::from(p.width() * p.height())
    };
    let (red, blue) = (
        engine.stylize(&scene(64, 48), &red).unwrap(),
        engine.stylize(&scene(64, 48), &blue).unwrap(),
    );
    assert!(mean(&red, 0) > 2.0 * mean(&red, 2) && mean(&blue, 2) > 2.0 * mean(&blue, 0));
    assert!(
        matches!(engine.embed(&scene(64, 64)), Err(Error::Style { .. })),
        "it cannot read a painting"
    );
}

#[test]
fn misuse_is_an_error_that_says_so() {
    let mut engine = tiny_engine();
    let mut out = RgbImage::new(0, 0);
    assert!(
        matches!(
            engine.paint(&scene(64, 48), &mut out),
            Err(Error::Invalid { .. })
        ),
        "no style was set"
    );
    let style = engine.embed(&scene(64, 64)).unwrap();
    assert!(matches!(
        engine.stylize(&scene(64, 15), &style),
        Err(Error::TooSmall { .. })
    ));
    assert!(matches!(
        engine.stylize(&RgbImage::new(0, 0), &style),
        Err(Error::TooSmall { .. })
    ));
    assert!(matches!(
        engine.embed(&scene(15, 64)),
        Err(Error::TooSmall { .. })
    ));
    let foreign = StyleEmbedding::new(style.values().to_vec(), "another").unwrap();
    assert!(matches!(
        engine.stylize(&scene(64, 48), &foreign),
        Err(Error::Style { .. })
    ));
    for strength in [f32::NAN, -0.1, 1.1] {
        assert!(
            engine
                .at_strength(&scene(64, 48), &style, strength)
                .is_err()
        );
    }
    assert!(Engine::builder().threads(0).model(tiny()).build().is_err());
}
