//! A picture that is painted in tiles is the picture that is painted in one piece, but for rounding.

use std::cell::{Cell, RefCell};

use impasto::engine::{TILES, Way};
use impasto::{Device, Engine};
use proptest::prelude::*;

use super::{check, engine, most_difference, noise};
use crate::common::{scene, tiny};

/// The most levels that a channel may differ by: the statistics of the instance norms are summed in another order.
const MOST_LEVELS: u8 = 1;

#[test]
fn tiles_give_what_one_piece_gives() {
    let mut whole = engine();
    let style = whole.embed(&scene(64, 48)).unwrap();
    let (whole, in_tiles) = (RefCell::new(whole), Cell::new(0));
    let sides = (16..=420_u32, 16..=420_u32, *TILES.start()..=220);
    check(
        file!(),
        32,
        (sides, any::<u64>()),
        |((width, height, tile), seed)| {
            let photo = noise(width, height, seed);
            let mut tiled = Engine::builder()
                .device(Device::Cpu)
                .threads(1)
                .model(tiny())
                .tile(tile)
                .build()
                .unwrap();
            // One that is little larger than a tile is cheaper in one piece.
            let is_tiled = matches!(tiled.way(width, height).unwrap(), Way::Tiles(_));
            prop_assert!(width.max(height) > tile || !is_tiled);
            in_tiles.set(in_tiles.get() + u32::from(is_tiled));
            let tiles = tiled.stylize(&photo, &style).unwrap();
            let one = whole.borrow_mut().stylize(&photo, &style).unwrap();
            let most = most_difference(&one, &tiles);
            prop_assert!(most <= MOST_LEVELS, "{most} levels");
            Ok(())
        },
    );
    assert!(in_tiles.get() > 0, "no case was large enough");
}
