//! Gliding from style to style: weights over a strip of styles that move with time.
//!
//! Gammas and betas are affine in the embedding, so gliding the weights of a mix glides every conditional instance
//! norm of the transformer. Time is always given in seconds, never read from a clock.

use super::StyleEmbedding;
use crate::error::{Error, Result};

/// Time constant of [`Transition::hold`] in seconds: a jump of the hand is not to be a jump of the picture.
const HOLD_TAU: f64 = 0.15;

/// Weights that are nearer to their goal than this have arrived; less than a level of any pixel.
const ARRIVED: f64 = 1e-4;

/// The most glides that fade into one another.
const MOST_GLIDES: usize = 16;

/// A moving mix of the styles of a strip. The weights sum to 1 at all times, and none leaves 0..=1.
///
/// A new glide fades in over the motion that is still going on: so a change of mind in the middle of a glide
/// changes neither the mix nor its speed at once. It bends the way.
#[derive(Debug, Clone)]
pub struct Transition {
    weights: Vec<f32>,
    /// What lies below all glides: a mix, and where the hand leads it.
    ground: Vec<f64>,
    hand: Option<Vec<f64>>,
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
        let mut ground = vec![0.0; styles.max(1)];
        ground[0] = 1.0;
        Self {
            weights: ground.iter().map(|w| *w as f32).collect(),
            ground,
            hand: None,
            glides: Vec::new(),
            now: 0.0,
        }
    }

    /// One more style at the end of the strip, with weight 0.
    pub fn append(&mut self) {
        self.weights.push(0.0);
        self.ground.push(0.0);
        if let Some(hand) = &mut self.hand {
            hand.push(0.0);
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
            // Only a key pressed again and again within one glide gets here. Many changes of mind have made the mix
            // slow, so it can as well stand.
            self.stand();
        }
        self.glides.push(Glide {
            to: style,
            began: self.now,
            seconds,
        });
        self.advance(now);
        Ok(())
    }

    /// Follow the hand: move towards these weights (places and amounts, divided by their sum; places that are not in
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
        let mut hand = self.hand.take().unwrap_or_default();
        hand.clear();
        hand.resize(styles, 0.0);
        known().for_each(|(place, weight)| hand[place] += weight / sum);
        self.stand();
        self.hand = Some(hand);
    }

    /// The hand lets go: stay at the mix of this instant. A glide that has begun since the hand was there goes on:
    /// a key that is pressed in the same moment is not lost.
    pub fn stay(&mut self, now: f64) {
        self.advance(now);
        self.hand = None;
    }

    /// The weights at `now`; time that runs backwards stands still.
    pub fn weights(&mut self, now: f64) -> &[f32] {
        self.advance(now);
        &self.weights
    }

    /// Whether the mix still changes after the last instant asked for.
    pub fn is_moving(&self) -> bool {
        self.hand.is_some() || !self.glides.is_empty()
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
        self.land();
        self.follow(dt);
        for (weight, ground) in self.weights.iter_mut().zip(&self.ground) {
            *weight = *ground as f32;
        }
        for glide in &self.glides {
            let share = ease(glide.time(self.now)) as f32;
            self.weights.iter_mut().for_each(|w| *w *= 1.0 - share);
            self.weights[glide.to] += share;
        }
    }

    /// All motion ends where the mix is.
    fn stand(&mut self) {
        for (ground, weight) in self.ground.iter_mut().zip(&self.weights) {
            *ground = f64::from(*weight);
        }
        self.hand = None;
        self.glides.clear();
    }

    /// A glide that is over covers all that lies below it.
    fn land(&mut self) {
        let over = |glide: &Glide| glide.time(self.now) >= 1.0;
        if let Some(last) = self.glides.iter().rposition(over) {
            self.ground.fill(0.0);
            self.ground[self.glides[last].to] = 1.0;
            self.hand = None;
            self.glides.drain(..=last);
        }
    }

    /// The way of the ground after the hand in `dt` seconds: exponential, so it is the same in one step as in many.
    fn follow(&mut self, dt: f64) {
        let Some(hand) = &self.hand else { return };
        let share = 1.0 - (-dt / HOLD_TAU).exp();
        let mut left = 0.0_f64;
        for (ground, to) in self.ground.iter_mut().zip(hand) {
            *ground += (to - *ground) * share;
            left = left.max((to - *ground).abs());
        }
        if left < ARRIVED {
            self.ground.copy_from_slice(hand);
            self.hand = None;
        }
    }
}

impl Glide {
    /// How much of its time is over, 0..=1.
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

/// Goes through a strip by itself.
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
        // Keeps the beat, unless a whole one was missed.
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
