//! `film`: a film and styles in; the painted film, with its sound, out.
//!
//! Frames are decoded, painted and encoded at the same time ([`run`]), into pieces of a fixed number of frames. A run that is
//! killed is continued behind the last whole piece; at the end the pieces are joined. Another source of frames is a
//! [`TimedSource`](crate::video::TimedSource), another kind of output a [`FilmSink`].

mod animated;
mod animation_sink;
mod carried_pictures;
mod cut_source;
mod finish;
mod job;
pub mod keyframes;
mod own_embedding;
mod painter;
mod piece_sink;
mod pipeline;
mod preview;
mod settings;
mod source;
mod style_track;
mod work_folder;

pub use job::{FilmJob, FilmProgress, FilmSummary, Pace};
pub use painter::{Carry, FramePainter};
pub use pipeline::{FilmSink, Ran, run};
pub use preview::{PreviewSummary, film_preview};
pub use style_track::{Moment, StyleTrack};

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::{StyleBook, note_device, user_gallery_path};
use crate::device::Choice;
use crate::error::{Error, Result};
use crate::motion::Steady;
use crate::picture::{self, Pending};
use crate::progress::Progress;
use crate::style::StyleArgument;
use crate::video::Ratio;
use crate::video::ffmpeg::{CodecChoice, Container, Decoder, Encoding, plan_streams};
use finish::Finish;
use piece_sink::PieceSink;
use source::Source;
use work_folder::WorkFolder;

/// Paint a film.
///
/// # Errors
/// Whatever makes the job impossible: a bad option, film, style, model, device or output, ffmpeg missing or too old;
/// [`Error::Decode`] when the film is damaged or ends early, [`Error::Write`] when the disk is full,
/// [`Error::Interrupted`]. What was painted until then is kept, and said in a note: the same job goes on from there.
pub fn film(job: &FilmJob, progress: &mut dyn FilmProgress) -> Result<FilmSummary> {
    job.check()?;
    if animated::is_animated(job)? {
        return animated::film(job, progress);
    }
    let container = Container::of(&job.output)?;
    check_output(job)?;
    let source = Source::open(job, progress)?;
    let codec = CodecChoice::new(
        &source.ffmpeg,
        job.codec.as_deref(),
        job.crf,
        container,
        progress,
    )?;
    let (mut painter, device, model, track) = painter(
        job,
        (source.size, source.length()),
        source.timeline.tick,
        progress,
    )?;
    let encoding = Encoding {
        ffmpeg: source.ffmpeg.clone(),
        codec,
        size: source.size,
        timing: source.timeline.timing,
        tick: source.timeline.tick,
        pixel_aspect: source.pixel_aspect,
        color: source
            .film
            .video
            .color
            .painted(source.film.video.stored_height),
    };
    if codec.pads(source.size) {
        let ((w, h), (wider, higher)) = (source.size, codec.stored(source.size));
        progress.note(&format!(
            "{w}x{h} is odd, and {} stores even sizes: the last row or column is repeated, to {wider}x{higher}",
            codec.codec.name
        ));
    }
    let text = settings::settings(
        job,
        &source.film,
        &source.timeline,
        &track,
        &encoding,
        &mut painter,
    )?;

    let work = Arc::new(WorkFolder::open(&job.output, codec.piece())?);
    let (records, others) = work.begin(&text, job.piece, painter.carries_pictures())?;
    if others {
        progress.note("an earlier run with other settings had begun this film; it is begun anew");
    }
    let streams = plan_streams(
        &source.ffmpeg,
        &source.film,
        container,
        work.path(),
        progress,
    )?;
    let resumed = records.len() as u64 * job.piece;
    let done = records.last().map(|last| (resumed, last.last));
    if let Some(carry) = records.last().and_then(|last| last.carry.as_ref()) {
        painter.restore(carry)?;
        progress.note(&format!(
            "{resumed} of {} frames are painted already; it goes on from there",
            source.timeline.frames
        ));
    }
    let mut decoder = Decoder::open(source.decoding(done))?;
    let mut sink = PieceSink::new(work.clone(), encoding, job.piece, records);
    let (began, total) = (Instant::now(), source.timeline.frames);
    let ran = run(
        &mut decoder,
        &mut painter,
        &mut sink,
        job.piece,
        &mut |frames| progress.frames(&Pace::new(resumed, frames, total, began.elapsed())),
        &|| source.ffmpeg.abandon(),
    );
    let records = sink.into_records();

    let finish = Finish {
        job,
        source: &source,
        work,
        records,
        streams,
        container,
    };
    if let Some(error) = ran.error {
        return Err(finish.keep_part(error, true, progress));
    }
    let unreadable = (resumed + ran.frames == 0).then(|| Error::Decode {
        path: job.film.clone(),
        reason: format!("no frame of it can be decoded{}", said(&decoder)),
    });
    if let Some(error) = unreadable.or_else(|| source.shortfall()) {
        return Err(finish.keep_part(error, false, progress));
    }
    let frames = resumed + ran.frames;
    if frames < total {
        progress.note(&format!(
            "{} of {total} frames could not be decoded; the ones beside them are shown longer{}",
            total - frames,
            said(&decoder)
        ));
    }
    let sound = finish.complete(progress)?;
    Ok(FilmSummary {
        model,
        device,
        output: job.output.clone(),
        size: source.size,
        frames,
        resumed,
        rate: source.rate(),
        duration: source.timeline.duration(),
        sound,
        wall: ran.wall,
        network: ran.network,
    })
}

