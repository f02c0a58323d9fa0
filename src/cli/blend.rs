//! `impasto blend`: flags in, the files of a blend and their paths out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::jobs::{self, BlendJob};
use impasto::style::StyleArgument;

use super::color_options::ColorArgs;
use super::style_options::size;
use super::{EngineArgs, console, films, limits};

/// Glide from one painting to another on one photo: a strip, a GIF or a folder
#[derive(Debug, Args)]
#[command(after_long_help = limits::blend())]
pub struct BlendArgs {
    /// The photo
    #[arg(value_name = "CONTENT")]
    content: PathBuf,

    /// The style of the first picture: a painting's picture or @NAME
    #[arg(long, value_name = "STYLE")]
    from: StyleArgument,

    /// The style of the last picture
    #[arg(long, value_name = "STYLE")]
    to: StyleArgument,

    /// Go through styles of the galleries that are like each other, and not straight (see `styles path`)
    #[arg(long)]
    through_collection: bool,

    /// Pictures, both ends included, 2 to 1000
    #[arg(
        long,
        value_name = "N",
        default_value = "5",
        allow_negative_numbers = true
    )]
    steps: usize,

    /// Long side of each picture in pixels [default: 384]
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true)]
    size: Option<u32>,

    #[command(flatten)]
    colors: ColorArgs,

    /// strip.png (side by side), out.gif (there and back), or a folder
    #[arg(short, long, value_name = "FILE|DIR")]
    output: PathBuf,

    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: BlendArgs) -> anyhow::Result<ExitCode> {
    let job = BlendJob {
        content: args.content,
        from: args.from,
        to: args.to,
        through_collection: args.through_collection,
        steps: args.steps,
        size: args.size,
        colors: args.colors.colors()?,
        output: args.output,
        gallery: args.gallery,
        engine: args.engine.builder(),
    };
    films::refuse(&job.content, &job.output)?;
    for path in jobs::blend(&job, &mut console::Bar::new(false))? {
        console::print_done(&path.display().to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}
