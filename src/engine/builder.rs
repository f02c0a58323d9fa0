//! The options of an engine: options in, an [`Engine`] with its networks loaded out.

use std::path::{Path, PathBuf};

use ndarray::Array1;

use super::Engine;
use super::brush;
use super::tile_grid::TILES;
use super::tile_painter::TilePainter;
use super::transformer::{Files, Transformer};
use super::way::{Budget, Wanted};
use crate::catalog::{self, ModelSet};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::fetch::packages;
use crate::measure::Timings;
use crate::onnx::File;
use crate::runtime::{Precision, Runtime, SessionOptions, THREADS};
use crate::style::{Gallery, Head, Predictor};

/// The options of an [`Engine`]. The `get_` methods give what was set.
#[derive(Debug, Clone, Default)]
pub struct EngineBuilder {
    pub(crate) device: Device,
    pub(crate) threads: Option<usize>,
    pub(crate) model: Option<String>,
    pub(crate) library: Option<PathBuf>,
    stats_every: Option<u32>,
    pub(crate) precision: Precision,
    tile: Option<u32>,
    memory: Option<u64>,
    brush: Option<f32>,
}

impl EngineBuilder {
    /// Where the networks run. A device named here and not available is an error, never another device.
    ///
    /// Default: [`Device::Auto`], the best one there is.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// Threads of the CPU provider, within [`THREADS`]. More than there are cores is slower.
    ///
    /// Default: one for each physical core.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// A bundled model's name, a folder with a `models.toml`, or `FOLDER#NAME`.
    ///
    /// Default: the first bundled model.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// ONNX Runtime's shared library.
    ///
    /// Default: found as [`Runtime::load`] says.
    pub fn library(mut self, library: impl Into<PathBuf>) -> Self {
        self.library = Some(library.into());
        self
    }

    /// What the transformer computes with. A precision named here that the device or the model does not have is an
    /// error.
    ///
    /// Default: [`Precision::Auto`].
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Measure the statistics of the instance norms once in so many frames, 1..=1000, and paint the frames between with
    /// smoothed ones. For frames of one moving scene: a little faster, with the same flicker within 1 %. After a cut in
    /// the film tones are wrong until the next measurement. A change of style or size measures at once.
    ///
    /// Default: 1, every picture for itself.
    pub fn stats_every(mut self, frames: u32) -> Self {
        self.stats_every = Some(frames);
        self
    }

    /// Paint pictures of more than `side` x `side` pixels in tiles of about that side, within [`TILES`], whatever the
    /// memory. What is kept between the passes over the tiles still depends on [`EngineBuilder::memory`].
    ///
    /// Default: as the memory demands.
    pub fn tile(mut self, side: u32) -> Self {
        self.tile = Some(side);
        self
    }

    /// The memory that the program may take, in bytes, as estimated: photo, pastiche and networks included, but not what
    /// your own program holds. Larger pictures are painted in tiles; the more memory, the more is kept between the
    /// passes over the tiles and the less computed again. [`Engine::way`] tells what that comes to. On a GPU it is the
    /// memory beside that of the device.
    ///
    /// Default: half of what is free when the engine is built, at least a gibibyte; outside Linux enough for
    /// [`MOST_PIXELS`](super::MOST_PIXELS).
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// How large the strokes are, whatever the size of the picture: 0.25..=4 ([`BRUSHES`](super::BRUSHES)).
    ///
    /// A network paints strokes of a size in pixels. With brush `b` a picture is painted at 1/`b` of its size, so that its
    /// strokes are `b` times as large, in 1/`b`² of the time and memory, and brought up with crisp strokes and the content's
    /// own edges. Below 1 it is enlarged, painted and reduced: fine strokes, for 1/`b`² of the time and memory.
    /// A picture is not reduced to less than 16 pixels on its short side. [`auto_brush`](super::auto_brush) suggests one
    /// for a size.
    ///
    /// Default: 1, for which the result is the network's own, bit by bit.
    pub fn brush(mut self, brush: f32) -> Self {
        self.brush = Some(brush);
        self
    }

    /// The device that was set.
    pub fn get_device(&self) -> Device {
        self.device
    }

    /// The number of threads that was set.
    pub fn get_threads(&self) -> Option<usize> {
        self.threads
    }

    /// The model that was set.
    pub fn get_model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The library that was set.
    pub fn get_library(&self) -> Option<&Path> {
        self.library.as_deref()
    }

    /// The precision that was set.
    pub fn get_precision(&self) -> Precision {
        self.precision
    }

    /// How often statistics are measured, if that was set.
    pub fn get_stats_every(&self) -> Option<u32> {
        self.stats_every
    }

    /// The side of tiles that was set.
    pub fn get_tile(&self) -> Option<u32> {
        self.tile
    }

    /// The memory that was set.
    pub fn get_memory(&self) -> Option<u64> {
        self.memory
    }

    /// The brush that was set.
    pub fn get_brush(&self) -> Option<f32> {
        self.brush
    }

    /// The options on which the look of a pastiche depends, as a short text; not those that change only its rounding.
    #[cfg(feature = "jobs")]
    pub(crate) fn appearance(&self) -> String {
        // All fields by name: a new one cannot be forgotten here.
        let Self {
            device: _,
            threads: _,
            model: _, // its files are compared, not its name
            library: _,
            stats_every,
            precision,
            tile: _,
            memory: _,
            brush,
        } = self;
        format!("{precision:?} {stats_every:?} {brush:?}")
    }