fn said(decoder: &Decoder) -> String {
    decoder
        .complaint()
        .map_or_else(String::new, |said| format!(" (ffmpeg: {said})"))
}

/// Refuses an output that cannot be written, or is the film or a style itself.
fn check_output(job: &FilmJob) -> Result<()> {
    let keys = job.keys()?;
    let styles = job.all_styles(keys.as_ref());
    let inputs = styles.iter().filter_map(StyleArgument::picture);
    let table = job.keyframes.as_deref();
    for input in inputs.chain([job.film.as_path()]).chain(table) {
        if picture::same_file(&job.output, input) {
            let reason = format!(
                "it is the input {} itself; choose another name",
                input.display()
            );
            return Err(Error::write(&job.output)(std::io::Error::other(reason)));
        }
    }
    // It is removed at once.
    Pending::create(&job.output).map(drop)
}

/// The painter of a film, the device that it paints on, the model's name, and the styles over time. The pair is the
/// film's width and height, and how many seconds after its first frame the last one begins.
fn painter(
    job: &FilmJob,
    (size, length): ((u32, u32), f64),
    tick: Ratio,
    progress: &mut dyn Progress,
) -> Result<(FramePainter, Choice, String, StyleTrack)> {
    let mut engine = job.engine.clone().build()?;
    let book = StyleBook::open(
        engine.gallery().clone(),
        user_gallery_path(job.gallery.as_deref())?,
    )?;
    // What is wrong with the table is said before a painting is read.
    let keys = job.keys()?;
    let keyed = keys.as_ref().map(|keys| keys.track(Some(length)));
    let keyed = keyed.transpose()?;
    let mut styles = Vec::new();
    for (n, argument) in job.all_styles(keys.as_ref()).iter().enumerate() {
        let embedded = book.embed(&mut engine, argument, &mut |n| progress.note(n));
        styles.push(embedded.map_err(|error| match &keys {
            Some(keys) => keys.explain(n, error),
            None => error,
        })?);
    }
    note_device(&job.engine, engine.device(), progress);
    let (device, model) = (engine.device().clone(), engine.model().to_owned());
    let track = keyed.map_or_else(|| job.track(length, size), StyleTrack::Keys);
    let painter = FramePainter::new(
        engine,
        styles,
        track.clone(),
        tick,
        (job.colors.clone(), Steady::new(job.steady)?),
    )?;
    Ok((painter, device, model, track))
}

/// `Ok` unless the user wants to stop.
fn go_on(flow: ControlFlow<()>) -> Result<()> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Interrupted),
    }
}
