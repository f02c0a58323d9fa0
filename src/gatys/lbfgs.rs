//! L-BFGS (Liu & Nocedal 1989), a quasi-Newton method that keeps the last updates in place of a matrix: an objective and a
//! picture go in, the picture after one step comes out.
//!
//! Vectors are f32, sums f64. Values at the bounds of 0..=1 whose step would leave the range are kept for that step.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use super::line_search::LineSearch;
use super::objective::{Losses, Objective};
use super::optimiser::{Optimiser, Step, is_finite, not_finite};
use crate::error::{Error, Result};

/// How many updates may be kept.
pub const HISTORY: RangeInclusive<usize> = 1..=100;

/// The mean change of a value in the first step, when nothing is known of the objective yet.
const FIRST_STEP: f64 = 0.01;

/// A step and the change of the gradient over it.
#[derive(Debug, Clone)]
struct Update {
    step: Vec<f32>,
    change: Vec<f32>,
    /// 1 / (step . change), which is positive.
    rho: f64,
}

/// L-BFGS with a strong-Wolfe line search inside the box 0..=1.
#[derive(Debug, Clone)]
pub struct Lbfgs {
    history: usize,
    /// Oldest first.
    pairs: VecDeque<Update>,
    losses: Option<Losses>,
    gradient: Vec<f32>,
    direction: Vec<f32>,
    search: LineSearch,
}

impl Lbfgs {
    /// Keep `history` updates, 1..=100; each takes twice the memory of the picture.
    ///
    /// # Errors
    /// [`Error::Invalid`] for another number.
    pub fn new(history: usize) -> Result<Self> {
        if !HISTORY.contains(&history) {
            return Err(Error::invalid(
                "history",
                format!(
                    "{history} is not between {} and {}",
                    HISTORY.start(),
                    HISTORY.end()
                ),
            ));
        }
        Ok(Self {
            history,
            pairs: VecDeque::new(),
            losses: None,
            gradient: Vec::new(),
            direction: Vec::new(),
            search: LineSearch::default(),
        })
    }

    /// The direction of the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4), and its slope.
    fn find_direction(&mut self, image: &[f32]) -> f64 {
        let is_bound = |value: f32, g: f32| value <= 0.0 && g > 0.0 || value >= 1.0 && g < 0.0;
        let direction = &mut self.direction;
        direction.clear();
        let free = image.iter().zip(&self.gradient);
        direction.extend(free.map(|(v, g)| if is_bound(*v, *g) { 0.0 } else { -*g }));

        let mut shares = [0.0; *HISTORY.end()];
        for (pair, share) in self.pairs.iter().zip(&mut shares).rev() {
            *share = pair.rho * dot(&pair.step, direction);
            add(direction, -*share, &pair.change);
        }
        if let Some(last) = self.pairs.back() {
            let scale = 1.0 / (last.rho * dot(&last.change, &last.change));
            for value in direction.iter_mut() {
                *value = (f64::from(*value) * scale) as f32;
            }
        }
        for (pair, share) in self.pairs.iter().zip(&shares) {
            let back = pair.rho * dot(&pair.change, direction);
            add(direction, share - back, &pair.step);
        }
        for ((d, v), g) in direction.iter_mut().zip(image).zip(&self.gradient) {
            if is_bound(*v, *g) {
                *d = 0.0;
            }
        }
        dot(direction, &self.gradient)
    }

    /// The first step of a search.
    fn first_step(&self) -> f64 {
        if !self.pairs.is_empty() {
            return 1.0;
        }
        let square = dot(&self.direction, &self.direction) / self.direction.len().max(1) as f64;
        FIRST_STEP / square.sqrt().max(f64::MIN_POSITIVE)
    }

    /// Move to the point that the search found, and keep the update.
    fn accept(&mut self, image: &mut [f32]) {
        let mut pair = if self.pairs.len() == self.history {
            self.pairs.pop_front()
        } else {
            None
        }
        .unwrap_or(Update {
            step: Vec::new(),
            change: Vec::new(),
            rho: 0.0,
        });
        difference(&mut pair.step, &self.search.image, image);
        difference(&mut pair.change, &self.search.gradient, &self.gradient);
        let curvature = dot(&pair.step, &pair.change);
        // At the bounds, or within rounding, the curvature may be zero or below; such an update is not kept.
        if curvature > 1e-10 * dot(&pair.change, &pair.change) {
            pair.rho = 1.0 / curvature;
            self.pairs.push_back(pair);
        }
        image.copy_from_slice(&self.search.image);
        std::mem::swap(&mut self.gradient, &mut self.search.gradient);
    }
}

