//! The jobs of the program: loops, progress, files. They print nothing; they return what was done.

pub mod bench;
mod blend;
mod doctor;
pub mod gatys;
mod look;
mod models;
mod output;
mod refine;
pub mod runtime;
mod styles;
mod stylize;
pub mod verify;

pub use blend::{BlendJob, blend};
pub use doctor::{Finding, Report, doctor};
pub use models::{ModelInfo, add_model, list_models};
pub use refine::{Mismatch, REFINE_DEFAULT, REFINE_STEPS, Refined, Refiner};
pub use styles::{AddStyle, Refinement, Source, StyleArgument, StyleBook, user_gallery_path};
pub(crate) use stylize::check_size;
pub use stylize::{Failure, Painted, SIZES, StylizeJob, Summary, stylize};

use std::path::PathBuf;

use crate::device::Device;
use crate::engine::{Engine, EngineBuilder};
use crate::error::Result;
use crate::runtime::Precision;

/// Which networks a job uses, and where they run.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// See [`EngineBuilder::device`].
    pub device: Device,
    /// See [`EngineBuilder::threads`].
    pub threads: Option<usize>,
    /// See [`EngineBuilder::model`].
    pub model: Option<String>,
    /// See [`EngineBuilder::library`].
    pub library: Option<PathBuf>,
    /// See [`EngineBuilder::stats_every`].
    pub stats_every: Option<u32>,
    /// See [`EngineBuilder::precision`].
    pub precision: Precision,
    /// See [`EngineBuilder::tile`].
    pub tile: Option<u32>,
}

impl EngineOptions {
    /// Build the engine.
    ///
    /// # Errors
    /// As [`EngineBuilder::build`].
    pub fn build(&self) -> Result<Engine> {
        let mut builder: EngineBuilder = Engine::builder()
            .device(self.device)
            .precision(self.precision);
        if let Some(threads) = self.threads {
            builder = builder.threads(threads);
        }
        if let Some(model) = &self.model {
            builder = builder.model(model);
        }
        if let Some(library) = &self.library {
            builder = builder.library(library);
        }
        if let Some(frames) = self.stats_every {
            builder = builder.stats_every(frames);
        }
        if let Some(side) = self.tile {
            builder = builder.tile(side);
        }
        builder.build()
    }
}
