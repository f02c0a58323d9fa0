//! `impasto stylize`: flags in, painted pictures and a line (or JSON) for each out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use image::RgbImage;
use impasto::Error;
use impasto::jobs::gatys::Preview;
use impasto::jobs::{
    self, Failure, Painted, STANDARD_STREAM, Shard, Skipped, StylizeJob, StylizeProgress, Summary,
    WhySkipped,
};
use impasto::progress::Progress;
use impasto::style::StyleArgument;
use serde_json::{Value, json};

use super::best_options::{self, BestArgs, sentence};
use super::color_options::ColorArgs;
use super::file_options::FileArgs;
use super::memory_option::memory;
use super::path_lines::PathLines;
use super::region_options::RegionArgs;
use super::style_options::{Brush, DEFAULT_STEPS, brush, finite, refinement, size, steps, tile};
use super::{EngineArgs, INTERRUPTED, SOME_FAILED, console, films, limits};

/// Paint photos in the style of a painting, or of a blend of paintings
#[derive(Debug, Args)]
#[command(after_long_help = limits::stylize())]
pub struct StylizeArgs {
    /// Pictures, folders of pictures (PNG, JPEG, WebP, BMP, TIFF, GIF), or - for a picture on standard input
    #[arg(value_name = "CONTENT", required_unless_present = "paths_from")]
    contents: Vec<PathBuf>,

    /// A painting's picture or @NAME; several are blended, `a.jpg:0.7` gives a weight
    #[arg(short, long = "style", value_name = "STYLE", required = true)]
    styles: Vec<StyleArgument>,

    /// Do not blend: paint every content with every style, as CONTENT__STYLE.png
    #[arg(long)]
    each: bool,

    /// How much of the painting: 0 is the photo itself, 1 the painting
    #[arg(long, value_name = "0..1", default_value = "1", value_parser = finite, allow_negative_numbers = true)]
    strength: f32,

