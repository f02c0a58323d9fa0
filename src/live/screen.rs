//! The window of a live session: the picture, what is drawn over it, and the keys.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::commands::Command;
use super::embedder::{Embedder, Request};
use super::entry::{Entered, EntryLine};
use super::hud::{self, Figures};
use super::job::LiveJob;
use super::keys::{Action, action};
use super::meter::Meter;
use super::painted::Painted;
use super::saver::Saver;
use super::strip::Cards;
use crate::error::{Error, Result};
use crate::picture::canvas::Canvas;
use crate::video::FrameSink;
use crate::video::recorder::Recorder;
use crate::window::{self, Event, Window};

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(4);

/// The window of a source that has not sent a frame yet, in pixels.
const FIRST_SIZE: (u32, u32) = (640, 480);

/// A step of the strength.
const STEP: f32 = 0.1;

/// What does not change while a session lasts.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) model: String,
    pub(super) device: String,
    pub(super) why: String,
}

/// What of the session the window uses.
pub(super) struct View<'a> {
    pub(super) commands: &'a Sender<Command>,
    pub(super) embedder: &'a Embedder,
    pub(super) cards: &'a Cards,
    pub(super) meter: &'a Mutex<Meter>,
    pub(super) notices: (&'a Sender<String>, &'a Receiver<String>),
    pub(super) saver: &'a mut Saver,
    pub(super) facts: &'a Facts,
    /// Since the session began.
    pub(super) now: Duration,
}

/// The window and what it remembers from one turn to the next.
pub(super) struct Screen {
    window: Window,
    canvas: Canvas,
    events: Vec<Event>,
    hud: bool,
    help: bool,
    split: bool,
    entry: Option<EntryLine>,
    held: Option<(f32, f32)>,
    recorder: Option<Recorder>,
    recording_rate: f64,
    notices: VecDeque<(Instant, String)>,
    strength: f32,
    latency: Duration,
    /// The card that is on the screen instead of a moving picture.
    card: Option<String>,
    seen_a_frame: bool,
    clipboard: Option<arboard::Clipboard>,
}

impl Screen {
    /// Whether a window can be opened, without opening one.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device), with the remedy.
    pub(super) fn check() -> Result<()> {
        match window::display() {
            Err(Error::Device { device, reason }) => Err(Error::Device {
                device,
                reason: format!("{reason}; --headless paints without a window"),
            }),
            found => found.map(drop),
        }
    }

    pub(super) fn open(job: &LiveJob, rate: f64) -> Result<Self> {
        let (width, height) = match job.capture {
            wanted if wanted.width >= 320 => (wanted.width, wanted.height),
            _ => FIRST_SIZE,
        };
        Ok(Self {
            window: Window::open("Impasto", width, height)?,
            canvas: Canvas::new(),
            events: Vec::new(),
            hud: true,
            help: false,
            split: false,
            entry: None,
            held: None,
            recorder: None,
            recording_rate: rate,
            notices: VecDeque::new(),
            strength: job.strength,
            latency: Duration::ZERO,
            card: None,
            seen_a_frame: false,
            clipboard: None,
        })
    }

    /// One turn of the main loop: show the frame, if `fresh`, and do what the keys say.
    ///
    /// # Errors
    /// When the display is gone, or a recording cannot be ended.
    pub(super) fn turn(
        &mut self,
        painted: &mut Painted,
        fresh: bool,
        lost: Option<&str>,
        view: &mut View<'_>,
    ) -> Result<ControlFlow<()>> {
        if fresh {
            self.seen_a_frame = true;
            self.card = None;
            self.record(painted, view)?;
            self.draw(painted, view);
            self.window.show(self.canvas.picture())?;
            self.latency = painted.pastiche.captured.elapsed();
        } else if let Some(reason) = lost {
            self.show_card(reason, painted)?;
        } else {
            self.window.pump();
        }
        self.listen(painted, view)
    }

