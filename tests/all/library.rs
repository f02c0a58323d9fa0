//! The library, as a program uses it.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use crate::common::*;
use image::RgbImage;
use impasto::{Device, Engine, Error, StyleEmbedding};
use ndarray::Array3;

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
fn a_predictor_is_taken_once_and_reads_what_the_engine_read() {
    let mut engine = tiny_engine();
    let painting = scene(90, 70);
    let style = engine.embed(&painting).unwrap();
    let mut predictor = engine.take_predictor().unwrap();
    assert_eq!(predictor.embed(&painting).unwrap().values(), style.values());
    assert!(engine.take_predictor().is_none());
    assert!(matches!(engine.embed(&painting), Err(Error::Style { .. })));
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
    let red = engine.style("red").unwrap();
    let blue = engine.style("@blue").unwrap();
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
fn strengths_of_a_table_begin_at_its_photo_row() {
    let table = repository("tests/data/table").display().to_string();
    let builder = Engine::builder().device(Device::Cpu).model(table);
    let mut engine = builder.build().unwrap();
    let (photo, other) = (scene(64, 48), scene(90, 70));
    let red = engine.style("red").unwrap();
    let own = engine.gallery().photo.clone().unwrap().embedding().unwrap();
    assert_eq!(engine.embed_photo(&photo).unwrap(), own);
    assert_eq!(engine.embed_photo(&other).unwrap(), own);
    assert_eq!(engine.at_strength(&photo, &red, 0.0).unwrap(), own);
    let half = engine.at_strength(&photo, &red, 0.5).unwrap();
    assert_eq!(half, own.lerp(&red, 0.5).unwrap());
    assert_eq!(engine.stylize_at(&photo, &red, 0.0).unwrap(), photo);
}

#[test]
fn bundled_styles_are_called_by_name() {
    let engine = Engine::builder().device(Device::Cpu).build().unwrap();
    assert_eq!(engine.style("great-wave").unwrap(), great_wave());
    assert_eq!(engine.style("@great-wave").unwrap(), great_wave());
    let missing = engine.style("grate-wave").unwrap_err();
    assert!(
        missing.to_string().contains("did you mean @great-wave?"),
        "{missing}"
    );
    assert!(matches!(missing, Error::StyleNotFound { similar, .. } if similar == ["great-wave"]));
}

#[test]
fn arrays_are_painted_as_pictures_are() {
    let mut engine = tiny_engine();
    let style = engine.embed(&scene(90, 70)).unwrap();
    let content = scene(40, 30);
    let wanted = engine.stylize(&content, &style).unwrap();
    let array = Array3::from_shape_vec((30, 40, 3), content.to_vec()).unwrap();
    let found = engine.stylize_array(array.view(), &style).unwrap();
    assert_eq!(found.dim(), (30, 40, 3));
    assert_eq!(found.as_slice().unwrap(), wanted.as_raw().as_slice());
    // Of another layout in memory: planes, as other libraries keep them.
    let planes = array.view().permuted_axes([2, 0, 1]);
    let planes = planes.as_standard_layout();
    let turned = planes.view().permuted_axes([1, 2, 0]);
    assert_eq!(engine.stylize_array(turned, &style).unwrap(), found);
    let grey = Array3::zeros((30, 40, 1));
    let error = engine.stylize_array(grey.view(), &style).unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
    let small = Array3::zeros((15, 40, 3));
    let error = engine.stylize_array(small.view(), &style).unwrap_err();
    assert!(matches!(error, Error::TooSmall { .. }), "{error}");
}

#[test]
fn arrays_are_painted_into_arrays() {
    let painting = scene(90, 70);
    let mut engine = tiny_engine();
    let style = engine.embed(&painting).unwrap();
    let as_array = Array3::from_shape_vec((70, 90, 3), painting.to_vec()).unwrap();
    assert_eq!(engine.embed_array(as_array.view()).unwrap(), style);
    let mut goes_on = |_, _| ControlFlow::Continue(());
    for (strength, brush) in [(1.0, 1.0), (0.6, 1.0), (0.1, 1.0), (0.0, 2.0), (0.4, 2.0)] {
        engine.set_brush(brush).unwrap();
        let wanted = engine.stylize_at(&painting, &style, strength).unwrap();
        // Each line from right to left, in one plane after the other.
        let mut planes = Array3::zeros((3, 70, 90));
        let mut pastiche = planes.view_mut().permuted_axes([1, 2, 0]);
        pastiche.invert_axis(ndarray::Axis(1));
        let how = (&style, strength);
        engine
            .stylize_array_into(as_array.view(), how, pastiche.view_mut(), &mut goes_on)
            .unwrap();
        let found: Vec<u8> = pastiche.iter().copied().collect();
        assert_eq!(found, wanted.into_raw(), "{strength}, {brush}");
    }
    let mut other = Array3::zeros((90, 70, 3));
    let error = engine
        .stylize_array_into(
            as_array.view(),
            (&style, 1.0),
            other.view_mut(),
            &mut goes_on,
        )
        .unwrap_err();
    assert!(
        error.to_string().contains("[90, 70, 3]") && error.to_string().contains("[70, 90, 3]"),
        "{error}"
    );
    let error = engine.embed_array(Array3::zeros((70, 90, 4)).view());
    assert!(error.is_err());
}

#[test]
fn strength_goes_from_the_photo_to_the_pastiche() {
    let mut engine = tiny_engine();
    let style = engine.embed(&scene(90, 70)).unwrap();
    let photo = image::imageops::rotate90(&scene(64, 48));
    let whole = engine.stylize(&photo, &style).unwrap();
    assert_eq!(engine.stylize_at(&photo, &style, 0.0).unwrap(), photo);
    assert_eq!(engine.stylize_at(&photo, &style, 1.0).unwrap(), whole);
    assert!(engine.stylize_at(&photo, &style, 1.5).is_err());
}

#[test]
fn two_engines_paint_in_two_threads() {
    let content = scene(80, 60);
    let style = tiny_engine().embed(&scene(90, 70)).unwrap();
    let wanted = tiny_engine().stylize(&content, &style).unwrap();
    std::thread::scope(|scope| {
        let (content, style, wanted) = (&content, &style, &wanted);
        for mut engine in [tiny_engine(), tiny_engine()] {
            scope.spawn(move || {
                for _ in 0..10 {
                    assert_eq!(engine.stylize(content, style).unwrap(), *wanted);
                }
            });
        }
    });
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
