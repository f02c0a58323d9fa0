//! Refinement: a painting and some photos go in; an embedding comes out that was fitted to the painting by gradient
//! descent, beginning with the predictor's.
//!
//! The networks stay as they are; only the embedding changes, to lower the loss that they were trained with: relative
//! errors of features and Gram matrices (Gatys et al. 2016), measured by VGG-19 or the compact network. The result is an
//! embedding like any other: it can be blended, kept in a gallery, and used for other photos.

mod embedding_loss;
mod photos;

use std::ops::{ControlFlow, RangeInclusive};

use image::RgbImage;

use super::gatys::GatysRunner;
use crate::catalog::{self, ModelSet};
use crate::engine::{Engine, EngineBuilder, StyleGradient};
use crate::error::{Error, Result};
use crate::gatys::{Adam, Losses, Measure, Optimiser, Pooling, Recipe, weighted};
use crate::picture;
use crate::runtime::Precision;
use crate::style::StyleEmbedding;

use embedding_loss::{EmbeddingLoss, Sample};
pub(super) use photos::{open as open_pictures, test_card};

/// How many steps may be asked for.
pub const REFINE_STEPS: RangeInclusive<usize> = 1..=1000;

/// The default number of steps.
pub const REFINE_DEFAULT: usize = 30;

/// The short side, in pixels, at which photos are painted to be measured; smaller ones stay as they are.
const SIDE: u32 = 256;

/// The weight of the mean style error of five layers against the content error: as the bundled networks were trained.
const STYLE_WEIGHT: f64 = 36.0;

/// The step of Adam, as a share of the root mean square of the embedding.
const STEP_SHARE: f64 = 0.3;

/// How far a pastiche is from its photo and its painting; 0 is no difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mismatch {
    /// |F(y)-F(c)|^2 / |F(c)|^2 at relu4_2.
    pub content: f64,
    /// The mean over relu1_1 .. relu5_1 of |G(y)-G(s)|^2 / |G(s)|^2.
    pub style: f64,
}

impl From<&Losses> for Mismatch {
    fn from(losses: &Losses) -> Self {
        Self {
            content: losses.content,
            style: losses.style / STYLE_WEIGHT,
        }
    }
}

/// The result of a refinement.
#[derive(Debug, Clone)]
pub struct Refined {
    /// The best embedding; the predictor's own if there was no better one.
    pub style: StyleEmbedding,
    /// The steps that were taken.
    pub steps: usize,
    /// The network that measured.
    pub features: String,
    /// Of the predictor's embedding, a mean over the photos.
    pub before: Mismatch,
    /// Of the refined one.
    pub after: Mismatch,
}

/// Fits embeddings to paintings.
pub struct Refiner {
    runner: GatysRunner,
    set: ModelSet,
    recipe: Recipe,
}

impl Refiner {
    /// Read the network that measures, and check that the model of `options` can be differentiated. `features` is as in
    /// [`catalog::features()`]: VGG-19 where it is installed, else the compact network, unless one is named.
    ///
    /// # Errors
    /// [`Error::Model`] when it cannot, or the features are not there; those of the runtime.
    pub fn open(options: &EngineBuilder, features: Option<&str>) -> Result<Self> {
        let set = catalog::find(options.model.as_deref())?;
        StyleGradient::check(&set)?;
        let mut options = options.clone();
        if options.precision == Precision::Int8 {
            // The gradient of an 8-bit model is computed in f32, on the same device.
            options.device = options.precision.device(options.device)?;
            options.precision = Precision::F32;
        }
        Ok(Self {
            runner: GatysRunner::with(features, &options)?,
            set,
            recipe: Recipe {
                content: weighted(&["relu4_2"], 1.0)?,
                style: weighted(&["relu1_1..relu5_1"], STYLE_WEIGHT)?,
                tv: 0.0,
                pooling: Pooling::Average,
                measure: Measure::Relative,
            },
        })
    }

    /// Fit the embedding of `painting` on `photos`, beginning with the prediction of `engine`. `on_step` is called before
    /// each step with the number of steps done, and may stop the work.
    ///
    /// # Errors
    /// [`Error::Invalid`] for steps out of [`REFINE_STEPS`] or no photo, [`Error::TooSmall`], [`Error::Interrupted`], and
    /// those of [`Engine::embed`] and [`Engine::paint`].
    pub fn refine(
        &self,
        engine: &mut Engine,
        photos: &[RgbImage],
        painting: &RgbImage,
        steps: usize,
        on_step: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Refined> {
        check_steps(steps)?;
        let start = engine.embed(painting)?;
        let samples = photos
            .iter()
            .map(|photo| self.sample(photo, painting))
            .collect::<Result<Vec<_>>>()?;
        if samples.is_empty() {
            return Err(Error::invalid("on", "at least one photo is needed"));
        }
        let mut loss = EmbeddingLoss::new(engine, samples, start.space());
        let mut values = start.values().to_vec();
        let mut adam = Adam::unbounded(STEP_SHARE * rms(&values).clamp(1e-3, 1.0))?;
        let mut taken = 0;
        for step in 0..steps {
            if on_step(step).is_break() {
                return Err(Error::Interrupted);
            }
            let stalled = adam.step(&mut loss, &mut values)?.stalled;
            taken = step + 1;
            if stalled {
                break;
            }
        }
        let (before, after, best) = loss.results();
        Ok(Refined {
            style: StyleEmbedding::new(best, start.space())?,
            steps: taken,
            features: self.runner.features().to_owned(),
            before: Mismatch::from(&before),
            after: Mismatch::from(&after),
        })
    }

    fn sample(&self, photo: &RgbImage, painting: &RgbImage) -> Result<Sample> {
        let (width, height) = photo.dimensions();
        let photo = picture::fit_short(photo, SIDE.min(width).min(height))?;
        let size = (photo.width() as usize, photo.height() as usize);
        let (content, style) = (Some(&photo), Some(painting));
        let objective = self.runner.objective(&self.recipe, content, style, size)?;
        let (runtime, session) = self.runner.runtime();
        let gradient = StyleGradient::open(runtime, &self.set, photo.dimensions(), session)?;
        Ok(Sample {
            photo,
            objective,
            gradient,
        })
    }
}

/// The root mean square.
fn rms(values: &[f32]) -> f64 {
    let square: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
    (square / values.len().max(1) as f64).sqrt()
}

/// Check that the number of steps is within [`REFINE_STEPS`].
pub(super) fn check_steps(steps: usize) -> Result<()> {
    if REFINE_STEPS.contains(&steps) {
        return Ok(());
    }
    let (least, most) = (REFINE_STEPS.start(), REFINE_STEPS.end());
    let reason = format!("{steps} is not between {least} and {most} steps");
    Err(Error::invalid("refine", reason))
}
