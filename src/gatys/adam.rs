//! Adam (Kingma & Ba 2015): an objective and values go in, the values after one step come out. The step size does not
//! depend on the scale of the loss, and coarse gradients (bf16) do no harm.

use super::objective::{Losses, Objective};
use super::optimiser::{Optimiser, Step, is_finite, not_finite};
use crate::error::{Error, Result};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.99;
const EPSILON: f64 = 1e-8;

/// How often the step is halved when the loss becomes NaN or infinite.
const MAX_HALVINGS: u32 = 8;

/// Adam with a fixed step.
#[derive(Debug, Clone)]
pub struct Adam {
    rate: f64,
    /// Values are clipped to this range.
    bounds: (f32, f32),
    steps: i32,
    mean: Vec<f32>,
    square: Vec<f32>,
    /// The losses after the last step, whose gradient is below.
    known: Option<Losses>,
    gradient: Vec<f32>,
    before: Vec<f32>,
}

impl Adam {
    /// `rate` is the step size, above 0 and at most 1; 0.02 is usual for pictures.
    ///
    /// # Errors
    /// [`Error::Invalid`] for another rate.
    pub fn new(rate: f64) -> Result<Self> {
        if !(rate > 0.0 && rate <= 1.0) {
            return Err(Error::invalid(
                "rate",
                format!("{rate} is not between 0 and 1"),
            ));
        }
        Ok(Self {
            rate,
            bounds: (0.0, 1.0),
            steps: 0,
            mean: Vec::new(),
            square: Vec::new(),
            known: None,
            gradient: Vec::new(),
            before: Vec::new(),
        })
    }

    /// As [`Adam::new`], for values that are not clipped to 0..=1, such as an embedding.
    ///
    /// # Errors
    /// The same.
    pub fn unbounded(rate: f64) -> Result<Self> {
        Ok(Self {
            bounds: (f32::NEG_INFINITY, f32::INFINITY),
            ..Self::new(rate)?
        })
    }

    fn advance(&mut self, image: &mut [f32]) {
        let correct = |beta: f64| 1.0 - beta.powi(self.steps);
        let (first, second) = (correct(BETA1), correct(BETA2));
        for (((value, g), m), v) in image
            .iter_mut()
            .zip(&self.gradient)
            .zip(&mut self.mean)
            .zip(&mut self.square)
        {
            let g = f64::from(*g);
            *m = (BETA1 * f64::from(*m) + (1.0 - BETA1) * g) as f32;
            *v = (BETA2 * f64::from(*v) + (1.0 - BETA2) * g * g) as f32;
            let step =
                self.rate * (f64::from(*m) / first) / ((f64::from(*v) / second).sqrt() + EPSILON);
            *value = (*value - step as f32).clamp(self.bounds.0, self.bounds.1);
        }
    }
}

impl Optimiser for Adam {
    fn step(&mut self, objective: &mut dyn Objective, image: &mut [f32]) -> Result<Step> {
        let mut evaluations = 0;
        if self.known.is_none() {
            self.gradient.resize(image.len(), 0.0);
            self.mean.resize(image.len(), 0.0);
            self.square.resize(image.len(), 0.0);
            let losses = objective.evaluate(image, &mut self.gradient)?;
            evaluations += 1;
            if !is_finite(&losses, &self.gradient) {
                return Err(not_finite(&losses));
            }
            self.known = Some(losses);
        }
        self.before.clear();
        self.before.extend_from_slice(image);
        self.steps = self.steps.saturating_add(1);
        for _ in 0..MAX_HALVINGS {
            self.advance(image);
            let losses = objective.evaluate(image, &mut self.gradient)?;
            evaluations += 1;
            if is_finite(&losses, &self.gradient) {
                self.known = Some(losses.clone());
                return Ok(Step {
                    losses,
                    evaluations,
                    stalled: false,
                });
            }
            // Back to the last finite point, and shorter steps from there.
            image.copy_from_slice(&self.before);
            objective.evaluate(image, &mut self.gradient)?;
            evaluations += 1;
            self.mean.fill(0.0);
            self.square.fill(0.0);
            self.steps = 1;
            self.rate /= 2.0;
        }
        let losses = self.known.clone().unwrap_or_default();
        Ok(Step {
            losses,
            evaluations,
            stalled: true,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::gatys::test_functions::{NanBelow, Quadratic};

    #[test]
    fn it_reaches_the_minimum_of_a_quadratic() {
        let mut quadratic = Quadratic::new(12);
        let mut image = vec![0.5; 12];
        let mut adam = Adam::new(0.02).unwrap();
        let first = adam.step(&mut quadratic, &mut image).unwrap().losses.total;
        let mut last = first;
        for _ in 0..300 {
            last = adam.step(&mut quadratic, &mut image).unwrap().losses.total;
        }
        assert!(
            last - quadratic.least_loss() < first * 1e-2,
            "{first} {last}"
        );
        assert!(image.iter().all(|v| (0.0..=1.0).contains(v)));
    }

    #[test]
    fn without_bounds_values_leave_the_range_of_pictures() {
        let mut quadratic = Quadratic::new(12);
        let mut values = vec![0.5; 12];
        let mut adam = Adam::unbounded(0.02).unwrap();
        for _ in 0..300 {
            adam.step(&mut quadratic, &mut values).unwrap();
        }
        let apart = |(a, b): (&f32, &f32)| (a - b).abs();
        let worst = values.iter().zip(&quadratic.minimum).map(apart);
        assert!(worst.fold(0.0, f32::max) < 0.01, "{values:?}");
        assert!(values.iter().any(|v| !(0.0..=1.0).contains(v)));
    }

    #[test]
    fn a_loss_of_nan_makes_the_steps_shorter() {
        let mut objective = NanBelow { edge: 0.45 };
        let mut image = vec![0.5; 3];
        let mut adam = Adam::new(0.2).unwrap();
        for _ in 0..20 {
            let step = adam.step(&mut objective, &mut image).unwrap();
            assert!(step.losses.total.is_finite() && image[0] > 0.45);
        }
        assert!(
            adam.step(&mut NanBelow { edge: 2.0 }, &mut [0.5; 3])
                .is_ok_and(|s| s.stalled)
        );
        assert!(
            Adam::new(0.1)
                .unwrap()
                .step(&mut NanBelow { edge: 2.0 }, &mut [0.5])
                .is_err()
        );
        assert!(Adam::new(f64::NAN).is_err());
    }
}
