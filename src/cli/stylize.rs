//! `impasto stylize`: flags in, painted pictures and a line (or JSON) for each out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use impasto::jobs::{
    self, Failure, Painted, STANDARD_STREAM, Shard, Skipped, StylizeJob, StylizeProgress, Summary,
};
use impasto::progress::Progress;
use impasto::style::StyleArgument;
use serde_json::{Value, json};

use super::path_lines::PathLines;
use super::style_options::{DEFAULT_STEPS, finite, refinement, size, steps, tile};
use super::{EngineArgs, SOME_FAILED, console, films};

/// Paint photos in the style of a painting, or of a blend of paintings
#[derive(Debug, Args)]
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

    /// Paint in tiles of N pixels: a quarter of the memory, six to ten times as long, no seams [default: only above 32 megapixels]
    #[arg(long, value_name = "N", value_parser = tile())]
    tile: Option<u32>,

    /// Keep the photo's colours: take only light and texture from the painting
    #[arg(long)]
    keep_colors: bool,

    /// Fit the style to photo and painting by gradient descent before painting, in so many steps [default: 30]
    ///
    /// The result is closer to the painting. It takes seconds for each photo and painting; the fit is made at 256 pixels,
    /// whatever the size of the output.
    #[arg(long, value_name = "STEPS", value_parser = steps(), num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_STEPS)]
    refine: Option<u16>,

    /// The feature network for --refine: vgg19, compact or a file [default: vgg19 if it is installed, else compact]
    #[arg(long, value_name = "NAME|FILE", requires = "refine")]
    features: Option<String>,

    /// The picture to write, a folder for more than one, or - for a PNG on standard output
    ///
    /// A folder that is missing is made.
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
    let job = StylizeJob {
        contents: args.contents,
        styles: args.styles,
        each: args.each,
        strength: args.strength,
        size: args.size,
        keep_colors: args.keep_colors,
        refine: args.refine.map(usize::from),
        features: args.features,
        output: args.output,
        shard: args.shard,
        resume: args.resume,
        gallery: args.gallery,
        engine: match args.tile {
            Some(side) => args.engine.builder().tile(side),
            None => args.engine.builder(),
        },
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
        done: Vec::new(),
        failed: None,
    };
    let summary = match &args.paths_from {
        Some(list) => jobs::stylize_lines(&job, &mut PathLines::open(list)?, &mut progress)?,
        None => jobs::stylize(&job, &mut progress)?,
    };
    progress.failed.map_or(Ok(()), Err)?;
    match (args.json, to_stdout) {
        (true, true) => eprintln!("{}", serde_json::to_string_pretty(&as_json(&summary))?),
        (true, false) => console::print_json(&as_json(&summary))?,
        (false, _) => report_rest(&summary),
    }
    Ok(if summary.failed.is_empty() {
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
                self.bar
                    .above(|| eprintln!("{}", console::printable(&line)));
            } else if let Err(error) = self.bar.above(|| console::print_done(&line)) {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn skipped(&mut self, picture: &Skipped) {
        self.json_line(&json!({
            "status": "skipped",
            "content": picture.content.display().to_string(),
            "style": picture.style,
            "output": picture.output.display().to_string(),
        }));
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
        eprintln!("done ({}): {}", self.done.len(), list(&self.done));
        eprintln!("left ({}): {}", left.len(), list(left));
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
    lines
}

/// What was found painted, and what failed.
fn report_rest(summary: &Summary) {
    let found = summary.skipped.len();
    if found > 0 && !console::is_quiet() {
        eprintln!("{found} pictures were painted already");
    }
    if summary.failed.is_empty() {
        return;
    }
    let total = summary.painted.len() + found + summary.failed.len();
    eprintln!("{} of {total} pictures failed:", summary.failed.len());
    for failure in &summary.failed {
        eprintln!("  {}", console::printable(&failure.error.to_string()));
    }
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
            "refined": p.refined.iter().map(|(style, r)| json!({
                "style": style,
                "steps": r.steps,
                "features": r.features,
                "before": { "content_error": r.before.content, "style_error": r.before.style },
                "after": { "content_error": r.after.content, "style_error": r.after.style },
            })).collect::<Vec<_>>(),
            "seconds": stages(&p.timings),
        })).collect::<Vec<_>>(),
        "skipped": summary.skipped.iter().map(|s| json!({
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
