//! The way a picture is painted: its size and the memory in; in one piece, or in what tiles and what is kept between
//! them, out.

use std::fmt;

use super::plan::{Network, Plan, Tiled, plan};
use super::{MOST_PIXELS, TILE, memory};
use crate::error::{Error, Result};

/// The memory of the program without any picture, in bytes; measured 60 million with one thread.
const PROGRAM: u64 = 80_000_000;

/// What painting in one piece takes for each pixel, in bytes, content and pastiche included: measured, `fine`.
const WHOLE: u64 = 270;

/// Content and pastiche, for each pixel.
const PICTURES: u64 = 6;

/// What a tile sees around it when nothing is kept, in pixels, as far as memory is concerned.
const AROUND: u64 = 76;

/// The sides of tiles that are tried.
const SIDES: [u32; 5] = [2048, TILE, 512, 256, 128];

/// How a picture is painted. See [`Engine::way`](super::Engine::way).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Way {
    /// In one piece.
    Whole,
    /// In tiles.
    Tiles(Tiling),
}

/// How a picture is painted in tiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiling {
    /// The side of a tile in pixels.
    pub side: u32,
    /// How many tiles.
    pub tiles: usize,
    pub(super) plan: Plan,
    /// The memory that the program takes, as estimated, in bytes.
    pub memory: u64,
}

impl Tiling {
    /// How many times as much is computed as in one piece, as estimated.
    pub fn work(&self) -> f64 {
        self.plan.work
    }

    /// The most bytes of intermediate results that are kept from one pass over the tiles to the next.
    pub fn kept(&self) -> u64 {
        self.plan.bytes
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Tiles(tiling) = self else {
            return f.write_str("in one piece");
        };
        write!(
            f,
            "in {} tiles of {} pixels, about {:.1} times the work of one piece; keeps {} between passes, takes about {}",
            tiling.tiles,
            tiling.side,
            tiling.work(),
            megabytes(tiling.kept()),
            megabytes(tiling.memory),
        )
    }
}

/// What the user wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The memory that the program may take; half of what is free when absent.
    pub(super) memory: Option<u64>,
    /// The side of tiles.
    pub(super) tile: Option<u32>,
}

impl Wanted {
    /// The same, with the memory that there is when none was named.
    pub(super) fn or_free(self) -> Budget {
        Budget {
            bytes: self.memory.unwrap_or_else(memory::half_of_free),
            asked: self.memory.is_some(),
            tile: self.tile,
        }
    }
}

/// What may be used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// The memory that the program may take.
    pub(super) bytes: u64,
    /// Whether that was asked for, and not found to be free.
    pub(super) asked: bool,
    /// The side of tiles, if one was asked for.
    pub(super) tile: Option<u32>,
}

/// How to paint a picture of `height` x `width` pixels; `network` is called when it cannot be painted in one piece.
///
/// # Errors
/// Those of `network`; [`Error::Invalid`] where the memory is too small for any way.
pub(super) fn choose(
    (height, width): (usize, usize),
    budget: Budget,
    network: impl FnOnce() -> Result<Network>,
) -> Result<Way> {
    let pixels = height as u64 * width as u64;
    let whole = match budget.tile {
        Some(side) => pixels <= u64::from(side).pow(2),
        None => PROGRAM + WHOLE * pixels <= budget.bytes,
    };
    if whole {
        return Ok(Way::Whole);
    }
    let network = match network() {
        Ok(network) => network,
        // What cannot be painted in tiles is painted in one piece, unless that is what the user wants to avoid.
        Err(_) if !budget.asked && budget.tile.is_none() && pixels <= MOST_PIXELS => {
            return Ok(Way::Whole);
        }
        Err(error) => return Err(error),
    };
    let sides = match &budget.tile {
        Some(side) => std::slice::from_ref(side),
        None => &SIDES,
    };
    let tilings = sides.iter().filter_map(|&side| {
        let picture = Tiled {
            height,
            width,
            side: side as usize,
        };
        let without = least(pixels, side);
        let plan = plan(&network, picture, budget.bytes.checked_sub(without)?);
        Some(Tiling {
            side,
            tiles: height.div_ceil(side as usize) * width.div_ceil(side as usize),
            memory: without + plan.bytes,
            plan,
        })
    });
    let best = tilings.min_by(|a, b| a.work().total_cmp(&b.work()));
    best.map(Way::Tiles).ok_or_else(|| {
        let side = sides.iter().copied().min().unwrap_or(TILE);
        let reason = format!(
            "{} are too little for a picture of {width}x{height} pixels in tiles of {side}, which takes {}; allow more, or name a smaller size{}",
            megabytes(budget.bytes),
            megabytes(least(pixels, side)),
            if budget.tile.is_some() { " or tile" } else { "" },
        );
        Error::invalid("memory", reason)
    })
}

