//! Painting in tiles, for pictures of any size: a picture in, the pastiche out that the whole network would give.

use std::ops::{ControlFlow, Range};

use ndarray::{Array1, Array4, ArrayView1, ArrayView3, ArrayViewMut3, Axis, Ix4};

use super::moments::Moments;
use super::pastiche;
use super::tile_grid::{NOISE_PERIOD, STEP, Tile, tiles};
use crate::catalog::Part;
use crate::error::{Error, Result};
use crate::onnx::File;
use crate::onnx::stages::{SEEN, Stages, mean, variance};
use crate::runtime::{Input, Outputs, Runtime, Session, SessionOptions};

/// Called before each tile with how many of how many are done, those that are only measured included.
pub(super) type Watch<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// Opens the transformer in stages, from the file of a model. One stage is open at a time, as each keeps the memory of a
/// tile.
pub(super) struct TilePainter {
    pub(super) runtime: Runtime,
    pub(super) part: Part,
    pub(super) options: SessionOptions,
}

impl TilePainter {
    /// Paint `content` in tiles of about `side` pixels: the statistics of one norm after the other, each from all tiles,
    /// and then the tiles.
    pub(super) fn paint(
        &self,
        content: ArrayView3<'_, u8>,
        params: ArrayView1<'_, f32>,
        side: usize,
        mut pastiche: ArrayViewMut3<'_, u8>,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let Part { label, bytes } = &self.part;
        let stages = Stages::read(&File { label, bytes }, "stats")?;
        let (height, width, _) = content.dim();
        let period = if stages.has_noise() {
            NOISE_PERIOD
        } else {
            STEP
        };
        let tiles = tiles(height, width, side, period);
        let mut work = Work {
            content,
            params,
            stats: Vec::new(),
        };
        let total = tiles.len() * (stages.norms() + 1);
        let mut done = 0;
        let mut next = || {
            done += 1;
            match watch(done - 1, total) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(Error::Interrupted),
            }
        };
        for n in 0..stages.norms() {
            let mut stage = self.open(&stages.stage(n))?;
            let mut moments = Moments::default();
            for tile in &tiles {
                next()?;
                work.measure(&mut stage, tile, &mut moments)?;
            }
            let (means, variances) = moments.mean_and_variance();
            work.stats.push((mean(n), per_channel(means)));
            work.stats.push((variance(n), per_channel(variances)));
        }
        let mut last = self.open(&stages.last("pastiche"))?;
        for tile in &tiles {
            next()?;
            let context = tile.context.of(content);
            let outputs = work.run(&mut last, context)?;
            tile.paste(pastiche::of(&outputs, context.dim())?, &mut pastiche);
        }
        Ok(())
    }

    fn open(&self, model: &[u8]) -> Result<Session> {
        Session::open(&self.runtime, &self.part.label, model, &self.options)
    }
}

/// `[C]` as `[1, C, 1, 1]`.
fn per_channel(values: Array1<f32>) -> Array4<f32> {
    let row = values.insert_axis(Axis(0));
    row.insert_axis(Axis(2)).insert_axis(Axis(3))
}

/// A picture that is being painted.
struct Work<'a> {
    content: ArrayView3<'a, u8>,
    params: ArrayView1<'a, f32>,
    /// The statistics that are known, by the names of the inputs that take them.
    stats: Vec<(String, Array4<f32>)>,
}

impl Work<'_> {
    /// Add the input of a norm, at a tile's core, to the moments.
    fn measure(&self, stage: &mut Session, tile: &Tile, moments: &mut Moments) -> Result<()> {
        let outputs = self.run(stage, tile.context.of(self.content))?;
        let seen = outputs.f32(SEEN)?;
        let shape = seen.shape().to_vec();
        let mut seen = match seen.into_dimensionality::<Ix4>() {
            Ok(seen) if shape[0] == 1 => seen.index_axis_move(Axis(0), 0),
            _ => {
                return Err(Error::Inference {
                    network: "transformer".to_owned(),
                    reason: format!("has a norm over {shape:?}, expected [1, C, H, W]"),
                });
            }
        };
        let (_, high, wide) = seen.dim();
        let (height, width, _) = self.content.dim();
        let Tile { core, context } = tile;
        let rows = values_of_core(&core.rows, &context.rows, height, high);
        let columns = values_of_core(&core.columns, &context.columns, width, wide);
        seen.slice_axis_inplace(Axis(1), rows.into());
        seen.slice_axis_inplace(Axis(2), columns.into());
        moments.add(seen);
        Ok(())
    }

    /// Run a stage on a part of the picture. The first stages take only some of the inputs.
    fn run<'s>(&self, stage: &'s mut Session, part: ArrayView3<'_, u8>) -> Result<Outputs<'s>> {
        let part = part.as_standard_layout();
        let stats = self.stats.iter();
        let stats =
            stats.map(|(name, values)| (name.as_str(), Input::F32(values.view().into_dyn())));
        let all = [
            ("content", Input::picture(part.view())),
            ("style_params", Input::row(self.params)),
        ];
        let taken = |name: &str| stage.inputs().iter().any(|port| port.name == name);
        let all = all.into_iter().chain(stats);
        let inputs: Vec<_> = all.filter(|(name, _)| taken(name)).collect();
        stage.run(&inputs)
    }
}

/// Which values, of `count` along one side of a norm's input, belong to a tile's core. At the border of the picture of
/// `length` pixels they include the padding of the network, as they do when the picture is painted whole.
fn values_of_core(
    core: &Range<usize>,
    context: &Range<usize>,
    length: usize,
    count: usize,
) -> Range<usize> {
    // Networks halve the resolution, and pad.
    let factor = (context.len() as f64 / count as f64)
        .log2()
        .round()
        .exp2()
        .max(1.0) as usize;
    let padding = (count * factor).saturating_sub(context.len()) / 2 / 4 * 4;
    let place = |at: usize| (at - context.start + padding) / factor;
    let start = if core.start == 0 {
        0
    } else {
        place(core.start)
    };
    let end = if core.end == length {
        count
    } else {
        place(core.end)
    };
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
            for Tile { core, context } in tiles(16, 301, 128, STEP) {
                let (core, context) = (core.columns, context.columns);
                let count = (context.len().div_ceil(4) * 4 + 24) / factor;
                for k in values_of_core(&core, &context, 301, count) {
                    covered[k + context.start / factor] += 1;
                }
            }
            assert!(covered.iter().all(|n| *n == 1), "1/{factor}: {covered:?}");
        }
    }
}
