//! What the keys of the window and the controls from outside have in common: actions go in, commands to the painter,
//! recordings, saved pictures and notices come out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::commands::PainterCommand;
use super::embedder::{Embedder, Request};
use super::notice::Notice;
use super::pad;
use super::painted_frame::PaintedFrame;
use super::saver::Saver;
use super::style_list::StyleCards;
use crate::error::Result;
use crate::progress::Progress;
use crate::video::recorder::Recorder;
use crate::video::{FilmFormat, FrameSink};

/// The most styles that a session reads from pictures that come without a file. A list of more serves nobody, and their
/// thumbnails would fill the memory in the end.
const MOST_PICTURES: usize = 500;

/// The shortest time between the beginning and the end of a recording.
const SHORTEST_RECORDING: Duration = Duration::from_millis(500);

/// Where the controls lead to.
pub(super) struct Ends {
    pub(super) commands: Sender<PainterCommand>,
    pub(super) embedder: Embedder,
    pub(super) cards: StyleCards,
    pub(super) notices: Sender<Notice>,
    pub(super) paused: Arc<AtomicBool>,
}

/// How the session begins.
pub(super) struct Settings {
    pub(super) strength: f32,
    pub(super) brush: f32,
    pub(super) glide: f64,
}

/// What was asked for last, and what is being written.
pub(super) struct Controls {
    ends: Ends,
    saver: Saver,
    recorder: Option<Recorder>,
    recording_format: FilmFormat,
    /// When a recording was begun or ended last.
    recording_changed: Option<Instant>,
    settings: Settings,
    /// The names of styles that came as pictures, which are perhaps not read yet.
    pictures: Vec<String>,
}

impl Controls {
    /// Pictures are saved in `folder`; recordings too, and will have `format`.
    pub(super) fn new(folder: &Path, format: FilmFormat, settings: Settings, ends: Ends) -> Self {
        Self {
            ends,
            saver: Saver::new(folder),
            recorder: None,
            recording_format: format,
            recording_changed: None,
            settings,
            pictures: Vec::new(),
        }
    }

    /// Tell the painter.
    pub(super) fn send(&self, command: PainterCommand) {
        // The painter is gone only when the session ends.
        drop(self.ends.commands.send(command));
    }

    /// Tell the user.
    pub(super) fn notify(&self, notice: Notice) {
        drop(self.ends.notices.send(notice));
    }

    /// The styles of the session.
    pub(super) fn cards(&self) -> &StyleCards {
        &self.ends.cards
    }

    /// How much of the painting, as it was asked for last.
    pub(super) fn strength(&self) -> f32 {
        self.settings.strength
    }

    /// The size of strokes, as it was asked for last.
    pub(super) fn brush(&self) -> f32 {
        self.settings.brush
    }

    /// Seconds that a glide takes.
    pub(super) fn glide(&self) -> f64 {
        self.settings.glide
    }

    /// `strength` of 0..=1.
    pub(super) fn set_strength(&mut self, strength: f32) {
        self.settings.strength = strength;
        self.send(PainterCommand::Strength(strength));
    }

    /// `brush` of [`BRUSHES`](crate::engine::BRUSHES).
    pub(super) fn set_brush(&mut self, brush: f32) {
        self.settings.brush = brush;
        self.send(PainterCommand::Brush(brush));
    }

    /// `seconds` of 0..=600.
    pub(super) fn set_glide(&mut self, seconds: f64) {
        self.settings.glide = seconds;
        self.send(PainterCommand::Glide(seconds));
    }

    /// Mix the styles of the pad's corners by the distance of the place `at`, 0..=1 across and down.
    pub(super) fn mix_at(&self, at: (f32, f32), painted: &PaintedFrame) {
        let styles = pad::corners(painted.state.target, self.ends.cards.lock().len());
        let weights = pad::weights(at);
        let mix = std::array::from_fn(|n| (styles[n], weights[n]));
        self.send(PainterCommand::Mix(mix));
    }

    /// Whether the picture stands still.
    pub(super) fn is_paused(&self) -> bool {
        self.ends.paused.load(Ordering::Relaxed)
    }

    /// Stand still, or go on.
    pub(super) fn pause(&self, on: bool) {
        self.ends.paused.store(on, Ordering::Relaxed);
    }

