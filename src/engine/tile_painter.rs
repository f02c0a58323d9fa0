//! Painting in tiles, for pictures of any size: a picture in, the pastiche out that the whole network would give.

use std::collections::HashMap;
use std::ops::ControlFlow;

use ndarray::{Array1, Array3, Array4, ArrayView1, ArrayView3, ArrayViewMut3, Axis, Ix4};

use super::kept::Kept;
use super::moments::Moments;
use super::padded::{Padded, Side};
use super::pastiche;
use super::plan::{Leg, Network};
use super::tile_grid::{NOISE_PERIOD, Region, STEP, Tile, tiles};
use super::way::Tiling;
use crate::catalog::Part;
use crate::error::{Error, Result};
use crate::onnx::File;
use crate::onnx::stages::{Reach, Stages, mean, variance};
use crate::runtime::{Input, Outputs, Runtime, Session, SessionOptions};

/// Called before each tile with how many of how many are done, those that are only measured included.
pub(super) type Watch<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// The side of the pictures that a network is tried on, to see how it extends them. A multiple of anything that a
/// network extends its picture to a multiple of.
const PROBE: usize = 64;

/// Opens the transformer in stages, from the file of a model. One stage is open at a time, as each keeps the memory of a
/// tile.
pub(super) struct TilePainter {
    pub(super) runtime: Runtime,
    pub(super) part: Part,
    pub(super) options: SessionOptions,
}

impl TilePainter {
    /// What painting in tiles takes.
    pub(super) fn network(&self) -> Result<Network> {
        Ok(Network::of(&self.stages()?))
    }

    /// Paint `content` in tiles: each stage of the plan over all tiles, the statistics of one norm after the other.
    pub(super) fn paint(
        &self,
        content: ArrayView3<'_, u8>,
        params: ArrayView1<'_, f32>,
        tiling: &Tiling,
        mut pastiche: ArrayViewMut3<'_, u8>,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let stages = self.stages()?;
        let mut work = Work {
            content,
            params,
            side: tiling.side as usize,
            stats: Vec::new(),
            kept: HashMap::new(),
            windows: Vec::new(),
            padded: None,
        };
        // Every plan measures every norm once.
        let total = tiling.tiles * (stages.norms() + 1);
        let mut done = 0;
        let mut next = || {
            done += 1;
            match watch(done - 1, total) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(Error::Interrupted),
            }
        };
        for leg in &tiling.plan.legs {
            for n in leg.stages.clone() {
                let stage = Stage::new(&stages, leg, n);
                let model = stages.stage(&leg.from, &stage.targets);
                let mut session =
                    Session::open(&self.runtime, &self.part.label, &model, &self.options)?;
                work.pass(&stage, &mut session, &mut pastiche, &mut next)?;
            }
            work.kept.retain(|name, _| leg.keep.contains(name));
        }
        Ok(())
    }

    fn stages(&self) -> Result<Stages> {
        let Part { label, bytes } = &self.part;
        Stages::read(&File { label, bytes }, "stats")
    }
}

/// One pass over all tiles.
struct Stage<'a> {
    stages: &'a Stages,
    leg: &'a Leg,
    /// The norm that is measured; after the last one the picture is painted.
    norm: usize,
    /// What is computed: the input of the norm or the pastiche, and what is kept besides.
    targets: Vec<&'a str>,
    /// What is kept of it.
    keep: Vec<&'a str>,
    /// Whether it is the last pass that begins where it does.
    last: bool,
    reach: Reach,
}

impl<'a> Stage<'a> {
    fn new(stages: &'a Stages, leg: &'a Leg, norm: usize) -> Self {
        let last = norm + 1 == leg.stages.end;
        let keep = leg
            .keep
            .iter()
            .filter(|name| last && !leg.from.contains(name));
        let keep: Vec<&str> = keep.map(String::as_str).collect();
        let mut targets = vec![stages.target(norm)];
        targets.extend(keep.iter().filter(|name| **name != stages.target(norm)));
        Self {
            reach: stages.reach(&leg.from, &targets),
            stages,
            leg,
            norm,
            targets,
            keep,
            last,
        }
    }

