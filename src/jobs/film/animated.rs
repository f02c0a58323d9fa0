//! A film of which the input or the output is an animation (GIF, APNG, animated WebP): without pieces, as those have none.
//!
//! An animation into an animation needs no ffmpeg. A film into an animation is decoded by ffmpeg and written here; its sound
//! is left out. GIF and PNG into a film go through ffmpeg alone, which reads them too.

use std::time::Instant;

use super::animation_sink::AnimationSink;
use super::cut_source::CutSource;
use super::job::{FilmJob, FilmProgress, FilmSummary, Pace};
use super::pipeline::run;
use super::source::Source;
use super::{check_output, painter};
use crate::engine::LEAST_CONTENT_SIDE;
use crate::error::{Error, PictureRole, Result};
use crate::picture;
use crate::video::animation::{Format, Limits, Plays, Reader, WHITE, Writer};
use crate::video::ffmpeg::{Decoder, Ffmpeg, StreamKind};
use crate::video::{Ratio, TimedSource};

/// What the frames are, and where they come from.
pub(super) struct Frames {
    pub(super) source: Box<dyn TimedSource>,
    /// What decodes them, where that is another program.
    pub(super) ffmpeg: Option<Ffmpeg>,
    /// Width and height as they are painted.
    pub(super) size: (u32, u32),
    /// Seconds of a tick, as a ratio.
    pub(super) tick: Ratio,
    pub(super) count: u64,
    /// The ticks at which the last one begins, and ends.
    pub(super) last: u64,
    pub(super) end: u64,
    pub(super) rate: Option<Ratio>,
    pub(super) plays: Plays,
}

/// Whether a job is one for [`film`].
///
/// # Errors
/// [`Error::Read`]; [`Error::Write`] where an animated WebP is to become a film.
pub(super) fn is_animated(job: &FilmJob) -> Result<bool> {
    if Format::by_name(&job.output).is_some() {
        return Ok(true);
    }
    if Format::of_file(&job.film)? == Some(Format::WebP) {
        let (film, output) = (job.film.display(), job.output.display());
        let reason = format!(
            "ffmpeg reads no animated WebP; paint {film} into a .png first, which loses nothing, and make that {output} \
             with `ffmpeg -i painted.png`"
        );
        return Err(Error::write(&job.output)(std::io::Error::other(reason)));
    }
    Ok(false)
}

/// The frames of an animation.
pub(super) fn animation(job: &FilmJob) -> Result<Frames> {
    let reader = Reader::open(&job.film, &Limits::default(), WHITE)?;
    let own = (reader.timeline().width, reader.timeline().height);
    let size = match job.size {
        None => own,
        Some(long) => {
            let side = |n: u32| {
                let scaled = f64::from(n) * f64::from(long) / f64::from(own.0.max(own.1));
                (scaled.round() as u32).max(1)
            };
            (side(own.0), side(own.1))
        }
    };
    picture::at_least(PictureRole::Content, size, LEAST_CONTENT_SIDE)
        .map_err(|e| e.in_file(&job.film))?;
    let (plays, rate) = (reader.timeline().plays, reader.timeline().rate());
    let (tick, ticks) = reader.timeline().clock();
    let source = CutSource::new(reader, size, tick, &ticks, job.start, job.end)?;
    Ok(Frames {
        size,
        tick,
        count: source.count(),
        last: source.last(),
        end: source.end(),
        rate,
        plays,
        ffmpeg: None,
        source: Box::new(source),
    })
}

/// The frames of a film that ffmpeg decodes.
fn decoded(job: &FilmJob, progress: &mut dyn FilmProgress) -> Result<Frames> {
    let source = Source::open(job, progress)?;
    if let Some(error) = source.shortfall() {
        return Err(error);
    }
    let sound = |kind| kind == StreamKind::Audio;
    if source.film.others.iter().any(|other| sound(other.kind)) {
        progress.note("an animation has no sound; that of the film is left out");
    }
    let line = &source.timeline;
    if source.pixel_aspect != Ratio::ONE && source.pixel_aspect.numerator != 0 {
        progress.note(
            "pixels of an animation are square, and the film's are not: --size makes them so",
        );
    }
    Ok(Frames {
        source: Box::new(Decoder::open(source.decoding(None))?),
        ffmpeg: Some(source.ffmpeg.clone()),
        size: source.size,
        tick: line.tick,
        count: line.frames,
        last: line.last,
        end: line.last + line.last_duration,
        rate: source.rate(),
        plays: Plays::Forever,
    })
}

/// Paint a film into an animation.
///
/// # Errors
/// As [`film`](super::film). What was painted until then is not kept.
pub(super) fn film(job: &FilmJob, progress: &mut dyn FilmProgress) -> Result<FilmSummary> {
    for (option, given) in [("codec", job.codec.is_some()), ("crf", job.crf.is_some())] {
        if given {
            let title = Format::by_name(&job.output).map_or("animation", Format::title);
            let reason = format!("a {title} has no such setting; leave it out");
            return Err(Error::invalid(option, reason));
        }
    }
    check_output(job)?;
    let mut frames = match Format::of_file(&job.film)? {
        Some(_) => animation(job)?,
        None => decoded(job, progress)?,
    };
    let writer = Writer::create(&job.output, frames.size, frames.plays)?;
    let length = frames.last as f64 * frames.tick.value();
    let (mut painter, device, model, _) =
        painter(job, (frames.size, length), frames.tick, progress)?;
    let mut sink = AnimationSink::new(writer, frames.tick, frames.end);
    let (began, total) = (Instant::now(), frames.count);
    let ran = run(
        frames.source.as_mut(),
        &mut painter,
        &mut sink,
        u64::MAX,
        &mut |done| progress.frames(&Pace::new(0, done, total, began.elapsed())),
        &|| frames.ffmpeg.iter().for_each(Ffmpeg::abandon),
    );
    if let Some(error) = ran.error {
        return Err(error);
    }
    if ran.frames == 0 {
        return Err(Error::Decode {
            path: job.film.clone(),
            reason: "no frame of it can be decoded".to_owned(),
        });
    }
    let written = sink.close()?;
    if written.left_out > 0 {
        progress.note(&format!(
            "{} of {} frames are left out: viewers show at most 50 frames of a GIF a second",
            written.left_out, ran.frames
        ));
    }
    let _ = progress.frames(&Pace::new(0, ran.frames, ran.frames, began.elapsed()));
    Ok(FilmSummary {
        model,
        device,
        output: job.output.clone(),
        size: frames.size,
        frames: ran.frames,
        resumed: 0,
        rate: frames.rate,
        duration: frames.end as f64 * frames.tick.value(),
        sound: 0,
        wall: ran.wall,
        network: ran.network,
    })
}
