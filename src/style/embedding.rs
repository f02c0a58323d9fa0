//! Style embeddings: the numbers of a painting, and blends of several; embeddings in, an embedding out.

use ndarray::{Array1, ArrayView1};

use crate::error::{Error, Result};

/// A style as the predictor sees it: the bottleneck, `D` numbers (100 in the bundled models).
///
/// Gammas and betas are an affine function of it (Ghiasi et al. 2017, section 3), so blending embeddings
/// blends every conditional instance norm of the transformer, as long as the weights sum to one:
/// 0 and 1 give the two paintings, and what lies between is a painting too.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleEmbedding {
    values: Array1<f32>,
    space: String,
}

impl StyleEmbedding {
    /// An embedding of `values`, made by the network that `space` names
    /// (see [`ModelSet::space`](crate::catalog::ModelSet::space)).
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is no value, or one is not finite.
    pub fn new(values: impl Into<Array1<f32>>, space: impl Into<String>) -> Result<Self> {
        let values = values.into();
        if values.is_empty() {
            return Err(Error::invalid("embedding", "has no values"));
        }
        if values.iter().any(|v| !v.is_finite()) {
            return Err(Error::invalid(
                "embedding",
                "has a value that is not a finite number",
            ));
        }
        Ok(Self {
            values,
            space: space.into(),
        })
    }

    /// The `D` numbers.
    pub fn values(&self) -> ArrayView1<'_, f32> {
        self.values.view()
    }

    /// The network that made it.
    pub fn space(&self) -> &str {
        &self.space
    }

    /// The point at `t` of the way from `self` (0) to `other` (1). `t` may lie outside 0..=1: that exaggerates.
    ///
    /// # Errors
    /// As [`StyleEmbedding::mix`].
    pub fn lerp(&self, other: &Self, t: f32) -> Result<Self> {
        Self::mix(&[(self, 1.0 - t), (other, t)])
    }

    /// The weighted mean of several embeddings; the weights are divided by their sum.
    ///
    /// # Errors
    /// [`Error::Invalid`] when nothing is given, a weight is not finite, the weights sum to (nearly) zero, or
    /// the embeddings were made by different networks.
    pub fn mix(parts: &[(&Self, f32)]) -> Result<Self> {
        let Some((first, _)) = parts.first() else {
            return Err(Error::invalid("styles", "at least one is needed"));
        };
        let mut mixed = (*first).clone();
        mixed.become_mix(parts.iter().copied())?;
        Ok(mixed)
    }

    /// [`StyleEmbedding::mix`] into this one, without allocating: for every frame of a transition. The old values are lost,
    /// also when it fails.
    ///
    /// # Errors
    /// As [`StyleEmbedding::mix`]; the embeddings must be of this one's network too.
    pub fn become_mix<'a>(
        &mut self,
        parts: impl Iterator<Item = (&'a Self, f32)> + Clone,
    ) -> Result<()> {
        for (part, weight) in parts.clone() {
            if part.space != self.space || part.values.len() != self.values.len() {
                return Err(Error::invalid(
                    "styles",
                    "were made by different networks and cannot be blended",
                ));
            }
            if !weight.is_finite() {
                return Err(Error::invalid(
                    "style weight",
                    format!("{weight} is not a finite number"),
                ));
            }
        }
        let sum: f32 = parts.clone().map(|(_, weight)| weight).sum();
        if !sum.is_finite() || sum.abs() < 1e-6 {
            return Err(Error::invalid(
                "style weights",
                "sum to zero; at least one must be positive",
            ));
        }
        self.values.fill(0.0);
        for (part, weight) in parts {
            self.values.scaled_add(weight / sum, &part.values);
        }
        if self.values.iter().any(|v| !v.is_finite()) {
            return Err(Error::invalid(
                "embedding",
                "has a value that is not a finite number",
            ));
        }
        Ok(())
    }

    /// Euclidean distance between two embeddings: similar paintings are near each other.
    pub fn distance(&self, other: &Self) -> f32 {
        let pairs = self.values.iter().zip(&other.values);
        pairs.map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(values: &[f32]) -> StyleEmbedding {
        StyleEmbedding::new(values.to_vec(), "s").unwrap()
    }

    #[test]
    fn lerp_meets_both_ends_and_the_middle() {
        let (a, b) = (at(&[0.0, 2.0]), at(&[4.0, -2.0]));
        assert_eq!(a.lerp(&b, 0.0).unwrap(), a);
        assert_eq!(a.lerp(&b, 1.0).unwrap(), b);
        assert_eq!(a.lerp(&b, 0.5).unwrap(), at(&[2.0, 0.0]));
        assert_eq!(a.lerp(&b, 2.0).unwrap(), at(&[8.0, -6.0]));
    }

    #[test]
    fn weights_need_not_sum_to_one() {
        let (a, b) = (at(&[1.0]), at(&[4.0]));
        assert_eq!(
            StyleEmbedding::mix(&[(&a, 2.0), (&b, 1.0)]).unwrap(),
            at(&[2.0])
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let a = at(&[1.0]);
        let other = StyleEmbedding::new(vec![1.0], "another").unwrap();
        assert!(StyleEmbedding::mix(&[]).is_err());
        assert!(StyleEmbedding::mix(&[(&a, 1.0), (&other, 1.0)]).is_err());
        assert!(StyleEmbedding::mix(&[(&a, 0.0)]).is_err());
        assert!(StyleEmbedding::mix(&[(&a, 1.0), (&a, -1.0)]).is_err());
        assert!(StyleEmbedding::mix(&[(&a, f32::NAN)]).is_err());
        assert!(StyleEmbedding::mix(&[(&a, f32::MAX), (&a, f32::MAX)]).is_err());
        assert!(StyleEmbedding::new(vec![f32::INFINITY], "s").is_err());
        assert!(StyleEmbedding::new(Vec::new(), "s").is_err());
    }

    #[test]
    fn distance_is_euclidean() {
        assert_eq!(at(&[0.0, 0.0]).distance(&at(&[3.0, 4.0])), 5.0);
    }
}
