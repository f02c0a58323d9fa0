//! The style of each frame: commands and the time go in, the embedding to paint with comes out. Combines glides, the tour,
//! the mouse pad and the strength.

use super::beat_lock::BeatLock;
use super::commands::PainterCommand;
use super::content_embedding::ContentEmbedding;
use super::painted_frame::PaintState;
use super::style_list::StyleEntry;
use crate::error::Result;
use crate::style::{StyleEmbedding, Tour, Transition, ease};

/// How fast the strength moves, in strength a second, so that a key's step of 0.1 is not seen as a jump.
const STRENGTH_SPEED: f64 = 1.0;

/// Strengths above this count as 1, for which the content need not be read.
const FULL: f64 = 0.999;

/// Seconds between two styles of a tour, unless the user gives another number.
const TOUR: f64 = 8.0;

/// The state of all animations of the style.
pub(super) struct StyleAnimation {
    transition: Transition,
    tour: Tour,
    /// Seconds between two styles of the tour.
    tour_every: f64,
    lock: BeatLock,
    /// Seconds that a glide takes.
    glide: f64,
    styles: Vec<StyleEmbedding>,
    target: usize,
    strength: f64,
    target_strength: f64,
    now: f64,
    dt: f64,
    /// A style of the current mix was replaced: the mix at that moment, and when it was.
    fading_from: Option<(StyleEmbedding, f64)>,
    /// The mix of the styles at this moment, and the same with the strength applied.
    mix: StyleEmbedding,
    style: StyleEmbedding,
}

impl StyleAnimation {
    /// At the first of `entries`, which must not be empty. With `tour` seconds the tour starts at once; with a `tempo` in
    /// beats a minute the first beat is at 0.
    pub(super) fn new(
        entries: &[StyleEntry],
        glide: f64,
        tour: Option<f64>,
        strength: f32,
        tempo: Option<f64>,
    ) -> Self {
        let styles: Vec<_> = entries
            .iter()
            .map(|entry| entry.embedding.clone())
            .collect();
        let strength = f64::from(strength);
        let mut animation = Self {
            transition: Transition::new(styles.len()),
            tour: Tour::new(tour.unwrap_or(TOUR)),
            tour_every: tour.unwrap_or(TOUR),
            lock: BeatLock::new(tempo),
            glide,
            target: 0,
            strength,
            target_strength: strength,
            now: 0.0,
            dt: 0.0,
            fading_from: None,
            mix: styles[0].clone(),
            style: styles[0].clone(),
            styles,
        };
        if tour.is_some() {
            animation.begin_tour();
        }
        animation
    }

    /// Go on to `now`, in seconds.
    pub(super) fn advance(&mut self, now: f64) {
        self.dt = (now - self.now).max(0.0);
        self.now += self.dt;
        self.step_tour();
        self.begin_due_glide();
        let left = self.target_strength - self.strength;
        self.strength += left.clamp(-STRENGTH_SPEED * self.dt, STRENGTH_SPEED * self.dt);
    }

    /// The time that was last given.
    pub(super) fn now(&self) -> f64 {
        self.now
    }

    /// Apply a command; those that are not about styles are ignored.
    pub(super) fn apply(&mut self, command: &PainterCommand) {
        match command {
            PainterCommand::GlideTo(index) => self.glide_to(*index),
            PainterCommand::GlideBy(places) => self.glide_by(*places),
            PainterCommand::Mix(corners) => {
                self.tour.stop();
                self.lock.forget();
                self.transition.hold(corners, self.now);
            }
            PainterCommand::KeepMix => self.transition.stay(self.now),
            PainterCommand::Glide(seconds) => self.glide = *seconds,
            PainterCommand::Tempo(tempo) => self.set_tempo(*tempo),
            PainterCommand::Tour(true) => self.begin_tour(),
            PainterCommand::Tour(false) => self.tour.stop(),
            PainterCommand::Strength(strength) => {
                self.target_strength = f64::from(strength.clamp(0.0, 1.0));
            }
            _ => {}
        }
    }

    /// A beat was tapped at the time `at`, which is not long ago.
    pub(super) fn tap(&mut self, at: f64) {
        self.lock.tap(at);
    }

