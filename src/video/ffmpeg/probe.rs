//! A file goes in; what ffprobe says of it comes out, checked.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::color::ColorTags;
use super::program::{Ffmpeg, file};
use crate::error::{Error, Result};
use crate::files;
use crate::picture::Limits;
use crate::progress::Progress;
use crate::video::Ratio;

/// The most that ffprobe may say of a file, in bytes.
const MOST_TEXT: u64 = 16 << 20;

/// A film.
#[derive(Debug, Clone)]
pub struct FilmInfo {
    /// The file.
    pub path: PathBuf,
    /// The stream that is painted.
    pub video: VideoStream,
    /// Sound, subtitles and attached files, in the order of the file.
    pub others: Vec<OtherStream>,
    /// The time at which the film begins, in seconds of its own clock.
    pub start: f64,
    /// Its length in seconds, by its header.
    pub duration: Option<f64>,
}

/// The pictures of a film.
#[derive(Debug, Clone)]
pub struct VideoStream {
    /// Its number in the file.
    pub index: u32,
    /// Its codec, by ffmpeg's name.
    pub codec: String,
    /// Width and height in pixels as it is shown: after the rotation that the file asks for.
    pub size: (u32, u32),
    /// Height in pixels as it is stored.
    pub stored_height: u32,
    /// Width of a shown pixel : its height.
    pub pixel_aspect: Ratio,
    /// The rates that the file may have by its header, the likeliest first.
    pub rates: Vec<Ratio>,
    /// Seconds of a tick of its timestamps, as a ratio.
    pub time_base: Ratio,
    /// Colours.
    pub color: ColorTags,
    /// Whether its frames are two fields of different times.
    pub interlaced: bool,
    /// The number of its frames, by its header.
    pub frames: Option<u64>,
    /// Its length in seconds, by its header.
    pub duration: Option<f64>,
}

/// A stream beside the pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherStream {
    /// Its number in the file.
    pub index: u32,
    /// What it is.
    pub kind: StreamKind,
    /// Its codec, by ffmpeg's name.
    pub codec: String,
}

/// A kind of stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Sound.
    Audio,
    /// Subtitles.
    Subtitle,
    /// A file, such as a font for the subtitles.
    Attachment,
}