    /// The name of the input of the norm; `None` when the picture is painted.
    fn seen(&self) -> Option<&'a str> {
        (self.norm < self.stages.norms()).then(|| self.targets[0])
    }

    fn scale(&self, tensor: &str) -> usize {
        self.stages.extent(tensor).map_or(1, |extent| extent.scale)
    }

    /// The pixels that a tile sees around its core. Tensors that are kept are whole where the network extends the
    /// picture, so that they reach so much farther than the context.
    fn halo(&self, padded: &Padded) -> usize {
        let extension = padded.height.before.min(padded.width.before);
        let kept = self.reach.kept.unwrap_or(0).saturating_sub(extension);
        kept.max(self.reach.content.unwrap_or(0))
    }

    fn period(&self) -> usize {
        match self.stages.has_noise(&self.leg.from, &self.targets) {
            true => NOISE_PERIOD,
            false => STEP,
        }
    }
}

/// A picture that is being painted.
struct Work<'a> {
    content: ArrayView3<'a, u8>,
    params: ArrayView1<'a, f32>,
    /// Of the tiles.
    side: usize,
    /// The statistics that are known, by the names of the inputs that take them.
    stats: Vec<(String, Array4<f32>)>,
    /// Tensors of the whole picture, by name.
    kept: HashMap<String, Kept>,
    /// The parts of those that a tile sees, in the order of the leg: here only so that the memory is used again.
    windows: Vec<Array4<f32>>,
    /// Known from the first pass on.
    padded: Option<Padded>,
}

impl Work<'_> {
    fn pass(
        &mut self,
        stage: &Stage<'_>,
        session: &mut Session,
        pastiche: &mut ArrayViewMut3<'_, u8>,
        next: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        let padded = match self.padded {
            Some(padded) => padded,
            None => self.probe(stage, session)?,
        };
        self.padded = Some(padded);
        let (height, width, _) = self.content.dim();
        let tiles = tiles(
            height,
            width,
            self.side,
            stage.halo(&padded),
            stage.period(),
        );
        let mut moments = Moments::default();
        for (nth, tile) in tiles.iter().enumerate() {
            next()?;
            self.read_windows(stage, &padded, tile);
            let outputs = self.run(stage, session, tile)?;
            match stage.seen() {
                Some(seen) => {
                    let context = padded.of_context(&tile.context, stage.scale(seen));
                    let core = padded.of_core(&tile.core, stage.scale(seen));
                    let seen = part(&outputs, seen, &context)?;
                    moments.add(core.inside(&context).of_planes(seen));
                }
                None => {
                    let context = tile.context.of(self.content).dim();
                    tile.paste(pastiche::of(&outputs, context)?, pastiche);
                }
            }
            for name in &stage.keep {
                let context = padded.of_context(&tile.context, stage.scale(name));
                let core = padded.of_core(&tile.core, stage.scale(name));
                let values = part(&outputs, name, &context)?;
                let values = core.inside(&context).of_planes(values);
                let kept = self.kept.entry((*name).to_owned()).or_default();
                kept.add(core, values);
            }
            if stage.last
                && let Some(next) = tiles.get(nth + 1)
                && next.core.rows != tile.core.rows
            {
                self.forget(stage, &padded, next);
            }
        }
        if stage.seen().is_some() {
            let (means, variances) = moments.mean_and_variance();
            self.stats.push((mean(stage.norm), per_channel(means)));
            self.stats
                .push((variance(stage.norm), per_channel(variances)));
        }
        Ok(())
    }

    /// See how the network extends a picture of this size.
    fn probe(&self, stage: &Stage<'_>, session: &mut Session) -> Result<Padded> {
        let (height, width, _) = self.content.dim();
        let scale = stage.scale(stage.targets[0]);
        let mut extended = |high: usize, wide: usize| -> Result<(usize, usize)> {
            let blank = Array3::zeros((high, wide, 3));
            let inputs = [
                ("content", Input::picture(blank.view())),
                ("style_params", Input::row(self.params)),
            ];
            let outputs = session.run(&taken(session, inputs))?;
            let shape = outputs.f32(stage.targets[0])?.shape().to_vec();
            match shape[..] {
                [1, _, rows, columns] if rows * scale >= high && columns * scale >= wide => {
                    Ok((rows * scale - high, columns * scale - wide))
                }
                _ => Err(strange(&shape)),
            }
        };
        let even = extended(PROBE, PROBE)?;
        let odd = extended(PROBE + height % PROBE, PROBE + width % PROBE)?;
        let side = |length: usize, even: usize, odd: usize| Side {
            length,
            before: even / 2,
            extended: length + odd,
        };
        Ok(Padded {
            height: side(height, even.0, odd.0),
            width: side(width, even.1, odd.1),
        })
    }

    /// Fill the windows with what the tile sees of the tensors that are kept.
    fn read_windows(&mut self, stage: &Stage<'_>, padded: &Padded, tile: &Tile) {
        self.windows
            .resize(stage.leg.from.len(), Array4::default((0, 0, 0, 0)));
        for (name, window) in stage.leg.from.iter().zip(&mut self.windows) {
            let (Some(kept), Some(extent)) = (self.kept.get(name), stage.stages.extent(name))
            else {
                continue; // A leg begins at what the one before it kept.
            };
            let place = padded.of_context(&tile.context, extent.scale);
            let shape = (1, extent.channels, place.rows.len(), place.columns.len());
            if window.dim() != shape {
                *window = Array4::zeros(shape);
            }
            kept.read(&place, window);
        }
    }

    /// Run a stage on a tile.
    fn run<'s>(
        &self,
        stage: &Stage<'_>,
        session: &'s mut Session,
        tile: &Tile,
    ) -> Result<Outputs<'s>> {
        let content = tile.context.of(self.content);
        let content = content.as_standard_layout();
        let stats = self.stats.iter().map(|(name, values)| (name, values));
        let windows = stage.leg.from.iter().zip(&self.windows);
        let more = stats.chain(windows);
        let more = more.map(|(name, v)| (name.as_str(), Input::F32(v.view().into_dyn())));
        let all = [
            ("content", Input::picture(content.view())),
            ("style_params", Input::row(self.params)),
        ];
        let inputs = taken(session, all.into_iter().chain(more));
        session.run(&inputs)
    }

    /// Forget what is kept above the row of tiles that begins with `next`, and is not needed by later passes.
    fn forget(&mut self, stage: &Stage<'_>, padded: &Padded, next: &Tile) {
        for name in stage
            .leg
            .from
            .iter()
            .filter(|name| !stage.leg.keep.contains(name))
        {
            let context = padded.of_context(&next.context, stage.scale(name));
            if let Some(kept) = self.kept.get_mut(name) {
                kept.forget_above(context.rows.start);
            }
        }
    }
}

