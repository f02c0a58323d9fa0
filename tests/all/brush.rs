//! Brushes: strokes of another size than the network's own, in the library, in `stylize` and in `live`.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use crate::common::*;
use image::{Rgb, RgbImage};
use impasto::engine::{auto_brush, painted_size};
use impasto::picture::{Scaler, view};
use impasto::{Engine, EngineBuilder, Error};

/// The bundled network on the CPU, with a style of its gallery set.
fn bundled() -> Engine {
    let mut engine = Engine::builder()
        .device(impasto::Device::Cpu)
        .model("live")
        .build()
        .unwrap();
    engine.set_style(&great_wave()).unwrap();
    engine
}

fn tiny_options() -> EngineBuilder {
    Engine::builder().device(impasto::Device::Cpu).model(tiny())
}

fn tiny_engine() -> Engine {
    tiny_options().build().unwrap()
}

fn paint(engine: &mut Engine, photo: &RgbImage) -> RgbImage {
    let mut pastiche = RgbImage::new(0, 0);
    engine.paint(photo, &mut pastiche).unwrap();
    pastiche
}

fn resized(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let mut small = RgbImage::new(width, height);
    Scaler::default().resize(picture, &mut small).unwrap();
    small
}

#[test]
fn brush_1_is_the_network_itself_bit_by_bit() {
    let photo = scene(150, 101);
    let mut engine = bundled();
    let untouched = paint(&mut engine, &photo);
    engine.set_brush(3.0).unwrap();
    assert_ne!(paint(&mut engine, &photo), untouched);
    engine.set_brush(1.0).unwrap();
    assert_eq!(engine.brush(), 1.0);
    assert!(paint(&mut engine, &photo) == untouched);
}

#[test]
fn brush_2_has_the_strokes_of_half_the_size() {
    let photo = scene(320, 240);
    let mut engine = bundled();
    let whole = paint(&mut engine, &photo);
    let half = paint(&mut engine, &resized(&photo, 160, 120));
    engine.set_brush(2.0).unwrap();
    let coarse = paint(&mut engine, &photo);
    keep("brush-1.png", &whole);
    keep("brush-2.png", &coarse);
    // Without what is finer than the strokes, it is what was painted at half the size; brush 1 is another picture.
    let (same, other) = (
        psnr(&resized(&coarse, 160, 120), &half),
        psnr(&resized(&whole, 160, 120), &half),
    );
    assert!(same > 30.0 && other < same - 6.0, "{same} and {other} dB");
    // And with more contrast from pixel to pixel than one that is only enlarged.
    let contrast = |picture: &RgbImage| -> f64 {
        let rows = picture.rows().map(|row| {
            let row: Vec<_> = row.map(|p| f64::from(p[1])).collect();
            row.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum::<f64>()
        });
        rows.sum()
    };
    let (crisp, soft) = (contrast(&coarse), contrast(&resized(&half, 320, 240)));
    assert!(crisp > soft * 1.3, "{crisp} against {soft}");
}

#[test]
fn brush_a_half_has_the_strokes_of_twice_the_size() {
    let photo = scene(160, 120);
    let mut engine = bundled();
    engine.set_brush(0.5).unwrap();
    let fine = paint(&mut engine, &photo);
    engine.set_brush(1.0).unwrap();
    let whole = paint(&mut engine, &photo);
    let double = paint(&mut engine, &resized(&photo, 320, 240));
    let wanted = resized(&double, 160, 120);
    let (same, other) = (psnr(&fine, &wanted), psnr(&whole, &wanted));
    assert!(same > 25.0 && other < same - 5.0, "{same} and {other} dB");
}

#[test]
fn a_pastiche_has_the_size_of_its_photo_whatever_the_brush() {
    let mut engine = tiny_engine();
    let style = engine.embed(&scene(32, 32)).unwrap();
    for (width, height) in [(16, 16), (20, 20), (17, 91), (131, 64), (255, 33)] {
        let photo = scene(width, height);
        for brush in [0.25, 0.5, 1.2, 2.0, 3.3, 4.0] {
            engine.set_brush(brush).unwrap();
            let pastiche = engine.stylize(&photo, &style).unwrap();
            assert_eq!(pastiche.dimensions(), (width, height), "brush {brush}");
            let array = engine.stylize_array(view(&photo), &style).unwrap();
            assert!(array == view(&pastiche), "{width}x{height}, brush {brush}");
        }
    }
    engine.set_brush(4.0).unwrap();
    let error = engine.stylize(&scene(15, 40), &style).unwrap_err();
    assert!(matches!(error, Error::TooSmall { .. }), "{error}");
}

