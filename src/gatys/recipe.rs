//! Recipes of the objective: names of presets and layers go in; layers, their weights, pooling and measure come out.

use super::layer::Layer;
use crate::error::{Error, Result};

/// Pooling between blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pooling {
    /// The mean of four: Gatys et al. 2016, section 2, find that it gives the better pictures.
    #[default]
    Average,
    /// The greatest of four, as VGG-19 was trained.
    Max,
}

/// What the squared differences of features F (N channels at M positions) and of Gram matrices are divided by.
///
/// The Gram matrices here are G = F F^T / M, so that pictures of different sizes can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// The square of the target: content |F-P|^2/|P|^2, style |G-A|^2/|A|^2. All pictures have the same weight.
    #[default]
    Relative,
    /// Gatys et al. 2016, eq. 1 and 4: content 1/2 |F-P|^2, style 1/(4 N^2) |G-A|^2, where the paper scales the filters to a
    /// mean activation of 1. Here all features of a layer are divided by their mean in the picture that they are to match;
    /// `export/ship/vgg19.py --normalise` scales each filter, as the paper does.
    Gatys,
    /// The number of features: content |F-P|^2/(N M), style |G-A|^2/N^2.
    Size,
    /// The mean: content |F-P|^2/(N M), style |G-A|^2/N^4, that is, the mean square of G/N.
    Mean,
}

/// A layer and the weight of its term.
pub type Weighted = (Layer, f64);

/// The objective: sum of content, style and total-variation terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Layers whose features are compared with the content's.
    pub content: Vec<Weighted>,
    /// Layers whose Gram matrices are compared with the style's.
    pub style: Vec<Weighted>,
    /// Weight of the sum of squared differences between neighbours, divided by the number of pixels' values.
    pub tv: f64,
    /// Pooling.
    pub pooling: Pooling,
    /// Measure.
    pub measure: Measure,
}

/// Names of the presets, for the command line.
pub const PRESETS: [&str; 4] = ["balanced", "gatys", "term-paper", "assignment"];

impl Recipe {
    /// One of [`PRESETS`]: ours, with relative errors, and three from the literature.
    ///
    /// # Errors
    /// [`Error::Invalid`] for another name.
    pub fn preset(name: &str) -> Result<Self> {
        let firsts = "relu1_1..relu5_1";
        match name {
            "balanced" => Self::new(&["relu4_2"], 1.0, &[firsts], 8.0, Measure::Relative, 0.05),
            // Gatys et al. 2016, eq. 1 to 7, with weights of our own. Read literally, alpha/beta = 1e-3 and equal layers
            // give the photo with hardly any style, as the content term is a sum over all positions and the style term is
            // not. In proportion to 1/N_l^2 the style comes through (export/EXPERIMENTS.md has the pictures in words).
            "gatys" => {
                let style = ["relu1_1:64", "relu2_1:16", "relu3_1:4", "relu4_1..relu5_1"];
                Self::new(&["relu4_2"], 1.0, &style, 3e6, Measure::Gatys, 0.0)
            }
            "term-paper" => {
                let content = ["relu3_2", "relu4_2"];
                Self::new(&content, 1.0, &[firsts], 1e2, Measure::Size, 1e2)
            }
            "assignment" => {
                let style = ["conv1_2", "conv2_2", "conv3_4", "conv4_4", "conv5_4"];
                Self::new(&["conv4_2"], 10.0, &style, 1e6, Measure::Mean, 0.0)
            }
            other => Err(Error::invalid(
                "preset",
                format!("'{other}' is none of {}", PRESETS.join(", ")),
            )),
        }
    }

    fn new(
        content: &[&str],
        content_weight: f64,
        style: &[&str],
        style_weight: f64,
        measure: Measure,
        tv: f64,
    ) -> Result<Self> {
        Ok(Self {
            content: weighted(content, content_weight)?,
            style: weighted(style, style_weight)?,
            tv,
            pooling: Pooling::Average,
            measure,
        })
    }

    /// Scale the weights of the content, or style, layers to this sum.
    pub fn reweigh(layers: &mut [Weighted], sum: f64) {
        let now: f64 = layers.iter().map(|(_, weight)| weight).sum();
        for (_, weight) in layers.iter_mut() {
            *weight = if now > 0.0 { *weight / now * sum } else { 0.0 };
        }
    }

