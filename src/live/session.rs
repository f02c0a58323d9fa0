//! One live session: a job goes in, threads are started, frames shown, everything is closed, and a report comes out.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::background::Background;
use super::capture::{Capture, Order};
use super::clock::Clock;
use super::commands::PainterCommand;
use super::content_embedding::ContentEmbedding;
use super::controls::{Controls, Ends, Settings};
use super::embedder::Embedder;
use super::job::{LiveJob, LiveReport};
use super::meter::{self, Meter};
use super::notice::Notice;
use super::operator::{Look, Operator, Shown};
use super::painted_frame::PaintedFrame;
use super::painter::{FramePainter, PainterState};
use super::processing_size::{ProcessingSize, SizeSetting};
use super::remotes::Remotes;
use super::screen::{EngineInfo, Screen};
use super::sink_choice::{self, SinkChoice};
use super::source_choice::{Reading, SourceChoice};
use super::source_health::SourceHealth;
use super::style_animation::StyleAnimation;
use super::style_list::StyleCards;
use super::thumbnails::ThumbnailThread;
use super::{initial_styles, outputs};
use crate::error::{Error, Result};
use crate::measure::memory;
use crate::motion::{self, Steady};
use crate::progress::Progress;
use crate::video::{FilmFormat, Frame, FrameSink, OnFull, Slot, Taken};
use crate::window;

/// How long to wait for a painted frame before the keys are read again.
const TIMEOUT: Duration = Duration::from_millis(15);

/// Run a live session until its source ends, `job.frames` are shown, the window is closed, or `progress` says stop
/// (Ctrl-C), which is the ordinary way to end one.
///
/// # Errors
/// Those of the options, the engine, the styles, the source and the sinks. A camera that is lost during the session is no
/// error: a card says so until it comes back.
pub fn live(job: &LiveJob, progress: &mut dyn Progress) -> Result<LiveReport> {
    job.check()?;
    outputs::check(job)?;
    // What can fail is tried before anything is started, and the display first, as that takes no time.
    if job.has_window() {
        window::display()?;
    }
    job.stage.check(&job.sinks)?;
    let remotes = Remotes::open(job, progress)?;
    LiveSession::start(job, progress)?.run(job, remotes, progress)
}

/// The threads and what the main one holds of them.
struct LiveSession {
    capture: Capture,
    painted: Arc<Slot<PaintedFrame>>,
    painter: Option<JoinHandle<Result<()>>>,
    thumbnails: Option<ThumbnailThread>,
    commands: mpsc::Sender<PainterCommand>,
    notices: (mpsc::Sender<Notice>, mpsc::Receiver<Notice>),
    embedder: Embedder,
    cards: StyleCards,
    meter: Arc<Mutex<Meter>>,
    engine: EngineInfo,
    paused: Arc<AtomicBool>,
    began: Instant,
    /// The source's format, which films and recordings get.
    format: FilmFormat,
}

