//! Transitions between styles: commands and times in, the weight of each style at a time out.
//!
//! Gammas and betas are affine in the embedding, so smooth weights give smooth parameters of every conditional instance
//! norm of the transformer. Time is always given in seconds, never read from a clock.

use super::StyleEmbedding;
use crate::error::{Error, Result};

/// Time constant of [`Transition::hold`] in seconds: smooths pointer jumps.
const HOLD_TAU: f64 = 0.15;

/// Weights nearer to their target than this are set to it: the difference is less than a level of any pixel.
const ARRIVED: f64 = 1e-4;

/// The most glides that may overlap.
const MOST_GLIDES: usize = 16;

/// A moving mix of the styles of a strip. The weights sum to 1 at all times, and none leaves 0..=1.
///
/// A new glide fades in over the glides that are still going on, so neither the weights nor their speed jump when the
/// target changes in the middle of a glide.
#[derive(Debug, Clone)]
pub struct Transition {
    weights: Vec<f32>,
    /// The weights before all glides, and the target that they follow (see [`Transition::hold`]).
    base: Vec<f64>,
    target: Option<Vec<f64>>,
    /// Oldest first.
    glides: Vec<Glide>,
    now: f64,
}

/// Over `seconds` from `began`, with an easing that starts and ends at rest.
#[derive(Debug, Clone)]
struct Glide {
    to: usize,
    began: f64,
    seconds: f64,
}

impl Transition {
    /// At rest at the first of `styles` styles; a strip has at least one.
    pub fn new(styles: usize) -> Self {
        let mut base = vec![0.0; styles.max(1)];
        base[0] = 1.0;
        Self {
            weights: base.iter().map(|w| *w as f32).collect(),
            base,
            target: None,
            glides: Vec::new(),
            now: 0.0,
        }
    }

    /// One more style at the end of the strip, with weight 0.
    pub fn append(&mut self) {
        self.weights.push(0.0);
        self.base.push(0.0);
        if let Some(target) = &mut self.target {
            target.push(0.0);
        }
    }

    /// Glide from where the mix is at `now` to `style` alone, in `seconds`; 0 jumps.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is no such style, or `seconds` is negative or not finite.
    pub fn glide_to(&mut self, style: usize, seconds: f64, now: f64) -> Result<()> {
        if style >= self.weights.len() {
            let reason = format!(
                "{} is not one of the {} of the strip",
                style + 1,
                self.weights.len()
            );
            return Err(Error::invalid("style", reason));
        }
        if !(0.0..=f64::MAX).contains(&seconds) {
            let reason = format!("{seconds} is not a number of seconds of 0 or more");
            return Err(Error::invalid("glide", reason));
        }
        self.advance(now);
        if self.glides.len() == MOST_GLIDES {
            // Only a key pressed again and again within one glide gets here. So many overlapping glides move slowly, and
            // the motion can be ended without a visible jump.
            self.freeze();
        }
        self.glides.push(Glide {
            to: style,
            began: self.now,
            seconds,
        });
        self.advance(now);
        Ok(())
    }

    /// Move towards these weights (places and amounts, divided by their sum; places that are not in
    /// the strip and amounts that are not positive numbers count for nothing) until told otherwise.
    pub fn hold(&mut self, weights: &[(usize, f32)], now: f64) {
        self.advance(now);
        let styles = self.weights.len();
        let fair = |w: f32| w.is_finite() && w > 0.0;
        let known = || {
            let known = weights
                .iter()
                .filter(|(place, w)| *place < styles && fair(*w));
            known.map(|(place, w)| (*place, f64::from(*w)))
        };
        let sum: f64 = known().map(|(_, weight)| weight).sum();
        if sum <= 0.0 {
            return;
        }
        let mut target = self.target.take().unwrap_or_default();
        target.clear();
        target.resize(styles, 0.0);
        known().for_each(|(place, weight)| target[place] += weight / sum);
        self.freeze();
        self.target = Some(target);
    }

    /// End [`Transition::hold`]: stay at the weights of this time. A glide that has begun since then goes on, so a key
    /// pressed at the same time is not lost.
    pub fn stay(&mut self, now: f64) {
        self.advance(now);
        self.target = None;
    }

    /// The weights at `now`; a time before the last one is taken for the last one.
    pub fn weights(&mut self, now: f64) -> &[f32] {
        self.advance(now);
        &self.weights
    }