    /// Save the picture and its photo; before the first frame there is none.
    pub(super) fn save(&mut self, painted: &PaintedFrame) {
        if painted.content.width() == 0 {
            return;
        }
        let (pastiche, content) = (&painted.pastiche.rgb, &painted.content);
        self.saver.save(pastiche, content, &self.ends.notices);
    }

    /// How long the recording has gone on.
    pub(super) fn recording(&self) -> Option<Duration> {
        self.recorder.as_ref().map(Recorder::elapsed)
    }

    /// Begin or end a recording, unless that was done a moment ago: each is a file and another process.
    pub(super) fn toggle_recording(&mut self) {
        let now = Instant::now();
        let before = self.recording_changed.replace(now);
        if before.is_some_and(|at| now - at < SHORTEST_RECORDING) {
            return self.notify(Notice::error("a recording lasts half a second at least"));
        }
        if let Some(mut film) = self.recorder.take() {
            let path = film.path().display().to_string();
            // Completing the file takes a moment, in which the picture stands still.
            let notice = match film.finish() {
                Ok(()) if !film.is_written() => Notice::info(nothing_recorded(&film)),
                Ok(()) => Notice::info(format!("recorded {path}")),
                Err(error) => Notice::error(error),
            };
            return self.notify(notice);
        }
        let path = self.saver.new_paths(&[".mp4", ".y4m"]).swap_remove(0);
        match Recorder::start(&path, self.recording_format) {
            Ok(film) => {
                let (path, kind) = (film.path().display(), film.description());
                self.notify(Notice::info(format!("recording {path} ({kind})")));
                self.saver.add_film(film.path().to_owned());
                self.recorder = Some(film);
            }
            Err(error) => self.notify(Notice::error(error)),
        }
    }

    /// Write a new frame into the recording, if there is one.
    pub(super) fn record(&mut self, painted: &PaintedFrame) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        // A full disk ends the recording and not the session.
        if let Err(error) = recorder.show(&painted.pastiche) {
            self.recorder = None;
            self.notify(Notice::error(error));
        }
    }

    /// Read a painting's file as a new style, and glide to it.
    pub(super) fn read_painting(&self, path: PathBuf) {
        let text = format!("reading {}", path.display());
        self.ask(Request::Painting { path, glide: true }, text);
    }

    /// Read a painting that has no file as a new style, and glide to it where `glide` says so. Where its name is taken, it
    /// gets a number: many phones call every picture the same.
    pub(super) fn read_picture(&mut self, name: &str, picture: RgbImage, glide: bool) {
        if self.pictures.len() >= MOST_PICTURES {
            let text = format!("{MOST_PICTURES} paintings were read; no more in this session");
            return self.notify(Notice::error(text));
        }
        let name = self.free_name(name);
        self.pictures.push(name.clone());
        let text = format!("reading {name}");
        let request = Request::Picture {
            name,
            picture,
            glide,
        };
        self.ask(request, text);
    }

    fn free_name(&self, name: &str) -> String {
        let cards = self.ends.cards.lock();
        let is_taken = |name: &str| {
            cards.iter().any(|c| c.name == name) || self.pictures.iter().any(|n| n == name)
        };
        let numbered = (2..).map(|n| format!("{name} {n}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| !is_taken(name)).unwrap_or_default()
    }

    fn ask(&self, request: Request, doing: String) {
        self.notify(match self.ends.embedder.ask(request) {
            Ok(()) => Notice::info(doing),
            Err(_) => Notice::error("too many paintings at once; try again"),
        });
    }

    /// End the recording, if there is one. `says`: say where it is, as no report will.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish_recording(
        &mut self,
        says: bool,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let Some(mut film) = self.recorder.take() else {
            return Ok(());
        };
        film.finish()?;
        if !film.is_written() {
            progress.note(&nothing_recorded(&film));
        } else if says {
            progress.note(&format!("recorded {}", film.path().display()));
        }
        Ok(())
    }

    /// Wait for what is being saved; gives the paths of everything that was written.
    pub(super) fn finish(self) -> Vec<PathBuf> {
        self.saver.finish()
    }
}

/// What is said of a recording that was ended before its first frame.
fn nothing_recorded(film: &Recorder) -> String {
    format!(
        "{}: not written, as nothing was recorded",
        film.path().display()
    )
}