impl LiveSession {
    fn start(job: &LiveJob, progress: &mut dyn Progress) -> Result<Self> {
        let mut engine = job.engine().build()?;
        let styles = initial_styles::read(job, &mut engine, progress)?;
        let watcher = initial_styles::watcher(job)?;
        let engine_info = EngineInfo {
            model: engine.model().to_owned(),
            device: engine.device().device.to_string(),
            why: engine.device().why.clone(),
        };
        let predictor = engine.take_predictor();
        let photo = match (&predictor, &engine.gallery().photo) {
            (None, Some(photo)) => Some(photo.embedding()?),
            (None, None) if job.strength < 1.0 => {
                let reason =
                    "below 1 needs a model with a style predictor, to read the content with";
                return Err(Error::invalid("strength", reason));
            }
            _ => None,
        };

        let meter = Arc::new(Mutex::new(Meter::new()));
        let paused = Arc::new(AtomicBool::new(false));
        let on_full = if job.is_film() {
            OnFull::Block
        } else {
            OnFull::Replace
        };
        let frames = Arc::new(Slot::new(Frame::empty(), on_full));
        let order = Order {
            choice: job.source.clone(),
            reading: Reading {
                wanted: job.capture,
                paced: !job.is_film(),
                repeats: job.repeats,
            },
            paused: paused.clone(),
        };
        let capture = Capture::start(order, frames.clone(), meter.clone(), progress)?;
        progress.note(&format!("source: {}", capture.status().describe));
        let format = capture.format(job.capture.fps);

        let (commands, received) = mpsc::channel();
        let notices = mpsc::channel();
        let embedder = Embedder::start(predictor, watcher, commands.clone())?;
        let cards = StyleCards::new(&styles);
        // Thumbnails are seen in the window and on the page only.
        let thumbnails = match job.has_window() || job.serve.is_some() {
            true => ThumbnailThread::start(
                job.engine(),
                &styles,
                cards.clone(),
                meter.clone(),
                notices.0.clone(),
            )?,
            false => None,
        };
        let (thumbnails, first_frame) = thumbnails.unzip();
        let mirror = job
            .mirror
            .unwrap_or(matches!(job.source, SourceChoice::Camera(_)));
        let background = Background::open(
            job.mask.as_deref(),
            job.background_only,
            mirror,
            job.is_film(),
            &mut |n| progress.note(n),
        )?;
        let painter = FramePainter {
            engine,
            animation: StyleAnimation::new(
                &styles,
                job.glide,
                job.tour,
                job.strength,
                job.performance.bpm,
            ),
            styles,
            cards: cards.clone(),
            mirror,
            colors: job.colors.clone(),
            background,
            steady: Steady::new(job.steady)?,
            steady_amount: match job.steady {
                0.0 => motion::AMOUNT,
                amount => amount,
            },
            size: ProcessingSize::new(
                match (job.size, job.is_film()) {
                    (Some(size), _) => SizeSetting::Fixed(size),
                    // A film need not be painted in time, and must not depend on the machine's speed.
                    (None, true) => SizeSetting::SourceSize,
                    (None, false) => SizeSetting::HoldRate(job.fps),
                },
                job.brush,
            ),
            threads: job.engine.get_threads(),
            clock: if job.is_film() {
                Clock::film_time(format.rate.value())
            } else {
                Clock::real_time()
            },
            content_embedding: match photo {
                Some(photo) => ContentEmbedding::fixed(photo),
                None => ContentEmbedding::new(embedder.clone()),
            },
            commands: received,
            notices: notices.0.clone(),
            meter: meter.clone(),
            first_frame,
            state: PainterState::default(),
        };
        let painted = Arc::new(Slot::new(PaintedFrame::empty(), on_full));
        let to = painted.clone();
        let painter = thread::Builder::new()
            .name("painter".to_owned())
            .spawn(move || painter.run(&frames, &to))
            .map_err(Error::thread("painter"))?;
        Ok(Self {
            capture,
            painted,
            painter: Some(painter),
            thumbnails,
            commands,
            notices,
            embedder,
            cards,
            meter,
            engine: engine_info,
            paused,
            began: Instant::now(),
            format,
        })
    }

