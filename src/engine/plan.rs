//! What to keep while a picture is painted in tiles: a network, a picture and the memory in, the quickest order of stages
//! out.
//!
//! Each stage measures one norm over all tiles. With nothing kept it begins at the content, so that all layers up to
//! the norm are computed again. Where tensors of the whole picture are kept it begins at them. What to keep and when is
//! the shortest way through a graph, whose nodes are the checkpoints of the network and whose edges are those that fit
//! in the memory.

use std::ops::Range;

use super::kept;
use crate::onnx::stages::{Checkpoint, Stages};

/// Multiplications that take as long as the writing or reading of a value that is kept, with all that a network in
/// stages takes longer besides: found from the times of both bundled networks, which are 1.8 and 2.1 times those of one
/// piece.
const MACS_OF_VALUE: f64 = 100.0;

/// What a network needs, for each pixel of a picture.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    /// Norms.
    pub(super) norms: usize,
    /// Multiplications of the whole network.
    pub(super) macs: f64,
    /// The content, then the checkpoints in order.
    pub(super) places: Vec<Place>,
}

/// Where a stage can begin.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The first norm that is not measured yet.
    pub(super) next: usize,
    /// The tensors that are kept, with their values for each pixel.
    pub(super) kept: Vec<(String, f64)>,
    /// Of each stage that begins here, from `next` on: multiplications, and pixels that it looks to each side.
    pub(super) stages: Vec<(f64, usize)>,
}

impl Place {
    /// The bytes for each pixel of the tensors that `other` has too, or has not.
    fn bytes(&self, other: &Self, has: bool) -> f64 {
        let shared = |name: &String| other.kept.iter().any(|(kept, _)| kept == name);
        let values = self.kept.iter().filter(|(name, _)| shared(name) == has);
        values.map(|(_, values)| values * kept::BYTES).sum()
    }
}

impl Network {
    pub(super) fn of(stages: &Stages) -> Self {
        let norms = stages.norms();
        let place = |next, kept: Vec<String>| Place {
            next,
            stages: (next..=norms)
                .map(|n| {
                    let target = [stages.target(n)];
                    let reach = stages.reach(&kept, &target);
                    let pixels = reach.content.max(reach.kept).unwrap_or(0);
                    (stages.macs(&kept, &target), pixels)
                })
                .collect(),
            kept: kept
                .into_iter()
                .map(|name| {
                    let values = stages.extent(&name).map_or(0.0, |extent| extent.values());
                    (name, values)
                })
                .collect(),
        };
        let checkpoints = stages.checkpoints().into_iter();
        let start = std::iter::once(place(0, Vec::new()));
        Self {
            norms,
            macs: stages.macs(&[], &[stages.target(norms)]),
            places: start
                .chain(checkpoints.map(|Checkpoint { norm, kept }| place(norm + 1, kept)))
                .collect(),
        }
    }
}

/// Stages that begin at the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leg {
    /// The tensors that are kept there.
    pub(super) from: Vec<String>,
    /// The norms that are measured, one after the other; that after the last norm is the pastiche.
    pub(super) stages: Range<usize>,
    /// What the last stage keeps, besides what it measures.
    pub(super) keep: Vec<String>,
}

/// An order of stages.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) legs: Vec<Leg>,
    /// How many times as much is computed as in one piece, as estimated.
    pub(super) work: f64,
    /// The most bytes that are kept at a time.
    pub(super) bytes: u64,
}

/// A picture in tiles, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tiled {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) side: usize,
}

impl Tiled {
    fn pixels(self) -> f64 {
        self.height as f64 * self.width as f64
    }

    /// How many times as many pixels are computed as there are, when each tile sees `halo` pixels around it.
    fn overlap(self, halo: usize) -> f64 {
        let one = |length: usize| {
            let tiles = length.div_ceil(self.side) as f64;
            let (length, halo) = (length as f64, halo as f64);
            (length + 2.0 * halo * (tiles - 1.0)) / length
        };
        one(self.height) * one(self.width)
    }
}

/// The quickest order of stages that keeps no more than `most` bytes at a time. With no bytes at all there is one, too.
pub(super) fn plan(network: &Network, picture: Tiled, most: u64) -> Plan {
    let places = &network.places;
    let end = Place {
        next: network.norms + 1,
        ..Place::default()
    };
    let at = |n: usize| places.get(n).unwrap_or(&end);
    // For each place the least work to get there, the place before, and the most bytes on that leg.
    let mut best: Vec<Option<(f64, usize, f64)>> = vec![None; places.len() + 1];
    best[0] = Some((0.0, 0, 0.0));
    for to in 1..=places.len() {
        for from in 0..to {
            let Some((before, ..)) = best[from] else {
                continue;
            };
            let (a, b) = (at(from), at(to));
            let bytes = leg_bytes(a, b, picture);
            if a.next >= b.next || bytes > most as f64 {
                continue;
            }
            let work = before + leg_work(a, b, picture);
            if best[to].is_none_or(|(least, ..)| work < least) {
                best[to] = Some((work, from, bytes));
            }
        }
    }
    let mut legs = Vec::new();
    let (mut to, mut bytes) = (places.len(), 0.0_f64);
    let work = best[to].map_or(0.0, |(work, ..)| work) / network.macs.max(1.0);
    while let Some((_, from, of_leg)) = best[to].filter(|_| to > 0) {
        let names = |place: &Place| place.kept.iter().map(|(name, _)| name.clone()).collect();
        legs.push(Leg {
            from: names(at(from)),
            stages: at(from).next..at(to).next,
            keep: names(at(to)),
        });
        bytes = bytes.max(of_leg);
        to = from;
    }
    legs.reverse();
    Plan {
        legs,
        work,
        bytes: bytes as u64,
    }
}