    /// Long side of the output in pixels [default: the content's own size]
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true)]
    size: Option<u32>,

    /// The memory that the program may take, such as 2GB or 500MB [default: half of what is free]
    ///
    /// Pictures that do not fit are painted in tiles, without seams: the less memory, the longer. --verbose tells in what
    /// tiles, and how much longer than in one piece.
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<u64>,

    /// Paint in tiles of N pixels, even if the whole picture fits into the memory
    #[arg(long, value_name = "N", value_parser = tile())]
    tile: Option<u32>,

    /// How large the strokes are: auto, or 0.25 to 4; 2 are twice as large, and four times as fast
    ///
    /// `auto` is 1 up to a long side of 1200 pixels, and grows with larger pictures, so that they look painted.
    #[arg(long, value_name = "auto|0.25..4", default_value = "auto", value_parser = brush, allow_negative_numbers = true)]
    brush: Brush,

    #[command(flatten)]
    colors: ColorArgs,

    #[command(flatten)]
    files: FileArgs,

    /// Fit the style to photo and painting by gradient descent before painting, in so many steps [default: 30]
    ///
    /// The result is closer to the painting. It takes seconds for each photo and painting; the fit is made at 256 pixels,
    /// whatever the size of the output.
    #[arg(long, value_name = "STEPS", value_parser = steps(), num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_STEPS)]
    refine: Option<u16>,

    #[command(flatten)]
    best: BestArgs,

    /// The feature network for --refine and --best: vgg19, compact or a file [default: vgg19 if it is installed, else
    /// compact]
    #[arg(long, value_name = "NAME|FILE")]
    features: Option<String>,

    #[command(flatten)]
    regions: RegionArgs,

    /// The picture to write, a folder for more than one, or - for a PNG (or --format) on standard output
    ///
    /// A folder that is missing is made. Names that would clash in it say where they came from: a-jpg.png, a-png.png.
    #[arg(short, long, value_name = "FILE|DIR")]
    output: PathBuf,

    /// Paint the pictures that the lines of a file, or of standard input (-), name, as the lines come
    ///
    /// A line is a path, or JSON such as {"content": "a/1.jpg", "output": "a/1.png"}, whose output lies in the folder of
    /// --output.
    #[arg(long, value_name = "FILE|-", conflicts_with = "contents")]
    paths_from: Option<PathBuf>,

    /// Paint only this part of the pictures, such as 3/8, and let other machines paint the others
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,

    /// Paint nothing twice: keep a list of what is painted in the folder of the pictures, and go on from there
    ///
    /// A picture is painted again when its photo, the style or an option has changed, or the picture is gone or is another.
    #[arg(long)]
    resume: bool,

    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,

    /// Print a line of JSON for each picture as soon as it is done
    #[arg(long, conflicts_with = "json")]
    json_lines: bool,

    /// Print what was done as JSON (to stderr when the picture goes to standard output)
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: StylizeArgs) -> anyhow::Result<ExitCode> {
    args.colors.refuse_loose_word(&args.contents)?;
    if args.features.is_some() && args.refine.is_none() && args.best.steps().is_none() {
        let reason = "is for --refine and --best; add one of them, or leave it out";
        return Err(Error::invalid("features", reason).into());
    }
    let preview = args.best.preview()?;
    let mut engine = args.engine.builder();
    if let Some(side) = args.tile {
        engine = engine.tile(side);
    }
    if let Some(bytes) = args.memory {
        engine = engine.memory(bytes);
    }
    let job = StylizeJob {
        contents: args.contents,
        styles: args.styles,
        each: args.each,
        strength: args.strength,
        size: args.size,
        brush: args.brush.0,
        colors: args.colors.colors()?,
        files: args.files.options(),
        refine: args.refine.map(usize::from),
        best: args.best.steps(),
        features: args.features,
        regions: args.regions.options()?,
        output: args.output,
        shard: args.shard,
        resume: args.resume,
        gallery: args.gallery,
        engine,
    };
    for content in &job.contents {
        films::refuse(content, &job.output)?;
    }
    let to_stdout = job.output == Path::new(STANDARD_STREAM);
    if to_stdout && args.json_lines {
        let reason = "and a picture cannot both go to standard output; name a file".to_owned();
        let what = "json-lines".to_owned();
        return Err(impasto::Error::Invalid { what, reason }.into());
    }
    let mut progress = Reporter {
        bar: console::Bar::new(args.json || args.json_lines),
        json: args.json,
        json_lines: args.json_lines,
        to_stdout,
        preview,
        done: Vec::new(),
        failed: None,
    };
    let summary = match &args.paths_from {
        Some(list) => jobs::stylize_lines(&job, &mut PathLines::open(list)?, &mut progress)?,
        None => jobs::stylize(&job, &mut progress)?,
    };
    progress.failed.map_or(Ok(()), Err)?;
    match (args.json, to_stdout) {
        (true, true) => console::say(&serde_json::to_string_pretty(&as_json(&summary))?),
        (true, false) => console::print_json(&as_json(&summary))?,
        (false, _) => report_rest(&summary),
    }
    Ok(if summary.interrupted {
        ExitCode::from(INTERRUPTED)
    } else if summary.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_FAILED)
    })
}

/// Progress with a line for each picture as soon as it is written.
struct Reporter {
    bar: console::Bar,
    json: bool,
    json_lines: bool,
    to_stdout: bool,
    preview: Option<Box<dyn Preview>>,
    done: Vec<PathBuf>,
    /// The first line that could not be printed.
    failed: Option<anyhow::Error>,
}