/// The memory that tiles take when nothing is kept.
fn least(pixels: u64, side: u32) -> u64 {
    let seen = (u64::from(side) + 2 * AROUND).pow(2).min(pixels);
    PROGRAM + PICTURES * pixels + WHOLE * seen
}

/// `1500 MB`.
fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::plan::Place;
    use super::*;

    const MB: u64 = 1_000_000;

    /// Two norms and a place between them, with 4 values a pixel.
    fn network() -> Network {
        let place = |next: usize, kept: &[(&str, f64)]| Place {
            next,
            kept: kept.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect(),
            stages: (next..=2)
                .map(|n| (9e3 * (n + 1 - next) as f64, 8))
                .collect(),
        };
        Network {
            norms: 2,
            macs: 27e3,
            places: vec![place(0, &[]), place(2, &[("seen", 4.0)])],
        }
    }

    fn way(side: usize, bytes: u64, tile: Option<u32>) -> Way {
        let budget = Budget {
            bytes,
            asked: true,
            tile,
        };
        choose((side, side), budget, || Ok(network())).unwrap()
    }

    #[test]
    fn the_memory_picks_the_way() {
        // Side of the picture, megabytes, tile asked for; side of the tiles and bytes kept for each pixel.
        for (side, memory, tile, expected) in [
            (1000, 351, None, None), // 270 a pixel and the program
            (1000, 349, None, Some((512, 8))),
            (1000, 210, None, Some((256, 8))),
            (1000, 138, None, Some((128, 8))), // rather than tiles of 256 and nothing kept
            (1000, 110, None, Some((128, 0))),
            (1000, 380, Some(128), Some((128, 8))),
            (1000, 110, Some(128), Some((128, 0))),
            (1000, 999, Some(1000), None),
            (128, 1, Some(128), None), // asked for in one piece
            (8192, 4000, None, Some((2048, 8))),
            (8192, 1500, None, Some((1024, 8))),
            (8192, 600, None, Some((256, 0))),
        ] {
            let found = match way(side, memory * MB, tile) {
                Way::Whole => None,
                Way::Tiles(tiling) => {
                    assert!(tiling.memory <= memory * MB);
                    let pixels = (side * side) as u64;
                    Some((tiling.side, tiling.kept().div_ceil(pixels)))
                }
            };
            assert_eq!(
                found, expected,
                "{side} pixels in {memory} MB, tile {tile:?}"
            );
        }
    }

    #[test]
    fn too_little_memory_says_how_much_it_takes() {
        for (bytes, tile) in [(0, None), (100 * MB, None), (140 * MB, Some(1024))] {
            let budget = Budget {
                bytes,
                asked: true,
                tile,
            };
            let error = choose((2000, 1200), budget, || Ok(network())).unwrap_err();
            let said = error.to_string();
            let needed = if tile.is_some() { "468 MB" } else { "116 MB" };
            assert!(
                said.starts_with("memory: ") && said.contains(needed),
                "{said}"
            );
            assert!(
                said.contains("1200x2000") && said.contains("allow more"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_network_that_cannot_be_cut_paints_in_one_piece_unless_memory_was_named() {
        let uncut = |asked, tile| {
            let budget = Budget {
                bytes: 200 * MB,
                asked,
                tile,
            };
            choose((1000, 1000), budget, || {
                Err(Error::invalid("norms", "none"))
            })
        };
        assert_eq!(uncut(false, None).unwrap(), Way::Whole);
        assert!(uncut(true, None).is_err());
        assert!(uncut(false, Some(512)).is_err());
    }
}
