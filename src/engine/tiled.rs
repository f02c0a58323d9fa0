//! Pictures of any size, painted tile by tile with the statistics of the whole.

use std::ops::{ControlFlow, Range};

use image::RgbImage;

use super::pool::Pool;
use super::tiles::{Tile, tiles};
use super::transformer::{keep, row};
use crate::catalog::Part;
use crate::error::{Error, Result};
use crate::onnx::File;
use crate::onnx::stages::{SEEN, Stages, mean, variance};
use crate::picture;
use crate::runtime::{Input, Outputs, Runtime, Session, SessionOptions};

/// Told before each tile: how many of how many tiles, those that are only looked at included, are done.
pub(super) type Watch<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// What it takes to open the transformer in stages, from the files of a model. One stage is open at a time: each keeps the memory of a tile.
pub(super) struct Tiled {
    pub(super) runtime: Runtime,
    pub(super) part: Part,
    pub(super) options: SessionOptions,
}

impl Tiled {
    /// Paint `content` in tiles of about `side` pixels: statistics norm by norm, each from all tiles, and then the tiles.
    pub(super) fn paint(
        &self,
        content: &RgbImage,
        params: &[f32],
        side: u32,
        pastiche: &mut RgbImage,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let Part { label, bytes } = &self.part;
        let stages = Stages::read(&File { label, bytes }, "stats")?;
        let (width, height) = content.dimensions();
        if pastiche.dimensions() != (width, height) {
            *pastiche = RgbImage::new(width, height);
        }
        let tiles = tiles(width, height, side);
        let mut work = Work {
            content,
            params,
            stats: Vec::new(),
        };
        let total = tiles.len() * (stages.norms() + 1);
        let mut done = 0;
        let mut go_on = || {
            done += 1;
            match watch(done - 1, total) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(Error::Interrupted),
            }
        };
        for n in 0..stages.norms() {
            let mut stage = self.open(&stages.stage(n))?;
            let mut pool = Pool::default();
            for tile in &tiles {
                go_on()?;
                work.look(&mut stage, tile, &mut pool)?;
            }
            let (means, variances) = pool.moments();
            work.stats.push((mean(n), means));
            work.stats.push((variance(n), variances));
        }
        let mut last = self.open(&stages.last("pastiche"))?;
        let mut painted = RgbImage::new(0, 0);
        for tile in &tiles {
            go_on()?;
            let part = tile.seen.cut(content);
            keep(&work.run(&mut last, &part)?, &part, &mut painted)?;
            tile.keep(&painted, pastiche);
        }
        Ok(())
    }

    fn open(&self, model: &[u8]) -> Result<Session> {
        Session::open(&self.runtime, &self.part.label, model, &self.options)
    }
}

/// A picture in work.
struct Work<'a> {
    content: &'a RgbImage,
    params: &'a [f32],
    /// Names of inputs and their values: what is known of the norms.
    stats: Vec<(String, Vec<f32>)>,
}

impl Work<'_> {
    /// What a norm sees of a tile's core, into the pool.
    fn look(&self, stage: &mut Session, tile: &Tile, pool: &mut Pool) -> Result<()> {
        let outputs = self.run(stage, &tile.seen.cut(self.content))?;
        let (shape, data) = outputs.f32(SEEN)?;
        let &[1, _, high, wide] = shape else {
            return Err(Error::Inference {
                network: "transformer".to_owned(),
                reason: format!("has a norm over {shape:?}, expected [1, C, H, W]"),
            });
        };
        let (high, wide) = (high as usize, wide as usize);
        let (core, seen) = (tile.core, tile.seen);
        let (width, height) = self.content.dimensions();
        let rows = inside((core.y, core.height), (seen.y, seen.height), height, high);
        let columns = inside((core.x, core.width), (seen.x, seen.width), width, wide);
        pool.add(data, (high, wide), rows, columns);
        Ok(())
    }

    /// A tile through a stage, which is given of the rest what it takes: the first ones do without some of it.
    fn run<'s>(&self, stage: &'s mut Session, part: &RgbImage) -> Result<Outputs<'s>> {
        let (shape, data) = (picture::shape(part), part.as_raw());
        let row_of_params = [1, self.params.len()];
        let shapes: Vec<_> = self.stats.iter().map(|(_, v)| [1, v.len(), 1, 1]).collect();
        let stats = self.stats.iter().zip(&shapes);
        let stats = stats.map(|((name, data), shape)| (name.as_str(), Input::F32 { shape, data }));
        let all = [
            ("content", Input::U8 { shape, data }),
            ("style_params", row(&row_of_params, self.params)),
        ];
        let taken = |name: &str| stage.inputs().iter().any(|port| port.name == name);
        let all = all.into_iter().chain(stats);
        let inputs: Vec<_> = all.filter(|(name, _)| taken(name)).collect();
        stage.run(&inputs)
    }
}

/// Which values, of `count` along one side of what a norm sees, are of a tile's core. At the border of the picture of
/// `length` pixels they are all that there are: what the network adds there it adds to the whole picture too.
fn inside(core: (u32, u32), seen: (u32, u32), length: u32, count: usize) -> Range<usize> {
    let (from, to) = (core.0, core.0 + core.1);
    // A network works at halves of the resolution, and has added a border.
    let factor = (f64::from(seen.1) / count as f64)
        .log2()
        .round()
        .exp2()
        .max(1.0) as usize;
    let border = (count * factor).saturating_sub(seen.1 as usize) / 2 / 4 * 4;
    let place = |at: u32| ((at - seen.0) as usize + border) / factor;
    let start = if from == 0 { 0 } else { place(from) };
    let end = if to == length { count } else { place(to) };
    start.min(count)..end.clamp(start.min(count), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_share_what_a_norm_sees() {
        // A picture of 301 pixels at a quarter of the resolution with a border of 12: 328 pixels, 82 values.
        for factor in [1, 2, 4] {
            let mut covered = vec![0; 328 / factor];
            for tile in tiles(301, 16, 128) {
                let (core, seen) = (tile.core, tile.seen);
                let count = (seen.width.div_ceil(4) * 4 + 24) as usize / factor;
                let found = inside((core.x, core.width), (seen.x, seen.width), 301, count);
                for k in found {
                    covered[k + seen.x as usize / factor] += 1;
                }
            }
            assert!(covered.iter().all(|n| *n == 1), "1/{factor}: {covered:?}");
        }
    }
}
