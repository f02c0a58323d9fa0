//! Runs an optimisation from coarse to fine, and keeps account of it.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::memory;
use super::options::{DEFAULT_SIZE, GatysOptions, Init};
use crate::catalog;
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::gatys::{FeatureNetwork, Losses, Matching, Optimiser, Pictures, Planes, Recipe};
use crate::picture;
use crate::runtime::{Precision, Runtime, SessionOptions};

/// Scales below this long side teach nothing, in pixels.
const LEAST_SCALE: u32 = 96;

/// The deviation of the noise that pictures begin with, around mid-grey.
const NOISE: f32 = 0.1;

/// The state of an optimisation after a step.
#[derive(Debug, Clone)]
pub struct Record {
    /// Width and height at this scale.
    pub size: (usize, usize),
    /// Steps so far, over all scales.
    pub step: usize,
    /// Evaluations of the objective so far.
    pub evaluations: usize,
    /// Time so far, without that of writing and showing pictures.
    pub spent: Duration,
    /// Losses at this scale.
    pub losses: Losses,
}

/// What an optimisation came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The best picture of the last scale.
    pub picture: RgbImage,
    /// Its losses.
    pub losses: Losses,
    /// Names of the terms in [`Losses::terms`].
    pub terms: Vec<String>,
    /// After each step.
    pub records: Vec<Record>,
    /// Evaluations in all.
    pub evaluations: usize,
    /// Without that of writing and showing pictures.
    pub spent: Duration,
    /// The user stopped it; the picture is the best so far.
    pub interrupted: bool,
    /// It ended before its time, as nothing better could be found.
    pub stalled: bool,
    /// The device, and why.
    pub device: String,
    /// The feature network's name.
    pub features: String,
}

/// Told after each step: the state, and the picture so far.
pub type Watch<'w> = &'w mut dyn FnMut(&Record, &Planes) -> ControlFlow<()>;

/// A feature network, and where it runs.
pub struct Studio {
    runtime: Runtime,
    session: SessionOptions,
    network: FeatureNetwork,
}

impl Studio {
    /// Load runtime and network.
    ///
    /// # Errors
    /// Those of the runtime, and of the network's file.
    pub fn open(options: &GatysOptions) -> Result<Self> {
        Self::with(options.features.as_deref(), &options.engine)
    }

    /// The same, with the network that [`features`](catalog::features()) finds.
    ///
    /// # Errors
    /// As [`Studio::open`].
    pub fn with(features: Option<&str>, engine: &EngineBuilder) -> Result<Self> {
        if engine.precision == Precision::Int8 {
            let reason =
                "int8 only paints; an optimisation computes in f32, or in bf16 on openvino";
            return Err(Error::invalid("--precision", reason));
        }
        let found = catalog::features(features)?;
        let device = engine.precision.device(engine.device)?;
        Ok(Self {
            runtime: Runtime::load_for(device, engine.library.as_deref())?,
            session: SessionOptions {
                device,
                threads: engine.threads,
                bf16: engine.precision == Precision::Bf16,
            },
            network: FeatureNetwork::parse(&found.name, &found.bytes)?,
        })
    }

    /// The feature network's name.
    pub fn features(&self) -> &str {
        self.network.name()
    }

    /// The runtime, and how networks are run there.
    pub(in crate::jobs) fn runtime(&self) -> (&Runtime, &SessionOptions) {
        (&self.runtime, &self.session)
    }

    /// The objective for pictures of `size`; content and style are brought to it (the style by its area).
    ///
    /// # Errors
    /// Those of [`Matching::new`], and when the memory that is free is too small.
    pub fn objective(
        &self,
        recipe: &Recipe,
        content: Option<&RgbImage>,
        style: Option<&RgbImage>,
        size: (usize, usize),
    ) -> Result<Matching> {
        memory::check(&self.network, recipe, size)?;
        let content = match content {
            Some(content) => {
                let content = picture::resize(content, size.0 as u32, size.1 as u32)?;
                Some(Planes::of(&content))
            }
            None => None,
        };
        let style = match style {
            Some(style) => Some(Planes::of(&to_area(style, size)?)),
            None => None,
        };
        let pictures = Pictures {
            content: content.as_ref(),
            style: style.as_ref(),
        };
        Matching::new(
            &self.runtime,
            &self.session,
            &self.network,
            recipe,
            pictures,
            size,
        )
    }

    /// Optimise. `shape` is the picture whose proportions the result has.
    ///
    /// # Errors
    /// Those of the options, the objective, and the optimiser.
    pub fn optimise(
        &self,
        options: &GatysOptions,
        content: Option<&RgbImage>,
        style: Option<&RgbImage>,
        shape: &RgbImage,
        watch: Watch<'_>,
    ) -> Result<Outcome> {
        options.check()?;
        let sizes = sizes(shape, options);
        let Some(&last) = sizes.last() else {
            return Err(Error::invalid("--scales", "there is no scale"));
        };
        let mut image = start(options, content, style, shape, sizes[0], last)?;
        let mut run = Run::default();
        let mut device = String::new();
        let mut terms = Vec::new();
        for (n, &size) in sizes.iter().enumerate() {
            image = image.resized(size.0, size.1)?;
            let began = Instant::now();
            let mut objective = self.objective(&options.recipe, content, style, size)?;
            run.spent += began.elapsed();
            device = objective.device().to_string();
            terms = objective.terms();
            let steps = share(options.iterations, sizes.len(), n);
            let mut optimiser = options.method.optimiser()?;
            run.scale(&mut objective, optimiser.as_mut(), &mut image, steps, watch)?;
            if run.interrupted {
                break;
            }
        }
        let losses = run.best.unwrap_or_default();
        let picture = image.resized(last.0, last.1)?.picture();
        Ok(Outcome {
            picture,
            losses,
            terms,
            evaluations: run.evaluations,
            records: run.records,
            spent: run.spent,
            interrupted: run.interrupted,
            stalled: run.stalled,
            device,
            features: self.network.name().to_owned(),
        })
    }
}

