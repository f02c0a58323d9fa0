//! The style of an instant: glides, the tour, the pad and the strength together.

use super::commands::Command;
use super::own::Own;
use super::painted::Look;
use super::strip::Entry;
use crate::error::Result;
use crate::style::{StyleEmbedding, Tour, Transition, ease};

/// How fast the strength moves, in strength a second: a key's step of 0.1 is to be seen as a move.
const STRENGTH_SPEED: f64 = 1.0;

/// Strengths above this are the painting itself, and need no reading of the content.
const FULL: f64 = 0.999;

/// Seconds between two styles of a tour that was not given any.
const TOUR: f64 = 8.0;

/// Where the picture is between the strip's styles and the photo.
pub(super) struct Motion {
    transition: Transition,
    tour: Tour,
    /// Seconds that a glide takes.
    glide: f64,
    strip: Vec<StyleEmbedding>,
    target: usize,
    strength: f64,
    wanted_strength: f64,
    now: f64,
    dt: f64,
    /// A style was read anew: the mix that was on the screen then, and when.
    before: Option<(StyleEmbedding, f64)>,
    /// The strip's mix at this instant, and with the strength in it.
    mix: StyleEmbedding,
    style: StyleEmbedding,
}

impl Motion {
    /// At rest at the first style of `strip`, which has at least one; touring from the start with `tour` seconds.
    pub(super) fn new(strip: &[Entry], glide: f64, tour: Option<f64>, strength: f32) -> Self {
        let strip: Vec<_> = strip.iter().map(|entry| entry.embedding.clone()).collect();
        let strength = f64::from(strength);
        let mut motion = Self {
            transition: Transition::new(strip.len()),
            tour: Tour::new(tour.unwrap_or(TOUR)),
            glide,
            target: 0,
            strength,
            wanted_strength: strength,
            now: 0.0,
            dt: 0.0,
            before: None,
            mix: strip[0].clone(),
            style: strip[0].clone(),
            strip,
        };
        if tour.is_some() {
            motion.tour.begin(0.0);
        }
        motion
    }

    /// Now it is `now` seconds.
    pub(super) fn advance(&mut self, now: f64) {
        self.dt = (now - self.now).max(0.0);
        self.now += self.dt;
        if self.tour.is_due(self.now) {
            self.step(1);
        }
        let left = self.wanted_strength - self.strength;
        self.strength += left.clamp(-STRENGTH_SPEED * self.dt, STRENGTH_SPEED * self.dt);
    }

    /// The instant last given.
    pub(super) fn now(&self) -> f64 {
        self.now
    }

    /// Do what the window says; what is not about styles is not for here.
    pub(super) fn obey(&mut self, command: &Command) {
        match command {
            Command::Glide(place) => self.glide_to(*place),
            Command::Step(places) => self.step(*places),
            Command::Hold(corners) => {
                self.tour.stop();
                self.transition.hold(corners, self.now);
            }
            Command::Release => self.transition.stay(self.now),
            Command::Tour(true) => self.tour.begin(self.now),
            Command::Tour(false) => self.tour.stop(),
            Command::Strength(strength) => {
                self.wanted_strength = f64::from(strength.clamp(0.0, 1.0));
            }
            _ => {}
        }
    }

    /// The style at `place` was read anew, or is a new one at the end of the strip.
    pub(super) fn put(&mut self, place: usize, embedding: StyleEmbedding) {
        match self.strip.get_mut(place) {
            Some(old) if *old == embedding => {}
            Some(old) => {
                *old = embedding;
                // Whoever paints over a picture that is being painted with is to see a glide here too.
                self.before = Some((self.mix.clone(), self.now));
            }
            None => {
                self.strip.push(embedding);
                self.transition.append();
            }
        }
    }

    /// Whether the content's own embedding has a part in the style.
    pub(super) fn needs_own(&self) -> bool {
        self.strength < FULL
    }

    /// The style of this instant. While the content's own embedding is not there yet, it is the painting's.
    ///
    /// # Errors
    /// When styles were made by different networks.
    pub(super) fn style(&mut self, own: &mut Own) -> Result<&StyleEmbedding> {
        self.transition
            .embedding_into(self.now, &self.strip, &mut self.mix)?;
        self.fade_from_before()?;
        if self.needs_own()
            && let Some(own) = own.at(self.dt)
        {
            let strength = self.strength as f32;
            let parts = [(own, 1.0 - strength), (&self.mix, strength)];
            self.style.become_mix(parts.into_iter())?;
            return Ok(&self.style);
        }
        Ok(&self.mix)
    }

