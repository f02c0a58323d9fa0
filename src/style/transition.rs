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

/// A moving mix of the styles of a strip. The weights sum to 1 at all times.
#[derive(Debug, Clone)]
pub struct Transition {
    weights: Vec<f32>,
    from: Vec<f64>,
    to: Vec<f64>,
    motion: Motion,
    now: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Motion {
    Still,
    /// Over `seconds` from `began`, with an easing that starts and ends at rest.
    Glide {
        began: f64,
        seconds: f64,
    },
    /// After the hand, exponentially.
    Hold,
}

impl Transition {
    /// At rest at the first of `styles` styles; a strip has at least one.
    pub fn new(styles: usize) -> Self {
        let mut at_first = vec![0.0; styles.max(1)];
        at_first[0] = 1.0;
        Self {
            weights: at_first.iter().map(|w| *w as f32).collect(),
            from: at_first.clone(),
            to: at_first,
            motion: Motion::Still,
            now: 0.0,
        }
    }

    /// One more style at the end of the strip, with weight 0.
    pub fn append(&mut self) {
        self.weights.push(0.0);
        self.from.push(0.0);
        self.to.push(0.0);
    }

    /// Glide from where the mix is at `now` to `style` alone, in `seconds`; 0 jumps.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is no such style, or `seconds` is negative or not finite.
    pub fn glide_to(&mut self, style: usize, seconds: f64, now: f64) -> Result<()> {
        if style >= self.to.len() {
            let reason = format!(
                "{} is not one of the {} of the strip",
                style + 1,
                self.to.len()
            );
            return Err(Error::invalid("style", reason));
        }
        if !(0.0..=f64::MAX).contains(&seconds) {
            let reason = format!("{seconds} is not a number of seconds of 0 or more");
            return Err(Error::invalid("glide", reason));
        }
        self.advance(now);
        self.from
            .iter_mut()
            .zip(&self.weights)
            .for_each(|(f, w)| *f = f64::from(*w));
        self.to.fill(0.0);
        self.to[style] = 1.0;
        self.motion = Motion::Glide {
            began: self.now,
            seconds,
        };
        self.advance(now);
        Ok(())
    }

    /// Follow the hand: move towards these weights (places and amounts, divided by their sum; places that are not in
    /// the strip and amounts that are not positive numbers count for nothing) until told otherwise.
    pub fn hold(&mut self, weights: &[(usize, f32)], now: f64) {
        self.advance(now);
        let mut sum = 0.0;
        let fair = |w: f32| w.is_finite() && w > 0.0;
        let known = |&&(place, w): &&(usize, f32)| place < self.weights.len() && fair(w);
        for (_, weight) in weights.iter().filter(known) {
            sum += f64::from(*weight);
        }
        if sum <= 0.0 {
            return;
        }
        let known: [Option<(usize, f32)>; 8] =
            std::array::from_fn(|n| weights.get(n).copied().filter(|w| known(&w)));
        self.to.fill(0.0);
        for (place, weight) in known.into_iter().flatten() {
            self.to[place] += f64::from(weight) / sum;
        }
        self.motion = Motion::Hold;
    }

    /// Stay at the mix of this instant.
    pub fn stay(&mut self, now: f64) {
        self.advance(now);
        self.to
            .iter_mut()
            .zip(&self.weights)
            .for_each(|(t, w)| *t = f64::from(*w));
        self.motion = Motion::Still;
    }

    /// The weights at `now`; time that runs backwards stands still.
    pub fn weights(&mut self, now: f64) -> &[f32] {
        self.advance(now);
        &self.weights
    }

