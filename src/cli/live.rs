//! `impasto live`: flags in, a live session and its figures out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::Error;
use impasto::camera::{self, Wanted};
use impasto::live::{self, LiveJob, LiveReport, SinkChoice, SourceChoice};
use impasto::motion;
use impasto::remote;
use impasto::remote::http::ServeAddress;
use impasto::style::StyleArgument;

use super::color_options::ColorArgs;
use super::performer_options::PerformerArgs;
use super::region_options::Keep;
use super::stage_options::StageArgs;
use super::style_options::{finite, size};
use super::{EngineArgs, console, limits};

/// Paint the camera, gliding from one painting to the next
#[derive(Debug, Args)]
#[command(after_help = live::key_help(), after_long_help = after_help())]
pub struct LiveArgs {
    /// A painting's picture or @NAME, as often as you like [default: the gallery]
    #[arg(short, long = "style", value_name = "STYLE")]
    styles: Vec<StyleArgument>,

    /// A folder of paintings; those that are put there later join too
    #[arg(long = "styles", value_name = "DIR")]
    styles_folder: Option<PathBuf>,

    /// camera, camera:ID (number, name or stable id), test-card, FILE.y4m, - (Y4M on stdin), a folder of pictures
    #[arg(long, value_name = "SOURCE", default_value = "camera")]
    source: SourceChoice,

    /// Begin a film or a folder of pictures again at its end
    #[arg(long = "loop")]
    repeats: bool,

    /// window, y4m:-, y4m:FILE, png:DIR, null, v4l2:/dev/videoN; may be given more than once [default: window]
    ///
    /// v4l2 is a virtual camera on Linux: `sudo modprobe v4l2loopback exclusive_caps=1 card_label=Impasto` makes one. Begin
    /// painting before the browser or the meeting is opened, as they see it only then; odd sizes lose a column or a row.
    ///
    /// On Windows and macOS, OBS Studio is the virtual camera: run `impasto live --serve`, add a Browser source with the
    /// address http://127.0.0.1:7420/stream.mjpeg (or, without --serve, a Window Capture of the window that --clean-window
    /// opens), press Start Virtual Camera, and choose "OBS Virtual Camera" in the meeting.
    #[arg(long = "sink", value_name = "SINK")]
    sinks: Vec<SinkChoice>,

    /// No window: only the sinks that are named, or none
    #[arg(long)]
    headless: bool,

    /// Say which cameras there are, and end
    #[arg(long)]
    list: bool,

    /// Size and rate asked of the camera; the closest that it has is taken
    #[arg(long, value_name = "WxH@FPS", default_value = "640x480@30", value_parser = capture)]
    capture: Wanted,

    /// Hold this rate by changing the size at which is painted; the window stays as it is
    #[arg(long, value_name = "N", default_value = "24", value_parser = finite, allow_negative_numbers = true)]
    fps: f32,

    /// How large the strokes are, 0.25 to 4; 2 are twice as large, and four times as fast. Keys , and .
    ///
    /// With brush 2 a frame is painted at half its size at most, and brought up with crisp strokes.
    #[arg(long, value_name = "0.25..4", default_value = "1", value_parser = finite, allow_negative_numbers = true)]
    brush: f32,

    /// Paint at this long side, whatever rate that gives
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true)]
    size: Option<u32>,

    /// Seconds that a glide takes
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = finite, allow_negative_numbers = true)]
    glide: f32,

    /// Go on to the next style by itself every so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = finite, allow_negative_numbers = true)]
    tour: Option<f32>,

    /// How much of the painting: 0 is the photo, 1 the painting
    #[arg(long, value_name = "0..1", default_value = "1", value_parser = finite, allow_negative_numbers = true)]
    strength: f32,

    /// Measure the networks' statistics once in N frames: faster, but slower to follow a change of scene
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1000))]
    stats_every: u32,

    /// Flip left and right, or not [default: cameras only]
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    mirror: Option<bool>,

    #[command(flatten)]
    colors: ColorArgs,

    /// A mask that is white where the picture is kept as it is, drawn over a frame; the rest is painted (key b)
    #[arg(long, value_name = "MASK")]
    mask: Option<PathBuf>,

    /// Keep people as the camera sees them, and paint the background only (key b)
    #[arg(long, value_name = "keep", conflicts_with = "mask")]
    foreground: Option<Keep>,

    /// Hold the strokes steady along the movement: 0 paints every frame by itself, 1 holds them most
    #[arg(long, value_name = "0..1", default_value_t = motion::AMOUNT, value_parser = finite, allow_negative_numbers = true)]
    steady: f32,

    /// End after so many frames
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,

    /// Folder of the pictures and films that are saved by key
    #[arg(long, value_name = "DIR", default_value = ".")]
    save_to: PathBuf,

    /// Serve a page that shows and controls the session [without an address: 127.0.0.1:7420]
    ///
    /// ADDRESS:PORT, or one of both; port 0 is any free one. Only this machine reaches the page unless another address is
    /// named, as in 0.0.0.0:7420 for all that it has: then the page opens only with a secret in its address, which is
    /// printed, with a QR code for a phone. Set IMPASTO_TOKEN to choose the secret.
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, default_missing_value = "127.0.0.1:7420")]
    serve: Option<ServeAddress>,

    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,

    /// Print what was done as JSON (to stderr when the frames go to stdout)
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    performers: PerformerArgs,

    #[command(flatten)]
    stage: StageArgs,

    #[command(flatten)]
    engine: EngineArgs,
}

