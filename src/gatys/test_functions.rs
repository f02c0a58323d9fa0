//! Test functions for optimisers, with known minima.

use super::objective::{Losses, Objective};
use crate::error::Result;

fn losses(total: f64) -> Losses {
    Losses {
        total,
        ..Losses::default()
    }
}

/// A quadratic that is a hundred times steeper on one side than on another; some of its minimum lies outside 0..=1.
#[derive(Debug, Clone)]
pub(super) struct Quadratic {
    pub(super) minimum: Vec<f32>,
}

impl Quadratic {
    pub(super) fn new(size: usize) -> Self {
        let place = |n: usize| ((n * 37) % 17) as f32 / 12.0 - 0.2;
        Self {
            minimum: (0..size).map(place).collect(),
        }
    }

    fn steepness(&self, n: usize) -> f32 {
        100.0_f32.powf(n as f32 / self.minimum.len() as f32)
    }

    /// The minimum within 0..=1.
    pub(super) fn least_loss(&self) -> f64 {
        let one =
            |(n, b): (usize, &f32)| f64::from(self.steepness(n) * (b.clamp(0.0, 1.0) - b).powi(2));
        self.minimum.iter().enumerate().map(one).sum()
    }
}

impl Objective for Quadratic {
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        let mut total = 0.0;
        for (n, (value, minimum)) in image.iter().zip(&self.minimum).enumerate() {
            let d = value - minimum;
            total += f64::from(self.steepness(n) * d * d);
            gradient[n] = 2.0 * self.steepness(n) * d;
        }
        Ok(losses(total))
    }
}

/// Rosenbrock's function, moved into 0..=1: its minimum is at (0.75, 0.75).
pub(super) struct Rosenbrock;

impl Objective for Rosenbrock {
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        let (x, y) = (
            f64::from(image[0]) * 4.0 - 2.0,
            f64::from(image[1]) * 4.0 - 2.0,
        );
        let bend = y - x * x;
        gradient[0] = (4.0 * (-2.0 * (1.0 - x) - 400.0 * x * bend)) as f32;
        gradient[1] = (4.0 * 200.0 * bend) as f32;
        Ok(losses((1.0 - x).powi(2) + 100.0 * bend * bend))
    }
}

/// A slope that ends in NaN below `edge`.
pub(super) struct NanBelow {
    pub(super) edge: f32,
}

impl Objective for NanBelow {
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        gradient.fill(1.0);
        let behind = image.iter().any(|v| *v <= self.edge);
        let sum: f32 = image.iter().sum();
        Ok(losses(if behind { f64::NAN } else { f64::from(sum) }))
    }
}

/// Counts how often another function is evaluated.
pub(super) struct Counted<T>(pub(super) T, pub(super) usize);

impl<T: Objective> Objective for Counted<T> {
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        self.1 += 1;
        self.0.evaluate(image, gradient)
    }
}