    /// Whether the mix still changes after the last instant asked for.
    pub fn is_moving(&self) -> bool {
        self.target.is_some() || !self.glides.is_empty()
    }

    /// The embedding at `now` of the `strip`, which has as many styles as this has weights, written to `into`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the strip has another length, or its styles were made by different networks.
    pub fn embedding_into(
        &mut self,
        now: f64,
        strip: &[StyleEmbedding],
        into: &mut StyleEmbedding,
    ) -> Result<()> {
        self.advance(now);
        if strip.len() != self.weights.len() {
            let reason = format!("{} styles for {} weights", strip.len(), self.weights.len());
            return Err(Error::invalid("strip", reason));
        }
        let parts = strip.iter().zip(&self.weights);
        into.become_mix(parts.map(|(style, weight)| (style, *weight)))
    }

    fn advance(&mut self, now: f64) {
        let dt = if now.is_finite() {
            (now - self.now).max(0.0)
        } else {
            0.0
        };
        self.now += dt;
        self.drop_finished();
        self.follow(dt);
        for (weight, base) in self.weights.iter_mut().zip(&self.base) {
            *weight = *base as f32;
        }
        for glide in &self.glides {
            let share = ease(glide.time(self.now)) as f32;
            self.weights.iter_mut().for_each(|w| *w *= 1.0 - share);
            self.weights[glide.to] += share;
        }
    }

    /// End all motion at the current weights.
    fn freeze(&mut self) {
        for (base, weight) in self.base.iter_mut().zip(&self.weights) {
            *base = f64::from(*weight);
        }
        self.target = None;
        self.glides.clear();
    }

    /// Drop glides that are over, with all that came before them.
    fn drop_finished(&mut self) {
        let over = |glide: &Glide| glide.time(self.now) >= 1.0;
        if let Some(last) = self.glides.iter().rposition(over) {
            self.base.fill(0.0);
            self.base[self.glides[last].to] = 1.0;
            self.target = None;
            self.glides.drain(..=last);
        }
    }

    /// Move the base towards the target for `dt` seconds: exponentially, so one step or many give the same.
    fn follow(&mut self, dt: f64) {
        let Some(target) = &self.target else { return };
        let share = 1.0 - (-dt / HOLD_TAU).exp();
        let mut left = 0.0_f64;
        for (base, to) in self.base.iter_mut().zip(target) {
            *base += (to - *base) * share;
            left = left.max((to - *base).abs());
        }
        if left < ARRIVED {
            self.base.copy_from_slice(target);
            self.target = None;
        }
    }
}

impl Glide {
    /// The share of its time that is over, 0..=1.
    fn time(&self, now: f64) -> f64 {
        let spent = now - self.began;
        if spent < self.seconds {
            (spent / self.seconds).max(0.0)
        } else {
            1.0
        }
    }
}

/// The least-jerk path from 0 to 1 (smootherstep): speed and acceleration are 0 at both ends, the speed at most 1.875.
pub(crate) fn ease(t: f64) -> f64 {
    t * t * t * (10.0 + t * (6.0 * t - 15.0))
}

/// Steps through a strip automatically.
#[derive(Debug, Clone)]
pub struct Tour {
    every: f64,
    next: Option<f64>,
}

impl Tour {
    /// A step every `every` seconds, once it is begun; what is not a number of seconds above 0 means never.
    pub fn new(every: f64) -> Self {
        let every = if every > 0.0 { every } else { f64::INFINITY };
        Self { every, next: None }
    }

    /// Begin at `now`: the first step is a whole interval away.
    pub fn begin(&mut self, now: f64) {
        self.next = Some(now + self.every);
    }

    /// Stop.
    pub fn stop(&mut self) {
        self.next = None;
    }

    /// Whether it goes on.
    pub fn is_on(&self) -> bool {
        self.next.is_some()
    }

    /// Whether a step is due at `now`. At most one is, however long nobody asked.
    pub fn is_due(&mut self, now: f64) -> bool {
        let Some(next) = self.next.filter(|next| now >= *next) else {
            return false;
        };
        // At a constant rate, unless a whole interval was missed.
        self.next = Some(if now - next < self.every {
            next + self.every
        } else {
            now + self.every
        });
        true
    }
}

#[cfg(test)]
mod tests;
