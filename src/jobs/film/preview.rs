//! A film in; a sheet of painted stills from it out, in seconds.

use std::path::PathBuf;

use image::RgbImage;

use super::job::{FilmJob, FilmProgress};
use super::source::Source;
use super::{go_on, painter};
use crate::error::{Error, Result};
use crate::picture;
use crate::style::StyleArgument;
use crate::video::TimedFrame;
use crate::video::ffmpeg::Decoder;

/// The number of stills, and how many stand in a row.
const STILLS: u64 = 10;
const COLUMNS: usize = 5;

/// The long side of a still on the sheet, and the one that is painted when no size is asked for, in pixels.
const SIDE: u32 = 384;

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
    let inputs = job.styles.iter().filter_map(StyleArgument::picture);
    let inputs: Vec<_> = inputs.chain([job.film.as_path()]).collect();
    picture::check_output(&job.output, &inputs)?;
    let job = FilmJob {
        size: job.size.or(Some(SIDE)),
        ..job.clone()
    };
    let source = Source::open(&job, progress)?;
    let (mut painter, ..) = painter(&job, &source, progress)?;
    let count = STILLS.min(source.timeline.frames);
    let (mut cells, mut seconds) = (Vec::new(), Vec::new());
    let mut frame = TimedFrame::default();
    for n in 0..count {
        go_on(progress.step(n as usize, count as usize, "stills"))?;
        let tick = source.timeline.last * n / count.saturating_sub(1).max(1);
        // The frame behind the one before: at or just behind the tick.
        let done = tick.checked_sub(1).map(|before| (n, before));
        let mut decoder = Decoder::open(source.decoding(done))?;
        let Some(tick) = decoder.next(&mut frame.rgb)? else {
            continue;
        };
        (frame.number, frame.tick) = (n, tick);
        let mut pastiche = RgbImage::new(0, 0);
        // The stills have nothing to do with each other.
        painter.forget();
        painter.paint(&frame, &mut pastiche)?;
        let at = source.timeline.seconds(tick);
        cells.push((pastiche, label(at)));
        seconds.push(at);
    }
    if cells.is_empty() {
        return Err(Error::Decode {
            path: job.film.clone(),
            reason: "no frame of it can be decoded".to_owned(),
        });
    }
    let sheet = picture::contact_sheet(&cells, COLUMNS, SIDE)?;
    picture::save(&job.output, &sheet, None)?;
    let _ = progress.step(count as usize, count as usize, "");
    Ok(PreviewSummary {
        output: job.output,
        seconds,
    })
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
