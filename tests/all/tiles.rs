//! Pictures in tiles: the same picture as in one piece, without seams.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use crate::common::*;
use image::{GenericImageView, RgbImage};
use impasto::Device;
use impasto::{Engine, Error, catalog};

fn engine(model: &str, tile: Option<u32>) -> Engine {
    let mut builder = Engine::builder().device(Device::Cpu).model(model);
    if let Some(side) = tile {
        builder = builder.tile(side);
    }
    builder.build().unwrap()
}

#[test]
fn tiles_give_the_picture_that_one_piece_gives() {
    let photo = image::open(repository("examples/images/still-life.png")).unwrap();
    let photo = photo.thumbnail(480, 480).to_rgb8();
    let style = great_wave();
    for model in catalog::names().unwrap() {
        let whole = engine(&model, None).stylize(&photo, &style).unwrap();
        let tiled = engine(&model, Some(160)).stylize(&photo, &style).unwrap();
        keep(&format!("whole-{model}.png"), &whole);
        keep(&format!("tiles-{model}.png"), &tiled);
        let db = psnr(&whole, &tiled);
        assert!(db > 40.0, "{model}: {db:.1} dB");
        // A seam would show where tiles meet: the columns on both sides of the first border.
        let band = |p: &RgbImage| p.view(152, 0, 16, p.height()).to_image();
        let db = psnr(&band(&whole), &band(&tiled));
        assert!(db > 38.0, "{model} at the border of two tiles: {db:.1} dB");
    }
}

#[test]
fn tiles_are_told_and_can_be_stopped() {
    let mut engine = engine(&tiny(), Some(128));
    let style = engine.embed(&scene(64, 64)).unwrap();
    engine.set_style(&style).unwrap();
    let (photo, mut pastiche) = (scene(300, 140), RgbImage::new(0, 0));
    let mut told = Vec::new();
    let mut watch = |done, total| {
        told.push((done, total));
        ControlFlow::Continue(())
    };
    engine
        .paint_watched(&photo, &mut pastiche, &mut watch)
        .unwrap();
    assert_eq!(pastiche.dimensions(), (300, 140));
    let total = told.len();
    assert!(total >= 6 * 2 && total % 6 == 0); // each looked at, and painted
    assert!(told.iter().copied().eq((0..total).map(|n| (n, total))));

    let mut stop = |done, _| match done {
        3 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let stopped = engine.paint_watched(&photo, &mut pastiche, &mut stop);
    assert!(matches!(stopped, Err(Error::Interrupted)));
    // And paints again as if nothing had been.
    let mut again = RgbImage::new(0, 0);
    engine.paint(&photo, &mut again).unwrap();
    assert_eq!(again, engine.stylize(&photo, &style).unwrap());
}

#[test]
fn any_shape_can_be_divided() {
    let mut engine = engine(&tiny(), Some(128));
    let style = engine.embed(&scene(64, 64)).unwrap();
    for (width, height) in [(16, 2000), (2000, 17), (129, 128), (131, 389)] {
        let pastiche = engine.stylize(&scene(width, height), &style).unwrap();
        assert_eq!(pastiche.dimensions(), (width, height));
    }
}

#[test]
fn the_program_paints_in_tiles_and_refuses_silly_ones() {
    let dir = folder();
    save(&dir, "photo.png", &scene(400, 300));
    let line = "stylize photo.png --style photo.png -o";
    for end in ["whole.png", "tiles.png --tile 128"] {
        quick(&dir, &format!("{line} {end}")).assert().success();
    }
    let at = |name: &str| open(dir.path().join(name));
    assert!(psnr(&at("whole.png"), &at("tiles.png")) > 40.0);
    for side in ["64", "5000", "-1", "x"] {
        let said = failure(&mut quick(&dir, &format!("{line} out.png --tile={side}")));
        assert!(said.contains("--tile"), "{said}");
        assert!(!dir.path().join("out.png").exists());
    }
}