    /// Load the runtime and the networks, and check that they fit each other.
    ///
    /// # Errors
    /// [`Error::LibraryNotFound`] and [`Error::LibraryUnusable`] without ONNX Runtime; [`Error::Device`] when the device is not available;
    /// [`Error::Model`] when a model file is missing, corrupt or not of the model contract;
    /// [`Error::Invalid`] for a count or a brush out of range or a precision that the device does not have.
    pub fn build(&self) -> Result<Engine> {
        if self.threads.is_some_and(|n| !THREADS.contains(&n)) {
            let (least, most) = (THREADS.start(), THREADS.end());
            let reason = format!("must be between {least} and {most}");
            return Err(Error::invalid("threads", reason));
        }
        let stats_every = self.stats_every.unwrap_or(1);
        if !(1..=1000).contains(&stats_every) {
            return Err(Error::invalid("stats-every", "must be between 1 and 1000"));
        }
        if self.tile.is_some_and(|side| !TILES.contains(&side)) {
            let (least, most) = (TILES.start(), TILES.end());
            let reason = format!("must be between {least} and {most} pixels");
            return Err(Error::invalid("tile", reason));
        }
        let brush = self.brush.unwrap_or(1.0);
        brush::check(brush)?;
        let device = self.precision.device(self.device)?;
        let mut set = catalog::find(self.model.as_deref())?;
        if self.precision == Precision::Int8 {
            set = set.in_int8()?;
        }
        let runtime = Runtime::load_for(device, self.library.as_deref())?;
        let found_best = (device, self.precision) == (Device::Auto, Precision::Auto)
            && packages::measured_beside(runtime.library()).is_some_and(|m| m.bf16);
        let options = SessionOptions {
            device,
            threads: self.threads,
            bf16: self.precision == Precision::Bf16 || found_best,
        };
        let wanted = Wanted {
            memory: self.memory,
            tile: self.tile,
        };
        let mut engine = Engine::assemble(&runtime, set, stats_every, wanted.or_free(), &options)?;
        engine.brush = brush;
        Ok(engine)
    }
}

impl Engine {
    /// An engine with the default model on the best device there is, unless told otherwise.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    fn assemble(
        runtime: &Runtime,
        set: ModelSet,
        stats_every: u32,
        budget: Budget,
        options: &SessionOptions,
    ) -> Result<Engine> {
        let mut timings = Timings::default();
        // The predictor runs once per painting: it stays on the CPU, which needs no warm-up and no copy to a device.
        let small = SessionOptions {
            device: Device::Cpu,
            threads: options.threads,
            bf16: false,
        };
        let (predictor, head) = timings.time("load", || -> Result<_> {
            let predictor = set
                .predictor
                .as_ref()
                .map(|p| {
                    Predictor::open(
                        runtime,
                        &p.label,
                        &p.bytes,
                        &set.space,
                        set.style_side,
                        &small,
                    )
                })
                .transpose()?;
            let file = File {
                label: &set.head.label,
                bytes: &set.head.bytes,
            };
            Ok((predictor, Head::read(&file, &set.space, set.params)?))
        })?;
        let made = predictor
            .as_ref()
            .and_then(Predictor::bottleneck)
            .or(set.bottleneck);
        if made.is_some_and(|d| d != head.bottleneck()) {
            return Err(Error::Model {
                model: set.head.label,
                reason: format!(
                    "takes {} values, the predictor gives {}",
                    head.bottleneck(),
                    made.unwrap_or(0)
                ),
            });
        }
        let transformer = timings.time("load", || {
            let files = Files {
                transformer: &set.transformer,
                frozen: &set.transformer_frozen,
                params: set.params,
                stats: set.stats,
            };
            Transformer::open(runtime, &files, stats_every, options)
        })?;
        let text = set.gallery.unwrap_or_default();
        Ok(Engine {
            model: set.name,
            predictor,
            head,
            transformer,
            tile_painter: TilePainter {
                runtime: runtime.clone(),
                part: set.transformer,
                options: options.clone(),
            },
            budget,
            brush: 1.0,
            brush_scaler: None,
            threads: options.threads,
            space: set.space,
            gallery: Gallery::parse("bundled gallery", &text)?,
            current: None,
            params: Array1::zeros(set.params),
            timings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_told() {
        let none = EngineBuilder::default();
        assert_eq!((none.get_threads(), none.get_model()), (None, None));
        assert_eq!((none.get_stats_every(), none.get_tile()), (None, None));
        assert_eq!((none.get_memory(), none.get_brush()), (None, None));
        let set = none
            .device(Device::Cuda)
            .threads(3)
            .model("fine")
            .library("onnxruntime.so")
            .precision(Precision::F32)
            .stats_every(7)
            .tile(512)
            .memory(1 << 30)
            .brush(1.5);
        assert_eq!(
            (set.get_device(), set.get_threads()),
            (Device::Cuda, Some(3))
        );
        assert_eq!(set.get_model(), Some("fine"));
        assert_eq!(set.get_library(), Some(Path::new("onnxruntime.so")));
        assert_eq!(set.get_precision(), Precision::F32);
        assert_eq!(
            (set.get_stats_every(), set.get_tile()),
            (Some(7), Some(512))
        );
        assert_eq!(
            (set.get_memory(), set.get_brush()),
            (Some(1 << 30), Some(1.5))
        );
    }
}
