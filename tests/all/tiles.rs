//! Pictures in tiles: the same picture as in one piece, without seams.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use crate::common::*;
use image::{GenericImageView, RgbImage};
use impasto::Device;
use impasto::engine::{Tiling, Way};
use impasto::{Engine, Error, catalog};

fn engine(model: &str, tile: Option<u32>) -> Engine {
    let mut builder = Engine::builder().device(Device::Cpu).model(model);
    if let Some(side) = tile {
        builder = builder.tile(side);
    }
    builder.build().unwrap()
}

/// An engine that paints in tiles of 128 pixels in so much memory.
fn tiled(model: &str, memory: u64) -> Engine {
    let builder = Engine::builder().device(Device::Cpu).model(model);
    builder.tile(128).memory(memory).build().unwrap()
}

fn tiling(engine: &Engine, (width, height): (u32, u32)) -> Tiling {
    match engine.way(width, height).unwrap() {
        Way::Tiles(tiling) => tiling,
        way => panic!("{way}"),
    }
}

#[test]
fn tiles_give_the_picture_that_one_piece_gives() {
    let photo = image::open(repository("examples/images/still-life.png")).unwrap();
    let photo = photo.thumbnail(480, 480).to_rgb8();
    for model in catalog::names().unwrap() {
        let style = bundled_style(&model);
        let mut engine = engine(&model, None);
        let mut keeping = tiled(&model, 4_000_000_000);
        // 2 x 2 tiles, 3 x 2 of odd size, a row of 3 that is narrower than a tile, and a column of 3.
        for (width, height) in [(256, 240), (301, 203), (300, 61), (61, 270)] {
            let part = photo.view(40, 30, width, height).to_image();
            let whole = engine.stylize(&part, &style).unwrap();
            let most = tiling(&keeping, (width, height));
            let mut lean = tiled(&model, most.memory - most.kept());
            let least = tiling(&lean, (width, height));
            assert!(most.kept() > 0 && least.kept() == 0 && least.work() > 2.0 * most.work());
            for (name, tiled) in [("keeping", &mut keeping), ("lean", &mut lean)] {
                let tiles = tiled.stylize(&part, &style).unwrap();
                keep(&format!("{model}-{width}-whole.png"), &whole);
                keep(&format!("{model}-{width}-{name}.png"), &tiles);
                let db = psnr(&whole, &tiles);
                let what = format!("{model} {name} {width}x{height}");
                eprintln!("{what}: {db:.1} dB");
                assert!(db > 64.0, "{what}: {db:.1} dB");
                // A seam would show where tiles meet: the columns on both sides of the first border.
                let border = (width / width.div_ceil(128)).saturating_sub(20);
                let band =
                    |p: &RgbImage| p.view(border, 0, 30.min(width - border), height).to_image();
                let db = psnr(&band(&whole), &band(&tiles));
                assert!(db > 62.0, "{what} at the border of two tiles: {db:.1} dB");
            }
        }
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
    // What fits into the memory is not painted in tiles, and what does not is, with a word on how.
    let said = |end: &str| {
        let output = quick(&dir, &format!("{line} {end} --verbose"))
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said("b.png --memory 1GB").contains("painted at 400x300 in one piece"));
    assert_eq!(at("b.png"), at("whole.png"));
    let how = said("c.png --memory=0.105GB");
    assert!(how.contains("400x300 in 12 tiles of 128 pixels"), "{how}");
    assert!(psnr(&at("whole.png"), &at("c.png")) > 40.0);
    let refused = failure(&mut quick(&dir, &format!("{line} out.png --memory 100MB")));
    assert!(
        refused.contains("--memory: 100 MB are too little") && refused.contains("smaller size"),
        "{refused}"
    );
    for size in ["2 cows", "-1GB", "0"] {
        let refused =
            failure(quick(&dir, &format!("{line} out.png")).arg(format!("--memory={size}")));
        assert!(
            refused.contains("--memory") && refused.contains("2GB"),
            "{refused}"
        );
    }
    for side in ["64", "5000", "-1", "x"] {
        let said = failure(&mut quick(&dir, &format!("{line} out.png --tile={side}")));
        assert!(said.contains("--tile"), "{said}");
        assert!(!dir.path().join("out.png").exists());
    }
}
