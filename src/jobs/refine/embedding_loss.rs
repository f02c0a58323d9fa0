//! The loss of an embedding: an embedding goes in; the mean loss of the photos painted in it, and the gradient with respect
//! to the embedding, come out.

use image::RgbImage;

use crate::engine::{Engine, StyleGradient};
use crate::error::Result;
use crate::gatys::{GatysObjective, Losses, Objective, Planes, planes};
use crate::style::StyleEmbedding;

/// A photo, the objective of its pastiche, and the gradient through the networks that paint it.
pub(super) struct Sample {
    pub(super) photo: RgbImage,
    pub(super) objective: GatysObjective,
    pub(super) gradient: StyleGradient,
}

/// The mean loss over several photos, as a function of the embedding.
pub(super) struct EmbeddingLoss<'e> {
    engine: &'e mut Engine,
    samples: Vec<Sample>,
    space: String,
    pastiche: RgbImage,
    /// Of the first embedding that was evaluated.
    first: Option<Losses>,
    best: Option<(Losses, Vec<f32>)>,
}

impl<'e> EmbeddingLoss<'e> {
    pub(super) fn new(engine: &'e mut Engine, samples: Vec<Sample>, space: &str) -> Self {
        Self {
            engine,
            samples,
            space: space.to_owned(),
            pastiche: RgbImage::new(0, 0),
            first: None,
            best: None,
        }
    }

    /// The losses of the first embedding and of the best, and the best.
    pub(super) fn results(self) -> (Losses, Losses, Vec<f32>) {
        let (losses, values) = self.best.unwrap_or_default();
        (self.first.unwrap_or_default(), losses, values)
    }
}

impl Objective for EmbeddingLoss<'_> {
    fn evaluate(&mut self, values: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        let style = StyleEmbedding::new(values.to_vec(), self.space.clone())?;
        self.engine.set_style(&style)?;
        gradient.fill(0.0);
        let mut mean = Losses::default();
        let share = 1.0 / self.samples.len() as f64;
        for sample in &mut self.samples {
            self.engine.paint(&sample.photo, &mut self.pastiche)?;
            let mut pastiche = planes::from_picture(&self.pastiche);
            let mut grad = Planes::zeros(pastiche.dim());
            let (image, by_image) = (planes::values(&mut pastiche)?, planes::values(&mut grad)?);
            let losses = sample.objective.evaluate(image, by_image)?;
            mean.content += losses.content * share;
            mean.style += losses.style * share;
            mean.total += losses.total * share;
            // The planes are in 0..=1, the bytes of the pastiche in 0..=255.
            grad /= 255.0;
            let by_bytes = grad.view().permuted_axes([1, 2, 0]);
            let found = sample.gradient.gradient(&sample.photo, &style, by_bytes)?;
            for (sum, g) in gradient.iter_mut().zip(found) {
                *sum += g * share as f32;
            }
        }
        self.first.get_or_insert_with(|| mean.clone());
        if self
            .best
            .as_ref()
            .is_none_or(|(best, _)| mean.total < best.total)
        {
            self.best = Some((mean.clone(), values.to_vec()));
        }
        Ok(mean)
    }
}