    /// The same without terms of weight 0.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a weight is negative or NaN, or all are 0.
    pub fn checked(&self) -> Result<Self> {
        let all = self.content.iter().chain(&self.style);
        for (what, weight) in all
            .map(|(layer, weight)| (format!("weight of {layer}"), *weight))
            .chain([("tv".to_owned(), self.tv)])
        {
            if !(0.0..=1e12).contains(&weight) {
                return Err(Error::invalid(
                    what,
                    format!("{weight} is not between 0 and 1e12"),
                ));
            }
        }
        let left = |layers: &[Weighted]| -> Vec<Weighted> {
            layers.iter().filter(|(_, w)| *w > 0.0).copied().collect()
        };
        let checked = Self {
            content: left(&self.content),
            style: left(&self.style),
            ..self.clone()
        };
        if checked.content.is_empty() && checked.style.is_empty() {
            let reason = "all weights are 0, so there is nothing to optimise; give content or style a weight";
            return Err(Error::invalid("objective", reason));
        }
        Ok(checked)
    }
}

/// Layers and ranges of layers with weights that add up to `sum`: equal ones, or in the proportions of
/// `relu1_1:4 relu2_1..relu5_1:1`.
///
/// A layer that is named twice has the last weight; the default is 1.
///
/// # Errors
/// [`Error::Invalid`] for what is no layer, a weight that is negative or no finite number, and weights that are all 0.
pub fn weighted<T: AsRef<str>>(layers: &[T], sum: f64) -> Result<Vec<Weighted>> {
    let mut all: Vec<Weighted> = Vec::new();
    for text in layers {
        let text = text.as_ref();
        let (names, weight) = match text.split_once(':') {
            None => (text, 1.0),
            Some((names, number)) => (names, layer_weight(text, number)?),
        };
        for layer in Layer::range(names)? {
            match all.iter_mut().find(|(known, _)| *known == layer) {
                Some((_, old)) => *old = weight,
                None => all.push((layer, weight)),
            }
        }
    }
    let total: f64 = all.iter().map(|(_, weight)| weight).sum();
    if total <= 0.0 && !all.is_empty() {
        let reason = "the weights of these layers are all 0; give one of them more, as relu1_1:1";
        return Err(Error::invalid("layers", reason));
    }
    for (_, weight) in &mut all {
        *weight *= sum / total;
    }
    Ok(all)
}

/// The number after the colon of `text`.
fn layer_weight(text: &str, number: &str) -> Result<f64> {
    match number.trim().parse::<f64>() {
        Ok(weight) if (0.0..=1e9).contains(&weight) => Ok(weight),
        _ => {
            let reason = format!("'{text}': a weight is a number from 0 to 1e9, as in relu1_1:4");
            Err(Error::invalid("layers", reason))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_there_and_checks() {
        for name in PRESETS {
            let recipe = Recipe::preset(name).unwrap().checked().unwrap();
            assert!(
                recipe.style.len() == 5 && !recipe.content.is_empty(),
                "{name}"
            );
        }
        assert!(Recipe::preset("rembrandt").is_err());
    }

    #[test]
    fn weights_of_zero_drop_terms_and_nothing_is_refused() {
        let mut recipe = Recipe::preset("balanced").unwrap();
        Recipe::reweigh(&mut recipe.content, 0.0);
        let left = recipe.checked().unwrap();
        assert!(left.content.is_empty() && left.style.len() == 5);
        Recipe::reweigh(&mut recipe.style, 0.0);
        assert!(recipe.checked().is_err());
        recipe.tv = f64::NAN;
        assert!(recipe.checked().is_err());
    }

    #[test]
    fn layers_have_the_given_proportions() {
        let layers = weighted(&["relu1_1:6", "relu2_1..=relu4_1", "relu3_1:0"], 16.0).unwrap();
        let weights: Vec<f64> = layers.iter().map(|(_, weight)| *weight).collect();
        // The range is relu2_1, relu3_1 and relu4_1; relu3_1 was given 0 after it.
        assert_eq!(weights, [12.0, 2.0, 0.0, 2.0]);
        for wrong in [
            "relu1_1:-1",
            "relu1_1:",
            "relu1_1:nan",
            "relu1_1:inf",
            "relu1_1:0",
        ] {
            assert!(weighted(&[wrong], 1.0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_new_weight_keeps_the_proportions() {
        let mut layers = weighted(&["relu1_1", "relu2_1"], 1.0).unwrap();
        layers[0].1 = 1.5;
        Recipe::reweigh(&mut layers, 8.0);
        assert_eq!((layers[0].1, layers[1].1), (6.0, 2.0));
    }
}