    /// End the recording, if there is one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.recorder
            .take()
            .map_or(Ok(()), |mut film| film.finish())
    }

    fn record(&mut self, painted: &Painted, view: &View<'_>) -> Result<()> {
        let Some(recorder) = &mut self.recorder else {
            return Ok(());
        };
        // A disk that is full ends the recording, not the show.
        if let Err(error) = recorder.show(&painted.pastiche) {
            self.recorder = None;
            tell(view, error.to_string());
        }
        Ok(())
    }

    fn draw(&mut self, painted: &Painted, view: &View<'_>) {
        let content = self.split.then_some(&painted.content);
        self.canvas.begin(&painted.pastiche.rgb, content);
        let cards = view.cards.lock();
        let look = &painted.look;
        let mut bottom = self.canvas.height();
        if self.hud {
            let meter = view.meter.lock().unwrap_or_else(PoisonError::into_inner);
            let figures = Figures {
                fps: meter.fps(view.now),
                latency: self.latency,
                model: &view.facts.model,
                device: &view.facts.device,
                output: painted.content.dimensions(),
                recording: self.recorder.as_ref().map(Recorder::elapsed),
            };
            drop(meter);
            hud::figures(&mut self.canvas, &figures, look);
            bottom = hud::strip(&mut self.canvas, &cards, look);
        }
        if let Some(point) = self.held {
            let corners = corners(look.target, cards.len());
            let names = corners.map(|n| cards.get(n).map_or("", |card| card.name.as_str()));
            hud::pad(&mut self.canvas, names, point, bottom);
        }
        while self
            .notices
            .front()
            .is_some_and(|(since, _)| since.elapsed() > NOTICE)
        {
            self.notices.pop_front();
        }
        if let Some((_, text)) = self.notices.back() {
            hud::notice(&mut self.canvas, text);
        }
        if self.help {
            hud::help(&mut self.canvas);
        }
        if let Some(entry) = &self.entry {
            hud::entry(&mut self.canvas, entry.text());
        }
    }

    /// The last picture, darkened, and why nothing moves. Drawn anew only when the words change.
    fn show_card(&mut self, reason: &str, painted: &Painted) -> Result<()> {
        if self.card.as_deref() == Some(reason) {
            self.window.pump();
            return Ok(());
        }
        if self.seen_a_frame {
            self.canvas.begin(&painted.pastiche.rgb, None);
        } else {
            self.canvas.blank(FIRST_SIZE.0, FIRST_SIZE.1);
        }
        hud::card(&mut self.canvas, "camera lost", reason);
        self.card = Some(reason.to_owned());
        self.window.show(self.canvas.picture())
    }

    fn listen(&mut self, painted: &Painted, view: &mut View<'_>) -> Result<ControlFlow<()>> {
        let notices = view.notices.1.try_iter().map(|text| (Instant::now(), text));
        self.notices.extend(notices);
        let mut events = std::mem::take(&mut self.events);
        self.window.events(&mut events);
        let mut flow = ControlFlow::Continue(());
        for event in events.drain(..) {
            if event == Event::Closed {
                flow = ControlFlow::Break(());
            } else if self.entry.is_some() {
                self.write(event, view);
            } else {
                match event {
                    Event::Held { x, y } => self.hold((x, y), painted, view),
                    Event::Released => self.release(view),
                    key => {
                        if let Some(action) = action(key)
                            && self.act(action, painted, view)?.is_break()
                        {
                            flow = ControlFlow::Break(());
                        }
                    }
                }
            }
        }
        self.events = events;
        Ok(flow)
    }

    fn write(&mut self, event: Event, view: &View<'_>) {
        let Some(entry) = &mut self.entry else { return };
        let clipboard = &mut self.clipboard;
        let entered = entry.take(event, &mut || paste(clipboard));
        if entered != Entered::More {
            self.entry = None;
        }
        if let Entered::Path(path) = entered {
            open(path, view);
        }
    }

    fn hold(&mut self, point: (f32, f32), painted: &Painted, view: &View<'_>) {
        let places = corners(painted.look.target, view.cards.lock().len());
        let weights = hud::pad_weights(point);
        self.held = Some(point);
        send(
            view,
            Command::Hold(std::array::from_fn(|n| (places[n], weights[n]))),
        );
    }

    fn release(&mut self, view: &View<'_>) {
        self.held = None;
        send(view, Command::Release);
    }

    fn act(
        &mut self,
        action: Action,
        painted: &Painted,
        view: &mut View<'_>,
    ) -> Result<ControlFlow<()>> {
        let look = &painted.look;
        match action {
            Action::Style(place) => send(view, Command::Glide(place)),
            Action::Previous => send(view, Command::Step(-1)),
            Action::Next => send(view, Command::Step(1)),
            Action::Tour => send(view, Command::Tour(!look.touring)),
            Action::Stronger => self.set_strength(self.strength + STEP, view),
            Action::Weaker => self.set_strength(self.strength - STEP, view),
            Action::EnterPath => self.entry = Some(EntryLine::default()),
            Action::Save if self.seen_a_frame => {
                view.saver
                    .save(&painted.pastiche.rgb, &painted.content, view.notices.0);
            }
            Action::Save => {}
            Action::Record => self.toggle_recording(view),
            Action::Fullscreen => self.window.set_fullscreen(!self.window.is_fullscreen())?,
            Action::KeepColors => send(view, Command::KeepColors(!look.keep_colors)),
            Action::Split => self.split = !self.split,
            Action::Mirror => send(view, Command::Mirror(!look.mirror)),
            Action::Smaller => send(view, Command::Nudge { larger: false }),
            Action::Larger => send(view, Command::Nudge { larger: true }),
            Action::Hud => self.hud = !self.hud,
            Action::Help => self.help = !self.help,
            Action::Quit => return Ok(ControlFlow::Break(())),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn set_strength(&mut self, strength: f32, view: &View<'_>) {
        // Steps of a tenth, also after a start in between.
        self.strength = ((strength * 10.0).round() / 10.0).clamp(0.0, 1.0);
        send(view, Command::Strength(self.strength));
    }

    fn toggle_recording(&mut self, view: &mut View<'_>) {
        if let Some(mut film) = self.recorder.take() {
            let path = film.path().display().to_string();
            // Closing the file takes a moment, in which the picture stands still.
            tell(
                view,
                match film.finish() {
                    Ok(()) => format!("recorded {path}"),
                    Err(error) => error.to_string(),
                },
            );
            return;
        }
        let path = view.saver.fresh(&[".mp4", ".y4m"]).swap_remove(0);
        match Recorder::start(&path, self.recording_rate) {
            Ok(film) => {
                tell(
                    view,
                    format!("recording {} ({})", film.path().display(), film.described()),
                );
                view.saver.began(film.path().to_owned());
                self.recorder = Some(film);
            }
            Err(error) => tell(view, error.to_string()),
        }
    }
}

/// The styles in the corners of the pad: four of the strip, beginning with the one that is shown.
fn corners(target: usize, count: usize) -> [usize; 4] {
    std::array::from_fn(|n| (target + n) % count.max(1))
}

fn open(path: PathBuf, view: &View<'_>) {
    let said = format!("reading {}", path.display());
    match view.embedder.ask(Request::Painting { path, glide: true }) {
        Ok(()) => tell(view, said),
        Err(_) => tell(view, "too many paintings at once; try again".to_owned()),
    }
}

fn paste(clipboard: &mut Option<arboard::Clipboard>) -> Option<String> {
    if clipboard.is_none() {
        *clipboard = arboard::Clipboard::new().ok();
    }
    clipboard.as_mut()?.get_text().ok()
}

/// The painter is gone only when the session ends.
fn send(view: &View<'_>, command: Command) {
    drop(view.commands.send(command));
}

fn tell(view: &View<'_>, text: String) {
    drop(view.notices.0.send(text));
}
