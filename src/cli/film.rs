//! `impasto film`: flags in, a painted film and a line (or JSON) about it out.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use impasto::jobs::film::{self, FilmJob, FilmProgress, FilmSummary, Pace, PreviewSummary};
use impasto::motion;
use impasto::progress::Progress;
use impasto::style::StyleArgument;
use serde_json::json;

use super::color_options::ColorArgs;
use super::style_options::{Brush, brush, finite, size};
use super::{EngineArgs, console, limits};

/// Paint a film, with its sound
///
/// Needs ffmpeg 4.4 or later, but for animations (GIF, PNG, WebP) into animations. A run that was interrupted or killed goes on where it was when the same command is given again.
#[derive(Debug, Args)]
#[command(after_long_help = limits::film())]
pub struct FilmArgs {
    /// The film: anything that ffmpeg reads, or an animation (GIF, PNG, WebP), which needs no ffmpeg
    #[arg(value_name = "FILM")]
    film: PathBuf,

    /// A painting's picture or @NAME; several are blended, `a.jpg:0.7` gives a weight
    #[arg(
        short,
        long = "style",
        value_name = "STYLE",
        required_unless_present = "keyframes"
    )]
    styles: Vec<StyleArgument>,

    /// Do not blend: glide through the styles in their order, from the first frame to the last
    #[arg(long)]
    glide_over_film: bool,

    /// A table of time, style, strength and brush, a row a line: `0:04.5 @irises:0.5 mine.jpg:0.5 0.8 1`; `50%`, `end`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["styles", "glide_over_film", "strength"])]
    keyframes: Option<PathBuf>,

    /// How much of the painting: 0 is the film itself, 1 the painting
    #[arg(long, value_name = "0..1", default_value = "1", value_parser = finite, allow_negative_numbers = true)]
    strength: f32,

    /// Long side of the painted film in pixels [default: the film's own size]
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true)]
    size: Option<u32>,

    /// How large the strokes are: auto, or 0.25 to 4; 2 are twice as large, and four times as fast
    ///
    /// `auto` is 1 up to a long side of 1200 pixels, and grows with larger films.
    #[arg(long, value_name = "auto|0.25..4", default_value = "auto", value_parser = brush, allow_negative_numbers = true)]
    brush: Brush,

    /// Hold the strokes steady along the movement: 0 paints every frame by itself, 1 holds them most
    #[arg(long, value_name = "0..1", default_value_t = motion::AMOUNT, value_parser = finite, allow_negative_numbers = true)]
    steady: f32,

    #[command(flatten)]
    colors: ColorArgs,

    /// Where to begin: seconds, or 1:02:03.5
    #[arg(long, value_name = "TIME", value_parser = time)]
    start: Option<f64>,

    /// Where to end
    #[arg(long, value_name = "TIME", value_parser = time)]
    end: Option<f64>,

    /// libx264, libx265, libsvtav1, libvpx-vp9, mpeg4, ffv1 (lossless) or prores_ks [default: libx264; libvpx-vp9 for .webm]
    #[arg(long, value_name = "NAME")]
    codec: Option<String>,

    /// Quality in the codec's own scale, smaller is finer [default: 18 for libx264]
    #[arg(long, value_name = "N")]
    crf: Option<u8>,

    /// Frames of a piece: so many at most are painted again after a kill
    #[arg(long, value_name = "FRAMES", default_value_t = FilmJob::PIECE)]
    piece: u64,

    /// Paint ten stills of the film on one sheet, which OUTPUT (a picture) then is
    #[arg(long)]
    preview: bool,

    /// The film to write: .mp4, .m4v, .mov, .mkv, .webm; or an animation: .gif, .png, .apng, .webp
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: FilmArgs) -> anyhow::Result<ExitCode> {
    let job = FilmJob {
        film: args.film,
        styles: args.styles,
        glide: args.glide_over_film,
        keyframes: args.keyframes,
        strength: args.strength,
        size: args.size,
        brush: args.brush.0,
        colors: args.colors.colors()?,
        steady: args.steady,
        start: args.start,
        end: args.end,
        codec: args.codec,
        crf: args.crf,
        piece: args.piece,
        output: args.output,
        gallery: args.gallery,
        engine: args.engine.builder(),
    };
    let mut progress = Reporter {
        bar: console::Bar::new(args.json),
    };
    if args.preview {
        let done = film::film_preview(&job, &mut progress)?;
        report_preview(&done, args.json)?;
    } else {
        let done = film::film(&job, &mut progress)?;
        report(&done, args.json)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Progress in frames, with their rate; a bar shows the time left by itself.
struct Reporter {
    bar: console::Bar,
}

impl Progress for Reporter {
    fn step(&mut self, done: usize, total: usize, next: &str) -> ControlFlow<()> {
        self.bar.step(done, total, next)
    }

    fn note(&mut self, note: &str) {
        self.bar.note(note);
    }

    fn detail(&mut self, detail: &str) {
        self.bar.detail(detail);
    }
}

impl FilmProgress for Reporter {
    fn frames(&mut self, pace: &Pace) -> ControlFlow<()> {
        let frames = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let next = match pace.left {
            Some(left) if !std::io::stderr().is_terminal() => {
                format!("frames, {:.1} a second, {} left", pace.rate, clock(left))
            }
            _ => format!("frames, {:.1} a second", pace.rate),
        };
        self.bar.step(frames(pace.done), frames(pace.total), &next)
    }
}

fn report(done: &FilmSummary, as_json: bool) -> anyhow::Result<()> {
    let (width, height) = done.size;
    let painted = done.frames - done.resumed;
    let seconds = done.wall.as_secs_f64();
    if as_json {
        return console::print_json(&json!({
            "output": done.output.display().to_string(),
            "width": width,
            "height": height,
            "frames": done.frames,
            "resumed_frames": done.resumed,
            "rate": done.rate.map(|rate| [rate.numerator, rate.denominator]),
            "duration_seconds": done.duration,
            "sound_tracks": done.sound,
            "model": done.model,
            "device": done.device.device.to_string(),
            "why": done.device.why,
            "seconds": seconds,
            "network_seconds": done.network.as_secs_f64(),
            "network_share": done.network_share(),
        }));
    }
    let rate = match done.rate {
        Some(rate) => format!("{:.5} a second", rate.value()).replace(".00000", ""),
        None => "each at its own time".to_owned(),
    };
    let sound = match done.sound {
        0 => "no sound".to_owned(),
        1 => "sound".to_owned(),
        n => format!("{n} tracks of sound"),
    };
    console::print_done(&format!(
        "{}  {width}x{height}  {} frames, {rate}  {:.3} s  {sound}",
        done.output.display(),
        done.frames,
        done.duration
    ))?;
    console::print_done(&format!(
        "painted {painted} frames in {seconds:.1} s, {:.1} a second; the network ran {:.0} % of that time",
        painted as f64 / seconds.max(1e-9),
        done.network_share() * 100.0
    ))
}

fn report_preview(done: &PreviewSummary, as_json: bool) -> anyhow::Result<()> {
    let output = done.output.display().to_string();
    if as_json {
        return console::print_json(&json!({ "output": output, "seconds": done.seconds }));
    }
    console::print_done(&format!("{output}  {} stills", done.seconds.len()))
}

/// `1:05`, `2:01:05`
fn clock(left: Duration) -> String {
    let seconds = left.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// `90`, `1:30` or `1:02:03.5`, in seconds.
fn time(text: &str) -> Result<f64, String> {
    let mut parts: Vec<&str> = text.split(':').collect();
    let whole = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let last = parts.pop().unwrap_or_default();
    let usual = last.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let seconds = last.parse::<f64>().ok().filter(|s| usual && s.is_finite());
    match seconds {
        Some(seconds) if parts.len() <= 2 && parts.iter().all(whole) => {
            let above = parts.iter().fold(0.0, |sum, part| {
                sum * 60.0 + part.parse::<f64>().unwrap_or(0.0)
            });
            Ok(above * 60.0 + seconds)
        }
        _ => Err(format!(
            "'{text}' is not a time: write seconds, 1:30 or 1:02:03.5"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_players_write_them() {
        for (text, seconds) in [
            ("90", 90.0),
            ("0.5", 0.5),
            ("1:30", 90.0),
            ("1:02:03.5", 3723.5),
        ] {
            assert_eq!(time(text), Ok(seconds));
        }
        for text in [
            "", "x", "-1", "1:2:3:4", ":5", "1.5:00", "1e3", "inf", "NaN",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_time_left_is_short() {
        assert_eq!(clock(Duration::from_secs(65)), "1:05");
        assert_eq!(clock(Duration::from_secs(7265)), "2:01:05");
    }
}