impl Reporter {
    /// With --json-lines, a line of JSON.
    fn json_line(&mut self, value: &Value) {
        if self.json_lines
            && let Err(error) = self.bar.above(|| console::print(&value.to_string()))
        {
            self.failed.get_or_insert(error);
        }
    }
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

impl StylizeProgress for Reporter {
    fn painted(&mut self, picture: &Painted) {
        self.done.push(picture.output.clone());
        self.json_line(&json!({
            "status": "painted",
            "content": picture.content.display().to_string(),
            "style": picture.style,
            "output": picture.output.display().to_string(),
            "width": picture.size.0,
            "height": picture.size.1,
            "seconds": picture.timings.total().as_secs_f64(),
        }));
        if self.json || self.json_lines || console::is_quiet() {
            return;
        }
        for line in lines(picture) {
            if self.to_stdout {
                self.bar.above(|| console::say(&console::printable(&line)));
            } else if let Err(error) = self.bar.above(|| console::print_done(&line)) {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn improved(&mut self, picture: &dyn Fn() -> RgbImage) -> impasto::Result<ControlFlow<()>> {
        match &mut self.preview {
            Some(preview) => preview.show(&picture()),
            None => Ok(ControlFlow::Continue(())),
        }
    }

    fn skipped(&mut self, skipped: &Skipped) {
        self.json_line(&json!({
            "status": "skipped",
            "why": skipped.why.to_string(),
            "content": skipped.content.display().to_string(),
            "style": skipped.style,
            "output": skipped.output.display().to_string(),
        }));
        // Those of an earlier run may be thousands: they are counted at the end.
        if self.json || self.json_lines || console::is_quiet() || skipped.why == WhySkipped::Painted
        {
            return;
        }
        let line = format!("{}  skipped: {}", skipped.output.display(), skipped.why);
        if let Err(error) = self.bar.above(|| console::print_done(&line)) {
            self.failed.get_or_insert(error);
        }
    }

    fn failed(&mut self, failure: &Failure) {
        self.json_line(&json!({
            "status": "failed",
            "content": failure.content.display().to_string(),
            "error": failure.error.to_string(),
        }));
    }

    fn stopped(&mut self, left: &[PathBuf]) {
        let list = |paths: &[PathBuf]| match paths {
            [] => "none".to_owned(),
            some => console::names(some.iter().map(PathBuf::as_path)),
        };
        // Names may hold what moves the cursor.
        let say = |line: String| console::say(&console::printable(&line));
        say(format!("done ({}): {}", self.done.len(), list(&self.done)));
        say(format!("left ({}): {}", left.len(), list(left)));
    }
}

/// `out.png  640x480  great-wave  0.51 s`, and a line for each refined style.
fn lines(picture: &Painted) -> Vec<String> {
    let (width, height) = picture.size;
    let mut lines = vec![format!(
        "{}  {width}x{height}  {}  {:.2} s",
        picture.output.display(),
        picture.style,
        picture.timings.total().as_secs_f64()
    )];
    for (style, refined) in &picture.refined {
        lines.push(format!("  {style}: {}", refinement(refined)));
    }
    lines.extend(
        picture
            .best
            .iter()
            .map(|best| format!("  {}", sentence(best))),
    );
    lines
}

/// What was found painted, and what failed.
fn report_rest(summary: &Summary) {
    let painted = |s: &&Skipped| s.why == WhySkipped::Painted;
    let found = summary.skipped.iter().filter(painted).count();
    if found > 0 && !console::is_quiet() {
        console::say(&format!("{found} pictures were painted already"));
    }
    let total = summary.painted.len() + summary.skipped.len() + summary.failed.len();
    console::say_failures(&summary.failed, total);
}

fn as_json(summary: &Summary) -> Value {
    let stages = |timings: &impasto::measure::Timings| -> Value {
        timings
            .iter()
            .map(|(stage, spent)| (stage.to_owned(), json!(spent.as_secs_f64())))
            .collect()
    };
    json!({
        "model": summary.model,
        "device": summary.device.device.to_string(),
        "why": summary.device.why,
        "setup_seconds": stages(&summary.setup),
        "pictures": summary.painted.iter().map(|p| json!({
            "content": p.content.display().to_string(),
            "style": p.style,
            "output": p.output.display().to_string(),
            "width": p.size.0,
            "height": p.size.1,
            "brush": p.brush,
            "refined": p.refined.iter().map(|(style, r)| json!({
                "style": style,
                "steps": r.steps,
                "features": r.features,
                "before": { "content_error": r.before.content, "style_error": r.before.style },
                "after": { "content_error": r.after.content, "style_error": r.after.style },
            })).collect::<Vec<_>>(),
            "best": p.best.as_ref().map(best_options::as_json),
            "seconds": stages(&p.timings),
        })).collect::<Vec<_>>(),
        "interrupted": summary.interrupted,
        "skipped": summary.skipped.iter().map(|s| json!({
            "why": s.why.to_string(),
            "content": s.content.display().to_string(),
            "style": s.style,
            "output": s.output.display().to_string(),
        })).collect::<Vec<_>>(),
        "failed": summary.failed.iter().map(|f| json!({
            "content": f.content.display().to_string(),
            "error": f.error.to_string(),
        })).collect::<Vec<_>>(),
    })
}
