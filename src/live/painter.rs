//! The painter thread: frames and commands go in, painted frames come out.

use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use image::RgbImage;

use super::background::Background;
use super::clock::Clock;
use super::commands::PainterCommand;
use super::content_embedding::ContentEmbedding;
use super::meter::{self, Meter};
use super::notice::Notice;
use super::painted_frame::PaintedFrame;
use super::processing_size::ProcessingSize;
use super::style_animation::StyleAnimation;
use super::style_list::{StyleCard, StyleCards, StyleEntry};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::motion::Steady;
use crate::picture::{self, BrushScaler, Colors, reshape};
use crate::video::{Frame, Slot, Taken};

/// How long to wait for a frame before commands are read again.
const TIMEOUT: Duration = Duration::from_millis(50);

/// How long a film waits for the content's embedding before it is given up.
const LONGEST_READING: Duration = Duration::from_secs(120);

/// Everything that the painter thread owns.
pub(super) struct FramePainter {
    pub(super) engine: Engine,
    pub(super) styles: Vec<StyleEntry>,
    pub(super) cards: StyleCards,
    pub(super) animation: StyleAnimation,
    pub(super) mirror: bool,
    pub(super) colors: Colors,
    pub(super) background: Background,
    pub(super) steady: Steady,
    /// The amount when it is switched on.
    pub(super) steady_amount: f32,
    pub(super) size: ProcessingSize,
    /// Threads of the engine, if the user named a number.
    pub(super) threads: Option<usize>,
    pub(super) clock: Clock,
    pub(super) content_embedding: ContentEmbedding,
    pub(super) commands: Receiver<PainterCommand>,
    pub(super) notices: Sender<Notice>,
    pub(super) meter: Arc<Mutex<Meter>>,
    /// Where the first frame is sent, for thumbnails.
    pub(super) first_frame: Option<SyncSender<RgbImage>>,
    pub(super) state: PainterState,
}

/// What the painter keeps from one frame to the next.
#[derive(Default)]
pub(super) struct PainterState {
    /// Made when a frame is first painted at another size than its own.
    scaler: Option<BrushScaler>,
    /// Commands that came while the painter waited for the content's embedding.
    deferred: Vec<PainterCommand>,
    /// Notices that were given and are not repeated.
    told_too_slow: bool,
    told_no_content: bool,
}

impl FramePainter {
    /// Paint frames from `from` into `to` until one of them is closed. Closes both.
    ///
    /// # Errors
    /// [`Error::Inference`] when a network fails.
    pub(super) fn run(mut self, from: &Slot<Frame>, to: &Slot<PaintedFrame>) -> Result<()> {
        let result = self.paint_all(from, to);
        from.close();
        to.close();
        result
    }

