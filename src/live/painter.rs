//! The painter thread: takes frames, asks the transition for the style of this instant, paints.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use image::RgbImage;

use super::clock::Clock;
use super::commands::Command;
use super::meter::Meter;
use super::motion::Motion;
use super::own::Own;
use super::painted::Painted;
use super::sizing::Sizing;
use super::strip::{Card, Cards, Entry, THUMBNAIL};
use crate::engine::Engine;
use crate::error::Result;
use crate::picture::reshape;
use crate::picture::{self, Scaler};
use crate::video::Frame;
use crate::video::{Slot, Taken};

/// How long to wait for a frame before looking at the commands again.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long a film waits for the content's own embedding before it goes on with the last one.
const LONGEST_READING: Duration = Duration::from_secs(10);

/// Everything that the painter thread owns.
pub(super) struct Painter {
    pub(super) engine: Engine,
    pub(super) strip: Vec<Entry>,
    pub(super) cards: Cards,
    pub(super) motion: Motion,
    pub(super) mirror: bool,
    pub(super) keep_colors: bool,
    pub(super) sizing: Sizing,
    pub(super) clock: Clock,
    pub(super) own: Own,
    pub(super) commands: Receiver<Command>,
    pub(super) notices: Sender<String>,
    pub(super) meter: Arc<Mutex<Meter>>,
    pub(super) desk: Desk,
    /// Whether the user was told that the rate cannot be held: once is enough.
    pub(super) said_short: bool,
}

/// Buffers of one frame that are used again for the next.
#[derive(Default)]
pub(super) struct Desk {
    scaler: Scaler,
    content: RgbImage,
    pastiche: RgbImage,
}

impl Painter {
    /// Paint frames from `from` into `to` until one of them is closed. Closes both.
    ///
    /// # Errors
    /// [`Error::Inference`](crate::Error::Inference) when a network fails.
    pub(super) fn run(mut self, from: &Slot<Frame>, to: &Slot<Painted>) -> Result<()> {
        let done = self.serve(from, to);
        from.close();
        to.close();
        done
    }

    fn serve(&mut self, from: &Slot<Frame>, to: &Slot<Painted>) -> Result<()> {
        let (mut frame, mut painted) = (Frame::empty(), Painted::empty());
        loop {
            match from.take(&mut frame, PATIENCE) {
                Taken::Closed => return Ok(()),
                Taken::Nothing if to.is_closed() => return Ok(()),
                Taken::Nothing => self.obey(),
                Taken::Fresh => {
                    self.motion.advance(self.clock.at(&frame));
                    self.obey();
                    self.paint(&mut frame, &mut painted)?;
                    if !to.give(&mut painted) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// One frame: `frame`'s picture moves to `painted.content`, and an old buffer back.
    fn paint(&mut self, frame: &mut Frame, painted: &mut Painted) -> Result<()> {
        let began = Instant::now();
        if self.mirror {
            image::imageops::flip_horizontal_in_place(&mut frame.rgb);
        }
        std::mem::swap(&mut frame.rgb, &mut painted.content);
        painted.pastiche.captured = frame.captured;
        painted.pastiche.number = frame.number;

        let full = painted.content.dimensions();
        let size = self.sizing.size(full)?;
        let content = if size == full {
            &painted.content
        } else {
            reshape(&mut self.desk.content, size.0, size.1);
            self.desk
                .scaler
                .resize(&painted.content, &mut self.desk.content)?;
            &self.desk.content
        };
        let pastiche = if size == full {
            &mut painted.pastiche.rgb
        } else {
            &mut self.desk.pastiche
        };
        let prepared = began.elapsed();

        if self.motion.needs_own() {
            self.own.refresh(content, self.motion.now())?;
            if self.clock.is_film() {
                wait_for_own(&self.commands, &mut self.own);
            }
        }
        self.engine.set_style(self.motion.style(&mut self.own)?)?;
        reshape(pastiche, size.0, size.1);
        self.engine.paint(content, pastiche)?;
        let painting = began.elapsed() - prepared;

        if self.keep_colors {
            picture::keep_colors(content, pastiche);
        }
        if size != full {
            reshape(&mut painted.pastiche.rgb, full.0, full.1);
            self.desk
                .scaler
                .resize(&self.desk.pastiche, &mut painted.pastiche.rgb)?;
        }
        let look = &mut painted.look;
        look.processing = size;
        self.motion.describe(look);
        (look.mirror, look.keep_colors) = (self.mirror, self.keep_colors);

        let spent = began.elapsed();
        self.sizing.painted(size, spent, self.clock.elapsed());
        if self.sizing.is_short() && !std::mem::replace(&mut self.said_short, true) {
            let said = "this machine cannot hold the rate, even at the smallest size; ask for a lower --fps";
            // Nobody listens only when the session is ending.
            drop(self.notices.send(said.to_owned()));
        }
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        meter.record("prepare", prepared);
        meter.record("paint", painting);
        meter.record("finish", spent - prepared - painting);
        drop(meter);
        self.engine.take_timings();
        self.draw_a_thumbnail(&painted.content)
    }

    /// Do what the window and the embedder have said since the last frame.
    fn obey(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Own { embedding, content } => self.own.answered(embedding, content),
                Command::Add { entry, glide } => self.add(entry, glide),
                Command::Mirror(on) => self.mirror = on,
                Command::KeepColors(on) => self.keep_colors = on,
                Command::Nudge { larger } => self.sizing.nudge(larger),
                // The window is gone only when the session ends.
                Command::Notice(text) => drop(self.notices.send(text)),
                other => self.motion.obey(&other),
            }
        }
    }

    /// A new style, or a new picture of an old one.
    fn add(&mut self, entry: Entry, glide: bool) {
        let card = Card {
            name: entry.name.clone(),
            thumbnail: entry.thumbnail.clone(),
        };
        let known = self.strip.iter().position(|e| e.name == entry.name);
        let place = known.unwrap_or(self.strip.len());
        self.motion.put(place, entry.embedding.clone());
        if known.is_some() {
            self.strip[place] = entry;
            self.cards.lock()[place] = card;
        } else {
            self.strip.push(entry);
            self.cards.lock().push(card);
        }
        if glide {
            self.motion.obey(&Command::Glide(place));
        }
    }

    /// A named style has no picture to show: paint a small one of what the camera sees, one style a frame.
    fn draw_a_thumbnail(&mut self, content: &RgbImage) -> Result<()> {
        let Some(place) = self.strip.iter().position(|e| e.thumbnail.is_none()) else {
            return Ok(());
        };
        let small = super::embedder::thumbnail(content)?;
        let mut drawn = RgbImage::new(THUMBNAIL.0, THUMBNAIL.1);
        let entry = &mut self.strip[place];
        self.engine.set_style(&entry.embedding)?;
        self.engine.paint(&small, &mut drawn)?;
        let drawn = Arc::new(drawn);
        entry.thumbnail = Some(drawn.clone());
        if let Some(card) = self.cards.lock().get_mut(place) {
            card.thumbnail = Some(drawn);
        }
        Ok(())
    }
}

/// A film is the same every time: its frames wait for the reading that a live picture goes on without.
fn wait_for_own(commands: &Receiver<Command>, own: &mut Own) {
    while own.is_reading() {
        match commands.recv_timeout(LONGEST_READING) {
            Ok(Command::Own { embedding, content }) => own.answered(embedding, content),
            Ok(_) => {} // nobody steers a film
            Err(_) => return,
        }
    }
}