/// What is in the file `path`.
///
/// # Errors
/// [`Error::Read`] when it is not there; [`Error::Decode`] when it is no film: damaged, sound alone, a picture;
/// [`Error::TooLarge`]; [`Error::Program`]; [`Error::Interrupted`].
pub fn probe(ffmpeg: &Ffmpeg, path: &Path, progress: &mut dyn Progress) -> Result<FilmInfo> {
    // A film is opened several times: to be looked through, and to be painted. A pipe can be read once.
    files::check(path).map_err(Error::read(path))?;
    let refuse = |reason: &str| Error::Decode {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let text = ask(ffmpeg, path, progress)?;
    let report: Report = serde_json::from_slice(&text).map_err(|e| {
        refuse(&format!(
            "ffprobe's answer is not JSON ({e}); name the right ffmpeg in IMPASTO_FFMPEG"
        ))
    })?;
    let format = report.format.unwrap_or_default();
    let name = format.format_name.unwrap_or_default();
    if name.ends_with("_pipe") || name == "image2" {
        return Err(refuse(
            "is a picture and not a film; `impasto stylize` paints pictures",
        ));
    }
    let pictures =
        |s: &&Stream| s.codec_type.as_deref() == Some("video") && s.disposition.attached_pic == 0;
    let Some(stream) = report.streams.iter().find(pictures) else {
        return Err(refuse(match report.streams.is_empty() {
            true => "has no streams; it is not a film",
            false => "has no pictures, only sound or data; there is nothing to paint",
        }));
    };
    let video = stream.video().ok_or_else(|| {
        refuse(
            "its pictures have no size; the file is damaged or its codec is unknown to this ffmpeg",
        )
    })?;
    check_size(path, video.size)?;
    if stream
        .side_data_list
        .iter()
        .any(|s| s.dv_profile == Some(5))
    {
        return Err(refuse(
            "its colours are Dolby Vision profile 5, which has no ordinary picture below it; convert it first",
        ));
    }
    Ok(FilmInfo {
        path: path.to_owned(),
        video,
        others: report.streams.iter().filter_map(Stream::other).collect(),
        start: number(&format.start_time).unwrap_or(0.0),
        duration: number(&format.duration).filter(|d| *d > 0.0),
    })
}

fn ask(ffmpeg: &Ffmpeg, path: &Path, progress: &mut dyn Progress) -> Result<Vec<u8>> {
    let mut command = ffmpeg.ffprobe();
    command
        .args(["-protocol_whitelist", "file", "-print_format", "json"])
        .args(["-show_format", "-show_streams", "-i"])
        .arg(file(path));
    let (text, ended) = ffmpeg.output(&mut command, MOST_TEXT, progress)?;
    if ended.status.success() {
        return Ok(text);
    }
    let said = ended.said.unwrap_or_default();
    // The line begins with the argument, or with the part of ffmpeg that speaks.
    let said = said.rsplit("] ").next().unwrap_or_default();
    let said = said.rsplit(": ").next().unwrap_or_default();
    Err(Error::Decode {
        path: path.to_owned(),
        reason: format!("is not a film that ffmpeg can read, or it is damaged ({said})"),
    })
}

/// Films have the limits of pictures: one frame must fit into memory several times.
fn check_size(path: &Path, (width, height): (u32, u32)) -> Result<()> {
    let limits = Limits::default();
    let bytes = u64::from(width) * u64::from(height) * 3;
    if width.max(height) <= limits.max_side && bytes <= limits.max_bytes {
        return Ok(());
    }
    Err(Error::TooLarge {
        path: path.to_owned(),
        width,
        height,
        limit: format!("{} pixels a side", limits.max_side),
    })
}

#[derive(Debug, Deserialize)]
struct Report {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Option<Format>,
}

#[derive(Debug, Default, Deserialize)]
struct Format {
    format_name: Option<String>,
    start_time: Option<String>,
    duration: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    index: u32,
    codec_type: Option<String>,
    codec_name: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    pix_fmt: Option<String>,
    sample_aspect_ratio: Option<String>,
    r_frame_rate: Option<String>,
    avg_frame_rate: Option<String>,
    time_base: Option<String>,
    duration: Option<String>,
    nb_frames: Option<String>,
    field_order: Option<String>,
    color_range: Option<String>,
    color_space: Option<String>,
    color_transfer: Option<String>,
    color_primaries: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
    #[serde(default)]
    tags: HashMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Debug, Deserialize)]
struct SideData {
    rotation: Option<f64>,
    dv_profile: Option<u32>,
}

