//! The window of a session: painted frames and the user's keys go in, what is seen and commands to the painter come out.

mod address;
mod clean_window;
mod escape;
mod input;
mod notices;

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::controls::Controls;
use super::hud::{self, Figures};
use super::job::LiveJob;
use super::meter::{self, Meter};
use super::notice::Notice;
use super::pad;
use super::painted_frame::PaintedFrame;
use super::path_prompt::PathPrompt;
use super::source_health::Outage;
use super::stage::Stage;
use crate::error::Result;
use crate::picture::canvas::Canvas;
use crate::remote::Midi;
use crate::window::{Event, Window};
use address::AddressCard;
pub(super) use address::PageAddress;
use clean_window::CleanWindow;
use escape::EscapeKey;
use notices::ShownNotice;

/// The size of the window, in pixels, when the source's is not known.
const FIRST_SIZE: (u32, u32) = (640, 480);

/// The model and the device of a session.
#[derive(Debug, Clone)]
pub(super) struct EngineInfo {
    pub(super) model: String,
    pub(super) device: String,
    /// Why that device.
    pub(super) why: String,
}

/// The parts of the session that the screen uses.
pub(super) struct Links<'a> {
    pub(super) controls: &'a mut Controls,
    pub(super) meter: &'a Mutex<Meter>,
    pub(super) engine: &'a EngineInfo,
    /// The MIDI devices, from which knobs are learnt.
    pub(super) midi: Option<&'a Midi>,
    /// Since the session began.
    pub(super) now: Duration,
}

/// The window and its state.
pub(super) struct Screen {
    window: Window,
    /// The window that the audience sees, while it is open.
    clean: Option<CleanWindow>,
    stage: Stage,
    canvas: Canvas,
    events: Vec<Event>,
    shows_figures: bool,
    shows_keys: bool,
    is_split: bool,
    prompt: Option<PathPrompt>,
    escape: EscapeKey,
    /// Of the remote control's page, if one is served.
    address: Option<AddressCard>,
    /// Where the mouse is held, 0..=1 across and down.
    pointer: Option<(f32, f32)>,
    notice: ShownNotice,
    latency: Duration,
    /// The card that is shown instead of a frame.
    outage: Option<Outage>,
    has_frame: bool,
    clipboard: Option<arboard::Clipboard>,
}

impl Screen {
    /// Open the window. `page` is where the session is controlled from outside.
    ///
    /// # Errors
    /// [`Error::Display`](crate::Error::Display).
    pub(super) fn open(job: &LiveJob, page: Option<PageAddress>) -> Result<Self> {
        let (width, height) = match job.capture {
            wanted if wanted.width >= 320 => (wanted.width, wanted.height),
            _ => FIRST_SIZE,
        };
        let mut window = Window::open("Impasto", width, height)?;
        let clean = match job.stage.clean_window {
            Some(_) => Some(CleanWindow::open(&job.stage, (width, height))?),
            None => {
                job.stage.place(&mut window)?;
                None
            }
        };
        Ok(Self {
            window,
            clean,
            stage: job.stage,
            canvas: Canvas::new(),
            events: Vec::new(),
            shows_figures: !job.stage.hides_hud,
            shows_keys: false,
            is_split: false,
            prompt: None,
            escape: EscapeKey::default(),
            address: page.map(|page| AddressCard::new(page, Instant::now())),
            pointer: None,
            notice: ShownNotice::default(),
            latency: Duration::ZERO,
            outage: None,
            has_frame: false,
            clipboard: None,
        })
    }

    /// One turn of the main loop: show the frame, if it `is_new`, or the `outage`, and do what the keys say.
    ///
    /// # Errors
    /// When the display is gone.
    pub(super) fn update(
        &mut self,
        painted: &PaintedFrame,
        is_new: bool,
        outage: Option<Outage>,
        links: &mut Links<'_>,
    ) -> Result<ControlFlow<()>> {
        if is_new {
            self.has_frame = true;
            self.outage = None;
            self.draw(painted, links);
            self.window.show(self.canvas.picture())?;
            self.latency = painted.pastiche.captured.elapsed();
        } else if let Some(outage) = outage {
            self.show_outage(outage, painted)?;
        } else {
            self.window.pump()?;
        }
        if let Some(clean) = &mut self.clean {
            clean.show(is_new.then_some(&painted.pastiche.rgb))?;
        }
        self.handle_events(painted, links)
    }

    /// Show a notice.
    pub(super) fn tell(&mut self, notice: Notice) {
        self.notice.set(notice, Instant::now());
    }

    fn draw(&mut self, painted: &PaintedFrame, links: &Links<'_>) {
        let content = self.is_split.then_some(&painted.content);
        self.canvas.begin(&painted.pastiche.rgb, content);
        let cards = links.controls.cards().lock();
        let state = &painted.state;
        let mut bottom = self.canvas.height();
        if self.shows_figures {
            let figures = Figures {
                fps: meter::lock(links.meter).fps(links.now),
                latency: self.latency,
                model: &links.engine.model,
                device: &links.engine.device,
                output: painted.content.dimensions(),
                recording: links.controls.recording(),
                is_paused: links.controls.is_paused(),
            };
            hud::figures(&mut self.canvas, &figures, state);
            bottom = hud::styles(&mut self.canvas, &cards, state);
        }
        if let Some(pointer) = self.pointer {
            let corners = pad::corners(state.target, cards.len());
            let names = corners.map(|n| cards.get(n).map_or("", |card| card.name.as_str()));
            hud::pad(&mut self.canvas, names, pointer, bottom);
        }
        if let Some(notice) = self.notice.get(Instant::now()) {
            hud::notice(&mut self.canvas, notice);
        }
        let card = self.address.as_ref();
        if let Some((url, qr)) = card.and_then(|card| card.get(Instant::now())) {
            hud::address(&mut self.canvas, url, qr);
        }
        if self.shows_keys {
            hud::help(&mut self.canvas);
        }
        if let Some(prompt) = &self.prompt {
            hud::path_prompt(&mut self.canvas, prompt.text());
        }
    }

    /// The last frame, darkened, and why no other comes. Drawn again only when the text changes.
    fn show_outage(&mut self, outage: Outage, painted: &PaintedFrame) -> Result<()> {
        if self.outage.as_ref() == Some(&outage) {
            return self.window.pump();
        }
        if self.has_frame {
            self.canvas.begin(&painted.pastiche.rgb, None);
        } else {
            self.canvas.blank(FIRST_SIZE.0, FIRST_SIZE.1);
        }
        hud::card(&mut self.canvas, outage.title, &outage.reason);
        self.outage = Some(outage);
        self.window.show(self.canvas.picture())
    }
}