    /// While a style that was read anew fades in, `mix` still has a part of what was there before.
    fn fade_from_before(&mut self) -> Result<()> {
        let Some((before, since)) = &self.before else {
            return Ok(());
        };
        let done = (self.now - since) / self.glide.max(f64::MIN_POSITIVE);
        if done >= 1.0 {
            self.before = None;
            return Ok(());
        }
        let new = ease(done.max(0.0)) as f32;
        self.style
            .become_mix([(before, 1.0 - new), (&self.mix, new)].into_iter())?;
        std::mem::swap(&mut self.style, &mut self.mix);
        Ok(())
    }

    /// Tell the window.
    pub(super) fn describe(&mut self, look: &mut Look) {
        look.weights.clear();
        look.weights
            .extend_from_slice(self.transition.weights(self.now));
        look.target = self.target;
        look.strength = self.strength as f32;
        look.touring = self.tour.is_on();
    }

    fn step(&mut self, places: isize) {
        let count = self.strip.len() as isize;
        self.glide_to((self.target as isize + places).rem_euclid(count) as usize);
    }

    fn glide_to(&mut self, place: usize) {
        // A number key beyond the end of the strip means nothing.
        if self
            .transition
            .glide_to(place, self.glide, self.now)
            .is_ok()
        {
            self.target = place;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::live::embedder::Embedder;

    fn motion(styles: usize, tour: Option<f64>) -> Motion {
        let strip: Vec<Entry> = (0..styles)
            .map(|n| Entry {
                name: n.to_string(),
                embedding: StyleEmbedding::new(vec![n as f32], "s").unwrap(),
                thumbnail: None,
            })
            .collect();
        Motion::new(&strip, 1.0, tour, 1.0)
    }

    fn look(motion: &mut Motion) -> Look {
        let mut look = Look::default();
        motion.describe(&mut look);
        look
    }

    #[test]
    fn steps_go_round_the_strip() {
        let mut motion = motion(3, None);
        for (step, target) in [(1, 1), (1, 2), (1, 0), (-1, 2), (-4, 1)] {
            motion.obey(&Command::Step(step));
            assert_eq!(look(&mut motion).target, target);
        }
        motion.obey(&Command::Glide(7));
        assert_eq!(look(&mut motion).target, 1);
    }

    #[test]
    fn a_tour_moves_on_by_itself_until_a_hand_takes_over() {
        let mut motion = motion(2, Some(2.0));
        motion.advance(1.9);
        assert_eq!(look(&mut motion).target, 0);
        motion.advance(2.1);
        assert!(look(&mut motion).target == 1 && look(&mut motion).touring);
        motion.obey(&Command::Hold([(0, 1.0), (1, 1.0), (0, 0.0), (0, 0.0)]));
        motion.advance(9.0);
        let look = look(&mut motion);
        assert!(!look.touring && look.weights == [0.5, 0.5], "{look:?}");
    }

    #[test]
    fn the_strength_moves_and_does_not_jump() {
        let mut motion = motion(1, None);
        motion.obey(&Command::Strength(0.5));
        motion.advance(0.1);
        assert!((look(&mut motion).strength - 0.9).abs() < 1e-6 && motion.needs_own());
        motion.advance(5.0);
        assert!((look(&mut motion).strength - 0.5).abs() < 1e-6);
        motion.obey(&Command::Strength(f32::INFINITY));
        motion.advance(50.0);
        assert!(!motion.needs_own());
    }

    #[test]
    fn a_style_that_is_read_anew_fades_in() {
        let mut motion = motion(1, None);
        let answers = std::sync::mpsc::channel().0;
        let mut own = Own::new(Embedder::start(None, None, answers).unwrap());
        let mut at = |motion: &mut Motion, now: f64| {
            motion.advance(now);
            motion.style(&mut own).unwrap().values()[0]
        };
        assert_eq!(at(&mut motion, 1.0), 0.0);
        motion.put(0, StyleEmbedding::new(vec![8.0], "s").unwrap());
        let mut last = at(&mut motion, 1.0);
        assert_eq!(last, 0.0);
        for n in 1..=20 {
            let value = at(&mut motion, 1.0 + f64::from(n) / 20.0);
            assert!((0.0..0.8).contains(&(value - last)), "{last} to {value}");
            last = value;
        }
        assert_eq!(last, 8.0);
        // Once more in the middle: from where the picture is, not from where it began.
        motion.put(0, StyleEmbedding::new(vec![0.0], "s").unwrap());
        let middle = at(&mut motion, 2.5);
        motion.put(0, StyleEmbedding::new(vec![100.0], "s").unwrap());
        assert_eq!(at(&mut motion, 2.5), middle);
    }

    #[test]
    fn styles_join_and_change() {
        let mut motion = motion(1, None);
        let embedding = |v: f32| StyleEmbedding::new(vec![v], "s").unwrap();
        motion.put(1, embedding(5.0));
        motion.put(0, embedding(7.0));
        motion.obey(&Command::Glide(1));
        motion.advance(9.0);
        assert_eq!(look(&mut motion).weights, [0.0, 1.0]);
    }
}
