//! The options of an optimisation, and their ranges.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::gatys::{Adam, Lbfgs, Optimiser, Recipe};

/// What `--iterations` may be.
pub const ITERATIONS: RangeInclusive<usize> = 1..=100_000;

/// What `--scales` may be.
pub const SCALES: RangeInclusive<usize> = 1..=8;

/// The long side of the optimised picture when no size is given, in pixels.
pub const DEFAULT_SIZE: u32 = 512;

/// The picture to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Init {
    /// Noise of the seed.
    Noise,
    /// The content.
    Content,
    /// The pastiche that the fast network paints.
    Pastiche,
    /// A picture.
    File(PathBuf),
}

impl FromStr for Init {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "noise" => Self::Noise,
            "content" => Self::Content,
            "pastiche" => Self::Pastiche,
            "" => {
                let reason = "is empty; noise, content, pastiche or a picture is meant";
                return Err(Error::invalid("init", reason));
            }
            file => Self::File(PathBuf::from(file)),
        })
    }
}

/// The optimiser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// L-BFGS that keeps so many updates.
    Lbfgs {
        /// 1..=100.
        history: usize,
    },
    /// Adam with this step.
    Adam {
        /// Above 0, at most 1.
        rate: f64,
    },
}

impl Method {
    pub(super) fn optimiser(self) -> Result<Box<dyn Optimiser>> {
        Ok(match self {
            Self::Lbfgs { history } => Box::new(Lbfgs::new(history)?),
            Self::Adam { rate } => Box::new(Adam::new(rate)?),
        })
    }
}

/// The options of an optimisation.
#[derive(Debug, Clone)]
pub struct GatysOptions {
    /// Layers, weights, pooling, measure.
    pub recipe: Recipe,
    /// The picture to start from.
    pub init: Init,
    /// Seed of the noise.
    pub seed: u64,
    /// The optimiser.
    pub method: Method,
    /// Steps in all, shared by the scales; see [`ITERATIONS`].
    pub iterations: usize,
    /// The long side in pixels; [`DEFAULT_SIZE`] when absent.
    pub size: Option<u32>,
    /// Sizes from small to large, each the square root of 2 larger; see [`SCALES`].
    pub scales: usize,
    /// `vgg19`, `compact`, or a file of weights; see [`features`](crate::catalog::features()).
    pub features: Option<String>,
    /// Device, and the fast network of [`Init::Pastiche`].
    pub engine: EngineBuilder,
}

impl GatysOptions {
    pub(super) fn check(&self) -> Result<()> {
        crate::jobs::check_size(self.size)?;
        let within = |what: &str, value: usize, range: RangeInclusive<usize>| {
            if range.contains(&value) {
                return Ok(());
            }
            let (least, most) = (range.start(), range.end());
            let reason = format!("{value} is not between {least} and {most}");
            Err(Error::invalid(what, reason))
        };
        within("iterations", self.iterations, ITERATIONS)?;
        within("scales", self.scales, SCALES)?;
        self.recipe.checked()?;
        self.method.optimiser().map(drop)
    }
}
