//! A source of frames, a painter and a sink go in; they work at the same time, each in its thread, until the film is over.

use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use super::painter::{Carry, FramePainter};
use crate::error::{Error, Result};
use crate::video::{OnFull, Put, Slot, Taken, TimedFrame, TimedSource};

/// How long a thread waits for a frame before it looks whether the user wants to stop.
const TIMEOUT: Duration = Duration::from_millis(200);

/// How long the source and the sink have to end when the user wants to stop.
const GRACE: Duration = Duration::from_secs(1);

/// The time between two looks at them.
const LOOK: Duration = Duration::from_millis(2);

/// Where painted frames go.
pub trait FilmSink: Send {
    /// Write `frame`. `carry` is what the painter must know to go on behind it; it is there as often as [`run`] was told.
    ///
    /// # Errors
    /// [`Error::Write`]. After an error the sink is not used again.
    fn write(&mut self, frame: &TimedFrame, carry: Option<&Carry>) -> Result<()>;

    /// Complete what was written; also after the source or the painter has failed.
    ///
    /// # Errors
    /// [`Error::Write`].
    fn finish(&mut self) -> Result<()>;
}

/// What a run did.
#[derive(Debug)]
pub struct Ran {
    /// Frames that were painted and written.
    pub frames: u64,
    /// Time from the beginning to the end.
    pub wall: Duration,
    /// The part of it in which the networks ran.
    pub network: Duration,
    /// Why it ended early.
    pub error: Option<Error>,
}

/// A painted frame on its way to the sink.
#[derive(Default)]
struct Painted {
    frame: TimedFrame,
    carry: Option<Carry>,
}

/// Paint the frames of `source` into `sink`. `watch` is called before each frame with the number of those that are done in
/// this run, and may break off. `abandon` is called when the source or the sink then does not end within a second: it must
/// make both end. The sink gets what the painter carries over after each `carry_every` frames of the film. Three frames at
/// a time are on their way.
pub fn run(
    source: &mut dyn TimedSource,
    painter: &mut FramePainter,
    sink: &mut dyn FilmSink,
    carry_every: u64,
    watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
    abandon: &dyn Fn(),
) -> Ran {
    let began = Instant::now();
    let decoded = Slot::new(TimedFrame::default(), OnFull::Block);
    let painted = Slot::new(Painted::default(), OnFull::Block);
    painter.take_timings();
    let mut frames = 0;
    let error = thread::scope(|threads| {
        let reader = spawn(threads, "decode", || read(source, &decoded));
        let writer = spawn(threads, "encode", || write(sink, &painted));
        let ended = match (&reader, &writer) {
            (Ok(_), Ok(_)) => {
                let ends = |number: u64| (number + 1).is_multiple_of(carry_every);
                paint(&decoded, painter, &painted, &ends, &mut frames, watch)
            }
            _ => Ok(()),
        };
        // Both threads end now, the writer after it has completed its work.
        decoded.close();
        painted.close();
        let stopped = matches!(ended, Err(Error::Interrupted));
        let threads = reader.iter().chain(&writer);
        let late = !have_ended(threads, stopped, &mut || watch(frames).is_break());
        if late {
            abandon();
        }
        let (reader, writer) = (join(reader, "decode"), join(writer, "encode"));
        if late {
            // What they say now is what became of them.
            return Some(Error::Interrupted);
        }
        // A full disk stops the painter, which stops the reader: the cause comes first.
        writer.and(ended).and(reader).err()
    });
    Ran {
        frames,
        wall: began.elapsed(),
        network: painter.take_timings().total(),
        error,
    }
}

type Handle<'a> = thread::ScopedJoinHandle<'a, Result<()>>;

fn spawn<'s, 'e>(
    threads: &'s thread::Scope<'s, 'e>,
    name: &'static str,
    work: impl FnOnce() -> Result<()> + Send + 's,
) -> Result<Handle<'s>> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn_scoped(threads, work)
        .map_err(Error::thread(name))
}

/// Wait for `threads`. `false`: they still go on a while after the user wanted to stop.
fn have_ended<'a>(
    threads: impl Iterator<Item = &'a Handle<'a>>,
    stopped: bool,
    stops: &mut dyn FnMut() -> bool,
) -> bool {
    let mut stopped = stopped.then(Instant::now);
    for thread in threads {
        while !thread.is_finished() {
            if stopped.is_none() && stops() {
                stopped = Some(Instant::now());
            }
            if stopped.is_some_and(|at| at.elapsed() > GRACE) {
                return false;
            }
            thread::sleep(LOOK);
        }
    }
    true
}

fn join(thread: Result<Handle<'_>>, name: &'static str) -> Result<()> {
    thread?
        .join()
        .unwrap_or_else(|_| Err(Error::panicked(name)))
}

fn read(source: &mut dyn TimedSource, decoded: &Slot<TimedFrame>) -> Result<()> {
    let mut frame = TimedFrame::default();
    let ended = loop {
        match source.next_frame(&mut frame) {
            Ok(true) if decoded.put(&mut frame) => {}
            Ok(_) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    decoded.close();
    ended
}

fn paint(
    decoded: &Slot<TimedFrame>,
    painter: &mut FramePainter,
    painted: &Slot<Painted>,
    ends_piece: &dyn Fn(u64) -> bool,
    frames: &mut u64,
    watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<()> {
    let (mut frame, mut done) = (TimedFrame::default(), Painted::default());
    loop {
        if watch(*frames).is_break() {
            return Err(Error::Interrupted);
        }
        match decoded.take(&mut frame, TIMEOUT) {
            Taken::Closed => return Ok(()),
            Taken::TimedOut => continue,
            Taken::Value => {}
        }
        painter.paint(&frame, &mut done.frame.rgb)?;
        (done.frame.number, done.frame.tick) = (frame.number, frame.tick);
        done.carry = ends_piece(frame.number).then(|| painter.carry(&frame));
        loop {
            match painted.put_within(&mut done, TIMEOUT) {
                Put::Done => break,
                // The writer's error says why.
                Put::Closed => return Ok(()),
                Put::TimedOut if watch(*frames).is_break() => return Err(Error::Interrupted),
                Put::TimedOut => {}
            }
        }
        *frames += 1;
    }
}

fn write(sink: &mut dyn FilmSink, painted: &Slot<Painted>) -> Result<()> {
    let mut next = Painted::default();
    loop {
        match painted.take(&mut next, TIMEOUT) {
            Taken::Closed => return sink.finish(),
            Taken::TimedOut => {}
            Taken::Value => {
                let written = sink.write(&next.frame, next.carry.as_ref());
                if written.is_err() {
                    painted.close();
                    return written;
                }
            }
        }
    }
}