impl Stream {
    fn video(&self) -> Option<VideoStream> {
        let (width, height) = (
            self.width.filter(|w| *w > 0)?,
            self.height.filter(|h| *h > 0)?,
        );
        let aspect = self.sample_aspect_ratio.as_deref().and_then(Ratio::parse);
        let mut pixel_aspect = aspect.filter(is_usable).unwrap_or(Ratio::ONE);
        let mut size = (width, height);
        if self.lies_on_its_side() {
            size = (height, width);
            pixel_aspect = Ratio::new(pixel_aspect.denominator, pixel_aspect.numerator);
        }
        let rates = [&self.r_frame_rate, &self.avg_frame_rate];
        let mut rates: Vec<Ratio> = rates
            .into_iter()
            .filter_map(ratio)
            .filter(is_usable)
            .collect();
        rates.dedup();
        let pixels = self.pix_fmt.as_deref().unwrap_or_default();
        let rgb = pixels.contains("rgb") || pixels.contains("bgr") || pixels.starts_with("gbr");
        let matrix = if rgb {
            Some("gbr".to_owned())
        } else {
            known(&self.color_space)
        };
        Some(VideoStream {
            index: self.index,
            codec: self.codec_name.clone().unwrap_or_default(),
            size,
            stored_height: height,
            pixel_aspect,
            rates,
            time_base: ratio(&self.time_base).filter(is_usable)?,
            color: ColorTags {
                range: known(&self.color_range)
                    .or_else(|| pixels.starts_with("yuvj").then(|| "pc".to_owned())),
                matrix,
                transfer: known(&self.color_transfer),
                primaries: known(&self.color_primaries),
            },
            interlaced: matches!(self.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
            frames: self.nb_frames.as_deref().and_then(|n| n.parse().ok()),
            duration: number(&self.duration).or_else(|| clock(self.tags.get("DURATION")?)),
        })
    }

    /// Whether the film is to be turned by a quarter before it is shown.
    fn lies_on_its_side(&self) -> bool {
        let matrix = self.side_data_list.iter().find_map(|s| s.rotation);
        let tag = || self.tags.get("rotate")?.parse().ok();
        let turns: f64 = matrix.or_else(tag).unwrap_or(0.0) / 90.0;
        turns.round() as i64 % 2 != 0
    }

    fn other(&self) -> Option<OtherStream> {
        let kind = match self.codec_type.as_deref()? {
            "audio" => StreamKind::Audio,
            "subtitle" => StreamKind::Subtitle,
            "attachment" => StreamKind::Attachment,
            _ => return None,
        };
        Some(OtherStream {
            index: self.index,
            kind,
            codec: self.codec_name.clone().unwrap_or_default(),
        })
    }
}

/// `30000/1001` or `64:45`.
fn ratio(text: &Option<String>) -> Option<Ratio> {
    Ratio::parse(&text.as_deref()?.replace('/', ":"))
}

fn is_usable(ratio: &Ratio) -> bool {
    ratio.numerator > 0 && ratio.denominator > 0
}

fn number(text: &Option<String>) -> Option<f64> {
    let number: f64 = text.as_deref()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// `00:01:02.500000000` in seconds, as Matroska writes durations.
fn clock(text: &str) -> Option<f64> {
    let seconds = text.split(':').try_fold(0.0, |sum, part| {
        Some(sum * 60.0 + part.trim().parse::<f64>().ok()?)
    })?;
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}

fn known(tag: &Option<String>) -> Option<String> {
    let tag = tag.as_deref()?;
    // The name becomes a part of a filter's text.
    let plain = tag
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (plain && !["unknown", "unspecified", "reserved"].contains(&tag)).then(|| tag.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn stream(more: &str) -> Option<VideoStream> {
        let text = format!(r#"{{"index":0,"width":720,"height":576,"time_base":"1/25"{more}}}"#);
        serde_json::from_str::<Stream>(&text).unwrap().video()
    }

    #[test]
    fn a_film_on_its_side_is_turned_with_its_pixels() {
        let aspect = r#","sample_aspect_ratio":"64:45""#;
        let upright = stream(aspect).unwrap();
        assert_eq!(
            (upright.size, upright.pixel_aspect),
            ((720, 576), Ratio::new(64, 45))
        );
        for turn in [
            r#","side_data_list":[{"rotation":-90}]"#,
            r#","side_data_list":[{"side_data_type":"x"},{"rotation":90}]"#,
            r#","tags":{"rotate":"270"}"#,
        ] {
            let turned = stream(&format!("{aspect}{turn}")).unwrap();
            assert_eq!(
                (turned.size, turned.pixel_aspect),
                ((576, 720), Ratio::new(45, 64))
            );
        }
        assert_eq!(
            stream(r#","tags":{"rotate":"180"}"#).unwrap().size,
            (720, 576)
        );
    }

    #[test]
    fn what_a_film_does_not_say_is_not_made_up() {
        let film = stream(
            r#","sample_aspect_ratio":"N/A","r_frame_rate":"0/0","nb_frames":"N/A","color_space":"unknown""#,
        );
        let film = film.unwrap();
        assert_eq!(film.pixel_aspect, Ratio::ONE);
        assert!(film.rates.is_empty() && film.frames.is_none());
        assert_eq!(film.color, ColorTags::default());
        let hostile = stream(r#","color_space":"bt709,movie=x""#).unwrap();
        assert_eq!(hostile.color.matrix, None);
        assert_eq!(
            stream(r#","pix_fmt":"gbrp""#)
                .unwrap()
                .color
                .matrix
                .as_deref(),
            Some("gbr")
        );
        assert!(
            serde_json::from_str::<Stream>(r#"{"index":0}"#)
                .unwrap()
                .video()
                .is_none()
        );
    }

    #[test]
    fn durations_of_matroska_are_read() {
        assert_eq!(clock("00:01:02.500000000"), Some(62.5));
        assert_eq!(clock("x"), None);
    }
}
