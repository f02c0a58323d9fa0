//! Going down an objective.

use super::objective::{Losses, Objective};
use crate::error::{Error, Result};

/// What a step came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The losses of the picture after the step.
    pub losses: Losses,
    /// How often the objective was evaluated for it.
    pub evaluations: usize,
    /// Nothing better can be found from here.
    pub stalled: bool,
}

/// A method that goes down an [`Objective`] step by step, and keeps what it has learnt of it in between.
pub trait Optimiser {
    /// One step: `image`, all values of which stay in 0..=1 (but see [`Adam::unbounded`](super::Adam::unbounded)),
    /// becomes better.
    ///
    /// # Errors
    /// [`Error::Inference`] when the network fails, or when the loss of `image` is not a number to begin with.
    fn step(&mut self, objective: &mut dyn Objective, image: &mut [f32]) -> Result<Step>;
}

/// An error that says which numbers to look at.
pub(super) fn not_finite(losses: &Losses) -> Error {
    Error::Inference {
        network: "objective".to_owned(),
        reason: format!(
            "the loss is not finite (content {}, style {}, variation {}); try smaller weights, or the device cpu",
            losses.content, losses.style, losses.tv
        ),
    }
}

/// Whether everything about an evaluation is finite.
pub(super) fn is_finite(losses: &Losses, gradient: &[f32]) -> bool {
    // The sum of finite numbers may overflow, but not in f64.
    let sum: f64 = gradient.iter().map(|v| f64::from(*v)).sum();
    losses.total.is_finite() && sum.is_finite()
}
