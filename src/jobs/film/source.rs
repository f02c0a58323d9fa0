//! The film of a job in; its clock, its size as it is painted, and whether it is whole, out.

use super::job::FilmJob;
use crate::engine::LEAST_CONTENT_SIDE;
use crate::error::{Error, PictureRole, Result};
use crate::picture;
use crate::progress::Progress;
use crate::video::Ratio;
use crate::video::ffmpeg::{Decoding, Ffmpeg, FilmInfo, Packets, Timeline, Timing, packets, probe};

/// A film may lack this share of the length that its header promises before it counts as cut off: headers are rounded.
const TOLERANCE: f64 = 0.02;

/// A film that is to be painted.
pub(super) struct Source {
    pub(super) ffmpeg: Ffmpeg,
    pub(super) film: FilmInfo,
    pub(super) timeline: Timeline,
    /// Width and height of the painted frames in pixels.
    pub(super) size: (u32, u32),
    /// Width of a painted pixel : its height.
    pub(super) pixel_aspect: Ratio,
    /// From where to where the film is painted, in seconds of the stream's own clock.
    pub(super) range: (Option<f64>, Option<f64>),
    /// What is missing.
    missing: Option<String>,
}

impl Source {
    pub(super) fn open(job: &FilmJob, progress: &mut dyn Progress) -> Result<Self> {
        let ffmpeg = Ffmpeg::find(progress)?;
        let film = probe(&ffmpeg, &job.film, progress)?;
        if film.video.color.is_hdr() {
            for filter in ["zscale", "tonemap"] {
                if !ffmpeg.has_filter(filter, progress)? {
                    let reason = format!(
                        "is high dynamic range, which needs an ffmpeg with the filter {filter}; install one, or convert the film first"
                    );
                    return Err(Error::Decode {
                        path: job.film.clone(),
                        reason,
                    });
                }
            }
            progress.note("the film is high dynamic range; it is tone-mapped to BT.709");
        }
        if film.video.interlaced {
            progress.note("the film is interlaced; it is deinterlaced");
        }
        let (size, pixel_aspect) = painted_size(&film, job.size);
        picture::at_least(PictureRole::Content, size, LEAST_CONTENT_SIDE)
            .map_err(|e| e.in_file(&job.film))?;
        let packets = packets(&ffmpeg, &film, progress)?;
        let absolute = |time: Option<f64>| time.map(|t| t + film.start);
        let range = (absolute(job.start), absolute(job.end));
        if packets.count == 0 {
            return Err(Error::Decode {
                path: job.film.clone(),
                reason: "has no frames; there is nothing to paint".to_owned(),
            });
        }
        let timeline = Timeline::new(&film.video, &packets, range.0, range.1)?;
        Ok(Self {
            missing: missing(&film, &packets, job.end),
            ffmpeg,
            film,
            timeline,
            size,
            pixel_aspect,
            range,
        })
    }

    /// How to decode it behind the frames of `done`: how many, and the tick of the last.
    pub(super) fn decoding(&self, done: Option<(u64, u64)>) -> Decoding {
        Decoding {
            ffmpeg: self.ffmpeg.clone(),
            film: self.film.clone(),
            timeline: self.timeline.clone(),
            size: self.size,
            done,
        }
    }

    /// Seconds from the beginning of the first frame to that of the last.
    pub(super) fn length(&self) -> f64 {
        self.timeline.seconds(self.timeline.last)
    }

    /// Frames a second; `None` where each has its own time.
    pub(super) fn rate(&self) -> Option<Ratio> {
        match self.timeline.timing {
            Timing::Constant(rate) => Some(rate),
            Timing::Variable => None,
        }
    }

    /// The error of a film that ends before the end that its header promises.
    pub(super) fn shortfall(&self) -> Option<Error> {
        let reason = self.missing.clone()?;
        Some(Error::Decode {
            path: self.film.path.clone(),
            reason,
        })
    }
}

/// The size to paint at, and the shape of its pixels.
fn painted_size(film: &FilmInfo, long: Option<u32>) -> ((u32, u32), Ratio) {
    let video = &film.video;
    let Some(long) = long else {
        return (video.size, video.pixel_aspect);
    };
    // Pixels become square with their number: the shown shape stays.
    let (width, height) = (
        f64::from(video.size.0) * video.pixel_aspect.value(),
        f64::from(video.size.1),
    );
    let scale = f64::from(long) / width.max(height);
    // Even, as most codecs want it.
    let side = |n: f64| ((n * scale / 2.0).round() as u32 * 2).clamp(2, long.max(2));
    ((side(width), side(height)), Ratio::ONE)
}

/// What is missing of a film whose header promises more frames, or more time, than it has.
fn missing(film: &FilmInfo, packets: &Packets, end: Option<f64>) -> Option<String> {
    let video = &film.video;
    let have = packets
        .times
        .last()
        .map(|last| *last as f64 * video.time_base.value() - film.start);
    if let (Some(have), Some(end)) = (have, end)
        && end <= have
    {
        return None;
    }
    let short =
        |have: f64, promised: f64, slack: f64| promised - have > (promised * TOLERANCE).max(slack);
    let seconds =
        |text: String| format!("is cut off: its header promises {text}; get the film again");
    let frames = packets.count + packets.hidden;
    match (video.frames, video.duration, have) {
        (Some(promised), _, _) if short(frames as f64, promised as f64, 2.0) => Some(seconds(
            format!("{promised} frames, and {frames} are there"),
        )),
        (None, Some(promised), Some(have)) if short(have, promised, 1.0) => Some(seconds(format!(
            "{promised:.1} s, and {have:.1} s are there"
        ))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::ffmpeg::{ColorTags, VideoStream};

    fn film(size: (u32, u32), pixel_aspect: Ratio) -> FilmInfo {
        FilmInfo {
            path: "a.mp4".into(),
            video: VideoStream {
                index: 0,
                codec: "h264".to_owned(),
                size,
                stored_height: size.1,
                pixel_aspect,
                rates: vec![Ratio::whole(25)],
                time_base: Ratio::new(1, 1000),
                color: ColorTags::default(),
                interlaced: false,
                frames: None,
                duration: None,
            },
            others: Vec::new(),
            start: 0.0,
            duration: None,
        }
    }

    #[test]
    fn a_size_makes_pixels_square_and_sides_even() {
        let wide = film((720, 576), Ratio::new(64, 45));
        assert_eq!(painted_size(&wide, None), ((720, 576), Ratio::new(64, 45)));
        assert_eq!(painted_size(&wide, Some(512)), ((512, 288), Ratio::ONE));
        assert_eq!(
            painted_size(&film((333, 100), Ratio::ONE), Some(100)).0,
            (100, 30)
        );
    }

    #[test]
    fn a_film_that_is_cut_off_is_told_from_one_that_is_rounded() {
        let mut cut = film((64, 48), Ratio::ONE);
        let packets = |count: i64| Packets {
            times: (0..count).map(|n| n * 40).collect(),
            count: count as u64,
            ..Packets::default()
        };
        assert_eq!(missing(&cut, &packets(10), None), None);
        cut.video.duration = Some(20.0);
        assert!(missing(&cut, &packets(250), None).is_some_and(|m| m.contains("20.0 s")));
        assert_eq!(missing(&cut, &packets(498), None), None);
        assert_eq!(
            missing(&cut, &packets(250), Some(5.0)),
            None,
            "not asked for"
        );
        cut.video.frames = Some(500);
        assert!(missing(&cut, &packets(400), None).is_some_and(|m| m.contains("500 frames")));
        assert_eq!(missing(&cut, &packets(499), None), None);
    }
}
