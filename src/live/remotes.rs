//! What controls the session from outside: a job goes in, controls come out; frames, notices and the session's state go back.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use super::controls::Controls;
use super::job::LiveJob;
use super::notice::Notice;
use super::painted_frame::PaintedFrame;
use super::performance::Performers;
use super::screen::PageAddress;
use super::{obey, pad};
use crate::error::Result;
use crate::progress::Progress;
use crate::remote::http::{Page, Token};
use crate::remote::qr::Qr;
use crate::remote::view::View;
use crate::remote::{Control, Desk, Midi};

/// The time between two states that are published, unless something was asked for.
const INTERVAL: Duration = Duration::from_millis(100);

/// The most controls that are obeyed between two looks at the frames.
const AT_ONCE: usize = 128;

/// The most sentences of protocols that wait to be told.
const MOST_TOLD: usize = 64;

/// What is measured, for the clients.
pub(super) struct Figures {
    pub(super) fps: f64,
    pub(super) frames: u64,
    /// From the camera to the window or page.
    pub(super) latency: Duration,
}

/// The desk, and what was put on it.
pub(super) struct Remotes {
    desk: Desk,
    controls: Receiver<Control>,
    /// What OSC and MIDI tell the user.
    told: Receiver<Notice>,
    performers: Performers,
    published: Option<Instant>,
    /// The beat that was published.
    beat: Option<u8>,
    page: Option<(Page, View)>,
}

impl Remotes {
    /// Open what the job names, before the networks are loaded: what can fail does so at once. `None` when it names
    /// nothing.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub(super) fn open(job: &LiveJob, progress: &mut dyn Progress) -> Result<Option<Self>> {
        if !job.has_remotes() {
            return Ok(None);
        }
        let (desk, controls) = Desk::new();
        let (tell, told) = sync_channel(MOST_TOLD);
        let performers = job.performance.open(&desk, &tell, progress)?;
        let page = match &job.serve {
            Some(address) => {
                let view = View::start()?;
                let token = Token::chosen()?;
                let page = Page::serve(address, token, desk.clone(), view.viewers())?;
                announce(&page, progress);
                Some((page, view))
            }
            None => None,
        };
        Ok(Some(Self {
            desk,
            controls,
            told,
            performers,
            published: None,
            beat: None,
            page,
        }))
    }

    /// Where the page is.
    pub(super) fn page(&self) -> Option<PageAddress> {
        let (page, _) = self.page.as_ref()?;
        Some(PageAddress {
            url: page.url().to_owned(),
            is_shared: page.is_shared(),
        })
    }

    /// Show a frame to those who watch, if it `is_new` or somebody has seen none yet.
    pub(super) fn show(&mut self, painted: &PaintedFrame, is_new: bool) {
        if let Some((_, view)) = &mut self.page
            && (is_new || view.is_waiting())
        {
            view.show(&painted.pastiche);
        }
    }

    /// Obey what was asked for since the last turn.
    pub(super) fn obey(&mut self, controls: &mut Controls, painted: &PaintedFrame) {
        self.told
            .try_iter()
            .for_each(|notice| controls.notify(notice));
        for control in self.controls.try_iter().take(AT_ONCE) {
            obey::obey(control, controls, painted);
            self.published = None;
        }
    }

    /// The MIDI devices, if there are any.
    pub(super) fn midi(&self) -> Option<&Midi> {
        self.performers.midi.as_ref()
    }

    /// Pass a notice on.
    pub(super) fn tell(&mut self, notice: &Notice) {
        self.desk.publish(|status| {
            status.notice = Some(notice.text.clone());
            status.notice_is_error = notice.is_error;
            status.notices += 1;
        });
    }

    /// Publish the state, if that is due.
    pub(super) fn publish(
        &mut self,
        controls: &Controls,
        painted: &PaintedFrame,
        figures: impl FnOnce() -> Figures,
    ) {
        // A beat is told at once, as lamps follow it.
        let is_same = painted.state.beat == self.beat;
        if is_same && self.published.is_some_and(|at| at.elapsed() < INTERVAL) {
            return;
        }
        self.beat = painted.state.beat;
        self.published = Some(Instant::now());
        let cards = controls.cards().lock();
        let styles = cards.iter().map(|card| (&card.name, &card.thumbnail));
        self.desk.publish_styles(styles);
        let count = cards.len();
        drop(cards);
        let (state, figures) = (&painted.state, figures());
        self.desk.publish(|status| {
            status.weights.clone_from(&state.weights);
            status.target = state.target;
            status.pad = pad::corners(state.target, count);
            status.strength = controls.strength();
            status.brush = controls.brush();
            status.glide = controls.glide();
            status.touring = state.touring;
            status.tempo = state.tempo;
            status.beat = state.beat;
            status.paused = controls.is_paused();
            status.recording = controls.recording().is_some();
            status.mirror = state.mirror;
            status.steady = state.steady;
            status.background_only = state.background_only;
            status.keep_colors = state.keep_colors.to_string();
            status.fps = figures.fps;
            status.frames = figures.frames;
            status.latency_ms = figures.latency.as_secs_f64() * 1000.0;
            status.size = painted.content.dimensions();
        });
    }
}

/// Tell the user where the page is, and a phone where other machines reach it.
fn announce(page: &Page, progress: &mut dyn Progress) {
    progress.note(&format!("remote control: {}", page.url()));
    if page.is_shared()
        && let Some(qr) = Qr::new(page.url())
    {
        progress.drawing(&qr.to_terminal());
    }
}
