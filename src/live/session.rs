//! One live session: threads are started, frames shown, everything closed.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::capture::{self, Capture};
use super::clock::Clock;
use super::commands::Command;
use super::embedder::{self, Embedder};
use super::job::{LiveJob, LiveReport};
use super::meter::Meter;
use super::motion::Motion;
use super::own::Own;
use super::painted::Painted;
use super::painter::{Desk, Painter};
use super::saver::Saver;
use super::screen::{Facts, Screen, View};
use super::sizing::{Sizing, Wish};
use super::strip::{Card, Cards, Entry};
use super::watch::Folder;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{StyleBook, user_gallery_path};
use crate::live::choice::{self, SinkChoice};
use crate::measure::memory;
use crate::picture;
use crate::progress::Progress;
use crate::style::StyleArgument;
use crate::video::Frame;
use crate::video::{FrameSink, OnFull, Slot, Taken};

/// How long to wait for a painted frame before looking at the keys again.
const PATIENCE: Duration = Duration::from_millis(15);

/// How long frames may fail to come before that is a thing to be told.
const SILENCE: Duration = Duration::from_secs(2);

/// Run a live session until its source ends, `job.frames` are shown, the window is closed, or `progress` says stop
/// (Ctrl-C), which is the ordinary way to end one.
///
/// # Errors
/// Those of the options, the engine, the styles, the source and the sinks. A camera that is lost on the way is no
/// error: a card says so until it comes back.
pub fn live(job: &LiveJob, progress: &mut dyn Progress) -> Result<LiveReport> {
    job.check()?;
    // Whatever can fail fails before anything is started: first the display, which takes no time to ask.
    if job.has_window() {
        Screen::check()?;
    }
    Session::start(job, progress)?.run(job, progress)
}

/// The threads and what the main one holds of them.
struct Session {
    capture: Capture,
    painted: Arc<Slot<Painted>>,
    painter: Option<JoinHandle<Result<()>>>,
    commands: mpsc::Sender<Command>,
    notices: (mpsc::Sender<String>, mpsc::Receiver<String>),
    embedder: Embedder,
    cards: Cards,
    meter: Arc<Mutex<Meter>>,
    facts: Facts,
    began: Instant,
    /// Frames a second of the source, and of recordings.
    rate: f64,
    told_lost: Option<String>,
}

impl Session {
    fn start(job: &LiveJob, progress: &mut dyn Progress) -> Result<Self> {
        let mut engine = job.engine().build()?;
        let strip = strip(job, &mut engine, progress)?;
        let folder = watched(job)?;
        let facts = Facts {
            model: engine.model().to_owned(),
            device: engine.device().device.to_string(),
            why: engine.device().why.clone(),
        };
        let predictor = engine.take_predictor();
        if predictor.is_none() && job.strength < 1.0 {
            let reason = "below 1 needs a model with a style predictor, to read the content with";
            return Err(Error::invalid("--strength", reason));
        }

        let meter = Arc::new(Mutex::new(Meter::new()));
        let full = if job.is_film() {
            OnFull::Block
        } else {
            OnFull::Replace
        };
        let frames = Arc::new(Slot::new(Frame::empty(), full));
        let capture = Capture::start(
            capture::Request {
                choice: job.source.clone(),
                wanted: job.capture,
                paced: !job.is_film(),
            },
            frames.clone(),
            meter.clone(),
        )?;
        progress.note(&format!("source: {}", capture.status().describe));

        let (commands, orders) = mpsc::channel();
        let notices = mpsc::channel();
        let embedder = Embedder::start(predictor, folder, commands.clone())?;
        let cards = Cards::default();
        cards.lock().extend(strip.iter().map(|e| Card {
            name: e.name.clone(),
            thumbnail: e.thumbnail.clone(),
        }));
        let rate = capture.rate.unwrap_or(f64::from(job.capture.fps));
        let painter = Painter {
            engine,
            motion: Motion::new(&strip, job.glide, job.tour, job.strength),
            strip,
            cards: cards.clone(),
            mirror: job
                .mirror
                .unwrap_or(matches!(job.source, choice::SourceChoice::Camera(_))),
            keep_colors: job.keep_colors,
            sizing: Sizing::new(match (job.size, job.is_film()) {
                (Some(size), _) => Wish::Fixed(size),
                // A film has all the time in the world, and must not depend on the machine's speed.
                (None, true) => Wish::Whole,
                (None, false) => Wish::Hold(job.fps),
            }),
            clock: if job.is_film() {
                Clock::film(rate)
            } else {
                Clock::wall()
            },
            own: Own::new(embedder.clone()),
            commands: orders,
            notices: notices.0.clone(),
            meter: meter.clone(),
            desk: Desk::default(),
            said_short: false,
        };
        let painted = Arc::new(Slot::new(Painted::empty(), full));
        let theirs = painted.clone();
        let thread = thread::Builder::new()
            .name("painter".to_owned())
            .spawn(move || painter.run(&frames, &theirs))
            .map_err(|e| Error::invalid("painter thread", e.to_string()))?;
        Ok(Self {
            capture,
            painted,
            painter: Some(thread),
            commands,
            notices,
            embedder,
            cards,
            meter,
            facts,
            began: Instant::now(),
            rate,
            told_lost: None,
        })
    }