/// The keys, the addresses of OSC, and the limits.
fn after_help() -> String {
    format!(
        "{}\n{}\n\n{}",
        live::key_help(),
        remote::osc_help(),
        limits::live()
    )
}

pub fn run(args: LiveArgs) -> anyhow::Result<ExitCode> {
    if args.list {
        return list(args.json);
    }
    let mut sinks = args.sinks;
    if sinks.is_empty() && !args.headless {
        sinks.push(SinkChoice::Window);
    }
    if args.headless && sinks.contains(&SinkChoice::Window) {
        let reason = "means no window, and --sink window asks for one; leave one out";
        return Err(Error::invalid("headless", reason).into());
    }
    let to_stdout = sinks.iter().any(SinkChoice::is_stdout);
    let engine = args.engine.builder().stats_every(args.stats_every);
    let job = LiveJob {
        source: args.source,
        capture: args.capture,
        repeats: args.repeats,
        sinks,
        styles: args.styles,
        styles_folder: args.styles_folder,
        glide: f64::from(args.glide),
        tour: args.tour.map(f64::from),
        strength: args.strength,
        brush: args.brush,
        size: args.size,
        fps: f64::from(args.fps),
        mirror: args.mirror,
        stage: args.stage.stage(),
        colors: args.colors.colors()?,
        background_only: args.mask.is_some() || args.foreground.is_some(),
        mask: args.mask,
        steady: args.steady,
        frames: args.frames,
        save_to: args.save_to,
        gallery: args.gallery,
        serve: args.serve,
        performance: args.performers.performance(),
        engine,
    };
    let report = live::live(&job, &mut console::Bar::new(args.json)).map_err(with_remedy)?;
    match (args.json, to_stdout) {
        (true, false) => console::print_json(&serde_json::to_value(&report)?)?,
        (true, true) => console::say(&serde_json::to_string_pretty(&report)?),
        (false, _) => console::say(summary(&report).trim_end_matches('\n')),
    }
    Ok(ExitCode::SUCCESS)
}

/// The flag that helps where no window can be opened.
fn with_remedy(error: Error) -> Error {
    match error {
        Error::Display(reason) => {
            Error::Display(format!("{reason}; --headless paints without a window"))
        }
        other => other,
    }
}

fn summary(report: &LiveReport) -> String {
    let (w, h) = report.processing;
    let mut text = format!(
        "{} frames in {:.1} s: {:.1} a second, painted at {w}x{h}; {} dropped before painting, {} before showing\n",
        report.frames,
        report.seconds,
        report.fps,
        report.dropped_before_paint,
        report.dropped_before_show
    );
    for stage in &report.stages {
        text += &format!(
            "  {:8} p50 {:6.1} ms   p95 {:6.1} ms   most {:6.1} ms\n",
            stage.stage, stage.p50_ms, stage.p95_ms, stage.max_ms
        );
    }
    for path in &report.saved {
        text += &console::printable(&format!("  {}", path.display()));
        text.push('\n');
    }
    text
}

fn list(json: bool) -> anyhow::Result<ExitCode> {
    let cameras = camera::list()?;
    if json {
        console::print_json(&serde_json::to_value(&cameras)?)?;
    } else if cameras.is_empty() {
        console::say("no camera here; --source test-card needs none");
    } else {
        for camera in cameras {
            let line = format!("{camera}  {}", camera.stable);
            console::print(&console::printable(&line))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `640x480@30`, or without the rate.
fn capture(text: &str) -> Result<Wanted, String> {
    let wrong = || {
        format!("'{text}' is not of the form WIDTHxHEIGHT or WIDTHxHEIGHT@FPS, as in 1280x720@30")
    };
    let (size, fps) = text.split_once('@').unwrap_or((text, "30"));
    let (width, height) = size.split_once('x').ok_or_else(wrong)?;
    let side = |text: &str| match text.parse() {
        Ok(side) if (16..=8192).contains(&side) => Ok(side),
        _ => Err(wrong()),
    };
    let fps = fps.parse().ok().filter(|fps| (1..=240).contains(fps));
    Ok(Wanted {
        width: side(width)?,
        height: side(height)?,
        fps: fps.ok_or_else(wrong)?,
    })
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("'{text}' is neither yes nor no")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_rates_are_read_as_written() {
        let wanted = |text| capture(text).map(|w| (w.width, w.height, w.fps));
        assert_eq!(wanted("1280x720@60"), Ok((1280, 720, 60)));
        assert_eq!(wanted("320x240"), Ok((320, 240, 30)));
        for text in [
            "",
            "640",
            "x",
            "640x",
            "0x480",
            "640x480@0",
            "640x480@",
            "9999999999x1",
            "-1x5",
            "16x16@1e9",
        ] {
            assert!(wanted(text).is_err(), "{text}");
        }
    }
}
