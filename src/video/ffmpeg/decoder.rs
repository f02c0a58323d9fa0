//! A film goes in; its frames come out, upright, as RGB of one size, each with its time. They pass through a pipe.

use std::cmp::Ordering;
use std::io::{ErrorKind, Read};
use std::process::{ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use image::RgbImage;

use super::probe::FilmInfo;
use super::program::{Ffmpeg, file};
use super::running::Running;
use super::showinfo::{self, Line};
use super::timeline::Timeline;
use crate::error::{Error, Result};
use crate::picture::reshape;
use crate::video::{Ratio, TimedFrame, TimedSource};

/// Seconds before the first wanted frame at which decoding begins: what is broken after a jump is over by then.
const RUN_UP: f64 = 5.0;

/// How long the time of a frame may come after its pixels.
const LATEST: Duration = Duration::from_secs(10);

/// What to decode.
#[derive(Debug, Clone)]
pub struct Decoding {
    /// The program.
    pub ffmpeg: Ffmpeg,
    /// The film.
    pub film: FilmInfo,
    /// Its clock, and which frames are wanted.
    pub timeline: Timeline,
    /// Width and height of the frames in pixels, whatever the film's are.
    pub size: (u32, u32),
    /// Frames from the first one that are not wanted any more: how many, and the tick of the last of them.
    pub done: Option<(u64, u64)>,
}

/// Decodes a film.
pub struct Decoder {
    what: Decoding,
    pipe: Option<Pipe>,
    /// The tick of the last frame that was read.
    last: Option<u64>,
    /// The number of the next wanted frame.
    number: u64,
    /// Whether decoding began in the middle, and no frame before the wanted ones was seen yet.
    jumped: bool,
    complaint: Option<String>,
}

struct Pipe {
    frames: ChildStdout,
    times: Receiver<(Option<i64>, Ratio)>,
    running: Running,
}

impl Decoder {
    /// Begin to decode.
    ///
    /// # Errors
    /// [`Error::Program`] when ffmpeg cannot be started.
    pub fn open(what: Decoding) -> Result<Self> {
        let mut decoder = Self {
            pipe: None,
            last: None,
            number: what.done.map_or(0, |(frames, _)| frames),
            jumped: false,
            complaint: None,
            what,
        };
        let from = decoder.run_up();
        decoder.start(from)?;
        Ok(decoder)
    }

    /// The next wanted frame into `rgb`, whose buffer is used again; its time in ticks from the film's first frame. `None`
    /// at the end.
    ///
    /// # Errors
    /// [`Error::Decode`] when ffmpeg fails or dies.
    pub fn next(&mut self, rgb: &mut RgbImage) -> Result<Option<u64>> {
        loop {
            let Some((time, base)) = self.read(rgb)? else {
                return Ok(None);
            };
            if let Some(time) = time.filter(|_| self.what.timeline.first.is_some()) {
                match self.what.timeline.place(time, base) {
                    Ordering::Less => {
                        self.jumped = false;
                        continue;
                    }
                    Ordering::Greater => {
                        self.pipe = None;
                        return Ok(None);
                    }
                    Ordering::Equal => {}
                }
            }
            let next = self.last.map_or(0, |last| last + 1);
            let told = time.and_then(|time| self.what.timeline.ticks(time, base));
            // Times that stand still, run back or lie behind the end are those of a damaged film.
            let told = told.and_then(|t| u64::try_from(t).ok()).unwrap_or(next);
            let tick = told.min(self.what.timeline.last).max(next);
            self.last = Some(tick);
            if self.what.done.is_some_and(|(_, done)| tick <= done) {
                self.jumped = false;
            } else if self.jumped {
                // It landed behind the place that was asked for: from the beginning, then.
                self.last = None;
                self.start(None)?;
            } else {
                return Ok(Some(tick));
            }
        }
    }

    /// What ffmpeg found wrong with the film while it decoded all that it could; known at the end.
    pub fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }

    /// Where to jump to before decoding, in seconds from the film's beginning.
    fn run_up(&self) -> Option<f64> {
        let line = &self.what.timeline;
        let wanted = line.first_seconds()? - self.what.film.start
            + line.seconds(self.what.done.map_or(0, |(_, tick)| tick));
        (wanted > 2.0 * RUN_UP).then_some(wanted - RUN_UP)
    }

    fn start(&mut self, from: Option<f64>) -> Result<()> {
        // The one before must end first.
        self.pipe = None;
        self.jumped = from.is_some();
        let Decoding {
            ffmpeg, film, size, ..
        } = &self.what;
        let mut command = ffmpeg.ffmpeg();
        command.args(["-loglevel", "level+info", "-nostats"]).args([
            "-protocol_whitelist",
            "file,pipe",
            "-copyts",
        ]);
        if let Some(from) = from {
            command.args(["-ss", &format!("{from:.6}")]);
        }
        command
            .arg("-i")
            .arg(file(&film.path))
            .args(["-map", &format!("0:{}", film.video.index)])
            .args(ffmpeg.every_frame())
            .args(["-vf", &self.filter(*size)])
            .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"])
            .stdout(Stdio::piped());
        let (sender, times) = channel();
        let mut running = ffmpeg.start(&mut command, watch(sender))?;
        let frames = running.stdout().map_err(|e| ffmpeg.not_started(&e))?;
        self.pipe = Some(Pipe {
            frames,
            times,
            running,
        });
        Ok(())
    }

    fn filter(&self, size: (u32, u32)) -> String {
        let video = &self.what.film.video;
        let deinterlace = match video.interlaced {
            true => "yadif=deint=interlaced,",
            false => "",
        };
        let rgb = video.color.to_rgb(size, video.stored_height);
        // Last, so that its lines are those of the frames that leave.
        format!("{deinterlace}{rgb},showinfo=checksum=0")
    }

    /// The next frame of the pipe, wanted or not.
    fn read(&mut self, rgb: &mut RgbImage) -> Result<Option<(Option<i64>, Ratio)>> {
        let Some(pipe) = &mut self.pipe else {
            return Ok(None);
        };
        reshape(rgb, self.what.size.0, self.what.size.1);
        let path = &self.what.film.path;
        let whole = match pipe.frames.read_exact(rgb) {
            Ok(()) => true,
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => false,
            Err(e) => return Err(Error::read(path)(e)),
        };
        if whole && let Ok(time) = pipe.times.recv_timeout(LATEST) {
            return Ok(Some(time));
        }
        let Some(mut pipe) = self.pipe.take() else {
            return Ok(None);
        };
        let refuse = |reason: String| Error::Decode {
            path: path.to_owned(),
            reason,
        };
        if whole {
            return Err(refuse("ffmpeg gave a frame without its time".to_owned()));
        }
        let ended = pipe.running.end().map_err(Error::read(path))?;
        if !ended.status.success() {
            let reason = ended.reason();
            return Err(refuse(match self.last {
                None => format!("cannot be decoded ({reason})"),
                Some(last) => format!(
                    "decoding stopped at {:.2} s ({reason})",
                    self.what.timeline.seconds(last)
                ),
            }));
        }
        self.complaint = ended.said;
        Ok(None)
    }
}

impl TimedSource for Decoder {
    fn next_frame(&mut self, frame: &mut TimedFrame) -> Result<bool> {
        let Some(tick) = self.next(&mut frame.rgb)? else {
            return Ok(false);
        };
        frame.tick = tick;
        frame.number = self.number;
        self.number += 1;
        Ok(true)
    }
}

/// Sends the times of frames to `times`; keeps errors as messages.
fn watch(times: Sender<(Option<i64>, Ratio)>) -> impl FnMut(&str) -> bool + Send + 'static {
    let mut base = Ratio::ONE;
    move |line| match showinfo::parse(line) {
        Some(Line::TimeBase(found)) => {
            base = found;
            false
        }
        Some(Line::Frame(time)) => {
            // The receiver is gone when no more frames are wanted.
            let _ = times.send((time, base));
            false
        }
        Some(Line::Other) => false,
        None => ["[error]", "[fatal]", "[panic]"]
            .iter()
            .any(|level| line.contains(level)),
    }
}