impl Optimiser for Lbfgs {
    fn step(&mut self, objective: &mut dyn Objective, image: &mut [f32]) -> Result<Step> {
        let mut evaluations = 0;
        let losses = match self.losses.take() {
            Some(losses) => losses,
            None => {
                self.gradient.resize(image.len(), 0.0);
                let losses = objective.evaluate(image, &mut self.gradient)?;
                evaluations += 1;
                if !is_finite(&losses, &self.gradient) {
                    return Err(not_finite(&losses));
                }
                losses
            }
        };
        loop {
            let mut slope = self.find_direction(image);
            if slope >= 0.0 {
                // The kept updates give no descent direction any more.
                self.pairs.clear();
                slope = self.find_direction(image);
            }
            if slope == 0.0 {
                break;
            }
            let first = self.first_step();
            let line = (losses.total, slope);
            let (found, trials) =
                self.search
                    .run(objective, image, &self.direction, line, first)?;
            evaluations += trials;
            if let Some(losses) = found {
                self.accept(image);
                self.losses = Some(losses.clone());
                return Ok(Step {
                    losses,
                    evaluations,
                    stalled: false,
                });
            }
            if self.pairs.is_empty() {
                break;
            }
            self.pairs.clear();
        }
        self.losses = Some(losses.clone());
        Ok(Step {
            losses,
            evaluations,
            stalled: true,
        })
    }
}

/// The dot product in f64, in several lanes that the compiler can vectorise.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0_f64; LANES];
    let (heads, tails) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = heads
        .remainder()
        .iter()
        .zip(tails.remainder())
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum();
    for (a, b) in heads.zip(tails) {
        for lane in 0..LANES {
            sums[lane] += f64::from(a[lane]) * f64::from(b[lane]);
        }
    }
    sums.iter().sum::<f64>() + rest
}

fn add(to: &mut [f32], share: f64, what: &[f32]) {
    let share = share as f32;
    for (to, what) in to.iter_mut().zip(what) {
        *to += share * what;
    }
}

fn difference(into: &mut Vec<f32>, a: &[f32], b: &[f32]) {
    into.clear();
    into.extend(a.iter().zip(b).map(|(a, b)| a - b));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::gatys::test_functions::{Counted, NanBelow, Quadratic, Rosenbrock};

    fn descend(objective: &mut dyn Objective, image: &mut [f32], steps: usize) -> (f64, usize) {
        let mut lbfgs = Lbfgs::new(10).unwrap();
        let (mut last, mut evaluations) = (f64::INFINITY, 0);
        for _ in 0..steps {
            let step = lbfgs.step(objective, image).unwrap();
            assert!(
                step.losses.total <= last,
                "{} after {last}",
                step.losses.total
            );
            assert!(image.iter().all(|v| (0.0..=1.0).contains(v)));
            last = step.losses.total;
            evaluations += step.evaluations;
            if step.stalled {
                break;
            }
        }
        (last, evaluations)
    }

    #[test]
    fn a_quadratic_is_minimised_within_the_bounds() {
        let mut quadratic = Quadratic::new(30);
        let mut image = vec![0.5; 30];
        let (last, _) = descend(&mut quadratic, &mut image, 60);
        for (value, minimum) in image.iter().zip(&quadratic.minimum) {
            assert!(
                (value - minimum.clamp(0.0, 1.0)).abs() < 2e-3,
                "{value} {minimum}"
            );
        }
        assert!(
            (last - quadratic.least_loss()).abs() < 1e-4,
            "{last} {}",
            quadratic.least_loss()
        );
    }

    #[test]
    fn rosenbrocks_function_is_minimised() {
        let mut image = vec![0.1, 0.9];
        let mut counted = Counted(Rosenbrock, 0);
        let (last, evaluations) = descend(&mut counted, &mut image, 100);
        assert_eq!(evaluations, counted.1);
        assert!(last < 1e-7, "{last} at {image:?}");
        assert!(evaluations < 300, "{evaluations}");
    }

    #[test]
    fn points_of_nan_are_avoided() {
        let mut image = vec![0.5; 3];
        let (last, _) = descend(&mut NanBelow { edge: 0.45 }, &mut image, 30);
        assert!(
            last.is_finite() && image[0] > 0.45 && image[0] < 0.5,
            "{image:?}"
        );
        let mut lbfgs = Lbfgs::new(10).unwrap();
        assert!(lbfgs.step(&mut NanBelow { edge: 2.0 }, &mut [0.5]).is_err());
    }

    #[test]
    fn a_minimum_is_left_alone() {
        let mut lbfgs = Lbfgs::new(5).unwrap();
        let quadratic = Quadratic::new(4);
        let mut image: Vec<f32> = quadratic
            .minimum
            .iter()
            .map(|b| b.clamp(0.0, 1.0))
            .collect();
        let best = image.clone();
        let mut flat = quadratic.clone();
        for _ in 0..5 {
            if lbfgs.step(&mut flat, &mut image).unwrap().stalled {
                break;
            }
        }
        for (a, b) in image.iter().zip(&best) {
            assert!((a - b).abs() < 1e-3);
        }
        assert!(Lbfgs::new(0).is_err() && Lbfgs::new(101).is_err());
    }
}