/// Those inputs that a stage takes. The first ones take only some of the statistics, and many no content.
fn taken<'n, 'a>(
    session: &Session,
    inputs: impl IntoIterator<Item = (&'n str, Input<'a>)>,
) -> Vec<(&'n str, Input<'a>)> {
    let takes = |name: &str| session.inputs().iter().any(|port| port.name == name);
    let inputs = inputs.into_iter();
    inputs.filter(|(name, _)| takes(name)).collect()
}

/// An output `[1, C, H, W]` that covers `context`, as `[C, H, W]`.
fn part<'a>(outputs: &'a Outputs<'_>, name: &str, context: &Region) -> Result<ArrayView3<'a, f32>> {
    let values = outputs.f32(name)?;
    let shape = values.shape().to_vec();
    let fits = shape[..1] == [1] && shape[2..] == [context.rows.len(), context.columns.len()];
    match values.into_dimensionality::<Ix4>() {
        Ok(values) if fits => Ok(values.index_axis_move(Axis(0), 0)),
        _ => Err(strange(&shape)),
    }
}

fn strange(shape: &[usize]) -> Error {
    Error::Inference {
        network: "transformer".to_owned(),
        reason: format!(
            "has a norm over {shape:?} where its graph promises another size, so it cannot paint in tiles"
        ),
    }
}

/// `[C]` as `[1, C, 1, 1]`.
fn per_channel(values: Array1<f32>) -> Array4<f32> {
    let row = values.insert_axis(Axis(0));
    row.insert_axis(Axis(2)).insert_axis(Axis(3))
}
