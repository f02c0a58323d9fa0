//! The styles that `stylize` paints in, and how they are fitted to a photo first.

use std::ops::ControlFlow;

use image::RgbImage;

use super::output::distinct;
use super::refine::open_pictures;
use super::{Refined, Refiner, StylizeJob};
use crate::engine::Engine;
use crate::error::Result;
use crate::style::{StyleArgument, StyleEmbedding};

/// A style ready to be used, and what file names call it.
pub(super) struct Look {
    pub(super) name: String,
    pub(super) style: StyleEmbedding,
    /// The styles that it is made of, by their places in the job, and their weights.
    pub(super) parts: Vec<(usize, f32)>,
}

impl Look {
    /// Steps of its refinement.
    pub(super) fn steps(&self, refine: Option<usize>) -> usize {
        self.parts.len() * refine.unwrap_or(0)
    }
}

/// What refines the styles of a job.
pub(super) struct Fitting {
    refiner: Refiner,
    paintings: Vec<RgbImage>,
    names: Vec<String>,
    steps: usize,
}

impl Fitting {
    pub(super) fn open(job: &StylizeJob, steps: usize) -> Result<Self> {
        let paintings = job.styles.iter().filter_map(StyleArgument::picture);
        Ok(Self {
            refiner: Refiner::open(&job.engine, job.features.as_deref())?,
            paintings: open_pictures(paintings)?,
            names: distinct(job.styles.iter().map(StyleArgument::stem)),
            steps,
        })
    }

    /// The look, fitted to `photo`. `tell(n)` is asked whether to go on after n steps.
    pub(super) fn refine(
        &self,
        engine: &mut Engine,
        photo: &RgbImage,
        look: &Look,
        tell: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<(StyleEmbedding, Vec<(String, Refined)>)> {
        let mut refined = Vec::new();
        for (n, (place, _)) in look.parts.iter().enumerate() {
            let (painting, photos) = (&self.paintings[*place], std::slice::from_ref(photo));
            let mut watch = |done| tell(n * self.steps + done);
            let found = self
                .refiner
                .refine(engine, photos, painting, self.steps, &mut watch)?;
            refined.push((self.names[*place].clone(), found));
        }
        let parts = refined.iter().zip(&look.parts);
        let parts: Vec<_> = parts.map(|((_, r), (_, w))| (&r.style, *w)).collect();
        Ok((StyleEmbedding::mix(&parts)?, refined))
    }
}