    /// Replace the style at `index`, or append one at the end of the list.
    pub(super) fn put(&mut self, index: usize, embedding: StyleEmbedding) {
        match self.styles.get_mut(index) {
            Some(old) if *old == embedding => {}
            Some(old) => {
                *old = embedding;
                // A painting that is edited while it is in use changes the style gradually too.
                self.fading_from = Some((self.mix.clone(), self.now));
            }
            None => {
                self.styles.push(embedding);
                self.transition.append();
            }
        }
    }

    /// How much of the painting, 0..=1.
    pub(super) fn strength(&self) -> f32 {
        self.strength as f32
    }

    /// Whether the content's own embedding is part of the style.
    pub(super) fn needs_content_embedding(&self) -> bool {
        self.strength < FULL
    }

    /// The style at this moment. Until the content's own embedding has been read, it is the painting's.
    ///
    /// # Errors
    /// When styles were made by different networks.
    pub(super) fn style(&mut self, content: &mut ContentEmbedding) -> Result<&StyleEmbedding> {
        self.transition
            .embedding_into(self.now, &self.styles, &mut self.mix)?;
        self.fade_replaced_style()?;
        if self.needs_content_embedding()
            && let Some(content) = content.after(self.dt)
        {
            let strength = self.strength as f32;
            let parts = [(content, 1.0 - strength), (&self.mix, strength)];
            self.style.become_mix(parts.into_iter())?;
            return Ok(&self.style);
        }
        Ok(&self.mix)
    }

    /// Blend the mix before a style was replaced into `mix`, ever less.
    fn fade_replaced_style(&mut self) -> Result<()> {
        let Some((before, since)) = &self.fading_from else {
            return Ok(());
        };
        let done = (self.now - since) / self.glide.max(f64::MIN_POSITIVE);
        if done >= 1.0 {
            self.fading_from = None;
            return Ok(());
        }
        let new = ease(done.max(0.0)) as f32;
        self.style
            .become_mix([(before, 1.0 - new), (&self.mix, new)].into_iter())?;
        std::mem::swap(&mut self.style, &mut self.mix);
        Ok(())
    }

    /// Describe the state for the window.
    pub(super) fn describe(&mut self, state: &mut PaintState) {
        state.weights.clear();
        state
            .weights
            .extend_from_slice(self.transition.weights(self.now));
        state.target = self.target;
        state.strength = self.strength();
        state.touring = self.tour.is_on();
        state.tempo = self.lock.tempo();
        state.beat = self.lock.in_bar(self.now);
    }

    fn begin_tour(&mut self) {
        self.tour.begin(self.now);
        self.lock.begin_tour(self.tour_every, self.now);
    }

    /// The tour's step, if one is due: with a tempo at the beginning of its bar.
    fn step_tour(&mut self) {
        if !self.tour.is_on() {
            return;
        }
        if !self.lock.is_on() {
            if self.tour.is_due(self.now) {
                self.glide_by(1);
            }
        } else if let Some(at) = self.lock.take_step(self.tour_every, self.now) {
            self.lock.forget();
            self.target = self.place(1);
            self.begin_glide(self.target, at);
        }
    }

    fn set_tempo(&mut self, tempo: Option<f64>) {
        self.lock.set_tempo(tempo, self.now);
        if tempo.is_none() && self.tour.is_on() {
            self.tour.begin(self.now);
        }
        self.begin_due_glide();
    }

    /// The style so many places further on; after the last comes the first.
    fn place(&self, places: isize) -> usize {
        let count = self.styles.len() as isize;
        (self.target as isize + places).rem_euclid(count) as usize
    }

    fn glide_by(&mut self, places: isize) {
        self.glide_to(self.place(places));
    }

    /// Glide at once, or with a tempo from the next beat on.
    fn glide_to(&mut self, index: usize) {
        // A number key beyond the end of the list is ignored.
        if index >= self.styles.len() {
            return;
        }
        self.target = index;
        if self.lock.is_on() {
            self.lock.wait(index, self.now);
            self.begin_due_glide();
        } else {
            self.begin_glide(index, self.now);
        }
    }

    fn begin_due_glide(&mut self) {
        if let Some(due) = self.lock.take_due(self.now) {
            self.begin_glide(due.style, due.at);
        }
    }

    /// Glide since the time `at`, which is not before the frame before this one.
    fn begin_glide(&mut self, index: usize, at: f64) {
        let seconds = self.lock.glide(self.glide);
        // The place was checked, and the seconds are those of the job or a control.
        drop(self.transition.glide_to(index, seconds, at));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
