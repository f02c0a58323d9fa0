//! The loss of an embedding and its slope: painted forwards, judged, and taken backwards.

use image::RgbImage;
use ndarray::ArrayView3;

use crate::engine::{Engine, StyleGradient};
use crate::error::{Error, Result};
use crate::gatys::{Losses, Matching, Objective, Planes};
use crate::picture;
use crate::style::StyleEmbedding;

/// A photo, what its pastiche is to match, and the way back from there.
pub(super) struct View {
    pub(super) photo: RgbImage,
    pub(super) matching: Matching,
    pub(super) gradient: StyleGradient,
}

/// The mean loss over several photos, as a function of the embedding.
pub(super) struct Slope<'e> {
    engine: &'e mut Engine,
    views: Vec<View>,
    space: String,
    pastiche: RgbImage,
    /// Of the embedding that was looked at first.
    first: Option<Losses>,
    best: Option<(Losses, Vec<f32>)>,
}

impl<'e> Slope<'e> {
    pub(super) fn new(engine: &'e mut Engine, views: Vec<View>, space: &str) -> Self {
        Self {
            engine,
            views,
            space: space.to_owned(),
            pastiche: RgbImage::new(0, 0),
            first: None,
            best: None,
        }
    }

    /// The losses of the first embedding and of the best, and the best.
    pub(super) fn found(self) -> (Losses, Losses, Vec<f32>) {
        let (losses, values) = self.best.unwrap_or_default();
        (self.first.unwrap_or_default(), losses, values)
    }
}

impl Objective for Slope<'_> {
    fn evaluate(&mut self, values: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        let style = StyleEmbedding::new(values.to_vec(), self.space.clone())?;
        self.engine.set_style(&style)?;
        gradient.fill(0.0);
        let mut mean = Losses::default();
        let share = 1.0 / self.views.len() as f64;
        for view in &mut self.views {
            self.engine.paint(&view.photo, &mut self.pastiche)?;
            let planes = Planes::of(&self.pastiche);
            let mut pull = vec![0.0; planes.values.len()];
            let losses = view.matching.evaluate(&planes.values, &mut pull)?;
            mean.content += losses.content * share;
            mean.style += losses.style * share;
            mean.total += losses.total * share;
            let by_bytes = interleaved(&pull);
            let shape = picture::view(&view.photo).dim();
            let by_bytes = ArrayView3::from_shape(shape, &by_bytes)
                .map_err(|e| Error::invalid("gradient", e.to_string()))?;
            let back = view.gradient.gradient(&view.photo, &style, by_bytes)?;
            for (sum, g) in gradient.iter_mut().zip(back) {
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

/// From planes of values in 0..=1 to pixels of bytes: three planes one after the other become triples, and a byte is a
/// 255th.
fn interleaved(planes: &[f32]) -> Vec<f32> {
    let plane = planes.len() / 3;
    (0..plane)
        .flat_map(|at| [0, 1, 2].map(|channel| planes[channel * plane + at] / 255.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_become_pixels() {
        let planes = [255.0, 510.0, 765.0, 1020.0, 0.0, 0.0];
        assert_eq!(interleaved(&planes), [1.0, 3.0, 0.0, 2.0, 4.0, 0.0]);
    }
}
