//! Everything that the bytes of a painted film depend on goes in; a text that is the same only for the same film comes out.

use std::fmt::Write as _;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::FilmJob;
use super::painter::FramePainter;
use super::style_track::StyleTrack;
use crate::error::{Error, Result};
use crate::video::ffmpeg::{Encoding, FilmInfo, Timeline};

/// The settings of a run, as a hash.
///
/// The film is told by its path, length and time of change: reading all of it would take minutes.
pub(super) fn settings(
    job: &FilmJob,
    film: &FilmInfo,
    timeline: &Timeline,
    track: &StyleTrack,
    encoding: &Encoding,
    painter: &mut FramePainter,
) -> Result<String> {
    let meta = std::fs::metadata(&film.path).map_err(Error::read(&film.path))?;
    let changed = meta
        .modified()
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let path = film.path.canonicalize().map_err(Error::read(&film.path))?;
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{} {}",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(text, "{path:?} {} {changed:?}", meta.len());
    let _ = writeln!(text, "{} {timeline:?}", encoding.ffmpeg.banner());
    let _ = writeln!(
        text,
        "{:?} {:?} {:?}",
        encoding.codec, encoding.size, encoding.color
    );
    let _ = writeln!(
        text,
        "{:?} {track:?} {:?} {} {}",
        encoding.pixel_aspect, job.colors, job.steady, job.piece
    );
    let mut hash = Sha256::new();
    hash.update(text.as_bytes());
    // Two styles, models or precisions that paint the same are the same.
    hash.update(painter.fingerprint()?);
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