    /// The main thread's loop.
    fn run(mut self, job: &LiveJob, progress: &mut dyn Progress) -> Result<LiveReport> {
        let mut sinks = sinks(job, self.rate)?;
        let mut saver = Saver::new(&job.save_to);
        let mut screen = match job.has_window() {
            true => Some(Screen::open(job, self.rate)?),
            false => None,
        };
        let mut painted = Painted::empty();
        let (mut frames, mut first, mut last) = (0, None, Instant::now());
        let stopped = loop {
            if progress.step(0, 1, "live").is_break() || job.frames.is_some_and(|n| frames >= n) {
                break Ok(());
            }
            let taken = self.painted.take(&mut painted, PATIENCE);
            if taken == Taken::Fresh {
                last = Instant::now();
                first.get_or_insert(last);
                frames += 1;
                match self.hand_out(&mut sinks, &painted) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
            let fresh = taken == Taken::Fresh;
            let lost = self.lost(last, progress);
            if let Some(screen) = &mut screen {
                let mut view = self.view(&mut saver);
                match screen.turn(&mut painted, fresh, lost.as_deref(), &mut view) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => break Ok(()),
                    Err(error) => break Err(error),
                }
            } else {
                self.notices
                    .1
                    .try_iter()
                    .for_each(|note| progress.note(&note));
            }
            if taken == Taken::Fresh {
                let mut meter = lock(&self.meter);
                meter.record("latency", painted.pastiche.captured.elapsed());
                meter.frame(self.began.elapsed());
            }
            if taken == Taken::Closed {
                break Ok(());
            }
        };
        // Close what is open, whatever happened; the first error is the one that is told.
        self.capture.slot.close();
        self.painted.close();
        let closed = screen.map_or(Ok(()), |mut screen| screen.finish());
        let finished = sinks.iter_mut().try_for_each(|sink| sink.finish());
        let thread = self.painter.take().map(JoinHandle::join);
        let worked = match thread {
            Some(Ok(result)) => result,
            _ => Err(Error::invalid(
                "painter thread",
                "panicked; please report it",
            )),
        };
        stopped.and(worked).and(closed).and(finished)?;
        let seconds = first.map_or(0.0, |first| (last - first).as_secs_f64());
        self.report(frames, seconds, &painted, saver.finish())
    }

    /// Why no frames come, when none do; told once to a terminal.
    fn lost(&mut self, last: Instant, progress: &mut dyn Progress) -> Option<String> {
        let silent = last.elapsed();
        if silent < SILENCE {
            if self.told_lost.take().is_some() {
                progress.note("camera is back");
            }
            return None;
        }
        let status = self.capture.status();
        let reason = status.lost.unwrap_or_else(|| {
            let seconds = silent.as_secs();
            format!("{} is silent: no pictures for {seconds} s", status.describe)
        });
        // The seconds that go by are for the window; a terminal is told when the reason changes.
        let kind = reason
            .split(['(', ':'])
            .next()
            .unwrap_or_default()
            .to_owned();
        if self.told_lost.as_ref() != Some(&kind) {
            progress.note(&format!("camera lost: {reason}"));
            self.told_lost = Some(kind);
        }
        Some(reason)
    }

