//! A film in; a sheet of painted stills from it out, in seconds.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use image::RgbImage;

use super::animated::animation;
use super::job::{FilmJob, FilmProgress};
use super::painter::FramePainter;
use super::source::Source;
use super::{go_on, painter};
use crate::error::{Error, Result};
use crate::picture;
use crate::style::StyleArgument;
use crate::video::TimedFrame;
use crate::video::animation::Format;
use crate::video::ffmpeg::Decoder;

/// The number of stills, and how many stand in a row.
const STILLS: u64 = 10;
const COLUMNS: usize = 5;

/// The long side of a still on the sheet, and the one that is painted when no size is asked for, in pixels.
const SIDE: u32 = 384;

/// The time between two looks whether a frame is decoded.
const LOOK: Duration = Duration::from_millis(2);

/// What a preview did.
#[derive(Debug)]
pub struct PreviewSummary {
    /// The sheet.
    pub output: PathBuf,
    /// The times of the stills, in seconds from the first frame.
    pub seconds: Vec<f64>,
}

/// Paint ten stills, spread evenly over the film from its first frame to its last, on one sheet. Each is painted as the film
/// would be at that time, but smaller when no size is asked for.
///
/// # Errors
/// As [`film`](super::film).
pub fn film_preview(job: &FilmJob, progress: &mut dyn FilmProgress) -> Result<PreviewSummary> {
    job.check()?;
    let keys = job.keys()?;
    let styles = job.all_styles(keys.as_ref());
    let inputs = styles.iter().filter_map(StyleArgument::picture);
    let inputs = inputs.chain([job.film.as_path()]);
    let inputs: Vec<_> = inputs.chain(job.keyframes.as_deref()).collect();
    picture::check_output(&job.output, &inputs)?;
    let job = FilmJob {
        size: job.size.or(Some(SIDE)),
        ..job.clone()
    };
    let stills = match Format::of_file(&job.film)? {
        Some(_) => of_animation(&job, progress)?,
        None => of_film(&job, progress)?,
    };
    if stills.seconds.is_empty() {
        return Err(Error::Decode {
            path: job.film.clone(),
            reason: "no frame of it can be decoded".to_owned(),
        });
    }
    let sheet = picture::contact_sheet(&stills.cells, COLUMNS, SIDE)?;
    picture::save(&job.output, &sheet, None)?;
    let count = stills.seconds.len();
    let _ = progress.step(count, count, "");
    Ok(PreviewSummary {
        output: job.output,
        seconds: stills.seconds,
    })
}

/// Painted stills with their labels, and their times.
#[derive(Default)]
struct Stills {
    cells: Vec<(RgbImage, String)>,
    seconds: Vec<f64>,
}

impl Stills {
    /// Paint `frame`, which is shown at `seconds`.
    fn add(&mut self, painter: &mut FramePainter, frame: &TimedFrame, seconds: f64) -> Result<()> {
        let mut pastiche = RgbImage::new(0, 0);
        // The stills have nothing to do with each other.
        painter.forget();
        painter.paint(frame, &mut pastiche)?;
        self.cells.push((pastiche, label(seconds)));
        self.seconds.push(seconds);
        Ok(())
    }
}

fn of_film(job: &FilmJob, progress: &mut dyn FilmProgress) -> Result<Stills> {
    let source = Source::open(job, progress)?;
    let (mut painter, ..) = painter(
        job,
        (source.size, source.length()),
        source.timeline.tick,
        progress,
    )?;
    let count = STILLS.min(source.timeline.frames);
    let (mut stills, mut frame) = (Stills::default(), TimedFrame::default());
    for n in 0..count {
        go_on(progress.step(n as usize, count as usize, "stills"))?;
        let tick = source.timeline.last * n / count.saturating_sub(1).max(1);
        // The frame behind the one before: at or just behind the tick.
        let done = tick.checked_sub(1).map(|before| (n, before));
        let mut decoder = Decoder::open(source.decoding(done))?;
        let next = while_allowed(progress, &source, || decoder.next(&mut frame.rgb));
        let Some(tick) = next? else {
            continue;
        };
        (frame.number, frame.tick) = (n, tick);
        stills.add(&mut painter, &frame, source.timeline.seconds(tick))?;
    }
    Ok(stills)
}

/// What `read` gives, while the user lets it go on: ffmpeg is ended then, which ends `read`.
fn while_allowed<T: Send>(
    progress: &mut dyn FilmProgress,
    source: &Source,
    read: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    thread::scope(|threads| {
        let reader = thread::Builder::new()
            .name("decode".to_owned())
            .spawn_scoped(threads, read)
            .map_err(Error::thread("decode"))?;
        let mut stopped = false;
        while !reader.is_finished() {
            if !stopped && progress.step(0, 1, "stills").is_break() {
                stopped = true;
                source.ffmpeg.abandon();
            }
            thread::sleep(LOOK);
        }
        let read = reader
            .join()
            .unwrap_or_else(|_| Err(Error::panicked("decode")));
        match stopped {
            true => Err(Error::Interrupted),
            false => read,
        }
    })
}

/// Of an animation every frame is decoded, as each stands on the one before; only those of the sheet are painted.
fn of_animation(job: &FilmJob, progress: &mut dyn FilmProgress) -> Result<Stills> {
    let mut frames = animation(job)?;
    let length = frames.last as f64 * frames.tick.value();
    let (mut painter, ..) = painter(job, (frames.size, length), frames.tick, progress)?;
    let count = STILLS.min(frames.count);
    let (mut stills, mut frame) = (Stills::default(), TimedFrame::default());
    let mut n = 0;
    while n < count && frames.source.next_frame(&mut frame)? {
        go_on(progress.step(n as usize, count as usize, "stills"))?;
        if frame.number >= (frames.count - 1) * n / count.saturating_sub(1).max(1) {
            let seconds = frame.tick as f64 * frames.tick.value();
            stills.add(&mut painter, &frame, seconds)?;
            n += 1;
        }
    }
    Ok(stills)
}

/// `1:02.5`
fn label(seconds: f64) -> String {
    let minutes = (seconds / 60.0).floor();
    format!("{minutes:.0}:{:04.1}", (seconds - minutes * 60.0).min(59.9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_players_write_them() {
        assert_eq!(
            [label(0.0), label(62.54), label(59.99)],
            ["0:00.0", "1:02.5", "0:59.9"]
        );
    }
}