    fn run(
        mut self,
        job: &LiveJob,
        remotes: Option<Remotes>,
        progress: &mut dyn Progress,
    ) -> Result<LiveReport> {
        let mut sinks = sinks(job, self.format, progress)?;
        let screen = match job.has_window() {
            true => Some(Screen::open(job, remotes.as_ref().and_then(Remotes::page))?),
            false => None,
        };
        let mut shown = Shown::new();
        let mut operator = Operator {
            controls: self.controls(job),
            screen,
            remotes,
        };
        let looped = self.main_loop(job, &mut shown, &mut sinks, &mut operator, progress);
        // Everything is closed in any case; the first error is the one that is returned.
        self.capture.slot.close();
        self.painted.close();
        let recorded = operator
            .controls
            .finish_recording(looped.is_err(), progress);
        let finished = sinks.iter_mut().try_for_each(|sink| {
            sink.finish()?;
            sink.take_note().iter().for_each(|note| progress.note(note));
            Ok(())
        });
        if let Some(thumbnails) = self.thumbnails.take() {
            thumbnails.finish();
        }
        let painted = match self.painter.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(Error::panicked("painter")),
        };
        looped.and(painted).and(recorded).and(finished)?;
        self.capture.result()?;
        Ok(self.report(&shown, operator.controls.finish()))
    }

    /// Show and write frames until the session ends.
    fn main_loop(
        &self,
        job: &LiveJob,
        shown: &mut Shown,
        sinks: &mut [Box<dyn FrameSink>],
        operator: &mut Operator,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let mut health = SourceHealth::default();
        loop {
            let enough = job.frames.is_some_and(|most| shown.frames >= most);
            if enough || progress.step(0, 1, "live").is_break() {
                return Ok(());
            }
            let taken = self.painted.take(&mut shown.painted, TIMEOUT);
            let is_new = taken == Taken::Value;
            if is_new {
                shown.last = Instant::now();
                shown.first.get_or_insert(shown.last);
                shown.frames += 1;
                if self.write(sinks, &shown.painted)?.is_break() {
                    return Ok(());
                }
                operator.controls.record(&shown.painted);
            }
            let silent = shown.last.elapsed();
            let outage = health.check(silent, || self.capture.status(), progress);
            let look = Look {
                notices: &self.notices.1,
                meter: &self.meter,
                engine: &self.engine,
                now: self.began.elapsed(),
            };
            let flow = operator.turn(shown, is_new, outage, &look, progress)?;
            if flow.is_break() {
                return Ok(());
            }
            if is_new {
                shown.latency = shown.painted.pastiche.captured.elapsed();
                let mut meter = meter::lock(&self.meter);
                meter.record("latency", shown.latency);
                meter.frame(self.began.elapsed());
            }
            if taken == Taken::Closed {
                return Ok(());
            }
        }
    }

    fn controls(&self, job: &LiveJob) -> Controls {
        let ends = Ends {
            commands: self.commands.clone(),
            embedder: self.embedder.clone(),
            cards: self.cards.clone(),
            notices: self.notices.0.clone(),
            paused: self.paused.clone(),
        };
        let settings = Settings {
            strength: job.strength,
            brush: job.brush,
            glide: job.glide,
        };
        Controls::new(&job.save_to, self.format, settings, ends)
    }

    fn write(
        &self,
        sinks: &mut [Box<dyn FrameSink>],
        painted: &PaintedFrame,
    ) -> Result<ControlFlow<()>> {
        let began = Instant::now();
        for sink in sinks.iter_mut() {
            if sink.show(&painted.pastiche)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if let Some(note) = sink.take_note() {
                drop(self.notices.0.send(Notice::info(note)));
            }
        }
        if !sinks.is_empty() {
            meter::lock(&self.meter).record("sinks", began.elapsed());
        }
        Ok(ControlFlow::Continue(()))
    }

    fn report(&self, shown: &Shown, saved: Vec<std::path::PathBuf>) -> LiveReport {
        let status = self.capture.status();
        let seconds = shown
            .first
            .map_or(0.0, |first| (shown.last - first).as_secs_f64());
        LiveReport {
            source: status.describe,
            model: self.engine.model.clone(),
            device: format!("{}: {}", self.engine.device, self.engine.why),
            frames: shown.frames,
            dropped_before_paint: self.capture.slot.replaced(),
            dropped_before_show: self.painted.replaced(),
            seconds,
            fps: if seconds > 0.0 {
                (shown.frames.saturating_sub(1)) as f64 / seconds
            } else {
                0.0
            },
            size: shown.painted.content.dimensions(),
            processing: shown.painted.state.processing,
            reconnected: status.reconnected,
            stages: meter::lock(&self.meter).summary(),
            peak_memory_mib: memory::peak_mib(),
            saved,
        }
    }
}

/// Every sink but the window.
fn sinks(
    job: &LiveJob,
    format: FilmFormat,
    progress: &mut dyn Progress,
) -> Result<Vec<Box<dyn FrameSink>>> {
    let others = job.sinks.iter().filter(|s| **s != SinkChoice::Window);
    let mut go_on = || progress.step(0, 1, "sinks").is_continue();
    others
        .map(|sink| sink_choice::open(sink, format, &mut go_on))
        .collect()
}