    fn view<'a>(&'a self, saver: &'a mut Saver) -> View<'a> {
        View {
            commands: &self.commands,
            embedder: &self.embedder,
            cards: &self.cards,
            meter: &self.meter,
            notices: (&self.notices.0, &self.notices.1),
            saver,
            facts: &self.facts,
            now: self.began.elapsed(),
        }
    }

    fn hand_out(
        &self,
        sinks: &mut [Box<dyn FrameSink>],
        painted: &Painted,
    ) -> Result<ControlFlow<()>> {
        let began = Instant::now();
        for sink in sinks.iter_mut() {
            if sink.show(&painted.pastiche)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if !sinks.is_empty() {
            lock(&self.meter).record("sinks", began.elapsed());
        }
        Ok(ControlFlow::Continue(()))
    }

    fn report(
        &self,
        frames: u64,
        seconds: f64,
        painted: &Painted,
        saved: Vec<std::path::PathBuf>,
    ) -> Result<LiveReport> {
        let status = self.capture.status();
        if let Some(failed) = status.failed {
            return Err(Error::invalid("--source", failed));
        }
        Ok(LiveReport {
            source: status.describe,
            model: self.facts.model.clone(),
            device: format!("{}: {}", self.facts.device, self.facts.why),
            frames,
            dropped_before_paint: self.capture.slot.replaced(),
            dropped_before_show: self.painted.replaced(),
            seconds,
            fps: if seconds > 0.0 {
                (frames.saturating_sub(1)) as f64 / seconds
            } else {
                0.0
            },
            size: painted.content.dimensions(),
            processing: painted.look.processing,
            reconnected: status.reconnected,
            stages: lock(&self.meter).summary(),
            peak_memory_mib: memory::peak_mib(),
            saved,
        })
    }
}

fn lock(meter: &Mutex<Meter>) -> std::sync::MutexGuard<'_, Meter> {
    meter.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The styles named, or all of the gallery.
fn strip(job: &LiveJob, engine: &mut Engine, progress: &mut dyn Progress) -> Result<Vec<Entry>> {
    let book = StyleBook::open(engine.gallery(), user_gallery_path(job.gallery.as_deref())?)?;
    let arguments = match (job.styles.as_slice(), &job.styles_folder) {
        ([], None) => book
            .names(engine.space())
            .into_iter()
            .map(StyleArgument::named)
            .collect(),
        // The watcher finds the others; something has to be painted with until then.
        ([], Some(folder)) => picture::find_pictures(folder)?
            .into_iter()
            .take(1)
            .map(StyleArgument::file)
            .collect(),
        (given, _) => given.to_vec(),
    };
    let mut strip = Vec::new();
    for argument in &arguments {
        let embedding = book.embed(engine, argument, &mut |note| progress.note(note))?;
        let thumbnail = match argument.picture() {
            Some(path) => {
                let picture = picture::open(path, &picture::Limits::default())?;
                Some(Arc::new(embedder::thumbnail(&picture.rgb)?))
            }
            None => None,
        };
        strip.push(Entry {
            name: argument.stem(),
            embedding,
            thumbnail,
        });
    }
    if strip.is_empty() {
        let reason = "there is none to begin with; name one with --style";
        return Err(Error::invalid("styles", reason));
    }
    Ok(strip)
}

/// The folder whose pictures join the strip.
fn watched(job: &LiveJob) -> Result<Option<Folder>> {
    let Some(path) = &job.styles_folder else {
        return Ok(None);
    };
    std::fs::read_dir(path).map_err(Error::read(path))?;
    Ok(Some(Folder::new(path)))
}

/// Every sink but the window.
fn sinks(job: &LiveJob, rate: f64) -> Result<Vec<Box<dyn FrameSink>>> {
    let others = job.sinks.iter().filter(|s| **s != SinkChoice::Window);
    others.map(|sink| choice::open_sink(sink, rate)).collect()
}
