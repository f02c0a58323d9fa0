//! What the user has in hand: frames go in, and what was asked for since the last one is done, at the window and from
//! outside.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::controls::Controls;
use super::meter::{self, Meter};
use super::notice::Notice;
use super::painted_frame::PaintedFrame;
use super::remotes::{Figures, Remotes};
use super::screen::{EngineInfo, Links, Screen};
use super::source_health::Outage;
use crate::error::Result;
use crate::progress::Progress;

/// The last frame, and how many there were.
pub(super) struct Shown {
    pub(super) painted: PaintedFrame,
    pub(super) frames: u64,
    pub(super) first: Option<Instant>,
    pub(super) last: Instant,
    /// From capture to show.
    pub(super) latency: Duration,
}

impl Shown {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            painted: PaintedFrame::empty(),
            frames: 0,
            first: None,
            last: Instant::now(),
            latency: Duration::ZERO,
        }
    }
}

/// The parts of the session that are looked at.
pub(super) struct Look<'a> {
    pub(super) notices: &'a Receiver<Notice>,
    pub(super) meter: &'a Mutex<Meter>,
    pub(super) engine: &'a EngineInfo,
    /// Since the session began.
    pub(super) now: Duration,
}

/// The controls, and what moves them.
pub(super) struct Operator {
    pub(super) controls: Controls,
    pub(super) screen: Option<Screen>,
    pub(super) remotes: Option<Remotes>,
}

impl Operator {
    /// Show the frame, if it `is_new`, or the outage, and do what the user asks for. `Break`: end the session.
    ///
    /// # Errors
    /// When the display is gone.
    pub(super) fn turn(
        &mut self,
        shown: &Shown,
        is_new: bool,
        outage: Option<Outage>,
        look: &Look<'_>,
        progress: &mut dyn Progress,
    ) -> Result<ControlFlow<()>> {
        let Self {
            controls,
            screen,
            remotes,
        } = self;
        let painted = &shown.painted;
        if let Some(remotes) = remotes {
            remotes.obey(controls, painted);
        }
        for notice in look.notices.try_iter() {
            if let Some(remotes) = remotes {
                remotes.tell(&notice);
            }
            match screen {
                Some(screen) => screen.tell(notice),
                None => progress.note(&notice.text),
            }
        }
        let mut flow = ControlFlow::Continue(());
        if let Some(screen) = screen {
            let mut links = Links {
                controls,
                meter: look.meter,
                engine: look.engine,
                midi: remotes.as_ref().and_then(Remotes::midi),
                now: look.now,
            };
            flow = screen.update(painted, is_new, outage, &mut links)?;
        }
        if let Some(remotes) = remotes {
            remotes.show(painted, is_new);
            remotes.publish(controls, painted, || Figures {
                fps: meter::lock(look.meter).fps(look.now),
                frames: shown.frames,
                latency: shown.latency,
            });
        }
        Ok(flow)
    }
}
