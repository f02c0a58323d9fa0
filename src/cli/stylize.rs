//! `impasto stylize`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::jobs::{self, StylizeJob, Summary};
use impasto::style::StyleArgument;
use serde_json::{Value, json};

use super::style_options::{DEFAULT_STEPS, finite, refinement, size, steps, tile};
use super::{EngineArgs, SOME_FAILED, console};

/// Paint photos in the style of a painting, or of a blend of paintings
#[derive(Debug, Args)]
pub struct StylizeArgs {
    /// Pictures, or folders of pictures (PNG, JPEG, WebP, BMP, TIFF, GIF)
    #[arg(value_name = "CONTENT", required = true)]
    contents: Vec<PathBuf>,

    /// A painting's picture or @NAME; several are blended, `a.jpg:0.7` gives a weight
    #[arg(short, long = "style", value_name = "STYLE", required = true)]
    styles: Vec<StyleArgument>,

    /// Do not blend: paint every content with every style, as CONTENT__STYLE.png
    #[arg(long)]
    each: bool,

    /// How much of the painting: 0 is the photo, 1 the painting
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
    /// What the predictor reads at a glance becomes closer to the painting. Takes seconds for each photo and painting, at
    /// 256 pixels, whatever size is painted.
    #[arg(long, value_name = "STEPS", value_parser = steps(), num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_STEPS)]
    refine: Option<u16>,

    /// What measures while the style is fitted: vgg19, compact or a file [default: vgg19 if it is installed, else compact]
    #[arg(long, value_name = "NAME|FILE", requires = "refine")]
    features: Option<String>,

    /// The picture to write, or a folder for more than one
    #[arg(short, long, value_name = "FILE|DIR")]
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
        gallery: args.gallery,
        engine: match args.tile {
            Some(side) => args.engine.builder().tile(side),
            None => args.engine.builder(),
        },
    };
    let summary = jobs::stylize(&job, &mut console::Bar::new(args.json))?;
    if args.json {
        console::print_json(&as_json(&summary))?;
    } else {
        as_text(&summary)?;
    }
    Ok(if summary.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_FAILED)
    })
}

fn as_text(summary: &Summary) -> anyhow::Result<()> {
    for p in &summary.painted {
        let (width, height) = p.size;
        let seconds = p.timings.total().as_secs_f64();
        let line = format!(
            "{}  {width}x{height}  {}  {seconds:.2} s",
            p.output.display(),
            p.style
        );
        console::print(&console::printable(&line))?;
        for (style, refined) in &p.refined {
            let line = format!("  {style}: {}", refinement(refined));
            console::print(&console::printable(&line))?;
        }
    }
    if !summary.failed.is_empty() {
        let total = summary.painted.len() + summary.failed.len();
        eprintln!("{} of {total} pictures failed:", summary.failed.len());
        for failure in &summary.failed {
            eprintln!("  {}", console::printable(&failure.error.to_string()));
        }
    }
    Ok(())
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
        "failed": summary.failed.iter().map(|f| json!({
            "content": f.content.display().to_string(),
            "error": f.error.to_string(),
        })).collect::<Vec<_>>(),
    })
}