/// Multiplications for each pixel of the picture.
fn leg_work(from: &Place, to: &Place, picture: Tiled) -> f64 {
    let read: f64 = from.kept.iter().map(|(_, values)| values).sum();
    let written: f64 = to.kept.iter().map(|(_, values)| values).sum();
    let stages = from.stages.iter().take(to.next - from.next);
    let stage =
        |(macs, reach): &(f64, usize)| (macs + read * MACS_OF_VALUE) * picture.overlap(*reach);
    stages.map(stage).sum::<f64>() + written * MACS_OF_VALUE
}

/// The most bytes that are kept on the way. While the last stage goes down the picture, what it began at is forgotten
/// above the row of tiles before the one in hand.
fn leg_bytes(from: &Place, to: &Place, picture: Tiled) -> f64 {
    let (gone, stays, comes) = (
        from.bytes(to, false),
        from.bytes(to, true),
        to.bytes(from, false),
    );
    let row = 1.0 / picture.height.div_ceil(picture.side) as f64;
    let moving = gone.max(comes) + 2.0 * row * gone + row * comes;
    (stays + moving.min(gone + comes)) * picture.pixels()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four norms, each behind a layer of 100 multiplications a pixel, with 4 values a pixel between.
    fn chain() -> Network {
        let place = |next: usize| Place {
            next,
            kept: match next {
                0 => Vec::new(),
                n => vec![(format!("seen {}", n - 1), 4.0)],
            },
            stages: (next..=4)
                .map(|n| (1000.0 * (n + 1 - next) as f64, 4))
                .collect(),
        };
        Network {
            norms: 4,
            macs: 5000.0,
            places: [0, 2, 3, 4].map(place).to_vec(),
        }
    }

    fn stages(plan: &Plan) -> Vec<Range<usize>> {
        plan.legs.iter().map(|leg| leg.stages.clone()).collect()
    }

    const PICTURE: Tiled = Tiled {
        height: 1000,
        width: 1000,
        side: 250,
    };

    #[test]
    fn without_memory_nothing_is_kept() {
        let plan = plan(&chain(), PICTURE, 0);
        assert_eq!(stages(&plan).as_slice(), std::slice::from_ref(&(0..5)));
        assert_eq!((plan.bytes, plan.legs[0].keep.len()), (0, 0));
        assert!(plan.work > 3.0, "{}", plan.work); // 1 + 2 + 3 + 4 + 5 fifths, and the overlap
    }

    #[test]
    fn with_memory_every_stage_begins_where_the_last_one_ended() {
        let plan = plan(&chain(), PICTURE, u64::MAX);
        assert_eq!(stages(&plan), [0..2, 2..3, 3..4, 4..5]);
        assert_eq!(plan.legs[1].from, plan.legs[0].keep);
        assert!(plan.legs[3].keep.is_empty());
        // 8 bytes a pixel, and three rows of four of them while one is replaced by the next.
        assert_eq!(plan.bytes, 14_000_000);
        assert!(plan.work < 2.5, "{}", plan.work);
    }

    #[test]
    fn a_little_memory_is_used_where_it_saves_most() {
        let all = plan(&chain(), PICTURE, u64::MAX);
        let none = plan(&chain(), PICTURE, 0);
        let some = plan(&chain(), PICTURE, 9_000_000);
        assert_eq!(some.bytes, 8_000_000);
        assert_eq!(some.legs.len(), 2);
        assert!(all.work < some.work && some.work < none.work);
    }

    #[test]
    fn what_stays_is_counted_once() {
        let kept = |names: &[&str]| Place {
            kept: names.iter().map(|n| ((*n).to_owned(), 1.0)).collect(),
            ..Place::default()
        };
        let bytes = leg_bytes(&kept(&["x", "a"]), &kept(&["x", "b"]), PICTURE);
        assert_eq!(bytes, 1e6 * (2.0 + 2.0 + 1.5));
        let whole = Tiled {
            side: 1000,
            ..PICTURE
        };
        assert_eq!(leg_bytes(&kept(&["a"]), &kept(&["b"]), whole), 4e6);
    }
}
