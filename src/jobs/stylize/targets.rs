//! The style arguments of `stylize` in; the styles to paint in out, fitted to a photo where that was asked for.

use std::ops::ControlFlow;

use image::RgbImage;

use super::StylizeJob;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::output_paths::distinct;
use crate::jobs::refine::open_pictures;
use crate::jobs::{Refined, Refiner};
use crate::style::{StyleArgument, StyleEmbedding};

/// A style to paint in: one of the arguments, or a blend of all.
pub(super) struct Target {
    /// What file names call it.
    pub(super) name: String,
    pub(super) style: StyleEmbedding,
    /// The arguments that it is made of, by their index, and their weights.
    pub(super) parts: Vec<(usize, f32)>,
}

impl Target {
    /// The number of steps of its refinement.
    pub(super) fn steps(&self, refine: Option<usize>) -> usize {
        self.parts.len() * refine.unwrap_or(0)
    }
}

/// One blend of all arguments, or with `each` a target for every argument. `embedded` has their embeddings.
pub(super) fn targets(job: &StylizeJob, embedded: &[StyleEmbedding]) -> Result<Vec<Target>> {
    let stems = job.styles.iter().map(StyleArgument::stem);
    if job.each {
        let named = distinct(stems).into_iter().zip(embedded).enumerate();
        return Ok(named
            .map(|(index, (name, style))| Target {
                name,
                style: style.clone(),
                parts: vec![(index, 1.0)],
            })
            .collect());
    }
    let weights: Vec<f32> = job.styles.iter().map(|a| a.weight).collect();
    let parts: Vec<_> = embedded.iter().zip(weights.iter().copied()).collect();
    Ok(vec![Target {
        name: stems.collect::<Vec<_>>().join("+"),
        style: StyleEmbedding::mix(&parts)?,
        parts: weights.into_iter().enumerate().collect(),
    }])
}

/// Fits the targets of a job to its photos.
pub(super) struct StyleFitter {
    refiner: Refiner,
    paintings: Vec<RgbImage>,
    names: Vec<String>,
    steps: usize,
}

impl StyleFitter {
    pub(super) fn open(job: &StylizeJob, steps: usize) -> Result<Self> {
        let paintings = job.styles.iter().filter_map(StyleArgument::picture);
        Ok(Self {
            refiner: Refiner::open(&job.engine, job.features.as_deref())?,
            paintings: open_pictures(paintings)?,
            names: distinct(job.styles.iter().map(StyleArgument::stem)),
            steps,
        })
    }

    /// The embedding of `target` fitted to `photo`, and the result for each of its parts. `watch(n)` is called after n
    /// steps and may stop the work.
    pub(super) fn fit(
        &self,
        engine: &mut Engine,
        photo: &RgbImage,
        target: &Target,
        watch: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<(StyleEmbedding, Vec<(String, Refined)>)> {
        let mut refined = Vec::new();
        for (n, (index, _)) in target.parts.iter().enumerate() {
            let (painting, photos) = (&self.paintings[*index], std::slice::from_ref(photo));
            let mut watch_part = |done| watch(n * self.steps + done);
            let found =
                self.refiner
                    .refine(engine, photos, painting, self.steps, &mut watch_part)?;
            refined.push((self.names[*index].clone(), found));
        }
        let parts = refined.iter().zip(&target.parts);
        let parts: Vec<_> = parts.map(|((_, r), (_, w))| (&r.style, *w)).collect();
        Ok((StyleEmbedding::mix(&parts)?, refined))
    }
}