    fn paint_all(&mut self, from: &Slot<Frame>, to: &Slot<PaintedFrame>) -> Result<()> {
        let (mut frame, mut painted) = (Frame::empty(), PaintedFrame::empty());
        loop {
            match from.take(&mut frame, TIMEOUT) {
                Taken::Closed => return Ok(()),
                Taken::TimedOut if to.is_closed() => return Ok(()),
                Taken::TimedOut => self.apply_commands(),
                Taken::Value => {
                    self.animation.advance(self.clock.at(&frame));
                    self.apply_commands();
                    self.paint(&mut frame, &mut painted)?;
                    if let Some(thumbnails) = self.first_frame.take() {
                        // The thread has ended only when the session ends.
                        drop(thumbnails.send(painted.content.clone()));
                    }
                    if !to.put(&mut painted) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// One frame: `frame`'s picture moves to `painted.content`, and an old buffer back.
    fn paint(&mut self, frame: &mut Frame, painted: &mut PaintedFrame) -> Result<()> {
        let began = Instant::now();
        if self.mirror {
            image::imageops::flip_horizontal_in_place(&mut frame.rgb);
        }
        std::mem::swap(&mut frame.rgb, &mut painted.content);
        painted.pastiche.captured = frame.captured;
        painted.pastiche.number = frame.number;

        let full = painted.content.dimensions();
        let size = self.size.size(full)?;
        let state = &mut self.state;
        let (content, pastiche) = if size == full {
            reshape(&mut painted.pastiche.rgb, full.0, full.1);
            (&painted.content, &mut painted.pastiche.rgb)
        } else {
            let threads = self.threads;
            let scaler = state
                .scaler
                .get_or_insert_with(|| BrushScaler::new(threads));
            scaler.prepare(&painted.content, size)?
        };
        let prepared = began.elapsed();

        if self.animation.needs_content_embedding() {
            let now = self.animation.now();
            self.content_embedding.refresh(content, now)?;
            if self.clock.is_film() {
                wait_for_content(
                    &self.commands,
                    &mut self.content_embedding,
                    &mut state.deferred,
                    LONGEST_READING,
                )?;
            }
        }
        let style = self.animation.style(&mut self.content_embedding)?;
        self.engine.set_style(style)?;
        self.engine.paint(content, pastiche)?;
        let painting = began.elapsed() - prepared;

        // Before the colours, which are then those of this frame and no other.
        self.steady.apply(content, pastiche)?;
        self.colors.apply(content, pastiche);
        if size != full
            && let Some(scaler) = &mut state.scaler
        {
            scaler.finish(&painted.content, &mut painted.pastiche.rgb)?;
        }
        // At the frame's own size, so that strength 0 is the photo and not a photo that was resized twice.
        picture::mix_with_photo(
            &painted.content,
            &mut painted.pastiche.rgb,
            self.animation.strength(),
        );
        let kept = self
            .background
            .apply(&painted.content, &mut painted.pastiche.rgb, self.mirror);
        if let Err(error) = kept {
            if !self.background.has_fitted() {
                return Err(error);
            }
            let text = format!("all is painted again: {error}");
            // Not `notify`, as the buffers of the state are in use.
            drop(self.notices.send(Notice::error(text)));
        }
        self.animation.describe(&mut painted.state);
        painted.state.processing = size;
        painted.state.brush = self.size.brush();
        painted.state.mirror = self.mirror;
        painted.state.keep_colors = self.colors.keep;
        painted.state.steady = self.steady.amount() > 0.0;
        painted.state.background_only = self.background.is_on();

        let spent = began.elapsed();
        self.size.painted(size, spent, self.clock.elapsed());
        if self.size.is_short() && !std::mem::replace(&mut state.told_too_slow, true) {
            let text = "this machine cannot hold the rate, even at the smallest size; ask for a lower rate";
            self.notify(Notice::info(text));
        }
        let mut meter = meter::lock(&self.meter);
        meter.record("prepare", prepared);
        meter.record("paint", painting);
        meter.record("finish", spent - prepared - painting);
        drop(meter);
        self.engine.take_timings();
        Ok(())
    }

    /// Apply what came from the window and the embedder since the last frame.
    fn apply_commands(&mut self) {
        for command in std::mem::take(&mut self.state.deferred) {
            self.apply(command);
        }
        while let Ok(command) = self.commands.try_recv() {
            self.apply(command);
        }
    }

    fn apply(&mut self, command: PainterCommand) {
        match command {
            PainterCommand::ContentEmbedding { result, buffer } => {
                if let Err(error) = self.content_embedding.receive(result, buffer)
                    && !std::mem::replace(&mut self.state.told_no_content, true)
                {
                    let text = format!("the strength has no effect: {error}");
                    self.notify(Notice::error(text));
                }
            }
            PainterCommand::AddStyle { entry, glide } => self.add_style(entry, glide),
            PainterCommand::Mirror(on) => {
                self.mirror = on;
                self.steady.reset();
            }
            PainterCommand::Steady(on) => {
                let amount = if on { self.steady_amount } else { 0.0 };
                // Both amounts were checked when the session began.
                drop(self.steady.set_amount(amount));
            }
            PainterCommand::KeepColors(keep) => self.colors.keep = keep,
            PainterCommand::BackgroundOnly(on) => {
                if let Err(error) = self.background.turn(on) {
                    self.notify(Notice::error(error));
                }
            }
            PainterCommand::Brush(brush) => self.size.set_brush(brush),
            PainterCommand::StepSize { larger } => self.size.step(larger),
            PainterCommand::Tap(moment) => {
                let at = self.clock.of(moment);
                self.animation.tap(at.unwrap_or(self.animation.now()));
            }
            PainterCommand::Notice(notice) => self.notify(notice),
            other => self.animation.apply(&other),
        }
    }

    fn notify(&self, notice: Notice) {
        // The receiver is gone only when the session ends.
        drop(self.notices.send(notice));
    }

    /// A new style, or a new version of one in the list.
    fn add_style(&mut self, entry: StyleEntry, glide: bool) {
        let card = StyleCard::from(&entry);
        let known = self.styles.iter().position(|e| e.name == entry.name);
        let index = known.unwrap_or(self.styles.len());
        self.animation.put(index, entry.embedding.clone());
        if known.is_some() {
            self.styles[index] = entry;
            self.cards.lock()[index] = card;
        } else {
            self.styles.push(entry);
            self.cards.lock().push(card);
        }
        if glide {
            self.animation.apply(&PainterCommand::GlideTo(index));
        }
    }
}

/// Wait for the content's embedding: a film must not depend on the speed of the machine, so its frames wait for a reading
/// that live frames go on without. Other commands are kept in `deferred`, for the next frame.
///
/// # Errors
/// That of the reading: painting on at full strength is not what the user asked for.
fn wait_for_content(
    commands: &Receiver<PainterCommand>,
    content: &mut ContentEmbedding,
    deferred: &mut Vec<PainterCommand>,
    longest: Duration,
) -> Result<()> {
    while content.is_reading() {
        match commands.recv_timeout(longest) {
            Ok(PainterCommand::ContentEmbedding { result, buffer }) => {
                content.receive(result, buffer)?
            }
            Ok(other) => deferred.push(other),
            Err(_) => {
                return Err(Error::Inference {
                    network: "predictor".to_owned(),
                    reason: format!("gave no answer within {} s", longest.as_secs()),
                });
            }
        }
    }
    match content.is_known() {
        true => Ok(()),
        // The request could not be sent.
        false => Err(Error::panicked("embedder")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::embedder::Embedder;
    use super::*;
    use crate::style::StyleEmbedding;

    /// A content whose embedding is being read by nobody, and the channel for the answer.
    fn reading() -> (
        ContentEmbedding,
        Sender<PainterCommand>,
        Receiver<PainterCommand>,
    ) {
        let answers = channel().0;
        let mut content = ContentEmbedding::new(Embedder::start(None, None, answers).unwrap());
        content.refresh(&RgbImage::new(32, 32), 0.0).unwrap();
        let (sender, commands) = channel();
        (content, sender, commands)
    }

    fn embedding() -> StyleEmbedding {
        StyleEmbedding::new(vec![1.0], "s").unwrap()
    }

    #[test]
    fn styles_that_come_while_a_film_waits_are_kept() {
        let (mut content, sender, commands) = reading();
        let entry = StyleEntry {
            name: "new".to_owned(),
            embedding: embedding(),
            thumbnail: None,
        };
        let add = PainterCommand::AddStyle { entry, glide: true };
        sender.send(add).unwrap();
        sender.send(PainterCommand::GlideTo(3)).unwrap();
        let answer = PainterCommand::ContentEmbedding {
            result: Ok(embedding()),
            buffer: RgbImage::new(1, 1),
        };
        sender.send(answer).unwrap();
        let mut deferred = Vec::new();
        wait_for_content(&commands, &mut content, &mut deferred, LONGEST_READING).unwrap();
        assert!(
            matches!(
                deferred.as_slice(),
                [PainterCommand::AddStyle { .. }, PainterCommand::GlideTo(3)]
            ),
            "{} commands",
            deferred.len()
        );
        assert_eq!(content.after(0.0), Some(&embedding()));
    }

    #[test]
    fn a_film_whose_content_cannot_be_read_ends_with_the_reason() {
        let (mut content, sender, commands) = reading();
        let answer = PainterCommand::ContentEmbedding {
            result: Err(Error::invalid("content", "is unreadable")),
            buffer: RgbImage::new(1, 1),
        };
        sender.send(answer).unwrap();
        let said =
            |commands: &Receiver<PainterCommand>, content: &mut ContentEmbedding, longest| {
                wait_for_content(commands, content, &mut Vec::new(), longest)
                    .unwrap_err()
                    .to_string()
            };
        assert!(said(&commands, &mut content, LONGEST_READING).contains("is unreadable"));
        // Nor without an embedder, nor without an answer.
        assert!(said(&commands, &mut content, LONGEST_READING).contains("embedder"));
        let (mut content, _sender, commands) = reading();
        let soon = Duration::from_millis(1);
        assert!(said(&commands, &mut content, soon).contains("no answer"));
    }
}
