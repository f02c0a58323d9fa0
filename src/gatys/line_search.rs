//! The line search: a point and a direction go in, a better point along it comes out (Nocedal & Wright 2006, algorithms 3.5
//! and 3.6, strong Wolfe conditions).
//!
//! Points are clipped to 0..=1: phi(t) = f(P(x + t d)), where P clips, and the slope of phi is over the values that P does
//! not change. Away from the bounds that is the ordinary line search.

use super::objective::{Losses, Objective};
use super::optimiser::is_finite;
use crate::error::Result;

/// Sufficient decrease and curvature, as usual for L-BFGS.
const C1: f64 = 1e-4;
const C2: f64 = 0.9;

/// The most evaluations of one search.
const MAX_EVALUATIONS: usize = 12;

/// Buffers, kept from one search to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct LineSearch {
    /// The best point so far, and the gradient there.
    pub(super) image: Vec<f32>,
    pub(super) gradient: Vec<f32>,
    trial: Vec<f32>,
    trial_gradient: Vec<f32>,
}

/// A point on the line.
#[derive(Debug, Clone, Copy)]
struct Point {
    t: f64,
    value: f64,
    slope: f64,
}

impl LineSearch {
    /// From `image`, where the loss is `value` and the slope along `direction` is `slope` < 0, beginning with the step
    /// `first`. Gives the losses of the best point, which is then in [`LineSearch::image`] (`None` when no point is better
    /// enough), and the number of evaluations.
    ///
    /// # Errors
    /// Those of the objective.
    pub(super) fn run(
        &mut self,
        objective: &mut dyn Objective,
        image: &[f32],
        direction: &[f32],
        (value, slope): (f64, f64),
        first: f64,
    ) -> Result<(Option<Losses>, usize)> {
        self.trial.resize(image.len(), 0.0);
        self.trial_gradient.resize(image.len(), 0.0);
        let start = Point {
            t: 0.0,
            value,
            slope,
        };
        let mut best: Option<(Point, Losses)> = None;
        // The interval that holds the minimum: its better end, and the other once one is known.
        let (mut low, mut high): (Point, Option<Point>) = (start, None);
        let mut t = first;
        let mut evaluations = 0;
        while evaluations < MAX_EVALUATIONS {
            let (point, losses) = self.evaluate(objective, image, direction, t)?;
            evaluations += 1;
            let falls = point.value <= start.value + C1 * t * start.slope;
            if falls && best.as_ref().is_none_or(|(b, _)| point.value < b.value) {
                std::mem::swap(&mut self.image, &mut self.trial);
                std::mem::swap(&mut self.gradient, &mut self.trial_gradient);
                self.trial.resize(image.len(), 0.0);
                self.trial_gradient.resize(image.len(), 0.0);
                best = Some((point, losses));
            }
            if !falls || point.value >= low.value && low.t > 0.0 {
                high = Some(point);
            } else if point.slope.abs() <= -C2 * start.slope {
                break;
            } else if point.slope >= 0.0 {
                high = Some(low);
                low = point;
            } else {
                if high.is_some_and(|h| (h.t - low.t) * point.slope >= 0.0) {
                    high = Some(low);
                }
                low = point;
            }
            t = match high {
                None => 2.5 * t,
                Some(high) => interpolate(low, high),
            };
            let width = high.map_or(f64::INFINITY, |high| (high.t - low.t).abs());
            if width <= 1e-9 * t.abs().max(1e-12) {
                break;
            }
        }
        Ok((best.map(|(_, losses)| losses), evaluations))
    }

    fn evaluate(
        &mut self,
        objective: &mut dyn Objective,
        image: &[f32],
        direction: &[f32],
        t: f64,
    ) -> Result<(Point, Losses)> {
        for ((trial, at), d) in self.trial.iter_mut().zip(image).zip(direction) {
            *trial = (f64::from(*at) + t * f64::from(*d)).clamp(0.0, 1.0) as f32;
        }
        let losses = objective.evaluate(&self.trial, &mut self.trial_gradient)?;
        if !is_finite(&losses, &self.trial_gradient) {
            // Treated as infinite loss, so that the search turns back.
            let point = Point {
                t,
                value: f64::INFINITY,
                slope: f64::INFINITY,
            };
            return Ok((point, losses));
        }
        let inside = |trial: f32, d: f32| !(trial <= 0.0 && d < 0.0 || trial >= 1.0 && d > 0.0);
        let slope = self
            .trial
            .iter()
            .zip(direction)
            .zip(&self.trial_gradient)
            .filter(|((trial, d), _)| inside(**trial, **d))
            .map(|((_, d), g)| f64::from(*d) * f64::from(*g))
            .sum();
        let point = Point {
            t,
            value: losses.total,
            slope,
        };
        Ok((point, losses))
    }
}

/// The minimum of the cubic through two points (Nocedal & Wright, eq. 3.59), kept away from both.
fn interpolate(a: Point, b: Point) -> f64 {
    let (least, most) = (a.t.min(b.t), a.t.max(b.t));
    let margin = 0.1 * (most - least);
    let middle = (least + most) / 2.0;
    if !b.value.is_finite() {
        // An infinite loss says nothing about where the minimum is.
        return least + 0.2 * (most - least);
    }
    let d1 = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.t - b.t);
    let root = d1 * d1 - a.slope * b.slope;
    if !(root >= 0.0 && a.slope.is_finite() && b.slope.is_finite()) {
        return middle;
    }
    let d2 = (b.t - a.t).signum() * root.sqrt();
    let t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
    if t.is_finite() {
        t.clamp(least + margin, most - margin)
    } else {
        middle
    }
}