#[test]
fn a_large_brush_needs_no_tiles() {
    let photo = scene(256, 200);
    let tiles = |brush: f32| {
        let mut engine = tiny_options().tile(128).brush(brush).build().unwrap();
        let style = engine.embed(&scene(32, 32)).unwrap();
        engine.set_style(&style).unwrap();
        let (mut pastiche, mut tiles) = (RgbImage::new(0, 0), 0);
        engine
            .paint_watched(&photo, &mut pastiche, &mut |_, total| {
                tiles = total;
                ControlFlow::Continue(())
            })
            .unwrap();
        tiles
    };
    assert!(tiles(1.0) > 0 && tiles(0.5) > tiles(1.0));
    assert_eq!(tiles(2.0), 0);
}

#[test]
fn brushes_out_of_range_are_refused() {
    for brush in [0.0, 0.2, 4.1, -1.0, f32::NAN] {
        let built = tiny_options().brush(brush).build();
        let said = built.map(drop).unwrap_err().to_string();
        assert!(
            said.contains("brush") && said.contains("0.25 and 4"),
            "{said}"
        );
        assert!(tiny_engine().set_brush(brush).is_err());
    }
    assert_eq!(tiny_options().brush(2.0).get_brush(), Some(2.0));
    assert_eq!(tiny_options().brush(2.0).build().unwrap().brush(), 2.0);
}

#[test]
fn stylize_takes_a_brush_that_fits_the_picture() {
    let dir = folder();
    save(&dir, "small.png", &scene(96, 64));
    save(&dir, "large.png", &scene(2400, 40));
    save(
        &dir,
        "style.png",
        &RgbImage::from_pixel(32, 32, Rgb([200, 60, 20])),
    );
    let line = "stylize small.png large.png --style style.png -o out --json --verbose --device cpu";
    let done = quick(&dir, line).output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let brushes: Vec<_> = (0..2)
        .map(|n| report["pictures"][n]["brush"].as_f64().unwrap())
        .collect();
    assert_eq!(brushes, [1.0, f64::from(auto_brush((2400, 40)))]);
    assert_eq!(brushes[1], 2.0);
    let (width, height) = painted_size((2400, 40), 2.0);
    let said = stderr(&done);
    let line = format!("large.png: brush 2.00, painted at {width}x{height}");
    assert!(said.contains(&line), "{said}");

    for brush in ["1", "2", "0.5"] {
        let line = format!(
            "stylize small.png --style style.png --brush {brush} -o b{brush}.png --device cpu"
        );
        quick(&dir, &line).assert().success();
    }
    let painted = |name: &str| open(dir.path().join(name));
    assert!(painted("b1.png") == painted("out/small.png"));
    assert_eq!(painted("b2.png").dimensions(), (96, 64));
    assert!(painted("b2.png") != painted("b1.png") && painted("b0.5.png") != painted("b1.png"));

    for wrong in ["0.1", "5", "-1", "many"] {
        let line =
            format!("stylize small.png --style style.png --brush {wrong} -o no.png --device cpu");
        let done = quick(&dir, &line).output().unwrap();
        let said = stderr(&done);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains("--brush") && said.contains("0.25"), "{said}");
        assert!(!dir.path().join("no.png").exists());
    }
}

#[cfg(feature = "live")]
#[test]
fn live_paints_at_the_size_of_the_brush() {
    let dir = folder();
    save(&dir, "style.png", &scene(64, 64));
    let run = |arguments: &str| {
        let line = format!(
            "live --source test-card --capture 96x64@30 --style style.png --frames 3 --headless \
             --json --device cpu {arguments}"
        );
        quick(&dir, &line)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .output()
            .unwrap()
    };
    for (brush, size) in [
        ("1", [96, 64]),
        ("2", [48, 32]),
        ("4", [24, 16]),
        ("0.5", [192, 128]),
    ] {
        let done = run(&format!("--brush {brush} --sink png:out{brush}"));
        assert!(done.status.success(), "{}", stderr(&done));
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(
            report["processing"],
            serde_json::json!(size),
            "brush {brush}"
        );
        assert_eq!(report["size"], serde_json::json!([96, 64]));
    }
    for (wrong, says) in [
        ("--brush 8", "--brush"),
        ("--fullscreen", "--fullscreen"),
        ("--no-hud", "--no-hud"),
        ("--monitor 1", "--monitor"),
        ("--clean-window", "--clean-window"),
    ] {
        let done = run(wrong);
        let said = stderr(&done);
        assert_eq!(done.status.code(), Some(2), "{wrong}: {said}");
        assert!(said.contains(says), "{wrong}: {said}");
    }
}