/// The account of a run over all scales.
#[derive(Default)]
struct Run {
    records: Vec<Record>,
    evaluations: usize,
    steps: usize,
    spent: Duration,
    best: Option<Losses>,
    interrupted: bool,
    stalled: bool,
}

impl Run {
    /// One scale; `image` becomes the best that was found.
    fn scale(
        &mut self,
        objective: &mut Matching,
        optimiser: &mut dyn Optimiser,
        image: &mut Planes,
        steps: usize,
        watch: Watch<'_>,
    ) -> Result<()> {
        let mut best: Option<(Losses, Vec<f32>)> = None;
        for _ in 0..steps {
            let began = Instant::now();
            let step = optimiser.step(objective, &mut image.values)?;
            self.spent += began.elapsed();
            self.evaluations += step.evaluations;
            self.steps += 1;
            if best
                .as_ref()
                .is_none_or(|(b, _)| step.losses.total < b.total)
            {
                let mut kept = best.take().map(|(_, kept)| kept).unwrap_or_default();
                kept.clone_from(&image.values);
                best = Some((step.losses.clone(), kept));
            }
            let record = Record {
                size: objective.size(),
                step: self.steps,
                evaluations: self.evaluations,
                spent: self.spent,
                losses: step.losses,
            };
            self.records.push(record.clone());
            self.interrupted = watch(&record, image).is_break();
            self.stalled = step.stalled;
            if self.interrupted || step.stalled {
                break;
            }
        }
        if let Some((losses, values)) = best {
            image.values = values;
            self.best = Some(losses);
        }
        Ok(())
    }
}

/// Widths and heights from coarse to fine.
fn sizes(shape: &RgbImage, options: &GatysOptions) -> Vec<(usize, usize)> {
    let long = options.size.unwrap_or(DEFAULT_SIZE);
    let (w, h) = shape.dimensions();
    let size = |long: f64| {
        let scale = long / f64::from(w.max(h).max(1));
        let side = |side: u32| ((f64::from(side) * scale).round() as usize).max(1);
        (side(w), side(h))
    };
    let long_of = |n: usize| f64::from(long) / 2.0_f64.powf((options.scales - 1 - n) as f64 / 2.0);
    (0..options.scales)
        .filter(|&n| n + 1 == options.scales || long_of(n) >= f64::from(LEAST_SCALE))
        .map(|n| size(long_of(n)))
        .collect()
}

/// The steps of scale `n`; the last gets what is left over.
fn share(iterations: usize, scales: usize, n: usize) -> usize {
    let each = iterations / scales;
    if n + 1 == scales {
        iterations - each * (scales - 1)
    } else {
        each
    }
}

/// The picture to begin with, at the first scale's size.
fn start(
    options: &GatysOptions,
    content: Option<&RgbImage>,
    style: Option<&RgbImage>,
    shape: &RgbImage,
    first: (usize, usize),
    last: (usize, usize),
) -> Result<Planes> {
    let missing = |what| Error::invalid("--init", format!("{what} needs one"));
    let picture = match &options.init {
        Init::Noise => return Ok(Planes::noise(first.0, first.1, NOISE, options.seed)),
        Init::Content => content.ok_or_else(|| missing("content"))?.clone(),
        Init::File(path) => picture::open(path, &picture::Limits::default())?.rgb,
        Init::Pastiche => {
            let mut engine = options.engine.clone().build()?;
            let style = engine.embed(style.ok_or_else(|| missing("pastiche (of a style)"))?)?;
            let content = content.unwrap_or(shape);
            let content = picture::resize(content, last.0 as u32, last.1 as u32)?;
            engine.stylize(&content, &style)?
        }
    };
    let start = picture::resize(&picture, first.0 as u32, first.1 as u32)?;
    Ok(Planes::of(&start))
}

/// The style with about as many pixels as the optimised picture: its strokes are to have the size that they have there.
fn to_area(style: &RgbImage, (width, height): (usize, usize)) -> Result<RgbImage> {
    let (w, h) = style.dimensions();
    let scale = ((width * height) as f64 / (f64::from(w) * f64::from(h)).max(1.0)).sqrt();
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(16);
    picture::resize(style, side(w), side(h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_shared_out_whole() {
        for (iterations, scales) in [(300, 3), (100, 3), (2, 3), (1, 1)] {
            let sum: usize = (0..scales).map(|n| share(iterations, scales, n)).sum();
            assert_eq!(sum, iterations);
        }
    }

    #[test]
    fn a_style_comes_to_the_pictures_area() {
        let style = to_area(&RgbImage::new(100, 400), (200, 200)).expect("resizes");
        assert_eq!(style.dimensions(), (100, 400));
        let style = to_area(&RgbImage::new(50, 50), (300, 100)).expect("resizes");
        assert_eq!(style.dimensions(), (173, 173));
    }
}