    /// Whether the mix still changes after the last instant asked for.
    pub fn is_moving(&self) -> bool {
        self.motion != Motion::Still
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
        match self.motion {
            Motion::Still => {}
            Motion::Glide { began, seconds } => {
                let t = if seconds > 0.0 {
                    (self.now - began) / seconds
                } else {
                    1.0
                };
                let share = ease(t);
                let ends = self.from.iter().zip(&self.to);
                for (weight, (from, to)) in self.weights.iter_mut().zip(ends) {
                    *weight = (from + (to - from) * share) as f32;
                }
                if t >= 1.0 {
                    self.motion = Motion::Still;
                }
            }
            Motion::Hold => {
                let share = 1.0 - (-dt / HOLD_TAU).exp();
                let mut left = 0.0_f64;
                for (weight, to) in self.weights.iter_mut().zip(&self.to) {
                    let moved = f64::from(*weight) + (to - f64::from(*weight)) * share;
                    left = left.max((to - moved).abs());
                    *weight = moved as f32;
                }
                if left < ARRIVED {
                    self.weights
                        .iter_mut()
                        .zip(&self.to)
                        .for_each(|(w, to)| *w = *to as f32);
                    self.motion = Motion::Still;
                }
            }
        }
    }
}

/// The least-jerk path from 0 to 1 (smootherstep): speed and acceleration are 0 at both ends, the speed at most 1.875.
fn ease(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * t * (10.0 + t * (6.0 * t - 15.0))
}

/// Goes through a strip by itself.
#[derive(Debug, Clone)]
pub struct Tour {
    every: f64,
    next: Option<f64>,
}

impl Tour {
    /// A step every `every` seconds, once it is begun.
    pub fn new(every: f64) -> Self {
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sum(transition: &mut Transition, now: f64) -> f64 {
        transition.weights(now).iter().map(|w| f64::from(*w)).sum()
    }

    #[test]
    fn a_glide_meets_both_ends_and_its_steps_are_small() {
        let mut transition = Transition::new(2);
        transition.glide_to(1, 2.0, 1.0).unwrap();
        assert_eq!(transition.weights(1.0), [1.0, 0.0]);
        let mut before = 1.0;
        for frame in 0..=60 {
            let now = 1.0 + f64::from(frame) / 30.0;
            let weight = transition.weights(now)[0];
            // The greatest speed of the path is 1.875 of the mean.
            assert!(
                before - weight <= 1.875 / 60.0 + 1e-6 && weight <= before,
                "frame {frame}"
            );
            assert!((sum(&mut transition, now) - 1.0).abs() < 1e-6);
            before = weight;
        }
        assert_eq!(transition.weights(3.0), [0.0, 1.0]);
        assert!(!transition.is_moving());
    }

    #[test]
    fn a_new_goal_in_the_middle_starts_where_the_mix_is() {
        let mut transition = Transition::new(3);
        transition.glide_to(1, 1.0, 0.0).unwrap();
        let middle = transition.weights(0.5).to_vec();
        transition.glide_to(2, 1.0, 0.5).unwrap();
        assert_eq!(transition.weights(0.5), middle);
        let next = transition.weights(0.533).to_vec();
        let jump = next
            .iter()
            .zip(&middle)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(jump < 0.01, "{jump}");
        assert_eq!(transition.weights(9.0), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn no_time_is_a_jump_and_nonsense_is_refused() {
        let mut transition = Transition::new(2);
        transition.glide_to(1, 0.0, 5.0).unwrap();
        assert_eq!(transition.weights(5.0), [0.0, 1.0]);
        for (style, seconds) in [(2, 1.0), (0, -1.0), (0, f64::NAN), (0, f64::INFINITY)] {
            assert!(transition.glide_to(style, seconds, 6.0).is_err());
        }
        assert_eq!(transition.weights(f64::NAN), [0.0, 1.0]);
    }

    #[test]
    fn the_hand_is_followed_alike_at_any_rate() {
        let reach = |frames: u32| {
            let mut transition = Transition::new(4);
            transition.hold(&[(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)], 0.0);
            for frame in 1..=frames {
                transition.weights(0.2 * f64::from(frame) / f64::from(frames));
            }
            transition.weights(0.2).to_vec()
        };
        for (a, b) in reach(3).iter().zip(reach(48)) {
            assert!((a - b).abs() < 1e-5);
        }
        let mut transition = Transition::new(2);
        transition.hold(&[(1, 3.0), (0, 1.0)], 0.0);
        assert_eq!(transition.weights(10.0), [0.25, 0.75]);
        transition.stay(10.0);
        assert_eq!(transition.weights(20.0), [0.25, 0.75]);
    }

    #[test]
    fn a_hand_that_means_nothing_moves_nothing() {
        let mut transition = Transition::new(2);
        transition.hold(&[(7, 1.0), (1, f32::NAN), (1, -1.0), (1, 0.0)], 0.0);
        assert_eq!(transition.weights(9.0), [1.0, 0.0]);
    }

    #[test]
    fn a_style_that_joins_in_the_middle_changes_nothing() {
        let mut transition = Transition::new(2);
        transition.glide_to(1, 1.0, 0.0).unwrap();
        let before = transition.weights(0.4).to_vec();
        transition.append();
        assert_eq!(transition.weights(0.4)[..2], before);
        transition.glide_to(2, 1.0, 0.4).unwrap();
        assert_eq!(transition.weights(2.0), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn the_embedding_is_the_mix() {
        let style = |v: f32| StyleEmbedding::new(vec![v], "s").unwrap();
        let strip = [style(2.0), style(6.0)];
        let mut transition = Transition::new(2);
        let mut mix = style(0.0);
        transition.glide_to(1, 2.0, 0.0).unwrap();
        transition.embedding_into(1.0, &strip, &mut mix).unwrap();
        assert_eq!(mix.values(), [4.0]);
        assert!(
            transition
                .embedding_into(1.0, &strip[..1], &mut mix)
                .is_err()
        );
    }

    #[test]
    fn a_tour_keeps_its_beat() {
        let mut tour = Tour::new(2.0);
        assert!(!tour.is_due(100.0));
        tour.begin(0.0);
        assert!(!tour.is_due(1.9) && tour.is_due(2.1) && !tour.is_due(3.9) && tour.is_due(4.0));
        assert!(tour.is_due(50.0) && !tour.is_due(51.0) && tour.is_due(52.0));
        tour.stop();
        assert!(!tour.is_due(99.0));
    }
}
